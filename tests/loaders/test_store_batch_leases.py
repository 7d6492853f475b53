"""A run of a notebook is done by one process at a time, whatever becomes of it, in either database."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from loaders import store
from loaders.store import batch_leases, batch_runs
from loaders.store.batch_leases import LEASE, Wanted
from loaders.store.database import writing
from loaders.store.processes import Process, is_dead, started, this_process
from loaders.store.tables import batch_leases as table

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
WANTED = Wanted("settlement_day", date(2024, 1, 15), "SF", "r" * 64, {"run": "r" * 64}, "k" * 64, "i" * 64)


@pytest.fixture
def engine(desk):
    opened = store.open(desk.home)
    yield opened.engine
    opened.close()


def held_by(engine, **other):
    with writing(engine) as connection:
        connection.execute(sa.update(table).values(**other))


def states(engine, batch="a"):
    return [row.state for row in batch_runs.of_batch(engine, batch)]


def test_what_one_process_does_no_other_takes(engine):
    first = batch_leases.take(engine, WANTED, "a", 1, NOW)

    assert f"process {this_process().pid}" in batch_leases.take(engine, WANTED, "b", 1, NOW + 10 * LEASE)
    assert batch_leases.finish(engine, first, "done", outputs={"f": "s"}, seconds=1.5)
    assert not isinstance(batch_leases.take(engine, WANTED, "b", 1, NOW), str)
    assert batch_runs.done_with(engine, {WANTED.run_key})[WANTED.run_key].outputs == {"f": "s"}


def test_the_lease_of_a_dead_process_is_taken_over_at_once_and_its_row_says_so(engine):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    was = started(ended.pid)
    ended.wait()
    old = batch_leases.take(engine, WANTED, "a", 1, NOW)
    held_by(engine, pid=ended.pid, process_started=was)

    new = batch_leases.take(engine, WANTED, "b", 1, NOW)

    assert states(engine) == ["lost"] and states(engine, "b") == ["running"]
    assert not batch_leases.renew(engine, old, NOW)
    assert not batch_leases.finish(engine, old, "done")
    assert batch_leases.finish(engine, new, "done")


def test_a_number_that_was_given_to_another_process_is_a_dead_process():
    me = this_process()

    assert not is_dead(me)
    assert is_dead(Process(me.host, me.pid, "1"))
    assert not is_dead(Process("elsewhere", me.pid, "1"))


def test_of_a_process_elsewhere_the_clock_decides(engine):
    batch_leases.take(engine, WANTED, "a", 1, NOW)
    held_by(engine, host="elsewhere")

    assert isinstance(batch_leases.take(engine, WANTED, "b", 1, NOW + LEASE / 2), str)
    assert not isinstance(batch_leases.take(engine, WANTED, "b", 1, NOW + LEASE), str)


def test_a_clock_set_back_does_not_make_a_lease_last_for_hours(engine):
    batch_leases.take(engine, WANTED, "a", 1, NOW)
    held_by(engine, host="elsewhere")

    assert not isinstance(batch_leases.take(engine, WANTED, "b", 1, NOW - timedelta(hours=5)), str)


def test_a_batch_that_is_stopped_gives_back_all_its_leases_and_no_other(engine):
    mine = batch_leases.take(engine, WANTED, "a", 1, NOW)
    other = Wanted(**{**vars(WANTED), "run": "R1"})
    batch_leases.take(engine, other, "b", 1, NOW)

    assert batch_leases.release_all(engine, "a") == 1

    assert states(engine) == ["stopped"]
    assert not batch_leases.renew(engine, mine, NOW)
    assert batch_leases.held(engine) == [("settlement_day", date(2024, 1, 15), "R1")]
