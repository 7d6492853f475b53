"""How each job stands, in one word, with since when and why.

    failing       a question failed and was not answered since
    quarantined   rows or files were refused, and what they are about has not come whole since
    late          something is not there at the time by which it should be
    drifting      the answers come, but not quite in the form that is declared
    never         nothing has ever come
    fresh         nothing of these

The first that holds is said. Late is: a tick of `due` was not answered within `late_after`; or
a period that has ended has not arrived `late_after` after the tick that should have brought it; or the
last answer is older than `fresh_within`. Jobs without `due` are brought by somebody, and are never late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from loaders.duty.expected import Place, arrived, spans
from loaders.duty.facts import Facts, gathered
from loaders.duty.schedule import DAY, last_tick, length, next_tick
from loaders.job import Job
from loaders.store.database import reading
from settlement import calendar

STATES = ("failing", "quarantined", "late", "drifting", "never", "fresh")
LONGEST_REASON = 160


@dataclass(frozen=True)
class JobStatus:
    """One job. Counts of places (a period, or a side of it) are of the newest day of which any has ended."""

    job: str
    title: str
    owner: str
    state: str
    since: datetime | None
    reason: str
    last_answer: datetime | None
    next_due: datetime | None
    late_by_seconds: float
    tasks_waiting: int
    tasks_failed: int
    incomplete: int
    day: date | None
    arrived: int
    empty: int
    not_arrived: int

    def as_data(self) -> dict[str, Any]:
        """For JSON: instants in ISO 8601."""
        said = asdict(self)
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}


def status(engine: sa.Engine, jobs: Mapping[str, Job], now: datetime) -> list[JobStatus]:
    """How each of the jobs stands at an instant, in order of name."""
    with reading(engine) as connection:
        facts = gathered(connection, now)
        return [_of_job(connection, jobs[name], facts.get(name, Facts()), now) for name in sorted(jobs)]


def _of_job(connection: sa.Connection, job: Job, facts: Facts, now: datetime) -> JobStatus:
    late = _late(connection, job, facts, now)
    state, since, reason = _state(job, facts, late)
    day = None if job.arrives_for == "all time" else _newest_day(now)
    come = None
    if day is not None:
        ended = [p for p in calendar.periods(day) if calendar.period_start(day, p) + calendar.PERIOD <= now]
        come = arrived(connection, job, day, ended)
    return JobStatus(
        job=job.job,
        title=job.title,
        owner=job.owner,
        state=state,
        since=since,
        reason=reason[:LONGEST_REASON].splitlines()[0] if reason else "",
        last_answer=facts.met_at,
        next_due=next_tick(job.fetch.due, now) if job.fetch.due else None,
        late_by_seconds=max((now - late[0]).total_seconds(), 0.0) if late else 0.0,
        tasks_waiting=facts.waiting,
        tasks_failed=facts.failed,
        incomplete=facts.marks,
        day=day,
        arrived=len(come.arrived) if come else 0,
        empty=len(come.empty) if come else 0,
        not_arrived=len(come.not_arrived) if come else 0,
    )


def _state(job: Job, facts: Facts, late: tuple[datetime, str] | None) -> tuple[str, datetime | None, str]:
    """The first state that holds: with since when, and why."""
    marked = facts.marked and (
        facts.marked[0],
        f"{facts.marks} {'place' if facts.marks == 1 else 'places'} incomplete, the first: {facts.marked[1]}",
    )
    refused = facts.refused and (facts.refused[0], f"the newest file was refused: {facts.refused[1]}")
    came = facts.met_at or facts.done_tick
    why_never = f"nothing has come; due at {job.fetch.due}" if job.fetch.due else "nothing has come"
    holding: list[tuple[str, tuple[datetime | None, str] | None]] = [
        ("failing", facts.failing),
        ("quarantined", marked or refused),
        ("never", None if came else (None, why_never)),
        ("late", late),
        ("drifting", facts.drift),
        ("fresh", (came, "")),
    ]
    state, said = next((state, said) for state, said in holding if said)
    return state, *said  # type: ignore[misc]


def _late(connection: sa.Connection, job: Job, facts: Facts, now: datetime) -> tuple[datetime, str] | None:
    """Since when a job is late, and why; the earliest of what is missing."""
    fetch = job.fetch
    if not fetch.due:
        return None
    allowed = length(fetch.late_after)
    found: list[tuple[datetime, str]] = []
    tick = last_tick(fetch.due, now - allowed)
    answered = max((at for at in (facts.done_tick, facts.met_at) if at), default=None)
    if answered is None or answered < tick:
        # Late since the first tick that went by without an answer, which may be long before the newest.
        missed = tick if answered is None else min(next_tick(fetch.due, answered), tick)
        found.append((missed + allowed, f"due at {missed:%Y-%m-%d %H:%M}Z, no answer"))
    if fetch.fresh_within and facts.met_at is not None and facts.met_at + length(fetch.fresh_within) < now:
        found.append((facts.met_at + length(fetch.fresh_within), f"the last answer is older than {fetch.fresh_within}"))
    if job.arrives_for != "all time" and fetch.covers in ("settlement day", "settlement period"):
        found += _missing(connection, job, now, allowed)
    return min(found, default=None)


def _missing(connection: sa.Connection, job: Job, now: datetime, allowed: timedelta) -> list[tuple[datetime, str]]:
    """Periods that should have arrived by now, of each day that the job still looks at."""
    fetch = job.fetch
    by_period = fetch.covers == "settlement period" or length(fetch.fresh_within, DAY) < DAY
    first = calendar.period_at(now - max(length(fetch.re_read), DAY))[0]
    found = []
    for day in (first + i * DAY for i in range((calendar.period_at(now)[0] - first).days + 1)):
        ends = {p: calendar.period_start(day, p) + calendar.PERIOD for p in calendar.periods(day)}
        asked = {p: end if by_period else calendar.day_start(day + DAY) for p, end in ends.items()}
        # The tick that asks for a period is the first that is not before its end.
        due = {p: next_tick(fetch.due, end - timedelta(seconds=1)) + allowed for p, end in asked.items()}
        over = [p for p, at in due.items() if at <= now]
        missing = arrived(connection, job, day, over).not_arrived
        if missing:
            found.append((min(due[p] for p, _ in missing if p is not None), _named(day, missing)))
    return found


def _named(day: date, missing: tuple[Place, ...]) -> str:
    numbers = {period for period, _ in missing if period is not None}
    if len(numbers) == calendar.period_count(day):
        return f"{day} has not arrived"
    return f"{day}: periods {spans(numbers)} have not arrived"


def _newest_day(now: datetime) -> date:
    return calendar.period_at(now - calendar.PERIOD)[0]
