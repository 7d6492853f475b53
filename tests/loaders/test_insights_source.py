"""The Insights API as it answers, and as it misbehaves: a server on loopback says both."""

from __future__ import annotations

import importlib.util
import logging
import threading
import time
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx2
import pytest

from loaders import all_jobs, load, store
from loaders.job_fetch import Fetch
from loaders.sources.answers import Answer, Failure
from loaders.sources.insights import answers
from loaders.sources.questions import Question, questions
from loaders.sources.settings import Insights, Limits, Settings

_spec = importlib.util.spec_from_file_location("replay_server", Path(__file__).with_name("replay_server.py"))
replay = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(replay)
Reply = replay.Reply

DAY = date(2024, 1, 15)
STACK = ("settlement_stack", "SYNTHETIC_stack_bid_2024-01-15_07.json")
NO_ROWS = {"metadata": {"datasets": ["ISPSTACK"]}, "data": []}


CLIENT = httpx2.Client()  # one for the questions asked by `one`: its certificates take a tenth of a second to read


@pytest.fixture
def sender():
    with replay.sender() as own:
        yield own


def settings(sender, pace=60_000, **limits):
    quick = {"question": 3, "first_wait": 0.01, "longest_wait": 0.05, "connect": 1, "read": 1} | limits
    return Settings(insights=Insights(url=sender.url, requests_a_minute=pace), limits=Limits(**quick))


def about(path, name="settlement_stack_bid_2024-01-15_07.json", query=()):
    return Question("settlement_stack", path, query, name, DAY, 7, "bid")


def one(sender, reply, **limits):
    """What comes of one question to which the sender has this to say."""
    sender.says["/x"] = reply
    (came,) = answers([about("/x")], settings(sender, **limits), client=CLIENT)
    return came


def stack_job():
    job = all_jobs()["settlement_stack"]
    said = {
        "from": "insights",
        "file_names": job.fetch.file_names,
        "path": job.fetch.path,
        "covers": "settlement period",
    }
    return job.model_copy(update={"fetch": Fetch.model_validate(said)})


def test_an_answer_is_the_bytes_as_sent_with_both_clocks(sender):
    published = datetime(2024, 1, 16, 0, 45, 2, tzinfo=UTC)
    sender.says[replay.STACK] = Reply.sample(*STACK)
    sender.says[replay.STACK].headers["Last-Modified"] = format_datetime(published, usegmt=True)
    before = datetime.now(UTC)

    (came,) = answers([about(replay.STACK, query=(("format", "json"),))], settings(sender))

    assert isinstance(came, Answer)
    assert came.data == (replay.SAMPLES / STACK[0] / STACK[1]).read_bytes()
    assert came.published_at == published
    assert before <= came.asked_at <= datetime.now(UTC)
    assert came.address == f"{sender.url}{replay.STACK}?format=json"
    assert sender.asked == [(replay.STACK, {"format": ["json"]})]


def test_without_a_time_of_change_the_senders_clock_is_the_date_of_the_answer(sender):
    came = one(sender, Reply.json(NO_ROWS))

    assert abs(came.published_at - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_answers_of_a_few_periods_load_under_the_names_that_they_bear(sender, tmp_path):
    asked = [one for one in questions(stack_job(), DAY, DAY) if one.settlement_period in (6, 7, 8)]
    sender.says = {one.path: Reply.json(NO_ROWS) for one in asked}
    sender.says[replay.STACK] = Reply.sample(*STACK)
    inbox = tmp_path / "inbox"
    inbox.mkdir()

    for came in answers(asked, settings(sender)):
        (inbox / came.name).write_bytes(came.data)
    report = load(inbox, tmp_path / "home")

    assert len(sender.asked) == 6
    assert report.good
    assert {file.job for file in report.files} == {"settlement_stack"}
    opened = store.open(tmp_path / "home")
    rows = opened.rows("settlement_stack", DAY).to_pylist()
    assert {(row["settlement_period"], row["side"]) for row in rows} == {(7, "sell")}
    arrived = {(one.settlement_period, one.side) for one in opened.arrivals("settlement_stack", DAY)}
    assert arrived == {(period, side) for period in (6, 7, 8) for side in ("sell", "buy")}


def test_a_period_without_rows_is_an_answer(sender):
    assert isinstance(one(sender, Reply.json(NO_ROWS)), Answer)
    assert isinstance(one(sender, Reply.json([])), Answer)


def test_an_answer_packed_for_the_way_arrives_unpacked(sender):
    came = one(sender, Reply.sample(*STACK).packed())

    assert came.data == (replay.SAMPLES / STACK[0] / STACK[1]).read_bytes()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_sender_in_passing_trouble_is_asked_again(sender, status):
    trouble = Reply.text("come back", status=status)

    came = one(sender, [trouble, trouble, Reply.sample(*STACK)])

    assert isinstance(came, Answer)
    assert len(sender.asked) == 3


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410, 501])
def test_a_refusal_is_not_asked_again_and_tells_its_text(sender, status):
    came = one(sender, Reply.text("" if status == 204 else "no such thing", status=status))

    assert isinstance(came, Failure)
    assert (came.status, len(sender.asked)) == (status, 1)
    assert came.finding.found.startswith(f"status {status}")
    assert status == 204 or "no such thing" in came.finding.found


def test_a_window_that_is_too_long_says_so_and_what_to_do(sender):
    # The sender's own words for it.
    text = "The date range between From and To inclusive must not exceed 7 days"

    came = one(sender, Reply.json({"errors": {"": [text]}}, status=400))

    assert text in came.finding.found
    assert "longest" in came.finding.todo


def test_a_sender_that_stays_in_trouble_is_a_failure_after_the_last_attempt(sender):
    came = one(sender, Reply.text("down", status=503), attempts=3)

    assert (came.status, len(sender.asked)) == (503, 3)
    assert came.finding.file == "settlement_stack_bid_2024-01-15_07.json"


def test_the_pause_that_the_sender_names_is_kept(sender):
    came = one(sender, [Reply.text("slow down", status=429, Retry_After="1"), Reply.sample(*STACK)])

    assert isinstance(came, Answer)
    assert sender.at[1] - sender.at[0] >= 0.9


def test_a_pause_named_as_a_date_is_kept(sender):
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    said = format_datetime(until, usegmt=True)

    came = one(sender, [Reply.text("later", status=503, Retry_After=said), Reply.sample(*STACK)], question=5)

    assert isinstance(came, Answer)
    assert came.asked_at >= until - timedelta(milliseconds=50)


def test_a_pause_longer_than_the_time_of_the_question_is_not_waited_for(sender):
    begun = time.monotonic()

    came = one(sender, Reply.text("slow down", status=429, Retry_After="3600"))

    assert time.monotonic() - begun < 2.5
    assert abs(came.come_again - datetime.now(UTC) - timedelta(hours=1)) < timedelta(seconds=5)
    assert f"{came.come_again:%Y-%m-%d %H:%M:%S} UTC" in came.finding.todo
    assert len(sender.asked) == 1


def test_a_sender_that_takes_no_questions_for_an_hour_is_left_alone_and_no_question_is_lost(sender):
    sender.says["/a"] = Reply.text("slow down", status=429, Retry_After="3600")
    sender.says["/b"] = Reply.sample(*STACK)

    came = list(answers([about("/a", "a.json"), about("/b", "b.json")], settings(sender)))

    assert [one.name for one in came] == ["a.json", "b.json"]
    assert all(isinstance(one, Failure) and one.come_again for one in came)
    assert sender.paths() == ["/a"]


def test_a_body_that_breaks_off_is_asked_for_again(sender):
    cut = Reply.sample(*STACK, cut=100)

    came = one(sender, [cut, Reply.sample(*STACK)])

    assert isinstance(came, Answer)
    assert len(came.data) == len(cut.body)


def test_a_body_that_always_breaks_off_is_never_kept(sender):
    came = one(sender, Reply.sample(*STACK, cut=100), attempts=2)

    assert isinstance(came, Failure)
    assert "RemoteProtocolError" in came.finding.found
    assert len(sender.asked) == 2


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (Reply.text("An unexpected error has occurred"), "content of type text/plain: An unexpected error"),
        (Reply.text("<!DOCTYPE html><title>Maintenance</title>", "text/html"), "a page in HTML: <!DOCTYPE html>"),
        (Reply.text("<html>Maintenance", "application/json"), "a page in HTML"),
        (Reply.json({"errors": {"from": ["is required"]}}), "an object with errors and no data: "),
        (Reply.json({"error": "no such dataset", "data": []}), "an object with error and no data: "),
        (Reply.json({"message": "Rate limit is exceeded"}), "an object with message and no data: "),
        (Reply.json({"data": {"settlementDate": "2024-01-15"}}), "an object without a list of data: "),
        (Reply.json({"metadata": {}}), "an object without a list of data: "),
        (Reply.json("nothing"), "no whole JSON"),
        (Reply.text('{"data":[{"settlementDate":"2024-01-15"},{', "application/json"), "no whole JSON"),
        (Reply.text("", "application/json"), "no whole JSON"),
    ],
)
def test_a_friendly_status_without_data_is_a_failure(sender, reply, found):
    came = one(sender, reply)

    assert isinstance(came, Failure)
    assert came.finding.found.startswith(found)
    assert (came.status, len(sender.asked)) == (200, 1)


def test_a_failure_quotes_two_hundred_characters_of_what_came_and_no_more(sender):
    came = one(sender, Reply.text("Lorem ipsum " * 100))

    assert came.finding.found == "content of type text/plain: " + ("Lorem ipsum " * 100)[:200]


def test_records_beside_a_message_are_an_answer(sender):
    assert isinstance(one(sender, Reply.json({"message": "ok", "data": [{"id": 1}]})), Answer)


def test_an_answer_in_csv_is_taken_where_it_was_asked_for(sender):
    sender.says["/x"] = Reply.text("SettlementDate,SettlementPeriod\n2024-01-15,7\n", "text/csv")

    asked_for, unasked = answers([about("/x", query=(("format", "csv"),)), about("/x")], settings(sender))

    assert isinstance(asked_for, Answer)
    assert isinstance(unasked, Failure)


def test_a_sender_that_drips_its_body_is_left_in_time(sender):
    begun = time.monotonic()

    came = one(sender, Reply.sample(*STACK, drip=0.1), question=0.6)

    assert 0.5 < time.monotonic() - begun < 5
    assert came.finding.found == "no whole answer in time"


def test_a_sender_that_drips_its_headers_is_left_in_time(sender):
    begun = time.monotonic()

    came = one(sender, Reply(drip_headers=0.1), question=0.6)

    assert 0.5 < time.monotonic() - begun < 5
    assert came.finding.found == "no whole answer in time"


def test_a_sender_that_says_nothing_is_a_timeout_and_asked_again(sender):
    came = one(sender, [Reply(drip_headers=5), Reply.sample(*STACK)], read=0.2)

    assert isinstance(came, Answer)


def test_nobody_at_the_address_is_a_failure_that_says_so(sender):
    closed = settings(sender, attempts=2)
    sender.close()

    (came,) = answers([about("/x")], closed)

    assert "ConnectError" in came.finding.found
    assert came.status is None


def test_an_answer_beyond_the_largest_size_is_not_kept(sender):
    came = one(sender, Reply.sample(*STACK), largest_answer=1000)

    assert isinstance(came, Failure)
    assert came.finding.found == "more than 1,000 bytes"


def test_a_small_package_that_unpacks_to_much_is_not_kept(sender):
    bomb = Reply(b'{"data":["' + b" " * 50_000_000 + b'"]}').packed()
    assert len(bomb.body) < 100_000

    came = one(sender, bomb, largest_answer=1_000_000)

    assert came.finding.found == "more than 1,000,000 bytes"


def test_a_redirect_to_another_host_is_refused_and_nothing_is_asked_there(sender):
    with replay.sender() as other:
        other.says["/x"] = Reply.sample(*STACK)

        came = one(sender, Reply(b"", 302, {"Location": f"{other.url}/x?secret=1"}))

        assert isinstance(came, Failure)
        assert came.finding.found == f"status 302, on to {other.url}/x"
        assert other.asked == []


def test_a_failure_does_not_stop_the_questions_after_it(sender):
    sender.says["/b"] = Reply.sample(*STACK)
    told = []

    came = list(answers([about("/a", "a.json"), about("/b", "b.json")], settings(sender), told.append))

    assert [type(one) for one in came] == [Failure, Answer]
    assert told == ["a.json", "b.json"]


def test_when_the_time_for_all_is_over_the_rest_are_told_as_not_asked(sender):
    sender.says["/x"] = lambda query: time.sleep(1) or Reply.sample(*STACK)

    came = list(answers([about("/x", f"{n}.json") for n in range(4)], settings(sender, all_questions=1.6, read=5)))

    assert [type(one) for one in came] == [Answer, Failure, Failure, Failure]
    assert [one.finding.file for one in came[1:]] == ["1.json", "2.json", "3.json"]
    assert came[3].finding.found.startswith("not asked")
    assert len(sender.asked) == 2


def test_requests_of_all_threads_together_keep_the_pace(sender):
    sender.says["/x"] = Reply.json(NO_ROWS)
    paced = settings(sender, pace=600)  # one each 0.1 s
    threads = [threading.Thread(target=lambda: list(answers([about("/x")] * 3, paced))) for _ in range(2)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(sender.at) == 6
    assert max(sender.at) - min(sender.at) >= 0.45


def test_nothing_is_printed_where_a_command_prints_its_answer(sender, capsys):
    one(sender, [Reply.text("down", status=503), Reply.sample(*STACK)])

    assert capsys.readouterr().out == ""


def test_an_address_in_a_log_has_no_query(sender, caplog):
    caplog.set_level(logging.DEBUG)
    sender.says["/x"] = Reply.json(NO_ROWS)

    list(answers([about("/x", query=(("key", "sesame"),))], settings(sender)))

    assert "HTTP Request" in caplog.text
    assert "sesame" not in caplog.text


def test_a_clients_own_connections_stay_open(sender):
    sender.says["/x"] = Reply.json(NO_ROWS)
    with httpx2.Client() as client:
        list(answers([about("/x")], settings(sender), client=client))

        assert not client.is_closed
