"""Dated values: each with its source, in force from its day, and absent before its first."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from settlement import parameters
from settlement.errors import NoValueOnDate, WrongInput

SYMBOLS = {
    "DMAT": "de_minimis_threshold",
    "CADL": "continuous_acceptance_duration_limit",
    "PAR": "price_average_reference_volume",
    "RPAR": "replacement_price_average_reference_volume",
    "VoLL": "value_of_lost_load",
}


def test_a_day_before_the_first_value_is_refused_with_the_day_it_starts():
    with pytest.raises(NoValueOnDate) as told:
        parameters.value("price_average_reference_volume", date(2009, 11, 4))

    assert str(told.value) == (
        "price_average_reference_volume (PAR, T 4.4) has no value on 2009-11-04: its first value starts 2009-11-05. "
        "Add a dated value to settlement/parameters, or settle another day."
    )


def test_a_parameter_without_any_dated_value_says_so():
    with pytest.raises(NoValueOnDate, match=r"supplier_sourcing_cost .* it has no dated value at all"):
        parameters.value("supplier_sourcing_cost", date(2024, 1, 15))


def test_a_name_that_is_none_is_an_error():
    with pytest.raises(WrongInput, match="no parameter 'price_average'"):
        parameters.value("price_average", date(2024, 1, 15))


@pytest.mark.parametrize(
    ("symbol", "day", "value"),
    [
        ("DMAT", date(2019, 3, 31), 1), ("DMAT", date(2019, 4, 1), 0.1),
        ("CADL", date(2019, 3, 31), 15), ("CADL", date(2019, 4, 1), 10),
        ("PAR", date(2018, 10, 31), 50), ("PAR", date(2018, 11, 1), 1), ("PAR", date(2015, 11, 5), 50),
        ("RPAR", date(2015, 11, 4), 100), ("RPAR", date(2015, 11, 5), 1),
        ("VoLL", date(2018, 10, 31), 3000), ("VoLL", date(2018, 11, 1), 6000),
    ],
)  # fmt: skip
def test_a_value_changes_on_the_day_of_the_rules(symbol, day, value):
    assert parameters.value(SYMBOLS[symbol], day) == value


def test_there_is_one_price_from_the_fifth_of_november_2015():
    assert parameters.value("single_price", date(2015, 11, 4)) is False
    assert parameters.value("single_price", date(2015, 11, 5)) is True


def test_an_end_closes_the_last_value():
    assert parameters.value("run_lag_r2", date(2027, 7, 1)) == 84
    with pytest.raises(NoValueOnDate):
        parameters.value("run_lag_r2", date(2027, 7, 2))


@given(st.dates(date(2001, 1, 1), date(2030, 1, 1)))
def test_what_is_in_force_started_by_then_and_the_next_has_not(day):
    for name, value in parameters.on(day).items():
        assert value.since <= day
        assert value.until is None or day <= value.until
        later = [other.since for other in parameters.every()[name].values if other.since > value.since]
        assert all(since > day for since in later)


def test_every_value_has_a_source_and_an_evidence_word():
    for parameter in parameters.every().values():
        for value in parameter.values:
            assert value.source
            assert value.evidence in ("verified", "secondary", "recollection", "derived")


def test_the_dated_table_is_that_of_the_rules(shared):
    told = yaml.safe_load((shared / "rules/parameters.yaml").read_text(encoding="utf-8"))
    of_rules = {}
    for name, entry in told.items():
        if isinstance(entry, dict) and "values" in entry:
            of_rules[entry.get("symbol", name)] = {
                start: line["value"] if isinstance(line, dict) else line for start, line in entry["values"].items()
            }
    ours = {one.symbol: {v.since: v.value for v in one.values} for one in parameters.every().values()}
    for symbol, values in of_rules.items():
        assert ours.get(symbol) == values, symbol


def test_a_line_without_a_source_does_not_load():
    entry = {"symbol": "X", "values": {date(2020, 1, 1): {"value": 1, "evidence": "verified"}}}

    with pytest.raises(WrongInput, match=r"odd\.yaml, some_name, 2020-01-01.*wanted value, source and evidence"):
        parameters._read("odd.yaml", "some_name", entry)


def test_a_value_holds_to_the_day_before_the_next():
    first, second = parameters.every()["de_minimis_threshold"].values

    assert first.until == second.since - timedelta(days=1)
    assert second.until is None
