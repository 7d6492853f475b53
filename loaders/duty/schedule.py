"""Which questions are due at an instant: from each job's cron, in UTC, and from its last run.

A question is about what has ended: a Settlement Day once its last period has, a Settlement
Period once it has. Only where `fresh_within` is shorter than a day is the day under way
asked for as well, up to its last ended period: a file of half a day would else pass for a
whole one.

A job asks for what has ended since its last run (less `late_after`, which is how long an
answer may take), and, once a settlement day, for all of `re_read`. Whatever ended while nothing ran
is thus asked for when it runs again, the oldest first; a job that never ran reaches back
by `re_read`, and `back_fill` reaches back further.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from loaders.errors import LoadError
from loaders.job import Job
from loaders.job_fetch import Fetch, span
from settlement import calendar

DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Due:
    """One question of one job.

    question     the same for the same question, whenever it is asked
    due_at       the tick of the job's cron at which it fell due
    first, last  what it is about, in UTC; `last` is not part of it
    """

    job: str
    question: str
    due_at: datetime
    first: datetime
    last: datetime

    @property
    def periods(self) -> list[tuple[date, int]]:
        """The Settlement Periods that it touches, in order of time."""
        found = []
        at = self.first
        while at < self.last:
            spot = calendar.period_at(at)
            found.append(spot)
            at = calendar.period_start(*spot) + calendar.PERIOD
        return found

    @property
    def days(self) -> list[date]:
        """The Settlement Days that it touches."""
        return sorted({day for day, _ in self.periods})


def last_tick(cron: str, now: datetime) -> datetime:
    """The newest tick that is not after an instant."""
    from cronsim import CronSim

    return next(CronSim(cron, _utc(now).replace(microsecond=0) + _SECOND, reverse=True))


def next_tick(cron: str, now: datetime) -> datetime:
    """The first tick after an instant."""
    from cronsim import CronSim

    return next(CronSim(cron, _utc(now)))


def due(
    jobs: Mapping[str, Job], now: datetime, last_runs: Mapping[str, datetime], back_fill: date | None = None
) -> list[Due]:
    """The questions that are due, the oldest first.

    last_runs  job to the tick of its last run; one that is not named never ran
    back_fill  ask for all from this Settlement Day on, whatever ran before
    Raises LoadError for an instant without a zone.
    """
    found: list[Due] = []
    for name, job in jobs.items():
        if not job.fetch.due:
            continue
        tick = last_tick(job.fetch.due, now)
        last = last_runs.get(name)
        if last is not None and last >= tick and back_fill is None:
            continue
        since = _since(job.fetch, tick, last)
        if back_fill is not None:
            since = min(since, calendar.day_start(back_fill))
        found += [
            Due(name, question, tick, first, last_) for question, first, last_ in _questions(job.fetch, since, tick)
        ]
    return sorted(found, key=lambda one: (one.first, one.job, one.last))


def looked_after(jobs: Mapping[str, Job], last_runs: Mapping[str, datetime]) -> dict[str, Job]:
    """The jobs as a workspace looks after them: where nothing was ever put down to do, somebody brings all files."""
    if last_runs:
        return dict(jobs)
    brought = {"due": "", "fresh_within": ""}
    return {name: job.model_copy(update={"fetch": job.fetch.model_copy(update=brought)}) for name, job in jobs.items()}


def length(text: str, otherwise: timedelta = timedelta()) -> timedelta:
    """A declared length of time, or another where none is declared."""
    return span(text) if text else otherwise


def _since(fetch: Fetch, tick: datetime, last: datetime | None) -> datetime:
    re_read = length(fetch.re_read)
    if last is None:
        return tick - (re_read or length(fetch.longest, DAY))
    since = min(last, tick) - length(fetch.late_after)
    another_day = calendar.period_at(last)[0] < calendar.period_at(tick)[0]
    return min(since, tick - re_read) if another_day else since


def _questions(fetch: Fetch, since: datetime, tick: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    match fetch.covers:
        case "settlement day":
            yield from _of_days(since, tick, under_way=length(fetch.fresh_within, DAY) < DAY)
        case "settlement period":
            yield from _of_periods(since, tick)
        case "publish window":
            yield from _of_windows(since, tick, length(fetch.longest, DAY))
        case "season":
            yield from _of_seasons(since, tick)
        case "all time":
            yield "all time", since, tick


def _of_days(since: datetime, tick: datetime, under_way: bool) -> Iterator[tuple[str, datetime, datetime]]:
    today = calendar.period_at(tick)[0]
    day = calendar.period_at(since)[0]
    while day <= today:
        first, last = calendar.day_start(day), calendar.day_start(day + DAY)
        if last > tick:
            ended = (tick - first) // calendar.PERIOD
            last = first + ended * calendar.PERIOD
            if not (under_way and ended):
                return
        # A day that ended at the very instant from which we look was asked for then.
        if last > since:
            yield str(day), first, last
        day += DAY


def _of_periods(since: datetime, tick: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    first = calendar.period_start(*calendar.period_at(since))
    while first + calendar.PERIOD <= tick:
        day, period = calendar.period_at(first)
        yield f"{day} {period:02}", first, first + calendar.PERIOD
        first += calendar.PERIOD


def _of_windows(since: datetime, tick: datetime, longest: timedelta) -> Iterator[tuple[str, datetime, datetime]]:
    first = since
    while first < tick:
        last = min(first + longest, tick)
        yield f"{_iso(first)}/{_iso(last)}", first, last
        first = last


def _of_seasons(since: datetime, tick: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    today = calendar.period_at(tick)[0]
    first, after = season_of(calendar.period_at(since)[0])
    while first <= today:
        yield f"{first}/{after - DAY}", calendar.day_start(first), calendar.day_start(after)
        first, after = date(first.year + 1, 11, 1), date(first.year + 2, 3, 1)


def season_of(day: date) -> tuple[date, date]:
    """First day of the last Triad season that began by a day, and the day after its end: November to February.

    >>> season_of(date(2025, 1, 31)), season_of(date(2025, 6, 1))[0]
    ((datetime.date(2024, 11, 1), datetime.date(2025, 3, 1)), datetime.date(2024, 11, 1))
    """
    year = day.year if day.month >= 11 else day.year - 1
    return date(year, 11, 1), date(year + 1, 3, 1)


def _iso(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _utc(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise LoadError(f"now: found {now}, a time without a zone, wanted one in UTC. Write 2024-01-15T12:00Z.")
    return now.astimezone(UTC)
