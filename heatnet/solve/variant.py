"""Scenarios as lanes of the kernel for many: what of each differs from the network they share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from heatnet.arrays import Arrays
from heatnet.change import Change, Scenario
from heatnet.components import Consumer, Edge, Fluid, Pipe, Valve
from heatnet.components.valve import SquareLaw, resistance
from heatnet.friction import LAWS
from heatnet.network import KINDS, Node
from heatnet.ordering import Longs
from heatnet.schema import Bools, Floats, Ints, Table
from heatnet.solve import hydraulic
from heatnet.solve.changed import in_range, positions_of
from heatnet.solve.coupled import Solver
from heatnet.solve.lanes import WIDTH, Columns, gathered, newton_lanes, own_values, put_lane, spread
from heatnet.solve.layout import Layout, lay_out
from heatnet.solve.rigid import Rigid
from heatnet.solve.space import Spaces
from heatnet.solve.state import State

ROWS = {Pipe: (), Valve: (), Consumer: ("control", "flow", "heat_given", "return_temperature", "drop")}  # prepared row by row, save these
Space = tuple[Any, ...]
START = 0.3  # share of a usual flow that a link begins with which others keep shut


@dataclass(frozen=True)
class Variant:
    """What differs in one scenario, in the numbers of the layout."""

    rows: Ints
    values: Floats  # (rows, 5) coefficients and drive
    turned: Ints  # links that are shut here and open in the network itself, or the other way round
    begin: tuple[Ints, Floats]  # links that are open here only, and their first flow [kg/s]
    source: Floats | None  # (program nodes,)
    held: Floats | None  # (program nodes,) held pressures
    inflow: Floats | None  # (nodes,)


@dataclass(frozen=True)
class _Rows:
    """Changed rows of one table in one scenario."""

    edges: Ints
    fresh: Floats  # (rows, 5)
    shut: Bools
    stiff: bool  # whether a row turns rigid, or ceases to be


@dataclass(frozen=True)
class Settled:
    """Answers of a block, a row a lane."""

    settled: Bools
    steps: Ints
    pressure_residual: Floats
    mass_residual: Floats


@dataclass(frozen=True)
class Variants:
    """Scenarios of a network ready to be taken side by side."""

    solver: Solver
    run: hydraulic.Run
    cases: tuple[Scenario, ...]
    layout: Layout
    shut: Bools  # (edges,) in the network itself
    base: Bools  # the same of the layout's links
    number: dict[type[Edge], dict[str, int]]  # rows by id
    away: tuple[Ints, ...]  # of each scenario: edges that only others add
    drive: Floats  # (lanes' links,) of the network itself, with the pressures where both ends are held
    m: Floats  # (edges,) to begin with
    p: Floats  # (program nodes,)
    weight: Floats  # (lanes' links,) share of a loss in the largest one, where the network begins with its own answer
    node: Ints  # (nodes,) program node of each
    rigid: Rigid
    spaces: Spaces[Space]
    width: int = WIDTH

    @staticmethod
    def of(solver: Solver, cases: tuple[Scenario, ...], start: State | None) -> Variants:
        """Scenarios of a solver without heat and bounded flows, to begin from `start` or from usual flows."""
        arrays, run = solver.arrays, solver.run
        assert run is not None
        shut = np.concatenate([part.table.closed() for part in arrays.parts]) | arrays.rigid
        number = {kind: {name: at for at, name in enumerate(arrays.part(kind).table.id)} for kind in ROWS}
        extra = {(type(table), name) for case in cases for table in case.added for name in table.id}
        edge_of = {key: arrays.part(key[0]).span.start + _row(arrays, key) for key in extra}  # type: ignore[arg-type]
        away = tuple(
            np.array([edge_of[key] for key in extra - {(type(t), n) for t in case.added for n in t.id}], dtype=np.int32) for case in cases
        )
        reopened = np.zeros(arrays.edges, dtype=bool)
        for case in cases:
            for change in case.changes:
                if change.column in ("opening", "kvs", "leakage") and KINDS.get(change.kind) in ROWS:
                    reopened[arrays.part(KINDS[change.kind]).span] = True  # type: ignore[arg-type]
        layout = lay_out(arrays, run, ~shut | reopened & ~arrays.rigid, shut)
        first = solver.first_flows(start)
        at = hydraulic.begin(run, first)
        ends, link = arrays.program.ends, layout.link
        outside = layout.columns[1] == arrays.program.nodes - 1
        drive = run.drive[link] + np.where(outside, (run.held[ends[0]] - run.held[ends[1]])[link], 0.0)
        node = arrays.program.node[arrays.clusters.of]
        weight = np.zeros(link.size)
        if start is not None:
            far, column = layout.columns[1], np.repeat(np.arange(arrays.program.free + 1), np.diff(layout.columns[0]))
            loss = np.abs(at.p[column] - at.p[far] + layout.columns[2] * drive) * ~shut[layout.edge]
            weight = loss / max(float(loss.max(initial=0.0)), 1.0)
        assert solver.rigid is not None
        plan, colebrook = arrays.program, LAWS[run.task.friction].code == 0
        spaces = Spaces(partial(_space, layout.link.size, plan.nodes, int(layout.tree[5].max()) + 1, plan.row.size, colebrook))
        return Variants(solver, run, cases, layout, shut, shut[layout.edge], number, away, drive, first.m, at.p, weight, node, solver.rigid, spaces)

    def solve(self, block: list[int], m: Floats, p: Floats) -> Settled:
        """The scenarios with these numbers, at most `width`; flows into m (block, edges) and pressures into p (block, nodes)."""
        variants = self._variants(block)
        run, layout = self.run, self.layout
        common = np.ascontiguousarray(run.coefficients[:, layout.link].T).ravel()
        columns = (*layout.columns, common, self.drive, self.m[layout.edge])
        with self.spaces.one() as space:
            return self._take(variants, columns, self._own(variants, columns), space, m, p)

    def _take(
        self, variants: list[Variant | None], columns: Columns, own: tuple[Longs, Floats, Ints, Floats], space: Space,
        flow: Floats, pressure: Floats,
    ) -> Settled:
        arrays, run, layout, settings = self.solver.arrays, self.run, self.layout, self.solver.settings
        kind = LAWS[run.task.friction]
        m, p, *work = space
        free, source = arrays.program.free, run.source
        p[free:] = self.p[free:, None]
        if any(variant is not None and variant.source is not None for variant in variants):
            source = np.stack([run.source if one is None or one.source is None else one.source for one in _full(variants)], axis=1)
        for lane, variant in enumerate(variants):
            if variant is not None and variant.held is not None:
                p[free:, lane] = variant.held[free:]
        tight = settings.mass_tolerance + 1e-13 * float(np.abs(self.m).max(initial=0.0))
        worst, lost, steps, loose = newton_lanes(
            (kind.code, kind.laminar), layout.tree, columns, own, layout.way, source.ravel(), self.p, m.ravel(), p.ravel(),
            (settings.pressure_tolerance, tight, min(settings.max_steps, 25)),
            tuple(work),
        )
        highest = np.maximum(p.max(axis=0), -p.min(axis=0))
        posed = np.array([variant is not None for variant in variants] + [False] * (WIDTH - len(variants)))
        settled = posed & np.isfinite(steps) & (loose == layout.loose) & (highest < hydraulic.IMMENSE)
        lanes = len(variants)
        flow[:] = 0.0
        spread(m.ravel(), layout.edge, lanes, flow)
        self.rigid.fill_all(flow, [None if variant is None else variant.inflow for variant in variants])
        pressure[:] = run.task.offset
        gathered(p.ravel(), self.node, lanes, pressure)
        pressure[:, arrays.lost] = np.nan
        flow[~settled[:lanes]], pressure[~settled[:lanes]] = np.nan, np.nan
        return Settled(settled[:lanes], np.where(np.isfinite(steps), steps, 0)[:lanes].astype(np.int32), worst, lost)

    def _own(self, variants: list[Variant | None], columns: Columns) -> tuple[Longs, Floats, Ints, Floats]:
        """Coefficients and shut links that differ from lane to lane."""
        links = self.layout.link.size
        touched, masked = np.zeros(links, dtype=bool), self.base.copy()
        for variant in variants:
            if variant is not None:
                touched[variant.rows] = True
                masked[variant.turned] = True
        first = columns[7]
        wide = np.where(touched, np.where(columns[4] == 1, 4, 6), 0)
        of_own = np.where(touched, WIDTH * (np.cumsum(wide) - wide), -1).astype(np.int64)
        values = np.empty(WIDTH * max(int(wide.sum()), 1))
        own_values(of_own, columns, values)
        shut, of_mask = np.flatnonzero(masked), np.full(links, -1, dtype=np.int32)
        of_mask[shut] = np.arange(shut.size)
        open_ = np.empty((max(shut.size, 1), 2, WIDTH))
        open_[: shut.size] = np.stack([np.where(self.base[shut], 0.0, 1.0), first[shut]], axis=1)[:, :, None]
        for lane, variant in enumerate(variants):
            if variant is not None:
                put_lane(variant.rows, variant.values, self.weight, of_own, columns, lane, values)
                open_[of_mask[variant.turned], 0, lane] = self.base[variant.turned]
                open_[of_mask[variant.begin[0]], 1, lane] = variant.begin[1]
                mine = of_own[variant.begin[0]] >= 0
                values[of_own[variant.begin[0]][mine] + WIDTH + lane] = variant.begin[1][mine]
        return of_own, values, of_mask, open_.ravel()

    def _variants(self, block: list[int]) -> list[Variant | None]:
        """What differs in each scenario; None where it must be solved alone."""
        plain = [all(self._by_rows(change) for change in self.cases[row].changes) for row in block]
        quick = iter(self._by_row([(self.cases[row], self.away[row]) for row, easy in zip(block, plain, strict=True) if easy]))
        return [next(quick) if easy else self._variant(self.cases[row], self.away[row]) for row, easy in zip(block, plain, strict=True)]

    def _variant(self, case: Scenario, away: Ints) -> Variant | None:
        """A scenario whose changes act on the whole network."""
        changed = self.solver.arrays.with_changes(Scenario(case.name, case.changes))
        if changed.program is not self.solver.arrays.program:
            return None
        solver = Solver.of(changed, self.solver.settings)
        if solver.run is None or solver.run.chosen.size:
            return None
        run, layout, plan = solver.run, self.layout, changed.program
        closed = np.concatenate([part.table.closed() for part in changed.parts]) | changed.rigid
        closed[away] = True
        values = np.concatenate([run.coefficients[:, layout.link], run.drive[None, layout.link]]).T
        before = np.concatenate([self.run.coefficients[:, layout.link], self.run.drive[None, layout.link]]).T
        rows = np.flatnonzero((values != before).any(axis=1) & ~closed[layout.edge]).astype(np.int32)
        if not np.array_equal(run.task.offset, self.run.task.offset) or (layout.columns[1] == plan.nodes - 1).any():
            return None  # pressures of merged nodes are told from the network's own offsets
        opened = np.flatnonzero((self.shut & ~closed)[layout.edge]).astype(np.int32)
        begin = opened, START * run.task.guess[layout.edge[opened]]
        turned = np.flatnonzero(closed[layout.edge] != self.base).astype(np.int32)
        return Variant(rows, values[rows], turned, begin, run.source, run.held, np.where(changed.lost, 0.0, changed.net[Node].inflow))

    def _by_rows(self, change: Change) -> bool:
        kind = KINDS.get(change.kind)
        column = kind.columns().get(change.column) if kind in ROWS and kind is not None else None
        if kind is Consumer and np.isnan(self.solver.arrays.net[Consumer].kvs).any():
            return False  # their resistance follows from the buildings behind
        if column is None or change.column in ROWS[kind]:  # type: ignore[index]
            return False
        return column.text is False and in_range(column, change.values)

    def _by_row(self, cases: list[tuple[Scenario, Ints]]) -> list[Variant | None]:
        """Scenarios that change numbers in rows of pipes, valves and inlets only, all rows of a table worked out at once."""
        parts: list[list[_Rows]] = [[] for _ in cases]
        for kind in ROWS:
            changes = [[change for change in case.changes if KINDS[change.kind] is kind] for case, _ in cases]
            lanes = [lane for lane, mine in enumerate(changes) if mine]
            if not lanes:
                continue
            part, number = self.solver.arrays.part(kind), self.number[kind]
            rows = [positions_of(changes[lane], number, len(part.table)) for lane in lanes]
            ends = np.cumsum([0, *(each.size for each in rows)])
            table = part.table.take(np.concatenate(rows))
            columns: dict[str, Floats] = {}
            for lane, mine, first, last in zip(lanes, rows, ends[:-1], ends[1:], strict=True):
                for change in changes[lane]:
                    column = columns.setdefault(change.column, getattr(table, change.column).copy())[first:last]
                    where = slice(None) if change.ids is None else np.searchsorted(mine, [number[name] for name in change.ids])
                    column[where] = change.values
            table = table.with_(**columns)
            edges = part.span.start + np.concatenate(rows)
            fresh, shut = self._fresh(table, edges)
            stiff = table.rigid() != self.solver.arrays.rigid[edges]
            for lane, first, last in zip(lanes, ends[:-1], ends[1:], strict=True):
                here = slice(first, last)
                parts[lane].append(_Rows(edges[here], fresh[here], shut[here], bool(stiff[here].any())))
        return [self._from_rows(mine, away) for mine, (_, away) in zip(parts, cases, strict=True)]

    def _from_rows(self, parts: list[_Rows], away: Ints) -> Variant | None:
        if any(part.stiff for part in parts):
            return None
        turned = [self.layout.place[away[~self.shut[away]]]]
        nothing = np.zeros(0, dtype=np.int32)
        rows, values, opened, flows = [nothing], [np.zeros((0, 5))], [nothing], [np.zeros(0)]
        for part in parts:
            here = self.layout.place[part.edges]
            if away.size:
                here = np.where(np.isin(part.edges, away), -1, here)
            was = self.shut[part.edges]
            turned.append(here[(part.shut != was) & (here >= 0)])
            live = (here >= 0) & ~part.shut
            part.fresh[:, 4] = self.drive[np.maximum(here, 0)]
            rows.append(here[live])
            values.append(part.fresh[live])
            if (live & was).any():
                opened.append(here[live & was])
                flows.append(START * self.run.task.guess[part.edges[live & was]])
        begin = np.concatenate(opened), np.concatenate(flows)
        return Variant(np.concatenate(rows), np.concatenate(values), np.unique(np.concatenate(turned)), begin, None, None, None)

    def _fresh(self, table: Table, edges: Ints) -> tuple[Floats, Bools]:
        """Coefficients (rows, 5) of some rows of pipes, valves or inlets at the temperature that all water has; which are shut."""
        settings, mean = self.solver.settings, self.solver.field.mean[edges]
        rho, fresh = settings.water.density(mean), np.ones((len(table), 5))
        if isinstance(table, Pipe):
            law = table.law(Fluid(rho, settings.water.viscosity(mean), rho), settings.friction, self.solver.scene)
            for line, coefficient in enumerate(law.coefficients()):
                fresh[:, line] = coefficient
            return fresh, table.closed()
        assert isinstance(table, Valve | Consumer)
        share = table.share()
        fresh[:, 0], fresh[:, 1] = SquareLaw(resistance(table.kvs * share, rho)).coefficients()
        return fresh, np.asarray(share <= 0.0)


def _row(arrays: Arrays, key: tuple[type[Edge], str]) -> int:
    return int(np.flatnonzero(arrays.part(key[0]).table.id == key[1])[0])


def _full(variants: list[Variant | None]) -> list[Variant | None]:
    """One for every lane."""
    return [*variants, *[None] * (WIDTH - len(variants))]


def _space(links: int, nodes: int, spots: int, entries: int, colebrook: bool) -> Space:
    """Work memory of one block: m and p by lanes, then what the kernel needs."""
    lanes = np.empty((links, WIDTH)), np.empty((nodes, WIDTH))
    own = np.empty(links * WIDTH, np.float32), np.empty(links * WIDTH), np.empty((links if colebrook else 1) * WIDTH)
    matrix = np.empty((entries + 1) * WIDTH, np.float32), np.empty(spots * WIDTH, np.float32), np.empty(nodes * WIDTH, np.float32)
    return (*lanes, *own, *matrix, np.empty(spots * WIDTH), np.empty(spots * WIDTH))
