"""What the store knows of each job's past: last arrivals, tasks, faults that stand. Gathered in a few queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from loaders.store import tables as sql

LOOKED_BACK = timedelta(days=40)  # how far a drift is followed back


@dataclass
class Facts:
    """Of one job.

    met_at      last time that a file of it came, be it the same again
    done_tick   newest tick of which a task is done
    failing     the first failure that nothing good came after, and the newest error
    marks       places that are incomplete, the first of them, and since when
    refused     the newest file was refused as a whole: when, and which
    drift       since when each run has brought a warning, and the newest warning
    """

    met_at: datetime | None = None
    done_tick: datetime | None = None
    waiting: int = 0
    failed: int = 0
    failing: tuple[datetime, str] | None = None
    marks: int = 0
    marked: tuple[datetime, str] | None = None
    refused: tuple[datetime, str] | None = None
    drift: tuple[datetime, str] | None = None


def gathered(connection: sa.Connection, now: datetime) -> dict[str, Facts]:
    """The facts of every job of which there are any, at an instant."""
    found: dict[str, Facts] = {}
    _runs(connection, found)
    _tasks(connection, found)
    _failures(connection, found)
    _marks(connection, found)
    _drift(connection, found, now - LOOKED_BACK)
    return found


def _of(found: dict[str, Facts], job: str) -> Facts:
    return found.setdefault(job, Facts())


def _runs(connection: sa.Connection, found: dict[str, Facts]) -> None:
    table = sql.job_runs
    newest = sa.select(sa.func.max(table.c.id)).where(table.c.job.is_not(None)).group_by(table.c.job)
    for row in connection.execute(sa.select(table).where(table.c.id.in_(newest))):
        _of(found, row.job).met_at = row.kept_at
    # A file that was refused, sent again, is a repeat: it is refused still.
    read = newest.where(table.c.outcome != "repeated")
    for row in connection.execute(sa.select(table).where(table.c.id.in_(read), table.c.outcome == "refused")):
        _of(found, row.job).refused = (row.kept_at, row.file)


def _tasks(connection: sa.Connection, found: dict[str, Facts]) -> None:
    table = sql.job_tasks
    counted = sa.select(
        table.c.job, table.c.state, sa.func.count().label("tasks"), sa.func.max(table.c.due_at).label("tick")
    ).group_by(table.c.job, table.c.state)
    for row in connection.execute(counted):
        facts = _of(found, row.job)
        if row.state == "done":
            facts.done_tick = row.tick
        elif row.state == "failed":
            facts.failed = row.tasks
        else:
            facts.waiting += row.tasks


def _failures(connection: sa.Connection, found: dict[str, Facts]) -> None:
    """Failures that stand: a later answer to the same question makes good, one to another question does not."""
    task, answer = sql.job_tasks, sql.job_tasks.alias()
    answered = sa.exists().where(
        answer.c.job == task.c.job,
        answer.c.question == task.c.question,
        answer.c.state == "done",
        answer.c.done_at > task.c.failed_at,
    )
    standing = connection.execute(
        sa.select(task.c.job, task.c.failing_since, task.c.last_error)
        .where(task.c.state != "done", task.c.failed_at.is_not(None), ~answered)
        .order_by(task.c.failed_at, task.c.id)
    )
    for row in standing:
        facts = _of(found, row.job)
        first = min(facts.failing[0], row.failing_since) if facts.failing else row.failing_since
        facts.failing = (first, row.last_error or "")


def _marks(connection: sa.Connection, found: dict[str, Facts]) -> None:
    table, version = sql.incomplete, sql.versions
    rows = connection.execute(
        sa.select(table.c.job, table.c.finding, version.c.kept_at)
        .join(version, version.c.version == table.c.version)
        .where(table.c.repaired_version.is_(None))
        .order_by(table.c.id)
    )
    for row in rows:
        facts = _of(found, row.job)
        facts.marks += 1
        facts.marked = facts.marked or (row.kept_at, row.finding)


def _drift(connection: sa.Connection, found: dict[str, Facts], start: datetime) -> None:
    table = sql.steps
    runs = connection.execute(
        sa.select(
            table.c.job,
            table.c.run_id,
            sa.func.min(table.c.started_at).label("at"),
            sa.func.sum(table.c.warnings).label("warnings"),
            sa.func.max(table.c.warning).label("warning"),
        )
        .where(table.c.started_at >= start)
        .group_by(table.c.job, table.c.run_id)
        .order_by(sa.func.min(table.c.started_at))
    )
    for row in runs:
        facts = _of(found, row.job)
        if not row.warnings:
            facts.drift = None
        else:
            facts.drift = ((facts.drift or (row.at, ""))[0], row.warning or f"{int(row.warnings)} warnings")
