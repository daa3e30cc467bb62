"""Make-up water."""

WORDS: dict[str, tuple[str, str]] = {
    "make_up.how": (
        "下表按定压点列出补水。“正常补水量”按失水率 {leakage}、“事故补水能力”按循环流量的 {accident} 估算（均为限值文件中可修改的假定）。",
        "Make-up by pressurisation point. Usual make-up is worked out with a leakage of {leakage} of circulation, capacity in an accident with {accident} (assumptions, which a file of "
        "limits replaces).",
    ),
    "make_up.table": ("补水与定压", "Make-up water and pressurisation"),
    "make_up.enters": ("补水量（计算）", "water that enters"),
    "make_up.leaves": ("失水量（计算）", "water that leaves"),
    "make_up.usual": ("正常补水量（估算）", "usual make-up (assumed)"),
    "make_up.accident": ("事故补水能力（估算）", "capacity in an accident (assumed)"),
    "make_up.given": ("给定的失水或补水", "given leaks and inflows"),
    "make_up.nodes": ("{n} 个节点", "{n} nodes"),
}
