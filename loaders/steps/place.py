"""Where a row, a file or a fault belongs: which day, which period, which side.

Gives the arrivals of a file (what it speaks for, be it empty), and the marks of what it
leaves incomplete.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from loaders.errors import Finding, UnreadableFile
from loaders.formats.raw import RawFile
from loaders.job import Job, Table
from loaders.sources.folder import YEARS, NameScope
from loaders.steps.sheet import Sheet, distinct
from loaders.store.loads import Spot
from settlement import calendar

SIDES = {"bid": "sell", "offer": "buy"}
_SCOPE = {"settlement_date", "settlement_period", "side"}
_EPOCH = date(1970, 1, 1)
_LONGEST = 200  # periods that one row may leave in doubt; a longer one cannot be right and is not placed


def with_side(job: Job, raw: RawFile, named: NameScope) -> NameScope:
    """The scope of a file name, with the side told by its volumes where the name leaves it out.

    All volumes of one sign are one side. Both signs, or none, tell nothing.
    """
    if job.arrives_for != "period and side" or named.side is not None:
        return named
    signs: set[bool] = set()
    for kind, table in job.tables.items():
        records = raw.tables.get(kind)
        for name in table.checks.sign_follows_side:
            for field in table.columns[name].names:
                for value in records.fields.get(field, ()) if records else ():
                    signs |= _sign(value)
    return replace(named, side="offer" if True in signs else "bid") if len(signs) == 1 else named


def _sign(value: Any) -> set[bool]:
    """Whether a volume is above zero; nothing for a zero and for what is no number."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return set()
    return {number > 0} if number else set()


@dataclass(frozen=True)
class Placed:
    """A refused row, and where it belongs.

    spots  the periods that it leaves in doubt; none when it cannot be placed
    day    its day, where that can be read
    told   day and period of it in the quarantine
    """

    finding: Finding
    spots: frozenset[tuple[date | None, int | None]]
    day: date | None
    told: tuple[date | None, int | None]

    @classmethod
    def of(cls, sheet: Sheet, row: int) -> Placed:
        """Where one refused row of a sheet belongs."""
        day = sheet.value("settlement_date", row) if "settlement_date" in sheet.columns else None
        return cls(sheet.refused[row], frozenset(spots(sheet, row)), day, of_row(sheet, row))


@dataclass(frozen=True)
class FileScope:
    """What a file is about as a whole, as far as its name or HDR line says."""

    job: Job
    settlement_date: date | None
    settlement_period: int | None
    side: str | None
    blank: bool  # it holds no row and speaks for no day
    trusted: bool  # it speaks for the whole of its scope: a good file mends earlier faults of it
    message: bool = False

    @classmethod
    def of(cls, file: str, job: Job, raw: RawFile, named: NameScope) -> FileScope:
        """The scope of a file.

        Raises UnreadableFile for an empty one, or a stack, that does not say, and for half of one that holds nothing.
        """
        if raw.blank and raw.cut and not raw.broken:
            raise UnreadableFile(raw.cut)
        side = SIDES.get(named.side or "")
        day, period = named.settlement_date, named.settlement_period
        if job.arrives_for == "period":
            day, period = _header(file, raw)
        empty = not any(len(raw.tables.get(kind, ())) for kind in job.tables) and not raw.broken
        missing = []
        if empty and job.arrives_for != "all time" and day is None and not (named.window or raw.blank):
            missing.append("the date")
        if job.arrives_for == "period and side":
            missing += ["the period"] * (empty and period is None) + ["bid or offer"] * (side is None)
        if missing:
            raise UnreadableFile(
                Finding(
                    file,
                    0,
                    "",
                    "an empty answer" if empty else "rows of one side",
                    f"{' and '.join(missing)} in the file name, as in stack_bid_2024-01-15_07.json",
                    "Name the file so and load it again.",
                )
            )
        if period is not None and day is not None and period not in calendar.periods(day):
            last = calendar.period_count(day)
            raise UnreadableFile(
                Finding(
                    file, 0, "", f"period {period}", f"1 to {last}, the periods of {day}", "Correct it and load it."
                )
            )
        blank = raw.blank and not raw.broken
        return cls(job, day, period, side, blank, trusted=day is not None, message=named.message)

    @property
    def place(self) -> tuple[date | None, int | None]:
        """Day and period of the file as a whole."""
        return self.settlement_date, self.settlement_period

    def is_part(self, table: Table) -> bool:
        """Whether it is a message that brings some of a day or period: what it does not hold, others bring."""
        return self.message and table.delivers == "whole" and set(table.partition_columns) <= _SCOPE

    def arrivals(self, table: Table, sheet: Sheet) -> list[dict[str, Any]]:
        """What has come with this file: rows of the table `arrivals`, without file and times."""
        dataset, rows = table.dataset, len(sheet.source_row)
        if self.job.arrives_for == "all time" or self.blank:
            return [_arrival(dataset, None, None, None, rows == 0)]
        side = self.side if self.job.arrives_for == "period and side" else None
        named = self.settlement_date and self.settlement_period and (side or "settlement_period" in sheet.columns)
        if self.job.arrives_for == "period" or named:
            return [_arrival(dataset, self.settlement_date, self.settlement_period, side, rows == 0)]
        if side:
            pairs = {
                (_date(d), int(p)) for d, p in zip(*_good(sheet, "settlement_date", "settlement_period"), strict=True)
            }
            return [_arrival(dataset, day, period, side, False) for day, period in sorted(pairs)]
        if not self.trusted and "settlement_period" in sheet.columns:
            return _as_held(dataset, sheet)
        days = days_in(sheet)
        if self.settlement_date and (not days or rows == 0):
            days = [self.settlement_date]
        return [_arrival(dataset, day, None, None, rows == 0) for day in sorted(set(days))]

    def mended(self, table: Table, sheet: Sheet, arrivals: Sequence[dict[str, Any]]) -> set[Spot]:
        """What has now come whole, so that earlier faults of it are past.

        A file that names its day speaks for it. One that does not speaks for the periods that it
        holds rows of, but only where it brings all of a period at once.
        """
        if self.is_part(table):
            return set()
        if self.trusted or self.job.arrives_for in ("all time", "period and side"):
            return {(a["settlement_date"], a["settlement_period"], a["side"]) for a in arrivals}
        columns = set(table.partition_columns)
        if "settlement_period" not in columns or not columns <= {"settlement_date", "settlement_period", "provider"}:
            return set()
        good = _good(sheet, "settlement_date", "settlement_period")
        pairs = {(_date(day), int(period)) for day, period in zip(*good, strict=True)}
        counts = Counter(day for day, _ in pairs)
        whole = {day for day, count in counts.items() if count == calendar.period_count(day)}
        return {(day, period, None) for day, period in pairs} | {(day, None, None) for day in whole}

    def marks(
        self, table: Table, days: Sequence[date], refused: Sequence[Placed], of_file: Sequence[Finding]
    ) -> list[dict[str, Any]]:
        """What this file leaves incomplete: one mark a place, with the first finding of it.

        days     that can be read in its rows, refused ones included
        refused  rows, in the order in which they stand
        """
        found: dict[tuple[date | None, int | None], list[Finding]] = {}
        for row in refused:
            for spot in row.spots or self._everywhere(days, row.day):
                found.setdefault(spot, []).append(row.finding)
        for finding in of_file:
            for spot in self._everywhere(days, None):
                found.setdefault(spot, []).append(finding)
        side = self.side if self.job.arrives_for == "period and side" else None
        return [
            mark(table.dataset, day, period, side, findings)
            for (day, period), findings in sorted(
                found.items(), key=lambda item: (item[0][0] or date.min, item[0][1] or 0)
            )
        ]

    def _everywhere(self, days: Sequence[date], day: date | None) -> set[tuple[date | None, int | None]]:
        """All that the file is about, or the day where that is known, for what cannot be placed nearer."""
        if self.job.arrives_for == "all time":
            return {(None, None)}
        if self.settlement_period is not None:
            return {self.place}
        if day:
            return {(day, None)}
        return {(one, None) for one in (*days, self.settlement_date) if one}


def mark(
    dataset: str, day: date | None, period: int | None, side: str | None, findings: Sequence[Finding]
) -> dict[str, Any]:
    """A row of the table `incomplete`, without file and job."""
    count = len(findings)
    return {
        "dataset": dataset,
        "settlement_date": day,
        "settlement_period": period,
        "side": side,
        "reason": "1 fault in what has come" if count == 1 else f"{count} faults in what has come",
        "finding": str(findings[0]),
    }


def refusal(dataset: str, finding: Finding, day: date | None, period: int | None) -> dict[str, Any]:
    """A row of the table `quarantine`, without file hash and job."""
    return {
        "dataset": dataset,
        "row": finding.row,
        "column": finding.column,
        "found": finding.found,
        "wanted": finding.wanted,
        "todo": finding.todo,
        "settlement_date": day,
        "settlement_period": period,
    }


def of_row(sheet: Sheet, row: int) -> tuple[date | None, int | None]:
    """Day and period of one row, as far as they can be read."""
    day = sheet.value("settlement_date", row) if "settlement_date" in sheet.columns else None
    if "settlement_period" in sheet.columns:
        period = sheet.value("settlement_period", row)
        return day, period if day and period in calendar.periods(day) else None
    touched = spots(sheet, row)
    return next(iter(touched)) if len(touched) == 1 else (day, None)


def spots(sheet: Sheet, row: int) -> set[tuple[date | None, int | None]]:
    """The periods that a row belongs to; none when it cannot be placed."""
    columns = sheet.columns
    if "settlement_date" not in columns:
        return {(None, None)}
    day = sheet.value("settlement_date", row)
    if "settlement_period" in columns:
        period = sheet.value("settlement_period", row)
        return {(day, period)} if day and period in calendar.periods(day) else set()
    if "time_from" not in columns or "time_to" not in columns:
        return {(day, None)} if day else set()
    start, end = sheet.spans.get(row) or (sheet.value("time_from", row), sheet.value("time_to", row))
    if day is None or start is None or end is None or not start <= end < start + timedelta(minutes=30 * _LONGEST):
        return set()
    return set(_periods_between(start, end))


def _periods_between(start: datetime, end: datetime) -> Iterable[tuple[date, int]]:
    """The periods that a line of time touches; one that ends at a period's start does not touch it."""
    last = max(start, end - timedelta(microseconds=1))
    at = start
    while True:
        spot = calendar.period_at(at)
        yield spot
        at = calendar.period_start(*spot) + calendar.PERIOD
        if at > last:
            return


def _header(file: str, raw: RawFile) -> tuple[date, int]:
    said = raw.header.get("date", "").strip(), raw.header.get("period", "").strip()
    try:
        day, period = datetime.strptime(said[0], "%Y%m%d").date(), int(said[1])
    except ValueError:
        day, period = date.min, 0
    if day.year not in YEARS:
        todo = "Correct the HDR line, or fetch the file again, and load it."
        wanted = "a date yyyymmdd and a settlement period"
        raise UnreadableFile(Finding(file, 1, "HDR", ", ".join(said), wanted, todo))
    return day, period


def _as_held(dataset: str, sheet: Sheet) -> list[dict[str, Any]]:
    """The periods that a file holds rows of, be they refused; a day of which it holds all is said as one."""
    held: dict[date, set[int]] = {}
    there = sheet.there("settlement_date") & sheet.there("settlement_period")
    both = np.stack([sheet.numbers(name)[there] for name in ("settlement_date", "settlement_period")])
    for day, period in np.unique(both, axis=1).T.tolist():
        held.setdefault(_date(day), set()).add(period)
    found: list[dict[str, Any]] = []
    for day, periods in held.items():
        own = periods & set(calendar.periods(day))
        whole = len(own) == calendar.period_count(day)
        found += [_arrival(dataset, day, period, None, False) for period in ([None] if whole else sorted(own))]
    return found


def _arrival(dataset: str, day: date | None, period: int | None, side: str | None, empty: bool) -> dict[str, Any]:
    return {"dataset": dataset, "settlement_date": day, "settlement_period": period, "side": side, "empty": empty}


def _good(sheet: Sheet, *names: str) -> list[np.ndarray[Any, Any]]:
    return [sheet.numbers(name)[sheet.good] for name in names]


def days_in(sheet: Sheet) -> list[date]:
    """The days that can be read in the rows, refused ones included."""
    if "settlement_date" not in sheet.columns:
        return []
    days = sheet.numbers("settlement_date")[sheet.there("settlement_date")]
    return [_date(day) for day in distinct(days)]


def _date(days: Any) -> date:
    return _EPOCH + timedelta(days=int(days))
