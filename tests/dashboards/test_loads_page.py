"""The page Loads in a real browser, on the workspace of `tests/loads_workspace.py`; and the one request that writes."""

from __future__ import annotations

import json
import sqlite3
import threading
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from dashboards.errors import Busy, WrongToken
from dashboards.replays import Replays

INDO = "/loads?job=indo"


@pytest.fixture
def loads_window(window, faulty_pages):
    """A window on the faulty workspace."""

    def opened(*given, **more):
        seen = window(*given, **more)
        seen.address = faulty_pages.address
        return seen

    return opened


def met(home, job):
    """How often the store has met a file of a job, straight from its table."""
    with sqlite3.connect(home / "workspace.sqlite") as store:
        return store.execute("select count(*) from job_runs where job = ?", (job,)).fetchone()[0]


def in_force(home):
    """The rows of itsdo, straight from the store: what was read rightly before is there after a replay."""
    from loaders import store

    opened = store.open(home)
    try:
        return opened.rows("initial_transmission_demand").select(["settlement_period", "demand_mw"]).to_pylist()
    finally:
        opened.close()


def send(pages, method="POST", headers=None, path="/loads/replay", **form):
    """A request as something that is no browser makes it: status, headers, text."""
    link = HTTPConnection(pages.address.removeprefix("http://"))
    given = {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {})
    link.request(method, path, urlencode(form), given)
    answer = link.getresponse()
    return answer.status, answer.headers, answer.read().decode()


def test_the_first_sentence_and_the_counts_say_the_whole(loads_window):
    seen = loads_window()
    seen.go("/loads")

    said = seen.tab.inner_text("main .say")
    counts = seen.tab.locator(".states a").all_inner_texts()
    everything = sum(int(text.split()[0]) for text in counts)

    assert said.startswith(f"2 of {everything} jobs have rows or files in quarantine, 1 drifts.")
    assert f"Of {everything - 5} nothing has ever come." in said
    assert seen.tab.locator("#wall > .tw tbody th").all_inner_texts() == ["fuelhh", "indo", "itsdo"]
    assert seen.tab.inner_text("#never-jobs summary") == f"{everything - 5} jobs of which nothing ever came"
    assert seen.tab.title().startswith("Loads, fuelhh, SYNTHETIC")
    assert "old · times Europe/London" in seen.tab.inner_text("header.top")


def test_a_job_that_is_clicked_shows_its_refused_row_with_remedy_and_record(loads_window, faulty_home):
    seen = loads_window()
    seen.go("/loads")

    seen.tab.click("#wall >> text=indo")
    seen.arrived(INDO)
    first = seen.tab.locator(".refused tbody tr").nth(0).inner_text()
    record = json.loads(seen.tab.locator(".refused tbody tr.why").nth(0).inner_text())

    assert seen.where.split("#")[0] == INDO
    for said in ("SYNTHETIC_INDO_2024-01-15.json", "row 32", "demand_mw", "high", "a number of MW", "load it"):
        assert said in first
    assert (record["settlementPeriod"], record["demand"]) == (34, "high")
    assert "made good since" in seen.tab.locator(".refused tbody tr").nth(2).inner_text()
    assert f"bsc load replay indo --home {faulty_home}" in seen.tab.inner_text("#job pre >> nth=0")
    assert not seen.complaints


def test_the_address_filters_by_state_and_back_undoes_it(loads_window):
    seen = loads_window()
    seen.go(INDO)

    seen.tab.click(".states a.t-fresh")
    seen.arrived("/loads?state=fresh&job=indo")
    assert seen.tab.locator("#wall tbody th").all_inner_texts() == ["bm_units", "settlement_stack"]
    assert seen.tab.get_attribute(".states a.t-fresh", "aria-current") == "true"

    seen.tab.go_back()
    seen.tab.wait_for_function("document.querySelector('#wall h2').innerText === 'What needs a person'")
    assert seen.where == INDO


def test_a_day_of_the_month_leads_to_its_matrix(loads_window):
    seen = loads_window()
    seen.go("/loads?job=settlement_stack")
    assert "Monday 15 January 2024" in seen.tab.inner_text("#job")
    figures = seen.tab.locator(".loads tbody tr td").all_inner_texts()
    assert figures[:5] == ["1", "1", "1", "45", "2"]
    assert "period 9: the" in figures[5]

    day = seen.tab.locator('svg.c.wid a[aria-label^="15 Jan 2024"]')
    day.focus()
    seen.tab.keyboard.press("ArrowRight")
    seen.tab.keyboard.press("Enter")
    seen.arrived("/loads?date=2024-01-16&job=settlement_stack")

    assert "Tuesday 16 January 2024" in seen.tab.inner_text("#job")
    assert seen.tab.locator(".loads tbody tr td").all_inner_texts()[:5] == ["0", "0", "0", "48", "0"]


def test_a_new_column_is_shown_with_the_line_that_takes_it_in(loads_window):
    seen = loads_window()
    seen.go("/loads?job=itsdo")

    said = seen.tab.inner_text("#job")

    assert "carbonIntensity" in said
    assert "{from: carbonIntensity, type: integer" in seen.tab.inner_text("#job pre >> nth=1")


def test_a_job_without_days_says_so_and_draws_nothing(loads_window):
    seen = loads_window()
    seen.go("/loads?job=bm_units")

    assert "of all time and not of a day" in seen.tab.inner_text("#job")
    assert seen.tab.locator("#job svg.c").count() == 0


@pytest.mark.parametrize("script", [True, False])
def test_the_button_replays_the_job_and_says_what_became_of_it(loads_window, faulty_home, script):
    seen = loads_window(script=script)
    seen.tab.goto(seen.address + "/loads?job=itsdo")
    before = in_force(faulty_home)
    assert len(before) == 48

    seen.tab.click("button:has-text('Replay itsdo')")
    for _ in range(40):
        if seen.tab.locator(".state.ended").count():
            break
        seen.tab.wait_for_timeout(500)
        if not script:  # with script the page asks again by itself
            seen.tab.reload()

    said = seen.tab.inner_text(".state.ended")
    assert seen.where.split("#")[0] == "/loads?job=itsdo"
    assert said.startswith("Replayed at ")
    assert "0 changed" in said
    assert in_force(faulty_home) == before
    assert seen.tab.locator("button:has-text('Replay itsdo')").count() == 1


def test_a_replay_without_the_token_of_this_server_is_refused_with_a_page(faulty_pages, faulty_home):
    before = met(faulty_home, "fuelhh")

    for token in ("", "x" * 43, "ключ"):
        status, headers, text = send(faulty_pages, job="fuelhh", token=token)
        assert status == 403
        assert "Nothing was replayed" in text
        assert "did not give out" in text
        assert "default-src 'none'" in headers["Content-Security-Policy"]

    assert met(faulty_home, "fuelhh") == before


def token_of(pages):
    _, _, text = send(pages, "GET", path="/loads?job=fuelhh")
    return text.split('name="token" value="')[1].split('"')[0]


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://elsewhere.example"}, {"Origin": "null"}, {"Host": "elsewhere.example"}]
)
def test_another_page_cannot_start_a_replay_even_with_the_token(faulty_pages, faulty_home, headers):
    before = met(faulty_home, "fuelhh")

    status, _, text = send(faulty_pages, headers=headers, job="fuelhh", token=token_of(faulty_pages))

    assert status == 403
    assert "another page" in text
    assert met(faulty_home, "fuelhh") == before


def test_a_link_starts_no_replay_and_an_unknown_job_is_named(faulty_pages):
    status, headers, _ = send(faulty_pages, "GET")
    assert (status, headers["Allow"]) == (405, "POST")

    status, _, text = send(faulty_pages, job="<b>no</b>", token=token_of(faulty_pages))
    assert status == 400
    assert "&lt;b&gt;no&lt;/b&gt;" in text


def test_one_replay_runs_at_a_time_and_a_failed_one_says_why():
    going, asked = threading.Event(), threading.Event()

    def slow(job, told):
        told("one.json")
        asked.set()
        assert going.wait(20)
        raise OSError("disk full")

    replays = Replays(slow)
    with pytest.raises(WrongToken):
        replays.start("indo", 1, "guessed")
    assert replays.running() is None

    replays.start("indo", 1, replays.token)
    assert asked.wait(20)
    assert (replays.of("indo").done, replays.of("indo").file) == (1, "one.json")
    with pytest.raises(Busy, match="indo"):
        replays.start("itsdo", 1, replays.token)

    going.set()
    for thread in threading.enumerate():
        if thread.name == "replay indo":
            thread.join(20)
    assert replays.running() is None
    assert "disk full" in replays.of("indo").failed


def test_each_server_has_its_own_token():
    assert Replays(print).token != Replays(print).token


@pytest.mark.parametrize("width", [1280, 400])
def test_axe_finds_nothing_serious_in_what_is_refused_and_missing(loads_window, width):
    seen = loads_window(width)
    for where in (INDO, "/loads?state=drifting&job=itsdo"):
        seen.go(where)
        seen.open_folds("main")

        seen.is_well_made(width)
        assert seen.tab.locator("h1").count() == 1
    here = seen.address.removeprefix("http://")
    assert not [url for url in seen.asked if not url.startswith((f"http://{here}/", f"ws://{here}/", "data:", "blob:"))]
    assert not seen.complaints


@pytest.mark.parametrize(
    "wrong, found", [("job=nothing", "nothing"), ("state=odd", "odd"), ("job=indo&refusal=0", "0")]
)
def test_what_the_address_cannot_say_is_told(loads_window, wrong, found):
    seen = loads_window(script=False)
    seen.tab.goto(f"{seen.address}/loads?{wrong}")

    said = seen.tab.inner_text("main .say")

    assert repr(found) in said
    assert "wanted" in said
