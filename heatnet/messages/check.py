"""Problems and warnings of a model, as `heatnet check` finds them."""

TEXTS = {
    "the network has consumers and no plant": "管网有热力入口，但没有热源",
    "no plant heats the consumers of this network; give at least one row in plant.csv, or solve flows only with heat = false":
        "管网没有热源向热力入口供热；请在 plant.csv 中至少给出一行，或设 heat = false 只算流量",
    "missing; a {kind} of control '{control}' needs it": "缺少数值；调节方式为 '{control}' 的 {kind} 必须给出",
    "missing; a consumer of control 'limited' without a building needs it":
        "缺少数值；调节方式为 'limited' 且后面没有建筑的热力入口必须给出",
    "no heating curve '{name}' in model.toml{hint}": "model.toml 中没有供水温度曲线 '{name}'{hint}",
    "heating curve '{name}' gives warmer water in warmer weather; are its supply temperatures in the wrong order?":
        "供水温度曲线 '{name}' 在室外越暖时水温越高；供水温度的次序是否写反？",
    "give a supply temperature or the name of a heating curve": "请给出供水温度，或供水温度曲线的名称",
    "give a supply temperature or the name of a heating curve, not both": "供水温度与供水温度曲线只能给出一个",
    "give a secondary supply temperature or the name of a heating curve": "请给出二次侧供水温度，或供水温度曲线的名称",
    "give a secondary supply temperature or the name of a heating curve, not both": "二次侧供水温度与供水温度曲线只能给出一个",
    "the plants give {capacity} MW, the homes need {demand} MW at this weather, losses not counted":
        "热源总能力 {capacity} MW，当前室外温度下用户需热 {demand} MW（未计管网热损失）",
    "{leakage} is more than the equal-percentage curve passes at {opening} % opening, {curve}; lower the leakage or the rangeability":
        "泄漏量 {leakage} 大于等百分比特性曲线在开度 {opening}% 时的流通量 {curve}；请减小泄漏量或可调比",
    "the head must fall with flow: shutoff_head above rated_head": "扬程应随流量增大而下降：shutoff_head 须大于 rated_head",
    "no building and no heat_given: it passes water unused, as a bypass": "无建筑，也未给定热量：水直接流过，相当于旁通",
    "{back} degC; must be warmer than the rooms it heats, {room} degC": "{back} ℃；回水温度须高于所供房间的温度 {room} ℃",
    "a consumer of control 'load' needs a return_temperature or a drop, one of them":
        "调节方式为 'load' 的热力入口须在 return_temperature 与 drop 中给出一个",
    "a consumer of control 'load' needs heat_given or a building": "调节方式为 'load' 的热力入口须给定热量（heat_given）或有建筑",
    "a consumer of control 'thermostatic' needs a building behind it": "调节方式为 'thermostatic' 的热力入口后面须有建筑",
    "a controller in front of the inlet needs difference and controller_kvs, both of them":
        "入口前的压差控制阀须同时给出 difference 和 controller_kvs",
    "a smallest opening is for a controller (difference) in front of an inlet of control 'fixed'":
        "最小开度只用于调节方式为 'fixed' 的入口前的压差控制阀（difference）",
    "radiators decide what the buildings behind a consumer of control '{control}' take; leave it empty, or choose control 'load'":
        "调节方式为 '{control}' 的热力入口，其建筑得热由散热器决定；请留空，或将调节方式改为 'load'",
    "{heat} kW would warm the rooms to {room} degC, above their return water, {back} degC; is the unit right?":
        "{heat} kW 将使室温达到 {room} ℃，高于回水温度 {back} ℃；单位是否正确？",
    "{name} must be above {other}; {warm} and {cold} degC are given": "{name} 须高于 {other}；给定值分别为 {warm} ℃ 和 {cold} ℃",
    "{roughness} mm is more than 5 % of the diameter, {diameter} mm: no friction law holds":
        "粗糙度 {roughness} mm 超过管径 {diameter} mm 的 5%，摩擦阻力公式不再适用",
    "{height} m high with {floors} storeys; is one of them wrong?": "高 {height} m，{floors} 层；其中之一是否有误？",
    "{room} degC is no temperature that homes are designed for": "{room} ℃ 不是住宅的设计室温",
    "{gains} kW is more than the design heat, {heat} kW; is the unit right?":
        "自由热 {gains} kW 大于设计热负荷 {heat} kW；单位是否正确？",
    "{length} km in one pipe; is the unit right?": "单根管段长 {length} km；单位是否正确？",
    "{loss} W/(m K) is more than a bare pipe in wet soil loses": "{loss} W/(m·K) 大于湿土中裸管的散热；请核对",
    "the limits {limits} have no class '{name}'{hint}": "压力限值 {limits} 中没有类别 '{name}'{hint}",
    "water can pass from its primary to its secondary network; is a pipe between them missing its other end?":
        "水可由一次网流入二次网；两网之间是否有管段的端点接错？",
    "nothing drives water round its secondary network; give it a circulation pump": "二次网没有循环动力；请设置循环水泵",
    "{wanted} degC at this weather; no plant gives water as warm, {hottest} degC at most":
        "当前室外温度下要求 {wanted} ℃；没有热源能供到该水温，最高 {hottest} ℃",
    "the exchangers of its secondary network are designed for {power} MW, the homes need {demand} MW at this weather, losses not counted":
        "该二次网换热器设计热负荷合计 {power} MW，当前室外温度下用户需热 {demand} MW（未计管网热损失）",
    "nothing is joined to this node": "该节点未连接任何设备",
    "dangling end: node '{name}' leads nowhere; join it to the network": "端部悬空：节点 '{name}' 不通向任何地方；请接入管网",
    "dangling end: nothing else is joined to node '{name}', no water will flow": "管端悬空：节点 '{name}' 未连接其他设备，管内无水流动",
    "nodes {names} of one part all hold a pressure; water may be taken in at one and given off at another":
        "同一连通部分的节点 {names} 均为定压点；水可能从一处补入、由另一处流出",
    "no pressure is held in the part of the network with nodes {names}; give one of them a pressure, "
    "as a rule the return node of a plant or of an exchanger's secondary side":
        "含节点 {names} 的部分未设定压点；请为其中一个节点给定压力，通常取热源或换热器二次侧的回水节点",
    "nodes {names} are cut off from every plant (closed valves?): no heat reaches them":
        "节点 {names} 与所有热源断开（阀门关闭？），没有热量到达",
    "the pressure difference of its nodes is given twice, {gap} kPa apart, here and by another plant of fixed lift or pipes of no length":
        "两端压差被重复给定且相差 {gap} kPa：此处与另一定压差热源或零长度管段矛盾",
    "holds another pressure than node '{other}' calls for, to which it is joined by a pipe of no length or a plant of fixed lift; "
    "{gap} kPa apart":
        "定压值与节点 '{other}' 的要求不一致（两者以零长度管段或定压差热源相连），相差 {gap} kPa",
    "is wired the wrong way round; it runs from {one} to {other}: swap {names}": "供回水接反；应由 {one} 到 {other}：请对调 {names}",
    "primary side is wired the wrong way round; it runs from {one} to {other}: swap {names}":
        "一次侧供回水接反；应由 {one} 到 {other}：请对调 {names}",
    "secondary side is wired the wrong way round; it runs from {one} to {other}: swap {names}":
        "二次侧供回水接反；应由 {one} 到 {other}：请对调 {names}",
    "no path leads here from any plant; look for a missing pipe": "没有从任何热源到此处的通路；请检查是否缺少管段",
    "no open path leads here from a plant but through other consumers; is a valve closed?":
        "除经其他热力入口外，没有从热源到此处的通路；是否有阀门关闭？",
    "the lift grows with the flow: lift_least at most lift": "扬程随流量增大：lift_least 不应大于 lift",
    "a smallest opening is for a valve of control 'difference'": "最小开度只用于调节方式为 'difference' 的阀门",
    "{count} is not a whole number of pumps": "{count} 不是整数台水泵",
    "high and low are the same node": "high 与 low 为同一节点",
    "no node '{name}'{hint}": "没有节点 '{name}'{hint}",
    "node '{name}' holds its pressure itself; a valve cannot {control} it": "节点 '{name}' 本身为定压点；阀门不能对其作 '{control}' 调节",
    "missing; name the consumers whose pressure difference it holds: a pump raises that of some and lowers others":
        "缺少数值；请写明其控制压差的热力入口：水泵使一部分用户压差升高、另一部分降低",
    "there are no consumers whose pressure difference it could hold": "没有可供其控制压差的热力入口",
    "no consumer or exchanger '{name}'{hint}": "没有热力入口或换热器 '{name}'{hint}",
    "{number} is not a whole number": "{number} 不是整数",
    "a plant of control '{control}' gives what it is told; an order of use is for control 'lift' or 'remote'":
        "调节方式为 '{control}' 的热源按给定值运行；投入次序只用于 'lift' 或 'remote'",
    "missing; others follow this plant in the order of use when its capacity is reached": "缺少数值；其后还有热源在其达到额定能力时投入",
    "{number} is out of range; it must be {range}": "{number} 超出允许范围；应{range}",
    "one supply temperature for each outdoor temperature, these rising": "每个室外温度对应一个供水温度，且室外温度须递增",
    "the supply temperature must be {range}": "供水温度应{range}",
    "missing; give the row a name": "缺少编号；请为该行命名",
    "missing; give {doc}": "缺少数值，该项必须填写",
    "'{word}' is not one of {words}": "'{word}' 不在可选值之内：{words}",
    "'{word}' is not one of {words}, did you mean '{near}'?": "'{word}' 不在可选值之内：{words}；是否应为 '{near}'？",
    "the id stands twice, first at {where}; ids are unique within a table": "编号重复，首次出现于 {where}；同一表内编号不得重复",
    "begins and ends at node '{name}'; give it two different nodes": "两端为同一节点 '{name}'；请给出两个不同的节点",
    "no consumer '{name}'{hint}; without one it gets no heat": "没有热力入口 '{name}'{hint}；没有入口则得不到热量",
    "supply": "供水",
    "return": "回水",
}
