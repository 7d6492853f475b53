"""The report as one file: whole offline, readable at 1280 and 400 px, its code one click away."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import pairwise

import nbformat
import pytest

from reports.audit import Day
from reports.render import NotRendered, render


@pytest.fixture(scope="module")
def short_report(day, make_report, tmp_path_factory):
    """Six periods with every verdict: axe takes half a minute over 48 sections that are alike."""
    kept = tuple(view for view in day.periods if view.settlement_period in (1, 7, 12, 20, 31, 37))
    return make_report(replace(day, periods=kept), tmp_path_factory.mktemp("short"))


def test_nothing_is_fetched_and_no_script_is_needed(report, open_page):
    page = open_page(report.html_path)
    page.wait_for_timeout(200)

    asked = [address for address in page.asked if not address.startswith("data:")]
    assert asked == [report.html_path.as_uri()]
    text = report.html_path.read_text("utf-8")
    assert "<script" not in text
    outside = re.findall(r'(?:src|href)="(?!#|data:)[^"]*"|url\((?!#)[^)]*\)|@import', text)
    assert outside == []


@pytest.mark.parametrize("width", [1280, 400])
def test_axe_finds_nothing_serious_in_either_scheme(short_report, open_page, width):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(short_report.html_path, width)
    for scheme, ground in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(18, 23, 30)")):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground

        found = Axe().run(page).response["violations"]

        serious = [
            f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] in ("serious", "critical")
        ]
        assert serious == [], scheme


@pytest.mark.parametrize("width", [400, 360, 800, 1280])
def test_the_page_never_scrolls_sideways(report, open_page, width):
    page = open_page(report.html_path, width)

    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_one_of_the_two_drawings_is_shown_by_width(report, open_page):
    shown = "[...document.querySelectorAll('svg.c')].filter(s => s.getBoundingClientRect().width > 0)"

    for width, drawn in ((1280, {"900", "560"}), (400, {"360", "340"})):
        page = open_page(report.html_path, width)
        assert set(page.evaluate(f"{shown}.map(s => s.dataset.width)")) == drawn


def test_pictures_have_unique_ids_and_headings_skip_no_level(report, open_page):
    page = open_page(report.html_path)

    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    levels = page.evaluate("[...document.querySelectorAll('main h1, main h2, main h3')].map(e => +e.tagName[1])")
    assert len(ids) == len(set(ids))
    assert levels.count(1) == 1 and all(after - before <= 1 for before, after in pairwise(levels))


def test_every_period_has_its_section_and_every_link_its_target(report, open_page):
    page = open_page(report.html_path)

    assert page.evaluate("[...Array(48)].every((_, i) => document.getElementById('period-' + (i + 1)))")
    dead = (
        "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.querySelector(a.getAttribute('href')))"
    )
    assert page.evaluate(f"{dead}.length") == 0


def test_formulas_are_laid_out_as_mathematics(report, open_page):
    page = open_page(report.html_path)

    above, below = page.evaluate(
        "(() => { const f = document.querySelector('#period-37 mfrac'); "
        "return [...f.children].map(c => c.getBoundingClientRect().top); })()"
    )
    assert below > above + 5


def test_code_is_one_click_away(report, open_page):
    page = open_page(report.html_path)

    assert not page.locator("#made pre").first.is_visible()
    page.locator("#made summary").click()
    assert page.locator("#made pre").first.is_visible()
    assert "day.cover()" in page.locator("#made pre").first.inner_text()


def test_synthetic_stands_in_title_header_foot_and_file_name(report, open_page):
    page = open_page(report.html_path)

    assert "SYNTHETIC" in page.title()
    assert page.locator("header .stamp").inner_text() == "SYNTHETIC"
    assert "SYNTHETIC" in page.locator("footer").inner_text()
    assert report.html_path.name == "settlement-2026-10-14-IP-SYNTHETIC.html"
    assert 'content:"Imbalance price, 14 October 2026, run IP, SYNTHETIC' in report.html_path.read_text("utf-8")


def test_a_real_day_with_assumed_actions_says_assumed_and_not_synthetic(day, make_report, tmp_path):
    made = make_report(replace(day, synthetic=False, assumed="net-bsad.csv"), tmp_path)

    text = made.html_path.read_text("utf-8")
    assert made.html_path.name == "settlement-2026-10-14-IP-ASSUMED.html"
    assert '<span class="stamp">ASSUMED</span>' in text and '<span class="stamp">SYNTHETIC</span>' not in text


def test_the_page_embeds_run_and_content_hash(report, day):
    text = report.html_path.read_text("utf-8")

    assert f'<meta name="run-id" content="{day.run_id}">' in text
    assert f'<meta name="content-hash" content="{report.content_hash}">' in text


def test_a_failed_cell_is_no_report(day, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1/0")])
    notebook.cells[0].outputs = [nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue="x", traceback=[])]

    with pytest.raises(NotRendered, match="Cell 1 of the notebook failed: found ZeroDivisionError"):
        render(notebook, day, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_notebook_that_was_not_run_is_no_report(day, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("day.cover()")])

    with pytest.raises(NotRendered, match="Execute it first"):
        render(notebook, day, tmp_path)


def test_a_cell_looks_right_in_a_notebook_of_its_own(day, open_page):
    page = open_page("<body>" + Day(day).period(37)._repr_html_())

    ink = page.evaluate("getComputedStyle(document.querySelector('.look .par')).fill")
    assert ink == "rgb(22, 32, 44)"
    assert page.evaluate("getComputedStyle(document.body).fontFamily") != page.evaluate(
        "getComputedStyle(document.querySelector('.look')).fontFamily"
    )


def test_the_verdict_table_fits_one_printed_page(synthetic, make_report, tmp_path, browser):
    long_day = make_report(synthetic.build(date(2024, 10, 27)), tmp_path)
    context = browser.new_context(offline=True, viewport={"width": 688, "height": 1000})  # A4 less its margins, 96 dpi
    page = context.new_page()
    page.goto(long_day.html_path.as_uri())
    page.emulate_media(media="print")

    height = page.evaluate("document.querySelector('#verdicts').getBoundingClientRect().height")

    context.close()
    assert height <= (297 - 16 - 18) / 25.4 * 96
