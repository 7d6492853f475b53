"""Keeping what was read of some files: landings and parts first, then one transaction.

Landings, parts, arrivals, marks, quarantine and job runs of the batch become visible
together with the next store version. A crash before the commit leaves files that nothing
names; the next load writes the same files again, under the same names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from loaders.beside import threads
from loaders.declared import all_jobs
from loaders.errors import StoreDamaged, StoreMoved
from loaders.store import database, runs, watermarks
from loaders.store import tables as sql
from loaders.store.files import FileLayer, OnDisk, keep_all, keep_bytes
from loaders.store.records import Arrival, Incomplete, PartRow

if TYPE_CHECKING:
    import pyarrow as pa


# A day, a period of it or None for the whole day, a side of that or None for both
Spot = tuple[date | None, int | None, str | None]


@dataclass(frozen=True)
class Delta:
    """Rows of one dataset that are new or changed, or withdrawn, of one day or undated.

    A withdrawn row is its keys, the landing that took it back, and when its sender said so, where that is known.
    """

    dataset: str
    settlement_date: date | None
    kind: str  # "rows" or "withdrawn"
    table: pa.Table
    published_at: datetime | None = None


@dataclass(frozen=True)
class LandingToKeep:
    """A file as received, and what came of it. Arrivals, marks and refusals are columns of their tables.

    data    its bytes, or where they lie
    mended  dataset to the places that have now come whole
    run_id  of the run of the job that brought it, and how long it took, where it was measured
    """

    sha256: str
    data: bytes | OnDisk
    file: str
    job: str | None
    job_hash: str | None
    scope: str
    outcome: str  # "kept", "refused", "repeated"; "unpacked" of an archive
    rows_read: int
    rows_kept: int
    rows_refused: int
    synthetic: bool
    published_at: datetime | None = None
    arrivals: Sequence[Mapping[str, Any]] = ()
    marks: Sequence[Mapping[str, Any]] = ()
    refusals: Sequence[Mapping[str, Any]] = ()
    warnings: Sequence[Mapping[str, Any]] = ()
    mended: Mapping[str, Set[Spot]] = field(default_factory=dict)
    run_id: str | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class LoadToKeep:
    """What was read of some files of one job.

    compared  the store version that the deltas were found against
    upto      how far the job has come with it: the watermark moves in the same transaction
    again     the files were read before, and are read again on purpose
    written   rows of `parts` whose files `write_deltas` has written already, as of files too large to be held
    """

    job: str
    compared: int
    landings: Sequence[LandingToKeep]
    deltas: Sequence[Delta] = field(default_factory=list)
    upto: datetime | None = None
    again: bool = False
    written: Sequence[Mapping[str, Any]] = ()


def keep(engine: sa.Engine, layer: FileLayer, parts: Path, landings: Path, load: LoadToKeep) -> int:
    """Write the files of a load, then make all of it visible; gives the store version.

    Raises StoreMoved when another load has changed these datasets since they were compared.
    """
    keep_all(layer, landings, {landing.sha256: landing.data for landing in load.landings}, "")
    written = [*load.written, *write_deltas(layer, parts, load.deltas)]
    with database.writing(engine) as connection:
        _hold_still(connection, load)
        now = runs.moment(connection)
        met = set() if load.again else _met(connection, load.landings)
        repeats = [replace(one, outcome="repeated") for one in load.landings if (one.sha256, one.scope) in met]
        note_runs(connection, repeats, None, now)
        if repeats and len(repeats) == len(load.landings):
            return load.compared
        version = runs.next_version(connection, f"load {load.job}: {len(load.landings)} files", now)
        for row in written:
            if not (parts / f"{row['sha256']}.parquet").exists():
                raise StoreDamaged(f"{row['sha256']}.parquet: found no file after writing it. Load the files again.")
        _insert(
            connection, sql.parts, [{**row, "version": version, "job": load.job, "kept_at": now} for row in written]
        )
        _keep_landings(connection, [one for one in load.landings if (one.sha256, one.scope) not in met], version, now)
        if load.upto is not None:
            watermarks.move(connection, load.job, load.upto, now)
        layer.step("before commit")
    layer.step("commit")
    return version


def _met(connection: sa.Connection, landings: Sequence[LandingToKeep]) -> set[tuple[str, str]]:
    """Hash and scope of files that another load has kept for the same place while this one read them."""
    table = sql.job_runs
    found: set[tuple[str, str]] = set()
    job_hashes = {(one.sha256, one.scope, one.job, one.job_hash) for one in landings}
    for some in database.some([one.sha256 for one in landings]):
        query = sa.select(table.c.landing, table.c.scope, table.c.job, table.c.job_hash).where(
            table.c.landing.in_(some), table.c.outcome.in_(("kept", "refused"))
        )
        found |= {(row.landing, row.scope) for row in connection.execute(query) if tuple(row) in job_hashes}
    return found


def _hold_still(connection: sa.Connection, load: LoadToKeep) -> None:
    feeding = {table.dataset for table in all_jobs()[load.job].tables.values()}
    newest = sa.select(sa.func.max(sql.parts.c.version)).where(sql.parts.c.dataset.in_(feeding))
    found = connection.execute(newest).scalar() or 0
    if found > load.compared:
        raise StoreMoved(
            f"load {load.job}: found store version {found}, wanted {load.compared} as compared. Load again."
        )


def write_deltas(layer: FileLayer, folder: Path, deltas: Sequence[Delta]) -> list[dict[str, Any]]:
    """Write deltas as few files: small days that follow each other share one. Gives the rows of `parts`."""
    import pyarrow as pa

    from loaders.store.parts import parquet_bytes, rows_hash

    rows: list[dict[str, Any]] = []
    for pack in packs(deltas):
        # Arrow packs outside the interpreter's lock.
        hashes = threads().map(rows_hash, [delta.table for delta in pack])
        packed = parquet_bytes(pa.concat_tables([delta.table for delta in pack]))
        name = keep_bytes(layer, folder, packed, ".parquet")
        rows += [
            {
                "dataset": delta.dataset,
                "settlement_date": delta.settlement_date,
                "kind": delta.kind,
                "sha256": name,
                "rows_hash": said,
                "rows": delta.table.num_rows,
                "published_at": delta.published_at,
            }
            for delta, said in zip(pack, hashes, strict=True)
        ]
    return rows


def packs(deltas: Sequence[Delta], enough: int = 5000) -> list[list[Delta]]:
    """Deltas that go into one file: of one dataset and kind, days in order, closed at `enough` rows."""
    gathered: list[list[Delta]] = []
    filled = 0
    for delta in sorted(deltas, key=lambda d: (d.dataset, d.kind, d.settlement_date or date.min)):
        last = gathered[-1][-1] if gathered else None
        joins = last is not None and (last.dataset, last.kind) == (delta.dataset, delta.kind)
        if not joins or filled + delta.table.num_rows > enough:
            gathered.append([])
            filled = 0
        gathered[-1].append(delta)
        filled += delta.table.num_rows
    return gathered


def _keep_landings(connection: sa.Connection, landings: Sequence[LandingToKeep], version: int, now: datetime) -> None:
    _insert_landings(connection, landings, version, now)
    note_runs(connection, landings, version, now)
    arrivals: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    refusals: list[dict[str, Any]] = []
    warnings: list[dict[str, Any]] = []
    mended: dict[str, set[Spot]] = {}
    for landing in landings:
        stamp = {"version": version, "landing": landing.sha256}
        named = stamp | {"job": landing.job or "", "file": landing.file}
        arrived = {"published_at": landing.published_at, "kept_at": now}
        arrivals += [{**row, **named, **arrived} for row in landing.arrivals]
        # A fault and its correction may come together, as in a replay.
        for mark in marks:
            if _is_mended(landing.mended.get(mark["dataset"], set()), mark):
                mark["repaired_version"] = version
        marks += [{**row, **stamp, "job": landing.job or "", "repaired_version": None} for row in landing.marks]
        refusals += [{**row, **named} for row in landing.refusals]
        warnings += [{**row, **named, "kept_at": now} for row in landing.warnings]
        for dataset, spots in landing.mended.items():
            mended.setdefault(dataset, set()).update(spots)
    _insert(connection, sql.arrivals, arrivals)
    _mend(connection, mended, version)
    _insert(connection, sql.incomplete, marks)
    _insert(connection, sql.quarantine, refusals)
    _insert(connection, sql.warnings, warnings)


def _insert_landings(connection: sa.Connection, landings: Sequence[LandingToKeep], version: int, now: datetime) -> None:
    """Files that are new; of one that is known, what came of it last, where it was kept."""
    table = sql.landings
    known: set[str] = set()
    for some in database.some([landing.sha256 for landing in landings]):
        known |= set(connection.execute(sa.select(table.c.sha256).where(table.c.sha256.in_(some))).scalars())
    new: dict[str, dict[str, Any]] = {}
    for landing in landings:
        counts = {"rows_kept": landing.rows_kept, "rows_refused": landing.rows_refused}
        told = {"job": landing.job or "", "published_at": landing.published_at, **counts}
        if landing.sha256 in new:
            new[landing.sha256] |= told if landing.outcome == "kept" else {}
        elif landing.sha256 not in known:
            new[landing.sha256] = told | {
                "sha256": landing.sha256,
                "file": landing.file,
                "bytes": len(landing.data),
                "synthetic": landing.synthetic,
                "kept_at": now,
                "version": version,
            }
        elif landing.outcome == "kept":
            connection.execute(sa.update(table).where(table.c.sha256 == landing.sha256).values(**told))
    _insert(connection, table, list(new.values()))


def note_run(connection: sa.Connection, landing: LandingToKeep, version: int | None, now: datetime) -> None:
    """Note that a job has met a file, and what came of it."""
    note_runs(connection, [landing], version, now)


def note_runs(connection: sa.Connection, landings: Sequence[LandingToKeep], version: int | None, now: datetime) -> None:
    """Note that jobs have met files, and what came of each."""
    rows = [
        {
            "version": version,
            "job": landing.job,
            "job_hash": landing.job_hash,
            "landing": landing.sha256,
            "file": landing.file,
            "scope": landing.scope,
            "outcome": landing.outcome,
            "rows_read": landing.rows_read,
            "rows_refused": landing.rows_refused,
            "kept_at": now,
            "run_id": landing.run_id,
            "bytes": len(landing.data),
            "seconds": landing.seconds,
        }
        for landing in landings
    ]
    _insert(connection, sql.job_runs, rows)


def _is_mended(spots: Set[Spot], mark: Mapping[str, Any]) -> bool:
    day, period, side = mark["settlement_date"], mark["settlement_period"], mark["side"]
    return bool(spots & {(day, None, None), (day, period, None), (day, period, side)})


def _mend(connection: sa.Connection, mended: Mapping[str, Set[Spot]], version: int) -> None:
    """Marks that stood before and lie within what has now come whole are mended, from this version on."""
    table = sql.incomplete
    for dataset, spots in mended.items():
        standing = connection.execute(
            sa.select(table).where(table.c.dataset == dataset, table.c.repaired_version.is_(None))
        ).mappings()
        done = [mark["id"] for mark in standing if _is_mended(spots, dict(mark))]
        for some in database.some(done):
            connection.execute(sa.update(table).where(table.c.id.in_(some)).values(repaired_version=version))


def _insert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(sa.insert(table), rows)


def hash_of_arrival(arrival: Arrival, version: int) -> PartRow:
    """An empty answer as a part: it has no rows, but a run has read that there are none."""
    said = f"{arrival.dataset}|{arrival.settlement_date}|{arrival.settlement_period}|{arrival.side}|empty"
    return _said(arrival, version, "empty", said)


def hash_of_mark(mark: Incomplete, version: int) -> PartRow:
    """A mark of incompleteness as a part."""
    said = f"{mark.dataset}|{mark.settlement_date}|{mark.settlement_period}|{mark.side}|{mark.reason}"
    return _said(mark, version, "incomplete", said)


def _said(row: Arrival | Incomplete, version: int, kind: str, said: str) -> PartRow:
    digest = hashlib.sha256(said.encode()).hexdigest()
    return PartRow(version, row.dataset, row.job, row.settlement_date, kind, row.landing, digest, 0)
