"""A village for tests of reading, checking and solving: one plant, a branch behind a valve, one behind a booster pump."""

from __future__ import annotations

from pathlib import Path

VILLAGE = {
    "model.toml": """name = "village"
title = "小村"
source = "made up"

[site]
design_outdoor = "-24.2 degC"
outdoor = "-15 degC"
ground = "1 degC"
fee = 38.32

[curve.east]
outdoor = ["-24.2 degC", "-10 degC", "5 degC"]
supply = ["75 degC", "60 degC", "43 degC"]
""",
    "node.csv": """id,x,y,height,pressure [kPa]
s0,0,0,120,
s1,100,0,121,
s2,200,0,122,
s3,200,90,123,
s4,300,0,124,
s5,300,90,125,
r0,0,10,120,300
r1,100,10,121,
r2,200,10,122,
r3,200,100,123,
r5,300,100,125,
""",
    "pipe.csv": """id,tail,head,length [m],diameter [mm],roughness [mm],loss [W/(m K)],zeta,type
ps1,s0,s1,100,107.1,0.5,0.3,2,
ps2,s1,s2,100,,0.5,,1,EN253-1-DN80
ps5,s4,s5,90,69.7,0.5,0.3,1,
pr1,r1,r0,100,107.1,0.5,0.3,2,
pr2,r2,r1,100,,0.5,,1,EN253-1-DN80
pr3,r3,r2,90,69.7,0.5,0.3,1,
pr5,r5,r2,140,69.7,0.5,0.3,1,
""",
    "valve.csv": """id,tail,head,kvs [m3/h],opening [%],characteristic
v,s2,s3,40,80,equal_percentage
""",
    "pump.csv": """id,tail,head,shutoff_head [m],rated_head [m],rated_flow [m3/h],speed [-]
booster,s2,s4,6,4,10,1
""",
    "plant.csv": """id,tail,head,control,lift [kPa],supply_temperature [degC],curve,capacity [MW]
boiler,r0,s0,lift,90,,east,1.5
""",
    "consumer.csv": """id,tail,head,control,kvs [m3/h],flow [t/h],drop [K],return_temperature [degC]
u1,s1,r1,fixed,8,,,
u3,s3,r3,flow,10,4,,
u5,s5,r5,load,12,,25,
""",
    "building.csv": """id,consumer,design_heat [kW],design_supply [degC],design_return [degC],design_indoor [degC],area [m2],name
b1,u1,120,75,50,20,2400,1号楼
b3,u3,100,75,50,20,2000,3号楼
b4,u3,60,75,50,20,1200,4号楼
b5,u5,110,75,50,20,2200,5号楼
""",
}


def build(folder: Path, changed: dict[str, str | bytes | None] | None = None) -> Path:
    """The village in a folder, some files replaced, or left out where None."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**VILLAGE, **(changed or {})}.items():
        if text is not None:
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def altered(name: str, old: str, new: str) -> str:
    """Text of a file of the village with its one `old` replaced."""
    text = VILLAGE[name]
    assert text.count(old) == 1, (name, old, text.count(old))
    return text.replace(old, new)
