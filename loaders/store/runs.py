"""Runs and the outbox: a run, its results and its messages become visible in one step.

The files are written first, then one transaction takes the next version, puts the run and
one message for each price that is new or changed. A crash before it leaves files that
nothing names; after it, everything is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from loaders.errors import StoreDamaged
from loaders.store import tables as sql
from loaders.store.files import FileLayer, keep_bytes
from loaders.store.records import Kept, OutboxRow, PriceResult, RunRow, RunToKeep

DESTINATION = "bsc.prices"


def next_number(connection: sa.Connection, counter: str, count: int = 1) -> int:
    """Take the next `count` numbers of a counter, and give the first of them."""
    row = sql.counters
    done = connection.execute(sa.update(row).where(row.c.name == counter).values(value=row.c.value + count))
    if done.rowcount == 0:
        connection.execute(sa.insert(row).values(name=counter, value=count))
    taken = connection.execute(sa.select(row.c.value).where(row.c.name == counter)).scalar_one()
    return int(taken) - count + 1


def next_version(connection: sa.Connection, what: str, kept_at: datetime) -> int:
    """Count the store up by one."""
    version = next_number(connection, "version")
    connection.execute(sa.insert(sql.versions).values(version=version, what=what[:255], kept_at=kept_at))
    return version


def moment(connection: sa.Connection) -> datetime:
    """The time to note for the next version: the clock, but always after that of the version before.

    A clock that is set back would else give a later version an earlier time, and what was in force at an instant
    would be the later one.
    """
    last = connection.execute(sa.select(sa.func.max(sql.versions.c.kept_at))).scalar()
    now = datetime.now(UTC)
    return max(now, last + timedelta(microseconds=1)) if last else now


def write_tables(layer: FileLayer, folder: Path, run: RunToKeep) -> dict[str, tuple[str, int]]:
    """Keep the result tables of a run as files: grain to (hash, rows)."""
    from loaders.store.parts import parquet_of

    return {
        grain: (keep_bytes(layer, folder, packed, ".parquet"), run.tables[grain].num_rows)
        for grain, packed in parquet_of(run.tables).items()
    }


def keep(
    connection: sa.Connection,
    run: RunToKeep,
    files: dict[str, tuple[str, int]],
    folder: Path,
    prices: Sequence[PriceResult],
) -> Kept:
    """Put a run, its tables and its messages into the transaction at hand."""
    known = connection.execute(sa.select(sql.runs.c.version).where(sql.runs.c.run_id == run.run_id)).scalar()
    if known is not None:
        return Kept(run.run_id, new=False, version=known, messages=0)
    for grain, (name, _) in files.items():
        if not (folder / f"{name}.parquet").exists():
            raise StoreDamaged(f"run {run.run_id}, table {grain}: found no file {name}.parquet. Settle the day again.")
    now = moment(connection)
    version = next_version(connection, f"run {run.run_type} {run.settlement_date}", now)
    connection.execute(
        sa.insert(sql.runs).values(
            run_id=run.run_id,
            number=next_number(connection, "run"),
            settlement_date=run.settlement_date,
            run_type=run.run_type,
            store_version=run.store_version,
            version=version,
            parts=list(run.parts),
            parameters=run.parameters,
            options=run.options,
            published=run.published,
            code_hash=run.code_hash,
            assumed=run.assumed,
            details=run.details,
            kept_at=now,
        )
    )
    rows = [{"run_id": run.run_id, "grain": g, "sha256": name, "rows": n} for g, (name, n) in files.items()]
    if rows:
        connection.execute(sa.insert(sql.run_tables), rows)
    return Kept(run.run_id, new=True, version=version, messages=call(connection, run, prices, now))


def call(connection: sa.Connection, run: RunToKeep | RunRow, prices: Sequence[PriceResult], now: datetime) -> int:
    """Note that a run was asked for, and tell its prices where the last message says otherwise; gives how many."""
    connection.execute(
        sa.insert(sql.run_calls).values(
            run_id=run.run_id, settlement_date=run.settlement_date, run_type=run.run_type, called_at=now
        )
    )
    messages = _messages(connection, run, prices, now)
    if messages:
        connection.execute(sa.insert(sql.outbox), messages)
    return len(messages)


def last_called(
    connection: sa.Connection, settlement_date: date, run_type: str | None, plain: bool = False
) -> RunRow | None:
    """The run of a day (and run type) that was asked for last; `plain` passes over those from the past or assumed."""
    kept = {run.run_id: run for run in find(connection, *of_day(settlement_date, run_type))}
    table = sql.run_calls
    query = sa.select(table.c.run_id).where(table.c.settlement_date == settlement_date).order_by(table.c.id.desc())
    for run_id in connection.execute(query).scalars():
        run = kept.get(run_id)
        if run is not None and not (plain and (run.assumed is not None or run.details.get("as_of"))):
            return run
    return None


def _messages(
    connection: sa.Connection, run: RunToKeep | RunRow, prices: Sequence[PriceResult], now: datetime
) -> list[dict[str, Any]]:
    """One message for each price that the last message of its key does not tell already."""
    box = sql.outbox
    last = {
        row.settlement_period: row
        for row in connection.execute(
            sa.select(box)
            .where(box.c.destination == DESTINATION)
            .where(box.c.settlement_date == run.settlement_date, box.c.run == run.run_type)
            .order_by(box.c.sequence)
        )
    }
    told = []
    for price in sorted(prices, key=lambda price: price.settlement_period):
        before = last.get(price.settlement_period)
        if before is None or before.value != price.value:
            told.append((price, before))
    if not told:
        return []
    first = next_number(connection, "outbox", len(told))
    return [
        {
            "sequence": first + place,
            "message_id": message_id(run, price, before.sequence if before else None),
            "destination": DESTINATION,
            "settlement_date": run.settlement_date,
            "settlement_period": price.settlement_period,
            "run": run.run_type,
            "value": price.value,
            "previous": before.sequence if before else None,
            "supersedes": before.message_id if before else None,
            "run_id": run.run_id,
            "created_at": now,
            "sent_at": None,
        }
        for place, (price, before) in enumerate(told)
    ]


def message_id(run: RunToKeep | RunRow, price: PriceResult, previous: int | None) -> str:
    """The same message has the same id, however often it is made; a price that comes back later is another message."""
    told = (DESTINATION, run.settlement_date, price.settlement_period, run.run_type, run.run_id, price.value, previous)
    key = "|".join(str(part) for part in told)
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def find(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[RunRow]:
    """Kept runs, in the order of keeping."""
    rows = connection.execute(sa.select(sql.runs).where(*where).order_by(sql.runs.c.number))
    return [RunRow(**row._mapping) for row in rows]


def outbox_rows(connection: sa.Connection, *where: sa.ColumnElement[bool], limit: int | None = None) -> list[OutboxRow]:
    """Messages, in order of sequence."""
    query = sa.select(sql.outbox).where(*where).order_by(sql.outbox.c.sequence)
    return [OutboxRow(**row._mapping) for row in connection.execute(query.limit(limit))]


def mark_sent(connection: sa.Connection, sequences: Iterable[int], sent_at: datetime) -> int:
    """Note that messages were received by the broker; gives how many were not noted before."""
    box = sql.outbox
    wanted = sorted(set(sequences))
    noted = 0
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        done = connection.execute(
            sa.update(box).where(box.c.sequence.in_(some), box.c.sent_at.is_(None)).values(sent_at=sent_at)
        )
        noted += done.rowcount
    return noted


def of_day(settlement_date: date | None, run_type: str | None = None) -> list[sa.ColumnElement[bool]]:
    """The conditions that pick the runs of a day (and a run type)."""
    where: list[sa.ColumnElement[bool]] = []
    if settlement_date is not None:
        where.append(sql.runs.c.settlement_date == settlement_date)
    if run_type is not None:
        where.append(sql.runs.c.run_type == run_type)
    return where
