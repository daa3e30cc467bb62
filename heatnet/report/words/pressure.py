"""Pressure diagram."""
# ruff: noqa: E501  a sentence and its translation stay in one line each

WORDS: dict[str, tuple[str, str]] = {
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
    "pressure.other_plant": ("该用户的回水流向另一热源，两条线的起点不是同一热源。", "The water returns to another plant than it came from, so both lines start at different plants."),
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
}
