"""Archives as received: kept for ever beside the files that were in them, each of which is a landing of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from loaders.store import runs
from loaders.store import tables as sql
from loaders.store.database import writing
from loaders.store.files import keep_all
from loaders.store.loads import LandingToKeep, note_run

if TYPE_CHECKING:
    from loaders.store.session import Store


def keep(store: Store, archive: LandingToKeep) -> bool:
    """Keep the bytes of an archive and note the run; whether it is new. One that is there changes no version."""
    keep_all(store.files, store.landings_folder, {archive.sha256: archive.data}, "")
    with writing(store.engine) as connection:
        now = runs.moment(connection)
        if _is_kept(connection, archive.sha256):
            note_run(connection, replace(archive, outcome="repeated"), None, now)
            return False
        version = runs.next_version(connection, f"unpack {archive.file}", now)
        table = sql.landings
        if connection.execute(sa.select(table.c.sha256).where(table.c.sha256 == archive.sha256)).first() is None:
            connection.execute(
                sa.insert(table).values(
                    sha256=archive.sha256,
                    job="",
                    file=archive.file,
                    bytes=len(archive.data),
                    rows_kept=0,
                    rows_refused=0,
                    synthetic=archive.synthetic,
                    published_at=None,
                    kept_at=now,
                    version=version,
                )
            )
        note_run(connection, archive, version, now)
    return True


def _is_kept(connection: sa.Connection, sha256: str) -> bool:
    table = sql.job_runs
    query = sa.select(table.c.id).where(table.c.landing == sha256, table.c.outcome == "unpacked").limit(1)
    return connection.execute(query).first() is not None
