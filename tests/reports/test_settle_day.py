"""Settling a day: what is kept, what is told, what is set aside."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import loaders
from loaders import store
from loaders.sample_market import later_vintage
from reports import open_day_view
from reports.comparison import compare_day
from reports.day_settlement import settle_day
from settlement.errors import NotSettled

DAY = date(2024, 1, 15)


@pytest.fixture
def home(settled_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(settled_home, tmp_path / "workspace"))


def test_settling_again_gives_the_same_run_and_no_message(home: Path) -> None:
    first = store.open(home).latest_run(DAY, "IP")

    again = settle_day(DAY, home=home)

    assert first is not None
    assert (again.run.run_id, again.new, again.messages) == (first.run_id, False, 0)
    assert len(store.open(home).runs(DAY)) == 1


def test_a_change_of_one_price_sends_one_message_that_supersedes_the_old(home: Path, tmp_path: Path) -> None:
    before = {row.settlement_period: row for row in store.open(home).outbox(DAY)}
    folder = tmp_path / "later"
    folder.mkdir()
    later_vintage(folder, DAY, 9)
    loaders.load(folder, home)

    made = settle_day(DAY, home=home)

    sent = store.open(home).outbox(DAY)[len(before) :]
    assert (made.new, made.messages, len(sent)) == (True, 1, 1)
    assert sent[0].settlement_period == 9
    assert sent[0].supersedes == before[9].message_id
    assert sent[0].previous == before[9].sequence
    assert Decimal(sent[0].value) != Decimal(before[9].value)


def test_the_four_planted_differences_are_called_what_they_are(settled_home: Path) -> None:
    view = open_day_view(DAY, "IP", settled_home)

    called = {one.settlement_period: one.verdict for one in view.periods if one.verdict != "exact"}
    assert called == {7: "unexplained", 12: "vintage", 20: "not comparable", 31: "rounding"}
    assert view.period(7).difference == Decimal("0.50000")
    assert view.period(31).difference == Decimal("0.00002")
    assert view.synthetic


def test_a_stack_that_did_not_arrive_is_set_aside_and_not_settled_as_zero(settled_home: Path) -> None:
    period = open_day_view(DAY, "IP", settled_home).period(20)

    assert (period.own, period.net_imbalance_volume, period.actions) == (None, None, ())
    assert "did not arrive" in period.reason
    assert period.published is not None


def test_both_ways_in_give_one_price(home: Path) -> None:
    stack = {one.settlement_period: one.own for one in open_day_view(DAY, "IP", home).periods}

    settle_day(DAY, home=home, way="own stack")

    own = {one.settlement_period: one for one in open_day_view(DAY, "IP", home).periods}
    scarce = {n for n, one in own.items() if "Reserve Scarcity Price 0" in one.reason}
    compared = [n for n in stack if stack[n] is not None and n not in scarce]
    assert len(compared) > 20
    assert [own[n].own for n in compared] == [stack[n] for n in compared]
    assert own[20].own is not None


def test_a_run_from_an_earlier_moment_reads_what_was_held_then_and_tells_nobody(home: Path, tmp_path: Path) -> None:
    then = datetime.now(UTC)
    folder = tmp_path / "later"
    folder.mkdir()
    later_vintage(folder, DAY, 9)
    loaders.load(folder, home)
    now = settle_day(DAY, home=home)

    earlier = settle_day(DAY, home=home, as_of=then)

    assert earlier.run.run_id != now.run.run_id
    assert earlier.messages == 0


def test_a_day_of_two_prices_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(NotSettled, match="two prices"):
        settle_day(date(2015, 11, 4), home=tmp_path)


def test_a_refused_row_makes_its_period_not_comparable_and_the_others_settle(
    synthetic_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(synthetic_folder, tmp_path / "broken"))
    stack = next(folder.glob("*stack_bid_2024-01-15_05.json"))
    content = json.loads(stack.read_text())
    content["data"][0]["volume"] = abs(content["data"][0]["volume"])
    stack.write_text(json.dumps(content))
    home = tmp_path / "workspace"
    loaded = loaders.load(folder, home)

    settle_day(DAY, home=home)

    view = open_day_view(DAY, "IP", home)
    assert not loaded.good
    assert view.period(5).verdict == "not comparable"
    assert view.period(4).verdict == "exact"
    assert view.refusals[0].row == 1


def test_an_empty_answer_is_an_arrival_and_a_missing_one_is_not(synthetic_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(synthetic_folder, tmp_path / "thin"))
    sells = next(folder.glob("*stack_bid_2024-01-15_05.json"))
    buys = next(folder.glob("*stack_offer_2024-01-15_05.json"))
    for one in (sells, buys):
        one.write_text(json.dumps({"metadata": {"datasets": ["ISPSTACK"]}, "data": []}))
    next(folder.glob("*stack_bid_2024-01-15_06.json")).unlink()
    home = tmp_path / "workspace"
    loaders.load(folder, home)

    settle_day(DAY, home=home)

    view = open_day_view(DAY, "IP", home)
    assert view.period(5).net_imbalance_volume == 0
    assert view.period(5).system_price == view.period(5).market_index_price
    assert view.period(6).own is None
    assert "the stack of sells did not arrive" in view.period(6).reason.lower()


def test_every_period_of_a_day_has_an_entry_even_when_nothing_was_settled(tmp_path: Path) -> None:
    entries = compare_day(date(2024, 10, 27), None, tmp_path)

    assert [one["settlement_period"] for one in entries] == list(range(1, 51))
    assert {one["class"] for one in entries} == {"not comparable"}


def test_a_price_that_needs_the_market_index_waits_for_it_and_the_others_do_not(
    synthetic_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(synthetic_folder, tmp_path / "no market index"))
    next(folder.glob("*market-index*")).unlink()
    for side in ("bid", "offer"):
        one = next(folder.glob(f"*stack_{side}_2024-01-15_05.json"))
        one.write_text(json.dumps({"metadata": {"datasets": ["ISPSTACK"]}, "data": []}))
    home = tmp_path / "workspace"
    loaders.load(folder, home)

    settle_day(DAY, home=home)

    view = open_day_view(DAY, "IP", home)
    waiting = [one.settlement_period for one in view.periods if "market index price" in one.reason]
    assert 5 in waiting
    assert all(view.period(n).own is None and view.period(n).verdict == "not comparable" for n in waiting)
    assert view.counts()["exact"] > 30


def test_a_price_that_lacks_an_input_is_shown_and_told_to_nobody(synthetic_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(synthetic_folder, tmp_path / "no adjustments"))
    next(folder.glob("*DISBSAD*")).unlink()
    home = tmp_path / "workspace"
    loaders.load(folder, home)

    made = settle_day(DAY, home=home, way="own stack")

    view = open_day_view(DAY, "IP", home)
    assert made.messages == 0
    assert all(one.own is not None for one in view.periods)
    assert all("djustment actions did not arrive" in one.reason for one in view.periods)


def test_a_price_that_comes_back_is_told_again(home: Path, tmp_path: Path) -> None:
    first = {row.settlement_period: row for row in store.open(home).outbox(DAY)}[9]
    folder = tmp_path / "later"
    folder.mkdir()
    later_vintage(folder, DAY, 9)
    kept = store.open(home).latest_run(DAY, "IP")
    assert kept is not None
    loaders.load(folder, home)
    settle_day(DAY, home=home)

    told = store.open(home).call_run(kept, [store.PriceResult(9, first.value)])

    last = store.open(home).outbox(DAY)[-1]
    assert told == 1
    assert (last.value, last.run_id) == (first.value, first.run_id)
    assert last.message_id != first.message_id
    assert open_day_view(DAY, "IP", home).run_id == kept.run_id
