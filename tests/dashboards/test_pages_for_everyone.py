"""Every page at both widths, in both schemes: axe-core finds nothing serious, nothing scrolls sideways."""

from __future__ import annotations

from itertools import pairwise

import pytest

PAGES = [
    "/day?date=2024-01-15&run=IP&period=9",
    "/period?date=2024-01-15&run=IP&period=5&stage=7",
    "/day?date=2024-01-15&run=IP&period=20",
    "/day?date=2024-01-16",
    "/loads?job=settlement_stack",
    "/work-list?item=sign-off-2024-01-15-IP",
]


@pytest.mark.parametrize("width", [1280, 400])
def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(window, width):
    seen = window(width)
    for where in PAGES:
        seen.go(where)
        seen.open_folds()

        seen.is_well_made(width)
    assert not seen.complaints


@pytest.mark.parametrize("scheme, ground", [("light", "rgb(255, 255, 255)"), ("dark", "rgb(18, 23, 30)")])
def test_the_scheme_of_the_reader_is_taken(window, scheme, ground):
    seen = window(scheme=scheme)
    seen.tab.goto(seen.address + PAGES[0])

    assert seen.tab.evaluate("getComputedStyle(document.body).backgroundColor") == ground


@pytest.mark.parametrize("where", PAGES)
def test_one_h1_landmarks_and_a_skip_link_that_works(window, where):
    seen = window()
    seen.go(where)

    assert seen.tab.locator("h1").count() == 1
    assert seen.tab.locator("main").count() == 1
    assert seen.tab.get_attribute("html", "lang") == "en-GB"
    levels = [
        int(name[1])
        for name in seen.tab.eval_on_selector_all("main :is(h1,h2,h3,h4)", "all => all.map(h => h.tagName)")
    ]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    seen.tab.keyboard.press("Tab")
    assert seen.tab.evaluate("document.activeElement.className") == "skip"
    seen.tab.keyboard.press("Enter")
    seen.tab.wait_for_function("document.activeElement.id === 'main'")
    seen.tab.wait_for_timeout(150)  # long enough for a page that wrongly put itself in place anew
    assert seen.tab.evaluate("document.activeElement.id") == "main"


def test_every_target_on_a_narrow_screen_is_large_enough(window):
    seen = window(400)
    seen.go(PAGES[1])

    small = seen.tab.eval_on_selector_all(
        ".hd .btn, .steps a, .menu summary, details.all summary",
        "all => all.map(one => one.getBoundingClientRect()).filter(box => box.width && box.height < 43.5).length",
    )

    assert small == 0
