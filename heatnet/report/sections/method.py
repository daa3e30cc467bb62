"""Section 12, appendix: method, formulas, assumptions, residuals, versions."""

from __future__ import annotations

from heatnet.report import forms
from heatnet.report.document import Block, Head, Items, Paragraph, Section, Table
from heatnet.report.sections.summary import status
from heatnet.report.view import View
from heatnet.version import VERSION
from heatnet.water import ConstantWater

FORMULAS = ("pipe", "heat", "radiator", "room", "ratio", "refund", "cause", "power")
ASSUMPTIONS = ("steady", "radiator", "loss", "limits", "unverified")


def method(view: View) -> Section:
    """How the numbers came about."""
    say, state = view.say, view.state
    text = say(
        "solver.steps", status=status(view), steps=state.steps, passes=state.passes,
        friction=say(f"friction.{state.settings.friction}"), water=_water(view),
    )
    limits = view.limits
    words = {
        "low": view.band[0], "high": view.band[1],
        "gradient": view.limit(limits.gradient, forms.GRADIENT), "speed": view.limit(limits.speed, forms.SPEED),
    }
    blocks: list[Block] = [Paragraph(text), _residuals(view), _formulas(view), Paragraph(say("solver.assumptions"))]
    blocks.append(Items(tuple(say(f"assumed.{key}", **(words if key == "limits" else {})) for key in ASSUMPTIONS)))
    blocks.append(Paragraph(say("solver.version", written=view.store.version, now=VERSION)))
    return Section("solver", say("solver"), tuple(blocks))


def _water(view: View) -> str:
    water, plain = view.state.settings.water, forms.COUNT
    if isinstance(water, ConstantWater):
        return view.say("water.constant", rho=view.limit(water.rho, plain), mu=view.limit(water.mu, plain), cp=view.limit(water.cp, plain))
    return view.say("water.varies")


def _residuals(view: View) -> Table:
    say, left = view.say, view.state.residuals
    found = (("mass", left.mass, "kg/s"), ("pressure", left.pressure, "Pa"), ("energy", left.energy, "W"), ("load", left.load, "W"),
             ("balance", left.balance, "W"), ("weight", left.weight, "Pa"))
    rows = tuple((say(f"solver.{name}"), f"{value:.1e}", unit) for name, value, unit in found)
    heads = (Head(say("solver.what")), Head(say("solver.value")), Head(say("solver.unit")))
    return Table("residuals", say("solver.residuals"), heads, rows)


def _formulas(view: View) -> Table:
    say = view.say
    rows = tuple((say(f"formula.{key}"), say(f"formula.{key}.law"), say(f"formula.{key}.source")) for key in FORMULAS)
    return Table("formulas", say("solver.formulas"), (Head(say("solver.what")), Head(say("solver.law")), Head(say("solver.source"))), rows)
