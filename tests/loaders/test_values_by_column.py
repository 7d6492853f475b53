"""A column is read as each of its values would be alone, and a sign may stand in the field beside a volume."""

from __future__ import annotations

from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from loaders.declared import arrow_schema
from loaders.formats.raw import ABSENT
from loaders.job import Column, MinusWhere
from loaders.steps.convert import turned, typed, wanted

SIGN = MinusWhere.model_validate({"field": "way", "is": "I", "else": "E"})
TEXTS = ["", " 7 ", "7", "7.5", "-0", "1e3", "x", "T", "false", "\udcff"]
TIMES = ["2024-01-15", "20240115", "2024-01-15T03:00:00Z", "20240115093000"]
OTHERS = [None, True, False, 0, 1, 7, -3, 2**63, 1.0, 7.5, float("nan"), float("inf"), ABSENT]
SOME = st.sampled_from([*TEXTS, *TIMES, *OTHERS])
ALIKE = st.one_of(
    st.lists(st.sampled_from(["1", "2", " 1", "x", "", "T"]) | st.none()),
    st.lists(st.booleans() | st.none()),
    st.lists(st.integers(-(2**64), 2**64) | st.none()),
    st.lists(st.floats() | st.none()),
)
COLUMNS = [
    {"type": "text"},
    {"type": "text", "values": {"T": "yes", "1": "one"}},
    {"type": "integer"},
    {"type": "decimal", "unit": "MWh"},
    {"type": "flag"},
    {"type": "date"},
    {"type": "date", "form": "yyyymmdd"},
    {"type": "instant"},
    {"type": "instant", "form": "yyyymmddhhmmss"},
]


def read(values, column):
    kind = arrow_schema({"a": column}).field("a").type
    array, odd = typed(values, column, kind)
    assert array.type == kind
    return [(value, odd.get(place)) for place, value in enumerate(array.to_pylist())]


@pytest.mark.parametrize("said", COLUMNS, ids=str)
@given(values=st.lists(SOME) | ALIKE)
def test_a_value_reads_the_same_among_others_as_alone(said, values):
    column = Column.model_validate(said)

    assert read(values, column) == [pair for value in values for pair in read([value], column)]


@given(st.lists(st.tuples(st.none() | st.integers(0, 10**6), st.sampled_from(["I", "E", " I"]))))
def test_volumes_under_the_sign_beside_them_come_to_export_less_import(rows):
    numbers = pa.array([None if volume is None else volume / 1000 for volume, _ in rows], pa.float64())

    found, odd = turned(numbers, SIGN, [way for _, way in rows], {})

    exported = sum(volume or 0 for volume, way in rows if way == "E")
    imported = sum(volume or 0 for volume, way in rows if way != "E")
    assert not odd
    assert sum(round(Fraction(v) * 1000) for v in found.to_pylist() if v is not None) == exported - imported
    assert [v is None for v in found.to_pylist()] == [volume is None for volume, _ in rows]
    assert not any(str(v) == "-0.0" for v in found.to_pylist())


@pytest.mark.parametrize(
    ("volume", "way", "said"),
    [(5.25, "X", "5.25 with X"), (5.25, "", "5.25 with nothing"), (-5.25, "I", "-5.25 with I"), (0.0, "i", "0 with i")],
)
def test_a_volume_whose_way_is_not_plain_is_no_volume(volume, way, said):
    found, odd = turned(pa.array([1.0, volume]), SIGN, ["E", way], {})

    assert found.to_pylist() == [1.0, None]
    assert odd == {1: said}


def test_a_volume_that_is_absent_needs_no_way_and_one_that_is_no_number_keeps_what_was_said_of_it():
    found, odd = turned(pa.array([None, None], pa.float64()), SIGN, ["", ""], {1: "ten"})

    assert found.to_pylist() == [None, None]
    assert odd == {1: "ten"}


def test_a_finding_on_such_a_volume_says_which_field_has_the_way():
    column = Column(type="decimal", unit="MWh", minus_where=SIGN)

    assert wanted(column) == "a number of MWh with a decimal point and no sign, and I or E in field way"


@pytest.mark.parametrize(
    "said",
    [
        {"type": "text", "minus_where": {"field": "4", "is": "I", "else": "E"}},
        {"type": "decimal", "unit": "MWh", "minus_where": {"field": "4", "is": "I", "else": "I"}},
        {"type": "decimal", "unit": "MWh", "minus_where": {"field": "4", "is": "I"}},
    ],
    ids=["of text", "one letter for both", "one way only"],
)
def test_only_a_number_is_turned_round_and_by_two_signs_that_differ(said):
    with pytest.raises(ValidationError):
        Column.model_validate(said)
