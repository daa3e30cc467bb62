"""Duration curve of the heat load of a single state."""

WORDS: dict[str, tuple[str, str]] = {
    "season.how": (
        "由本工况推算供暖期热负荷：供水温度按供水温度曲线变化，室温保持本工况数值，建筑得热随室外温度变化，管网热损失随水温变化；热源按投运次序承担负荷，基荷热源先满负荷，"
        "其余由调峰热源承担。室外温度延续时间曲线取自哈尔滨典型年，或结果文件中的 duration 表。",
        "The load of the season is worked out from this state: supply follows the heating curve, rooms stay as they are, heat of buildings follows the weather, losses of pipes follow the "
        "water; plants carry the load in their order of use, base plants first up to their capacity. Days at each outdoor temperature are those of Harbin, or of the table "
        "'duration' of the results.",
    ),
    "season.no_climate": (
        "供暖室外计算温度为 {design}，与自带的哈尔滨气候不符，因此没有热负荷延续时间图；可在结果文件中加入 duration 表（室外温度、小于等于该温度的天数）。",
        "The design outdoor temperature, {design}, is not that of Harbin, whose climate comes with heatnet, so there is no duration curve; a table 'duration' (outdoor temperature, "
        "days at or below it) added to the results gives one.",
    ),
    "season.plant": ("热源 {id}", "plant {id}"),
    "season.chart": ("热负荷延续时间图", "Duration curve of the heat load"),
    "season.x": ("延续时间（天）", "duration (d)"),
    "season.now": ("本工况", "this state"),
    "season.missing": ("热源能力不足", "beyond the capacity of the plants"),
    "season.table": ("供暖期各热源供热量", "The season of each plant"),
    "season.largest": ("最大负荷", "largest load"),
    "season.energy": ("供暖期供热量", "heat of the season"),
    "season.days": ("运行天数", "days in use"),
    "season.full": ("满负荷利用小时数", "full-load hours"),
}
