"""Every printed word of a report in Chinese and English."""
# ruff: noqa: E501  a sentence and its translation stay in one line each

from __future__ import annotations

from dataclasses import dataclass

from heatnet.errors import HeatnetError

LANGUAGES = ("zh", "en")

# key: (zh, en). Keys with a dot before a name of the library (cause., status., friction.) are looked up by that name.
WORDS: dict[str, tuple[str, str]] = {
    # the page
    "title": ("供热管网水力热力计算报告", "District heating report"),
    "subtitle": ("{model} · 室外温度 {outdoor} ℃ · {rule}", "{model} · outdoor {outdoor} °C · {rule}"),
    "subtitle.scenario": ("{text} · 工况：{name}", "{text} · operating condition: {name}"),
    "contents": ("目录", "Contents"),
    "search": ("筛选：输入楼号、街道、编号……", "filter: building, street, id …"),
    "rows": ("行", "rows"),
    "sort": ("点击表头可排序", "click a header to sort"),
    "no_script": ("图形和表格排序需要启用浏览器的 JavaScript；表格内容已完整列出。",
                  "Figures and sorting need JavaScript; the tables are complete without it."),
    "foot": ("由 heatnet {version} 生成。结果为稳态计算值，不能代替现场测温。",
             "Made by heatnet {version}. Results are those of a steady calculation; they do not replace measurements on site."),
    "total": ("合计", "total"),
    "left_out": ("本表只列出前 {shown} 行，另有 {left} 行未列出（合计行包含全部）。全部结果可用 heatnet solve … --out 文件夹 输出为 CSV。",
                 "The table shows the first {shown} rows and leaves out {left} (totals cover all). "
                 "All rows: heatnet solve … --out folder writes them as CSV."),
    "list.join": ("、", ", "),
    "list.more": ("等 {n} 栋", " and others, {n} in all"),
    # units
    "unit.temperature": ("℃", "°C"),
    "unit.households": ("户", "households"),
    "unit.buildings": ("栋", "buildings"),
    "unit.deficit_households": ("K·户", "K·households"),
    "unit.per_day": ("{currency}/天", "{currency}/day"),
    "currency.CNY": ("元", "CNY"),
    # common heads
    "id": ("编号", "id"),
    "building": ("建筑", "building"),
    "name": ("名称", "name"),
    "street": ("街道", "street"),
    "district": ("区", "district"),
    "households": ("户数", "households"),
    "buildings": ("建筑数", "buildings"),
    "x": ("水力失调度 x", "flow ratio x"),
    "room": ("室温", "room temperature"),
    "deficit": ("温度亏缺", "deficit"),
    "deficit_households": ("亏缺×户数", "deficit × households"),
    "refund": ("退费", "refund"),
    "cause": ("主要原因", "main cause"),
    "distance": ("距热源", "distance from plant"),
    "supply_inlet": ("入口供水温度", "supply at inlet"),
    "flow": ("流量", "flow"),
    "unnamed": ("（未填）", "(not given)"),
    # causes
    "cause.flow": ("流量不足（水力失调）", "too little flow (hydraulic imbalance)"),
    "cause.supply": ("供水温度低（沿程散热）", "supply water cooled on its way"),
    "cause.envelope": ("建筑耗热量大（围护结构）", "building loses too much heat (envelope)"),
    "cause.radiator": ("散热器不足", "too little radiator surface"),
    "cause.other": ("单项因素均不能改善（如热源供水温度偏低）", "no single cause (for example plant supply too cold)"),
    # 1 summary
    "summary": ("摘要", "Summary"),
    "summary.verdict": (
        "室外温度 {outdoor} ℃、要求室温不低于 {required} ℃ 时，{total} 栋建筑中有 {cold} 栋（{households} 户）不达标。",
        "At {outdoor} °C outdoors and {required} °C required indoors, {cold} of {total} buildings ({households} households) are too cold.",
    ),
    "summary.causes": ("按主要原因：{causes}。", "By main cause: {causes}."),
    "summary.one_cause": ("{cause} {n} 栋", "{cause} {n}"),
    "summary.all_warm": (
        "室外温度 {outdoor} ℃ 时，全部 {total} 栋建筑室温均不低于 {required} ℃。",
        "At {outdoor} °C outdoors all {total} buildings reach the required {required} °C.",
    ),
    "summary.no_buildings": (
        "模型中没有建筑，因此没有室温、亏缺和退费；以下为管网和热力入口的结果。",
        "The model has no buildings, so there are no room temperatures, deficits and refunds; what follows is of the network and its inlets.",
    ),
    "summary.cold_buildings": ("不达标建筑", "under-heated buildings"),
    "summary.cold_households": ("不达标户数", "under-heated households"),
    "summary.rate_households": ("室温合格率（按户）", "within the rule, by households"),
    "summary.rate_buildings": ("室温合格率（按栋）", "within the rule, by buildings"),
    "summary.over": ("过热建筑", "over-heated buildings"),
    "summary.over_note": ("高于 {over} ℃，{households} 户", "above {over} °C, {households} households"),
    "summary.worst": ("室温最低", "coldest home"),
    "summary.refund": ("每日应退热费", "fee refunds"),
    "summary.refund_unknown": ("不含 {n} 栋缺少面积或热价的不达标建筑", "without {n} cold buildings whose area or fee is not given"),
    "summary.refund_none": ("未给热价或面积", "no fee or area given"),
    "summary.of": ("共 {n}", "of {n}"),
    "summary.plants": ("热源", "Heat sources"),
    "summary.plant": ("热源", "plant"),
    "summary.load": ("供热量", "heat"),
    "summary.supply": ("供水温度", "supply"),
    "summary.return": ("回水温度", "return"),
    "summary.lift": ("供回水压差", "lift"),
    "summary.capacity": ("额定热负荷", "capacity"),
    "summary.use": ("负荷率", "capacity used"),
    "summary.conditions": ("计算条件与热量平衡", "Conditions and heat balance"),
    "summary.item": ("项目", "item"),
    "summary.value": ("数值", "value"),
    "summary.outdoor": ("室外温度", "outdoor temperature"),
    "summary.design_outdoor": ("供暖室外计算温度", "design outdoor temperature"),
    "summary.rule": ("室温标准", "rule for room temperatures"),
    "summary.source": ("标准来源", "source of the rule"),
    "summary.required": ("室温下限", "required room temperature"),
    "summary.bands": ("退费档次", "refund bands"),
    "summary.band": ("低于 {limit} ℃ 退 {share}%", "below {limit} °C {share}%"),
    "summary.no_bands": ("无", "none"),
    "summary.heat_plants": ("热源供热量", "heat from plants"),
    "summary.heat_users": ("热用户得热量", "heat to users"),
    "summary.heat_pipes": ("管网热损失", "heat loss of pipes"),
    "summary.solver": ("求解", "solver"),
    "summary.solver_text": (
        "{status}；最大节点流量残差 {mass} kg/s，压力残差 {pressure} Pa，热量残差 {energy} W",
        "{status}; largest residuals {mass} kg/s at a node, {pressure} Pa along an edge, {energy} W of heat",
    ),
    # 2 under-heated
    "cold": ("不达标用户清单", "Under-heated users"),
    "cold.none": ("没有不达标的建筑。", "No building is under-heated."),
    "cold.how": (
        "按“温度亏缺×户数”从大到小排列。主要原因用替换法判断：分别假定流量为设计值、入口供水温度等于热源供水温度、耗热系数为设计值、散热器为设计值，"
        "使室温升高最多的一项即为主要原因；四个替换后的室温都列在表中。",
        "Sorted by deficit × households. The cause is found by substitution: the room is worked out again with design flow, with the plant's "
        "supply temperature at the inlet, with the design heat loss coefficient, and with the designed radiators; whichever warms it most is "
        "the main cause. All four substituted temperatures are in the table.",
    ),
    "cold.by_cause": ("按主要原因汇总", "By main cause"),
    "cold.by_street": ("按街道汇总", "By street"),
    "cold.list": ("不达标建筑", "Under-heated buildings"),
    "cold.share": ("不达标比例", "share under-heated"),
    "cold.cold_buildings": ("不达标建筑数", "under-heated buildings"),
    "cold.cold_households": ("不达标户数", "under-heated households"),
    "cold.mean_room": ("平均室温（按户）", "mean room temperature (by households)"),
    "cold.at_flow": ("设计流量时室温", "room at design flow"),
    "cold.at_supply": ("无沿程温降时室温", "room at plant supply temperature"),
    "cold.at_envelope": ("设计耗热时室温", "room at design heat loss"),
    "cold.at_radiator": ("设计散热器时室温", "room with designed radiators"),
    "cold.bottleneck": ("瓶颈管段", "bottleneck pipe"),
    "cold.gradient": ("比摩阻", "its pressure gradient"),
    "cold.bottleneck_note": (
        "瓶颈管段：从热源经该用户回到热源的路径上比摩阻最大的管段，仅对流量不足的用户列出。",
        "Bottleneck: the pipe of steepest pressure gradient on the way from the plant to the user and back; given where flow is the cause.",
    ),
    # 3 over-supplied
    "warm": ("过供用户", "Over-supplied users"),
    "warm.none": ("没有过流（x > {high}）或过热（室温 > {over} ℃）的建筑。", "No building has x > {high} or a room above {over} °C."),
    "warm.how": (
        "流量高于设计值 {high} 倍或室温高于 {over} ℃ 的建筑。富余流量为实际流量减设计流量；多耗热量按建筑自身热平衡计算：耗热系数 ×（室温 − 要求室温）。",
        "Buildings with more than {high} times their design flow or a room above {over} °C. Surplus flow is actual less design flow; wasted "
        "heat follows from the building's own balance: heat loss coefficient × (room − required temperature).",
    ),
    "warm.list": ("过供建筑", "Over-supplied buildings"),
    "warm.sum": ("富余流量合计 {flow} t/h，占热源循环流量的 {share}%；多耗热量合计 {heat} kW。",
                 "Together they take {flow} t/h too much, {share}% of what the plants circulate, and waste {heat} kW."),
    "warm.surplus": ("富余流量", "surplus flow"),
    "warm.wasted": ("多耗热量", "wasted heat"),
    "warm.above": ("高于要求", "above required"),
    "warm.why": ("判定", "criterion"),
    "warm.flow": ("过流", "over-flow"),
    "warm.hot": ("过热", "over-heated"),
    "warm.both": ("过流且过热", "over-flow and over-heated"),
    # 4 balance
    "balance": ("水力平衡", "Hydraulic balance"),
    "balance.how": (
        "水力失调度 x = 实际流量 / 设计流量；{low} ≤ x ≤ {high} 为达标。各项指标以设计流量加权（合格数除外）。",
        "Flow ratio x = actual over design flow; {low} ≤ x ≤ {high} is in balance. Indices are weighted by design flow (counts are not).",
    ),
    "balance.none": ("模型中没有热力入口。", "The model has no consumers."),
    "balance.mean": ("平均失调度", "mean x"),
    "balance.cv": ("变异系数 CV", "coefficient of variation"),
    "balance.gini": ("基尼系数", "Gini index"),
    "balance.range": ("最大/最小", "largest / smallest x"),
    "balance.share": ("达标入口", "inlets in balance"),
    "balance.share_note": ("共 {n}；按设计流量 {share}%", "of {n}; {share}% of design flow"),
    "balance.under": ("欠流入口", "inlets with under-flow"),
    "balance.over": ("过流入口", "inlets with over-flow"),
    "balance.chart": ("水力失调度沿管网分布", "Flow ratio along the network"),
    "balance.list": ("热力入口水力平衡表", "Hydraulic balance of all inlets"),
    "balance.inlet": ("热力入口", "inlet"),
    "balance.design": ("设计流量", "design flow"),
    "balance.actual": ("实际流量", "actual flow"),
    "balance.difference": ("差额", "difference"),
    "balance.available": ("资用压头", "available differential"),
    "balance.class": ("评价", "class"),
    "balance.flag": ("异常", "flag"),
    "balance.class_under": ("欠流", "under-flow"),
    "balance.class_good": ("达标", "in balance"),
    "balance.class_over": ("过流", "over-flow"),
    "balance.band": ("达标范围", "in balance"),
    "balance.flagged": ("有异常的入口 {n} 个（见“异常”列）。", "{n} inlets are flagged (last column)."),
    "flag.cut_off": ("与定压点断开", "cut off from any held pressure"),
    "flag.shut": ("已关闭", "shut"),
    "flag.reversed": ("倒流 {flow} t/h", "reversed, {flow} t/h"),
    "flag.no_head": ("资用压头 {dp} kPa", "available differential {dp} kPa"),
    "flag.short": ("缺热 {heat} kW", "short of {heat} kW"),
    "flag.starved": ("严重欠流，缺 {flow} t/h", "starved, {flow} t/h missing"),
    # 5 map
    "map": ("管网地图", "Map"),
    "map.no_coordinates": ("模型的节点没有坐标（node 表的 x、y 列），因此无法绘制地图。",
                           "The nodes of the model have no coordinates (columns x and y of the node table), so there is no map."),
    "map.some_without": ("{n} 栋建筑所在节点没有坐标，未绘制。", "{n} buildings stand at nodes without coordinates and are not drawn."),
    "map.title": ("供水管与各建筑室温", "Supply pipes, and buildings by room temperature"),
    "map.title_inlets": ("供水管与各热力入口", "Supply pipes and inlets"),
    "map.note": ("线宽表示管径；将光标移到建筑或管段上可查看数据，滚轮缩放，拖动平移。",
                 "Line width is pipe diameter. Point at a building or pipe for its data; scroll to zoom, drag to move."),
    "map.pipes": ("管径 {low}–{high} mm", "pipes {low}–{high} mm"),
    "map.pipes_above": ("管径 ≥ {low} mm", "pipes from {low} mm"),
    "map.pipe_data": ("管段数据", "pipe data"),
    "map.pipe": ("管段 {id}：内径 {d} mm，{length} m", "pipe {id}: inner diameter {d} mm, {length} m"),
    "map.pipe_flow": ("{flow} t/h，{speed} m/s，比摩阻 {gradient} Pa/m", "{flow} t/h, {speed} m/s, {gradient} Pa/m"),
    "map.buildings": ("建筑", "buildings"),
    "map.hover": ("室温 {room} ℃，x = {x}，{households} 户", "room {room} °C, x = {x}, {households} households"),
    # 6 pressure diagram
    "pressure": ("水压图", "Pressure diagram"),
    "pressure.none": ("没有从热源到热力入口的水流路径，无法绘制水压图。", "No water runs from a plant to an inlet, so there is no pressure diagram."),
    "pressure.user": ("热源至用户 {user} 的水压图", "Pressure diagram from the plant to {user}"),
    "pressure.worst": ("默认选取室温最低且有水流到达的建筑；可用 --user 指定建筑或热力入口。",
                       "The coldest building that water reaches is taken; --user names another building or inlet."),
    "pressure.worst_inlet": ("默认选取资用压头最小的热力入口；可用 --user 指定热力入口。",
                             "The inlet of smallest available differential is taken; --user names another."),
    "pressure.chosen_dry": ("没有水流到 {user}，无法绘制其水压图，改为 {other}。", "No water reaches {user}; the diagram is of {other} instead."),
    "pressure.note": ("测压管水头 = 压力 / 9.80665 kPa + 节点标高；横坐标为沿供（回）水管到热源的距离。",
                      "Head = pressure / 9.80665 kPa + height of the node; distance is measured along the supply (return) pipes."),
    "pressure.x": ("距热源（m）", "distance from plant (m)"),
    "pressure.y": ("测压管水头（m）", "head (m of water)"),
    "pressure.supply": ("供水", "supply"),
    "pressure.return": ("回水", "return"),
    "pressure.ground": ("地面", "ground"),
    "pressure.static": ("静水压线（按定压点）", "static line (of the held pressure)"),
    "pressure.plant": ("热源供回水压差 {dp} kPa", "lift of plant {dp} kPa"),
    "pressure.differential": ("用户资用压头 {dp} kPa", "available to user {dp} kPa"),
    "pressure.top": ("建筑高度 {height} m", "building, {height} m high"),
    "pressure.hover": ("{pressure} kPa，水头 {head} m，{t} ℃", "{pressure} kPa, head {head} m, {t} °C"),
    "pressure.node": ("节点 {id}", "node {id}"),
    # room temperature histogram
    "histogram": ("室温分布", "Room temperatures"),
    "histogram.none": ("模型中没有住户，因此没有室温分布。", "The model has no households, so there is no distribution of room temperatures."),
    "histogram.title": ("室温分布（按户）", "Room temperatures by households"),
    "histogram.x": ("室温（℃）", "room temperature (°C)"),
    "histogram.y": ("户数", "households"),
    "histogram.required": ("要求 {t} ℃", "required {t} °C"),
    "histogram.over": ("过热 {t} ℃", "over-heated {t} °C"),
    "histogram.band": ("退费 {t} ℃", "refund {t} °C"),
    "histogram.hover": ("{low}–{high} ℃：{n} 户", "{low}–{high} °C: {n} households"),
    "histogram.text": ("户均室温 {mean} ℃，标准差 {sd} K；5% 的住户低于 {p5} ℃，5% 的住户高于 {p95} ℃。",
                       "Mean over households {mean} °C, standard deviation {sd} K; 5% of households are below {p5} °C, 5% above {p95} °C."),
    # 7 solver
    "solver": ("计算说明", "Method and solver"),
    "solver.residuals": ("收敛与残差", "Convergence and residuals"),
    "solver.what": ("项目", "what"),
    "solver.value": ("最大值", "largest"),
    "solver.unit": ("单位", "unit"),
    "solver.mass": ("节点流量不平衡", "imbalance of mass at a node"),
    "solver.pressure": ("管段压力方程残差", "residual of the pressure equation of an edge"),
    "solver.energy": ("节点热量不平衡", "imbalance of heat at a node"),
    "solver.load": ("定热量用户的热量偏差", "heat of heat-driven users against what they want"),
    "solver.balance": ("全网热量收支差", "plants against users and losses, whole network"),
    "solver.steps": (
        "{status}：牛顿迭代 {steps} 步，水力与热力之间往返 {passes} 次。摩阻公式：{friction}。水的物性：{water}。",
        "{status}: {steps} Newton steps in {passes} passes between flows and temperatures. Friction law: {friction}. Water: {water}.",
    ),
    "water.varies": ("随温度变化", "properties follow temperature"),
    "water.constant": ("常物性，密度 {rho} kg/m³，黏度 {mu} Pa·s，比热 {cp} J/(kg·K)",
                       "constant, density {rho} kg/m³, viscosity {mu} Pa s, heat capacity {cp} J/(kg K)"),
    "friction.colebrook": ("Colebrook–White", "Colebrook–White"),
    "friction.colebrook371": ("Colebrook–White（常数 3.71）", "Colebrook–White (constant 3.71)"),
    "friction.swamee_jain": ("Swamee–Jain", "Swamee–Jain"),
    "friction.haaland": ("Haaland", "Haaland"),
    "friction.altshul": ("阿里特苏里公式", "Altshul"),
    "friction.epanet": ("EPANET（Swamee–Jain，过渡区 Dunlop）", "EPANET (Swamee–Jain, Dunlop in transition)"),
    "status.CONVERGED": ("计算收敛", "converged"),
    "solver.model": ("模型规模与来源", "The model"),
    "solver.count": ("数量", "number"),
    "solver.node": ("节点", "nodes"),
    "solver.pipe": ("管段", "pipes"),
    "solver.pipe_length": ("管道总长（供回水合计）", "length of pipes (supply and return together)"),
    "solver.valve": ("阀门", "valves"),
    "solver.pump": ("水泵", "pumps"),
    "solver.plant": ("热源", "plants"),
    "solver.consumer": ("热力入口", "consumers (inlets)"),
    "solver.building": ("建筑", "buildings"),
    "solver.about": ("模型说明", "About the model"),
    "solver.key": ("条目", "entry"),
    "solver.text": ("内容", "text"),
    "solver.warnings": ("模型检查提示 {n} 条：", "The check of the model has {n} warnings:"),
    "solver.assumptions": ("主要假定：", "Assumptions:"),
    "solver.steady": (
        "稳态计算：室外温度、阀门开度和水泵工况不随时间变化，不计建筑蓄热和户间传热。",
        "Steady state: weather, valves and pumps do not change with time; heat storage of buildings and heat between flats are not counted.",
    ),
    "solver.radiator": (
        "每栋建筑按一个房间、一组散热器计算；同一热力入口后的建筑按设计流量分配流量，不考虑垂直失调。",
        "Each building is one room with one radiator; buildings behind an inlet share its flow by design flow; floors are not told apart.",
    ),
    "solver.loss": (
        "管道散热按模型给定的单位长度散热系数和地温计算。",
        "Pipes lose heat by the coefficient per metre and the ground temperature of the model.",
    ),
    "solver.unverified": (
        "设计流量、设计热负荷、粗糙度、阀门参数和室温标准均来自数据文件；其中标注“unverified”（未核实）的数值仅为假定，使用结果前应核对。",
        "Design flows, design heat, roughness, valve data and rules for room temperatures come from data files; figures tagged "
        "“unverified” there are assumptions, to be verified before results are used.",
    ),
    "solver.version": ("计算程序 heatnet {written}，报告程序 heatnet {now}。", "Solved by heatnet {written}, report by heatnet {now}."),
}


@dataclass(frozen=True)
class Words:
    """The words of one language: `say("room")`, `say("map.pipe", id="P1", ...)`."""

    lang: str

    def __post_init__(self) -> None:
        if self.lang not in LANGUAGES:
            raise HeatnetError(f"no report language '{self.lang}'; known: {', '.join(LANGUAGES)}")

    def __call__(self, key: str, **values: object) -> str:
        """The words of a key with its values put in."""
        return WORDS[key][LANGUAGES.index(self.lang)].format(**values)

    def per_day(self, currency: str) -> str:
        """Money a day; a currency without a word of its own keeps its code."""
        known = f"currency.{currency}"
        return self("unit.per_day", currency=self(known) if known in WORDS else currency)
