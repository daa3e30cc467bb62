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
    "devices regulate by their own flow, stand at their smallest opening or lift nothing: {names}":
        "按自身流量调节、已达最小开度或无扬程的设备：{names}",
    "exchangers join two networks: {names}": "以换热器连接的一、二次网：{names}",
    "{one}; and where {other}": "{one}；{other}",
    "as {other} is": "相近的有 {other}",
}
