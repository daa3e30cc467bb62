"""Section 8, pipes: flow, speed, gradient, temperatures and heat loss of each, those beyond a limit first."""

from __future__ import annotations

import numpy as np

from heatnet.components import Pipe
from heatnet.report import forms
from heatnet.report.document import Block, Cell, Dots, Fact, Facts, Figure, Head, Line, Paragraph, Section, Table, Tag, Tone
from heatnet.report.palette import DARK, HIGH, LOW
from heatnet.report.view import View
from heatnet.schema import Bools

STILL = 1e-6  # kg/s
MANY = 3000  # pipes


def pipes(view: View) -> Section | None:
    """All pipes with flags."""
    if not len(view.net[Pipe]):
        return None
    say, limits = view.say, view.limits
    steep, fast, slow, still = _flags(view)
    length = view.net[Pipe].length
    tones: tuple[tuple[str, Bools, Tone, dict[str, str]], ...] = (
        ("pipes.steep", steep, "high", {"limit": view.limit(limits.gradient, forms.GRADIENT)}),
        ("pipes.fast", fast, "high", {"limit": view.limit(limits.speed, forms.SPEED)}),
        ("pipes.slow", slow, "low", {"limit": view.limit(limits.slow, forms.SPEED)}), ("pipes.still", still, "low", {}),
    )
    facts = Facts(tuple(
        Fact(say(key, **words), int(mask.sum()), forms.COUNT, view.full(float(length[mask].sum()), forms.KILOMETRES),
             tone if mask.any() else "good")
        for key, mask, tone, words in tones
    ))
    how = say("pipes.how", gradient=view.limit(limits.gradient, forms.GRADIENT), speed=view.limit(limits.speed, forms.SPEED),
              slow=view.limit(limits.slow, forms.SPEED),
              narrow=view.full(limits.slow_diameter, forms.DIAMETER))
    blocks: list[Block] = [Paragraph(how), facts, _chart(view), _table(view, steep, fast, slow, still)]
    return Section("pipes", say("pipes"), tuple(blocks))


def _flags(view: View) -> tuple[Bools, Bools, Bools, Bools]:
    """Pipes that are too steep, too fast, too slow, and those without flow, (pipes,) each."""
    speed, gradient, pipe, limits = view.speed(), np.nan_to_num(view.gradient()), view.net[Pipe], view.limits
    flows = np.abs(view.state.m[view.state.of(Pipe)]) > STILL
    slow = flows & (speed < limits.slow) & (pipe.diameter >= limits.slow_diameter)
    return gradient > limits.gradient, speed > limits.speed, slow, ~flows


def _table(view: View, steep: Bools, fast: Bools, slow: Bools, still: Bools) -> Table:
    say, state, pipe = view.say, view.state, view.net[Pipe]
    span = state.of(Pipe)
    speed, gradient, heat = view.speed(), view.gradient(), state.heat(Pipe)
    per_metre = np.where(pipe.length > 0.0, heat / np.where(pipe.length > 0.0, pipe.length, 1.0), np.nan)
    words = [(steep, say("pipes.flag_steep"), "high"), (fast, say("pipes.flag_fast"), "high"), (slow, say("pipes.flag_slow"), "low"),
             (still, say("pipes.flag_still"), "low")]
    order = np.lexsort((np.arange(len(pipe)), -np.nan_to_num(gradient)))
    loss, m, t_in, t_out = state.loss(Pipe), state.m[span], state.t_in[span], state.t_out[span]
    rows: list[tuple[Cell, ...]] = []
    for row in order.tolist():
        found = [(word, tone) for mask, word, tone in words if mask[row]]
        flag: Cell = Tag(say("list.join").join(word for word, _ in found), found[0][1]) if found else ""  # type: ignore[arg-type]
        rows.append((
            pipe.id[row], pipe.tail[row], pipe.head[row], pipe.type[row], float(pipe.diameter[row]), float(pipe.length[row]), float(m[row]),
            float(speed[row]), float(gradient[row]), float(loss[row]), float(t_in[row]), float(t_out[row]), float(per_metre[row]),
            float(heat[row]), flag,
        ))
    limits = view.limits
    heads = (
        Head(say("pipes.pipe")), Head(say("pipes.from")), Head(say("pipes.to")), Head(say("pipes.type")),
        Head(say("pipes.diameter"), forms.DIAMETER),
        Head(say("pipes.length"), forms.LENGTH), Head(say("flow"), forms.FLOW), Head(say("pipes.speed"), forms.SPEED, high=limits.speed),
        Head(say("pipes.gradient"), forms.GRADIENT, high=limits.gradient), Head(say("pipes.loss"), forms.DIFFERENTIAL),
        Head(say("pipes.inlet"), forms.TEMPERATURE), Head(say("pipes.outlet"), forms.TEMPERATURE),
        Head(say("pipes.per_metre"), forms.HEAT_PER_METRE),
        Head(say("pipes.heat"), forms.POWER), Head(say("balance.flag")),
    )
    totals: tuple[Cell, ...] = (say("total"), "", "", "", "", float(pipe.length.sum()), "", "", "", "", "", "", "", float(heat.sum()), "")
    return Table("pipes", say("pipes.list"), heads, tuple(rows), totals)


def _chart(view: View) -> Figure:
    """Length of pipe by gradient, cumulative; the economic range stands out."""
    say, gradient = view.say, view.gradient()
    span = view.state.of(Pipe)
    flows = (np.abs(view.state.m[span]) > STILL) & ~np.isnan(gradient)
    d = view.net[Pipe].diameter * 1e3
    limit = view.limits.gradient
    series: list[Dots | Line] = []
    steep = np.nan_to_num(gradient) > limit
    for label, mask, colour, shape in (
        (say("pipes.within"), flows & ~steep, LOW, "circle-open"), (say("pipes.flag_steep"), flows & steep, HIGH, "square"),
    ):
        rows = np.flatnonzero(mask)
        if rows.size > MANY:  # points that cover each other are drawn once, without names
            points = np.unique(np.column_stack([d[rows], np.round(gradient[rows])]), axis=0)
            series.append(Dots(label, points[:, 0].tolist(), points[:, 1].tolist(), 6.0, colour, (), shape))  # type: ignore[arg-type]
        elif rows.size:
            names = [str(view.net[Pipe].id[row]) for row in rows]
            series.append(Dots(label, d[rows].tolist(), gradient[rows].tolist(), 6.0, colour, names, shape))  # type: ignore[arg-type]
    far = [float(d.min()), float(d.max())]
    series.append(Line(say("pipes.limit"), far, [limit, limit], DARK, 1.2, "dash"))
    return Figure("gradients", say("pipes.chart"), f"{say('pipes.diameter')} (mm)", f"{say('pipes.gradient')} (Pa/m)", tuple(series))
