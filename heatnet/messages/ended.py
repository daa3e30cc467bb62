"""How a solve ended, what it names, and what results cannot be used for."""

from heatnet.solve.settings import Status

STATUS = {
    Status.CONVERGED: "计算收敛",
    Status.MEAN_WEIGHT:
        "流量与温度已一致，但随自重来回摆动的水按平均密度计算：使用所列管段所带用户的结果前，请检查起伏地形中几乎不流动的水",
    Status.MAX_STEPS: "流量和压力未收敛：请检查所列设备中管径或阀门是否异常，或增大 max_steps",
    Status.MAX_PASSES: "流量与温度迭代未达一致：请检查热负荷是否接近供热能力上限、起伏地形中是否有几乎不流动的水，或增大 max_passes",
    Status.NO_PRESSURE_HELD: "管网中有循环动力的部分未设定压点：请为其中一个节点给定压力",
    Status.IMPOSSIBLE_LIMITS: "给定的流量无处可去：请核对所列热源流量、节点注入流量和关闭的阀门",
    Status.CONFLICT: "给定的扬程或定压值互相矛盾：请修改或取消所列各项之一",
}
TEXTS = {
    **{status.value: words for status, words in STATUS.items()},
    **{f"{status.value}: {{detail}}": f"{words}（{{detail}}）" for status, words in STATUS.items()},
    "largest residual {pressure} Pa, {mass} kg/s; {names}": "最大残差 {pressure} Pa、{mass} kg/s；{names}",
    "last change {change} K near {names}": "最后一次温度变化 {change} K，位于 {names} 附近",
    "where water turns with its own weight, the mean of that is used ({names})":
        "随自重来回摆动的水按平均密度计算（{names}）",
    "off by up to {pressure} Pa; {names}": "压差偏差最大 {pressure} Pa；{names}",
    "the state is not an answer: {message}": "该工况没有求得结果：{message}",
    "scenario '{name}' has no answer to report: {message}": "工况“{name}”没有求得结果，不能生成报告：{message}",
    "scenario '{name}' has no rooms: {message}": "工况“{name}”没有室温结果：{message}",
    "the run has no scenario '{name}'{hint}": "该批计算中没有工况 '{name}'{hint}",
    "{path}: no scenario has an answer to report ({name}: {message})": "{path}：没有可生成报告的工况（{name}：{message}）",
    "not computed yet": "尚未计算",
    "solved without temperatures (heat = false): rooms cannot be told; solve with heat":
        "该结果未计算温度（heat = false），无法得出室温；请启用热力计算后重新求解",
    "the two stores have no building in common, so there is nothing to compare": "两份结果没有相同的建筑，无法对比",
}
