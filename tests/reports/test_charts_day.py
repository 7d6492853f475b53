"""The picture of a day: what is missing is said, what differs is labelled, both clocks stand below."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from reports.charts import own_against_published, standalone

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


@pytest.mark.parametrize("width", [900, 360])
def test_each_drawing_is_an_image_with_a_title_and_a_description(day, width):
    svg = own_against_published(day, width=width)

    root = ElementTree.fromstring(standalone(svg))
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text and "44 exact" in root.find(f"{SVG}desc").text
    assert root.get("aria-labelledby").split() == [f"day-{width}-t", f"day-{width}-d"]


def test_every_period_that_differs_is_labelled_small_ones_too(day):
    said = texts(own_against_published(day))

    assert {"P7 +0.50", "P12 −15.68", "P31 +0.00002", "P20 no stack"} <= set(said)


def test_a_period_without_a_stack_is_a_gap_and_a_hatch_and_no_zero(day):
    svg = own_against_published(day)

    path = re.search(r'class="own" d="([^"]*)"', svg)[1]
    assert path.count("M") == 2  # the line is lifted once
    assert path.count("H") == 47
    assert len(re.findall(r'class="missing"', svg)) == 1
    assert len(re.findall(r'class="(?:buy|sell)" x', svg)) == 47


def test_the_own_line_stands_at_the_height_that_its_axis_says(day):
    svg = own_against_published(day)
    lines = re.findall(r'<line class="(?:grid|axis)" x1="46" y1="([\d.]+)" x2="830"', svg)[:3]
    marks = sorted((float(y) for y in lines), reverse=True)  # 0, 50, 100 GBP/MWh

    first = float(re.search(r'class="own" d="M46.0 ([\d.]+)H', svg)[1])

    by_the_axis = (marks[0] - first) / (marks[0] - marks[2]) * 100
    assert by_the_axis == pytest.approx(51.41, abs=0.1)


def test_a_run_of_periods_set_aside_has_one_label(day):
    views = tuple(
        replace(view, own=None, difference=None, net_imbalance_volume=None, actions=(), verdict="not comparable")
        if view.settlement_period < 40
        else view
        for view in day.periods
    )

    said = texts(own_against_published(replace(day, periods=views)))

    assert [text for text in said if "no stack" in text] == ["P1 to P39 no stack"]


@pytest.mark.parametrize(("when", "count"), [(date(2024, 3, 31), 46), (date(2024, 10, 27), 50)])
def test_on_a_day_the_clocks_change_the_axis_runs_over_all_its_periods(synthetic, when, count):
    svg = own_against_published(synthetic.build(when, plant=False))

    assert len(re.findall(r'class="f-exact"', svg)) == count
    assert any(text.startswith("Clocks change:") for text in texts(svg))


def test_the_repeated_hour_reads_bst_then_gmt(synthetic):
    said = " ".join(texts(own_against_published(synthetic.build(date(2024, 10, 27)))))

    assert "01:30 BST, then 01:00 GMT (period 5)" in said


def test_with_links_the_picture_is_a_group_of_named_links(day):
    svg = own_against_published(day, selected=37, links=lambda period: f"?period={period}&run=IP")

    root = ElementTree.fromstring(standalone(svg))
    links = root.findall(f".//{SVG}a")
    assert root.get("role") == "group" and len(links) == 48
    assert links[6].get("href") == "?period=7&run=IP"
    assert links[6].get("aria-label") == "Period 7, 03:00 BST, unexplained"
    assert 'class="band"' in svg


def test_a_day_without_any_published_price_draws_no_circle(day):
    bare = replace(
        day,
        periods=tuple(
            replace(view, published=None, difference=None, worth=None, verdict="not comparable") for view in day.periods
        ),
    )

    assert "<circle" not in own_against_published(bare)


def test_prices_below_zero_stand_below_the_zero_line(day):
    views = list(day.periods)
    views[0] = replace(views[0], own=Decimal("-90.32000"), published=Decimal("-90.32000"))

    svg = own_against_published(replace(day, periods=tuple(views)))

    zero = float(re.search(r'<line class="axis" x1="46" y1="([\d.]+)"', svg)[1])
    first = float(re.search(r'class="own" d="M46.0 ([\d.]+)H', svg)[1])
    assert first > zero + 10


@pytest.mark.parametrize("width", [900, 360])
def test_no_text_leaves_its_picture(day, synthetic, open_page, width):
    days = [day, synthetic.build(date(2024, 10, 27)), synthetic.build(date(2024, 3, 31))]
    page = open_page(
        f'<body style="width:{width}px">' + "".join(standalone(own_against_published(d, width=width)) for d in days)
    )

    outside = page.evaluate(OUTSIDE)

    assert outside == []


OUTSIDE = """() => [...document.querySelectorAll('svg.c')].flatMap(svg => {
  const box = svg.viewBox.baseVal;
  return [...svg.querySelectorAll('text')].filter(text => {
    const b = text.getBBox();
    return b.x < -0.6 || b.y < -0.6 || b.x + b.width > box.width + 0.6 || b.y + b.height > box.height + 0.6;
  }).map(text => text.textContent);
})"""
