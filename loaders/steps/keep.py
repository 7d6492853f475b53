"""Keep: what is new, changed or withdrawn against the rows in force, as parts of the next version.

Files of one job are kept together. Where two of them hold the same partition (or, where a
job delivers changes, the same key), the newer run counts, then the later file. Rows of an
older run than the one in force change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.declared import Dataset, arrow_schema, dataset_named
from loaders.job import Table
from loaders.steps.check import CheckedTable
from loaders.steps.check_days import DividedTable
from loaders.steps.sheet import Codes, codes_of, numbered, order_of
from loaders.store.loads import Delta
from loaders.store.parts import PUBLISHED

if TYPE_CHECKING:
    from loaders.store.session import Store

Whole = np.ndarray[Any, np.dtype[np.int64]]
_SCOPE_COLUMNS = {"settlement_date", "settlement_period", "side"}
_FEW_DAYS = 40  # more, and one read of the whole dataset is quicker than one a day


@dataclass(frozen=True)
class FileRows:
    """Checked rows of one dataset out of one file."""

    landing: str
    checked: CheckedTable


@dataclass(frozen=True)
class Difference:
    """What a batch changes in one dataset; counts are by file, in the order given."""

    deltas: list[Delta]
    new: list[int]
    changed: list[int]
    unchanged: list[int]
    older: list[int]
    withdrawn: int


def portions(files: Sequence[FileRows]) -> Iterator[list[FileRows]]:
    """Files whose rows are compared together: all of them, or a day of each where one is too large to be held."""
    if not any(isinstance(file.checked, DividedTable) for file in files):
        yield list(files)
        return
    for day in sorted(set[date]().union(*(file.checked.days for file in files))):
        yield [FileRows(file.landing, file.checked.of_day(day)) for file in files]


def difference(store: Store, files: Sequence[FileRows]) -> Difference:
    """What the rows of some files change in the store."""
    table = files[0].checked.table
    dataset = dataset_named(table.dataset)
    rows = _stored([(file.checked.rows, file.landing) for file in files], dataset)
    gone = _stored([(file.checked.gone, file.landing) for file in files], dataset)
    ordinal = _ordinals([file.checked.rows.num_rows for file in files])
    old = _in_force(store, dataset, files, rows, gone)
    found = _compare(table, dataset, files, rows, gone, ordinal, old)
    count = len(files)
    new, changed, same, older = (
        np.bincount(ordinal[found[name]], minlength=count).tolist() for name in ("new", "changed", "same", "older")
    )
    wanted = np.sort(np.concatenate([found["new"], found["changed"]]))
    kept = rows if len(wanted) == rows.num_rows else rows.take(pa.array(wanted))
    withdrawn = old.take(pa.array(np.sort(found["withdrawn"])))
    taken_back = _taken_back(table, dataset, files, rows, gone, withdrawn) if withdrawn.num_rows else withdrawn
    del rows
    deltas = _deltas(dataset, "rows", kept, table.checks.latest_of)
    deltas += _deltas(dataset, "withdrawn", taken_back, PUBLISHED)
    return Difference(deltas, new, changed, same, older, withdrawn.num_rows)


def _stored(files: Sequence[tuple[pa.Table, str]], dataset: Dataset) -> pa.Table:
    """Rows of files one after the other, with every column of the dataset, and their landings as a dictionary."""
    schema = dataset.stored_schema
    rows = pa.concat_tables([one for one, _ in files]).combine_chunks()
    of = pa.array(_ordinals([one.num_rows for one, _ in files]), pa.int32())
    landings = pa.DictionaryArray.from_arrays(of, pa.array([landing for _, landing in files], pa.string()))
    columns = {
        name: rows.column(name).cast(schema.field(name).type)
        if name in rows.column_names
        else pa.nulls(rows.num_rows, schema.field(name).type)
        for name in schema.names
        if name != "landing"
    }
    return pa.table(columns | {"landing": landings}).select(schema.names)


def _ordinals(counts: Sequence[int]) -> Whole:
    return np.repeat(np.arange(len(counts), dtype=np.int64), counts)


def _in_force(store: Store, dataset: Dataset, files: Sequence[FileRows], rows: pa.Table, gone: pa.Table) -> pa.Table:
    if not dataset.dated:
        return store.rows(dataset.name)
    days = set(pc.unique(rows.column("settlement_date")).to_pylist()) | set(
        pc.unique(gone.column("settlement_date")).to_pylist()
    )
    days |= {arrival["settlement_date"] for file in files for arrival in file.checked.arrivals}
    wanted = sorted(day for day in days if day)
    if len(wanted) <= _FEW_DAYS:
        return pa.concat_tables(
            [dataset.stored_schema.empty_table(), *(store.rows(dataset.name, day) for day in wanted)]
        )
    everything = store.rows(dataset.name)
    return everything.filter(pc.is_in(everything.column("settlement_date"), pa.array(wanted, pa.date32())))


def _compare(
    table: Table,
    dataset: Dataset,
    files: Sequence[FileRows],
    rows: pa.Table,
    gone: pa.Table,
    ordinal: Whole,
    old: pa.Table,
) -> dict[str, Whole]:
    """Places of rows that are new, changed, the same or of an older run; and of old rows that are withdrawn."""
    partition, keys = list(table.partition_columns), list(dataset.keys)
    lost = pa.concat_tables([file.checked.lost for file in files])
    run = table.checks.latest_of
    headed = pa.concat_tables([_headed(file.checked) for file in files])
    known: dict[str, Codes] = {}
    part_new, part_gone, part_old, part_lost, part_head = _numbers(
        partition, rows, gone, old, lost, headed, known=known
    )
    key_new, key_gone, key_old = _numbers(keys, rows, gone, old, known=known)
    gone_ordinal = _ordinals([file.checked.gone.num_rows for file in files])
    head_ordinal = _ordinals([_headed(file.checked).num_rows for file in files])
    groups = (
        int(max((a.max(initial=-1) for a in (part_new, part_gone, part_old, part_lost, part_head)), default=-1)) + 1
    )

    made_new, made_old, made_head = _made(rows, run), _made(old, run), _made(headed, run)
    in_force = _latest(groups, (part_old, made_old))
    newest = _latest(groups, (part_new, made_new), (part_head, made_head))
    in_time = made_head >= np.maximum(in_force, newest)[part_head]
    late = made_new < np.maximum(in_force, newest)[part_new]

    torn = np.zeros(groups, dtype=bool)
    torn[part_lost] = True
    torn[part_new[np.array([file.checked.torn for file in files])[ordinal]]] = True
    last = _latest(
        groups,
        (part_new[~late], ordinal[~late]),
        (part_gone, gone_ordinal),
        (part_head[in_time], head_ordinal[in_time]),
    )
    late |= (ordinal < last[part_new]) & ~torn[part_new]
    if table.delivers == "whole" and not run:
        late |= (ordinal < _in_scopes(table, files, rows)) & ~torn[part_new]

    alive = np.flatnonzero(~late)
    alive = alive[np.lexsort((ordinal[alive], key_new[alive]))]
    final = np.ones(len(alive), dtype=bool)
    final[:-1] = key_new[alive][1:] != key_new[alive][:-1]
    late[alive[~final]] = True
    alive = np.sort(alive[final])

    place = np.full(int(max(a.max(initial=-1) for a in (key_new, key_gone, key_old))) + 1, -1, dtype=np.int64)
    place[key_old] = np.arange(len(key_old))
    there = place[key_new[alive]]
    same = np.zeros(len(alive), dtype=bool)
    both = np.flatnonzero(there >= 0)
    same[both] = _equal(
        rows.take(pa.array(alive[both])), old.take(pa.array(there[both])), arrow_schema(dataset.columns).names
    )

    came = np.zeros(groups, dtype=bool)
    came[part_new[alive]] = True
    came[part_gone] = True
    came[part_head[in_time]] = True
    came &= ~torn
    stays = np.zeros(len(place), dtype=bool)
    stays[key_new[alive]] = True
    taken_back = np.zeros(len(place), dtype=bool)
    taken_back[key_gone] = True
    withdrawn = taken_back[key_old] & ~stays[key_old]
    if table.delivers == "whole":
        withdrawn |= came[part_old] & ~stays[key_old]
        withdrawn |= (_in_scopes(table, files, old) >= 0) & ~came[part_old] & ~torn[part_old] & ~stays[key_old]
        # Every row of the partition was of an older run: nothing of it counts.
        withdrawn &= ~((newest >= 0) & (newest < in_force))[part_old]
    return {
        "new": alive[there < 0],
        "changed": alive[(there >= 0) & ~same],
        "same": alive[(there >= 0) & same],
        "older": np.flatnonzero(late),
        "withdrawn": np.flatnonzero(withdrawn),
    }


def _taken_back(
    table: Table, dataset: Dataset, files: Sequence[FileRows], rows: pa.Table, gone: pa.Table, withdrawn: pa.Table
) -> pa.Table:
    """Keys of withdrawn rows, with the landing that took each back and, where it is known, when its sender said so."""
    headed, run = pa.concat_tables([_headed(file.checked) for file in files]), table.checks.latest_of
    counts = [
        [there.num_rows for there in said]
        for said in zip(*((f.checked.rows, f.checked.gone, _headed(f.checked)) for f in files), strict=True)
    ]
    part_rows, part_gone, part_head, part = _numbers(list(table.partition_columns), rows, gone, headed, withdrawn)
    speaks = np.concatenate([part_rows, part_gone, part_head])
    by = np.concatenate([_ordinals(one) for one in counts])
    made = np.concatenate([_made(said, run) for said in (rows, gone, headed)])
    # Of those that speak for a partition the one of the newest run took its rows back; of alike ones the last file.
    order = np.lexsort((by, made))
    speaker = np.full(int(max(speaks.max(initial=-1), part.max(initial=-1))) + 1, -1, dtype=np.int64)
    speaker[speaks[order]] = order
    # Where none spoke, -1 finds what is put at the end: no file and no time.
    file, said_at = np.append(by, -1)[speaker[part]], np.append(made, 0)[speaker[part]]
    file = np.where(file >= 0, file, _in_scopes(table, files, withdrawn))
    landings = pa.array([files[number].landing if number >= 0 else None for number in file.tolist()], pa.string())
    times = pa.array(said_at, mask=said_at <= 0).cast(pa.timestamp("us", tz="UTC"))
    keys = {name: withdrawn.column(name) for name in dataset.keys}
    return pa.table(keys | {"landing": landings, PUBLISHED: times})


def _latest(groups: int, *found: tuple[Whole, Whole]) -> Whole:
    """For each partition the highest of what was found in it; -1 where there is nothing."""
    latest = np.full(groups, -1, dtype=np.int64)
    for part, number in found:
        np.maximum.at(latest, part, number)
    return latest


def _headed(checked: CheckedTable) -> pa.Table:
    """What a file says it is of, where it may be taken at its word: it delivers the whole, and lost nothing."""
    return checked.headed.slice(0, None if checked.table.delivers == "whole" and not checked.torn else 0)


def _numbers(names: Sequence[str], *tables: pa.Table, known: dict[str, Codes] | None = None) -> list[Whole]:
    """For rows of several tables a number each: rows that agree on the named columns share it.

    known  codes of columns of these tables and maybe of more behind them; those made here are added
    """
    known = {} if known is None else known
    ends = np.cumsum([t.num_rows for t in tables])
    for name in names:
        if name not in known:
            kind = tables[0].schema.field(name).type
            known[name] = codes_of(
                pa.concat_arrays([chunk for t in tables for chunk in t.column(name).cast(kind).chunks])
            )
    rows = int(ends[-1])
    return np.split(numbered([(known[name][0][:rows], known[name][1]) for name in names], rows), ends[:-1])


def _made(rows: pa.Table, run: str) -> Whole:
    if not run:
        return np.zeros(rows.num_rows, dtype=np.int64)
    made = pc.fill_null(rows.column(run).cast(pa.int64()), 0)
    return np.asarray(made.to_numpy(zero_copy_only=False), dtype=np.int64)


def _equal(left: pa.Table, right: pa.Table, names: Sequence[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    same = np.ones(left.num_rows, dtype=bool)
    for name in names:
        a, b = left.column(name), right.column(name)
        equal = pc.fill_null(pc.equal(a, b), False).to_numpy(zero_copy_only=False)
        both_empty = pc.and_(pc.is_null(a), pc.is_null(b)).to_numpy(zero_copy_only=False)
        same &= equal | both_empty
    return same


def _in_scopes(table: Table, files: Sequence[FileRows], rows: pa.Table) -> Whole:
    """For each row the last file that speaks for its place as a whole, as a day without adjustment actions; or -1."""
    last = np.full(rows.num_rows, -1, dtype=np.int64)
    if not rows.num_rows or not set(table.partition_columns) <= _SCOPE_COLUMNS:
        return last
    for number, file in enumerate(files):
        if file.checked.torn:
            continue
        for arrival in file.checked.speaks_for:
            inside = np.ones(rows.num_rows, dtype=bool)
            for name in _SCOPE_COLUMNS & set(rows.column_names):
                if arrival[name] is not None:
                    kind = rows.schema.field(name).type
                    inside &= pc.equal(rows.column(name), pa.scalar(arrival[name], kind)).to_numpy(zero_copy_only=False)
            last[inside] = number
    return last


def _deltas(dataset: Dataset, kind: str, rows: pa.Table, run: str) -> list[Delta]:
    if rows.num_rows == 0:
        return []
    keys = [pa.concat_arrays(rows.column(key).chunks) for key in dataset.keys]
    rows = rows.take(pa.array(order_of(keys, rows.num_rows))).combine_chunks()
    rows = rows.cast(dataset.stored_schema) if kind == "rows" else rows
    if not dataset.dated:
        return [Delta(dataset.name, None, kind, rows)]
    days = rows.column("settlement_date")
    numbers = days.cast(pa.int32()).to_numpy(zero_copy_only=False)
    starts = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
    ends = np.append(starts[1:], len(numbers))
    result = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        piece = rows.slice(start, end - start)
        day: date = days[start].as_py()
        made: datetime | None = pc.max(piece.column(run)).as_py() if run else None
        result.append(Delta(dataset.name, day, kind, piece, made))
    return result
