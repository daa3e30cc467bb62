"""What is wrong with pressure limits, a valve catalogue, and with what a balance is asked for; what results cannot tell."""

TEXTS = {
    "no pressure limits '{name}'{hint}; or give a .toml file": "没有压力限值 '{name}'{hint}；也可给出 .toml 文件",
    "based_on = {name} is no .toml file and none of {words}": "based_on = {name} 既不是 .toml 文件，也不在可选值之内：{words}",
    "is based on '{name}', which is based on it": "与 '{name}' 互相引用（based_on）",
    "missing table {table}": "缺少表 {table}",
    "{table} must be a table": "{table} 须为表",
    "{value} is below zero": "{value} 小于零",
    "must be a word in quotes, not {value}": "须为带引号的文字，而不是 {value}",
    "must be true or false, not {value}": "须为 true 或 false，而不是 {value}",
    "its class must say what it stands (most)": "其类别须给出允许压力（most）",
    "there is no {table}{hint}": "没有 {table}{hint}",
    "end '{word}' is not one of {words}": "end '{word}' 不在可选值之内：{words}",
    "missing key 'most': it fills no building whose radiators would tell": "缺少 most 项：该类入口后面没有可判断承压的散热器",
    "holds no valve": "其中没有阀门",
    "a type needs at least two positions": "每种型号至少需要两个开度",
    "{value} does not rise above {before}; list the positions of a type from closed to open":
        "{value} 不大于前一行的 {before}；请将同一型号的开度由关到开排列",
    "differs between the lines of a type: {values}": "同一型号各行不一致：{values}",
    "'{name}' is the id of no consumer and no valve{hint}": "'{name}' 不是热力入口或阀门的编号{hint}",
    "'{name}' passes {kv} m3/h at 1 bar when open, less than its whole inlet ({whole})":
        "'{name}' 全开时 Kv 为 {kv} m³/h，小于整个入口的 {whole}",
    "no {family} of the catalogue is large enough for an inlet of {kv} m3/h at 1 bar; name its valve":
        "阀门样本中没有适合 Kv {kv} m³/h 入口的 {family}；请写明其阀门",
    "'{name}' is not in the valve catalogue{hint}": "阀门样本中没有 '{name}'{hint}",
    "lift = '{word}' is not one of {words}": "lift = '{word}' 不在可选值之内：{words}",
    "at_most = {number} is below 0": "at_most = {number} 小于 0",
    "most_lift = {value} is not above 0": "most_lift = {value} 应大于 0",
    "least_share = {number} is not above 0 and at most 1": "least_share = {number} 须大于 0 且不大于 1",
    "no target '{name}'{hint}": "没有调节目标 '{name}'{hint}",
    "no format for '{suffix}'; known: {words}, or a folder": "没有 '{suffix}' 格式；可用：{words}，或文件夹",
    "'{name}' is not a table; known: site, {words}": "'{name}' 不是数据表；可用：site, {words}",
    "effects on rooms need temperatures; solve with heat": "评价室温需要温度结果；请启用热力计算",
    "scenario '{name}' adds buildings; effects count the same homes before and after":
        "工况 '{name}' 增加了建筑；前后对比须为相同的用户",
    "scenario '{name}': {problem}": "工况 '{name}'：{problem}",
    "gradients are worked out for networks without exchangers; compare scenarios of this one instead":
        "含换热器的管网不计算梯度；请改为比较不同工况",
    "the gradients of this state are undefined: its temperatures and flows drive each other without end":
        "该工况的梯度无定义：温度与流量互相推动而不收敛",
    "the gradients of this state are undefined: regulators hold pressures that they do not decide":
        "该工况的梯度无定义：有调节设备控制着不由其决定的压力",
    "no estimates of finite changes where regulators hold a pressure elsewhere: {ids}; work out effects instead":
        "有调节设备控制他处压力（{ids}），不能作有限变化估算；请改为逐一模拟",
    "no state to take gradients at": "没有可求梯度的工况",
    "solved without temperatures (heat = false): no room answers to anything": "该结果未计算温度（heat = false），室温没有响应",
    "no gradients where {what}": "以下情况不给出梯度：{what}",
    "no gradients on this network": "本管网不给出梯度",
    "scenario '{name}' adds {kind} '{id}', which another scenario adds with other values":
        "工况 '{name}' 新增的 {kind} '{id}' 在另一工况中数值不同",
}
