"""Land: the bytes as received, under their hash; the same bytes for the same place are a repeat."""

from __future__ import annotations

import sqlalchemy as sa

from loaders.errors import UnreadableFile
from loaders.formats import packed
from loaders.store import tables as sql
from loaders.store.database import reading
from loaders.store.session import Store

MARK = b"SYNTHETIC"
WIDE_MARK = MARK.decode().encode("utf-16-le")  # in an .xls


def is_synthetic(file: str, data: bytes) -> bool:
    """Whether a file says, in its name or content, that it is synthetic."""
    if MARK.decode() in file:
        return True
    try:
        inside = packed.unpack(file, data)[0]
    except UnreadableFile:
        return False
    if inside.startswith(packed.ZIP):
        return MARK in inside or any(MARK in one or WIDE_MARK in one for one in packed.contents(file, inside))
    return MARK in inside or WIDE_MARK in inside


def met_before(store: Store, landing: str, scope: str, hashes: dict[str, str]) -> str | None:
    """The job that has read these bytes for this scope, as it stands today; None when none has.

    hashes  job to the hash of its file: what an older form of a job has read is read again
    """
    table = sql.job_runs
    with reading(store.engine) as connection:
        rows = connection.execute(
            sa.select(table.c.job, table.c.job_hash)
            .where(table.c.landing == landing, table.c.scope == scope, table.c.outcome.in_(("kept", "refused")))
            .order_by(table.c.id.desc())
        ).all()
    return next((row.job for row in rows if row.job and hashes.get(row.job) == row.job_hash), None)
