"""Tasks and who does them: each by one worker at a time, under a lease that runs out.

A task is one question of one job at the tick at which it fell due. It stays until it is
done: a worker that dies leaves a lease that runs out, and another takes the task. Of one job only one task
runs at a time. All of this holds because every change is made by the one writer of the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from loaders.duty.schedule import Due
from loaders.store.database import reading, writing
from loaders.store.tables import Instant
from loaders.store.tables import job_tasks as table

LEASE = timedelta(minutes=10)
ATTEMPTS = 5
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Task:
    """A task as it was claimed; `attempts` counts this one."""

    id: int
    job: str
    question: str
    due_at: datetime
    first: datetime
    last: datetime
    attempts: int
    claimed_by: str
    claimed_until: datetime

    @property
    def due(self) -> Due:
        """The question that it is to ask."""
        return Due(self.job, self.question, self.due_at, self.first, self.last)


def plan(engine: sa.Engine, dues: Iterable[Due]) -> int:
    """Put down what is due; gives how many tasks are new.

    A question that still waits from an earlier tick is not put down again; what has ended since is asked with it.
    """
    new = 0
    with writing(engine) as connection:
        waiting = sa.select(table.c.job, table.c.question).where(table.c.state == "waiting")
        asked = {(job, question) for job, question in connection.execute(waiting)}
        for one in dues:
            still = (table.c.job == one.job, table.c.question == one.question, table.c.state == "waiting")
            connection.execute(sa.update(table).where(*still, table.c.last < one.last).values(last=one.last))
            same = (table.c.job == one.job, table.c.question == one.question, table.c.due_at == one.due_at)
            if (one.job, one.question) in asked or connection.execute(sa.select(table.c.id).where(*same)).first():
                continue
            asked.add((one.job, one.question))
            connection.execute(
                sa.insert(table).values(
                    job=one.job,
                    question=one.question,
                    due_at=one.due_at,
                    first=one.first,
                    last=one.last,
                    state="waiting",
                    attempts=0,
                )
            )
            new += 1
    return new


def last_runs(engine: sa.Engine) -> dict[str, datetime]:
    """Job to the newest tick that was put down for it; what is put down stays until it is done."""
    with reading(engine) as connection:
        rows = connection.execute(sa.select(table.c.job, sa.func.max(table.c.due_at).label("at")).group_by(table.c.job))
        return {row.job: row.at for row in rows}


def claim(
    engine: sa.Engine,
    worker: str,
    now: datetime,
    lease: timedelta = LEASE,
    ready: Callable[[sa.Connection, Due], bool] | None = None,
) -> Task | None:
    """Take the oldest task that may run, or None: no task of a job that is running, none before its time.

    worker  a name that no other worker has
    ready   says whether what a question needs has come; one that is not ready waits, and the next is looked at
    """
    with writing(engine) as connection:
        _expire(connection, now)
        running = sa.select(table.c.job).where(table.c.state == "running")
        able = connection.execute(
            sa.select(table)
            .where(table.c.state == "waiting", table.c.job.not_in(running))
            .where(sa.or_(table.c.not_before.is_(None), table.c.not_before <= now))
            .order_by(table.c.first, table.c.id)
        ).all()
        for row in able:
            due = Due(row.job, row.question, row.due_at, row.first, row.last)
            if ready is None or ready(connection, due):
                until = now + lease
                taken = {"claimed_by": worker, "claimed_until": until, "attempts": row.attempts + 1}
                connection.execute(sa.update(table).where(table.c.id == row.id).values(state="running", **taken))
                return Task(row.id, row.job, row.question, row.due_at, row.first, row.last, **taken)
    return None


def renew(engine: sa.Engine, task: Task, now: datetime, lease: timedelta = LEASE) -> bool:
    """Hold a task for longer; False when it is no longer held, and the work on it must stop."""
    return _change(engine, task, claimed_until=now + lease)


def done(engine: sa.Engine, task: Task, now: datetime) -> bool:
    """Note that a task is done; False when its lease had run out and it was given to another."""
    return _change(engine, task, state="done", done_at=now, claimed_until=None, last_error=None)


def give_back(engine: sa.Engine, task: Task) -> bool:
    """Let another do it, as when a worker is told to stop: the attempt does not count."""
    return _change(engine, task, state="waiting", attempts=task.attempts - 1, claimed_by=None, claimed_until=None)


def failed(engine: sa.Engine, task: Task, error: str, now: datetime, again: bool = True) -> bool:
    """Note that a task failed: it waits, each time for longer, and after ATTEMPTS stays failed.

    again  False where another attempt cannot go better, as for a refused key
    """
    since = sa.func.coalesce(table.c.failing_since, sa.literal(now, Instant))
    told = {"last_error": error, "failing_since": since, "failed_at": now, "claimed_by": None, "claimed_until": None}
    if not again or task.attempts >= ATTEMPTS:
        return _change(engine, task, state="failed", **told)
    wait = min(_FIRST_WAIT * 2 ** (task.attempts - 1), _LONGEST_WAIT)
    return _change(engine, task, state="waiting", not_before=now + wait, **told)


def expire(engine: sa.Engine, now: datetime) -> int:
    """Take back the tasks whose lease has run out; gives how many."""
    with writing(engine) as connection:
        return _expire(connection, now)


def _expire(connection: sa.Connection, now: datetime) -> int:
    ran_out = connection.execute(sa.select(table).where(table.c.state == "running", table.c.claimed_until <= now)).all()
    for row in ran_out:
        # A task that takes its workers down with it must not do so for ever.
        state = "failed" if row.attempts >= ATTEMPTS else "waiting"
        said = f"{row.claimed_by} was not heard of after {row.claimed_until:%Y-%m-%dT%H:%M:%SZ}"
        connection.execute(
            sa.update(table)
            .where(table.c.id == row.id)
            .values(
                state=state,
                last_error=said,
                failing_since=row.failing_since or now,
                failed_at=now,
                claimed_by=None,
                claimed_until=None,
            )
        )
    return len(ran_out)


def _change(engine: sa.Engine, task: Task, **values: object) -> bool:
    # A worker that was taken for dead holds an older attempt: what it says no longer counts.
    held = (table.c.claimed_by == task.claimed_by, table.c.attempts == task.attempts, table.c.state == "running")
    with writing(engine) as connection:
        changed = connection.execute(sa.update(table).where(table.c.id == task.id, *held).values(**values))
        return changed.rowcount == 1
