"""How far each job has come: moved in the transaction that makes its rows visible, and never back.

A watermark says that all that was asked for up to an instant is in, so that a job that was
stopped goes on from there, and what was in the making is asked for again.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from loaders.store.tables import watermarks as table


def move(connection: sa.Connection, job: str, upto: datetime, now: datetime) -> datetime:
    """Move the watermark of a job within the transaction at hand; gives where it stands then.

    An earlier instant than the one that stands (a day of long ago asked for again) leaves it there.
    """
    stands = connection.execute(sa.select(table.c.upto).where(table.c.job == job)).scalar()
    if stands is None:
        connection.execute(sa.insert(table).values(job=job, upto=upto, moved_at=now))
        return upto
    if upto > stands:
        connection.execute(sa.update(table).where(table.c.job == job).values(upto=upto, moved_at=now))
        return upto
    return stands


def all_of(connection: sa.Connection) -> dict[str, datetime]:
    """The watermark of every job that has one."""
    return {row.job: row.upto for row in connection.execute(sa.select(table.c.job, table.c.upto))}
