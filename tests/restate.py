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
from typing import Any

import numpy as np
import pandas as pd

from heatnet.components import Consumer, Pipe, Plant
from heatnet.network import Node
from heatnet.schema import Table
from heatnet.units import KELVIN, conversion

PROJECT = Path(__file__).resolve().parents[1]
ANSWERS = PROJECT / "tests" / "reference"
SHOWN = {"K": "degC", "Pa": "kPa", "W": "kW"}  # unit written in a header instead of the SI unit
SMALL = {"diameter": "mm", "roughness": "mm"}
VARIANTS = {"l27": "L26.83", "l36": "L36", "l36_19kw": "L36_Q19kW"}  # of DESTEST, by length of the feeders
RHO_EPANET = 1000.0  # kg/m3, free to choose: EPANET counts volume


# ---------------------------------------------------------------- writing

def write_model(name: str, about: dict[str, str], note: str, site: dict[str, str], *tables: Table) -> None:
    """A model folder: model.toml, README.md and one CSV a table, only with the columns that differ from their default."""
    folder = PROJECT / "models" / name
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f'name = "{name.replace("/", "_")}"', *(f"{key} = {json.dumps(text)}" for key, text in about.items())]
    if site:
        lines += ["", "[site]", *(f'{key} = "{value}"' for key, value in site.items())]
    (folder / "model.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    readme = f"# {about['title']}\n\n{note}\n\nSource: {about['source']}. Licence: {about['licence']}.\n"
    (folder / "README.md").write_text(readme, encoding="utf-8")
    for table in tables:
        shown = [column for column in table.columns() if told(table, column)]
        write_rows(folder / f"{table.kind()}.csv", *zip(*(in_unit(table, column) for column in shown), strict=True))


def told(table: Table, name: str) -> bool:
    """Whether a column says more than its default."""
    column, values = table.columns()[name], getattr(table, name)
    if column.required:
        return True
    if column.text:
        return bool(np.any(values != column.fill))
    return not np.array_equal(values, np.full(len(values), column.fill), equal_nan=True)


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


# ---------------------------------------------------------------- Barry Island

def barry_island(source: Path) -> None:
    """Supply and return lines as pipes of their own; the return mirrors the supply."""
    nodes, pipes = pd.read_csv(source / "B_nodes.csv"), pd.read_csv(source / "B_pipes.csv")
    slack = nodes.kind == "source_slack"
    node = Node.of(id=names("s", nodes.node) + names("r", nodes.node), pressure=[np.nan] * 32 + [*np.where(slack, 2e5, np.nan)])
    columns = {"length": "L_m", "diameter": "D_m", "roughness": "roughness_m", "loss": "U_W_mK"}
    both = {name: [*pipes[column]] * 2 for name, column in columns.items()}
    pipe = Pipe.of(
        id=names("s", pipes["pipe"]) + names("r", pipes["pipe"]), tail=names("s", pipes.frm) + names("r", pipes.to),
        head=names("s", pipes.to) + names("r", pipes.frm), **both,
    )
    sources = nodes[nodes.kind.str.startswith("source")]
    plant = Plant.of(
        id=names("plant", sources.node), tail=names("r", sources.node), head=names("s", sources.node),
        control=np.where(slack[sources.index], "lift", "heat"), lift=np.where(slack[sources.index], 3.5e5, np.nan),
        heat_given=sources.heat_W, supply_temperature=70 + KELVIN,
    )
    loads = nodes[nodes.kind == "load"]
    consumer = Consumer.of(
        id=names("load", loads.node), tail=names("s", loads.node), head=names("r", loads.node), control="load",
        heat_given=loads.heat_W, return_temperature=30 + KELVIN,
    )
    about = {
        "title": "Barry Island district heating, one loop and three sources",
        "source": "Liu, Wu, Jenkins, Bagdanavicius, Applied Energy 2016; X. Liu, PhD thesis, Cardiff University 2013",
        "licence": "figures restated from the publications",
    }
    note = (
        "Supply line as published; the return line mirrors it. Two sources give a fixed heat (nodes 1 and 32), the slack at 31 holds\n"
        "a lift of 350 kPa, large enough for every consumer; consumers take a fixed heat and return 30 degC.\n\n"
        "Solve with: friction `colebrook`, constant water 960 kg/m3, 2.8224e-4 Pa s (0.294e-6 m2/s), 4182 J/(kg K)."
    )
    write_model("barry_island", about, note, {"ground": "10 degC"}, node, pipe, plant, consumer)
    barry_island_answers(nodes, pipes)


def barry_island_answers(nodes: pd.DataFrame, pipes: pd.DataFrame) -> None:
    """Flows, temperatures and pressures against the slack's supply node, with ground at 10 and at 0 degC."""
    header = ("pipe", "ground 10 [kg/s]", "ground 0 [kg/s]")
    write_rows(ANSWERS / "barry_island" / "flow.csv", header, (pipes["pipe"], pipes.m_Ta10, pipes.m_Ta0))
    shown = {
        f"{what} ground {ground} [{unit}]": nodes[f"{column}_Ta{ground}{end}"] for ground in (10, 0)
        for what, unit, column, end in (
            ("supply", "degC", "Ts", ""), ("return", "degC", "Tr", ""), ("pressure", "Pa", "p_rel_slack", "_Pa"),
        )
    }
    write_rows(ANSWERS / "barry_island" / "node.csv", ("node", *shown), (nodes.node, *shown.values()))


# ---------------------------------------------------------------- DESTEST

def destest(source: Path) -> None:
    """Three variants of the tree of 16 buildings; the plant stands at i."""
    given = pd.read_csv(source / "input_pipes.csv")
    for case, published in VARIANTS.items():
        feeder = given.frm.eq("i") | given.to.eq("i")
        pipes = given if case == "l27" else given.assign(L_m=np.where(feeder, 36.0, given.L_m))
        destest_model(case, pipes)
        answers = pd.read_csv(source / f"expected_pipes_{published}.csv")
        rows = (answers.side, answers.frm, answers.to, answers.dp_Pa, answers.T_in, answers.T_out, answers.loss_W)
        header = ("side", "tail", "head", "loss [Pa]", "inlet [degC]", "outlet [degC]", "heat [W]")
        write_rows(ANSWERS / "destest" / f"{case}.csv", header, rows)
    key = pd.read_csv(source / "expected_kpi.csv")
    shown = {case: key[f"closed_form_{published}"] for case, published in VARIANTS.items()} | {"SIM-VICUS": key.SIM_VICUS}
    write_rows(ANSWERS / "destest" / "key.csv", ("quantity", *shown), (key.quantity, *shown.values()))


def destest_model(case: str, pipes: pd.DataFrame) -> None:
    """One variant: loads of a given drop, or given flows with 19 kW."""
    users = [name for name in pipes.to if name.startswith("Simple")]
    places = sorted({*pipes.frm, *pipes.to})
    held = [2e5 if place == "i" else np.nan for place in places]
    node = Node.of(id=names("s_", places) + names("r_", places), pressure=[np.nan] * len(places) + held)
    tail, head = ([f"{side[0]}_{place}" for side, place in zip(pipes.side, pipes[end], strict=True)] for end in ("frm", "to"))
    pipe = Pipe.of(
        id=[f"{a}_{b[2:]}" for a, b in zip(tail, head, strict=True)], tail=tail, head=head,
        length=pipes.L_m, diameter=pipes.d_inner_m, roughness=pipes.roughness_m, loss=pipes.U_W_mK,
    )
    plant = Plant.of(id=["plant"], tail=["r_i"], head=["s_i"], lift=[1e5], supply_temperature=[70 + KELVIN])
    flow = 553 / 3600  # kg/s
    how: dict[str, Any] = {"control": "load", "heat_given": flow * 4180 * 30, "drop": 30.0}
    if case == "l36_19kw":
        how = {"control": "flow", "flow": flow, "heat_given": 19e3}
    consumer = Consumer.of(id=users, tail=names("s_", users), head=names("r_", users), **how)
    about = {
        "title": f"IBPSA DESTEST network exercise CE_1, variant {case}", "source": "github.com/ibpsa/project1-destest, Networks/CE_1",
        "licence": "figures restated; the exercise is under a revised BSD licence",
    }
    what = "19 kW and 553 kg/h each" if case == "l36_19kw" else "loads with a drop of 30 K, 553 kg/h each"
    note = (
        f"Tree of 16 buildings: {what}. PEX pipes 50x4.6 to 25x2.3 with the dimensions the published results were\n"
        f"computed with; feeders of {'26.83' if case == 'l27' else '36'} m at the plant, which holds 100 kPa.\n\n"
        "Solve with: friction `colebrook`, constant water 988 kg/m3, 5.434e-4 Pa s, 4180 J/(kg K)."
    )
    write_model(f"destest/{case}", about, note, {"ground": "10 degC"}, node, pipe, plant, consumer)


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
    pipe = Pipe.of(
        id=pipes["pipe"], tail=pipes.frm, head=pipes.to, length=pipes.L_m, diameter=pipes.d_m, roughness=pipes.roughness_m,
        zeta=pipes.minor_K, loss=0.0,
    )
    return node, pipe


def epanet_answers(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Flows [m3/s] and heads [m] by EPANET 2.3.5, indexed by pipe and node."""
    pipes = pd.read_csv(folder / "pipes.csv", dtype={"pipe": str}, index_col="pipe")
    nodes = pd.read_csv(folder / "ref_nodes.csv", dtype={"node": str}, index_col="node")
    return pipes[["flow_ref_m3s"]].set_axis(["flow [m3/s]"], axis=1), nodes[["head_ref_m"]].set_axis(["head [m]"], axis=1)


def epanet(source: Path) -> None:
    """The networks of up to 200 pipes."""
    for case in ("net1", "hanoi", "anytown", "net3", "zj"):
        about = {
            "title": f"EPANET network {case}, pipes only, at time zero",
            "source": "Kentucky/ASCE data base and classics of water distribution, as shipped by PyPI epyt",
            "licence": "EUPL-1.2; figures restated",
        }
        note = (
            "Water network with pumps and valves cut out (their flow became a draw), roughness 0.25 mm. Reservoirs and tanks are nodes\n"
            "of held pressure; volume flows became mass flows of water of 1000 kg/m3, so kg/s are litres a second.\n\n"
            "Solve with: friction `epanet`, gravity 9.81456 m/s2, no heat, constant water 1000 kg/m3, 1.02193344e-3 Pa s."
        )
        write_model(f"epanet_{case}", about, note, {}, *epanet_tables(source / case))
        for name, frame in zip(("flow", "head"), epanet_answers(source / case), strict=True):
            write_rows(ANSWERS / f"epanet_{case}" / f"{name}.csv", (frame.index.name, *frame), (frame.index, *(frame[c] for c in frame)))


# ---------------------------------------------------------------- pandapipes' test networks

def pandapipes_fixtures(source: Path) -> None:
    """Small isothermal networks that OpenModelica and STANET solved for pandapipes."""
    cases, nodes, pipes = [], [], []
    for folder in sorted(source.iterdir()):
        tool, _, group, name = folder.name.replace("om__water_colebrook", "om__water").split("__")
        name = name.removesuffix("_PC")
        case = f"{tool}_{name}" if name.startswith(group) or group == "one_pipe" else f"{tool}_{group}_{name}"
        node, pipe = fixture_tables(folder)
        meta = json.loads((folder / "meta.json").read_text())
        fluid, tool_name = meta["fluid"], meta["reference_tool"]
        about = {
            "title": f"Test network of pandapipes: {case}, answer by {tool_name}",
            "source": f"github.com/e2nIEE/pandapipes, {meta['source']}", "licence": "BSD-3-Clause; figures restated",
        }
        note = (
            "Held pressures are gauge against the air at the node's own height.\n\nSolve with: friction `colebrook371`, gravity 9.81 m/s2, "
            f"no heat,\nconstant water {fluid['density']:.9g} kg/m3, {fluid['viscosity']:.9g} Pa s."
        )
        write_model(f"pandapipes_fixtures/{case}", about, note, {}, node, pipe)
        cases.append((case, tool_name, fluid["density"], fluid["viscosity"]))
        pressures = pd.read_csv(folder / "junction.csv")
        nodes += zip([case] * len(node), node.id, pressures[f"p_{tool}"], pressures.p_pandapipes_bar, strict=True)
        pipes += zip([case] * len(pipe), pipe.id, pd.read_csv(folder / "pipe.csv")[f"v_{tool}"], strict=True)
    answers = ANSWERS / "pandapipes_fixtures"
    write_rows(answers / "case.csv", ("case", "program", "density [kg/m3]", "viscosity [Pa s]"), zip(*cases, strict=True))
    write_rows(answers / "node.csv", ("case", "node", "program [bar]", "pandapipes [bar]"), zip(*nodes, strict=True))
    write_rows(answers / "pipe.csv", ("case", "pipe", "speed [m/s]"), zip(*pipes, strict=True))


def fixture_tables(folder: Path) -> tuple[Node, Pipe]:
    """Nodes with held pressures, draws and gifts; pipes."""
    junction, pipes, held = (pd.read_csv(folder / f"{name}.csv", index_col=0) for name in ("junction", "pipe", "ext_grid"))
    inflow = pd.Series(0.0, junction.index)
    for name, sign in (("sink", -1.0), ("source", 1.0)):
        if (folder / f"{name}.csv").exists():
            for row in pd.read_csv(folder / f"{name}.csv").itertuples():
                inflow[row.junction] += sign * row.mdot_kg_per_s * row.scaling
    pressure = pd.Series(held.p_bar.to_numpy(), held.junction).reindex(junction.index) * 1e5
    node = Node.of(id=names("j", junction.index), height=junction.height_m, pressure=pressure, inflow=inflow)
    pipe = Pipe.of(
        id=names("p", pipes.index), tail=names("j", pipes.from_junction), head=names("j", pipes.to_junction),
        length=pipes.length_km * 1e3, diameter=pipes.inner_diameter_mm / 1e3, roughness=pipes.k_mm / 1e3,
        zeta=pipes.loss_coefficient, loss=0.0,
    )
    return node, pipe


# ---------------------------------------------------------------- Schutterwald

def schutterwald_tables(folder: Path) -> tuple[Table, ...]:
    """The tables of the network; links of no loss are pipes of no length."""
    nodes, pipes, users, links = (pd.read_csv(folder / f"{name}.csv") for name in ("nodes", "pipes", "consumers", "zero_loss_links"))
    node = Node.of(id=names("n", nodes.node), height=nodes.z_m, pressure=np.where(nodes.node == 204, 9e5, np.nan))
    pipe = Pipe.of(
        id=names("p", pipes["pipe"]) + names("link", links.index), tail=names("n", [*pipes.frm, *links.frm]),
        head=names("n", [*pipes.to, *links.to]), length=[*pipes.L_m, *[0.0] * len(links)], diameter=[*pipes.d_m, *[0.1] * len(links)],
        roughness=5e-5, loss=[*(pipes.U_W_m2K * np.pi * pipes.d_m), *[0.0] * len(links)],
    )
    plant = Plant.of(id=["plant"], tail=["n1185"], head=["n204"], lift=[5e5], supply_temperature=[343.15])
    consumer = Consumer.of(
        id=names("c", users.consumer), tail=names("n", users.frm), head=names("n", users.to), control="flow", flow=0.35,
        heat_given=users.Q_W,
    )
    return node, pipe, plant, consumer


if __name__ == "__main__":
    figures = Path(sys.argv[1])
    for restate in (barry_island, destest, epanet, pandapipes_fixtures):
        restate(figures / restate.__name__)
