"""The map and its layers."""

WORDS: dict[str, tuple[str, str]] = {
    "map.no_coordinates": ("模型的节点没有坐标（node 表的 x、y 列），因此无法绘制地图。",
                           "The nodes of the model have no coordinates (columns x and y of the node table), so there is no map."),
    "map.some_without": ("{n} 栋建筑所在节点没有坐标，未绘制。", "{n} buildings stand at nodes without coordinates and are not drawn."),
    "map.title": ("管网与建筑分布图", "Map of the network and its buildings"),
    "map.title_inlets": ("管网与热力入口分布图", "Map of the network and its inlets"),
    "map.note": ("图中为供水管，箭头为水流方向。将光标移到建筑或管段上可查看数据，点击建筑可显示其供热路径和水压图；滚轮缩放，拖动平移。",
                 "Supply pipes are drawn; arrows show the flow. Point at a building or pipe for its data, click a building for its path and "
                 "pressure diagram; scroll to zoom, drag to move."),
    "map.homes": ("建筑着色", "Buildings by"),
    "map.lines": ("管段着色", "Pipes by"),
    "map.by_room": ("室温", "room temperature"),
    "map.by_refund": ("退费档次", "refund band"),
    "map.by_ratio": ("水力失调度 x", "flow ratio x"),
    "map.by_diameter": ("管径", "diameter"),
    "map.by_gradient": ("比摩阻", "pressure gradient"),
    "map.by_loss": ("单位长度热损失", "heat loss per metre"),
    "map.no_refund": ("不退费", "no refund"),
    "map.refund": ("退费 {share}%", "refund {share}%"),
    "map.path": ("供热路径", "path of supply"),
    "map.path_back": ("回水路径", "path of return"),
    "map.chosen": ("所选用户", "chosen user"),
    "map.arrows": ("水流方向", "direction of flow"),
    "map.pipe": ("管段", "pipe"),
    "map.unknown": ("无数据", "no data"),
}
