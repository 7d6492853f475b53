"""Rows as their sender had published them by an instant, whenever they reached this store.

The sender's clock of a row is the first of these that is there: the row's own publish
column, `published_at` of its part, `published_at` of its landing. Where none is, the row
counts from the moment at which it was kept here, and the answer says how many such rows
it holds. The publish column of a dataset is the `checks.latest_of` of its jobs, else a
column of moments named as in `NAMED`. The time of an acceptance or of a notification is
none: it says when something was done, not when it was told.

An older run that is loaded after a newer one is not kept as rows, and cannot be seen here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from loaders.declared import all_jobs
from loaders.errors import UnknownVersion
from loaders.store import tables as sql
from loaders.store.database import reading
from loaders.store.parts import PUBLISHED
from loaders.store.reading import PART, PartFile, deltas, of_rows, same_as_next

if TYPE_CHECKING:
    from loaders.declared import Dataset

NAMED = ("publish_time", "published_time", "created_time", "created_at")
BY_KEPT_AT = b"rows_by_kept_at"  # schema metadata of an answer: how many of its rows no sender's clock dates
MOMENT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class KeptPart:
    """A part with the two clocks it carries."""

    file: PartFile
    published_at: datetime | None
    kept_at: datetime


def publish_column(dataset: Dataset) -> str | None:
    """The column in which the rows of a dataset say when they were published, or None."""
    tables = (table for job in dataset.jobs for table in all_jobs()[job].tables.values())
    run = next((t.checks.latest_of for t in tables if t.dataset == dataset.name and t.checks.latest_of), None)
    moments = [name for name in NAMED if name in dataset.columns and dataset.columns[name].type == "instant"]
    return run or next(iter(moments), None)


def rows_published_by(
    engine: sa.Engine, folder: Path, dataset: Dataset, day: date | None, version: int, instant: datetime
) -> pa.Table:
    """Rows that counted at an instant of the sender's clock, sorted by keys, of what the store held at a version.

    Of the rows and withdrawals of a key that were published by then the one published last counts, and of those
    published together the one kept last. Raises UnknownVersion for a time without its zone.
    gives  columns of the dataset, landing, source_row; schema metadata `rows_by_kept_at`: rows without such a clock
    """
    if instant.tzinfo is None:
        raise UnknownVersion(
            f"published by {instant}: found a time without a zone, wanted one in UTC. Write 2024-01-15T12:00Z."
        )
    parts, of_landing = _clocks(engine, dataset, day, version)
    files = [part.file for part in parts]
    table = deltas(folder, dataset, files, day, [pa.field(PUBLISHED, MOMENT)])
    rows = pa.array(of_rows(table, files))
    known = _published(table, rows, publish_column(dataset), parts, of_landing)
    kept_at = _by_part([part.kept_at for part in parts], table)
    table = table.set_column(table.schema.get_field_index(PUBLISHED), PUBLISHED, pc.coalesce(known, kept_at))
    table = table.append_column("_rows", rows).append_column("_unknown", pc.is_null(known))
    table = table.filter(pc.less_equal(table.column(PUBLISHED), pa.scalar(instant.astimezone(UTC), MOMENT)))
    table = table.sort_by([(name, "ascending") for name in (*dataset.keys, PUBLISHED, PART)]).combine_chunks()
    table = table.filter(pa.array(~same_as_next(table, dataset.keys))).filter(pc.field("_rows"))
    unknown = pc.sum(table.column("_unknown")).as_py() or 0
    return table.select(dataset.stored_schema.names).replace_schema_metadata({BY_KEPT_AT: str(unknown)})


def rows_by_kept_at(table: pa.Table) -> int:
    """How many rows of an answer counted from when they were kept, as nothing says when they were published."""
    return int((table.schema.metadata or {}).get(BY_KEPT_AT, 0))


def _clocks(
    engine: sa.Engine, dataset: Dataset, day: date | None, version: int
) -> tuple[list[KeptPart], Mapping[str, datetime]]:
    """Parts up to a version in their order, each file of a version once, and when each landing was published."""
    part, landing = sql.parts, sql.landings
    query = sa.select(part).where(part.c.dataset == dataset.name, part.c.version <= version)
    if day is not None:
        query = query.where(part.c.settlement_date == day)
    found: dict[PartFile, KeptPart] = {}
    with reading(engine) as connection:
        for row in connection.execute(query.order_by(part.c.version, part.c.id)):
            file = (row.version, row.kind, row.sha256)
            other = found.get(file)
            # Days that share a file: the latest of them, so that no row counts before it was published.
            times = [time for time in (row.published_at, other.published_at if other else None) if time]
            found[file] = KeptPart(file, max(times, default=None), row.kept_at)
        said = connection.execute(
            sa.select(landing.c.sha256, landing.c.published_at).where(landing.c.published_at.is_not(None))
        )
        return list(found.values()), {row.sha256: row.published_at for row in said}


def _published(
    table: pa.Table,
    rows: pa.Array,
    column: str | None,
    parts: Sequence[KeptPart],
    of_landing: Mapping[str, datetime],
) -> pa.ChunkedArray:
    """The sender's clock of each row, null where nothing says it; a withdrawal has the one it was kept with."""
    nothing = pa.scalar(None, MOMENT)
    own = pc.if_else(rows, table.column(column), nothing) if column else nothing
    names = pa.array(list(of_landing), pa.string())
    times = pa.array(list(of_landing.values()), MOMENT)
    landed = times.take(pc.index_in(table.column("landing"), names))
    return pc.coalesce(own, table.column(PUBLISHED), _by_part([part.published_at for part in parts], table), landed)


def _by_part(times: Sequence[datetime | None], table: pa.Table) -> pa.Array:
    """For each row the time of its part."""
    places: Any = table.column(PART).to_numpy().astype(np.int64)
    return pa.array(times, MOMENT).take(pa.array(places))
