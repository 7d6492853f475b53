"""The page Day in a real browser: what it shows, what the address says, what leaves the machine."""

from __future__ import annotations

import os
import signal
from datetime import date
from decimal import Decimal
from urllib.request import Request, urlopen

import pytest

DAY = "/day?date=2024-01-15&run=IP"
PERIOD_9 = f"{DAY}&period=9"


def number(text: str) -> Decimal:
    return Decimal(text.split(maxsplit=1)[0].replace("−", "-").replace(",", "").replace("+", ""))


def mark(seen, period):
    return seen.tab.locator(f'svg.c.wid a[aria-label^="Period {period},"]')


def price_in_the_kept_run(home, period):
    """Straight from the tables of the run, without the code that shows them."""
    from loaders import store

    kept = store.open(home)
    run = kept.latest_run(date(2024, 1, 15), "IP")
    for table in kept.run_tables(run.run_id).values():
        if {"system_price", "key.settlement_period"} <= set(table.column_names):
            rows = table.to_pydict()
            return rows["system_price"][rows["key.settlement_period"].index(period)]
    raise LookupError("no table of the run has a system_price")


def test_a_period_that_is_clicked_shows_the_price_of_the_engine(window, home, day_view):
    seen = window()
    seen.go(f"{DAY}&period=3")

    mark(seen, 9).click()
    seen.arrived(PERIOD_9)

    assert seen.where == PERIOD_9
    facts = seen.facts()
    assert number(facts["Own"]) == round(Decimal(repr(price_in_the_kept_run(home, 9))), 2)
    assert number(facts["NIV"]) == round(day_view.period(9).net_imbalance_volume, 1)
    assert seen.tab.inner_text("#period h2").startswith("Period 9, 04:00 to 04:30 GMT")
    assert "Period 9" in seen.tab.inner_text("#choose-period option:checked")
    assert not seen.complaints


def test_reload_keeps_the_period_and_back_undoes_the_choice(window):
    seen = window()
    seen.go(f"{DAY}&period=3")
    mark(seen, 9).click()
    seen.arrived(PERIOD_9)

    seen.tab.reload()
    assert seen.where == PERIOD_9
    assert seen.tab.inner_text("#period h2").startswith("Period 9,")

    seen.tab.wait_for_selector("html[data-wire=up]", state="attached")
    seen.tab.go_back()
    seen.tab.wait_for_function("document.querySelector('#period h2').innerText.startsWith('Period 3,')")
    assert seen.where == f"{DAY}&period=3"

    seen.tab.go_forward()
    seen.tab.wait_for_function("document.querySelector('#period h2').innerText.startsWith('Period 9,')")
    assert seen.where == PERIOD_9


def test_the_verdict_strip_is_walked_by_keyboard_and_enter_opens(window):
    seen = window()
    seen.go(PERIOD_9)
    mark(seen, 9).focus()

    seen.tab.keyboard.press("ArrowRight")
    seen.tab.keyboard.press("ArrowRight")
    assert seen.where == PERIOD_9
    seen.tab.keyboard.press("Enter")
    seen.arrived(f"{DAY}&period=11")

    assert seen.tab.inner_text("#period h2").startswith("Period 11,")
    assert seen.tab.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Period 11,")
    seen.tab.keyboard.press("ArrowLeft")
    seen.tab.keyboard.press("Enter")
    seen.arrived(f"{DAY}&period=10")


def test_the_chosen_period_is_one_band_through_all_three_rows(window):
    seen = window()
    seen.go(PERIOD_9)

    places = (".band", ".f-exact >> nth=7", 'a[aria-label^="Period 9,"]')
    band, strip, column = (seen.tab.locator(f"svg.c.wid {place}").bounding_box() for place in places)

    assert abs(band["x"] - column["x"]) < 1
    assert abs(band["width"] - column["width"]) < 1
    assert band["y"] + band["height"] >= strip["y"] + strip["height"] - 1
    assert band["height"] > 300


def test_the_select_changes_the_period_and_keeps_its_focus(window):
    seen = window()
    seen.go(PERIOD_9)

    seen.tab.focus("#choose-period")
    seen.tab.select_option("#choose-period", "31")
    seen.arrived(f"{DAY}&period=31")

    assert seen.tab.inner_text("#period h2").startswith("Period 31,")
    assert seen.tab.evaluate("document.activeElement.id") == "choose-period"


def test_no_request_leaves_the_machine(window, pages):
    seen = window()
    seen.go(PERIOD_9)
    mark(seen, 10).click()
    seen.arrived(f"{DAY}&period=10")
    seen.tab.click("text=Step through the stages")
    seen.tab.wait_for_selector(".steps")

    here = pages.address.removeprefix("http://")
    outside = [url for url in seen.asked if not url.startswith((f"http://{here}/", f"ws://{here}/", "data:", "blob:"))]

    assert any(url.startswith("ws://") for url in seen.asked)
    assert len(seen.asked) > 5
    assert outside == []
    assert not seen.complaints


def test_the_page_is_whole_without_script(window, day_view):
    seen = window(script=False)
    seen.tab.goto(seen.address + PERIOD_9)

    assert number(seen.tab.inner_text("main .facts dd >> nth=0")) == round(day_view.period(9).own, 2)
    mark(seen, 10).click()
    assert seen.where == f"{DAY}&period=10"
    assert seen.tab.inner_text("#period h2").startswith("Period 10,")


def test_a_period_set_aside_shows_no_zero(window):
    seen = window()
    seen.go(f"{DAY}&period=20")

    facts = seen.facts()
    box = seen.tab.inner_text("#period")

    assert facts["Own"].strip() == "none"
    assert facts["NIV"].strip() == "none"
    assert "not comparable" in facts["Verdict"]
    assert "The stack did not arrive" in box
    assert "0.0" not in box
    assert "bsc explain" not in box
    column = mark(seen, 20).bounding_box()
    bars = seen.tab.eval_on_selector_all(
        "svg.c.wid rect.buy, svg.c.wid rect.sell", "found => found.map(one => one.getBoundingClientRect().x)"
    )
    assert not [x for x in bars if column["x"] < x + 2 < column["x"] + column["width"]]


def test_a_day_that_is_not_settled_says_what_to_run(window, home):
    seen = window()
    seen.go("/day?date=2024-01-16")

    said = seen.tab.inner_text("main")

    assert "Not settled" in said
    assert f"bsc settle 2024-01-16 --home {home}" in said
    assert seen.tab.locator("svg.c").count() == 0
    seen.tab.click("text=15 Jan 2024")
    seen.tab.wait_for_selector("#period")
    assert seen.where == "/day?date=2024-01-15"


@pytest.mark.parametrize("width, which", [(1280, "wid"), (400, "nar")])
def test_the_day_the_clocks_go_back_draws_fifty_periods(window, width, which):
    seen = window(width)
    seen.go("/day?date=2024-10-27")

    assert seen.tab.locator(f"svg.c.{which} a:visible").count() == 50
    seen.tab.click("details.all summary")
    assert seen.tab.locator("#all-periods tbody tr").count() == 50
    repeated = seen.tab.locator("#all-periods tbody tr").all_inner_texts()[2:6]
    assert ["01:00 BST" in row for row in repeated] == [True, False, False, False]
    assert ["01:00 GMT" in row for row in repeated] == [False, False, True, False]
    assert "bsc report 2024-10-27" in seen.tab.inner_text("#period")


def test_what_needs_a_person_comes_by_worth_and_adds_up(window, day_view):
    seen = window()
    seen.go(PERIOD_9)

    worth = [
        number(text)
        for text in seen.tab.locator(".needs tbody tr:not(.why) td:nth-child(4)").all_inner_texts()
        if text != "–"
    ]
    total = number(seen.tab.inner_text(".needs tfoot td:last-child"))
    named = seen.tab.locator(".needs tbody th").all_inner_texts()

    assert worth == sorted(worth, reverse=True)
    assert sum(worth) == total
    assert sorted(map(int, named)) == [7, 12, 20, 31]
    apart = sum(
        abs(view.published - view.own) * abs(view.net_imbalance_volume)
        for view in day_view.periods
        if view.own is not None
    )
    assert abs(total - apart) < Decimal("0.01")


def test_the_report_section_opens_from_the_page_and_is_the_same_file(window, home):
    seen = window()
    seen.go(PERIOD_9)

    seen.tab.click("#period >> text=Report section")
    seen.tab.wait_for_selector("section#period-9")

    assert seen.where == "/reports/settlement-2024-01-15-IP-SYNTHETIC.html#period-9"
    with urlopen(seen.address + "/reports/settlement-2024-01-15-IP-SYNTHETIC.html") as answer:
        assert answer.read() == (home / "reports/settlement-2024-01-15-IP-SYNTHETIC.html").read_bytes()


@pytest.mark.parametrize(
    "path", ["/reports/../workspace.sqlite", "/reports/%2e%2e/workspace.sqlite", "/reports/", "/reports/x.html"]
)
def test_nothing_but_reports_is_given_out(pages, path):
    from http.client import HTTPConnection

    link = HTTPConnection(pages.address.removeprefix("http://"))
    link.request("GET", path)

    assert link.getresponse().status in (403, 404)


def test_a_foreign_name_for_this_machine_gets_no_figures(pages):
    asked = Request(pages.address + PERIOD_9, headers={"Host": "elsewhere.example"})
    with urlopen(asked) as answer:
        said = answer.read().decode()

    assert "Not this machine" in said
    assert "GBP/MWh" not in said


def test_the_header_tells_the_age_of_the_data_and_the_time_zone(window, day_view):
    seen = window()
    seen.go(PERIOD_9)

    header = seen.tab.inner_text("header.top")

    assert "SYNTHETIC" in header
    assert f"{day_view.data_as_of:%H:%M} UTC" in header
    assert header.endswith("min old · times Europe/London")
    assert "SYNTHETIC" in seen.tab.title()


def test_a_slow_answer_is_announced_and_still_comes(window, pages):
    seen = window()
    seen.go(PERIOD_9)
    os.kill(pages.pid, signal.SIGSTOP)
    try:
        mark(seen, 10).click()
        seen.tab.wait_for_selector("#page[aria-busy=true]")
        announced = seen.tab.inner_text("#says")
    finally:
        os.kill(pages.pid, signal.SIGCONT)

    assert announced == "Reading 2024-01-15, period 10"
    seen.arrived(f"{DAY}&period=10")
    assert seen.tab.locator("#page[aria-busy]").count() == 0
    assert seen.tab.inner_text("#period h2").startswith("Period 10,")


@pytest.mark.parametrize(
    "wrong, found",
    [("date=15/01/2024", "15/01/2024"), ("date=2024-01-15&period=49", "49"), ("date=2024-01-15&run=XX", "XX"),
     ("date=<script>x</script>", "<script>x</script>")],
)  # fmt: skip
def test_an_address_that_cannot_be_read_says_what_was_found_and_wanted(window, wrong, found):
    seen = window(script=False)
    seen.tab.goto(f"{seen.address}/day?{wrong}")

    said = seen.tab.inner_text("main .say")

    assert found in said
    assert "wanted" in said
