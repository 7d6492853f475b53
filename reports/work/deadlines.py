"""Until when an exception is to be dealt with: the next run of its day, by the published calendar or the rules."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from reports.batch.timetable import BY_LAG, CALENDAR, LAG, due_since, published_dates
from reports.look.times import short_day
from reports.work.records import Deadline

if TYPE_CHECKING:
    from loaders.store.session import Store


class Deadlines:
    """The next runs of one workspace on one day."""

    def __init__(self, store: Store, today: date) -> None:
        self._published = published_dates(store)
        self._today = today

    def next_run(self, settlement_date: date | None, run: str | None = None) -> Deadline:
        """The first run of the day, after a run type, that lies not before today.

        settlement_date  None: of no day, so without a deadline
        run              the run type that was settled; None: none yet
        """
        if settlement_date is None:
            return Deadline(None, "of no Settlement Date, so no run waits for it")
        later = BY_LAG[BY_LAG.index(run) + 1 :] if run in BY_LAG else BY_LAG if run in (None, "IP") else ()
        last = None
        for one in later:
            published = self._published.get((settlement_date, one))
            day = published or due_since(settlement_date, one)
            if day is None:
                continue
            if day >= self._today:
                return Deadline(day, f"{one} by {CALENDAR if published else LAG}")
            last = f"{one} was due {short_day(day)}"
        why = f"{last}, the last by the timetable" if last else f"no run follows {run} by the timetable"
        return Deadline(None, f"no further run: {why}")

    def left(self, deadline: Deadline) -> int | None:
        """Days to a deadline, below zero when it is past."""
        return None if deadline.day is None else (deadline.day - self._today).days
