"""Across the runs of a day a Party is paid, in the end, what the latest run says: no more and no less."""

from __future__ import annotations

import csv
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from settlement import settle
from settlement.errors import WrongInput
from settlement.grains import row_grain

ORDER = ("II", "SF", "R1", "R2", "R3", "RF", "D", "DF")


def payments(net):
    """What {(party, run): net due} makes paid, by party and run."""
    keys = sorted(((party, ORDER.index(run) + 1) for party, run in net))
    runs = np.array([ORDER[number - 1] for _, number in keys], object)
    rows = row_grain(
        "party_run_row",
        {"party": [party for party, _ in keys], "run_number": [number for _, number in keys]},
        {"run": runs},
    )
    due = rows.array([float(net[party, run]) for (party, _), run in zip(keys, runs, strict=True)])
    paid = settle({"party_run_rows": rows, "net_due_by_run": due}, ["payment_before_interest"])
    values = paid["payment_before_interest"].to_numpy().tolist()
    return {(party, run): value for (party, _), run, value in zip(keys, runs, values, strict=True)}


def test_the_worked_case_of_run_differences_settles_to_its_payments(shared):
    folder = shared / "rules/cases/charges/run-differences"
    with (folder / "given_net_due_to_party.csv").open(newline="", encoding="utf-8") as file:
        net = {(row["party"], row["run"]): row["net_gbp"] for row in csv.DictReader(file)}
    with (folder / "expected_payments.csv").open(newline="", encoding="utf-8") as file:
        wanted = {(row["party"], row["run"]): row["payment_before_interest_gbp"] for row in csv.DictReader(file)}

    paid = payments(net)

    assert len(wanted) == 7
    assert paid == {key: pytest.approx(float(value), abs=1e-6) for key, value in wanted.items()}
    assert sum(paid.values()) == pytest.approx(-998.0, abs=1e-6)


# Sixty-fourths of a pound below 2^34: a float holds each, and every sum of eight, without rounding.
AMOUNTS = st.integers(-(2**40), 2**40).map(lambda whole: Fraction(whole, 64))
LATER = st.sets(st.sampled_from(ORDER[2:]))


@st.composite
def days(draw):
    """Parties with SF, with or without II, and any of the later runs."""
    net = {}
    for party in draw(st.sets(st.text("ABC", min_size=1, max_size=3), min_size=1, max_size=5)):
        for run in {"SF", *draw(LATER), *draw(st.sets(st.just("II")))}:
            net[party, run] = draw(AMOUNTS)
    return net


@given(days())
def test_the_payments_of_a_party_add_up_to_the_amount_of_its_latest_run(net):
    paid = payments(net)

    for party in {party for party, _ in net}:
        latest = max((run for one, run in net if one == party), key=ORDER.index)
        exact = sum(Fraction(value) for (one, _), value in paid.items() if one == party)
        assert exact == net[party, latest]


@given(days())
def test_each_run_pays_its_change_and_information_pays_nothing(net):
    paid = payments(net)

    for party in {party for party, _ in net}:
        standing = Fraction(0)
        for run in ORDER:
            if (party, run) not in net:
                continue
            if run == "II":
                assert paid[party, run] == 0
                continue
            assert Fraction(paid[party, run]) == net[party, run] - standing
            standing = net[party, run]


def test_an_information_run_alone_moves_no_money():
    assert payments({("A", "II"): -1200.55, ("B", "II"): 3.0}) == {("A", "II"): 0.0, ("B", "II"): 0.0}


def test_a_later_run_without_the_initial_one_is_refused_by_party_and_run():
    with pytest.raises(WrongInput, match=r"party B, run R1: found no SF run before it, wanted SF first.*Give what SF"):
        payments({("A", "SF"): 1.0, ("A", "R1"): 2.0, ("B", "II"): 5.0, ("B", "R1"): 4.0})
