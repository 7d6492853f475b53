"""What needs a person, by money and days left: each figure found another way than the list finds it."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from types import SimpleNamespace

import pytest

from loaders import store as stores
from reports.comparison import compare_day
from reports.day_settlement import settle_day
from reports.loads_view import Loads
from reports.signoff.moving import move
from reports.signoff.recording import MoveRefused
from reports.signoff.subjects import subject_held
from reports.work.deadlines import Deadlines
from reports.work.listed import NoSuchItem, Work, actions_of, in_words
from reports.work.prices import work_subject
from reports.work.records import Deadline, WorkItem, WorkList, in_order

DAY = date(2024, 1, 15)  # a Monday
NEXT_DAY = date(2024, 1, 16)


def item(name, money=None, days=None, kind="price", state="open"):
    return WorkItem(
        name, kind, name, "", "", work_subject(name), None if money is None else Decimal(money), "",
        Deadline(None, ""), days, state=state,
    )  # fmt: skip


def test_more_money_stands_first_then_fewer_days_and_what_is_not_known_last():
    wanted = [
        item("a", "100", 9), item("b", "20.50", 3), item("c", "20.50", 4), item("d", "20.50"), item("e", "0", 9),
        item("f", None, 2), item("g", None, 5), item("h"), item("closed", "999", 1, state="closed"),
    ]  # fmt: skip

    assert sorted(reversed(wanted), key=in_order) == wanted


def test_the_sum_takes_prices_once_and_no_closed_ones():
    items = (item("a", "100"), item("b", "20.50"), item("c", None), item("d", "120.50", kind="sign-off"),
             item("e", "7", state="closed"))  # fmt: skip

    assert WorkList(items, DAY, (DAY,), 0).worth == Decimal("120.50")


# By hand, Monday to Friday: II 5, SF 16, RF 292 days after Monday 15 January 2024 (58 weeks and 2 days, 26 February
# 2025), and eight bank holidays on the way: Easter two, May two, August, Christmas two, New Year.
@pytest.mark.parametrize(
    "today, run, day, left, says",
    [
        (date(2024, 1, 17), "IP", date(2024, 1, 22), 5, "II by the lag"),
        (date(2024, 1, 22), "IP", date(2024, 1, 22), 0, "II by the lag"),
        (date(2024, 1, 23), "IP", date(2024, 2, 6), 14, "SF by the lag"),
        (date(2024, 1, 17), "II", date(2024, 2, 6), 20, "SF by the lag"),
        (date(2025, 3, 10), "SF", date(2025, 3, 10), 0, "RF by the lag"),
        (date(2025, 3, 11), "SF", None, None, "no further run: RF was due 10 Mar 2025"),
        (date(2024, 1, 17), "RF", None, None, "no further run: no run follows RF"),
        (date(2024, 1, 17), "DF", None, None, "no further run: no run follows DF"),
    ],
)
def test_the_deadline_is_the_next_run_of_the_day_that_is_ahead(store, today, run, day, left, says):
    deadlines = Deadlines(store, today)
    found = deadlines.next_run(DAY, run)

    assert (found.day, deadlines.left(found)) == (day, left)
    assert found.says.startswith(says)


def test_the_published_calendar_goes_before_the_lag(store, monkeypatch):
    monkeypatch.setattr("reports.work.deadlines.published_dates", lambda _: {(DAY, "II"): date(2024, 1, 24)})

    found = Deadlines(store, date(2024, 1, 17)).next_run(DAY, "IP")

    assert (found.day, found.says) == (date(2024, 1, 24), "II by the settlement calendar")


def test_what_is_of_no_day_has_no_deadline_and_says_so(store):
    assert Deadlines(store, DAY).next_run(None) == Deadline(None, "of no Settlement Date, so no run waits for it")


def test_every_price_that_cannot_be_relied_on_is_listed_with_its_worth(store, home):
    entries = [
        one for one in compare_day(DAY, None, home) if one["class"] in ("unexplained", "not comparable", "vintage")
    ]
    worth = {
        one["settlement_period"]: abs(Decimal(one["difference"]) * Decimal(one["net_imbalance_volume"]))
        for one in entries if one["difference"] is not None
    }  # fmt: skip

    work = Work(store).list(date(2024, 1, 17))

    prices = [one for one in work.items if one.kind == "price"]
    assert [one.settlement_period for one in prices] == [
        *sorted(worth, key=lambda period: -worth[period]),
        *(one["settlement_period"] for one in entries if one["difference"] is None),
    ]
    for one in prices:
        wanted = worth.get(one.settlement_period)
        assert one.money == wanted or abs(one.money - wanted) < Decimal("0.01")
    assert {one.days_left for one in prices} == {5}
    assert all(before.money >= after.money for before, after in pairwise(prices) if after.money is not None)
    (sign_off,) = [one for one in work.items if one.kind == "sign-off"]
    assert sign_off.money >= sum(worth.values()) - Decimal("0.01")
    assert (sign_off.state, actions_of(sign_off)) == ("draft", ("prepare",))


def test_neighbours_set_aside_for_one_reason_are_one_entry(store, day):
    from reports.work.prices import _of_view, price_items

    gone = {20, 21, 22}
    view = replace(
        day,
        periods=tuple(
            replace(one, own=None, published=None, difference=None, worth=None, verdict="not comparable",
                    reason="The stack did not arrive.", todo="Load it")
            if one.settlement_period in gone else one
            for one in day.periods
        ),
    )  # fmt: skip

    found = price_items([_of_view(view)], Deadlines(store, DAY))

    (one,) = [one for one in found if one.settlement_period == 20]
    assert one.id == "price-2026-10-14-IP-20-22" and one.money is None
    assert not [other for other in found if other.settlement_period in (21, 22)]


def test_refused_rows_stand_by_job_and_day_and_mended_ones_do_not(loads_home, tmp_path):
    opened = stores.open(shutil.copytree(loads_home, tmp_path / "loads"))
    found = [one for one in Work(opened).list(date(2024, 1, 17)).items if one.kind == "refused"]
    opened.close()

    assert [one.id for one in found] == ["refused-fuelhh-2024-01-15", "refused-indo-2024-01-15"]
    indo = found[1]
    assert indo.reason == (
        "SYNTHETIC_INDO_2024-01-15.json, row 32, demand_mw: found high, wanted a number of MW with a decimal point"
    )
    assert (indo.money, indo.money_says.startswith("not known")) == (None, True)
    assert (indo.deadline.day, indo.days_left) == (date(2024, 1, 22), 5)  # nothing of the day is settled: II is next


def test_jobs_that_fail_or_are_late_are_listed_and_fresh_ones_are_not(store, monkeypatch):
    whole = Loads(store).wall()
    states = {"indo": "failing", "itsdo": "late", "fuelhh": "drifting"}
    jobs = tuple(
        replace(one, state=states.get(one.job, "fresh"), day=NEXT_DAY, reason="no answer") for one in whole.jobs
    )
    monkeypatch.setattr(Loads, "wall", lambda self, now=None: replace(whole, jobs=jobs))

    found = [one for one in Work(store).list(date(2024, 1, 17)).items if one.kind == "load"]

    assert [(one.id, one.deadline.day) for one in found] == [
        ("load-indo", date(2024, 1, 23)), ("load-itsdo", date(2024, 1, 23)),
    ]  # fmt: skip


def test_an_entry_that_was_closed_comes_back_for_a_new_run_and_not_for_the_old_one(store, home):
    work = Work(store)
    name = next(one.id for one in work.list().items if one.kind == "price")
    work.act(work.item(name), "assign", "Ana Lima", assigned_to="Ben Ode")
    work.act(work.item(name), "close", "Ben Ode", "Explained in a letter")
    assert [one.id for one in work.list().open if one.id == name] == []
    with pytest.raises(MoveRefused, match=r"found closed by Ben Ode .*Explained in a letter"):
        work.act(work.item(name), "close", "Ana Lima", "again")

    settle_day(DAY, "IP", home=home)  # the same run: it is only asked for again
    assert [one.id for one in work.list().open if one.id == name] == []
    settle_day(DAY, "II", home=home)

    other = name.replace("-IP-", "-II-")
    assert (work.item(other).state, work.item(other).assigned_to, work.item(other).entries) == ("open", "", ())


def test_days_that_are_not_looked_at_are_said(store):
    work = Work(store).list(days=1)
    assert (work.days, work.left_out) == ((DAY,), 0)

    told = in_words(replace(work, left_out=3), work.items)
    assert "3 settled days before them were not looked at" in told


def test_what_late_data_touch_is_shown_at_once_though_nothing_is_written_by_looking(
    store, home, synthetic_folder, tmp_path
):
    import json

    import loaders

    move(store, subject_held(store, DAY, "IP"), "prepare", "Ana Lima", "looked")
    said = json.loads((synthetic_folder / "SYNTHETIC_market-index_2024-01-15.json").read_text())
    said["data"][0]["price"] += 1
    (tmp_path / "SYNTHETIC_LATE_market-index.json").write_text(json.dumps(said))
    loaders.load(tmp_path / "SYNTHETIC_LATE_market-index.json", home)

    one = Work(store).item("sign-off-2024-01-15-IP")

    assert one.late and one.state == "prepared"
    assert one.reason.startswith("late data: job market_index, file SYNTHETIC_LATE_market-index.json")


def test_a_day_that_is_published_is_closed(store):
    subject = subject_held(store, DAY, "IP")
    for action, who in (("prepare", "Ana"), ("review", "Ben"), ("publish", "Ben")):
        move(store, subject, action, who, "looked")

    one = Work(store).item("sign-off-2024-01-15-IP")

    assert not one.open and actions_of(one) == ("reopen",)


def test_open_disputes_are_listed_where_there_are_any(store, home, monkeypatch):
    case = SimpleNamespace(
        number=7, name="dispute-0007", state="draft", quantity="system_price", key={"party": "SYNP001"},
        settlement_dates="2024-01-15", runs="IP", effect=Decimal("-4100.20"), last_day=date(2024, 2, 1), certain=True,
        missing=("reason",),
    )  # fmt: skip
    cases = SimpleNamespace(open_cases=lambda where, on: [case] if where == home else [])
    monkeypatch.setitem(sys.modules, "reports.disputes", cases)

    one = Work(store).item("dispute-0007", date(2024, 1, 17))

    assert (one.money, one.days_left, one.dispute) == (Decimal("4100.20"), 15, "bsc dispute show 7")
    assert one.reason == "system_price SYNP001 2024-01-15 IP; not ready: reason"


def test_a_name_that_no_entry_has_is_told(store):
    with pytest.raises(NoSuchItem, match=r"found no such entry"):
        Work(store).item("price-2024-01-15-IP-99")


def test_an_empty_workspace_has_an_empty_list(tmp_path):
    opened = stores.open(tmp_path / "empty")
    work = Work(opened).list()
    opened.close()

    assert (work.items, work.days, work.next_deadline) == ((), (), None)
    assert "Nothing on the Work list." in in_words(work, ())
