"""Restates published reference cases as heatnet models and small tables of expected answers.

    python tests/restate.py SOURCE        SOURCE: folder of the published figures, one folder a case

wrote `models/` and `tests/reference/*/*.csv` once; it is kept so that the figures can be traced. The builders of the EPANET and
Schutterwald cases are also what the tests use for those that are too large to restate.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from heatnet.components import Consumer, Pipe, Plant, Valve
from heatnet.network import Building, Node
from heatnet.schema import Table
from heatnet.units import KELVIN, conversion

PROJECT = Path(__file__).resolve().parents[1]
ANSWERS = PROJECT / "tests" / "reference"
SHOWN = {"K": "degC", "Pa": "kPa", "W": "kW"}  # unit written in a header instead of the SI unit
SMALL = {"diameter": "mm", "roughness": "mm"}
NU_EPANET = 1.02193344e-6  # m2/s, kinematic viscosity that EPANET calls 1.0
RHO_EPANET = 1000.0  # kg/m3, free to choose: EPANET counts volume


# ---------------------------------------------------------------- writing

def write_model(name: str, about: dict[str, str], site: dict[str, str], *tables: Table) -> None:
    """A model folder: model.toml and one CSV a table, only with the columns that differ from their default."""
    folder = PROJECT / "models" / name
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f'name = "{name.replace("/", "_")}"', *(f"{key} = {json.dumps(text)}" for key, text in about.items())]
    if site:
        lines += ["", "[site]", *(f'{key} = "{value}"' for key, value in site.items())]
    (folder / "model.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for table in tables:
        shown = [column for column in table.columns() if told(table, column)]
        write_rows(folder / f"{table.kind()}.csv", *zip(*(in_unit(table, column) for column in shown), strict=True))


def told(table: Table, name: str) -> bool:
    """Whether a column says more than its default."""
    column, values = table.columns()[name], getattr(table, name)
    if column.required:
        return True
    return bool(np.any(values != column.fill)) if column.text else bool(np.any(~(np.isnan(values) & np.isnan(column.fill)) & (values != column.fill)))


def in_unit(table: Table, name: str) -> tuple[str, list[str]]:
    """Header with unit, and the values in it."""
    column, values = table.columns()[name], getattr(table, name)
    if column.text:
        return name, list(values)
    unit = SMALL.get(name, SHOWN.get(column.unit, column.unit))
    factor, offset = conversion(unit, column.unit)
    return f"{name} [{unit}]", ["" if np.isnan(value) else f"{(value - offset) / factor:.10g}" for value in values]


def write_rows(path: Path, header: Iterable[str], columns: Iterable[Iterable[object]]) -> None:
    """A CSV from columns; numbers with nine digits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in zip(*columns, strict=True):
            writer.writerow([f"{cell:.9g}" if isinstance(cell, float) else cell for cell in row])


def names(prefix: str, numbers: Iterable[object]) -> list[str]:
    """Row names such as s1, s2."""
    return [f"{prefix}{number}" for number in numbers]


# ---------------------------------------------------------------- six users in line

def six_users() -> None:
    """Cases A to F of six equal users in line: constant water 982 kg/m3, 4.5e-4 Pa s, 4186 J/(kg K); Altshul friction."""
    lifts = dict(zip("abcdef", (57.63, 108.11, 85.87, 57.63, 55.65, 85.87), strict=True))
    for case, lift in lifts.items():
        bores = np.array([0.1325, 0.1325, 0.1071, 0.1071, 0.0825, 0.0697])
        if case == "e":
            bores[4:] = 0.1071, 0.0825
        users = range(1, 7)
        balanced = case in "cf"
        extra = names("v", range(1, 6)) if balanced else []
        supply, back = names("s", range(7)), names("r", range(7))
        node = Node.of(id=[*supply, *back, *extra], pressure=[np.nan] * 7 + [3e5] + [np.nan] * (6 + len(extra)))
        pipe = Pipe.of(
            id=names("supply", users) + names("return", users), tail=supply[:-1] + back[1:], head=supply[1:] + back[:-1],
            length=78.0, diameter=[*bores, *bores], roughness=5e-4, loss=0.0,
        )
        valve = Valve.of(id=names("valve", range(1, 6)), tail=supply[1:6], head=extra, kvs=balancing(bores)) if balanced else Valve.empty()
        plant = Plant.of(id=["plant"], tail=["r0"], head=["s0"], lift=[lift * 1e3], supply_temperature=[75 + KELVIN])
        flow = 180e3 / (4186 * 25)
        kvs = np.full(6, np.sqrt(1.296e9 / (982 * 30e3)) * flow)
        if case == "d":
            kvs[3] /= 2
        consumer = Consumer.of(
            id=names("user", users), tail=[*extra, "s6"] if balanced else supply[1:], head=back[1:], kvs=kvs,
            opening=[0.0 if case == "f" and user == 3 else 1.0 for user in users],
        )
        building = Building.of(id=names("building", users), consumer=names("user", users), design_heat=[180e3] * 6)
        about = {"title": f"Six users in line, case {case.upper()}", "source": "heatnet, computed benchmark", "licence": "MIT"}
        tables = [table for table in (node, pipe, valve, plant, consumer, building) if len(table)]
        write_model(f"six_user/{case}", about, {"design_outdoor": "-24.2 degC"}, *tables)


def balancing(bores: np.ndarray) -> np.ndarray:
    """Kvs of the valves of users 1 to 5 that give every user its design flow where user 6 has none."""
    each = 180e3 / (4186 * 25)
    flow = each * np.arange(6, 0, -1)
    reynolds = 4 * flow / (np.pi * bores * 4.5e-4)
    factor = 0.11 * (5e-4 / bores + 68 / reynolds) ** 0.25
    loss = 2 * factor * 78 * 8 * flow**2 / (np.pi**2 * 982 * bores**5)  # supply and return
    spare = np.cumsum(loss[::-1])[::-1][1:]
    return np.sqrt(1.296e9 / (982 * spare)) * each


# ---------------------------------------------------------------- Barry Island

def barry_island(source: Path) -> None:
    """Supply and return lines as pipes of their own; the return mirrors the supply."""
    nodes, pipes = pd.read_csv(source / "B_nodes.csv"), pd.read_csv(source / "B_pipes.csv")
    slack = nodes.kind == "source_slack"
    node = Node.of(id=names("s", nodes.node) + names("r", nodes.node), pressure=[np.nan] * 32 + [2e5 if held else np.nan for held in slack])
    both = {name: [*pipes[column]] * 2 for name, column in (("length", "L_m"), ("diameter", "D_m"), ("roughness", "roughness_m"), ("loss", "U_W_mK"))}
    pipe = Pipe.of(
        id=names("s", pipes["pipe"]) + names("r", pipes["pipe"]), tail=names("s", pipes.frm) + names("r", pipes.to),
        head=names("s", pipes.to) + names("r", pipes.frm), **both,
    )
    sources = nodes[nodes.kind.str.startswith("source")]
    plant = Plant.of(
        id=names("plant", sources.node), tail=names("r", sources.node), head=names("s", sources.node),
        control=["lift" if kind == "source_slack" else "heat" for kind in sources.kind],
        lift=[3.5e5 if kind == "source_slack" else np.nan for kind in sources.kind], heat_given=sources.heat_W, supply_temperature=70 + KELVIN,
    )
    loads = nodes[nodes.kind == "load"]
    consumer = Consumer.of(
        id=names("load", loads.node), tail=names("s", loads.node), head=names("r", loads.node), control="load",
        heat_given=loads.heat_W, return_temperature=30 + KELVIN,
    )
    about = {
        "title": "Barry Island district heating, one loop and three sources",
        "source": "X. Liu, J. Wu, N. Jenkins, A. Bagdanavicius, Applied Energy 162 (2016) 1238-1250; X. Liu, PhD thesis, Cardiff University 2013",
        "licence": "figures restated from the publications",
    }
    write_model("barry_island", about, {"ground": "10 degC"}, node, pipe, plant, consumer)
    write_rows(ANSWERS / "barry_island" / "flow.csv", ("pipe", "ground 10 [kg/s]", "ground 0 [kg/s]"), (pipes["pipe"], pipes.m_Ta10, pipes.m_Ta0))
    columns = [nodes[f"{what}_Ta{ground}{unit}"] for ground in (10, 0) for what, unit in (("Ts", ""), ("Tr", ""), ("p_rel_slack", "_Pa"))]
    header = [f"{what} ground {ground} {unit}" for ground in (10, 0) for what, unit in (("supply", "[degC]"), ("return", "[degC]"), ("pressure", "[Pa]"))]
    write_rows(ANSWERS / "barry_island" / "node.csv", ("node", *header), (nodes.node, *columns))


# ---------------------------------------------------------------- DESTEST

def destest(source: Path) -> None:
    """Three variants of the tree of 16 buildings; the plant stands at i."""
    given = pd.read_csv(source / "input_pipes.csv")
    given["feeder"] = given.frm.eq("i") | given.to.eq("i")
    for case, feeder, heat in (("l27", None, None), ("l36", 36.0, None), ("l36_19kw", 36.0, 19e3)):
        pipes = given.assign(L_m=np.where(given.feeder & (feeder is not None), feeder, given.L_m))
        users = [name for name in pipes.to if name.startswith("Simple")]
        places = sorted({*pipes.frm, *pipes.to})
        node = Node.of(id=names("s_", places) + names("r_", places), pressure=[np.nan] * len(places) + [2e5 if at == "i" else np.nan for at in places])
        side = [name[0] for name in pipes.side]
        pipe = Pipe.of(
            id=[f"{s}_{a}_{b}" for s, a, b in zip(side, pipes.frm, pipes.to, strict=True)],
            tail=[f"{s}_{a}" for s, a in zip(side, pipes.frm, strict=True)], head=[f"{s}_{b}" for s, b in zip(side, pipes.to, strict=True)],
            length=pipes.L_m, diameter=pipes.d_inner_m, roughness=pipes.roughness_m, loss=pipes.U_W_mK,
        )
        plant = Plant.of(id=["plant"], tail=["r_i"], head=["s_i"], lift=[1e5], supply_temperature=[70 + KELVIN])
        flow = 553 / 3600
        control = {"control": "load", "heat_given": flow * 4180 * 30, "drop": 30.0} if heat is None else {"control": "flow", "flow": flow, "heat_given": heat}
        consumer = Consumer.of(id=users, tail=names("s_", users), head=names("r_", users), **control)
        about = {
            "title": f"IBPSA DESTEST network exercise CE_1, variant {case}", "source": "github.com/ibpsa/project1-destest, Networks/CE_1",
            "licence": "figures restated; the exercise is under a revised BSD licence",
        }
        write_model(f"destest/{case}", about, {"ground": "10 degC"}, node, pipe, plant, consumer)
        answers = pd.read_csv(source / f"expected_pipes_{dict(l27='L26.83', l36='L36', l36_19kw='L36_Q19kW')[case]}.csv")
        rows = (answers.side, answers.frm, answers.to, answers.dp_Pa, answers.T_in, answers.T_out, answers.loss_W)
        write_rows(ANSWERS / "destest" / f"{case}.csv", ("side", "tail", "head", "loss [Pa]", "inlet [degC]", "outlet [degC]", "heat [W]"), rows)
    programs = pd.read_csv(source / "expected_kpi.csv")
    columns = ["closed_form_L26.83", "closed_form_L36", "closed_form_L36_Q19kW", "SIM_VICUS"]
    write_rows(ANSWERS / "destest" / "key.csv", ("quantity", "l27", "l36", "l36_19kw", "SIM-VICUS (as l36_19kw)"), (programs.quantity, *(programs[c] for c in columns)))


# ---------------------------------------------------------------- EPANET

def epanet_tables(folder: Path) -> tuple[Node, Pipe]:
    """Water network as nodes with draws and held pressures; 1000 kg/m3, so kg/s are litres a second."""
    kinds = {"node": str, "pipe": str, "frm": str, "to": str}
    nodes, pipes = (pd.read_csv(folder / f"{name}.csv", dtype=kinds) for name in ("nodes", "pipes"))
    weight = RHO_EPANET * 9.81456
    node = Node.of(
        id=nodes.node, height=nodes.z_m, pressure=(nodes.fixed_head_m - nodes.z_m) * weight,
        inflow=np.where(nodes.fixed_head_m.isna(), -RHO_EPANET * nodes.demand_m3s.fillna(0.0), 0.0),
    )
    pipe = Pipe.of(id=pipes["pipe"], tail=pipes.frm, head=pipes.to, length=pipes.L_m, diameter=pipes.d_m, roughness=pipes.roughness_m, zeta=pipes.minor_K, loss=0.0)
    return node, pipe


def epanet_answers(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Flows [m3/s] and heads [m] by EPANET 2.3.5."""
    pipes, nodes = pd.read_csv(folder / "pipes.csv", dtype={"pipe": str}), pd.read_csv(folder / "ref_nodes.csv", dtype={"node": str})
    return (pd.DataFrame({"pipe": pipes["pipe"], "flow [m3/s]": pipes.flow_ref_m3s}), pd.DataFrame({"node": nodes.node, "head [m]": nodes.head_ref_m}))


def epanet(source: Path) -> None:
    """The networks of up to 200 pipes."""
    for case in ("net1", "hanoi", "anytown", "net3", "zj"):
        about = {
            "title": f"EPANET network {case}, pipes only, at time zero",
            "source": "Kentucky/ASCE data base and classics of water distribution, as shipped by PyPI epyt", "licence": "EUPL-1.2; figures restated",
        }
        write_model(f"epanet_{case}", about, {}, *epanet_tables(source / case))
        for name, frame in zip(("flow", "head"), epanet_answers(source / case), strict=True):
            write_rows(ANSWERS / f"epanet_{case}" / f"{name}.csv", frame.columns, (frame[column] for column in frame))


# ---------------------------------------------------------------- pandapipes' test networks

def pandapipes_fixtures(source: Path) -> None:
    """Small isothermal networks that OpenModelica and STANET solved for pandapipes."""
    cases = []
    for folder in sorted(source.iterdir()):
        tool, *rest = folder.name.split("__")
        case = "_".join([tool, rest[1] if rest[1] not in rest[2] else "", rest[2].removesuffix("_PC")]).replace("__", "_")
        junction, pipes, held = (pd.read_csv(folder / f"{name}.csv", index_col=0) for name in ("junction", "pipe", "ext_grid"))
        inflow = pd.Series(0.0, junction.index)
        for name, sign in (("sink", -1.0), ("source", 1.0)):
            if (folder / f"{name}.csv").exists():
                for row in pd.read_csv(folder / f"{name}.csv").itertuples():
                    inflow[row.junction] += sign * row.mdot_kg_per_s * row.scaling
        pressure = pd.Series(held.p_bar.to_numpy(), held.junction).reindex(junction.index) * 1e5
        node = Node.of(id=names("j", junction.index), height=junction.height_m, pressure=pressure, inflow=inflow)
        pipe = Pipe.of(
            id=names("p", pipes.index), tail=names("j", pipes.from_junction), head=names("j", pipes.to_junction), length=pipes.length_km * 1e3,
            diameter=pipes.inner_diameter_mm / 1e3, roughness=pipes.k_mm / 1e3, zeta=pipes.loss_coefficient, loss=0.0,
        )
        meta = json.loads((folder / "meta.json").read_text())
        about = {"title": f"Test network of pandapipes: {case}", "source": f"github.com/e2nIEE/pandapipes, {meta['source']}", "licence": "BSD-3-Clause; figures restated"}
        write_model(f"pandapipes_fixtures/{case}", about, {}, node, pipe)
        fluid = meta["fluid"]
        cases.append((case, meta["reference_tool"], fluid["density"], fluid["viscosity"], fluid["heat_capacity"] * 1e3))
        answers = ANSWERS / "pandapipes_fixtures"
        write_rows(answers / f"{case}_node.csv", ("node", "pressure [bar]"), (node.id, junction[f"p_{tool}"]))
        write_rows(answers / f"{case}_pipe.csv", ("pipe", "speed [m/s]"), (pipe.id, pipes[f"v_{tool}"]))
        fluids = f"{fluid['density']:.9g} kg/m3 and {fluid['viscosity']:.9g} Pa s"
        (PROJECT / "models" / "pandapipes_fixtures" / case / "README.md").write_text(
            f"# {about['title']}\n\nA small test network of pandapipes (BSD-3-Clause), solved for it by {meta['reference_tool']}; figures restated.\n"
            f"Solve with friction `colebrook`, constant water of {fluids}, no heat.\n"
            "Held pressures are gauge against the air at the node's own height.\n", encoding="utf-8",
        )
    write_rows(ANSWERS / "pandapipes_fixtures" / "case.csv", ("case", "program", "density [kg/m3]", "viscosity [Pa s]", "heat capacity [J/(kg K)]"), zip(*cases, strict=True))


# ---------------------------------------------------------------- Schutterwald

def schutterwald_tables(folder: Path) -> tuple[Table, ...]:
    """The tables of the network; links of no loss are pipes of no length."""
    nodes, pipes, users, links = (pd.read_csv(folder / f"{name}.csv") for name in ("nodes", "pipes", "consumers", "zero_loss_links"))
    node = Node.of(id=names("n", nodes.node), height=nodes.z_m, pressure=np.where(nodes.node == 204, 9e5, np.nan))
    pipe = Pipe.of(
        id=names("p", pipes["pipe"]) + names("link", links.index), tail=names("n", [*pipes.frm, *links.frm]), head=names("n", [*pipes.to, *links.to]),
        length=[*pipes.L_m, *[0.0] * len(links)], diameter=[*pipes.d_m, *[0.1] * len(links)], roughness=5e-5,
        loss=[*(pipes.U_W_m2K * np.pi * pipes.d_m), *[0.0] * len(links)],
    )
    plant = Plant.of(id=["plant"], tail=["n1185"], head=["n204"], lift=[5e5], supply_temperature=[343.15])
    consumer = Consumer.of(id=names("c", users.consumer), tail=names("n", users.frm), head=names("n", users.to), control="flow", flow=0.35, heat_given=users.Q_W)
    return node, pipe, plant, consumer


if __name__ == "__main__":
    figures = Path(sys.argv[1])
    six_users()
    for restate in (barry_island, destest, epanet, pandapipes_fixtures):
        restate(figures / restate.__name__)
