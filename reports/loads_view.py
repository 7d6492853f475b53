"""The loads of a workspace as a viewer sees them: wall, refused rows, what arrived, what has drifted.

`reports.access` gives it out. Nothing is fetched, and nothing is written but by `replay`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from reports.loads_records import (
    CELLS,
    STATES,
    DriftSeen,
    JobLoads,
    Line,
    Matrix,
    Refusals,
    RefusedRow,
    Wall,
    days_of_month,
)

if TYPE_CHECKING:
    from loaders.duty.came import Came
    from loaders.duty.status import JobStatus
    from loaders.report import LoadReport
    from loaders.store.records import QuarantineRow
    from loaders.store.session import Store

_WORST = ("incomplete", "missing", "to come", "rows", "empty")  # of two datasets of one job
COUNTS_HELD = 200  # counts of rows by period, of one dataset and day each


class Loads:
    """What came into one workspace, and what was refused. Safe to use from many threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counted = lru_cache(maxsize=COUNTS_HELD)(self._count)

    def wall(self, now: datetime | None = None) -> Wall:
        """Every declared job as it stands at an instant, the worst first."""
        from loaders.declared import all_jobs
        from loaders.duty import came as came_
        from loaders.duty.claims import last_runs
        from loaders.duty.refused import standing
        from loaders.duty.schedule import looked_after
        from loaders.duty.status import status
        from loaders.store.database import reading
        from settlement import calendar

        now = now or datetime.now(UTC)
        asked = last_runs(self._store.engine)
        stand = status(self._store.engine, looked_after(all_jobs(), asked), now)
        with reading(self._store.engine) as connection:
            days = came_.newest_days(connection, calendar.period_at(now)[0])
            # Where jobs ask by themselves, a day of which nothing came is the one to look at.
            days |= {one.job: one.day for one in stand if one.job in asked and one.day is not None}
            refused, arrived = standing(connection), came_.last_arrivals(connection)
            names = {job: _dated(job) for job in days}
            wanted = sorted({(name, days[job]) for job, found in names.items() for name in found})
            came = {(one.dataset, one.day): one for one in came_.came(connection, wanted, now)}
        jobs = [
            _job(one, days.get(one.job), [came[name, days[one.job]] for name in names.get(one.job, ())], refused)
            for one in stand
        ]
        jobs.sort(key=lambda one: (STATES.index(one.state), one.job))
        synthetic = any(one.synthetic for one in self._store.landings().values())
        return Wall(tuple(jobs), max(arrived.values(), default=None), synthetic, bool(asked))

    def refused(
        self, job: str | None = None, settlement_date: date | None = None, most: int | None = None, skip: int = 0
    ) -> Refusals:
        """Refused rows with the record as it stands in the landing: those that stand first, then the newest."""
        from loaders.duty.refused import refused
        from loaders.store.database import reading

        with reading(self._store.engine) as connection:
            found, count = refused(connection, job, settlement_date, most, skip)
        records = self._records([one.row for one in found])
        rows = tuple(
            RefusedRow(
                one.row.job, one.row.dataset, one.row.file, one.row.landing, one.row.row, one.row.column,
                one.row.found, one.row.wanted, one.row.todo, one.row.settlement_date, one.row.settlement_period,
                records.get((one.row.landing, one.row.row)), one.mended,
            )
            for one in found
        )  # fmt: skip
        return Refusals(rows, count)

    def day(self, settlement_date: date, job: str | None = None, now: datetime | None = None) -> Matrix:
        """Datasets by period of a day, with how many rows are in force; of one job, or all that ever came."""
        lines = []
        for one in self._came([settlement_date], job, now):
            rows, total, by_period = self._counted(one.dataset, settlement_date, self._store.version())
            cells = dict(one.states)
            if by_period and one.whole:
                # The file of the day has come, and says nothing of a period: there it is as good as empty.
                cells |= {p: "empty" for p, state in cells.items() if state == "rows" and not rows.get(p)}
            lines.append(Line(one.dataset, cells, rows, one.notes, total, one.whole and not by_period))
        return Matrix("period", settlement_date, _odd_first(lines), self._silent(job))

    def month(self, month: date, job: str | None = None, now: datetime | None = None) -> Matrix:
        """Datasets by day of the month in which a day lies; a day is as good as the worst of its periods."""
        first = month.replace(day=1)
        days = [first + timedelta(days=i) for i in range(days_of_month(first))]
        by_dataset: dict[str, list[Came]] = defaultdict(list)
        for one in self._came(days, job, now):
            by_dataset[one.dataset].append(one)
        lines = []
        for name, found in by_dataset.items():
            told = {one.day.day: _of_day(one) for one in found}
            cells = {number: cell for number, (cell, _) in told.items()}
            notes = {number: note for number, (_, note) in told.items() if note}
            lines.append(Line(name, cells, {}, notes, None, True))
        return Matrix("day", first, _odd_first(lines), self._silent(job))

    def newest_day(self, job: str | None = None, now: datetime | None = None) -> date | None:
        """The newest Settlement Day that came, of a job or of any; None where none did."""
        from loaders.duty.came import newest_days
        from loaders.store.database import reading
        from settlement import calendar

        with reading(self._store.engine) as connection:
            found = newest_days(connection, calendar.period_at(now or datetime.now(UTC))[0])
        return found.get(job) if job else max(found.values(), default=None)

    def drifts(self, job: str | None = None) -> tuple[DriftSeen, ...]:
        """New columns that the jobs do not know, each with the lines that would take it in."""
        from loaders.drift import drifts

        return tuple(
            DriftSeen(one.job, one.field, one.file, one.seen_at, one.example, one.draft)
            for one in drifts(self._store)
            if job is None or one.job == job
        )

    def files(self, job: str) -> int:
        """How many files of a job are kept as received."""
        return sum(one.job == job for one in self._store.landings().values())

    def replay(self, job: str, told: Callable[[str], None] | None = None) -> LoadReport:
        """Read the files of a job again as they were received, by the job as its file now says, and keep what comes out
        otherwise: this does write. Raises NotALoadJob where a file of a job is not one any more.

        told  called with the name of each file as it is taken up
        """
        from loaders.declared import read_anew
        from loaders.replaying import replay

        read_anew()
        return replay(self._store.home, jobs=[job], again=True, told=told)

    def _came(self, days: Sequence[date], job: str | None, now: datetime | None) -> list[Came]:
        from loaders.duty.came import came, known
        from loaders.store.database import reading

        with reading(self._store.engine) as connection:
            names = _dated(job) if job else known(connection)
            return came(connection, [(name, day) for name in names for day in days], now or datetime.now(UTC))

    def _silent(self, job: str | None) -> int:
        from loaders.declared import datasets
        from loaders.duty.came import known
        from loaders.store.database import reading

        if job:
            return 0
        with reading(self._store.engine) as connection:
            return sum(one.dated for one in datasets().values()) - len(known(connection))

    def _count(self, dataset: str, day: date, version: int) -> tuple[dict[int, int], int, bool]:
        """Rows in force by period, of the whole day, and whether rows name a period at all."""
        table = self._store.rows(dataset, day, version)
        if "settlement_period" not in table.column_names:
            return {}, table.num_rows, False
        counted = Counter(table.column("settlement_period").to_pylist())
        return {int(p): count for p, count in counted.items() if p is not None}, table.num_rows, True

    def _records(self, rows: Sequence[QuarantineRow]) -> dict[tuple[str, int], str]:
        from loaders.declared import all_jobs
        from loaders.duty.refused import records
        from loaders.errors import StoreDamaged

        by_landing: dict[tuple[str, str], list[QuarantineRow]] = defaultdict(list)
        for row in rows:
            by_landing[row.landing, row.job].append(row)
        found: dict[tuple[str, int], str] = {}
        for (landing, job), some in by_landing.items():
            declared = all_jobs().get(job)
            try:
                data = self._store.landing_bytes(landing)
            except StoreDamaged:
                continue
            told = records(data, some, declared.read.encoding if declared else "utf-8")
            found |= {(landing, place): record for place, record in told.items()}
        return found


def declared() -> tuple[str, ...]:
    """The names of the declared jobs."""
    from loaders.declared import all_jobs

    return tuple(sorted(all_jobs()))


def _dated(job: str) -> list[str]:
    """The datasets with days that a job feeds; none for a job that is not declared any more."""
    from loaders.declared import datasets

    return sorted(name for name, one in datasets().items() if one.dated and job in one.jobs)


def _job(one: JobStatus, day: date | None, came: Sequence[Came], refused: dict[str, int]) -> JobLoads:
    from loaders.declared import all_jobs, family

    cells: Counter[str] = Counter()
    for period in came[0].states if came else ():
        cells[min((found.states[period] for found in came), key=_WORST.index)] += 1
    return JobLoads(
        job=one.job,
        title=one.title,
        family=family(one.job),
        owner=one.owner,
        datasets=tuple(table.dataset for table in all_jobs()[one.job].tables.values()),
        state=one.state,
        since=one.since,
        reason=_whole(one.reason),
        last_answer=one.last_answer,
        next_due=one.next_due,
        day=day if came else None,
        cells={cell: cells[cell] for cell in CELLS},
        refused=refused.get(one.job, 0),
        waiting=one.tasks_waiting,
        failed=one.tasks_failed,
    )


def _whole(reason: str) -> str:
    """A reason without its half sentence at the end, where it was cut because it grew too long."""
    from loaders.duty.status import LONGEST_REASON

    if len(reason) < LONGEST_REASON:
        return reason
    whole, stop, _ = reason.rpartition(". ")
    return whole + stop.rstrip() if whole else f"{reason} …"


def _of_day(one: Came) -> tuple[str, str]:
    """What a day of a dataset is as a whole, and why where it is not whole."""
    states = set(one.states.values())
    if "incomplete" in states:
        return "incomplete", next(iter(one.notes.values()), "")
    if "missing" in states and states & {"rows", "empty"}:
        return "incomplete", f"{one.count('missing')} of {len(one.states)} periods have not arrived"
    if "missing" in states:
        return "missing", ""
    return next(state for state in ("rows", "empty", "to come") if state in states), ""


def _odd_first(lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda one: (not one.odd, one.dataset)))
