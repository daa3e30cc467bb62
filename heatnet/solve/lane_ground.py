"""What all runs of many scenarios of one network share: the layout of its links, and work memory."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from heatnet.friction import LAWS
from heatnet.schema import Bools
from heatnet.solve.coupled import Solver
from heatnet.solve.lanes import work_memory
from heatnet.solve.layout import Layout, lay_out
from heatnet.solve.space import Spaces

KEPT = 50_000  # links up to which both stay with the network: some 1 kB a link and worker


def ground(solver: Solver, used: Bools, shut: Bools) -> tuple[Layout, Spaces[tuple[Any, ...]]]:
    """Layout of the links used and work memory; those of the last time where they are the same, of networks that are not large."""
    arrays, run = solver.arrays, solver.run
    assert run is not None
    colebrook = LAWS[run.task.friction].code == 0
    key = np.packbits(np.concatenate([used, shut, [colebrook]])).tobytes()
    known: Any = arrays.kept.get(key)
    if known is not None:
        return known[0], known[1]
    layout = lay_out(arrays, run, used, shut)
    spots, entries = int(layout.tree[5].max()) + 1, arrays.program.row.size
    spaces = Spaces(partial(work_memory, layout.link.size, arrays.program.nodes, spots, entries, colebrook))
    arrays.kept.clear()
    if layout.link.size <= KEPT:
        arrays.kept[key] = layout, spaces
    return layout, spaces
