"""Map."""


WORDS: dict[str, tuple[str, str]] = {
    "map": ("管网地图", "Map"),
    "map.no_coordinates": ("模型的节点没有坐标（node 表的 x、y 列），因此无法绘制地图。",
                           "The nodes of the model have no coordinates (columns x and y of the node table), so there is no map."),
    "map.some_without": ("{n} 栋建筑所在节点没有坐标，未绘制。", "{n} buildings stand at nodes without coordinates and are not drawn."),
    "map.title": ("供水管与各建筑室温", "Supply pipes, and buildings by room temperature"),
    "map.title_inlets": ("供水管与各热力入口", "Supply pipes and inlets"),
    "map.note": ("线宽表示管径；将光标移到建筑或管段上可查看数据，滚轮缩放，拖动平移。",
                 "Line width is pipe diameter. Point at a building or pipe for its data; scroll to zoom, drag to move."),
    "map.pipes_below": ("管径 < {high} mm", "pipes below {high} mm"),
    "map.pipes": ("管径 {low}–{high} mm", "pipes {low}–{high} mm"),
    "map.pipes_above": ("管径 ≥ {low} mm", "pipes from {low} mm"),
    "map.pipe_data": ("管段数据", "pipe data"),
    "map.pipe": ("管段 {id}：内径 {d} mm，{length} m", "pipe {id}: inner diameter {d} mm, {length} m"),
    "map.pipe_flow": ("{flow} t/h，{speed} m/s，比摩阻 {gradient} Pa/m", "{flow} t/h, {speed} m/s, {gradient} Pa/m"),
    "map.buildings": ("建筑", "buildings"),
    "map.hover": ("室温 {room} ℃，x = {x}，{households} 户", "room {room} °C, x = {x}, {households} households"),
}
