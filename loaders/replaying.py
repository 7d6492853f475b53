"""Replay: the landings of a job read again, as after a change of the job or of the program.

All files of a job (of the days asked for) are read again together, in the order in which they came: read alone, an
older file would take the place of a newer one. What comes out the same writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from loaders import store as stores
from loaders.candidates import Incoming, Manner
from loaders.declared import all_jobs, job_hash
from loaders.duty.walk import new_run_id
from loaders.errors import LoadError
from loaders.loading import take
from loaders.report import LoadReport
from loaders.store import tables as sql
from loaders.store.database import reading

if TYPE_CHECKING:
    from loaders.store.session import Store


def replay(
    home: Path | str,
    jobs: Iterable[str] | None = None,
    days: Collection[date] | None = None,
    again: bool = False,
    told: Callable[[str], None] | None = None,
    store: Store | None = None,
) -> LoadReport:
    """Read landings again. All bytes of one job (of the days) are in memory at once.

    jobs   names; None: all
    days   only files about these Settlement Dates
    again  also of jobs that have not changed since, as after a change of the program
    Raises LoadError for a job that is not declared.
    """
    own = store or stores.open(Path(home))
    try:
        wanted = sorted(all_jobs()) if jobs is None else list(jobs)
        unknown = sorted(set(wanted) - set(all_jobs()))
        if unknown:
            raise LoadError(f"job: found {', '.join(unknown)}, wanted declared jobs. Correct the names (bsc jobs).")
        before, run = own.version(), new_run_id()
        reports = []
        for job in wanted:
            if again or is_older(own, job):
                offered = [
                    Incoming(row.file, partial(own.landing_bytes, row.landing), path=own.landing_path(row.landing))
                    for row in _files(own, job, days)
                ]
                manner = Manner(again=True, only=frozenset({job}))
                reports.append(take(own, offered, told, manner, together=True, parent=run))
        return LoadReport(
            [file for report in reports for file in report.files],
            sum(report.withdrawn for report in reports),
            before,
            own.version(),
        )
    finally:
        if store is None:
            own.close()


def is_older(store: Store, job: str) -> bool:
    """Whether a file of a job was last read by another form of it than today's."""
    return any(row.job_hash != job_hash(job) for row in _last_read(store, job))


def _last_read(store: Store, job: str) -> list[Any]:
    """For each file of a job, in the order of coming: name, hash, and the form of the job that read it last."""
    table = sql.job_runs
    read = sa.select(table).where(table.c.job == job, table.c.outcome.in_(("kept", "refused")))
    with reading(store.engine) as connection:
        rows = connection.execute(read.order_by(table.c.id)).all()
    last: dict[tuple[str, str], Any] = {}
    for row in rows:
        last[row.landing, row.scope] = row  # a key keeps its first place, and has its last value
    return list(last.values())


def _files(store: Store, job: str, days: Collection[date] | None) -> list[Any]:
    """Files of a job; of some days, those that said something of them or of no day at all."""
    rows = _last_read(store, job)
    if days is None:
        return rows
    table = sql.arrivals
    with reading(store.engine) as connection:
        query = sa.select(table.c.landing, table.c.settlement_date).where(table.c.job == job).distinct()
        about: dict[str, set[date | None]] = {}
        for landing, day in connection.execute(query):
            about.setdefault(landing, set()).add(day)
    return [row for row in rows if not about.get(row.landing) or about[row.landing] & {*days, None}]
