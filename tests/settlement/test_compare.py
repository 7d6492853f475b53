"""Own against published: five verdicts, on reported figures, and the first stage that differs."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settlement.compare import STAGES, first_difference, reported, verdict

AT = datetime(2024, 1, 15, 12, 19, tzinfo=UTC)
LATER = datetime(2024, 1, 16, 12, 15, tzinfo=UTC)


def told(own, published, **more):
    return verdict(
        None if own is None else Decimal(own), None if published is None else Decimal(published), **more
    )  # fmt: skip


@pytest.mark.parametrize(
    ("own", "published", "named"),
    [
        ("61.50000", "61.50000", "exact"),
        ("61.50000", "61.50001", "rounding"),
        ("61.50000", "61.51000", "rounding"),
        ("61.50000", "61.49000", "rounding"),
        ("61.50000", "61.51001", "unexplained"),
        ("61.50000", "62.00000", "unexplained"),
        (None, "62.00000", "not comparable"),
        ("61.50000", None, "not comparable"),
    ],
)
def test_a_difference_has_one_name(own, published, named):
    assert told(own, published).verdict == named


def test_a_price_made_at_another_moment_than_its_stack_is_a_vintage():
    older = told("61.5", "62", price_created=AT, inputs_created=LATER)
    newer = told("61.5", "62", price_created=LATER, inputs_created=AT)
    same = told("61.5", "62", price_created=AT, inputs_created=AT)

    assert (older.verdict, newer.verdict, same.verdict) == ("vintage", "vintage", "unexplained")
    assert "older" in older.reason
    assert "newer" in newer.reason


def test_an_exact_price_of_another_moment_is_exact():
    assert told("61.5", "61.5", price_created=AT, inputs_created=LATER).verdict == "exact"


def test_what_did_not_arrive_makes_a_period_not_comparable_whatever_the_figures():
    missing = told("61.5", "61.5", missing=["adjustment actions did not arrive", "a row was refused"])

    assert missing.verdict == "not comparable"
    assert missing.reason == "Adjustment actions did not arrive; a row was refused."


def test_a_difference_is_published_less_own_and_worth_its_net_volume():
    found = told("61.5", "62.0", net_imbalance_volume=Decimal("-120.5"))

    assert found.difference == Decimal("0.5")
    assert found.worth == Decimal("60.25")


@given(st.decimals(-9999, 9999, places=7))
def test_a_figure_is_rounded_half_away_from_zero(value):
    got = reported(float(value), 5)

    assert abs(got - value) <= Decimal("0.000005") + abs(value) * Decimal("1e-12")
    assert reported(-float(value), 5) == -got
    assert str(reported(-0.0, 4)) == "0.0000"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(0.000005, 5, "0.00001"), (-0.000005, 5, "-0.00001"), (2.675, 2, "2.68"), (-0.0000001, 4, "0.0000")],
)
def test_halves_go_away_from_zero_as_written(value, decimals, text):
    assert str(reported(value, decimals)) == text


def row(**changed):
    both = {column: 1.0 for column, _, _ in STAGES} | {quantity: 1.0 for _, _, quantity in STAGES}
    return both | changed


@pytest.mark.parametrize(("column", "stage"), [(column, stage) for column, stage, _ in STAGES])
def test_the_first_stage_that_differs_is_named(column, stage):
    assert first_difference([row()], [row(**{column: 2.0})]) == stage


def test_an_earlier_stage_is_named_before_a_later_one():
    theirs = row(par_adjusted_volume=0.5, dmat_adjusted_volume=0.0)

    assert first_difference([row(), row()], [row(), theirs]) == "4a"


def test_a_published_null_counts_as_nothing_left_and_a_missing_final_price_is_not_held():
    mine = row(price_average_adjusted_volume=0.0, final_price=None)

    assert first_difference([mine], [row(par_adjusted_volume=None)]) == "10"
    assert first_difference([row()], [row()]) == "10"
