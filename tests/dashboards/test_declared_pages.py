"""Pages as they declare themselves, addresses, and the verb that serves them; no browser."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest

from dashboards.address import address, read, split
from dashboards.declared import Content, page, pages
from dashboards.errors import WrongAddress, WrongPage


def dash(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = (
        "import typer, sys\n"
        "from settlement.command_line import AskedWrongly\n"
        "from dashboards.commands import dash\n"
        "app = typer.Typer(pretty_exceptions_enable=False); app.command()(dash)\n"
        "try: app()\n"
        "except AskedWrongly as error: print(error, file=sys.stderr); sys.exit(2)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", command, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_every_page_asks_a_question_and_has_its_own_address():
    found = pages()

    assert list(found) == ["/day", "/loads", "/period", "/work-list"]
    assert all(one.question.endswith("?") for one in found.values())


def test_the_parts_of_an_address_follow_from_the_function():
    assert pages()["/period"].parts == ("date", "run", "period", "stage")
    state = {"date": date(2024, 1, 15), "period": 9, "stage": "8"}
    assert pages()["/day"].at(state) == "/day?date=2024-01-15&period=9"
    assert pages()["/period"].at(state) == "/period?date=2024-01-15&period=9&stage=8"


def test_a_page_that_asks_for_an_unknown_part_is_refused():
    with pytest.raises(WrongPage, match="colour"):

        @page("/wrong", title="Wrong", group="Watch", question="What?")
        def wrong(held, colour) -> Content: ...

    with pytest.raises(WrongPage, match="Nowhere"):
        page("/wrong", title="Wrong", group="Nowhere", question="What?")(lambda held, date: None)


def test_an_address_says_again_what_was_read_from_it():
    said = "/period?date=2024-10-27&run=SF&period=50&stage=4a"
    path, parts = split(said)

    assert address(path, **read(parts, ("date", "run", "period", "stage"))) == said


@pytest.mark.parametrize("name, text", [("period", "0"), ("period", "51"), ("period", "٣"), ("period", "9.0"),
                                        ("stage", "4"), ("run", "ip"), ("date", "2024-13-01")])  # fmt: skip
def test_what_cannot_be_read_is_told_with_what_was_wanted(name, text):
    with pytest.raises(WrongAddress) as told:
        read({name: text}, (name,))

    assert repr(text) in str(told.value)
    assert "wanted" in str(told.value)


@pytest.mark.parametrize(
    "minutes, said", [(0, "0 min"), (59, "59 min"), (145, "2 h 25 min"), (2879, "47 h 59 min"), (2880, "2 days")]
)
def test_an_age_is_told_in_words(minutes, said):
    from dashboards.frame import how_long

    assert how_long(timedelta(minutes=minutes)) == said


def test_a_host_that_others_reach_is_refused_with_the_reason(tmp_path):
    done = dash("--home", str(tmp_path), "--host", "0.0.0.0")

    assert done.returncode == 2
    assert "until there are keys" in done.stderr


def test_a_folder_without_a_workspace_is_refused_and_stays_as_it_was(tmp_path):
    done = dash("--home", str(tmp_path / "none"), "--port", "0")

    assert done.returncode == 2
    assert "found no workspace" in done.stderr
    assert not (tmp_path / "none").exists()


def test_a_taken_port_is_told(home):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = dash("--home", str(home), "--port", str(taken.getsockname()[1]))

    assert done.returncode == 2
    assert "wanted a free port" in done.stderr


def test_the_help_has_an_example_and_loads_no_panel():
    done = dash("--help")
    loaded = subprocess.run(
        [sys.executable, "-c", "import dashboards.commands, sys; print(*({'panel', 'bokeh'} & set(sys.modules)))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert "bsc serve dash --home ./workspace" in " ".join(done.stdout.split())
    assert loaded.stdout.split() == []


def test_a_page_that_breaks_says_what_is_kept(home, monkeypatch):
    from dashboards.frame import inner_page
    from dashboards.held import Held

    held = Held(home)
    monkeypatch.setattr(held, "day", lambda *_: 1 / 0)
    shown = inner_page(held, "/day?date=2024-01-15")

    assert "This page could not be made" in shown.inner
    assert "division by zero" in shown.inner
    assert "Everything: a page only reads" in shown.inner


def test_a_day_with_nothing_wrong_has_no_loud_colour(home):
    from dataclasses import replace
    from decimal import Decimal

    from dashboards.frame import inner_page
    from dashboards.held import Held

    held = Held(home)
    view = held.day(date(2024, 1, 15), "IP")
    filler = view.period(9)
    quiet = replace(
        view,
        periods=tuple(
            replace(
                one
                if one.actions
                else replace(filler, settlement_period=one.settlement_period, start=one.start, end=one.end),
                published=(one.own if one.own is not None else filler.own), difference=Decimal(0), verdict="exact",
                worth=Decimal(0), reason="", todo="",
            )
            for one in view.periods
        ),
    )  # fmt: skip
    held.day = lambda *_: quiet

    shown = inner_page(held, "/day?date=2024-01-15&period=9").inner

    assert "Nothing: each of the 48 prices agrees" in shown
    assert "All 48 prices agree" in shown
    for loud in ("v-unexplained", "f-unexplained", "v-vintage", "f-vintage", "v-rounding", "f-rounding", "notcomp"):
        assert loud not in shown


def test_a_report_of_another_run_is_told_from_one_of_this_run(home):
    from dataclasses import replace

    from dashboards.held import Held

    held = Held(home)
    view = held.day(date(2024, 1, 15), "IP")

    assert held.report(view).same_run
    assert not held.report(replace(view, run_id="0" * 64)).same_run
    assert held.report(held.day(date(2024, 10, 27), "IP")) is None
