"""The page Period in a real browser: the stack stage by stage."""

from __future__ import annotations

from decimal import Decimal

import pytest

PERIOD_5 = "/period?date=2024-01-15&run=IP&period=5"
STAGES = ["1", "2", "3", "4a", "4b", "5", "6", "7", "8", "9", "10"]


def number(text: str) -> Decimal:
    return Decimal(text.split(maxsplit=1)[0].replace("−", "-").replace(",", "").replace("+", ""))


def test_left_and_right_step_through_the_stages_and_the_address_follows(window):
    seen = window()
    seen.go(f"{PERIOD_5}&stage=7")

    seen.tab.keyboard.press("ArrowRight")
    seen.arrived(f"{PERIOD_5}&stage=8")
    assert seen.tab.inner_text("#stage-name") == "PAR tagging"

    seen.tab.keyboard.press("ArrowLeft")
    seen.tab.keyboard.press("ArrowLeft")
    seen.arrived(f"{PERIOD_5}&stage=6")
    assert seen.where == f"{PERIOD_5}&stage=6"
    assert seen.tab.get_attribute(".steps [aria-current]", "data-name") == "stage-6"
    assert seen.tab.evaluate("document.activeElement.dataset.name") == "stage-6"

    seen.tab.go_back()
    seen.tab.wait_for_function("document.querySelector('#stage-name').innerText !== 'NIV tagging'")
    assert not seen.complaints


def test_enter_opens_the_stage_that_has_the_focus(window):
    seen = window()
    seen.go(f"{PERIOD_5}&stage=10")

    seen.tab.focus('.steps [data-name="stage-4a"]')
    seen.tab.keyboard.press("Enter")
    seen.arrived(f"{PERIOD_5}&stage=4a")

    assert seen.tab.inner_text("#stage-name") == "De Minimis"


def test_nothing_moves_between_the_stages(window):
    seen = window()
    places = set()
    for stage in ("3", "4a", "6", "8", "10"):
        seen.go(f"{PERIOD_5}&stage={stage}")
        box = seen.tab.locator(".pic svg.c:visible").first.bounding_box()
        places.add((round(box["x"]), round(box["y"]), round(box["width"]), round(box["height"])))

    assert len(places) == 1


def test_each_stage_adds_up_to_what_the_next_begins_with(window, day_view):
    seen = window(script=False)
    period, before = day_view.period(5), None
    for stage in STAGES[:-2]:
        seen.tab.goto(f"{seen.address}{PERIOD_5}&stage={stage}")
        rows = [row.split("\t") for row in seen.tab.locator(".stage table tbody tr").all_inner_texts()]
        removed, left = [number(row[1]) for row in rows], [number(row[2]) for row in rows]
        if before is not None:
            assert all(
                abs(was + went - now) <= Decimal("0.001") for was, went, now in zip(before, removed, left, strict=True)
            )
        before = left
        if stage == "6":
            assert abs(sum(left) - period.net_imbalance_volume) < Decimal("0.001")

    assert abs(sum(before)) == 1  # PAR is 1 MWh on this day


def test_the_last_stage_shows_the_price_to_five_decimals(window, day_view):
    seen = window()
    seen.go(f"{PERIOD_5}&stage=10")

    own = day_view.period(5).own

    assert number(seen.facts()["Own"]) == own
    assert f"{own:.5f}" in seen.tab.inner_text(".stage .say")
    assert f"System Price {own:.5f}" in seen.tab.locator(".pic svg.c:visible").first.text_content()


def test_a_period_without_a_stack_has_no_stages_and_no_zero(window):
    seen = window()
    seen.go("/period?date=2024-01-15&run=IP&period=20&stage=8")

    assert seen.tab.locator(".steps").count() == 0
    assert "0.0" not in seen.tab.inner_text("main")
    assert "nothing is drawn" in seen.tab.locator(".pic svg.c:visible").first.text_content()


@pytest.mark.parametrize("period, neighbours", [(1, ["2 ›"]), (24, ["‹ 23", "25 ›"]), (48, ["‹ 47"])])
def test_the_period_before_and_after_are_one_click_away(window, period, neighbours):
    seen = window(script=False)
    seen.tab.goto(f"{seen.address}/period?date=2024-01-15&period={period}")

    assert seen.tab.locator(".hd a.btn:not(.pri)").all_inner_texts() == neighbours


def test_the_menu_takes_the_chosen_period_along(window):
    seen = window()
    seen.go(f"{PERIOD_5}&stage=4b")

    seen.tab.click(".app > nav.rail >> text=Day")
    seen.arrived("/day?date=2024-01-15&run=IP&period=5")

    assert seen.tab.inner_text("#period h2").startswith("Period 5,")
    assert seen.tab.evaluate("document.activeElement.tagName") in ("H1", "A")
