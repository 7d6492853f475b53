"""What was refused, and whether it still stands.

A row is mended when what it is about has come whole since, or when its file was read again, as by a replay, and the
row was not refused any more. A row that is refused again is told once, as it was refused last.
A refusal of which no place could be told, as of a file that cannot be read and has no day in its name, stands for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from loaders.errors import UnreadableFile
from loaders.formats.record import records_at
from loaders.store import tables as sql
from loaders.store.database import some
from loaders.store.records import QuarantineRow


@dataclass(frozen=True)
class Refused:
    """A refused row or file, and whether what it is about has come whole since."""

    row: QuarantineRow
    mended: bool


def refused(
    connection: sa.Connection,
    job: str | None = None,
    settlement_date: date | None = None,
    most: int | None = None,
    skip: int = 0,
) -> tuple[list[Refused], int]:
    """Refusals of a job or all, of a day or all, those that stand first and then the newest; and how many there are."""
    table, stands = sql.quarantine, _stands()
    where = [~_refused_again()]
    if job:
        where.append(table.c.job == job)
    if settlement_date is not None:
        where.append(table.c.settlement_date == settlement_date)
    count = connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar() or 0
    query = sa.select(table, stands.label("stands")).where(*where)
    # The rows of one file stand together, in the order of the file.
    query = query.order_by(stands.desc(), table.c.version.desc(), table.c.file, table.c.row, table.c.id)
    names = QuarantineRow.__dataclass_fields__
    found = connection.execute(query.limit(most).offset(skip) if most is not None else query)
    rows = [Refused(QuarantineRow(**{name: one._mapping[name] for name in names}), not one.stands) for one in found]
    return rows, count


def standing(connection: sa.Connection) -> dict[str, int]:
    """Job to how many of its refusals stand; a job without one is left out."""
    table = sql.quarantine
    query = sa.select(table.c.job, sa.func.count()).where(_stands(), ~_refused_again()).group_by(table.c.job)
    return {job: count for job, count in connection.execute(query)}


def standing_by_day(connection: sa.Connection) -> list[tuple[QuarantineRow, int]]:
    """Of each job and day, the refusal that stands first, and how many stand."""
    table = sql.quarantine
    query = sa.select(sa.func.min(table.c.id), sa.func.count()).where(_stands(), ~_refused_again())
    found_ids = connection.execute(query.group_by(table.c.job, table.c.settlement_date))
    groups: dict[int, int] = {first: count for first, count in found_ids}
    names, found = QuarantineRow.__dataclass_fields__, []
    for ids in some(sorted(groups)):
        for one in connection.execute(sa.select(table).where(table.c.id.in_(ids)).order_by(table.c.id)):
            found.append((QuarantineRow(**{name: one._mapping[name] for name in names}), groups[one.id]))
    return found


def records(data: bytes, rows: Sequence[QuarantineRow], encoding: str) -> dict[int, str]:
    """The records of refused rows of one landing as they stand there, by place; where there is none, none."""
    try:
        return records_at(rows[0].file, data, {one.row for one in rows if one.row}, encoding)
    except UnreadableFile:
        return {}


def _stands() -> sa.ColumnElement[Any]:
    table, mark = sql.quarantine, sql.incomplete
    about = (
        mark.c.dataset == table.c.dataset,
        mark.c.landing == table.c.landing,
        sa.or_(
            table.c.settlement_date.is_(None),
            mark.c.settlement_date.is_(None),
            mark.c.settlement_date == table.c.settlement_date,
        ),
        sa.or_(
            table.c.settlement_period.is_(None),
            mark.c.settlement_period.is_(None),
            mark.c.settlement_period == table.c.settlement_period,
        ),
    )
    run = sql.job_runs
    read_again = sa.exists().where(
        run.c.landing == table.c.landing,
        run.c.job == table.c.job,
        run.c.version > table.c.version,
        run.c.outcome.in_(("kept", "refused")),
    )
    marked = sa.or_(sa.exists().where(*about, mark.c.repaired_version.is_(None)), ~sa.exists().where(*about))
    return sa.and_(~read_again, marked)


def _refused_again() -> sa.ColumnElement[Any]:
    table, later = sql.quarantine, sql.quarantine.alias()
    return sa.exists().where(
        later.c.landing == table.c.landing,
        later.c.job == table.c.job,
        later.c.row == table.c.row,
        later.c.column == table.c.column,
        later.c.version > table.c.version,
    )
