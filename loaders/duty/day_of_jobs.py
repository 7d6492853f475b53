"""What has come of a day, job by job: places of the calendar, and units of the reference data.

Not arrived, empty and zero are told apart for units as for periods: a unit without a row, and one whose rows are all
zero, are two things. Which units a job should bring is what its `expects` says of the reference data as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from loaders.duty.expected import Place, arrived, spans
from loaders.job import Expects, Job, Table
from loaders.store.database import reading

if TYPE_CHECKING:
    from loaders.store.session import Store


@dataclass(frozen=True)
class UnitsOfDay:
    """The units that a job should bring of a day.

    expected  how many the reference data name; None where they have not come
    zero      of those with rows, the ones whose every volume or level is zero
    without   the expected ones of which no row is in force
    """

    reference: str
    expected: int | None
    with_rows: int
    zero: int
    without: tuple[str, ...]


@dataclass(frozen=True)
class DayOfJob:
    """One job on one day. Places are a period, or a side of one."""

    job: str
    title: str
    places: int
    arrived: int
    empty: int
    not_arrived: int
    missing: str
    units: UnitsOfDay | None

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def day_of_jobs(store: Store, jobs: Mapping[str, Job], settlement_date: date) -> list[DayOfJob]:
    """What has come of the jobs that bring days and of which something has come or is fetched, in order of name."""
    found: list[DayOfJob] = []
    for name in sorted(jobs):
        job = jobs[name]
        if job.arrives_for == "all time":
            continue
        with reading(store.engine) as connection:
            came = arrived(connection, job, settlement_date)
        if not (came.arrived or came.empty or job.fetch.due):
            continue
        everything = len(came.arrived) + len(came.empty) + len(came.not_arrived)
        found.append(
            DayOfJob(
                name,
                job.title,
                everything,
                len(came.arrived),
                len(came.empty),
                len(came.not_arrived),
                said(came.not_arrived),
                units_of_day(store, job, settlement_date),
            )
        )
    return found


def units_of_day(store: Store, job: Job, settlement_date: date) -> UnitsOfDay | None:
    """The units that a job should bring of a day; None of a job that expects none."""
    for table in job.tables.values():
        if table.checks.expects:
            return _units(store, table, table.checks.expects, settlement_date)
    return None


def _units(store: Store, table: Table, expects: Expects, settlement_date: date) -> UnitsOfDay:
    rows = store.rows(table.dataset, settlement_date)
    there = pc.unique(rows.column(expects.column).cast(pa.string()))
    measured = [name for name, column in table.columns.items() if column.unit.startswith("MW")]
    moved = pa.array([False] * rows.num_rows)
    for name in measured:
        moved = pc.or_(moved, pc.fill_null(pc.not_equal(rows.column(name), 0.0), True))
    units = rows.column(expects.column).cast(pa.string())
    zero = len(there) - len(pc.unique(units.filter(moved)))
    reference = store.rows(expects.all_of)
    if reference.num_rows == 0:
        return UnitsOfDay(expects.all_of, None, len(there), zero, ())
    if expects.where:
        reference = reference.filter(pc.fill_null(reference.column(expects.where), False))
    wanted = pc.unique(reference.column(expects.column).cast(pa.string()))
    without = wanted.filter(pc.invert(pc.is_in(wanted, there)))
    return UnitsOfDay(expects.all_of, len(wanted), len(there), zero, tuple(sorted(without.to_pylist())))


def said(missing: Sequence[Place]) -> str:
    """Places that have not come, as they are said: "3 to 5, 9 (buy)"."""
    parts = []
    for side in dict.fromkeys(side for _, side in missing):
        periods = [period for period, own in missing if own == side and period is not None]
        parts.append(spans(periods) + (f" ({side})" if side else ""))
    return "; ".join(part for part in parts if part)
