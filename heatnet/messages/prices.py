"""Where the shipped prices come from (heatnet/retrofit/costs.csv), as its table of prices says."""

TEXTS = {
    "Harbin 2013: 7.137 billion CNY for 47.8 million m2 (149 CNY/m2), taken at 45 W/m2; press report":
        "哈尔滨2013年：71.37亿元改造4780万m²（149元/m²），按45 W/m²折算；新闻报道",
    "estimate": "估算",
    "estimate for a small station without building land": "小型泵站估算，不含建筑用地",
    "estimate for northern China, 0.2-1 CNY per m2 of floor": "北方地区估算，0.2～1元/m²建筑面积",
    "estimate, 0.1-0.5 CNY per m2 of floor": "估算，0.1～0.5元/m²建筑面积",
    "estimate, 0.1-0.5 CNY per m2 of floor at 45 W/m2": "估算，0.1～0.5元/m²建筑面积，按45 W/m²折算",
    "estimate, 0.3-0.6 million CNY per MW": "估算，30～60万元/MW",
    "estimate, 0.5-0.8 CNY per W": "估算，0.5～0.8元/W",
    "estimate, 150-300 CNY per m2": "估算，150～300元/m²",
    "estimate, 150-500 CNY per metre of pipe": "估算，每米管道150～500元",
    "estimate, 150000-300000 CNY a building with its equipment": "估算，每栋15～30万元，含设备",
    "estimate, 2000-8000 CNY each": "估算，每个2000～8000元",
    "estimate, 300-800 CNY a flat": "估算，每户300～800元",
    "estimate, 4000-12000 CNY each": "估算，每个4000～12000元",
    "estimate, 500-3000 CNY for DN50 to DN100 installed": "估算，DN50～DN100含安装500～3000元",
    "estimate, 80000-200000 CNY a building with its pump": "估算，每栋8～20万元，含水泵",
    "estimate; 60000-200000 CNY for a whole substation": "估算；整座热力站6～20万元",
    "estimate; plates 1000-2000 CNY per m2": "估算；板片1000～2000元/m²",
    "half of 900 + 4500 d + 12000 d2 CNY per trench metre of both pipes; fitted by hand to usual Chinese prices":
        "供回水双管每沟米 900 + 4500 d + 12000 d² 元的一半；按国内常见价格手工拟合",
    "case file": "案例文件",
}
