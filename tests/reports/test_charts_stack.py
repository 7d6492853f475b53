"""The price stack: nothing moves, what leaves stays as a ghost, and it balances by eye."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from reports.charts import price_average_strip, price_stack, standalone
from reports.charts.stack_layout import STAGES, place

CASES = ["guidance-stack", "flagged-repriced-short", "long-all-flagged", "thin-unflagged", "dmat-and-arbitrage",
         "stor-rsvp", "zero-niv", "niv-below-par", "par50-year2017"]  # fmt: skip
OUTSIDE = """() => [...document.querySelectorAll('svg.c')].flatMap(svg => {
  const box = svg.viewBox.baseVal;
  return [...svg.querySelectorAll('text')].filter(text => {
    const b = text.getBBox();
    return b.x < -0.6 || b.y < -0.6 || b.x + b.width > box.width + 0.6 || b.y + b.height > box.height + 0.6;
  }).map(text => svg.querySelector('title').textContent + ': ' + text.textContent);
})"""


@pytest.fixture
def worked(day):
    return day.period(37)


def extent(placed, side, *states):
    return sum(part.outer - part.inner for one in placed if one.action.side == side for part in one.parts
               if part.state in states)  # fmt: skip


def test_from_stage_three_on_no_action_moves(worked):
    places = [[(one.action.action, one.inner, one.outer) for one in place(worked, stage)] for stage in STAGES[2:]]

    for later in places[1:]:
        for (name, inner, outer), (also, inner_then, outer_then) in zip(places[0], later, strict=True):
            assert name == also
            assert (inner_then, outer_then) == pytest.approx((inner, outer))


def test_what_left_and_what_stays_add_up_to_the_stack(worked):
    placed = place(worked, 10)

    assert extent(placed, "buy", "niv") == pytest.approx(38.5)
    assert extent(placed, "sell", "niv") == pytest.approx(38.5)
    assert extent(placed, "buy", "arbitrage") == pytest.approx(14.5)
    assert extent(placed, "sell", "arbitrage") == pytest.approx(14.5)
    assert extent(placed, "buy", "active", "par") == pytest.approx(142.333)
    assert extent(placed, "buy", "par") == pytest.approx(1.0)
    assert extent(placed, "sell", "active", "par") == 0


def test_a_split_action_loses_arbitrage_inside_and_niv_outside(worked):
    placed = {one.action.bm_unit: [part.state for part in one.parts] for one in place(worked, 10)}

    assert placed["T_SYNB-1"] == ["arbitrage", "active"]
    assert placed["T_SYNH-1"] == ["active", "par", "niv"]


def test_what_leaves_at_a_stage_is_outlined_in_ink_there_only(worked):
    outlined = {stage: len(re.findall(r'class="gone \w+ now"', price_stack(worked, stage))) for stage in STAGES}

    assert outlined == {stage: {"4a": 2, "4b": 3, "6": 10}.get(stage, 0) for stage in STAGES}


def test_a_flag_dropped_at_classification_loses_its_stripes(worked):
    before = {one.action.bm_unit: one.flagged for one in place(worked, "4b")}
    after = {one.action.bm_unit: one.flagged for one in place(worked, 5)}

    assert before["T_SYNE-2"] and not after["T_SYNE-2"]
    assert before["T_SYNH-1"] and after["T_SYNH-1"]
    assert ">unflagged<" in price_stack(worked, 5)


def test_a_repriced_action_stands_at_the_replacement_price_with_dashes_to_its_own(worked):
    placed = {one.action.bm_unit: one for one in place(worked, 7)}["T_SYNH-1"]

    assert (placed.price, placed.own_price) == (88.42, 97.30)
    assert "replacement price 88.42" in price_stack(worked, 7)
    assert 'class="before"' in price_stack(worked, 7)


def test_the_lines_stand_at_their_stages_only(worked):
    shown = {stage: price_stack(worked, stage) for stage in STAGES}

    assert [stage for stage in STAGES if "p* = 91.75" in shown[stage]] == ["5"]
    assert [stage for stage in STAGES if "replacement price" in shown[stage]] == ["7", "8", "9"]
    assert [stage for stage in STAGES if "System Price 89.74601" in shown[stage]] == ["10"]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("width", [900, 360])
def test_every_stage_of_every_worked_case_is_drawn_well_formed(case, name, width):
    period, _ = case(name)

    for stage in STAGES:
        root = ElementTree.fromstring(standalone(price_stack(period, stage, width)))
        assert root.get("role") == "img"
        assert not re.search(r"nan|inf|None", "".join(root.itertext()))


def test_the_price_average_strip_shows_each_part_and_its_final_price(worked):
    said = re.findall(r"<text[^>]*>([^<]*)</text>", price_average_strip(worked))

    assert set(said) == {"0.400 MWh", "91.75", "T_SYNG-1", "0.600 MWh", "88.42", "T_SYNH-1 repriced"}


def test_where_no_mwh_sets_the_price_there_is_no_strip(case):
    assert price_average_strip(case("zero-niv")[0]) == ""


def test_a_period_without_a_stack_says_so_and_draws_no_bar(day):
    svg = price_stack(day.period(20))

    assert "No stack: nothing is drawn" in svg and 'class="missing"' in svg
    assert not re.search(r'class="(buy|sell)', svg)


def test_an_unknown_stage_is_named(worked):
    with pytest.raises(ValueError, match="stage 11: wanted one of 1, 2, 3, 4a"):
        price_stack(worked, 11)


@pytest.mark.parametrize("width", [900, 360])
def test_no_text_leaves_its_picture_at_any_stage(day, case, open_page, width):
    views = [day.period(37), day.period(3), day.period(20), case("long-all-flagged")[0], case("stor-rsvp")[0]]
    drawn = [price_stack(view, stage, width) for view in views for stage in STAGES]
    drawn += [price_average_strip(view, width) for view in views]
    page = open_page(f'<body style="width:{width}px">' + "".join(standalone(svg) for svg in drawn if svg))

    assert page.evaluate(OUTSIDE) == []
