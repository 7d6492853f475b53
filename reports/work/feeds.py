"""Of feeds: refused rows that stand, and loads that fail or are late and hold up a run."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from reports.work.deadlines import Deadlines
from reports.work.prices import work_subject
from reports.work.records import NOT_KNOWN, WorkItem

if TYPE_CHECKING:
    from loaders.store.session import Store

_STATES = ("failing", "late", "quarantined")


def feed_items(store: Store, settled: dict[date, str], deadlines: Deadlines) -> list[WorkItem]:
    """Refused rows by job and day, then jobs by state.

    settled  Settlement Date to the run type that was settled last
    """
    refused = _refused(store, settled, deadlines)
    return refused + _loads(store, settled, deadlines, {one.job for one in refused})


def _refused(store: Store, settled: dict[date, str], deadlines: Deadlines) -> list[WorkItem]:
    from loaders.duty.refused import standing_by_day
    from loaders.store.database import reading

    with reading(store.engine) as connection:
        groups = standing_by_day(connection)
    found = []
    for row, count in groups:
        day = row.settlement_date
        id_ = f"refused-{row.job or 'unknown'}" + (f"-{day}" if day else "")
        what = "1 row or file" if count == 1 else f"{count} rows or files"
        where = ", ".join([row.file, *([f"row {row.row}"] if row.row else []), *([row.column] if row.column else [])])
        deadline = deadlines.next_run(day, settled.get(day) if day else None)
        found.append(
            WorkItem(
                id_, "refused", f"{row.job}{f', {day}' if day else ''}: {what} refused",
                f"{where}: found {row.found}, wanted {row.wanted}", row.todo, work_subject(id_, day), None,
                f"{NOT_KNOWN}: what was refused is in no figure", deadline, deadlines.left(deadline), day,
                settled.get(day) if day else None, job=row.job or None,
            )
        )  # fmt: skip
    return found


def _loads(
    store: Store, settled: dict[date, str], deadlines: Deadlines, told: Collection[str | None]
) -> list[WorkItem]:
    from reports.loads_view import Loads

    found = []
    for one in Loads(store).wall().jobs:
        if one.state not in _STATES or (one.state == "quarantined" and one.job in told):
            continue
        id_ = f"load-{one.job}"
        run = settled.get(one.day) if one.day else None
        deadline = deadlines.next_run(one.day, run)
        found.append(
            WorkItem(
                id_, "load", f"{one.job}: {one.state}", f"{one.title}: {one.reason or one.state}",
                f'Look at what came, then "bsc load --fetch {one.job}" or "bsc load replay {one.job}"',
                work_subject(id_, one.day), None, f"{NOT_KNOWN}: it is in no figure until it comes", deadline,
                deadlines.left(deadline), one.day, run, job=one.job,
            )
        )  # fmt: skip
    return found
