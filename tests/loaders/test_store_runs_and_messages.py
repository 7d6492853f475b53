"""Runs are kept once, and each price that is new or changed is told once, in order."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from loaders import store
from loaders.errors import StoreDamaged
from loaders.store import PriceResult, RunToKeep

DAY = date(2024, 1, 15)


def a_run(name, prices, run_type="IP", day=DAY):
    return RunToKeep(
        run_id=name,
        settlement_date=day,
        run_type=run_type,
        store_version=0,
        parts=["p"],
        parameters={},
        options={"ties": "pro rata"},
        published={},
        code_hash="c",
        assumed=None,
        details={"as_of": datetime(2024, 1, 16, tzinfo=UTC)},
        tables={"settlement_period": pa.table({"settlement_period": [1], "price": [1.5]})},
        prices=[PriceResult(number, value) for number, value in prices.items()],
    )


def test_the_first_run_of_a_day_tells_every_price(tmp_path):
    kept = store.open(tmp_path).keep_run(a_run("a", {1: "50.00", 2: "51.00"}))

    told = store.open(tmp_path).outbox_unsent()
    assert (kept.new, kept.messages) == (True, 2)
    assert [(m.sequence, m.settlement_period, m.value, m.previous, m.supersedes) for m in told] == [
        (1, 1, "50.00", None, None),
        (2, 2, "51.00", None, None),
    ]
    assert {m.destination for m in told} == {"bsc.prices"}


def test_the_same_run_again_tells_nothing_and_writes_nothing(tmp_path):
    opened = store.open(tmp_path)
    opened.keep_run(a_run("a", {1: "50.00"}))

    again = opened.keep_run(a_run("a", {1: "50.00"}))

    assert (again.new, again.messages, opened.version(), len(opened.outbox())) == (False, 0, 1, 1)


def test_a_changed_price_is_told_once_and_names_what_it_replaces(tmp_path):
    opened = store.open(tmp_path)
    opened.keep_run(a_run("a", {1: "50.00", 2: "51.00"}))
    first = opened.outbox()

    kept = opened.keep_run(a_run("b", {1: "50.00", 2: "49.00"}))

    (told,) = opened.outbox(after=2)
    assert kept.messages == 1
    assert (told.settlement_period, told.value, told.previous, told.supersedes) == (2, "49.00", 2, first[1].message_id)


def test_a_price_that_comes_back_is_a_change_too(tmp_path):
    opened = store.open(tmp_path)
    for name, value in (("a", "50.00"), ("b", "60.00"), ("c", "50.00")):
        opened.keep_run(a_run(name, {1: value}))

    told = opened.outbox()

    assert [m.value for m in told] == ["50.00", "60.00", "50.00"]
    assert [m.supersedes for m in told] == [None, told[0].message_id, told[1].message_id]
    assert len({m.message_id for m in told}) == 3


def test_runs_of_another_type_or_day_have_their_own_prices(tmp_path):
    opened = store.open(tmp_path)
    opened.keep_run(a_run("a", {1: "50.00"}))

    assert opened.keep_run(a_run("b", {1: "50.00"}, run_type="SF")).messages == 1
    assert opened.keep_run(a_run("c", {1: "50.00"}, day=date(2024, 1, 16))).messages == 1
    assert opened.latest_run(DAY, "IP").run_id == "a"
    assert opened.latest_run(DAY).run_id == "b"
    assert opened.latest_run(DAY, "RF") is None
    assert [run.run_id for run in opened.runs()] == ["a", "b", "c"]


def test_a_message_is_unsent_until_it_is_marked_and_marked_once(tmp_path):
    opened = store.open(tmp_path)
    opened.keep_run(a_run("a", {n: "1" for n in range(1, 6)}))
    at = datetime(2024, 1, 16, 12, tzinfo=UTC)

    assert opened.mark_sent([1, 2], at) == 2
    assert opened.mark_sent([2, 3], datetime(2024, 1, 17, tzinfo=UTC)) == 1
    assert [m.sequence for m in opened.outbox_unsent(limit=1)] == [4]
    assert [m.sent_at for m in opened.outbox()][:2] == [at, at]


def test_tables_of_a_run_come_back_as_they_were(tmp_path):
    opened = store.open(tmp_path)
    run = a_run("a", {})
    opened.keep_run(run)

    assert opened.run_tables("a")["settlement_period"].equals(run.tables["settlement_period"])
    assert opened.run("a").options == {"ties": "pro rata"}
    assert opened.run("b") is None


def test_a_missing_file_is_told_of_by_name(tmp_path):
    opened = store.open(tmp_path)
    opened.keep_run(a_run("a", {}))
    next((tmp_path / "parts").glob("*.parquet")).unlink()

    with pytest.raises(StoreDamaged, match="settlement_period of run a"):
        opened.run_tables("a")


def _keep_twenty(home, who):
    opened = store.open(home)
    for number in range(20):
        opened.keep_run(a_run(f"{who}-{number}", {1: f"{who}{number}"}, run_type=who))


def test_two_writers_at_once_lose_nothing_and_number_in_commit_order(tmp_path):
    workers = [
        multiprocessing.get_context("spawn").Process(target=_keep_twenty, args=(tmp_path, w)) for w in ("II", "SF")
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    opened = store.open(tmp_path)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert [m.sequence for m in opened.outbox()] == list(range(1, 41))
    assert [run.version for run in opened.runs()] == list(range(1, 41))
