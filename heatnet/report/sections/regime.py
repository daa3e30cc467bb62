"""Rules of the pressure regime, where they were checked: margins by rule, zones, and the list of what is broken."""

from __future__ import annotations

import numpy as np

from heatnet.report import forms
from heatnet.report.document import Block, Paragraph, Table
from heatnet.report.frames import Shown, table_of
from heatnet.report.view import View
from heatnet.schema import Floats, Texts

MARGIN, VIOLATION, ZONE = "pressure_margin", "pressure_violation", "pressure_zone"  # tables of the store
DIFFERENCE = "pressure_difference"


def needed(view: View, table: str, ids: Texts) -> Floats:
    """Needed pressure difference of inlets ("consumer") or exchangers by id [Pa]; NaN where it was not checked, (n,)."""
    frame = view.table(DIFFERENCE)
    if frame is None:
        return np.full(len(ids), np.nan)
    of = frame[frame["table"].astype(str) == table]
    known = dict(zip(of["id"].astype(str), 1e3 * of["needed [kPa]"].astype(float), strict=True))
    return np.array([known.get(str(name), np.nan) for name in ids], dtype=np.float64)


def rules(view: View) -> list[Block]:
    """Verdict, margins of each rule, and zones; nothing where no rules were checked."""
    say, margins, violations, zones = view.say, view.table(MARGIN), view.table(VIOLATION), view.table(ZONE)
    if margins is None:
        return []
    count = 0 if violations is None else len(violations)
    blocks: list[Block] = [
        Paragraph(say("regime.broken", n=count) if count else say("regime.kept"), strong=count > 0),
        _worded(view, table_of(margins, "pressure_rules", say("regime.rules"), [
            Shown("rule", say("regime.rule")), Shown("state", say("regime.state")), Shown("table", say("regime.table")),
            Shown("checked", say("regime.checked"), digits=0), Shown("beyond", say("regime.beyond"), digits=0),
            Shown("least margin [kPa]", say("regime.margin"), low=0.0), Shown("where", say("regime.where")),
        ])),
    ]
    if zones is not None and len(zones):
        blocks.append(table_of(zones, "pressure_zones", say("regime.zones"), [
            Shown("zone", say("regime.zone"), digits=0), Shown("points", say("regime.points")),
            Shown("static line, lowest [m]", say("regime.static_low"), forms.HEAD),
            Shown("static line, highest [m]", say("regime.static_high"), forms.HEAD),
            Shown("nodes", say("solver.node"), digits=0), Shown("buildings", say("buildings"), digits=0),
            Shown("ground, lowest [m]", say("regime.ground_low"), digits=1),
            Shown("ground, highest [m]", say("regime.ground_high"), digits=1),
            Shown("make-up [kg/s]", say("regime.make_up")),
        ]))
    return blocks


def broken(view: View) -> list[Block]:
    """Every violation, the worst of each rule first."""
    say, violations = view.say, view.table(VIOLATION)
    if violations is None or not len(violations):
        return []
    return [_worded(view, table_of(violations, "pressure_violations", say("regime.violations"), [
        Shown("rule", say("regime.rule")), Shown("state", say("regime.state")), Shown("table", say("regime.table")),
        Shown("id", say("regime.id")),
        Shown("value [kPa]", say("regime.value")), Shown("limit [kPa]", say("regime.limit")),
        Shown("margin [kPa]", say("regime.margin"), low=0.0),
    ]))]


def _worded(view: View, table: Table) -> Table:
    """Names of rules, states and tables in words."""
    say = view.say
    rows = []
    for row in table.rows:
        cells = list(row)
        for at in range(3):
            key = f"regime.{('rule', 'state', 'of')[at]}.{cells[at]}"
            if say.known(key):
                cells[at] = say(key)
        rows.append(tuple(cells))
    return Table(table.name, table.title, table.heads, tuple(rows), table.totals)
