"""Scenarios as lanes of the kernel for many: what of each differs from the network they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from heatnet.change import Change, Scenario
from heatnet.components import Consumer, Edge, Fluid, Pipe, Valve
from heatnet.components.valve import KV
from heatnet.friction import LAWS
from heatnet.network import KINDS, Node
from heatnet.ordering import Longs
from heatnet.schema import Bools, Floats, Ints, Table
from heatnet.solve import hydraulic, lane_values
from heatnet.solve.changed import in_range, positions_of
from heatnet.solve.coupled import Solver
from heatnet.solve.lane_ground import ground
from heatnet.solve.lane_rows import (
    NONE,
    ROWS,
    Known,
    Rows,
    Settled,
    Variant,
    alike_tables,
    changed_kinds,
    edges_of_row,
    lean_table,
    merged_rows,
    part_of,
    put_rows_of,
    reopened,
)
from heatnet.solve.lane_sweeps import WIDTH, Columns, First
from heatnet.solve.lane_tables import Whole, coefficients_of, rows_of_tables, whole_of
from heatnet.solve.lanes import newton_lanes
from heatnet.solve.layout import Layout
from heatnet.solve.rigid import Rigid
from heatnet.solve.space import Spaces
from heatnet.solve.state import State

Own = tuple[Longs, Floats, Ints, Floats]
MUCH = 0.02  # share of all that inlets take beyond which what changes is added up along the network for a first guess
START = 0.3  # share of a usual flow that a link begins with which others keep shut


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
    tables: dict[type[Table], Whole | None]  # the same where many can be prepared at once
    water: Floats  # (2, edges) density and viscosity
    away: tuple[Ints, ...]  # of each scenario: edges that only others add
    columns: Columns  # of the layout's links, with the numbers of the network itself
    first: First  # to begin with
    weight: Floats  # (lanes' links,) share of a loss in the largest one, where the network begins with its own answer
    usual: Floats  # (lanes' links,) flow to begin with where a link is opened
    node: Ints  # (nodes,) program node of each
    rigid: Rigid
    spaces: Spaces[tuple[Any, ...]]
    lost: Ints  # nodes that no held pressure reaches
    tight: float  # kg/s, tolerance of the mass balances
    total: float  # kg/s that all inlets take
    behind: bool  # whether some inlets get their resistance from the buildings behind
    width: int = WIDTH

    @staticmethod
    def of(solver: Solver, cases: tuple[Scenario, ...], start: State | None) -> Variants:
        """Scenarios of a solver without heat and bounded flows, to begin from `start` or from usual flows."""
        arrays, run = solver.arrays, solver.run
        assert run is not None
        shut = np.concatenate([part.table.closed() for part in arrays.parts]) | arrays.rigid
        lean = {kind: lean_table(arrays.part(kind).table) for kind in changed_kinds(cases, whole=True)}
        number = {kind: {name: at for at, name in enumerate(arrays.part(kind).table.id)} for kind in changed_kinds(cases, whole=False)}
        extra = {(type(table), name) for case in cases for table in case.added for name in table.id}
        edges_of = {key: edges_of_row(arrays, key) for key in extra}  # type: ignore[arg-type]
        away = tuple(
            np.array([edge for key in extra - {(type(t), n) for t in case.added for n in t.id} for edge in edges_of[key]], dtype=np.int32)
            for case in cases
        )
        layout, spaces = ground(solver, ~shut | reopened(arrays, cases) & ~arrays.rigid, shut)
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
        begin = at.p, *np.empty((3, size))
        lane_values.first_laws((law.code, law.laminar), columns, begin[0], arrays.program.free, *begin[1:])
        assert solver.rigid is not None
        return Variants(
            solver, run, cases, layout, shut, shut[layout.edge], lean, number, {}, {}, water, away, columns, begin, weight,
            START * run.task.guess[layout.edge], node, solver.rigid, spaces, np.flatnonzero(arrays.lost).astype(np.int32),
            solver.settings.mass_tolerance + 1e-13 * float(np.abs(columns[7]).max(initial=0.0)),
            float(np.abs(first.m[arrays.part(Consumer).span]).sum()), bool(np.isnan(arrays.net[Consumer].kvs).any()),
        )

    def solve(self, rows: Sequence[int], variants: Sequence[Variant], m: Floats, p: Floats) -> Settled:
        """Scenarios of these numbers, at most `width`; flows into m (scenarios, edges) and pressures into p (scenarios, nodes)."""
        arrays, run, layout, settings = self.solver.arrays, self.run, self.layout, self.solver.settings
        kind, free, source = LAWS[run.task.friction], arrays.program.free, run.source
        if any(variant.source is not None for variant in variants):
            blank = [run.source] * (WIDTH - len(variants))
            source = np.stack([run.source if one.source is None else one.source for one in variants] + blank, axis=1)
        own = self._own(variants)
        much = max(variant.turned for variant in variants) > MUCH
        with self.spaces.one() as (flows, pressures, *work):
            pressures[free:] = self.first[0][free:, None]
            for lane, variant in enumerate(variants):
                if variant.held is not None:
                    pressures[free:, lane] = variant.held[free:]
            worst, lost, steps, loose = newton_lanes(
                (kind.code, kind.laminar), layout.tree, self.columns, layout.ends, own, layout.way, source.ravel(), self.first,
                flows.ravel(), pressures.ravel(), (settings.pressure_tolerance, self.tight, min(settings.max_steps, 25), much), tuple(work),
            )
            lanes, most = len(variants), np.empty(WIDTH)
            lane_values.highest(pressures.ravel(), most)
            settled = (np.isfinite(steps) & (loose == layout.loose) & (most < hydraulic.IMMENSE))[:lanes]
            to = np.array(rows, dtype=np.int64)[settled]
            lane_values.gathered(flows.ravel(), layout.place, NONE, settled.nonzero()[0], to, m)
            lane_values.gathered(pressures.ravel(), self.node, run.task.offset, settled.nonzero()[0], to, p)
        self.rigid.fill_all(m, to, [variant.inflow for variant, good in zip(variants, settled, strict=True) if good])
        p[to[:, None], self.lost] = np.nan
        return Settled(settled, np.where(settled, steps[:lanes], 0).astype(np.int32), worst[:lanes], lost[:lanes])

    def _own(self, variants: Sequence[Variant]) -> Own:
        """Coefficients and shut links that differ from lane to lane, as the kernel wants them."""
        links, form = self.layout.link.size, self.columns[4]
        touched, masked = np.zeros(links, dtype=bool), self.base.copy()
        of_own, of_mask = np.empty(links, dtype=np.int64), np.empty(links, dtype=np.int32)
        tables, others = alike_tables([(lane, rows) for lane, variant in enumerate(variants) for rows in variant.rows])
        merged = merged_rows(others)
        for rows in [one[1] for one in tables] + [one[1] for one in merged]:
            lane_values.mark(rows.link, rows.is_open, self.base, touched, masked)
        room, rows_of_masks = lane_values.sizes(touched, masked, form, of_own, of_mask)
        values, masks = np.empty(WIDTH * max(room, 1)), np.empty(WIDTH * 2 * max(rows_of_masks, 1))
        lane_values.shared_values(of_own, of_mask, self.columns, self.base, values, masks)
        for lanes, rows, begin, fresh in tables:
            lane_values.put_tables(rows.link, lanes, begin, fresh, of_own, of_mask, values, masks)
        for lane, rows in merged:
            lane_values.put_rows(rows.link, lane, rows.is_open, rows.begin, rows.fresh, rows.drive, form, of_own, of_mask, values, masks)
        return of_own, values, of_mask, masks

    def prepare(self, rows: Sequence[int]) -> list[Variant | None]:
        """What differs in each of these scenarios; None where it must be solved alone."""
        plain = [row for row in rows if all(self._by_rows(change) for change in self.cases[row].changes)]
        parts: dict[int, list[Rows] | None] = {row: [] for row in plain}
        for kind in ROWS:
            changes = {row: [change for change in self.cases[row].changes if KINDS[change.kind] is kind] for row in plain}
            whole = [row for row in plain if any(change.ids is None for change in changes[row])]
            for row, made_of in zip(whole, self._wholes(kind, [changes[row] for row in whole]), strict=True):
                put_rows_of(parts, row, made_of)
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
        strain = max((float(part.strain.max(initial=0.0)) for part in rows), default=0.0)
        return Variant(rows, strain, sum(part.turned for part in rows), **given)

    def _rows(
        self, known: Known, is_open: Bools, fresh: Floats, drive: Floats = NONE, *, inlets: bool = False, ends: Longs | None = None
    ) -> tuple[Rows, Floats]:
        """Rows with a flow to begin with, and what share of all that inlets take changes in each scenario; `ends` part these."""
        begin, strain = np.empty(known.link.size), np.empty(known.link.size)
        parts = np.array([0, known.link.size]) if ends is None else ends
        turned = np.empty(parts.size - 1)
        law = known.form, known.common, known.first, known.weight, known.was_shut, known.usual
        lane_values.first_guess(law, is_open, fresh, parts, self.total if inlets else 0.0, begin, strain, turned)
        return Rows(known.link, is_open, begin, fresh, drive, strain, float(turned.sum())), turned

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
        rows, _ = self._rows(self._known(link), ~closed[link], np.ascontiguousarray(values[:, link]), drive[link])
        inflow = np.where(changed.lost, 0.0, changed.net[Node].inflow)
        return self._variant(row, (rows,), source=run.source, held=run.held, inflow=inflow)

    def _by_rows(self, change: Change) -> bool:
        kind = KINDS.get(change.kind)
        if kind not in ROWS or change.column not in ROWS[kind] or (kind is Consumer and self.behind):
            return False
        return in_range(kind.columns()[change.column], change.values)

    def _wholes(self, kind: type[Edge], changes: list[list[Change]]) -> list[Rows | None]:
        """Rows of a whole table in each of these scenarios."""
        if kind is not Pipe and len(changes) > 1:
            if kind not in self.tables:
                span = self.solver.arrays.part(kind).span
                self.tables[kind] = whole_of(self._known(self.layout.place[span]), self.water[0, span])
            whole, table = self.tables[kind], self.lean[kind]
            if whole is not None and isinstance(table, Valve | Consumer):
                kv = coefficients_of(table, self.number.get(kind, {}), changes)
                if (made := rows_of_tables(whole, kv, self.total if kind is Consumer else 0.0)) is not None:
                    return [*made]
        return [self._whole(kind, mine) for mine in changes]

    def _whole(self, kind: type[Edge], changes: list[Change]) -> Rows | None:
        """Rows of a whole table in one scenario; None where one turns rigid, or ceases to be."""
        part, number = self.solver.arrays.part(kind), self.number.get(kind, {})
        columns: dict[str, Floats] = {}
        for change in changes:
            if change.ids is None:
                columns[change.column] = np.full(len(part.table), change.values, dtype=np.float64)
                continue
            column = columns.setdefault(change.column, getattr(part.table, change.column).copy())
            positions_of([change], number, 0)
            column[[number[name] for name in change.ids]] = change.values
        found, stiff, _ = self._laws(self.lean[kind].with_(**columns), part.span)
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
        found, stiff, turned = self._laws(table.with_(**columns), edges, ends)
        spans = [slice(a, b) for a, b in pairwise(ends)]
        return [None if stiff[span].any() else part_of(found, span, share) for span, share in zip(spans, turned, strict=True)]

    def _laws(self, table: Table, edges: Longs | slice, ends: Longs | None = None) -> tuple[Rows, Bools, Floats]:
        """Laws of rows of pipes, valves or inlets at the temperature that all water has; which rows turn rigid, or cease to be.

        `ends` part the rows by scenarios; last, what share of all that inlets take changes in each.
        """
        rho, mu = self.water[:, edges]
        known = self.whole.get(type(table)) if isinstance(edges, slice) else None
        known = known or self._known(self.layout.place[edges])
        if isinstance(edges, slice):
            self.whole[type(table)] = known
        stiff = table.rigid() != self.solver.arrays.rigid[edges]  # type: ignore[attr-defined]
        if isinstance(table, Pipe):
            law = table.law(Fluid(rho, mu, rho), self.solver.settings.friction, self.solver.scene)
            found, turned = self._rows(known, ~table.closed(), np.stack(law.coefficients()), ends=ends)
            return found, stiff, turned
        assert isinstance(table, Valve | Consumer)
        fresh, is_open = np.empty((2, len(table))), np.empty(len(table), dtype=bool)
        lane_values.square_rows(table.kvs * table.share(), rho, KV, is_open, fresh)
        found, turned = self._rows(known, is_open, fresh, inlets=isinstance(table, Consumer), ends=ends)
        return found, stiff, turned
