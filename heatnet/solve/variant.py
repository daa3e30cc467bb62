"""Scenarios as lanes of the kernel for many: what of each differs from the network they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from heatnet.arrays import Arrays
from heatnet.change import Change, Scenario
from heatnet.components import Consumer, Edge, Exchanger, Fluid, Pipe, Secondary, Valve
from heatnet.components.valve import SquareLaw, resistance
from heatnet.friction import LAWS
from heatnet.network import KINDS, Node
from heatnet.ordering import Longs
from heatnet.schema import Bools, Floats, Ints, Table
from heatnet.solve import hydraulic
from heatnet.solve.changed import in_range, positions_of
from heatnet.solve.coupled import Solver
from heatnet.solve.lane_rows import NONE, Known, Rows, Variant, lean_table, merged_rows, part_of, put_rows_of
from heatnet.solve.lane_sweeps import WIDTH, Columns, First
from heatnet.solve.lane_values import first_guess, first_laws, gathered, mark, put_rows, shared_values, spread
from heatnet.solve.lanes import newton_lanes
from heatnet.solve.layout import Layout, lay_out
from heatnet.solve.rigid import Rigid
from heatnet.solve.space import Spaces
from heatnet.solve.state import State

ROWS = {Pipe: (), Valve: (), Consumer: ("control", "flow", "heat_given", "return_temperature", "drop")}  # prepared row by row, save these
Space = tuple[Any, ...]
Own = tuple[Longs, Floats, Ints, Floats]
START = 0.3  # share of a usual flow that a link begins with which others keep shut


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
    lean: dict[type[Edge], Table]  # tables with texts that compare fast
    number: dict[type[Edge], dict[str, int]]  # rows by id
    whole: dict[type[Table], Known]  # of tables that a scenario changed from top to bottom
    water: Floats  # (2, edges) density and viscosity
    away: tuple[Ints, ...]  # of each scenario: edges that only others add
    columns: Columns  # of the layout's links, with the numbers of the network itself
    first: First  # to begin with
    weight: Floats  # (lanes' links,) share of a loss in the largest one, where the network begins with its own answer
    usual: Floats  # (lanes' links,) flow to begin with where a link is opened
    node: Ints  # (nodes,) program node of each
    rigid: Rigid
    spaces: Spaces[Space]
    behind: bool  # whether some inlets get their resistance from the buildings behind
    width: int = WIDTH

    @staticmethod
    def of(solver: Solver, cases: tuple[Scenario, ...], start: State | None) -> Variants:
        """Scenarios of a solver without heat and bounded flows, to begin from `start` or from usual flows."""
        arrays, run = solver.arrays, solver.run
        assert run is not None
        shut = np.concatenate([part.table.closed() for part in arrays.parts]) | arrays.rigid
        lean = {kind: lean_table(arrays.part(kind).table) for kind in ROWS}
        number = {kind: {name: at for at, name in enumerate(arrays.part(kind).table.id)} for kind in ROWS}
        extra = {(type(table), name) for case in cases for table in case.added for name in table.id}
        edges_of = {key: _edges(arrays, key) for key in extra}  # type: ignore[arg-type]
        away = tuple(
            np.array([edge for key in extra - {(type(t), n) for t in case.added for n in t.id} for edge in edges_of[key]], dtype=np.int32)
            for case in cases
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
        common = np.ascontiguousarray(run.coefficients[:, link].T).ravel()
        columns = (*layout.columns, common, drive, first.m[layout.edge])
        weight = np.zeros(link.size)
        if start is not None:
            far, column = layout.columns[1], np.repeat(np.arange(arrays.program.free + 1), np.diff(layout.columns[0]))
            loss = np.abs(at.p[column] - at.p[far] + layout.columns[2] * drive) * ~shut[layout.edge]
            weight = loss / max(float(loss.max(initial=0.0)), 1.0)
        water = np.stack([solver.settings.water.density(solver.field.mean), solver.settings.water.viscosity(solver.field.mean)])
        law, size = LAWS[run.task.friction], link.size
        begin = at.p, np.empty(size), np.empty(size), np.empty(size)
        first_laws((law.code, law.laminar), columns, begin[0], arrays.program.free, *begin[1:])
        assert solver.rigid is not None
        plan, colebrook = arrays.program, law.code == 0
        spaces = Spaces(partial(_space, size, plan.nodes, int(layout.tree[5].max()) + 1, plan.row.size, colebrook))
        return Variants(
            solver, run, cases, layout, shut, shut[layout.edge], lean, number, {}, water, away, columns, begin, weight,
            START * run.task.guess[layout.edge], node, solver.rigid, spaces,
            bool(np.isnan(arrays.net[Consumer].kvs).any()),
        )

    def solve(self, rows: Sequence[int], variants: Sequence[Variant], m: Floats, p: Floats) -> Settled:
        """Scenarios of these numbers, at most `width`; flows into m (scenarios, edges) and pressures into p (scenarios, nodes)."""
        arrays, run, layout, settings = self.solver.arrays, self.run, self.layout, self.solver.settings
        kind, free, source = LAWS[run.task.friction], arrays.program.free, run.source
        if any(variant.source is not None for variant in variants):
            blank = [run.source] * (WIDTH - len(variants))
            source = np.stack([run.source if one.source is None else one.source for one in variants] + blank, axis=1)
        tight = settings.mass_tolerance + 1e-13 * float(np.abs(self.columns[7]).max(initial=0.0))
        own = self._own(variants)
        with self.spaces.one() as (flows, pressures, *work):
            pressures[free:] = self.first[0][free:, None]
            for lane, variant in enumerate(variants):
                if variant.held is not None:
                    pressures[free:, lane] = variant.held[free:]
            worst, lost, steps, loose = newton_lanes(
                (kind.code, kind.laminar), layout.tree, self.columns, own, layout.way, source.ravel(), self.first,
                flows.ravel(), pressures.ravel(), (settings.pressure_tolerance, tight, min(settings.max_steps, 25)), tuple(work),
            )
            lanes = len(variants)
            highest = np.maximum(pressures.max(axis=0), -pressures.min(axis=0))
            settled = (np.isfinite(steps) & (loose == layout.loose) & (highest < hydraulic.IMMENSE))[:lanes]
            to = np.array(rows, dtype=np.int64)[settled]
            spread(flows.ravel(), layout.edge, settled.nonzero()[0], to, m)
            gathered(pressures.ravel(), self.node, run.task.offset, settled.nonzero()[0], to, p)
        self.rigid.fill_all(m, to, [variant.inflow for variant, good in zip(variants, settled, strict=True) if good])
        p[to[:, None], np.flatnonzero(arrays.lost)] = np.nan
        return Settled(settled, np.where(settled, steps[:lanes], 0).astype(np.int32), worst[:lanes], lost[:lanes])

    def _own(self, variants: Sequence[Variant]) -> Own:
        """Coefficients and shut links that differ from lane to lane, as the kernel wants them."""
        links = self.layout.link.size
        touched, masked = np.zeros(links, dtype=bool), self.base.copy()
        merged = merged_rows([(lane, rows) for lane, variant in enumerate(variants) for rows in variant.rows])
        for _, rows in merged:
            mark(rows.link, rows.is_open, self.base, touched, masked)
        wide = np.where(touched, np.where(self.columns[4] == 1, 4, 6), 0)
        of_own = np.where(touched, WIDTH * (np.cumsum(wide) - wide), -1).astype(np.int64)
        of_mask = np.where(masked, np.cumsum(masked) - 1, -1).astype(np.int32)
        values = np.empty(WIDTH * max(int(wide.sum()), 1))
        masks = np.empty(WIDTH * 2 * max(int(masked.sum()), 1))
        shared_values(of_own, of_mask, self.columns, self.base, values, masks)
        for lane, rows in merged:
            put_rows(
                rows.link, lane, rows.is_open, rows.begin, rows.fresh, rows.drive, self.columns[4], of_own, of_mask, values, masks
            )
        return of_own, values, of_mask, masks

    def prepare(self, rows: Sequence[int]) -> list[Variant | None]:
        """What differs in each of these scenarios; None where it must be solved alone."""
        plain = [row for row in rows if all(self._by_rows(change) for change in self.cases[row].changes)]
        parts: dict[int, list[Rows] | None] = {row: [] for row in plain}
        for kind in ROWS:
            changes = {row: [change for change in self.cases[row].changes if KINDS[change.kind] is kind] for row in plain}
            whole = [row for row in plain if any(change.ids is None for change in changes[row])]
            for row in whole:
                put_rows_of(parts, row, self._whole(kind, changes[row]))
            some = [row for row in plain if changes[row] and all(change.ids is not None for change in changes[row])]
            if some:
                for row, found in zip(some, self._some(kind, [changes[row] for row in some]), strict=True):
                    put_rows_of(parts, row, found)
        made = {row: None if found is None else self._variant(row, tuple(found)) for row, found in parts.items()}
        return [made[row] if row in made else self._compiled(row) for row in rows]

    def _variant(self, row: int, rows: tuple[Rows, ...], **given: Floats) -> Variant:
        away = self.layout.place[self.away[row]]
        if away.size:
            rows = (*rows, Rows(away, np.zeros(away.size, dtype=bool), np.zeros(away.size), np.zeros((0, away.size)), NONE, NONE))
        return Variant(rows, max((float(part.strain.max(initial=0.0)) for part in rows), default=0.0), **given)

    def _rows(self, known: Known, is_open: Bools, fresh: Floats, drive: Floats = NONE) -> Rows:
        """Rows with a flow to begin with."""
        begin, strain = np.empty(known.link.size), np.empty(known.link.size)
        first_guess(
            known.form, known.common, known.first, known.weight, known.was_shut, known.usual, is_open, fresh, begin, strain
        )
        return Rows(known.link, is_open, begin, fresh, drive, strain)

    def _known(self, link: Ints) -> Known:
        """What the network itself says of links of the layout, -1 for those it leaves out."""
        at = np.maximum(link, 0)
        common = np.ascontiguousarray(self.columns[5].reshape(-1, 4)[at].T)
        return Known(
            link, self.columns[4][at], common, self.columns[7][at], np.where(link >= 0, self.weight[at], 0.0), self.base[at], self.usual[at]
        )

    def _compiled(self, row: int) -> Variant | None:
        """A scenario whose changes act on the whole network."""
        changed = self.solver.arrays.with_changes(Scenario(self.cases[row].name, self.cases[row].changes))
        if changed.program is not self.solver.arrays.program:
            return None
        solver = Solver.of(changed, self.solver.settings)
        if solver.run is None or solver.run.chosen.size or solver.run.task.regulators is not None:
            return None
        run, layout, plan = solver.run, self.layout, changed.program
        if not np.array_equal(run.task.offset, self.run.task.offset) or (layout.columns[1] == plan.nodes - 1).any():
            return None  # pressures of merged nodes are told from the network's own offsets
        closed = (np.concatenate([part.table.closed() for part in changed.parts]) | changed.rigid)[layout.edge]
        values, before = run.coefficients[:, layout.link], self.run.coefficients[:, layout.link]
        drive = run.drive[layout.link]
        beside = (run.held != self.run.held)[layout.columns[1]]
        differs = (values != before).any(axis=0) | (drive != self.columns[6]) | (closed != self.base) | beside
        link = np.flatnonzero(differs).astype(np.int32)
        rows = self._rows(self._known(link), ~closed[link], np.ascontiguousarray(values[:, link]), drive[link])
        inflow = np.where(changed.lost, 0.0, changed.net[Node].inflow)
        return self._variant(row, (rows,), source=run.source, held=run.held, inflow=inflow)

    def _by_rows(self, change: Change) -> bool:
        kind = KINDS.get(change.kind)
        column = kind.columns().get(change.column) if kind in ROWS and kind is not None else None
        if kind is Consumer and self.behind:
            return False  # their resistance follows from the buildings behind
        if column is None or change.column in ROWS[kind]:  # type: ignore[index]
            return False
        return column.text is False and in_range(column, change.values)

    def _whole(self, kind: type[Edge], changes: list[Change]) -> Rows | None:
        """Rows of a whole table in one scenario; None where one turns rigid, or ceases to be."""
        part, number = self.solver.arrays.part(kind), self.number[kind]
        columns: dict[str, Floats] = {}
        for change in changes:
            column = columns.setdefault(change.column, getattr(part.table, change.column).copy())
            positions_of([change], number, 0)
            column[slice(None) if change.ids is None else [number[name] for name in change.ids]] = change.values
        found, stiff = self._laws(self.lean[kind].with_(**columns), part.span)
        return None if stiff.any() else found

    def _some(self, kind: type[Edge], changes: list[list[Change]]) -> list[Rows | None]:
        """Some rows of a table in many scenarios, worked out at once."""
        part, number = self.solver.arrays.part(kind), self.number[kind]
        rows = [positions_of(mine, number, len(part.table)) for mine in changes]
        ends = np.cumsum([0, *(each.size for each in rows)])
        table = part.table.take(np.concatenate(rows))
        columns: dict[str, Floats] = {}
        for given, mine, first, last in zip(changes, rows, ends[:-1], ends[1:], strict=True):
            for change in given:
                column = columns.setdefault(change.column, getattr(table, change.column).copy())[first:last]
                column[np.searchsorted(mine, [number[name] for name in change.ids or ()])] = change.values
        edges = part.span.start + np.concatenate(rows)
        found, stiff = self._laws(table.with_(**columns), edges)
        return [None if stiff[a:b].any() else part_of(found, slice(a, b)) for a, b in pairwise(ends)]

    def _laws(self, table: Table, edges: Longs | slice) -> tuple[Rows, Bools]:
        """Laws of rows of pipes, valves or inlets at the temperature that all water has; which rows turn rigid, or cease to be."""
        rho, mu = self.water[:, edges]
        known = self.whole.get(type(table)) if isinstance(edges, slice) else None
        known = known or self._known(self.layout.place[edges])
        if isinstance(edges, slice):
            self.whole[type(table)] = known
        stiff = table.rigid() != self.solver.arrays.rigid[edges]  # type: ignore[attr-defined]
        if isinstance(table, Pipe):
            law = table.law(Fluid(rho, mu, rho), self.solver.settings.friction, self.solver.scene)
            return self._rows(known, ~table.closed(), np.stack(law.coefficients())), stiff
        assert isinstance(table, Valve | Consumer)
        share = table.share()
        return self._rows(known, share > 0.0, np.stack(SquareLaw(resistance(table.kvs * share, rho)).coefficients())), stiff


def _edges(arrays: Arrays, key: tuple[type[Edge], str]) -> list[int]:
    """Edges of a row: two of an exchanger, else one."""
    row = int(np.flatnonzero(arrays.part(key[0]).table.id == key[1])[0])
    return [arrays.part(kind).span.start + row for kind in ((Exchanger, Secondary) if key[0] is Exchanger else (key[0],))]


def _space(links: int, nodes: int, spots: int, entries: int, colebrook: bool) -> Space:
    """Work memory of one block: m and p by lanes, then what the kernel needs."""
    lanes = np.empty((links, WIDTH)), np.empty((nodes, WIDTH))
    own = np.empty(links * WIDTH, np.float32), np.empty(links * WIDTH), np.empty((links if colebrook else 1) * WIDTH)
    matrix = np.empty((entries + 1) * WIDTH, np.float32), np.empty(spots * WIDTH, np.float32), np.empty(nodes * WIDTH, np.float32)
    return (*lanes, *own, *matrix, np.empty(spots * WIDTH), np.empty(spots * WIDTH))
