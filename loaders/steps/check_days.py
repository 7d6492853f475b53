"""Check a large file a day at a time: the rules of `steps.check`, and what the file says as a whole at the end.

It is for files of which every rule on several rows keeps to one day (`read_pieces.keeps_to_days`), so the days may be
looked at one after the other. What has been checked waits on disk until it is compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from loaders.declared import arrow_schema
from loaders.errors import Finding
from loaders.sources.folder import NameScope
from loaders.steps import holds, place
from loaders.steps.check import Checked, CheckedTable, Known, checked_rows, headed_rows, strangers
from loaders.steps.read_pieces import GOOD, Divided
from loaders.steps.sheet import Sheet
from loaders.steps.spill import DAY, Spill

if TYPE_CHECKING:
    import pyarrow as pa

_GONE = "_gone"
_PERIOD = "settlement_period"


@dataclass
class DividedTable(CheckedTable):
    """Rows of one dataset out of a large file. `rows`, `gone` and `lost` are empty: each day has its own.

    on_disk       good rows and those that take theirs back, by day
    lost_of       day to the partition columns of its refused rows
    rows_kept     number of good rows
    newest_of_all the newest run time among them
    """

    on_disk: Spill | None = None
    lost_of: dict[date, pa.Table] = field(default_factory=dict)
    rows_kept: int = 0
    newest_of_all: datetime | None = None

    @property
    def count(self) -> int:
        """How many good rows there are."""
        return self.rows_kept

    @property
    def newest(self) -> datetime | None:
        """The newest run time among the good rows."""
        return self.newest_of_all

    @property
    def days(self) -> set[date]:
        """The days that it says something of."""
        found = [arrival["settlement_date"] for arrival in self.arrivals]
        return {day for day in [*found, *(self.on_disk.days if self.on_disk else ())] if day}

    def of_day(self, day: date) -> CheckedTable:
        """What it says of one day."""
        import pyarrow.compute as pc

        both = self.on_disk.of(day) if self.on_disk else None
        if both is None or not both.num_rows:
            rows, gone = self.rows, self.gone
        else:
            said = both.column(_GONE)
            rows, gone = (both.filter(mask).drop_columns(_GONE) for mask in (pc.invert(said), said))
        return self._of_day(day, rows, gone, self.lost_of.get(day, self.lost))


def check_days(file: str, divided: Divided, named: NameScope, known: Known, folder: Path) -> Checked:
    """Hold a large file to its job, day by day. Raises UnreadableFile for what stops the file as a whole.

    folder  where checked rows may wait
    """
    job, raw = divided.job, divided.raw
    scope = place.FileScope.of(file, job, raw, named)
    walk = _Walk(file, divided, NameScope(*scope.place, named.side), known, folder)
    for day in divided.rows.days:
        walk.take(day)
    divided.rows.close()
    refused = [walk.refused[row] for row in sorted(walk.refused)]
    of_file = [*raw.broken, *([raw.cut] if raw.cut else [])]
    seen, one = walk.seen(), walk.found
    one.arrivals = scope.arrivals(one.table, seen)
    one.speaks_for = one.arrivals if scope.trusted and not scope.is_part(one.table) else []
    one.mended = scope.mended(one.table, seen, one.arrivals)
    one.marks = scope.marks(one.table, place.days_in(seen), refused, of_file)
    one.torn = scope.is_part(one.table) or bool(of_file) or any(not row.spots for row in refused)
    dataset = one.table.dataset
    refusals = [place.refusal(dataset, row.finding, *row.told) for row in refused]
    refusals += [place.refusal(dataset, finding, *scope.place) for finding in of_file]
    findings = [*raw.warnings, *divided.findings, *(row.finding for row in refused), *walk.strangers(), *of_file]
    lost = len(refused) + len(raw.broken)
    return Checked([one], refusals, findings, walk.not_kept, raw.counts[""], lost)


class _Walk:
    """The days of a file, one after the other, and what is kept in mind of each."""

    def __init__(self, file: str, divided: Divided, scope: NameScope, known: Known, folder: Path):
        import pyarrow as pa

        self.file, self.divided, self.scope, self.known = file, divided, scope, known
        self.refused: dict[int, place.Placed] = {}
        self.not_kept = dict(divided.not_kept)
        self._odd: dict[tuple[str, str], Finding] = {}
        self._seen: list[pa.Table] = []
        table = divided.job.tables[""]
        none = np.zeros(0, dtype=np.int64)
        nothing = checked_rows(
            Sheet(file, table, {one.name: pa.array([], one.type) for one in arrow_schema(table.columns)}, none),
            headed_rows(table, divided.raw),
        )
        schema = nothing.rows.schema.append(pa.field(_GONE, pa.bool_()))
        self.found = DividedTable(
            table, nothing.rows, nothing.gone, nothing.lost, nothing.headed, on_disk=Spill(folder, schema)
        )

    def take(self, day: date | None) -> None:
        """Hold the rows of a day to the rules."""
        import pyarrow as pa

        sheet = self._sheet(day)
        holds.all_rules(sheet, self.scope)
        if sheet.superseded:
            self.not_kept["superseded"] = self.not_kept.get("superseded", 0) + sheet.superseded
        self.refused |= {int(sheet.source_row[row]): place.Placed.of(sheet, row) for row in sheet.refused}
        for finding in strangers(sheet, self.known):
            known = self._odd.setdefault((finding.column, finding.found), finding)
            if finding.row < known.row:
                self._odd[finding.column, finding.found] = finding
        one, found = checked_rows(sheet, self.found.headed), self.found
        both = [
            rows.append_column(_GONE, pa.array(np.full(rows.num_rows, gone)))
            for rows, gone in ((one.rows, False), (one.gone, True))
        ]
        if found.on_disk:
            found.on_disk.add(pa.concat_tables(both))
        if day and one.lost.num_rows:
            found.lost_of[day] = one.lost
        found.rows_kept += one.count
        found.newest_of_all = max((when for when in (found.newest_of_all, one.newest) if when), default=None)
        names = [name for name in (DAY, _PERIOD) if name in sheet.columns]
        spots = pa.table({**{name: sheet.columns[name] for name in names}, GOOD: sheet.good})
        self._seen.append(spots.group_by([*names, GOOD], use_threads=False).aggregate([]))

    def _sheet(self, day: date | None) -> Sheet:
        """The rows of a day as the reading left them."""
        rows = self.divided.rows.of(day)
        table = self.found.table
        columns = {name: _one(rows.column(name)) for name in table.columns}
        sheet = Sheet(self.file, table, columns, rows.column("source_row").to_numpy())
        sheet.good = rows.column(GOOD).to_numpy().copy()
        for row in np.flatnonzero(~sheet.good).tolist():
            finding = self.divided.refused.get(int(sheet.source_row[row]))
            if finding:
                sheet.refused[row] = finding
        return sheet

    def seen(self) -> Sheet:
        """The days and periods of all rows, each once, and whether a row of it is good: a file in little."""
        import pyarrow as pa

        table = self.found.table
        if not self._seen:
            none = {one.name: pa.array([], one.type) for one in arrow_schema(table.columns)}
            return Sheet(self.file, table, none, np.zeros(0, dtype=np.int64))
        rows = pa.concat_tables(self._seen).combine_chunks()
        columns = {name: _one(rows.column(name)) for name in rows.column_names if name != GOOD}
        sheet = Sheet(self.file, table, columns, np.zeros(rows.num_rows, dtype=np.int64))
        sheet.good = rows.column(GOOD).to_numpy().copy()
        return sheet

    def strangers(self) -> list[Finding]:
        """The first row of each value that its dataset does not know, by column and in the order of the rows."""
        order = list(self.found.table.checks.refers_to)
        return sorted(self._odd.values(), key=lambda finding: (order.index(finding.column), finding.row))


def _one(column: pa.ChunkedArray) -> pa.Array:
    import pyarrow as pa

    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)
