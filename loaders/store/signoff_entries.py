"""Rows of the sign-off chain: added one after the other, never changed, never taken out.

There is no update and no delete here. The writer's lock of the store makes one of two who write at once the first;
the other meets what the first has written. A counter holds how many were ever written, so that rows cut off at the
end are missed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from loaders.errors import StoreDamaged
from loaders.store import runs
from loaders.store import tables as sql
from loaders.store.database import reading, writing

_COUNTER = "signoff"


@dataclass(frozen=True)
class SignoffRow:
    """One row as it stands; `body` is JSON text, the hashes are over its UTF-8 bytes and over the head."""

    number: int
    subject: str
    previous: str | None
    body: str
    body_sha256: str
    signature: str | None
    head_sha256: str


def append(
    engine: sa.Engine, subject: str, made: Callable[[Sequence[SignoffRow], SignoffRow | None], SignoffRow]
) -> SignoffRow:
    """Add one row, in one step with the reading of what it rests on.

    made  gives the row; it gets the rows of the subject so far, and the last row of the chain. What it raises ends
          the step, and nothing is written

    Raises StoreDamaged where rows were taken out of the chain, StoreUnavailable.
    """
    table = sql.signoff_entries
    with writing(engine) as connection:
        last = _rows(connection, table.c.number == sa.select(sa.func.max(table.c.number)).scalar_subquery())
        row = made(_rows(connection, table.c.subject == subject), last[0] if last else None)
        counted = runs.next_number(connection, _COUNTER)
        if counted != row.number:
            raise StoreDamaged(
                f"sign-off chain: found {row.number - 1} rows, wanted {counted - 1} as counted. Nothing was written. "
                'See what is wrong with "bsc verify --home WORKSPACE", and restore the workspace from a copy.'
            )
        connection.execute(sa.insert(table).values(**vars(row)))
    return row


def rows(engine: sa.Engine, subject: str | None = None, after: int = 0) -> list[SignoffRow]:
    """Rows in the order of the chain, of one subject or of all; those `after` a number."""
    table = sql.signoff_entries
    of = [] if subject is None else [table.c.subject == subject]
    with reading(engine) as connection:
        return _rows(connection, table.c.number > after, *of)


def counted(engine: sa.Engine) -> int:
    """How many rows were ever written."""
    with reading(engine) as connection:
        query = sa.select(sql.counters.c.value).where(sql.counters.c.name == _COUNTER)
        return connection.execute(query).scalar() or 0


def moved_after(engine: sa.Engine, version: int) -> dict[tuple[str, date | None], int]:
    """Dataset and day to the newest store version, after one, that brought, mended or marked something of it."""
    found: dict[tuple[str, date | None], int] = {}
    columns = [
        *((table, table.c.version) for table in (sql.parts, sql.arrivals, sql.incomplete)),
        (sql.incomplete, sql.incomplete.c.repaired_version),
    ]
    with reading(engine) as connection:
        for table, at in columns:
            what = (table.c.dataset, table.c.settlement_date)
            query = sa.select(*what, sa.func.max(at)).where(at > version).group_by(*what)
            for dataset, day, newest in connection.execute(query):
                found[dataset, day] = max(found.get((dataset, day), 0), newest)
    return found


def files_after(engine: sa.Engine, dataset: str, day: date | None, version: int) -> list[tuple[str, str, str]]:
    """Job, file and instant of what came of a dataset for a day after a store version, in order of coming."""
    table = sql.arrivals
    query = sa.select(table.c.job, table.c.file, sa.func.min(table.c.kept_at)).where(
        table.c.dataset == dataset, table.c.settlement_date == day, table.c.version > version
    )
    with reading(engine) as connection:
        found = connection.execute(query.group_by(table.c.job, table.c.file).order_by(sa.func.min(table.c.id)))
        return [(job, file, f"{at:%Y-%m-%d %H:%M}Z") for job, file, at in found]


def _rows(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[SignoffRow]:
    table = sql.signoff_entries
    found = connection.execute(sa.select(table).where(*where).order_by(table.c.number))
    return [SignoffRow(**row._mapping) for row in found]
