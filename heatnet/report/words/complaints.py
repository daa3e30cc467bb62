"""Complaints against simulated rooms."""

WORDS: dict[str, tuple[str, str]] = {
    "complaints.text": (
        "{buildings} 栋建筑有投诉记录，共 {n} 次，平均 {rate}；其中 {cold}% 来自计算不达标的建筑。逐栋投诉率与计算温度亏缺的斯皮尔曼等级相关系数为 {rank}。",
        "{buildings} buildings have a record of complaints, {n} in all, {rate} on average; {cold}% of them come from buildings simulated too cold. Rank correlation "
        "(Spearman) of the rate of each building with its simulated deficit: {rank}.",
    ),
    "complaints.elsewhere_told": (
        "投诉记录属于“{name}”工况，投诉与计算室温的对照见该工况的报告。",
        "The complaints were made of the state '{name}'; the report of that state sets them against simulated rooms.",
    ),
    "complaints.how": (
        "投诉热点：半径 {radius} 内的投诉数明显多于按全网平均投诉率应有的数量（泊松检验，偶然概率低于 {chance}%）。半数以上投诉来自计算不达标建筑的热点，模型可以解释；"
        "其余热点的原因不在模型中（如立管气堵、户内阀门、单户散热器），应现场检查。",
        "A hot-spot is a place where, within {radius}, clearly more complain than the average rate would give (Poisson, by chance less than {chance}% of the time). The model explains "
        "those where half of the complaints come from homes simulated too cold; the cause of the others is not in the model (air in a riser, a valve or a radiator in the flat): look on site.",
    ),
    "complaints.no_spots": (
        "没有投诉热点：在半径 {radius} 内，各处投诉数均不明显多于平均水平（泊松检验，{chance}%）。",
        "There is no hot-spot: nowhere within {radius} do clearly more complain than on average (Poisson, {chance}%).",
    ),
    "complaints.chart": ("投诉率与计算室温", "Complaints against simulated room temperature"),
    "complaints.chart_note": ("右上方的点为室温达标而投诉多的建筑。", "Points at the upper right are buildings that are warm in the model and complain all the same."),
    "complaints.rate": ("投诉率", "rate of complaints"),
    "complaints.by_street": ("各街道投诉率", "Complaints by street"),
    "complaints.deficit": ("户均温度亏缺", "mean deficit of a household"),
    "complaints.from_cold": ("来自不达标建筑的投诉", "complaints from under-heated buildings"),
    "complaints.spots": ("投诉热点", "Complaint hot-spots"),
    "complaints.number": ("热点", "hot-spot"),
    "complaints.centre": ("中心建筑", "around"),
    "complaints.buildings": ("包括建筑", "buildings in it"),
    "complaints.verdict": ("结论", "verdict"),
    "complaints.explained": ("模型可解释：计算室温低", "explained: cold in the model"),
    "complaints.unexplained": ("模型不能解释：现场检查", "not explained: look on site"),
    "complaints.elsewhere": ("热点以外", "elsewhere"),
    "complaints.in_explained": ("热点，模型可解释", "hot-spot, explained"),
    "complaints.in_unexplained": ("热点，模型不能解释", "hot-spot, not explained"),
}
