"""Bad rows: good ones go on, bad ones are kept aside with where, what and what to do; nothing is filled in."""

from __future__ import annotations

import json
from datetime import date

import pytest

BID = "SYNTHETIC_stack_bid_2024-01-15_07.json"
OFFER = "SYNTHETIC_stack_offer_2024-01-15_07.json"
PN = "SYNTHETIC_PN_2024-01-15.json"
BOALF = "SYNTHETIC_BOALF_2024-01-15.json"
PRICES = "SYNTHETIC_system-prices_2024-01-15.json"
DISBSAD = "SYNTHETIC_DISBSAD_2024-01-15.json"


def told(report):
    return [(f.row, f.column, f.found) for f in report.findings if f.weight == "refused"]


def prices(*rows):
    return {"metadata": {"datasets": ["DISEBSP"]}, "data": list(rows)}


def test_a_record_without_a_field_that_the_others_have_is_refused(desk):
    short = desk.price_row(2, 51.0)
    del short["netImbalanceVolume"]

    report = desk.load_files({PRICES: prices(desk.price_row(1, 50.0), short)})

    assert told(report) == [(2, "net_imbalance_volume_mwh", "no such field")]
    assert desk.marks("system_prices") == [(2, None)]


def test_a_repeated_row_is_refused_and_its_period_marked(desk):
    report = desk.load_files({OFFER: desk.stack(desk.stack_row(1), desk.stack_row(2), desk.stack_row(2))})

    assert [(f.row, f.column) for f in report.findings] == [(3, "sequence_number")]
    assert [row["source_row"] for row in desk.rows("settlement_stack")] == [1, 2]
    assert desk.marks("settlement_stack") == [(7, "buy")]


@pytest.mark.parametrize(
    ("day", "period"), [("2024-01-15", 51), ("2024-01-15", 49), ("2024-03-31", 47), ("2024-01-15", 0)]
)
def test_a_period_that_the_day_has_not_marks_the_whole_day(desk, day, period):
    rows = [
        desk.adjustment_row(1, settlementDate=day),
        desk.adjustment_row(2, settlementDate=day, settlementPeriod=period),
    ]

    report = desk.load_files({DISBSAD.replace("2024-01-15", day): rows})

    assert told(report) == [(2, "settlement_period", str(period))]
    assert desk.marks("adjustment_actions", date.fromisoformat(day)) == [(None, None)]
    assert len(desk.rows("adjustment_actions", date.fromisoformat(day))) == 1


def test_the_fiftieth_period_is_good_on_the_long_day_only(desk):
    day = "2024-10-27"

    report = desk.load_files(
        {f"SYNTHETIC_DISBSAD_{day}.json": [desk.adjustment_row(1, settlementDate=day, settlementPeriod=50)]}
    )

    assert report.good
    assert len(desk.rows("adjustment_actions", date.fromisoformat(day))) == 1


def test_a_row_that_cannot_be_placed_marks_every_day_of_its_file(desk):
    text = "settlement_date,settlement_period,system_sell_price\n2024-01-15,1,50\n2024-01-16,1,51\nnever,2,52\n"

    report = desk.load_files({"SYNTHETIC_system_price_2024.csv": text})

    assert told(report) == [(4, "settlement_date", "never")]
    for day in (date(2024, 1, 15), date(2024, 1, 16)):
        assert desk.marks("price_history", day) == [(None, None)]
        assert len(desk.rows("price_history", day)) == 1


def test_a_row_of_another_period_than_its_file_says_marks_the_period_of_the_file(desk):
    report = desk.load_files({OFFER: desk.stack(desk.stack_row(1), desk.stack_row(2, period=51))})

    assert told(report) == [(2, "settlement_period", "51")]
    assert desk.marks("settlement_stack") == [(7, "buy")]


def test_an_acceptance_without_a_price_is_refused(desk):
    report = desk.load_files({OFFER: desk.stack(desk.stack_row(1), desk.stack_row(2, originalPrice=None))})

    assert told(report) == [(2, "original_price", "")]
    assert desk.marks("settlement_stack") == [(7, "buy")]


def test_an_adjustment_action_without_a_price_is_unpriced_and_good(desk):
    row = desk.stack_row(2, id="17", originalPrice=None, acceptanceId=None, bidOfferPairId=None, cadlFlag=None)

    report = desk.load_files({OFFER: desk.stack(desk.stack_row(1), row), DISBSAD: [desk.adjustment_row(17, cost=None)]})

    assert report.good
    assert [row["original_price"] for row in desk.rows("settlement_stack")] == [51.0, None]
    assert [row["cost_gbp"] for row in desk.rows("adjustment_actions")] == [None]


def test_a_price_without_a_value_is_refused(desk):
    report = desk.load_files({PRICES: prices(desk.price_row(1, 50.0), desk.price_row(2, None))})

    assert told(report) == [(2, "system_sell_price", "")]
    assert desk.marks("system_prices") == [(2, None)]


def test_a_stack_row_without_a_volume_is_refused(desk):
    report = desk.load_files({OFFER: desk.stack(desk.stack_row(1, volume=None))})

    assert told(report) == [(1, "volume_mwh", "")]
    assert desk.rows("settlement_stack") == []


@pytest.mark.parametrize("odd", ["NaN", "Infinity", '"12,5"', '"n/a"', "true", "[1]"])
def test_what_is_not_a_number_costs_its_row_only(desk, odd):
    text = json.dumps(desk.stack(desk.stack_row(1), desk.stack_row(2, volume=987.5))).replace("987.5", odd)

    report = desk.load_files({OFFER: text})

    assert [(row, column) for row, column, _ in told(report)] == [(2, "volume_mwh")]
    assert [row["sequence_number"] for row in desk.rows("settlement_stack")] == [1]
    assert desk.marks("settlement_stack") == [(7, "buy")]


@pytest.mark.parametrize("odd", ["NaN", "inf", "1_000", "1,000", "0x10", ""])
def test_what_is_not_a_number_in_a_csv_costs_its_row_only(desk, odd):
    text = f'settlement_date,settlement_period,system_sell_price\n2024-01-15,1,50\n2024-01-15,2,"{odd}"\n'

    report = desk.load_files({"SYNTHETIC_system_price_2024.csv": text})

    assert told(report) == [(3, "system_sell_price", odd)]
    assert [row["system_sell_price"] for row in desk.rows("price_history")] == [50.0]


def test_a_sell_with_a_positive_volume_is_refused(desk):
    report = desk.load_files({BID: desk.stack(desk.stack_row(1, volume=-3.0), desk.stack_row(2, volume=4.0))})

    assert told(report) == [(2, "volume_mwh", "4.0")]
    assert [row["side"] for row in desk.rows("settlement_stack")] == ["sell"]
    assert desk.marks("settlement_stack") == [(7, "sell")]


def test_a_buy_with_a_negative_volume_is_refused(desk):
    report = desk.load_files({OFFER: desk.stack(desk.stack_row(1, volume=-3.0))})

    assert told(report) == [(1, "volume_mwh", "-3.0")]


def test_of_two_runs_in_one_period_the_latest_stays(desk):
    first = desk.stack_row(1, createdDateTime="2024-01-15T03:49:00Z")
    later = desk.stack_row(2, createdDateTime="2024-01-16T03:45:00Z")

    report = desk.load_files({OFFER: desk.stack(first, later)})

    assert told(report) == [(1, "created_time", "2024-01-15T03:49:00Z")]
    assert "2024-01-16T03:45:00Z" in report.findings[0].wanted
    assert [row["sequence_number"] for row in desk.rows("settlement_stack")] == [2]
    assert desk.marks("settlement_stack") == [(7, "buy")]


def test_an_acceptance_of_an_unknown_unit_is_kept_with_a_warning_once_units_are_known(desk):
    rows = [desk.acceptance_row("T_SYN-1", 1, 0, 10), desk.acceptance_row("T_ODD-9", 2, 0, 10)]
    unit = {"elexonBmUnit": "T_SYN-1", "bmUnitType": "T", "fpnFlag": True}

    without = desk.load_files({BOALF: rows})
    desk.load_files({"SYNTHETIC_bmunits_all.json": [unit]})
    beside = desk.load_files({BOALF: [*rows, desk.acceptance_row("T_SYN-1", 3, 0, 10)]})

    assert without.findings == []
    assert [(f.weight, f.row, f.column, f.found) for f in beside.findings] == [("warning", 2, "bm_unit", "T_ODD-9")]
    assert beside.good
    assert len(desk.rows("acceptances")) == 3


def test_a_gap_in_a_profile_refuses_the_profile_and_marks_its_period(desk):
    whole = [desk.pn_row("T_SYN-1", 0, 30)]
    torn = [desk.pn_row("T_SYN-2", 0, 10), desk.pn_row("T_SYN-2", 12, 30)]

    report = desk.load_files({PN: whole + torn})

    assert [row["bm_unit"] for row in desk.rows("physical_notifications")] == ["T_SYN-1"]
    assert told(report)[-1] == (3, "time_from", "2024-01-15T03:12:00Z")
    assert {row for row, _, _ in told(report)} == {2, 3}
    assert desk.marks("physical_notifications") == [(7, None)]


def test_a_profile_that_does_not_fill_its_period_is_refused(desk):
    report = desk.load_files({PN: [desk.pn_row("T_SYN-1", 0, 30), desk.pn_row("T_SYN-2", 0, 29)]})

    assert told(report) == [(2, "time_to", "2024-01-15T03:29:00Z")]
    assert "03:30:00Z" in report.findings[0].wanted


def test_a_gap_in_an_acceptance_marks_every_period_that_it_spans(desk):
    torn = [desk.acceptance_row("T_SYN-1", 1, 0, 10), desk.acceptance_row("T_SYN-1", 1, 70, 80)]
    good = desk.acceptance_row("T_SYN-2", 2, 0, 10)

    desk.load_files({BOALF: [*torn, good]})

    assert [row["bm_unit"] for row in desk.rows("acceptances")] == ["T_SYN-2"]
    assert desk.marks("acceptances") == [(7, None), (8, None), (9, None)]


def test_quarantine_tells_file_row_column_found_wanted_and_what_to_do(desk):
    desk.load_files({OFFER: desk.stack(desk.stack_row(1), desk.stack_row(2, volume="many"))})

    row = desk.store.quarantine(desk.day)[0]

    assert (row.file, row.row, row.column, row.found) == (OFFER, 2, "volume_mwh", "many")
    assert row.wanted == "a number of MWh with a decimal point"
    assert row.todo
    assert (row.settlement_date, row.settlement_period, row.job) == (desk.day, 7, "settlement_stack")


def test_a_row_of_another_period_than_the_header_says_is_refused(desk):
    lines = [
        "HDR,PHYSICAL BM DATA,20240115,7",
        "PN,T_SYN-1,7,20240115030000,10.000,20240115033000,10.000",
        "PN,T_SYN-2,8,20240115033000,10.000,20240115040000,10.000",
        "FTR,2",
    ]

    report = desk.load_files({"SYNTHETIC_PhysicalData.csv": "\n".join(lines)})

    assert told(report) == [(3, "settlement_period", "8")]
    assert [row["bm_unit"] for row in desk.rows("physical_notifications")] == ["T_SYN-1"]
