"""Check clean files of one job together: one look at all their rows in place of one for each file.

Files are kept apart where a rule is about the rows of a file. As soon as one of a file's rows breaks a rule, or is left
out by one, the file is left to the check that says what is wrong (`steps.check`); what the others hold is the same by
either way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from loaders.declared import arrow_schema
from loaders.errors import UnreadableFile
from loaders.formats.raw import RawFile, RawTable
from loaders.job import Job, Table
from loaders.sources.folder import NameScope
from loaders.steps import holds, place
from loaders.steps.check import Checked, CheckedTable, Known, headed_rows, sheet_of, strangers, taken_back
from loaders.steps.convert import typed
from loaders.steps.sheet import Sheet

if TYPE_CHECKING:
    import pyarrow as pa

Part = tuple[str, RawFile, NameScope]


def check_alike(job: Job, files: Sequence[Part], known: Known) -> list[Checked | None]:
    """What files hold whose columns are typed already; None for one that is to be checked by itself."""
    import pyarrow as pa

    found: list[Checked | None] = [None] * len(files)
    table = job.tables[""]
    scopes = [_scope(job, *file) for file in files]
    able = [n for n, scope in enumerate(scopes) if scope is not None]
    some = [files[n] for n in able]
    if not some:
        return found
    sheet, ends = _sheet(job, table, some)
    holds.all_rules(sheet, NameScope())
    clean = _clean(sheet, [named for _, _, named in some], ends)
    rows = pa.table({**sheet.columns, "source_row": pa.array(sheet.source_row, pa.int64())})
    gone = taken_back(sheet)
    nothing = rows.slice(0, 0)
    lost, headed = nothing.select(list(table.partition_columns) or list(table.keys)), headed_rows(table, some[0][1])
    for at, n in enumerate(able):
        if not clean[at]:
            continue
        begin, count = int(ends[at]), int(ends[at + 1] - ends[at])
        file, (own, off) = files[n][0], (rows.slice(begin, count), nothing)
        if gone[begin : begin + count].any():
            mask = gone[begin : begin + count]
            own, off = own.filter(pa.array(~mask)), own.filter(pa.array(mask))
        one = CheckedTable(table, own, off, lost, headed)
        part = _part(sheet, file, begin, count)
        scope = scopes[n]
        assert scope is not None
        one.arrivals = scope.arrivals(table, part)
        one.torn = scope.is_part(table)
        one.speaks_for = one.arrivals if scope.trusted and not one.torn else []
        one.mended = scope.mended(table, part, one.arrivals)
        odd = list(strangers(part, known))
        found[n] = Checked(tables=[one], findings=[*files[n][1].warnings, *odd], rows_read=count)
    return found


def _scope(job: Job, file: str, raw: RawFile, named: NameScope) -> place.FileScope | None:
    try:
        return place.FileScope.of(file, job, raw, named)
    except UnreadableFile:
        return None


def _sheet(job: Job, table: Table, files: Sequence[Part]) -> tuple[Sheet, np.ndarray[Any, Any]]:
    """The rows of all files one after the other, with what their names say, and where those of each begin."""
    import pyarrow as pa

    counts = [len(raw.tables[""]) for _, raw, _ in files]
    joined = pa.Table.from_batches(_in_one([raw.tables[""] for _, raw, _ in files]))
    columns = {name: _whole(joined.column(name)) for name in joined.column_names}
    for name, column in table.columns.items():
        if column.names and column.names[0] == "name:side":
            kind = arrow_schema({name: column}).field(name).type
            values, _ = typed([named.side for _, _, named in files], column, kind)
            columns[name] = values.take(pa.array(np.repeat(np.arange(len(files)), counts)))
    first = files[0][1]
    places = np.concatenate([raw.tables[""].source_row for _, raw, _ in files])
    records = RawTable(first.tables[""].fields, places, pa.RecordBatch.from_pydict(columns))
    # A side that a name does not say is odd, and empty here: such a row is refused, and its file checked by itself.
    sheet = sheet_of("", table, first, records, NameScope(), Checked(), job)
    sheet.apart = np.repeat(np.arange(len(files), dtype=np.int64), counts)
    return sheet, np.append(0, np.cumsum(counts))


def _in_one(parts: Sequence[RawTable]) -> list[pa.RecordBatch]:
    """The rows of files, in as few pieces as they lie in memory: files that were read together lie side by side."""
    found: list[pa.RecordBatch] = []
    lies: pa.RecordBatch | None = None
    begin = end = 0
    for part in parts:
        if lies is not None and part.within is not None and part.within[0] is lies and part.within[1] == end:
            end += len(part)
            found[-1] = lies.slice(begin, end - begin)
            continue
        lies, begin = part.within or (None, 0)
        end = begin + len(part)
        if part.typed is not None:
            found.append(part.typed)
    return found


def _whole(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return found.chunk(0) if hasattr(found, "num_chunks") else found


def _clean(sheet: Sheet, names: Sequence[NameScope], ends: np.ndarray[Any, Any]) -> list[bool]:
    """Which files have no row that broke a rule, and none of another day or period than their name says."""
    fine = sheet.good.copy()
    if {"settlement_date", "settlement_period"} <= set(sheet.columns) and sheet.apart is not None:
        period, day = sheet.numbers("settlement_period"), sheet.numbers("settlement_date")
        told = [named.settlement_period if named.settlement_period is not None else -1 for named in names]
        days = [
            (named.settlement_date - holds.EPOCH).days if named.settlement_date and told[n] >= 0 else _ANY
            for n, named in enumerate(names)
        ]
        own_period, own_day = np.array(told)[sheet.apart], np.array(days)[sheet.apart]
        fine &= ((own_period < 0) | (own_period == period)) & ((own_day == _ANY) | (own_day == day))
    return [bool(fine[ends[n] : ends[n + 1]].all()) for n in range(len(names))]


_ANY = -(2**62)


def _part(sheet: Sheet, file: str, begin: int, count: int) -> Sheet:
    """The rows of one file, as far as it takes to say what has come with it."""
    names = {"settlement_date", "settlement_period", *sheet.table.checks.refers_to} & set(sheet.columns)
    columns = {name: sheet.columns[name].slice(begin, count) for name in names}
    return Sheet(file, sheet.table, columns, sheet.source_row[begin : begin + count])
