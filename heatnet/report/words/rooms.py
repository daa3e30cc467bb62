"""Distribution of room temperatures."""
# ruff: noqa: E501  a sentence and its translation stay in one line each

WORDS: dict[str, tuple[str, str]] = {
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
}
