"""The sections of a report: sentences from figures, formulas that come out, absence that is said."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape

import pytest

from reports.look import numbers, times
from reports.sections import formulas, words
from reports.sections.comparison import own_against_published
from reports.sections.cover import cover
from reports.sections.evidence import evidence
from reports.sections.needs_person import needs_a_person
from reports.sections.not_covered import not_covered
from reports.sections.period import period_section, periods_in_detail
from reports.views import Default

CASES = ["guidance-stack", "flagged-repriced-short", "long-all-flagged", "thin-unflagged", "dmat-and-arbitrage",
         "stor-rsvp", "zero-niv", "niv-below-par", "par50-year2017"]  # fmt: skip


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def cells(html: str) -> list[list[str]]:
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.DOTALL)
    return [
        [text_of(cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows
    ]


def worked_out(mathml: str) -> float:
    """The value of a formula with numbers, read from its MathML and worked out anew."""
    inside = mathml.removeprefix('<math display="block">').removesuffix("</math>")
    sides = [side for side in inside.split("<mo>=</mo>") if side]
    spelled = sides[0].replace("<mfrac><mrow>", "((").replace("</mrow><mrow>", ")/(").replace("</mrow></mfrac>", "))")
    spelled = (
        re.sub(r"</?m(?:[no]|table|tr|td)(?: [^>]*)?>", "", spelled)
        .replace("×", "*")
        .replace("−", "-")
        .replace(",", "")
    )
    assert re.fullmatch(r"[-+*/().\d]+", spelled), spelled
    return eval(spelled)  # digits and operators only, as just asserted


# --- words ---


def test_the_lead_sentence_is_made_from_the_figures(day):
    assert words.lead_sentence(day) == (
        "44 of 48 prices agree with the published ones to five decimals. One difference is unexplained: period 7, "
        "where the published price is 0.50 GBP/MWh higher."
    )
    assert words.day_finding(day) == "Prices agree all day but for periods 7 and 12; period 20 has no stack"


def test_a_day_without_trouble_says_only_that(synthetic):
    good = synthetic.build(date(2024, 10, 27), plant=False)

    assert words.lead_sentence(good) == "All 50 prices agree with the published ones to five decimals."
    assert "Nothing: every price agrees" in needs_a_person(good)
    assert "v-unexplained" not in needs_a_person(good)


def test_of_several_unexplained_the_one_of_largest_worth_is_named(synthetic):
    good = synthetic.build(plant=False)
    views = list(good.periods)
    for number, off in ((3, "0.10"), (4, "-7.00"), (5, "1.00")):
        view = views[number - 1]
        views[number - 1] = synthetic._differing(view, str(view.own + Decimal(off)), "unexplained", "No cause.", "")

    said = words.lead_sentence(replace(good, periods=tuple(views)))

    assert "3 differences are unexplained" in said
    assert "period 4, where the published price is 7.00 GBP/MWh lower" in said


def test_assumed_actions_are_said_on_the_cover(day):
    shown = text_of(cover(replace(day, assumed="net-bsad.csv")))

    assert "ASSUMED, from net-bsad.csv" in shown
    assert "bsc verify settlement-2026-10-14-IP-SYNTHETIC-ASSUMED.html" in shown


# --- what needs a person, comparison ---


def test_what_needs_a_person_is_ordered_by_worth_and_sums_up(day):
    rows = cells(needs_a_person(day))

    assert [row[0] for row in rows[1:-1]] == ["12", "7", "20", "31"]
    worths = [Decimal(row[5]) for row in rows[1:-1] if row[5] != "–"]
    assert Decimal(rows[-1][1]) == sum(worths)
    assert rows[3][2:6] == ["none", "96.21740", "–", "–"]


def test_the_comparison_has_every_period_and_no_zero_for_what_is_missing(day):
    rows = cells(own_against_published(day))

    assert len(rows) == 1 + 48 + 1
    assert rows[20][3:7] == ["none", "none", "96.21740", "–"]
    assert rows[7] == ["7", "03:00", "02:00Z", "−128.081", "35.48000", "35.98000", "+0.50000", "unexplained"]
    total = sum(Decimal(row[3].replace("−", "-").replace(",", "")) for row in rows[1:-1] if row[3] != "none")
    assert Decimal(rows[-1][2].replace("−", "-").replace("+", "")) == total


def test_on_the_long_day_each_start_names_its_zone(synthetic):
    rows = cells(own_against_published(synthetic.build(date(2024, 10, 27))))

    assert [row[1] for row in rows[3:7]] == ["01:00 BST", "01:30 BST", "01:00 GMT", "01:30 GMT"]


def test_periods_set_aside_for_one_reason_stand_in_one_row(day):
    aside = day.period(20)
    views = tuple(
        replace(aside, settlement_period=v.settlement_period, start=v.start, end=v.end)
        if v.settlement_period in (20, 21, 22)
        else v
        for v in day.periods
    )

    rows = cells(needs_a_person(replace(day, periods=views)))

    assert [row[0] for row in rows[1:-1]] == ["12", "7", "20 to 22", "31"]
    assert rows[3][2:6] == ["none", "3 prices", "–", "–"]


def test_a_price_below_zero_stands_in_brackets(synthetic):
    view = replace(synthetic.build(plant=False).period(3), own=Decimal("-90.32000"))
    view = replace(view, actions=synthetic.simple_actions(-90.32, -132.765), system_price=-90.32)

    found = formulas.system_price(view)

    assert "<mo>(</mo><mn>−90.32</mn><mo>)</mo>" in found.with_numbers
    assert worked_out(found.with_numbers) == pytest.approx(-90.32)


# --- formulas ---


@pytest.mark.parametrize("name", CASES)
def test_the_price_formula_with_its_numbers_gives_the_price_of_the_worked_case(case, name):
    period, _ = case(name)

    found = formulas.system_price(period)

    assert found.gives == pytest.approx(float(period.own), abs=1e-5)
    if "more in the table" not in found.with_numbers:
        assert worked_out(found.with_numbers) == pytest.approx(float(period.own), abs=1e-3)


@pytest.mark.parametrize("name", ["flagged-repriced-short", "long-all-flagged", "thin-unflagged"])
def test_the_replacement_price_formula_gives_the_replacement_price(case, name):
    period, _ = case(name)

    found = formulas.replacement_price(period)

    assert found.gives == pytest.approx(period.replacement_price, abs=1e-5)
    assert worked_out(found.with_numbers) == pytest.approx(period.replacement_price, abs=1e-5)


def test_the_worked_period_shows_the_formula_of_the_reference(day):
    period = day.period(37)

    assert [(action.bm_unit, round(volume, 6)) for action, volume in formulas.replacement_parts(period)] == [
        ("T_SYNG-1", 0.4), ("T_SYNF-1", 0.6),
    ]  # fmt: skip
    assert worked_out(formulas.system_price(period).with_numbers) == pytest.approx(89.74601, abs=5e-6)


def test_long_and_short_use_their_own_symbols(case):
    long, _ = case("long-all-flagged")
    short, _ = case("flagged-repriced-short")

    assert all(symbol in formulas.system_price(long).symbols for symbol in ("QAPB", "QBSAS", "SPA", "SSP"))
    assert all(symbol in formulas.system_price(short).symbols for symbol in ("QAPO", "QBSAB", "BPA", "SBP"))


def test_where_the_parts_do_not_give_the_engines_price_the_section_says_so(day):
    broken = replace(day.period(37), system_price=91.0)

    assert "The parts shown give 89.74601, the engine gave 91.00000: report this run." in text_of(
        period_section(broken, day)
    )
    assert "report this run" not in period_section(day.period(37), day)


# --- the period section ---


def test_a_period_section_keeps_the_order_of_the_reference(day):
    html = period_section(day.period(37), day)

    wanted = ["key-figures", "stack-37-10-900", "par-37-560", "Volume left after each stage", "The replacement price",
              "<h3>The price", "With numbers", "Result; published", "Rounded once", "Every action",
              "Where each number"]  # fmt: skip
    places = [html.index(mark, 0 if mark != "Every action" else html.index("Rounded once")) for mark in wanted]
    assert places == sorted(places)
    assert '<section id="period-37"' in html
    assert "Period 37, 18:00 to 18:30 BST (17:00Z to 17:30Z)" in html


def test_the_stage_table_foots_and_tells_its_check(day):
    html = period_section(day.period(37), day)

    assert "The sum is the same after De Minimis, arbitrage and NIV tagging (+142.333)" in html
    rows = cells(html[html.index("Volume left after each stage") :])[1:6]
    assert rows[1] == ["4a", "De Minimis", "−0.060", "+0.080", "195.333", "−53.000", "+142.333", "T1.7"]
    assert rows[4][2:7] == ["−141.333", "0.000", "1.000", "0.000", "+1.000"]


def test_lost_volume_is_cried_out(day):
    period = day.period(37)
    stages = tuple(replace(s, buys_left=s.buys_left - 1) if s.number == "6" else s for s in period.stages)

    assert "volume was lost. Report this run." in period_section(replace(period, stages=stages), day)


def test_every_action_stands_in_the_table_and_blank_means_nothing_left(day):
    html = period_section(day.period(37), day)
    rows = {row[1]: row for row in cells(html[html.index("Every action, and") :]) if len(row) == 13}

    assert len([row for row in rows.values() if row[0].isdigit()]) == 21
    assert rows["T_SYNA-1"][5:10] == ["", "", "", "", ""] and rows["T_SYNA-1"][12] == "De Minimis"
    assert rows["BSAA 104"][2:4] == ["unpriced", "none"]
    assert rows["T_SYNH-1"][7:10] == ["18.083", "88.42", "0.600"]
    assert rows["Both sides"][4:8] == ["142.313", "142.333", "142.333", "142.333"]
    assert rows["Both sides"][11] == "89.86385"


def test_a_period_set_aside_shows_no_zero_and_no_formula(day):
    html = period_section(day.period(20), day)
    shown = text_of(html)

    assert "none" in shown and "The stack did not arrive." in shown
    assert "set aside: no price was made" in shown
    assert not re.search(r"(?<![\d.:])0\.0+(?!\d)", shown)
    assert "<math" not in html and "Every action" not in html


def test_defaults_taken_are_named(day):
    period = replace(day.period(3), defaults=(Default("TLM = 1", "no loss factor arrived", 3, "T_SYNA-1"),))

    assert "TLM = 1 : no loss factor arrived, T_SYNA-1" in text_of(period_section(period, day))


def test_numbers_point_to_file_hash_and_row(day, synthetic):
    html = period_section(day.period(37), day)
    rows = cells(html[html.index("Where each number") :])

    by_name = {row[0]: row for row in rows}
    assert by_name["Volume, price, flags of T_SYNG-1"][2:5] == [synthetic.STACK_SHA[:12], "8", "0.400 MWh, 91.75"]
    assert "Volume, price, flags of T_SYNF-1 (in RP)" in by_name
    assert by_name["Published System Price"][3:5] == ["37", "89.74601"]


def test_text_from_outside_is_escaped(day):
    nasty = replace(day.period(7), reason='<script>alert("x")</script>', todo="<b>")
    views = tuple(nasty if view.settlement_period == 7 else view for view in day.periods)
    hostile = replace(day, periods=views)

    for html in (needs_a_person(hostile), periods_in_detail(hostile), cover(hostile)):
        assert "<script" not in html


# --- evidence, not covered ---


def test_evidence_lists_files_refusals_and_parameters_with_their_source(day, synthetic):
    shown = text_of(evidence(day)).replace(" ", "")

    assert synthetic.STACK_SHA[:24] in shown and "NaN" in shown and "anumberofMWh" in shown
    assert "PAR" in shown and "1Nov2018" in shown and "recollection" in shown


def test_a_synthetic_day_says_that_it_tells_nothing_of_a_real_one(day):
    assert "Nothing here says anything of a real day" in not_covered(day)
    assert "ASSUMED adjustment actions" in not_covered(replace(day, assumed="a.csv"))


# --- numbers and times ---


def test_numbers_are_written_as_the_look_asks():
    assert numbers.price(-1234.5) == "−1,234.50000"
    assert numbers.signed_volume(Decimal("142.3330")) == "+142.333"
    assert numbers.difference(Decimal("0")) == "0.00000"
    assert numbers.multiplier(1.0) == "1" and numbers.multiplier(0.996812) == "0.9968120"
    assert numbers.written(2.675, 2) == "2.68"  # half away from zero, on the decimals as written
    assert numbers.price(None, numbers.NOT_THERE) == "none"
    assert numbers.parameter(6000.0) == "6,000" and numbers.parameter(0.1) == "0.1"


def test_a_period_over_the_change_of_the_clocks_writes_both_zones(synthetic):
    last_bst = synthetic.build(date(2024, 10, 27)).period(4)

    assert times.heading(last_bst) == "Period 4, 01:30 BST to 01:00 GMT (00:30Z to 01:00Z)"
