"""Credit cover: worked again in pounds, where the rule works in energy."""

from __future__ import annotations

import csv
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settlement import settle
from settlement.errors import NotANumber
from settlement.grains import full_grain

COLUMNS = {
    "credit_cover_gbp": "credit_cover_lodged",
    "cap_gbp_per_mwh": "credit_assessment_price",
    "cei_mwh": "credit_assessed_indebtedness",
    "mei_mwh": "metered_indebtedness",
    "unpaid_net_payable_gbp": "unpaid_net_payable",
}
EXPECTED = {
    "ecc_mwh": "energy_credit_cover",
    "aei_mwh": "unpaid_indebtedness",
    "ei_mwh": "energy_indebtedness",
    "ccp_percent": "credit_cover_percentage",
    "default_level_threshold": "credit_default_level",
}


def cover(rows):
    """{column of the expected file: {party: value}} of {party: (cover, price, CEI, MEI, unpaid)}."""
    parties = full_grain(party=sorted(rows))
    given_now = {"parties": parties, "credit_default_level_1": 80.0, "credit_default_level_2": 90.0}
    for place, name in enumerate(COLUMNS.values()):
        given_now[name] = parties.array([float(rows[party][place]) for party in sorted(rows)])
    results = settle(given_now, EXPECTED.values())
    told = {}
    for column, name in EXPECTED.items():
        labels = results[name].indexes[results[name].dims[0]].get_level_values("party")
        told[column] = dict(zip(labels, results[name].to_numpy().tolist(), strict=True))
    return told


def test_the_worked_case_of_credit_cover_settles_to_its_percentages_and_levels(shared):
    folder = shared / "rules/cases/charges/credit-cover"
    with (folder / "given_parties.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["party"]: [row[column] for column in COLUMNS] for row in csv.DictReader(file)}
    with (folder / "expected_parties.csv").open(newline="", encoding="utf-8") as file:
        wanted = list(csv.DictReader(file))

    told = cover(rows)

    assert len(wanted) == 6
    for column in EXPECTED:
        assert told[column] == {row["party"]: pytest.approx(float(row[column]), abs=1e-6) for row in wanted}, column


MWH = st.integers(-(10**7), 10**7).map(lambda whole: Fraction(whole, 1000))
LODGED = st.just(0) | st.integers(1000, 10**6)
ROWS = st.tuples(LODGED, st.integers(20, 100), MWH, MWH, MWH.map(lambda gbp: gbp * 100))


@given(st.dictionaries(st.sampled_from("ABCDEFGH"), ROWS, min_size=1))
def test_the_percentage_and_level_are_those_of_the_same_debt_in_pounds(rows):
    told = cover(rows)

    assert set(told["ccp_percent"]) == {party for party, row in rows.items() if row[0]}
    for party, (lodged, price, assessed, metered, unpaid) in rows.items():
        owed = (assessed + metered) * price + unpaid
        if lodged:
            assert told["ccp_percent"][party] == pytest.approx(float(100 * owed / lodged), rel=1e-9, abs=1e-6)
            level = (owed * 100 > 80 * lodged) + (owed * 100 > 90 * lodged)
        else:
            level = 2 if owed > 0 else 0
        assert told["default_level_threshold"][party] == level


def test_a_party_without_cover_has_no_percentage_and_is_in_default_when_it_owes_anything():
    told = cover({
        "OWES": (0, 54, 0.5, 0, 0), "OWED": (0, 54, -0.5, 0, 0), "EVEN": (0, 54, 0.3, -0.2, -0.1 * 54),
        "COVERED": (54, 54, 0.5, 0, 0),
    })  # fmt: skip

    assert told["ecc_mwh"] == {"COVERED": 1.0, "EVEN": 0.0, "OWED": 0.0, "OWES": 0.0}
    assert told["ccp_percent"] == {"COVERED": 50.0}
    assert told["default_level_threshold"] == {"COVERED": 0.0, "EVEN": 0.0, "OWED": 0.0, "OWES": 2.0}


def test_a_market_in_which_nobody_has_cover_still_has_levels():
    told = cover({"A": (0, 54, 1, 0, 0), "B": (0, 54, 0, 0, 0)})

    assert told["ccp_percent"] == {}
    assert told["default_level_threshold"] == {"A": 2.0, "B": 0.0}


@pytest.mark.parametrize(("unpaid", "level"), [(9876.00, 0.0), (9876.01, 1.0), (11110.50, 1.0), (11110.51, 2.0)])
def test_a_party_exactly_at_a_threshold_is_not_above_it_and_a_penny_more_is(unpaid, level):
    # One Party a price: at some of them the percentage as a float is a hair above 80 or 90.
    rows = {f"P{price}": (12345.0, price, 0, 0, unpaid) for price in range(20, 100)}

    assert set(cover(rows)["default_level_threshold"].values()) == {level}


def test_cover_without_a_price_is_refused_rather_than_taken_for_endless():
    with pytest.raises(NotANumber, match="'party': 'A'"):
        cover({"A": (1000, 0, 5, 0, 0)})
