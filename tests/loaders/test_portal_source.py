"""Downloads of the Elexon portal by scripting key, said by a server on loopback."""

from __future__ import annotations

import gzip
import importlib.util
import logging
from datetime import date
from pathlib import Path

import pytest

from loaders import all_jobs
from loaders.errors import WrongSettings
from loaders.job_fetch import Fetch
from loaders.sources.answers import Answer, Failure
from loaders.sources.portal import answers
from loaders.sources.questions import questions
from loaders.sources.secrets import Secrets
from loaders.sources.settings import Limits, Portal, Settings

_spec = importlib.util.spec_from_file_location("replay_server", Path(__file__).with_name("replay_server.py"))
replay = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(replay)
Reply = replay.Reply

DAY = date(2024, 1, 18)
KEY = "SYNTHETIC+key/0123456789"
REGISTER = ("registered_bm_units", "SYNTHETIC_registered_bmunits.csv")
FILE = "/file/download/REGISTERED_BMUNITS_FILE"
REPORTS = ["S0142_20240115_II_20240118093000.gz", "S0142_20240116_II_20240118093000.gz"]


@pytest.fixture
def sender():
    with replay.sender() as own:
        yield own


def settings(sender, key=KEY):
    return Settings(
        portal=Portal(url=sender.url, requests_a_minute=60_000),
        limits=Limits(question=3, first_wait=0.01, longest_wait=0.05, attempts=2),
        secrets=Secrets(environ={"BSC_PORTAL_KEY": key} if key else {}),
    )


def asked_of(name, path, **fetch):
    job = all_jobs()[name]
    said = {"from": "portal", "file_names": job.fetch.file_names, "path": path} | fetch
    return questions(job.model_copy(update={"fetch": Fetch.model_validate(said)}), DAY, DAY)


def the_register(sender, reply):
    sender.says[FILE] = reply
    (came,) = answers(asked_of("registered_bm_units", "REGISTERED_BMUNITS_FILE"), settings(sender))
    return came


def the_reports(sender, **other):
    asks = {"date": "first date", "filter": "=s0142"}
    asked = asked_of("s0142_periods", "p114/list", asks=asks, covers="settlement day")
    return list(answers(asked, settings(sender), **other))


def test_a_file_is_asked_for_by_name_with_the_key_in_the_query(sender):
    came = the_register(sender, Reply((replay.SAMPLES / REGISTER[0] / REGISTER[1]).read_bytes(), headers={}))

    assert isinstance(came, Answer)
    assert came.data == (replay.SAMPLES / REGISTER[0] / REGISTER[1]).read_bytes()
    assert sender.asked == [(FILE, {"key": [KEY]})]


def test_the_key_stands_in_no_address_log_or_failure(sender, caplog):
    caplog.set_level(logging.DEBUG)
    good = the_register(sender, Reply(b"a,b\n1,2\n"))
    bad = the_register(sender, Reply.text(f"Scripting Error 001: {KEY} does not resolve", status=500))

    assert isinstance(bad, Failure)
    assert "[hidden]" in bad.finding.found
    for text in (repr(good), repr(bad), str(bad.finding), caplog.text, repr(settings(sender))):
        assert KEY not in text
        assert "SYNTHETIC%2Bkey" not in text


def test_a_key_cut_off_at_the_end_of_a_quotation_is_hidden_too(sender):
    said = "Scripting Error 001: " + "x" * (200 - 21 - 10) + KEY  # ten characters of the key are quoted

    came = the_register(sender, Reply.text(said))

    assert came.finding.found.endswith("x[hidden]")


@pytest.mark.parametrize(
    "reply",
    [
        Reply.text("<!DOCTYPE html><html><title>Login</title></html>", "text/html"),
        Reply.text("\n<html><title>Login</title></html>", "application/octet-stream"),
        Reply.text("Scripting Error 001: Scripting key provided does not resolve to a valid user"),
    ],
)
def test_a_wrong_key_is_told_though_the_status_is_good(sender, reply):
    came = the_register(sender, reply)

    assert isinstance(came, Failure)
    assert came.status == 200
    assert "scripting key (portal_key)" in came.finding.todo


def test_an_empty_file_is_a_failure(sender):
    assert the_register(sender, Reply(b"", headers={})).finding.found == "an empty file"


def test_without_a_key_nothing_is_asked(sender):
    with pytest.raises(WrongSettings, match="BSC_SECRETS"):
        list(answers(asked_of("registered_bm_units", "X"), settings(sender, key=None)))

    assert sender.asked == []


def test_each_report_of_a_list_is_fetched_under_its_own_name(sender):
    sender.says["/p114/list"] = Reply.json({name: "2024-01-18 09:30:00" for name in REPORTS})
    sender.says["/p114/download"] = lambda query: Reply(gzip.compress(query["filename"][0].encode()), headers={})

    came = the_reports(sender)

    assert [one.name for one in came] == REPORTS
    assert [gzip.decompress(one.data).decode() for one in came] == REPORTS
    assert sender.asked[0] == ("/p114/list", {"date": ["2024-01-18"], "filter": ["s0142"], "key": [KEY]})


def test_a_report_that_is_kept_already_is_not_fetched_again(sender):
    sender.says["/p114/list"] = Reply.json(dict.fromkeys(REPORTS, ""))
    sender.says["/p114/download"] = Reply(gzip.compress(b"AAA|"), headers={})

    came = the_reports(sender, met={REPORTS[0]})

    assert [one.name for one in came] == [REPORTS[1]]


@pytest.mark.parametrize("nothing", [{}, []])
def test_a_date_without_reports_is_no_failure(sender, nothing):
    sender.says["/p114/list"] = Reply.json(nothing)

    assert the_reports(sender) == []


@pytest.mark.parametrize("name", ["../../settings.toml", "a/b", ".hidden", ""])
def test_a_list_whose_names_lead_elsewhere_is_refused(sender, name):
    sender.says["/p114/list"] = Reply.json({name: ""})

    (came,) = the_reports(sender)

    assert isinstance(came, Failure)
    assert sender.paths() == ["/p114/list"]


def test_one_report_that_fails_does_not_stop_the_next(sender):
    sender.says["/p114/list"] = Reply.json(dict.fromkeys(REPORTS, ""))
    sender.says["/p114/download"] = lambda query: (
        Reply.text("gone", status=404) if query["filename"] == [REPORTS[0]] else Reply(b"AAA|", headers={})
    )

    came = the_reports(sender)

    assert [(type(one), one.name) for one in came] == [(Failure, REPORTS[0]), (Answer, REPORTS[1])]
