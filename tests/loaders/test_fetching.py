"""Fetching and what is due, against a sender on loopback: what is kept, what is asked again, and what is not."""

from __future__ import annotations

import importlib.util
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from loaders import all_jobs, store
from loaders.duty import claims
from loaders.errors import LoadError
from loaders.fetching import ask, back_fill
from loaders.sources.questions import questions
from loaders.sources.settings import Insights, Limits, Settings
from loaders.store import watermarks
from loaders.store.database import reading
from loaders.working import what_is_due, work
from settlement.command_line import build

_spec = importlib.util.spec_from_file_location(
    "replay_server_of_fetching", Path(__file__).with_name("replay_server.py")
)
assert _spec
assert _spec.loader
replay_server = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(replay_server)
Reply = replay_server.Reply

PRICES = "/balancing/settlement/system-prices/"
MONDAY, TUESDAY = date(2024, 1, 15), date(2024, 1, 16)


@pytest.fixture
def sender():
    with replay_server.sender() as own:
        yield own


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def settings(sender):
    limits = Limits(question=5, first_wait=0.01, longest_wait=0.02, connect=2, read=2, attempts=2)
    return Settings(insights=Insights(url=sender.url, requests_a_minute=60_000), limits=limits)


def price(day: date, period: int, value: float) -> dict:
    sample = json.loads(
        (Path(__file__).parent / "samples/system_prices/SYNTHETIC_system-prices_2024-01-15.json").read_text()
    )
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=30 * (period - 1))
    return sample["data"][0] | {
        "settlementDate": str(day),
        "settlementPeriod": period,
        "startTime": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "systemSellPrice": value,
        "systemBuyPrice": value,
    }


def says(*rows: dict):
    return Reply.json({"metadata": {"datasets": ["DISEBSP"]}, "data": list(rows)})


def fetch(home, sender, job="system_prices", first=MONDAY, last=TUESDAY, **how):
    return back_fill(home, job, first, last, settings=settings(sender), **how)


def test_what_is_fetched_is_kept_as_if_it_had_lain_in_a_folder(sender, home):
    sender.says = {
        f"{PRICES}{MONDAY}": says(price(MONDAY, 1, 50.0)),
        f"{PRICES}{TUESDAY}": says(price(TUESDAY, 2, 60.5)),
    }

    report = fetch(home, sender)

    rows = store.open(home).rows("system_prices").to_pylist()
    assert report.good
    assert [(row["settlement_date"], row["system_sell_price"]) for row in rows] == [(MONDAY, 50.0), (TUESDAY, 60.5)]
    assert [file.file for file in report.files] == ["system_prices_2024-01-15.json", "system_prices_2024-01-16.json"]


def test_a_back_fill_that_was_stopped_goes_on_where_it_was(sender, home):
    sender.says = {
        f"{PRICES}{MONDAY}": says(price(MONDAY, 1, 50.0)),
        f"{PRICES}{TUESDAY}": Reply.text("down", status=503),
    }

    first = fetch(home, sender)
    sender.says[f"{PRICES}{TUESDAY}"] = says(price(TUESDAY, 2, 60.5))
    sender.asked.clear()
    second = fetch(home, sender)

    assert (len(first.files), len(first.failures), first.good) == (1, 1, False)
    assert first.failures[0].file == "system_prices_2024-01-16.json"
    assert (len(second.files), second.left, second.good) == (1, 1, True)
    assert sender.paths() == [f"{PRICES}{TUESDAY}"]


def test_what_was_answered_before_is_asked_again_when_that_is_wanted(sender, home):
    sender.says = {f"{PRICES}{MONDAY}": says(price(MONDAY, 1, 50.0))}
    fetch(home, sender, last=MONDAY)
    sender.says = {f"{PRICES}{MONDAY}": says(price(MONDAY, 1, 51.0))}

    report = fetch(home, sender, last=MONDAY, again=True)

    opened = store.open(home)
    assert (report.left, report.files[0].changed) == (0, 1)
    assert opened.rows("system_prices").column("system_sell_price").to_pylist() == [51.0]
    assert opened.rows("system_prices", version=1).column("system_sell_price").to_pylist() == [50.0]


def test_a_day_without_rows_has_arrived_and_is_empty(sender, home):
    sender.says = {f"{PRICES}{MONDAY}": says()}

    fetch(home, sender, last=MONDAY)

    (arrival,) = store.open(home).arrivals("system_prices", MONDAY)
    assert (arrival.settlement_date, arrival.empty) == (MONDAY, True)


def test_a_publish_window_without_rows_says_nothing_of_any_day(sender, home):
    sender.says = {"/datasets/FUELHH/stream": Reply.json([])}

    report = fetch(home, sender, job="fuelhh", last=MONDAY)

    assert report.good
    assert [file.outcome for file in report.files] == ["kept"]
    assert store.open(home).arrivals("fuel_type_generation", MONDAY) == []


def test_the_watermark_moves_only_when_all_was_answered(sender, home):
    sender.says = {f"{PRICES}{MONDAY}": says(price(MONDAY, 1, 50.0))}
    opened, job, upto = store.open(home), all_jobs()["system_prices"], datetime(2024, 1, 17, tzinfo=UTC)

    ask(opened, job, questions(job, MONDAY, TUESDAY), settings(sender), upto=upto)
    with reading(opened.engine) as connection:
        before = watermarks.all_of(connection)
    sender.says[f"{PRICES}{TUESDAY}"] = says(price(TUESDAY, 2, 60.5))
    ask(opened, job, questions(job, MONDAY, TUESDAY), settings(sender), upto=upto)
    with reading(opened.engine) as connection:
        after = watermarks.all_of(connection)

    assert before == {}
    assert after == {"system_prices": upto}


def test_a_job_whose_files_somebody_brings_is_not_fetched(home):
    with pytest.raises(LoadError, match="somebody brings"):
        back_fill(home, "c0421", MONDAY, MONDAY)


NOON = datetime(2024, 1, 16, 12, 0, tzinfo=UTC)


def due_once(home, sender, now=NOON):
    opened = store.open(home)
    return work(opened, lambda: now, ["system_prices"], settings=settings(sender))


def answer_prices(sender):
    for day in (date(2024, 1, 13), date(2024, 1, 14), MONDAY, TUESDAY):
        sender.says[f"{PRICES}{day}"] = says(price(day, 1, 50.0))


def test_what_is_due_is_asked_once_and_what_fell_due_since_is_asked_then(sender, home):
    answer_prices(sender)

    first = due_once(home, sender)
    at_once = due_once(home, sender)
    sender.asked.clear()
    later = due_once(home, sender, NOON + timedelta(minutes=30))

    assert first.good
    assert first.done == [f"system_prices 2024-01-{day}" for day in (13, 14, 15, 16)]
    assert (at_once.done, at_once.failed) == ([], [])
    assert later.done == ["system_prices 2024-01-16"]
    assert sender.paths() == [f"{PRICES}{TUESDAY}"]


def test_a_day_under_way_is_not_taken_for_the_whole_of_it(sender, home):
    answer_prices(sender)

    due_once(home, sender)

    with reading(store.open(home).engine) as connection:
        files = set(connection.execute(sa.text("SELECT file FROM job_runs")).scalars())
    assert "system_prices_2024-01-15.json" in files
    assert "system_prices_2024-01-16.json" not in files
    assert any(name.startswith("system_prices_from_20240116T0000_20240116T") for name in files)


def test_a_question_that_fails_waits_and_is_asked_again_and_stops_no_other(sender, home):
    answer_prices(sender)
    sender.says[f"{PRICES}{MONDAY}"] = Reply.text("down", status=503)

    first = due_once(home, sender)
    sender.says[f"{PRICES}{MONDAY}"] = says(price(MONDAY, 1, 50.0))
    soon = due_once(home, sender, NOON + timedelta(seconds=10))
    later = due_once(home, sender, NOON + timedelta(minutes=2))

    assert [task for task, _ in first.failed] == ["system_prices 2024-01-15"]
    assert len(first.done) == 3
    assert soon.done == []
    assert later.done == ["system_prices 2024-01-15"]


def test_what_is_due_can_be_listed_without_asking(sender, home):
    opened = store.open(home)

    listed = what_is_due(opened, NOON, ["system_prices"])

    assert [one.question for one in listed] == [f"2024-01-{day}" for day in (13, 14, 15, 16)]
    assert claims.last_runs(opened.engine) == {}


def bsc(*words, environment=None):
    return CliRunner(env=environment).invoke(build(), [str(word) for word in words])


def test_the_command_fetches_days_and_tells_failures_with_exit_code_1(sender, home):
    sender.says = {f"{PRICES}{MONDAY}": says(price(MONDAY, 1, 50.0))}
    environment = {"BSC_INSIGHTS_URL": sender.url, "BSC_LIMITS_ATTEMPTS": "1"}
    words = ("load", "--fetch", "system_prices", "--date", "2024-01-15..2024-01-16", "--home", home)

    listed = bsc(*words, "--dry-run", "--json")
    done = bsc(*words, "--json", environment=environment)

    said = json.loads(done.stdout)
    assert [one["name"] for one in json.loads(listed.stdout)] == [
        "system_prices_2024-01-15.json",
        "system_prices_2024-01-16.json",
    ]
    assert done.exit_code == 1
    assert (said["answered"], len(said["failures"])) == (1, 1)
    assert said["failures"][0]["todo"]
