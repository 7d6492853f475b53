"""What of declared limits holds: each notification takes the place of earlier ones for the time that it covers.

Units declare their maximum export and import limits anew whenever these change, and a feed brings every declaration.
At an instant the one with the highest notification sequence holds; of two with the same sequence, the later notified.
Between its ends a line runs straight, so a line that another one cuts keeps its slope.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from loaders.errors import LoadError

COLUMNS = ("bm_unit", "time_from", "time_to", "level_from_mw", "level_to_mw", "notification_sequence")
_TOLD = ("landing", "source_row")

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Whole = np.ndarray[Any, np.dtype[np.int64]]


def resolved(declared: pa.Table) -> pa.Table:
    """The lines that hold, in order of unit and time, none over another; times without a declaration are left out.

    declared  rows of a dataset of limits, one a line: COLUMNS, notification_time (where known), landing and source_row.
              Levels in MW, as declared: export limits are zero or more, import limits zero or less
    Gives the same columns; a line that another cuts comes in pieces. A line of no length holds at no time.
    Raises LoadError for rows of a dataset that has no notification sequence.
    """
    missing = [name for name in COLUMNS if name not in declared.column_names]
    if missing:
        raise LoadError(f"limits: found no column {', '.join(missing)}, wanted lines that are declared anew.")
    unit = declared.column("bm_unit").combine_chunks().dictionary_encode()
    unit = unit.combine_chunks() if isinstance(unit, pa.ChunkedArray) else unit
    starts, ends = _whole(declared, "time_from"), _whole(declared, "time_to")
    rank = _ranks(declared)
    pieces: list[tuple[Whole, Whole, Whole]] = []
    codes = unit.indices.to_numpy(zero_copy_only=False)
    names = unit.dictionary.to_pylist()
    for code in sorted(range(len(names)), key=names.__getitem__):
        pieces.append(_holding(np.flatnonzero((codes == code) & (ends > starts)), starts, ends, rank))
    row, begin, end = (np.concatenate([piece[n] for piece in pieces] or [np.zeros(0, np.int64)]) for n in range(3))
    return _cut(declared, row, begin, end)


def _whole(table: pa.Table, name: str) -> Whole:
    return np.asarray(table.column(name).cast(pa.int64()).to_numpy(), dtype=np.int64)


def _ranks(declared: pa.Table) -> Whole:
    """The place of each line among all: a higher one takes the place of a lower one."""
    sequence = _whole(declared, "notification_sequence")
    notified = np.zeros(len(sequence), dtype=np.int64)
    if "notification_time" in declared.column_names:
        notified = declared.column("notification_time").cast(pa.int64()).fill_null(0).to_numpy()
    ranks = np.empty(len(sequence), dtype=np.int64)
    ranks[np.lexsort((_whole(declared, "time_from"), notified, sequence))] = np.arange(len(sequence))
    return ranks


def _holding(rows: Whole, starts: Whole, ends: Whole, rank: Whole) -> tuple[Whole, Whole, Whole]:
    """For lines of one unit: which holds from when to when. From the highest down, each takes what is still free."""
    edges = np.unique(np.concatenate([starts[rows], ends[rows]]))
    holds = np.full(max(len(edges) - 1, 0), -1, dtype=np.int64)
    for row in rows[np.argsort(rank[rows])].tolist():
        holds[np.searchsorted(edges, starts[row]) : np.searchsorted(edges, ends[row])] = row
    change = np.flatnonzero(np.append(True, holds[1:] != holds[:-1])) if len(holds) else np.zeros(0, np.int64)
    last = np.append(change[1:], len(holds))
    there = holds[change] >= 0 if len(holds) else np.zeros(0, bool)
    return holds[change][there], edges[change][there], edges[last][there]


def _cut(declared: pa.Table, row: Whole, begin: Whole, end: Whole) -> pa.Table:
    starts, ends = _whole(declared, "time_from")[row], _whole(declared, "time_to")[row]
    first, last = (declared.column(f"level_{side}_mw").to_numpy()[row] for side in ("from", "to"))
    slope = (last - first) / np.maximum(ends - starts, 1)
    # An end that nothing cuts is as declared, to the last digit.
    levels = {
        "level_from_mw": np.where(begin == starts, first, first + slope * (begin - starts)),
        "level_to_mw": np.where(end == ends, last, first + slope * (end - starts)),
    }
    kind = declared.schema.field("time_from").type
    found = {"time_from": pa.array(begin).cast(kind), "time_to": pa.array(end).cast(kind)}
    found |= {name: pa.array(values) for name, values in levels.items()}
    names = [name for name in (*COLUMNS, "notification_time", *_TOLD) if name in declared.column_names]
    taken = declared.take(pa.array(row))
    return pa.table({name: found.get(name, taken.column(name)) for name in names})
