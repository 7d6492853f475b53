"""Rows change grain by `spread` and `total` only, and a label that the target lacks is an error."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from settlement.errors import UnknownLabel, WrongInput
from settlement.grains import (
    Grain,
    coded_grain,
    full_grain,
    grain_of,
    only,
    place,
    positions,
    row_grain,
    spread,
    sub_grain,
    total,
)


def pairs(periods, units, **maps):
    return row_grain("pair_row", {"settlement_period": np.array(periods), "bm_unit": np.array(units, object)}, maps)


@pytest.fixture
def rows():
    return pairs([1, 1, 3], ["a", "b", "a"], party=np.array(["x", "y", "x"], object))


@pytest.fixture
def periods():
    return full_grain(settlement_period=[1, 2, 3])


def test_spread_puts_the_coarser_value_beside_each_row(rows, periods):
    assert spread(periods.array([10.0, 20.0, 30.0]), onto=rows).to_numpy().tolist() == [10.0, 10.0, 30.0]


def test_spread_meets_both_keys_of_a_full_grain(rows):
    units = full_grain(settlement_period=[1, 3], bm_unit=["a", "b"])

    assert spread(units.array([1.0, 2.0, 3.0, 4.0]), onto=rows).to_numpy().tolist() == [1.0, 2.0, 3.0]


def test_spread_raises_on_a_label_that_the_coarser_array_lacks(rows):
    two = full_grain(settlement_period=[1, 2])

    with pytest.raises(UnknownLabel, match=r"pair_row holds .*3.*, which settlement_period does not have"):
        spread(two.array([1.0, 2.0]), onto=rows)


def test_total_gives_a_true_zero_where_there_is_no_row(rows, periods):
    assert total(rows.array([1.5, 2.0, 4.0]), onto=periods).to_numpy().tolist() == [3.5, 0.0, 4.0]


def test_total_raises_on_a_label_that_the_target_lacks(rows):
    with pytest.raises(UnknownLabel, match="Add the label there"):
        total(rows.array([1.0, 2.0, 3.0]), onto=full_grain(settlement_period=[1]))


def test_total_goes_over_a_map_that_the_grain_declares(rows):
    parties = full_grain(party=["x", "y"])

    assert total((rows, np.array([1.0, 2.0, 4.0])), onto=parties).to_numpy().tolist() == [5.0, 2.0]


def test_total_over_a_column_that_the_rows_do_not_have_is_an_error(rows):
    with pytest.raises(UnknownLabel, match="has no column 'account'"):
        total(rows.array([1.0, 2.0, 3.0]), onto=full_grain(account=["p"]))


def test_no_rows_at_all_total_to_zeros(periods):
    assert total(pairs(np.array([], int), []).array([]), onto=periods).to_numpy().tolist() == [0.0, 0.0, 0.0]


@given(st.lists(st.tuples(st.integers(1, 48), st.integers(0, 30), st.integers(-1000, 1000)), unique_by=lambda r: r[:2]))
def test_total_is_the_sum_of_the_rows_of_each_label(lines):
    lines = sorted(lines)
    rows = pairs([line[0] for line in lines] or np.array([], int), [f"{line[1]:02d}" for line in lines])
    everything = full_grain(settlement_period=range(1, 49))

    summed = total(rows.array(np.array([line[2] for line in lines], float)), onto=everything).to_numpy()

    for period in range(1, 49):
        assert summed[period - 1] == sum(line[2] for line in lines if line[0] == period)


def test_a_key_that_comes_twice_is_an_error_that_names_it():
    with pytest.raises(WrongInput, match=r"pair_row: the key \{.*'a'.*\} comes twice"):
        pairs([1, 1], ["a", "a"])


def test_rows_out_of_order_are_an_error():
    with pytest.raises(WrongInput, match="not in the order of"):
        pairs([2, 1], ["a", "a"])


def test_a_sub_grain_goes_and_comes_back_with_a_stated_value(rows):
    kept = sub_grain("kept_row", rows, np.array([True, False, True]))
    values = only(rows.array([1.0, 2.0, 3.0]), onto=kept)

    assert values.to_numpy().tolist() == [1.0, 3.0]
    assert place(values, onto=rows, absent=-1.0).tolist() == [1.0, -1.0, 3.0]
    assert kept.column("party").tolist() == ["x", "x"]


def test_rows_kept_of_rows_kept_still_find_their_labels(rows):
    first_two = sub_grain("early_row", rows, np.array([True, True, False]))
    last_two = sub_grain("late_row", rows, np.array([False, True, True]))
    of_kept = sub_grain("both_row", first_two, np.array([False, True]))
    values = first_two.array([1.0, 2.0])

    assert only(values, onto=of_kept).to_numpy().tolist() == [2.0]
    assert only(values * 10, onto=of_kept).to_numpy().tolist() == [20.0]
    assert only(last_two.array([5.0, 6.0]), onto=of_kept).to_numpy().tolist() == [5.0]
    assert place(of_kept.array([7.0]), onto=rows, absent=0.0).tolist() == [0.0, 7.0, 0.0]
    with pytest.raises(UnknownLabel, match=r"late_row holds .*3.*'a'.*, which early_row does not have"):
        only(values, onto=last_two)


@given(st.integers(1, 40), st.data())
def test_a_kept_row_is_found_by_descent_where_its_label_finds_it(size, data):
    """Positions known from how a grain was made are those that the labels give."""
    rows = pairs(list(range(size)), ["a"] * size)
    masks = st.lists(st.booleans(), min_size=size, max_size=size).map(np.array)
    target, kept = (sub_grain(name, rows, data.draw(masks)) for name in ("target_row", "kept_row"))
    bare = Grain(kept.dims, kept.indexes), Grain(target.dims, target.indexes)

    def found(of, at):
        try:
            return positions(of, at).tolist()
        except UnknownLabel as error:
            return str(error)

    assert found(rows, kept) == found(Grain(rows.dims, rows.indexes), bare[0])
    assert found(target, kept) == found(bare[1], bare[0])
    assert found(target, target) == list(range(target.size))


def test_an_array_of_a_grain_bears_its_labels_and_shares_no_values_with_another(rows):
    first, second = rows.array([1.0, 2.0, 3.0]), rows.array(np.array([True, False, True]))

    first.to_numpy()[0] = 9.0

    assert second.to_numpy().tolist() == [True, False, True]
    assert rows.array([1.0, 2.0, 3.0]).to_numpy().tolist() == [1.0, 2.0, 3.0]
    assert grain_of(first).indexes[0].equals(rows.indexes[0])
    assert (first * 2).dims == ("pair_row",)


def test_values_of_another_length_are_refused(rows):
    with pytest.raises(ValueError, match="shape"):
        rows.array([1.0, 2.0])


LABELS = {"settlement_period": [1, 2, 3], "bm_unit": ["a", "b"]}


def coded(periods, units):
    codes = (np.array(periods), np.array(units))
    return coded_grain("pair_row", dict(zip(LABELS, zip(LABELS.values(), codes, strict=True), strict=True)))


def test_rows_told_by_the_places_of_their_labels_are_those_told_by_their_labels(rows):
    told = coded([0, 0, 2], [0, 1, 0])

    assert told.indexes[0].equals(rows.indexes[0])
    assert positions(rows, told).tolist() == positions(told, rows).tolist() == [0, 1, 2]
    assert told.column("bm_unit").tolist() == ["a", "b", "a"]


def test_rows_told_by_places_are_held_to_order_and_to_one_row_a_key():
    with pytest.raises(WrongInput, match=r"'settlement_period': 1, 'bm_unit': 'b'\} comes twice"):
        coded([0, 0, 0], [0, 1, 1])
    with pytest.raises(WrongInput, match="not in the order of"):
        coded([2, 0], [0, 0])


def test_a_label_that_no_row_bears_is_not_looked_for_in_the_target():
    only_first = full_grain(settlement_period=[1], bm_unit=["a", "b"])

    assert positions(only_first, coded([0, 0], [0, 1])).tolist() == [0, 1]
    with pytest.raises(UnknownLabel, match=r"pair_row holds .*3.*'b'"):
        positions(only_first, coded([0, 2], [0, 1]))


def test_what_is_said_of_one_array_is_not_said_of_others_of_its_grain(rows):
    one, other = rows.array([1.0, 2.0, 3.0]), rows.array([4.0, 5.0, 6.0])
    one.attrs["unit"] = "MWh"
    one.coords["of"] = ("pair_row", ["x", "y", "z"])

    assert other.attrs == {} and rows.array([0.0, 0.0, 0.0]).attrs == {}
    assert "of" not in other.coords and "of" not in rows.array([0.0, 0.0, 0.0]).coords
    assert other.to_numpy().tolist() == [4.0, 5.0, 6.0]


def test_a_row_without_a_label_has_no_place():
    index = pd.MultiIndex.from_tuples([(1, "a"), (2, None)], names=["settlement_period", "bm_unit"])

    with pytest.raises(UnknownLabel, match="'settlement_period': 2"):
        positions(full_grain(settlement_period=[1, 2], bm_unit=["a", "b"]), Grain(("row",), (index,)))
