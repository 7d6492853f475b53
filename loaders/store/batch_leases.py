"""One run of a notebook is done by one process at a time, under a lease.

A lease ends when its run is noted, when its time is over, or when its process is dead. Whoever
takes over may meet the older holder again: its token no longer counts, so what it notes is lost
and what it wrote lies in a folder of its own.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from loaders.store.database import reading, writing
from loaders.store.processes import Process, is_dead, this_process
from loaders.store.tables import batch_leases as leases
from loaders.store.tables import batch_runs as runs

LEASE = timedelta(minutes=2)
# A clock that was set back makes a lease seem to end in hours: no honest one is longer than this.
_LONGEST = LEASE + timedelta(minutes=1)


@dataclass(frozen=True)
class Wanted:
    """A run of a notebook to be done; `inputs` and `run_key` are hashes of what it is made from."""

    notebook: str
    settlement_date: date
    run: str
    run_id: str
    parameters: dict[str, Any]
    run_key: str
    inputs: str


@dataclass(frozen=True)
class Lease:
    """A run of a notebook that this process does; `row` is its row in batch_runs."""

    wanted: Wanted
    token: str
    row: int


def take(engine: sa.Engine, wanted: Wanted, batch: str, attempt: int, now: datetime) -> Lease | str:
    """The lease of a run, with its row noted as running; or the words that say who holds it."""
    me, token = this_process(), uuid.uuid4().hex
    with writing(engine) as connection:
        held = connection.execute(sa.select(leases).where(*_of(wanted))).first()
        if held is not None:
            holder = Process(held.host, held.pid, held.process_started)
            if not _over(holder, held.claimed_until, now):
                return f"process {holder.pid} on {holder.host.split()[0]}"
            connection.execute(sa.delete(leases).where(*_of(wanted)))
            lost = {"state": "lost", "error_kind": "lost", "error": f"process {holder.pid} ended before the run did"}
            connection.execute(sa.update(runs).where(runs.c.id == held.row, runs.c.state == "running").values(**lost))
        told = {**vars(wanted), "batch": batch, "attempt": attempt}
        done = connection.execute(sa.insert(runs).values(**told, state="running", started_at=now))
        row = int(done.inserted_primary_key[0])  # type: ignore[index]
        connection.execute(
            sa.insert(leases).values(
                notebook=wanted.notebook, settlement_date=wanted.settlement_date, run=wanted.run, token=token,
                batch=batch, host=me.host, pid=me.pid, process_started=me.started, claimed_until=now + LEASE, row=row,
            )
        )  # fmt: skip
    return Lease(wanted, token, row)


def _over(holder: Process, until: datetime, now: datetime) -> bool:
    if holder.host == this_process().host:
        return is_dead(holder)  # the process itself is a better witness than the clock
    return until <= now or until > now + _LONGEST


def renew(engine: sa.Engine, lease: Lease, now: datetime) -> bool:
    """Hold a run for longer; False when it is held no more, and the work on it must stop."""
    with writing(engine) as connection:
        held = sa.update(leases).where(leases.c.token == lease.token)
        return connection.execute(held.values(claimed_until=now + LEASE)).rowcount == 1


def finish(engine: sa.Engine, lease: Lease, state: str, **told: Any) -> bool:
    """Note how a run ended and give its lease back, in one step; False where another has taken it over.

    state  "done", "failed" or "stopped"
    """
    with writing(engine) as connection:
        gone = connection.execute(sa.delete(leases).where(leases.c.token == lease.token))
        if gone.rowcount == 0:
            return False
        connection.execute(sa.update(runs).where(runs.c.id == lease.row).values(state=state, **told))
        return True


def release_all(engine: sa.Engine, batch: str) -> int:
    """Take back every lease of a batch, as when it is stopped: who works on them is told at the next renewal."""
    with writing(engine) as connection:
        mine = sa.select(leases.c.row).where(leases.c.batch == batch)
        stopped = {"state": "stopped", "error_kind": "stopped", "error": "the batch was stopped"}
        rows = [row for (row,) in connection.execute(mine)]
        connection.execute(sa.update(runs).where(runs.c.id.in_(rows)).values(**stopped))
        return connection.execute(sa.delete(leases).where(leases.c.batch == batch)).rowcount


def held(engine: sa.Engine) -> list[tuple[str, date, str]]:
    """What is being done now: notebook, Settlement Date and run of each lease."""
    with reading(engine) as connection:
        rows = connection.execute(sa.select(leases.c.notebook, leases.c.settlement_date, leases.c.run))
        return [(row.notebook, row.settlement_date, row.run) for row in rows]


def _of(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    return [
        leases.c.notebook == wanted.notebook,
        leases.c.settlement_date == wanted.settlement_date,
        leases.c.run == wanted.run,
    ]
