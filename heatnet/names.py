"""Rows of a table by id, for tables of millions of rows.

A dict of strings waits for memory at every look-up. Here the 64-bit hash that Python keeps in every string is taken once, and
all look-ups of a column are made together in arrays: a table of 2^b rows is addressed by b bits of the hash times an odd
constant (multiplicative hashing, Knuth, TAOCP 3, 6.4); ids that find their place taken go to a smaller table, and so on;
the last few thousand to a dict. Every find is compared with the id itself, so that equal hashes do no harm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.schema import Ints, Longs, Texts

FEW = 4000  # ids that a dict finds as quickly
GOLDEN = 0x9E3779B97F4A7C15  # 2^64 over the golden ratio


@dataclass(frozen=True)
class Names:
    """The ids of a table, to be found by name; of an id that stands several times the last row is found."""

    ids: Texts
    hashes: Longs  # (ids,)
    tables: tuple[Ints, ...]  # each (2^b,) row, -1 where empty
    rest: dict[str, int]

    @staticmethod
    def of(ids: Texts) -> Names:
        """Index of these ids."""
        hashes = _hashes(ids)
        left = np.arange(ids.size, dtype=np.int32)
        tables: list[Ints] = []
        while left.size > FEW:
            table = np.full(1 << (int(left.size).bit_length() + 1), -1, dtype=np.int32)
            slot = _slots(hashes[left], table.size, len(tables))
            table[slot] = left
            taken = table[slot] != left
            if 2 * np.count_nonzero(taken) > left.size:  # more often than chance has it: the same id many times
                break
            tables.append(table)
            left = left[taken]
        return Names(ids, hashes, tuple(tables), dict(zip(ids[left].tolist(), left.tolist(), strict=True)))

    def rows(self, wanted: Texts) -> Ints:
        """Row of each name, -1 where there is none."""
        found = np.full(wanted.size, -1, dtype=np.int32)
        left = np.arange(wanted.size, dtype=np.int32)
        hashes = _hashes(wanted) if self.tables else np.zeros(0, dtype=np.int64)
        for level, table in enumerate(self.tables):
            row = table[_slots(hashes, table.size, level)]
            hit = (row >= 0) & (self.hashes[row] == hashes)
            found[left[hit]] = row[hit]
            left, hashes = left[~hit], hashes[~hit]
        at = np.flatnonzero(found >= 0)
        wrong = at[self.ids[found[at]] != wanted[at]]  # another name of the same hash
        if wrong.size:
            every = dict(zip(self.ids.tolist(), range(self.ids.size), strict=True))
            found[wrong] = [every.get(name, -1) for name in wanted[wrong]]
        if self.rest:
            found[left] = np.fromiter((self.rest.get(name, -1) for name in wanted[left].tolist()), np.int32, left.size)
        return found

    def every(self, wanted: Texts) -> Ints:
        """Row of each name; KeyError names the first that is not there."""
        found = self.rows(wanted)
        if np.any(found < 0):
            raise KeyError(wanted[int(np.argmax(found < 0))])
        return found


def unique(ids: Texts) -> bool:
    """Whether no id stands twice; False also where two share a hash."""
    ranked = np.sort(_hashes(ids))
    return not np.any(ranked[1:] == ranked[:-1])


def _hashes(names: Texts) -> Longs:
    return np.fromiter(map(hash, names.tolist()), np.int64, names.size)


def _slots(hashes: Longs, size: int, level: int) -> Longs:
    """Place of each hash in the table of a level, whose size is a power of two."""
    mixed = hashes.view(np.uint64) * np.uint64((GOLDEN + 2 * level) % 2**64)
    return (mixed >> np.uint64(65 - size.bit_length())).astype(np.int64)
