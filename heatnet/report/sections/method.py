"""Method and solver: residuals, size and source of the model, warnings, assumptions."""

from __future__ import annotations

import numpy as np

from heatnet.components import Pipe
from heatnet.network import TABLES
from heatnet.report.document import Block, Head, Items, Paragraph, Section, Table
from heatnet.report.forms import number
from heatnet.report.sections.summary import status
from heatnet.report.view import View
from heatnet.version import VERSION
from heatnet.water import ConstantWater

ASSUMPTIONS = ("solver.steady", "solver.radiator", "solver.loss", "solver.unverified")


def method(view: View) -> Section:
    """How the numbers came about."""
    say, state = view.say, view.state
    text = say(
        "solver.steps", status=status(view), steps=state.steps, passes=state.passes,
        friction=say(f"friction.{state.settings.friction}"), water=_water(view),
    )
    blocks: list[Block] = [Paragraph(text), _residuals(view), _size(view)]
    if view.net.about:
        rows = tuple((str(key), str(value)) for key, value in sorted(view.net.about.items()))
        blocks.append(Table("about", say("solver.about"), (Head(say("solver.key")), Head(say("solver.text"))), rows))
    blocks += [Paragraph(say("solver.assumptions")), Items(tuple(say(key) for key in ASSUMPTIONS))]
    if view.warnings:
        blocks += [Paragraph(say("solver.warnings", n=len(view.warnings))), Items(view.warnings)]
    blocks.append(Paragraph(say("solver.version", written=view.store.version, now=VERSION)))
    return Section("solver", say("solver"), tuple(blocks))


def _water(view: View) -> str:
    water = view.state.settings.water
    if isinstance(water, ConstantWater):
        return view.say("water.constant", rho=f"{water.rho:g}", mu=f"{water.mu:g}", cp=f"{water.cp:g}")
    return view.say("water.varies")


def _residuals(view: View) -> Table:
    say, left = view.say, view.state.residuals
    found = (("mass", left.mass, "kg/s"), ("pressure", left.pressure, "Pa"), ("energy", left.energy, "W"), ("load", left.load, "W"),
             ("balance", left.balance, "W"), ("weight", left.weight, "Pa"))
    rows = tuple((say(f"solver.{name}"), f"{value:.1e}", unit) for name, value, unit in found)
    heads = (Head(say("solver.what")), Head(say("solver.value")), Head(say("solver.unit")))
    return Table("residuals", say("solver.residuals"), heads, rows)


def _size(view: View) -> Table:
    say, net = view.say, view.net
    rows = [(say(f"solver.{kind.kind()}"), number(len(net.tables[kind]), 0), "") for kind in TABLES if len(net.tables[kind])]
    rows.append((say("solver.pipe_length"), number(float(np.sum(net[Pipe].length)) / 1e3, 2), "km"))
    return Table("size", say("solver.model"), (Head(say("solver.what")), Head(say("solver.count")), Head(say("solver.unit"))), tuple(rows))
