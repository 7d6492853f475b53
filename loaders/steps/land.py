"""Land: the bytes as received, under their hash; the same bytes for the same place are a repeat."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from loaders.formats.text import unpack
from loaders.store import tables as sql
from loaders.store.database import reading
from loaders.store.session import Store

MARK = b"SYNTHETIC"


def is_synthetic(file: str, data: bytes) -> bool:
    """Whether a file says, in its name or content, that it is synthetic."""
    return MARK in Path(file).name.encode() or MARK in unpack(file, data)[0]


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
