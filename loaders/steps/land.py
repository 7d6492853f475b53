"""Land: the bytes as received, under their hash; the same bytes for the same place are a repeat."""

from __future__ import annotations

from collections.abc import Sequence

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
    return all_met_before(store, [(landing, scope)], hashes).get((landing, scope))


def all_met_before(
    store: Store, files: Sequence[tuple[str, str]], hashes: dict[str, str]
) -> dict[tuple[str, str], str]:
    """The job that has read each of some bytes for its scope; one that none has is not there."""
    table = sql.job_runs
    found: dict[tuple[str, str], str] = {}
    landings = sorted({landing for landing, _ in files})
    for start in range(0, len(landings), 500):
        with reading(store.engine) as connection:
            rows = connection.execute(
                sa.select(table.c.landing, table.c.scope, table.c.job, table.c.job_hash)
                .where(table.c.landing.in_(landings[start : start + 500]), table.c.outcome.in_(("kept", "refused")))
                .order_by(table.c.id)
            ).all()
        found |= {(r.landing, r.scope): r.job for r in rows if r.job and hashes.get(r.job) == r.job_hash}
    return {file: found[file] for file in files if file in found}
