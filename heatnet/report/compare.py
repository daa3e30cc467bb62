"""Comparison of two stores of one network: what a retrofit, another setting or another day changes, building by building.

Buildings and inlets are paired by id; what only one store has is counted and said. The first store is "before", the second "after".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from heatnet.components import Consumer
from heatnet.errors import HeatnetError
from heatnet.network import TABLES
from heatnet.report import forms
from heatnet.report.build import about, labels
from heatnet.report.document import (
    Bars,
    Block,
    Cell,
    Document,
    Dots,
    Fact,
    Facts,
    Figure,
    Head,
    Line,
    Paragraph,
    Quantity,
    Section,
    Table,
    Tag,
    Tone,
)
from heatnet.report.forms import Form, number
from heatnet.report.palette import DARK, GOOD, HIGH, LOW, PALER
from heatnet.report.sections.balance import Indices, indices
from heatnet.report.sections.energy import balance_of
from heatnet.report.sections.make_up import make_up
from heatnet.report.sections.rooms_chart import cumulative, edges_of
from heatnet.report.sections.rooms_chart import limits as marks
from heatnet.report.view import Limits, View, view, who_heads
from heatnet.schema import Bools, Floats, Longs
from heatnet.store import Store
from heatnet.units import KELVIN
from heatnet.version import VERSION

CLEAR = 0.05  # K, a smaller change of a room is none


@dataclass(frozen=True)
class Pair:
    """Two views and the rows of the buildings that both have."""

    before: View
    after: View
    one: Longs  # (n,) rows of the buildings before
    other: Longs  # (n,) rows of the same buildings after

    @property
    def rooms(self) -> tuple[Floats, Floats]:
        """Room temperatures [K] before and after, (n,) each."""
        return self.before.rooms.temperature[self.one], self.after.rooms.temperature[self.other]

    @property
    def households(self) -> Floats:
        """Households of each building, (n,)."""
        return self.before.building.households[self.one]

    @property
    def cold(self) -> tuple[Bools, Bools]:
        """Whether each building is below the rule of its own store, (n,) each."""
        return self.before.rooms.cold[self.one], self.after.rooms.cold[self.other]


def compare(
    before: Store, after: Store, lang: str, *, names: Sequence[str] = (), limits: Limits | None = None, scenarios: tuple[int, int] = (0, 0)
) -> Document:
    """The comparison report; `names` are those of the two stores in it. HeatnetError where they share no building, or one has no answer."""
    one, other = (view(store, lang, None, limits or Limits(), (), at) for store, at in zip((before, after), scenarios, strict=True))
    pair = _paired(one, other)
    say = one.say
    given = tuple(names) or (say("compare.before"), say("compare.after"))
    sections = tuple(made for made in (_summary(pair, given), _rooms(pair), _users(pair), _flows(pair), _energy(pair),
                                       _model(pair)) if made)
    subtitle = say("compare.subtitle", before=given[0], after=given[1])
    return Document(lang, say("compare.title"), f"{subtitle} · {about(one)}", sections, labels(say), say("foot", version=VERSION))


def _paired(before: View, after: View) -> Pair:
    row = {name: at for at, name in enumerate(after.building.id)}
    shared = [(at, row[name]) for at, name in enumerate(before.building.id) if name in row]
    if not shared:
        raise HeatnetError("the two stores have no building in common, so there is nothing to compare")
    one, other = (np.array(column, dtype=np.int64) for column in zip(*shared, strict=True))
    return Pair(before, after, one, other)


def _change(old: float, new: float, form: Form, *, less: bool = True) -> tuple[Cell, ...]:
    """Before, after and change; good where it went the way that is wanted (`less`), None of which is judged at equal numbers."""
    gap = new - old
    form_of_gap = Form(*(replace(side, offset=0.0) for side in (form.zh, form.en)))
    printed = form_of_gap.text(abs(gap), "en").strip("0.,") if not np.isnan(gap) else ""
    tone: Tone = "" if not printed else "good" if (gap < 0) == less else "bad"
    return Quantity(old, form), Quantity(new, form), Quantity(gap, form_of_gap, tone)


def _summary(pair: Pair, names: Sequence[str]) -> Section:
    say, (cold, still) = pair.before.say, pair.cold
    people = pair.households
    lifted, robbed = cold & ~still, ~cold & still
    (was, now), rule = pair.rooms, pair.before.rooms.profile
    verdict = say(
        "compare.verdict", before=number(float(cold.sum()), 0), after=number(float(still.sum()), 0), lifted=number(float(lifted.sum()), 0),
        robbed=number(float(robbed.sum()), 0), households=number(float(people[lifted].sum()), 0),
    )
    total = float(people.sum())
    deficits = [view.rooms.deficit[rows] * people for view, rows in ((pair.before, pair.one), (pair.after, pair.other))]
    refunds = [float(np.nansum(view.rooms.refund[rows])) for view, rows in ((pair.before, pair.one), (pair.after, pair.other))]
    mean = [float((room * people).sum() / total) if total else np.nan for room in (was, now)]
    share = [1.0 - float(people[mask].sum()) / total if total else np.nan for mask in (cold, still)]
    rows: list[tuple[Cell, ...]] = [
        (say("summary.cold_buildings"), *_change(float(cold.sum()), float(still.sum()), forms.COUNT)),
        (say("summary.cold_households"), *_change(float(people[cold].sum()), float(people[still].sum()), forms.COUNT)),
        (say("summary.rate_households"), *_change(share[0], share[1], forms.SHARE, less=False)),
        (say("summary.deficit"), *_change(float(deficits[0].sum()), float(deficits[1].sum()), forms.DEFICIT_HOUSEHOLDS)),
        (say("summary.worst"), *_change(float(was.min()), float(now.min()), forms.TEMPERATURE, less=False)),
        (say("cold.mean_room"), *_change(mean[0], mean[1], forms.TEMPERATURE, less=mean[0] > rule.over)),
        (say("summary.over"), *_change(float(np.count_nonzero(was > rule.over)), float(np.count_nonzero(now > rule.over)), forms.COUNT)),
        (say("summary.refund"), *_change(refunds[0], refunds[1], pair.before.per_day)),
        (say("summary.outdoor"), Quantity(pair.before.state.scene.outdoor, forms.TEMPERATURE),
         Quantity(pair.after.state.scene.outdoor, forms.TEMPERATURE),
         Quantity(pair.after.state.scene.outdoor - pair.before.state.scene.outdoor, forms.DIFFERENCE)),
    ]
    facts = Facts((
        Fact(say("compare.lifted"), int(lifted.sum()), forms.COUNT, say("compare.households", n=number(float(people[lifted].sum()), 0)),
             "good"),
        Fact(say("compare.robbed"), int(robbed.sum()), forms.COUNT, say("compare.households", n=number(float(people[robbed].sum()), 0)),
             "bad" if robbed.any() else "good"),
        Fact(say("compare.warmer"), int((now > was + CLEAR).sum()), forms.COUNT),
        Fact(say("compare.colder"), int((now < was - CLEAR).sum()), forms.COUNT),
    ))
    blocks: list[Block] = [Paragraph(verdict, strong=True), facts]
    only = len(pair.before.building) - pair.one.size, len(pair.after.building) - pair.other.size
    if any(only):
        blocks.append(Paragraph(say("compare.only", before=only[0], after=only[1])))
    blocks.append(Table("summary", say("compare.numbers"), _heads(pair, names), tuple(rows)))
    return Section("summary", say("summary"), tuple(blocks))


def _heads(pair: Pair, names: Sequence[str] = ()) -> tuple[Head, ...]:
    say = pair.before.say
    one, other = names or (say("compare.before"), say("compare.after"))
    return Head(say("summary.item")), Head(one), Head(other), Head(say("compare.change"))


def _rooms(pair: Pair) -> Section | None:
    say, people = pair.before.say, pair.households
    if people.sum() <= 0:
        return None
    was, now = (room - KELVIN for room in pair.rooms)
    edges = edges_of(was, now)
    step = float(edges[1] - edges[0])
    middle = (edges[:-1] + step / 2).tolist()
    counts = [np.histogram(room, edges, weights=people)[0].tolist() for room in (was, now)]
    x = f"{say('room')} ({forms.TEMPERATURE.unit(say.lang)})"
    bars = (Bars(say("compare.before"), middle, counts[0], PALER[0], None, "/"), Bars(say("compare.after"), middle, counts[1], LOW))
    curves = (cumulative(was, people, say("compare.curve_before"), DARK, "dash"), cumulative(now, people, say("compare.curve_after"), DARK))
    histogram = Figure("rooms", say("histogram.title"), x, say("histogram.y"), (*bars, *curves), marks(pair.before),
                       right=say("histogram.share"))
    ends = [float(min(was.min(), now.min())) - 0.5, float(max(was.max(), now.max())) + 0.5]
    (cold, still), ids = pair.cold, pair.before.building.id[pair.one]
    series: list[Dots | Line] = []
    for label, mask, colour, shape in (
        (say("compare.stays_warm"), ~cold & ~still, GOOD, "circle"), (say("compare.lifted"), cold & ~still, "#2c6b3c", "triangle-up"),
        (say("compare.stays_cold"), cold & still, LOW, "triangle-down"), (say("compare.robbed"), ~cold & still, HIGH, "square"),
    ):
        if mask.any():
            series.append(Dots(label, was[mask].tolist(), now[mask].tolist(), 7.0, colour, [str(name) for name in ids[mask]], shape))  # type: ignore[arg-type]
    series.append(Line(say("compare.unchanged"), ends, ends, DARK, 1.0, "dash"))
    unit = forms.TEMPERATURE.unit(say.lang)
    scatter = Figure("scatter", say("compare.scatter"), f"{say('compare.room_before')} ({unit})", f"{say('compare.room_after')} ({unit})",
                     tuple(series),
                     square=True)
    return Section("rooms", say("compare.rooms"), (histogram, scatter))


def _users(pair: Pair) -> Section:
    """Every building, the largest change of deficit first."""
    say, view, people = pair.before.say, pair.before, pair.households
    was, now = pair.rooms
    cold, still = pair.cold
    deficit = [part.rooms.deficit[rows] for part, rows in ((pair.before, pair.one), (pair.after, pair.other))]
    ratio = [part.rooms.flow_ratio[rows] for part, rows in ((pair.before, pair.one), (pair.after, pair.other))]
    refund = [part.rooms.refund[rows] for part, rows in ((pair.before, pair.one), (pair.after, pair.other))]
    gain = (deficit[0] - deficit[1]) * people
    verdict: dict[tuple[bool, bool], Cell] = {(True, False): Tag(say("compare.lifted"), "good"),
                                              (False, True): Tag(say("compare.robbed"), "bad"),
               (True, True): Tag(say("compare.stays_cold"), "low"), (False, False): ""}
    building = view.building
    rows: list[tuple[Cell, ...]] = []
    for at in np.lexsort((np.arange(gain.size), -np.abs(gain))).tolist():
        row = int(pair.one[at])
        rows.append((
            building.id[row], building.name[row], building.street[row], building.district[row], float(people[at]), float(was[at]),
            float(now[at]),
            float(now[at] - was[at]), float(ratio[0][at]), float(ratio[1][at]), float(gain[at]), float(refund[1][at] - refund[0][at]),
            verdict[bool(cold[at]), bool(still[at])],
        ))
    t, rule, limits = forms.TEMPERATURE, view.rooms.profile, view.limits
    heads = (
        *(replace(head, link="") for head in who_heads(view)), Head(say("compare.room_before"), t, rule.required, rule.over),
        Head(say("compare.room_after"), t, rule.required, rule.over), Head(say("compare.change"), forms.DIFFERENCE),
        Head(say("compare.x_before"), forms.RATIO, limits.low, limits.high),
        Head(say("compare.x_after"), forms.RATIO, limits.low, limits.high),
        Head(say("compare.gain"), forms.DEFICIT_HOUSEHOLDS), Head(say("compare.refund"), view.per_day), Head(say("compare.verdict_head")),
    )
    totals: tuple[Cell, ...] = (say("total"), "", "", "", float(people.sum()), "", "", "", "", "", float(gain.sum()),
                                float(np.nansum(refund[1] - refund[0])), "")
    return Section("users", say("compare.users"), (Paragraph(say("compare.users_how")),
                                                   Table("users", say("compare.list"), heads, tuple(rows), totals)))


def _flows(pair: Pair) -> Section | None:
    say = pair.before.say
    found: list[Indices] = []
    for part in (pair.before, pair.after):
        if not len(part.net[Consumer]):
            return None
        found.append(indices(part.state.flow_ratio(), np.nan_to_num(part.design_flow), part.limits))
    one, other = found
    rows: list[tuple[Cell, ...]] = [
        (say("balance.share"), *_change(one.good, other.good, forms.COUNT, less=False)),
        (say("balance.under"), *_change(one.under, other.under, forms.COUNT)),
        (say("balance.over"), *_change(one.over, other.over, forms.COUNT)), (say("balance.cv"), *_change(one.cv, other.cv, forms.INDEX)),
        (say("balance.gini"), *_change(one.gini, other.gini, forms.INDEX)),
        (say("balance.mean"), *_change(one.mean, other.mean, forms.RATIO, less=one.mean > 1)),
    ]
    return Section("balance", say("balance"), (Table("indices", say("compare.indices"), _heads(pair), tuple(rows)),))


def _energy(pair: Pair) -> Section:
    say = pair.before.say
    one, other = balance_of(pair.before), balance_of(pair.after)
    rows: list[tuple[Cell, ...]] = [
        (say("energy.heat"), *_change(one["plants"], other["plants"], forms.HEAT)),
        (say("summary.heat_users"), *_change(one["users"], other["users"], forms.HEAT)),
        (say("summary.heat_pipes"), *_change(one["pipes"], other["pipes"], forms.HEAT)),
        (say("energy.wasted"), *_change(one["wasted"], other["wasted"], forms.HEAT)),
        (say("energy.power"), *_change(one["power"], other["power"], forms.POWER)),
        (say("energy.row_water"), *_change(make_up(pair.before)[0], make_up(pair.after)[0], forms.FLOW)),
    ]
    return Section("energy", say("energy"), (Table("energy", say("compare.energy"), _heads(pair), tuple(rows)),))


def _model(pair: Pair) -> Section:
    """Columns of the model that differ, so that a reader sees what was done."""
    say, rows = pair.before.say, list[tuple[Cell, ...]]()
    for kind in TABLES:
        old, new = pair.before.net.tables[kind], pair.after.net.tables[kind]
        at = {name: row for row, name in enumerate(new.id)}
        shared = [(row, at[name]) for row, name in enumerate(old.id) if name in at]
        added = [name for name in new.id if name not in set(old.id)]
        gone = [name for name in old.id if name not in at]
        for key, names in (("compare.added", added), ("compare.gone", gone)):
            if names:
                rows.append((say(f"solver.{kind.kind()}"), say(key), len(names), say("list.join").join(str(name) for name in names[:8])))
        if not shared:
            continue
        one, other = (np.array(column) for column in zip(*shared, strict=True))
        for name, column in kind.columns().items():
            a, b = getattr(old, name)[one], getattr(new, name)[other]
            differs = (a != b) if column.text else ~((a == b) | (np.isnan(a) & np.isnan(b)))
            if name != "id" and differs.any():
                ids = say("list.join").join(str(entry) for entry in old.id[one[differs]][:8])
                rows.append((say(f"solver.{kind.kind()}"), name, int(differs.sum()), ids))
    if not rows:
        return Section("changes", say("compare.changes"), (Paragraph(say("compare.no_changes")),))
    heads = (Head(say("inputs.table")), Head(say("inputs.column")), Head(say("compare.rows"), forms.COUNT), Head(say("compare.ids")))
    return Section("changes", say("compare.changes"), (Paragraph(say("compare.changes_how")),
                                                       Table("changes", say("compare.changes"), heads, tuple(rows))))
