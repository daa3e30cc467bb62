"""Distribution of room temperatures."""

WORDS: dict[str, tuple[str, str]] = {
    "histogram.none": ("模型中没有住户，因此没有室温分布。", "The model has no households, so there is no distribution of room temperatures."),
    "histogram.title": ("室温分布（按户）", "Room temperatures by households"),
    "histogram.y": ("户数", "households"),
    "histogram.share": ("累计比例（%）", "cumulative share (%)"),
    "histogram.cumulative": ("累计曲线", "cumulative curve"),
    "histogram.cold": ("不达标", "below the rule"),
    "histogram.good": ("达标", "within the rule"),
    "histogram.hot": ("过热", "over-heated"),
    "histogram.required": ("要求 {t} ℃", "required {t} °C"),
    "histogram.over": ("过热 {t} ℃", "over-heated {t} °C"),
    "histogram.band": ("退费 {t} ℃", "refund {t} °C"),
    "histogram.text": ("户均室温 {mean} ℃，标准差 {sd} K；5% 的住户低于 {p5} ℃，5% 的住户高于 {p95} ℃。",
                       "Mean over households {mean} °C, standard deviation {sd} K; 5% of households are below {p5} °C, 5% above {p95} °C."),
}
