"""What runs of notebooks came to, and what a report of a day rests on, asked for many days at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from loaders.store import tables as sql
from loaders.store.database import reading

_AT_ONCE = 400  # values in one question: some databases take fewer than a thousand


def done_with(engine: sa.Engine, keys: Collection[str]) -> dict[str, sa.Row[Any]]:
    """The newest row of success by key."""
    table, found = sql.batch_runs, {}
    with reading(engine) as connection:
        for some in _chunks(sorted(keys)):
            query = sa.select(table).where(table.c.run_key.in_(some), table.c.state == "done").order_by(table.c.id)
            found.update({row.run_key: row for row in connection.execute(query)})
    return found


def last_inputs(engine: sa.Engine, notebook: str) -> dict[tuple[date, str], str]:
    """Settlement Date and run to the inputs of the last success."""
    table = sql.batch_runs
    query = sa.select(table.c.settlement_date, table.c.run, table.c.inputs)
    with reading(engine) as connection:
        rows = connection.execute(
            query.where(table.c.notebook == notebook, table.c.state == "done").order_by(table.c.id)
        )
        return {(row.settlement_date, row.run): row.inputs for row in rows}


def durations(engine: sa.Engine, notebook: str, last: int = 50) -> list[float]:
    """Seconds of the last runs that succeeded."""
    table = sql.batch_runs
    query = sa.select(table.c.seconds).where(table.c.notebook == notebook, table.c.state == "done")
    with reading(engine) as connection:
        return list(connection.execute(query.order_by(table.c.id.desc()).limit(last)).scalars())


def of_batch(engine: sa.Engine, batch: str) -> list[sa.Row[Any]]:
    """Every row of a batch, in order."""
    table = sql.batch_runs
    with reading(engine) as connection:
        return list(connection.execute(sa.select(table).where(table.c.batch == batch).order_by(table.c.id)))


def row_numbered(engine: sa.Engine, number: int) -> sa.Row[Any]:
    """One row."""
    with reading(engine) as connection:
        return connection.execute(sa.select(sql.batch_runs).where(sql.batch_runs.c.id == number)).one()


def last_called(engine: sa.Engine, days: Sequence[date]) -> dict[tuple[date, str | None], Any]:
    """The run of each day and run type that was asked for last; under None, of each day whatever its type.

    Gives run_id, run_type, settlement_date and kept_at.
    """
    runs, calls = sql.runs, sql.run_calls
    query = (
        sa.select(runs.c.run_id, runs.c.run_type, runs.c.settlement_date, runs.c.kept_at, runs.c.code_hash)
        .join(calls, calls.c.run_id == runs.c.run_id)
        .where(runs.c.settlement_date.between(min(days), max(days)))
        .order_by(calls.c.id)
    )
    found: dict[tuple[date, str | None], Any] = {}
    with reading(engine) as connection:
        for row in connection.execute(query):
            found[row.settlement_date, row.run_type] = found[row.settlement_date, None] = row
    return found


def tables_of(engine: sa.Engine, run_ids: Collection[str]) -> dict[str, dict[str, str]]:
    """Run to its result tables: grain to hash."""
    table = sql.run_tables
    found: dict[str, dict[str, str]] = {run_id: {} for run_id in run_ids}
    with reading(engine) as connection:
        for some in _chunks(sorted(run_ids)):
            for row in connection.execute(sa.select(table).where(table.c.run_id.in_(some))):
                found[row.run_id][row.grain] = row.sha256
    return found


def newest_of_days(engine: sa.Engine, days: Sequence[date]) -> dict[date, int]:
    """Day to the newest store version that brought, mended or refused something of it; days without any are left out.

    A report shows the published prices and refusals held now, so it rests on more than its run.
    """
    found: dict[date, int] = {}
    columns = [
        *((table, table.c.version) for table in (sql.parts, sql.arrivals, sql.incomplete, sql.quarantine)),
        (sql.incomplete, sql.incomplete.c.repaired_version),
    ]
    with reading(engine) as connection:
        for table, version in columns:
            within = table.c.settlement_date.between(min(days), max(days))
            query = sa.select(table.c.settlement_date, sa.func.max(version)).where(within, version.is_not(None))
            for day, newest in connection.execute(query.group_by(table.c.settlement_date)):
                found[day] = max(found.get(day, 0), newest)
    return found


def settled_days(engine: sa.Engine) -> tuple[date, date, list[str]] | None:
    """First and last day of which a run is kept, and the run types there are; None where none is."""
    runs = sql.runs
    with reading(engine) as connection:
        ends = sa.select(sa.func.min(runs.c.settlement_date), sa.func.max(runs.c.settlement_date))
        first, last = connection.execute(ends).one()
        types = sorted(connection.execute(sa.select(runs.c.run_type).distinct()).scalars())
    return None if first is None else (first, last, types)


def _chunks(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
