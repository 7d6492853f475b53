"""Check: records to typed rows, what is refused, and what that leaves incomplete.

Good rows go on. A refused row goes to quarantine with where, what was found, what was
wanted and what to do; the periods it belongs to are marked incomplete, and a row that
cannot be placed marks all that its file is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from loaders.declared import arrow_schema
from loaders.errors import Finding, UnreadableFile
from loaders.formats.raw import ABSENT, ANY_CASE, RawFile, RawTable
from loaders.formats.text import plain_name, shown
from loaders.job import Column, Job, Table
from loaders.sources.folder import NameScope
from loaders.steps import holds, place
from loaders.steps.convert import REACH, in_reach, turned, typed, wanted
from loaders.steps.read import Headings
from loaders.steps.sheet import Sheet
from loaders.store.loads import Spot

if TYPE_CHECKING:
    import pyarrow as pa

Known = Callable[[str], "frozenset[str] | None"]


@dataclass
class CheckedTable:
    """Rows of one dataset out of one file.

    rows      good rows: columns of the job, then source_row
    gone      good rows that say that their key is taken back
    lost      partition columns of refused rows
    headed    partition columns, and run time, of what the file says it is of, be it without rows
    speaks_for  those arrivals of which the file says that it is the whole answer
    mended    places that have now come whole
    torn      something was lost that cannot be placed, or other messages bring it: the file takes nothing back by
              what it does not hold
    """

    table: Table
    rows: pa.Table
    gone: pa.Table
    lost: pa.Table
    headed: pa.Table
    marks: list[dict[str, Any]] = field(default_factory=list)
    arrivals: list[dict[str, Any]] = field(default_factory=list)
    speaks_for: list[dict[str, Any]] = field(default_factory=list)
    mended: set[Spot] = field(default_factory=set)
    torn: bool = False

    @property
    def count(self) -> int:
        """How many good rows there are."""
        return self.rows.num_rows

    @property
    def newest(self) -> datetime | None:
        """The newest run time among the good rows."""
        import pyarrow.compute as pc

        run = self.table.checks.latest_of
        return pc.max(self.rows.column(run)).as_py() if run else None

    @property
    def days(self) -> set[date]:
        """The days that it says something of."""
        found = {arrival["settlement_date"] for arrival in self.arrivals}
        for rows in (self.rows, self.gone):
            found.update(rows.column("settlement_date").unique().to_pylist())
        return found - {None}

    def of_day(self, day: date) -> CheckedTable:
        """What it says of one day."""
        import pyarrow.compute as pc

        own = pc.field("settlement_date") == day
        rows, gone, lost = (one.filter(own) for one in (self.rows, self.gone, self.lost))
        return self._of_day(day, rows, gone, lost)

    def _of_day(self, day: date, rows: pa.Table, gone: pa.Table, lost: pa.Table) -> CheckedTable:
        """Rows of a day, with the arrivals that are of it or of all days."""
        one = CheckedTable(self.table, rows, gone, lost, self.headed, torn=self.torn)
        one.arrivals = [arrival for arrival in self.arrivals if arrival["settlement_date"] in (day, None)]
        one.speaks_for = [arrival for arrival in self.speaks_for if arrival["settlement_date"] in (day, None)]
        return one


@dataclass
class Checked:
    """A file after the check; `refusals` are rows of the quarantine table."""

    tables: list[CheckedTable] = field(default_factory=list)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    not_kept: dict[str, int] = field(default_factory=dict)
    rows_read: int = 0
    rows_refused: int = 0


def check(file: str, job: Job, raw: RawFile, named: NameScope, known: Known) -> Checked:
    """Hold a file to its job. Raises UnreadableFile for what stops the file as a whole."""
    named = place.with_side(job, raw, named)
    scope = place.FileScope.of(file, job, raw, named)
    result = Checked(findings=list(raw.warnings))
    if raw.form == "headed csv":
        for kind, count in raw.counts.items():
            if kind in job.read.not_kept:
                result.not_kept[kind] = count
            elif kind not in job.records:
                todo = "The records were not read; tell the owner of the job."
                result.findings.append(
                    Finding(file, 0, "", f"{count} records {kind}", "records that are known", todo, "warning")
                )
    result.rows_read = sum(count for kind, count in raw.counts.items() if kind in job.tables)
    refused_of_file = list(raw.broken) + ([raw.cut] if raw.cut else [])
    for kind, table in job.tables.items():
        sheet = sheet_of(file, table, raw, raw.tables.get(kind), named, result, job)
        holds.all_rules(sheet, NameScope(*scope.place, named.side))
        if sheet.superseded:
            result.not_kept["superseded"] = sheet.superseded
        one = checked_rows(sheet, headed_rows(table, raw))
        refused = [place.Placed.of(sheet, row) for row in sorted(sheet.refused)]
        one.arrivals = scope.arrivals(table, sheet)
        one.speaks_for = one.arrivals if scope.trusted and not scope.is_part(table) else []
        one.mended = scope.mended(table, sheet, one.arrivals)
        one.marks = scope.marks(table, place.days_in(sheet), refused, refused_of_file)
        one.torn = scope.is_part(table) or bool(refused_of_file) or any(not row.spots for row in refused)
        result.tables.append(one)
        result.refusals += [place.refusal(table.dataset, row.finding, *row.told) for row in refused]
        result.findings += [row.finding for row in refused]
        result.findings += strangers(sheet, known)
        result.rows_refused += len(sheet.refused)
    first = next(iter(job.tables.values())).dataset
    result.refusals += [place.refusal(first, finding, *scope.place) for finding in refused_of_file]
    result.findings += refused_of_file
    result.rows_refused += len(raw.broken)
    return result


def sheet_of(
    file: str, table: Table, raw: RawFile, records: RawTable | None, named: NameScope, result: Checked, job: Job
) -> Sheet:
    records = records or RawTable({}, np.zeros(0, dtype=np.int64))
    count = len(records)
    types = arrow_schema(table.columns)
    fields, new = _fields(file, table, raw, records, job)
    columns: dict[str, pa.Array] = {}
    odd: dict[str, dict[int, str]] = {name: {} for name in table.columns}
    far: dict[str, dict[int, str]] = {name: {} for name in table.columns}
    for name, column in table.columns.items():
        if records.typed is not None and name in records.typed.schema.names:
            columns[name] = records.typed.column(name)
            continue
        values = _values(column, fields.get(name), records, raw, named, count)
        columns[name], odd[name] = typed(values, column, types.field(name).type)
        columns[name], beyond = in_reach(columns[name])
        far[name] = {row: shown(values[row]) for row in beyond}
        if column.minus_where:
            beside = records.fields.get(_beside(column, raw, records), [""] * count)
            columns[name], odd[name] = turned(columns[name], column.minus_where, beside, odd[name])
    sheet = Sheet(file, table, columns, records.source_row)
    _drifted(sheet, records, new, job, result)
    for name, column in table.columns.items():
        sheet.refuse(odd[name], name, lambda row, name=name: odd[name][row], wanted(column))  # type: ignore[misc]
        sheet.refuse(far[name], name, lambda row, name=name: far[name][row], REACH)  # type: ignore[misc]
        empty = np.flatnonzero(sheet.good & ~sheet.there(name))
        if column.empty == "reject":
            sheet.refuse(empty, name, "", f"{wanted(column)}, not nothing")
        elif column.empty == "leave out" and len(empty):
            sheet.good[empty] = False
            result.not_kept[f"without {name}"] = len(empty)
    return sheet


def _fields(
    file: str, table: Table, raw: RawFile, records: RawTable, job: Job
) -> tuple[dict[str, str | None], list[str]]:
    """The field that brings each column, and the fields that no column knows. Raises UnreadableFile for a missing one.

    A pipe flow and a headed csv have places and no names, so nothing in them is new.
    """
    if not records.fields:
        return {}, []
    headings = Headings(raw.form, records.fields)
    found = {name: headings.of(column) for name, column in table.columns.items() if column.from_the_rows}
    signs = {_beside(column, raw, records) for column in table.columns.values() if column.minus_where}
    new = set(records.fields) - set(found.values()) - set(job.read.left_out) - signs
    if raw.form in ANY_CASE:
        left_out = {plain_name(name) for name in job.read.left_out}
        new = {name for name in new if plain_name(name) not in left_out}
    missing = [name for name, there in found.items() if there is None and table.columns[name].missing == "stop"]
    unread = ", ".join(sorted(new))
    if missing:
        raise UnreadableFile(
            Finding(
                file,
                0,
                missing[0],
                f"no such column, but {unread}" if new else "no such column",
                " or ".join(table.columns[missing[0]].names),
                f"Correct the heading, or 'from' in {job.job}.yaml, and load it again.",
            )
        )
    drift = sorted(new) if raw.form not in ("headed csv", "pipe flow") else []
    if drift and job.on_trouble.drift == "freeze":
        todo = f"The file was stopped. Add it to {job.job}.yaml (bsc drift drafts the lines), and load it again."
        raise UnreadableFile(Finding(file, 0, unread, "a new column", "the columns of the job", todo))
    return found, drift


def _drifted(sheet: Sheet, records: RawTable, new: Sequence[str], job: Job, result: Checked) -> None:
    """New columns are left out with a warning, or their rows are refused, as the job says."""
    if not new:
        return
    if job.on_trouble.drift == "quarantine":
        todo = f"Add it to {job.job}.yaml (bsc drift drafts the lines), and load it again."
        for name in new:
            there = [row for row, value in enumerate(records.fields[name]) if value not in (None, "", ABSENT)]
            sheet.refuse(there, name, "a value in a new column", "the columns of the job", todo)
        return
    todo = f"It was left out. Add it to {job.job}.yaml, to its columns or to left_out."
    result.findings.append(
        Finding(sheet.file, 0, ", ".join(new), "a new column", "the columns of the job", todo, "warning")
    )


def _beside(column: Column, raw: RawFile, records: RawTable) -> str:
    """The field beside a volume that says which way it goes; in a CSV, spelt in any case."""
    field = column.minus_where.field if column.minus_where else ""
    if field in records.fields or raw.form not in ANY_CASE:
        return field
    return next((name for name in records.fields if plain_name(name) == plain_name(field)), field)


def _values(
    column: Column, there: str | None, records: RawTable, raw: RawFile, named: NameScope, count: int
) -> Sequence[Any]:
    source = column.names[0] if column.names else ""
    if source == "name:side":
        return [named.side] * count
    if source.startswith("header:"):
        return [raw.header.get(source.removeprefix("header:"), "").strip()] * count
    if there is None:
        return [None] * count
    values = records.fields[there]
    if column.missing == "allow" and raw.form == "json":
        return [None if value is ABSENT else value for value in values]
    return values


def headed_rows(table: Table, raw: RawFile) -> pa.Table:
    """What the first record of a pipe flow says the file is of, as far as that tells the partition."""
    import pyarrow as pa

    names = [*table.partition_columns, *([table.checks.latest_of] if table.checks.latest_of else [])]
    columns = {name: table.columns[name] for name in dict.fromkeys(names)}
    schema = arrow_schema(columns)
    if not columns or not all(column.names and column.names[0] in raw.heads for column in columns.values()):
        return schema.empty_table()
    arrays = [typed(raw.heads[c.names[0]], c, schema.field(name).type)[0] for name, c in columns.items()]
    return pa.Table.from_arrays(arrays, schema=schema).drop_null()


def checked_rows(sheet: Sheet, headed: pa.Table) -> CheckedTable:
    """The rows of a sheet that passed all rules, and what was lost of it."""
    import pyarrow as pa

    rows = pa.table({**sheet.columns, "source_row": pa.array(sheet.source_row, pa.int64())})
    partition = list(sheet.table.partition_columns)
    # A table that comes whole and has no days is one partition: its keys stand for it.
    lost = rows.select(partition or list(sheet.table.keys)).take(pa.array(sorted(sheet.refused), pa.int64()))
    gone, good = taken_back(sheet), sheet.good
    return CheckedTable(
        sheet.table, rows.filter(pa.array(good & ~gone)), rows.filter(pa.array(good & gone)), lost, headed
    )


def taken_back(sheet: Sheet) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows say that their key is taken back."""
    import pyarrow as pa
    import pyarrow.compute as pc

    gone = np.zeros(len(sheet.source_row), dtype=bool)
    for name, values in sheet.table.withdrawn_when.items():
        said = sheet.columns[name].cast(pa.string())
        gone |= pc.fill_null(pc.is_in(said, pa.array(values, pa.string())), False).to_numpy(zero_copy_only=False)
    return gone


def strangers(sheet: Sheet, known: Known) -> Iterable[Finding]:
    """Values that the dataset they refer to does not have: nothing is lost, but someone should look."""
    import pyarrow as pa

    for name, dataset in sheet.table.checks.refers_to.items():
        there = known(dataset)
        if not there:
            continue
        good = np.flatnonzero(sheet.good)
        coded = sheet.columns[name].take(pa.array(good)).dictionary_encode(null_encoding="encode")
        values = coded.dictionary.to_pylist()
        if there.issuperset(values):
            continue
        _, firsts = np.unique(coded.indices.to_numpy(), return_index=True)
        for value, row in zip(values, good[firsts].tolist(), strict=True):
            if value not in there:
                yield Finding(
                    sheet.file,
                    int(sheet.source_row[row]),
                    name,
                    value,
                    f"one of the {len(there)} in {dataset}",
                    f"Its rows were kept. Load a newer {dataset}, or ask the sender.",
                    "warning",
                )
