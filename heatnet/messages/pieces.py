"""Ends and pieces of texts: hints, ranges, lists of names."""

TEXTS = {
    ", did you mean '{word}'?": "，是否应为 '{word}'？",
    ", did you mean '{word}'": "，是否应为 '{word}'",
    "; known: {words}": "；可用：{words}",
    "; known: {words} and {n} more": "；可用：{words} 等（另有 {n} 个）",
    "{names} and {n} more": "{names} 等（另有 {n} 个）",
    "above {low} and at most {high}": "大于 {low} 且不大于 {high}",
    "at least {low} and at most {high}": "不小于 {low} 且不大于 {high}",
    "above {limit}": "大于 {limit}",
    "at least {limit}": "不小于 {limit}",
    "at most {limit}": "不大于 {limit}",
    "any number of {unit}": "任意数值（单位 {unit}）",
    "any number": "任意数值",
    "as {other} is": "相近的有 {other}",
}
