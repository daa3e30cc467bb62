"""Under-heated and over-heated users."""


WORDS: dict[str, tuple[str, str]] = {
    "cause": ("主要原因", "main cause"),
    "cause.flow": ("流量不足（水力失调）", "too little flow (hydraulic imbalance)"),
    "cause.supply": ("供水温度低（沿程散热或热源出力不足）", "supply too cold (heat lost on its way, or plant short of heat)"),
    "cause.envelope": ("建筑耗热量大（围护结构）", "building loses too much heat (envelope)"),
    "cause.radiator": ("散热器不足", "too little radiator surface"),
    "cause.substation": ("换热站供不出设定温度", "substation short of its set temperature"),
    "cause.cut_off": ("与热源断开（无通路）", "cut off from every plant"),
    "cause.shut": ("入口阀关闭", "inlet valve shut"),
    "cause.other": ("单项因素均不能改善（如热源供水温度偏低）", "no single cause (for example plant supply too cold)"),
    "cold": ("不达标用户清单", "Under-heated users"),
    "cold.no_buildings": ("模型中没有建筑。", "The model has no buildings."),
    "cold.none": ("没有不达标的建筑。", "No building is under-heated."),
    "cold.how": (
        "按“温度亏缺×户数”从大到小排列。主要原因用替换法判断：分别假定流量为设计值、入口供水温度等于热源供水温度、耗热系数为设计值、散热器为设计值、"
        "换热站达到设定供水温度，使室温升高最多的一项即为主要原因；替换后的室温都列在表中。",
        "Sorted by deficit × households. The cause is found by substitution: the room is worked out again with design flow, with the plant's "
        "supply temperature at the inlet, with the design heat loss coefficient, with the designed radiators, and with the substation at its set temperature; whichever warms it most is "
        "the main cause. All substituted temperatures are in the table.",
    ),
    "cold.by_cause": ("按主要原因汇总", "By main cause"),
    "cold.by_street": ("按街道汇总", "By street"),
    "cold.by_district": ("按区汇总", "By district"),
    "cold.by_station": ("按热力站汇总", "By substation"),
    "cold.by_inlet": ("按热力入口汇总（只列有不达标建筑的入口）", "By inlet (those with under-heated buildings)"),
    "cold.along": ("室温沿管网分布（按主要原因）", "Room temperature along the network, by main cause"),
    "cold.list": ("不达标建筑", "Under-heated buildings"),
    "cold.share": ("不达标比例", "share under-heated"),
    "cold.cold_buildings": ("不达标建筑数", "under-heated buildings"),
    "cold.cold_households": ("不达标户数", "under-heated households"),
    "cold.mean_room": ("平均室温（按户）", "mean room temperature (by households)"),
    "cold.at_flow": ("设计流量时室温", "room at design flow"),
    "cold.at_supply": ("无沿程温降时室温", "room at plant supply temperature"),
    "cold.at_envelope": ("设计耗热时室温", "room at design heat loss"),
    "cold.at_radiator": ("设计散热器时室温", "room with designed radiators"),
    "cold.at_substation": ("换热站达到设定温度时室温", "room with the substation at its set temperature"),
    "cold.bottleneck": ("瓶颈管段", "bottleneck pipe"),
    "cold.gradient": ("比摩阻", "its pressure gradient"),
    "cold.bottleneck_note": (
        "瓶颈管段：从热源经该用户回到热源的路径上比摩阻最大的管段，仅对流量不足的用户列出。",
        "Bottleneck: the pipe of steepest pressure gradient on the way from the plant to the user and back; given where flow is the cause.",
    ),
    "warm": ("过供用户", "Over-supplied users"),
    "warm.none": ("没有过流（x > {high}）或过热（室温 > {over} ℃）的建筑。", "No building has x > {high} or a room above {over} °C."),
    "warm.how": (
        "室温达标、且流量高于设计值 {high} 倍或室温高于 {over} ℃ 的建筑。富余流量为实际流量减设计流量；多耗热量按建筑自身热平衡计算：耗热系数 ×（室温 − 要求室温）。",
        "Buildings warm enough that take more than {high} times their design flow or have a room above {over} °C. Surplus flow is actual less design flow; wasted "
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
}
