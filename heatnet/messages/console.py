"""What the command line prints of results: solve, balance, run, rank, programme; and words of the program that stand in such lines.

`NAMES` says by the name of a hole what its words are in Chinese: codes of causes, rules, kinds of things, units that are counted.
Heads of tables are as wide as their columns: a Chinese letter takes two places of a terminal.
"""

from types import MappingProxyType

_KINDS = {
    "plant": "热源", "pump": "水泵", "valve": "阀门", "pipe": "管段", "consumer": "热力入口", "building": "建筑", "node": "节点", "exchanger": "换热器",
}
NAMES = MappingProxyType({
    "kind": _KINDS,
    "cause": {
        "flow": "流量不足", "supply": "供水温度低", "envelope": "建筑耗热量大", "radiator": "散热器不足", "substation": "热力站供水达不到设定温度",
        "no single one": "无单一原因", "cut off from every plant": "与热源断开", "inlet valve shut": "热力入口已关闭",
    },
    "counted": {"scenarios": "个工况", "hours": "小时", "simulations": "次模拟"},
    "rule": {"boiling": "不汽化", "draining": "不倒空", "over_pressure": "不超压", "difference": "资用压头"},
    "setting": {
        "lift [kPa]": "扬程 [kPa]", "lift_least [kPa]": "零流量扬程 [kPa]", "difference [kPa]": "设定压差 [kPa]", "speed [-]": "转速比",
        "opening [-]": "开度",
    },
    "target": {"design flow": "设计流量", "load flow": "现状负荷流量", "room temperature": "室温一致"},
    "criterion": {
        "cost_per_avoided": "单位亏缺费用", "avoided": "减少亏缺", "lifted_per_cost": "单位投资达标户数", "npv": "净现值", "robust": "稳健性",
    },
    "proposals": {"bottleneck": "瓶颈管段管径放大", "insulation": "管道保温修复", "far": "末端用户群增压", "tie": "环网连通（联络管）"},
    "work": {"planned": "计划", "construction": "施工中", "done": "已完工"},
    "figures": {"pressure": "压力", "complementarity": "互补条件", "mass": "流量", "energy": "热量"},
    "currency": {"CNY": "元"},
})
OPEN = ("currency",)  # holes in which other words may stand as well
LISTS = ("broken",)  # holes that hold several texts with a semicolon between them
TEXTS = {
    "{model}: {errors} problems, {warnings} warnings": "{model}：{errors} 个问题，{warnings} 条警告",
    "results: {path}": "结果：{path}",
    "report: {path}": "报告：{path}",
    "written: {path}": "已写入：{path}",
    "tables: {path}": "表格：{path}",
    "{n} tables in {path}": "{n} 个表，位于 {path}",
    "file: {reason}": "文件：{reason}",
    "a stored result keeps its weather and profile: solve the model again for --outdoor or --profile":
        "结果文件已固定天气和室温标准：如需 --outdoor 或 --profile，请重新计算模型",
    "--against compares two stored results (.h5): heatnet solve MODEL --out results.h5 stores one":
        "--against 对比两个结果文件（.h5）：可用 heatnet solve MODEL --out results.h5 存储结果",
    "--user, --measured and --limits are of one state; a run takes --scenario, --lang and --out":
        "--user、--measured 和 --limits 只用于单一工况；批量计算结果只用 --scenario、--lang 和 --out",
    # solve
    "warning: water runs backwards through plant '{name}' at {flow} t/h: others push it back; raise its lift, or shut it off":
        "警告：热源 '{name}' 倒流 {flow} t/h：其他热源压头较高；请提高其扬程，或将其关断",
    "warning: water runs backwards through plant '{name}' at {flow} t/h: no inlet draws on it and others push it back; open the inlets, "
    "or shut it off":
        "警告：热源 '{name}' 倒流 {flow} t/h：没有热力入口用水，其他热源压头较高；请打开入口，或将其关断",
    "warning: every inlet is shut (opening 0 or flow 0 in consumer.csv): no heat reaches what stands behind":
        "警告：热力入口全部关闭（consumer.csv 中 opening 或 flow 为 0），其后用户得不到热量",
    "warning: {n} of {all} inlets are shut (opening 0 or flow 0 in consumer.csv): no heat reaches what stands behind":
        "警告：{all} 个热力入口中有 {n} 个关闭（consumer.csv 中 opening 或 flow 为 0），其后用户得不到热量",
    "warning: {n} buildings are cut off from every plant in service: no heat reaches them": "警告：{n} 栋建筑与所有运行中的热源断开，没有热量到达",
    "{model}: {pipes} pipes, {consumers} consumers, {buildings} buildings; outdoor {outdoor} degC":
        "{model}：管段 {pipes} 根，热力入口 {consumers} 个，建筑 {buildings} 栋；室外温度 {outdoor} ℃",
    "{status}: {steps} Newton steps in {passes} passes; residuals {pressure} Pa, {mass} kg/s, {energy} W":
        "{status}：牛顿迭代 {steps} 步，水力与热力交替迭代 {passes} 次；残差 {pressure} Pa、{mass} kg/s、{energy} W",
    "plant {name}: {heat} MW, {flow} t/h, {supply}/{back} degC": "热源 {name}：供热量 {heat} MW，循环流量 {flow} t/h，供/回水温度 {supply}/{back} ℃",
    "below {required} degC ({profile}): {cold} of {all} buildings, {homes} of {households} households; refunds {money}":
        "低于 {required} ℃（{profile}）：{all} 栋建筑中 {cold} 栋，{households} 户中 {homes} 户；退费 {money}",
    "coldest homes:": "室温最低的建筑：",
    "  {room} degC  {id}  {where}  {households} households  flow ratio {x}  cause: {cause}":
        "  {room} ℃  {id}  {where}  {households} 户  水力失调度 {x}  主要原因：{cause}",
    "  {room} degC  {id}  {where}  {households} households  flow ratio {x}  cause: {cause} (without it {best} degC)":
        "  {room} ℃  {id}  {where}  {households} 户  水力失调度 {x}  主要原因：{cause}（消除后 {best} ℃）",
    "unknown (no fee or area given)": "未知（未给热价或面积）",
    "{money} {currency}/day (without {n} buildings of unknown area)": "每日 {money} {currency}（不含 {n} 栋面积未知的建筑）",
    "{money} {currency}/day": "每日 {money} {currency}",
    "pressure regime ({limits}): within all limits, running and at rest": "压力工况（{limits}）：运行和静止时均满足各项限值",
    "pressure regime ({limits}): within all limits, running and at rest; no height given for {n} buildings":
        "压力工况（{limits}）：运行和静止时均满足各项限值；{n} 栋建筑未给高度",
    "pressure regime ({limits}): {broken}": "压力工况（{limits}）：{broken}",
    "pressure regime ({limits}): {broken}; no height given for {n} buildings": "压力工况（{limits}）：{broken}；{n} 栋建筑未给高度",
    "{rule} {n} beyond, worst {kind} '{id}' at rest by {margin} kPa": "{rule} 有 {n} 处超限，最不利为{kind} '{id}'（静止时，差 {margin} kPa）",
    "{rule} {n} beyond, worst {kind} '{id}' by {margin} kPa": "{rule} 有 {n} 处超限，最不利为{kind} '{id}'（差 {margin} kPa）",
    "{n} parts without a pressurisation point": "{n} 个分区没有定压点",
    # run
    "{n} {counted}, {done} of them done before": "共 {n} {counted}，其中 {done} {counted}此前已完成",
    "{n} {counted}": "共 {n} {counted}",
    "{done} of {n} {counted}": "{done} / {n} {counted}",
    "{done} of {n} {counted}, {rate} a second": "{done} / {n} {counted}，每秒 {rate}",
    "{done} of {n} {counted}, {rate} a second, {left} left": "{done} / {n} {counted}，每秒 {rate}，剩余 {left}",
    "{done} of {n} {counted}, {rate} a second, {left} left, {failed} without an answer":
        "{done} / {n} {counted}，每秒 {rate}，剩余 {left}，无结果 {failed}",
    "{done} of {n} {counted}, {rate} a second, {failed} without an answer": "{done} / {n} {counted}，每秒 {rate}，无结果 {failed}",
    "{done} {counted}, {rate} a second": "已完成 {done} {counted}，每秒 {rate}",
    "{done} {counted}, {rate} a second, {failed} without an answer": "已完成 {done} {counted}，每秒 {rate}，无结果 {failed}",
    "{path}: {done} of {n} scenarios": "{path}：{n} 个工况中已完成 {done} 个",
    "{path}: {done} of {n} scenarios in {time}": "{path}：{n} 个工况中已完成 {done} 个，用时 {time}",
    "without an answer: {n}": "没有结果的工况：{n} 个",
    "with a mean weight of water that turns about: {n}": "部分管段按平均密度计算的工况：{n} 个",
    "certificate, largest violations: {figures}": "结果核验，最大偏差：{figures}",
    "certificate, largest violations: {figures} (pressures: {scenario})": "结果核验，最大偏差：{figures}（压力：{scenario}）",
    "solved side by side: {n}": "并行求解的工况：{n} 个",
    "lowest hourly room temperature of the coldest homes:": "最冷建筑的最低小时室温：",
    "room temperature of the coldest homes:": "最冷建筑的室温：",
    "  {room} degC  {id}": "  {room} ℃  {id}",
    "  {room} degC  {id}  ({scenario})": "  {room} ℃  {id}（{scenario}）",
    "{n} of {all} buildings with days of refund, at most {days} days; refunds of all {money}":
        "{all} 栋建筑中 {n} 栋有退费天数，最多 {days} 天；退费合计 {money}",
    "{event}: first after {hours} h, {n} of {all} buildings": "{event}：最早 {hours} h 后，{all} 栋建筑中 {n} 栋",
    "{event}: {n} of {all} buildings": "{event}：{all} 栋建筑中 {n} 栋",
    # rank
    "not proposed: {reason}": "未能自动提出：{reason}",
    "not proposed: {proposals} ({why})": "未能自动提出：{proposals}（{why}）",
    "{model}: {n} candidates against the network as it is today; by {criterion}": "{model}：{n} 个改造方案与现状管网比较；按{criterion}排序",
    "{model}: {n} candidates against the network as it is today, balanced again after each; by {criterion}":
        "{model}：{n} 个改造方案与现状管网比较，每个方案后重新平衡；按{criterion}排序",
    "{model}: {n} candidates against the network balanced as well as its valves allow; by {criterion}":
        "{model}：{n} 个改造方案与经阀门调平后的管网比较；按{criterion}排序",
    "{model}: {n} candidates against the network balanced as well as its valves allow, balanced again after each; by {criterion}":
        "{model}：{n} 个改造方案与经阀门调平后的管网比较，每个方案后重新平衡；按{criterion}排序",
    "baseline: deficit {deficit} K h household a season, {cold} households cold in the coldest weather":
        "基准：供暖期亏缺 {deficit} K·h·户，最冷天气下 {cold} 户不达标",
    "rank         cost     avoided   share  lifted  per avoided  candidate":
        "名次         投资    减少亏缺    占比    达标     单位费用  方案",
    "      {n} more": "      另有 {n} 个",
    "cost in {currency}; avoided in K h household a season; per avoided in {code}/(K h household). {good} of {n} pass all guards; "
    "prices marked unverified are estimates: put in your own":
        "投资单位 {currency}；减少亏缺单位 K·h·户/供暖期；单位费用 {currency}/(K·h·户)；达标为增加的达标户数。{n} 个方案中 {good} 个通过全部约束；"
        "标注未核实的价格为估算，请换成实际价格",
    "worth of one step, best place of each kind, K h household of a season (of a metre of pipe):":
        "参数变化一步的效益，每类列出最大的位置，K·h·户/供暖期（每米管道）：",
    "worth: {why}": "参数单位变化的效益：{why}",
    "{rest}  ({worth} a metre)": "{rest}  （每米 {worth}）",
    "when what is uncertain is drawn, median (5 % … 95 %):": "不确定量抽样后，中位数（5% … 95%）：",
    "{top}          rank                               avoided             per avoided  candidate":
        "{top}          名次                              减少亏缺                单位费用  方案",
    "{top}          rank                               avoided                          candidate":
        "{top}          名次                              减少亏缺                          方案",
    "in the top {n}": " 进入前 {n} 名",
    # programme
    "programme under no budget: {n} of {all} candidates for {cost} {currency}; {tried} sets simulated":
        "改造计划（不限预算）：{all} 个方案中选 {n} 个，投资 {cost} {currency}；共模拟 {tried} 种组合",
    "programme under a budget of {budget} {code}: {n} of {all} candidates for {cost} {currency}; {tried} sets simulated":
        "改造计划（预算 {budget} {currency}）：{all} 个方案中选 {n} 个，投资 {cost} {currency}；共模拟 {tried} 种组合",
    "deficit {before} -> {after} K h household a season ({share} % avoided); {cold} households stay cold in the coldest weather, {newly} newly":
        "供暖期亏缺 {before} → {after} K·h·户（减少 {share}%）；最冷天气下仍有 {cold} 户不达标，其中新增 {newly} 户",
    " cost so far  deficit left    cold  work": "    累计投资      剩余亏缺  不达标  工程",
    "year {year}: nothing; {cost} {currency}; deficit {deficit}, {cold} cold": "第 {year} 年：无；{cost} {currency}；亏缺 {deficit}，不达标 {cold} 户",
    "year {year}: {works}; {cost} {currency}; deficit {deficit}, {cold} cold": "第 {year} 年：{works}；{cost} {currency}；亏缺 {deficit}，不达标 {cold} 户",
    "nothing chosen: {why}": "没有入选工程：{why}",
    "no set of candidates within the budget takes deficit away without going against a guard (homes pushed below the limit, pressure); "
    "'heatnet rank' on the same case tells what each one does":
        "预算内没有既能减少亏缺又通过约束（不使其他用户低于限值、压力不超限）的方案组合；可对同一案例运行 heatnet rank 查看各方案的效果",
    "no home is short of heat in any of the weather states": "各天气状态下均没有欠供用户",
    "the cheapest candidate costs {cost} {currency}, more than the budget": "投资最少的方案为 {cost} {currency}，超过预算",
    "on {day}: {n} of {all} works delivered, {overdue} overdue": "{day}：{all} 项工程中已投用 {n} 项，逾期 {overdue} 项",
    "households cold in the coldest weather: {before} before, {now} now, {then} at completion":
        "最冷天气下不达标户数：改造前 {before}，目前 {now}，全部完工后 {then}",
    "deficit of the winter {first} to {last}: {none} K h household without works, {stopped} if none follows, {expected} as expected, "
    "{whole} had all stood from the start":
        "{first} 至 {last} 供暖期亏缺（K·h·户）：无改造 {none}，后续停工 {stopped}，按预计进度 {expected}，若期初已全部完工 {whole}",
    "  delivered {day}  {id}  {name}: {worth} K h household a season": "  已投用 {day}  {id}  {name}：减少亏缺 {worth} K·h·户/供暖期",
    "  {work}, expected not dated  {id}  {name}: {days} days of delay cost {deficit} K h household and {money} {currency} of refunds; "
    "not this winter: {lost} and {lost_money}":
        "  {work}，完工日期未定  {id}  {name}：延期 {days} 天损失 {deficit} K·h·户、退费 {money} {currency}；本季不完工损失 {lost} K·h·户、退费 {lost_money}",
    "  {work}, expected {day}  {id}  {name}: {days} days of delay cost {deficit} K h household and {money} {currency} of refunds; "
    "not this winter: {lost} and {lost_money}":
        "  {work}，预计 {day}  {id}  {name}：延期 {days} 天损失 {deficit} K·h·户、退费 {money} {currency}；本季不完工损失 {lost} K·h·户、退费 {lost_money}",
    "  {work}, expected {day} (overdue)  {id}  {name}: {days} days of delay cost {deficit} K h household and {money} {currency} of refunds; "
    "not this winter: {lost} and {lost_money}":
        "  {work}，预计 {day}（逾期）  {id}  {name}：延期 {days} 天损失 {deficit} K·h·户、退费 {money} {currency}；本季不完工损失 {lost} K·h·户、退费 {lost_money}",
    "  still cold: {room} degC  {id}  {street} {name}": "  仍不达标：{room} ℃  {id}  {street} {name}",
}
