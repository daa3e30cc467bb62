"""Substations and heat inlets."""

WORDS: dict[str, tuple[str, str]] = {
    "substations": ("热力站与热力入口", "Substations and heat inlets"),
    "substations.how": (
        "每个热力入口列出其后建筑的户数、面积、热负荷和实际供热量；热指标为实际供热量除以面积。",
        "Each inlet is listed with the households, area and loads of the buildings behind it; heat index is actual heat over area.",
    ),
    "substations.exchangers": ("热力站（换热站）", "Substations with exchangers"),
    "substations.exchanger": ("热力站", "substation"),
    "substations.list": ("热力入口负荷表", "Loads of all heat inlets"),
    "substations.area": ("供热面积", "area"),
    "substations.design": ("设计热负荷", "design load"),
    "substations.wanted": ("当前需热量", "load at this weather"),
    "substations.actual": ("实际供热量", "actual heat"),
    "substations.index": ("热指标", "heat index"),
    "substations.control": ("调节方式", "control"),
    "substations.opening": ("阀门开度", "valve opening"),
    "control.fixed": ("固定阀位", "fixed valve"),
    "control.flow": ("定流量", "given flow"),
    "control.load": ("按热负荷", "by load"),
}
