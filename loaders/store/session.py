"""The open store: every question of the other rooms, each answered for one store version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from loaders.errors import StoreDamaged, UnknownVersion
from loaders.store import database, loads, runs
from loaders.store import tables as sql
from loaders.store.files import FileLayer, at_disk, read_bytes
from loaders.store.records import (
    Arrival,
    Incomplete,
    Kept,
    LandingRow,
    OutboxRow,
    PartRow,
    PriceResult,
    QuarantineRow,
    RunRow,
    RunToKeep,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from loaders.store.kept_table import KeptTable
    from loaders.store.loads import Delta, LoadToKeep


class Store:
    """The store of one workspace. Reads may run beside a writer; writers wait for each other.

    version arguments: None means the newest; a version that is not there yet raises UnknownVersion.
    """

    def __init__(self, home: Path, files: FileLayer | None = None):
        self.home = home
        self.files = files or FileLayer()
        self.parts_folder = home / "parts"
        self.landings_folder = home / "landings"
        with at_disk(home):
            for folder in (self.parts_folder, self.landings_folder):
                folder.mkdir(parents=True, exist_ok=True)
        self.engine = database.connect(home)

    def close(self) -> None:
        """Give back the connections."""
        self.engine.dispose()

    # versions

    def version(self) -> int:
        """The newest store version; 0 for an empty store."""
        with database.reading(self.engine) as connection:
            return connection.execute(sa.select(sa.func.max(sql.versions.c.version))).scalar() or 0

    def version_at(self, as_of: datetime) -> int:
        """The store version that was in force at an instant (with its zone); 0 before the first."""
        if as_of.tzinfo is None:
            raise UnknownVersion(
                f"as of {as_of}: found a time without a zone, wanted one in UTC. Write 2024-01-15T12:00Z."
            )
        with database.reading(self.engine) as connection:
            query = sa.select(sa.func.max(sql.versions.c.version)).where(sql.versions.c.kept_at <= as_of)
            return connection.execute(query).scalar() or 0

    def _at(self, version: int | None) -> int:
        newest = self.version()
        if version is None:
            return newest
        if not 0 <= version <= newest:
            raise UnknownVersion(f"store version: found {version}, wanted 0 to {newest}. Ask for one of these.")
        return version

    # feeds

    def rows(
        self,
        dataset: str,
        settlement_date: date | None = None,
        version: int | None = None,
        published_by: datetime | None = None,
    ) -> pa.Table:
        """Rows in force, sorted by keys: columns of the dataset, then landing (SHA-256) and source_row (int64).

        settlement_date  None: all days. Raises UnknownDataset for a dataset that no job feeds.
        published_by     an instant of the sender's clock, with its zone: what had been published by then, as in
                         `loaders.store.published`. With a version too: what this store knew of that at the version.
                         Raises UnknownVersion for a time without a zone.
        """
        from loaders.declared import dataset_named
        from loaders.store.reading import rows_in_force

        described, at = dataset_named(dataset), self._at(version)
        day = settlement_date if described.dated else None
        if published_by is not None:
            from loaders.store.published import rows_published_by

            return rows_published_by(self.engine, self.parts_folder, described, day, at, published_by)
        found = self._parts([dataset], day, at, all_days=day is None)
        return rows_in_force(self.parts_folder, described, [(p.version, p.kind, p.sha256) for p in found], day)

    def arrivals(self, dataset: str, settlement_date: date | None, version: int | None = None) -> list[Arrival]:
        """What has come of a dataset for a day, empty answers included, in the order in which it came."""
        at, table = self._at(version), sql.arrivals
        with database.reading(self.engine) as connection:
            rows = connection.execute(
                sa.select(table)
                .where(table.c.dataset == dataset, table.c.version <= at, table.c.settlement_date == settlement_date)
                .order_by(table.c.id)
            )
            return [Arrival(**{k: v for k, v in row._mapping.items() if k not in ("id", "version")}) for row in rows]

    def incomplete(self, dataset: str, settlement_date: date | None, version: int | None = None) -> list[Incomplete]:
        """What has come of a dataset for a day, but not whole, and was not mended up to the version."""
        at, table = self._at(version), sql.incomplete
        with database.reading(self.engine) as connection:
            rows = connection.execute(
                sa.select(table)
                .where(table.c.dataset == dataset, table.c.version <= at, table.c.settlement_date == settlement_date)
                .where(sa.or_(table.c.repaired_version.is_(None), table.c.repaired_version > at))
                .order_by(table.c.id)
            )
            return [
                Incomplete(**{k: v for k, v in row._mapping.items() if k not in ("id", "version", "repaired_version")})
                for row in rows
            ]

    def parts(
        self, datasets: Iterable[str] | str, settlement_date: date | None, version: int | None = None
    ) -> list[PartRow]:
        """What a run of the day reads: parts, empty answers and marks of incompleteness, in a fixed order.

        Datasets without a date (bm_units) are taken whole.
        """
        from loaders.declared import dataset_named

        names = [datasets] if isinstance(datasets, str) else list(datasets)
        at = self._at(version)
        found: list[PartRow] = []
        for name in sorted(set(names)):
            day = settlement_date if dataset_named(name).dated else None
            found += self._parts([name], day, at)
            said = [a for a in self.arrivals(name, day, at) if a.empty]
            found += [loads.hash_of_arrival(arrival, at) for arrival in said]
            found += [loads.hash_of_mark(mark, at) for mark in self.incomplete(name, day, at)]
        return found

    def _parts(self, datasets: Sequence[str], day: date | None, version: int, all_days: bool = False) -> list[PartRow]:
        table = sql.parts
        query = sa.select(table).where(table.c.dataset.in_(datasets), table.c.version <= version)
        if not all_days:
            query = query.where(table.c.settlement_date == day)
        with database.reading(self.engine) as connection:
            rows = connection.execute(query.order_by(table.c.version, table.c.id))
            names = PartRow.__dataclass_fields__
            return [PartRow(**{k: v for k, v in row._mapping.items() if k in names}) for row in rows]

    def landings(self, sha256s: Iterable[str] | None = None) -> dict[str, LandingRow]:
        """Files as received, by hash; None: all of them."""
        table = sql.landings
        query = sa.select(table)
        if sha256s is not None:
            query = query.where(table.c.sha256.in_(sorted(set(sha256s))))
        names = LandingRow.__dataclass_fields__
        with database.reading(self.engine) as connection:
            rows = [
                LandingRow(**{k: v for k, v in r._mapping.items() if k in names}) for r in connection.execute(query)
            ]
        return {row.sha256: row for row in rows}

    def landing_bytes(self, sha256: str) -> bytes:
        """The bytes as received. Raises StoreDamaged when they are gone or altered."""
        return read_bytes(self.landings_folder, sha256, "")

    def landing_path(self, sha256: str) -> Path:
        """Where the bytes as received lie."""
        return self.landings_folder / sha256

    def quarantine(self, settlement_date: date | None = None, version: int | None = None) -> list[QuarantineRow]:
        """Refused rows, of one day or of all, in the order of refusal; loaders.duty.refused says which still stand."""
        at, table = self._at(version), sql.quarantine
        query = sa.select(table).where(table.c.version <= at).order_by(table.c.id)
        if settlement_date is not None:
            query = query.where(table.c.settlement_date == settlement_date)
        names = QuarantineRow.__dataclass_fields__
        with database.reading(self.engine) as connection:
            rows = connection.execute(query)
            return [QuarantineRow(**{k: v for k, v in row._mapping.items() if k in names}) for row in rows]

    def write_parts(self, deltas: Sequence[Delta]) -> list[dict[str, Any]]:
        """Write rows of a load before the rest of it is known; gives what `LoadToKeep.written` takes of them."""
        return loads.write_deltas(self.files, self.parts_folder, deltas)

    def keep_load(self, load: LoadToKeep) -> int:
        """Make what was read of some files of one job visible, in one step; gives the store version."""
        return loads.keep(self.engine, self.files, self.parts_folder, self.landings_folder, load)

    # runs

    def keep_run(self, run: RunToKeep, messages: Iterable[PriceResult] | None = None) -> Kept:
        """Keep a run, its tables, and one message for each price that is new or changed, in one step.

        messages  prices to tell of; None: those of the run
        gives     Kept; `new` is False and nothing is written when the run id is there already
        """
        files = runs.write_tables(self.files, self.parts_folder, run)
        prices = list(run.prices if messages is None else messages)
        with database.writing(self.engine) as connection:
            kept = runs.keep(connection, run, files, self.parts_folder, prices)
            self.files.step("before commit")
        self.files.step("commit")
        return kept

    def call_run(self, run: RunRow, prices: Sequence[PriceResult]) -> int:
        """Ask for a run that is kept already: it is the one shown from now on. Gives the number of messages.

        prices  those of the run; one that the last message of its key says otherwise is told again
        """
        with database.writing(self.engine) as connection:
            return runs.call(connection, run, prices, runs.moment(connection))

    def run(self, run_id: str) -> RunRow | None:
        """A kept run, or None."""
        with database.reading(self.engine) as connection:
            found = runs.find(connection, sql.runs.c.run_id == run_id)
        return found[0] if found else None

    def latest_run(self, settlement_date: date, run_type: str | None = None, plain: bool = False) -> RunRow | None:
        """The run of a day (and run type) that was asked for last, or None.

        plain  pass over runs on assumptions or from an earlier moment: what is left is what the feed tells
        """
        with database.reading(self.engine) as connection:
            return runs.last_called(connection, settlement_date, run_type, plain)

    def runs(self, settlement_date: date | None = None) -> list[RunRow]:
        """Kept runs, of one day or of all, in the order of keeping."""
        with database.reading(self.engine) as connection:
            return runs.find(connection, *runs.of_day(settlement_date))

    def run_tables(self, run_id: str) -> dict[str, pa.Table]:
        """The result tables of a run, by grain, whole."""
        return {grain: kept.whole() for grain, kept in self.open_run_tables(run_id).items()}

    def open_run_tables(self, run_id: str) -> dict[str, KeptTable]:
        """The result tables of a run, by grain; each column is read when it is asked for."""
        from loaders.store.kept_table import KeptTable

        table = sql.run_tables
        with database.reading(self.engine) as connection:
            found = connection.execute(sa.select(table).where(table.c.run_id == run_id).order_by(table.c.grain)).all()
        result = {}
        for row in found:
            path = self.parts_folder / f"{row.sha256}.parquet"
            if not path.exists():
                raise StoreDamaged(f"{path}: found no file, wanted table {row.grain} of run {run_id}. Settle again.")
            result[row.grain] = KeptTable(path)
        return result

    # messages

    def outbox_unsent(self, limit: int | None = None) -> list[OutboxRow]:
        """Messages that no broker has received yet, in order of sequence."""
        with database.reading(self.engine) as connection:
            return runs.outbox_rows(connection, sql.outbox.c.sent_at.is_(None), limit=limit)

    def mark_sent(self, sequences: Iterable[int], sent_at: datetime | None = None) -> int:
        """Note that the broker has received messages; gives how many were not noted before."""
        with database.writing(self.engine) as connection:
            return runs.mark_sent(connection, sequences, sent_at or datetime.now(UTC))

    def outbox(self, settlement_date: date | None = None, after: int = 0, limit: int | None = None) -> list[OutboxRow]:
        """Messages, sent and unsent, in order of sequence."""
        where: list[sa.ColumnElement[bool]] = [sql.outbox.c.sequence > after]
        if settlement_date is not None:
            where.append(sql.outbox.c.settlement_date == settlement_date)
        with database.reading(self.engine) as connection:
            return runs.outbox_rows(connection, *where, limit=limit)
