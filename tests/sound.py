"""A small sound model folder, and the same with something broken."""

from __future__ import annotations

from pathlib import Path

from heatnet import Problem, ReadError, check, read

SOUND = {
    "model.toml": """name = "small"
title = "三户小网"

[site]
design_outdoor = "-24.2 degC"
ground = "1 degC"

[curve.east]
outdoor = ["-24.2 degC", "5 degC"]
supply = ["75 degC", "43 degC"]
""",
    "node.csv": """id,x,y,pressure [kPa]
s0,0,0,
s1,100,0,
s2,200,0,
s3,300,0,
r0,0,10,300
r1,100,10,
r2,200,10,
r3,300,10,
""",
    "pipe.csv": """id,tail,head,length [m],diameter [mm],roughness [mm],loss [W/(m K)],type
ps1,s0,s1,100,107.1,0.5,0.3,
ps2,s1,s2,100,82.5,0.5,0.3,
ps3,s2,s3,100,69.7,0.5,0.3,
pr1,r1,r0,100,107.1,0.5,0.3,
pr2,r2,r1,100,82.5,0.5,0.3,
pr3,r3,r2,100,69.7,0.5,0.3,
""",
    "plant.csv": """id,tail,head,control,lift [kPa],supply_temperature [degC],curve,capacity [MW]
plant,r0,s0,lift,80,75,,1
""",
    "consumer.csv": """id,tail,head,control,kvs [m3/h],flow [t/h],drop [K],return_temperature [degC]
u1,s1,r1,fixed,10,,,
u2,s2,r2,fixed,10,,,
u3,s3,r3,fixed,10,,,
""",
    "building.csv": """id,consumer,design_heat [kW],design_supply [degC],design_return [degC],design_indoor [degC],name
b1,u1,100,75,50,20,1号楼
b2,u2,100,75,50,20,2号楼
b3,u3,100,75,50,20,3号楼
b4,u3,100,75,50,20,4号楼
""",
}


def write(folder: Path, changed: dict[str, str | bytes | None] | None = None) -> Path:
    """The sound model in a folder, some files replaced, or left out where None."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**SOUND, **(changed or {})}.items():
        if text is not None:
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def swapped(name: str, old: str, new: str) -> str:
    """Text of a file of the sound model with its one `old` replaced."""
    text = SOUND[name]
    assert text.count(old) == 1, (name, old, text.count(old))
    return text.replace(old, new)


def problems(folder: Path) -> tuple[Problem, ...]:
    """What reading or checking finds."""
    try:
        return check(read(folder))
    except ReadError as error:
        return error.problems


def errors(folder: Path) -> list[Problem]:
    """Those that are no warnings."""
    return [problem for problem in problems(folder) if not problem.warning]
