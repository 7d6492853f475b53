"""Bad files: half ones, odd bytes, other columns, empty ones; what can be had of them goes on, the rest is told."""

from __future__ import annotations

import gzip
import json

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


def test_half_a_json_file_gives_its_whole_records_and_marks_its_period(desk):
    whole = json.dumps(desk.stack(*(desk.stack_row(n) for n in (1, 2, 3))))

    report = desk.load_files({OFFER: whole[: whole.rindex("finalPrice")]})

    assert [row["sequence_number"] for row in desk.rows("settlement_stack")] == [1, 2]
    assert told(report) == [(3, "", "text that breaks off")]
    assert desk.marks("settlement_stack") == [(7, "buy")]
    assert not report.good


def test_half_a_gzip_file_is_half_a_file(desk):
    packed = gzip.compress(json.dumps(desk.stack(*(desk.stack_row(n) for n in range(1, 60)))).encode())

    report = desk.load_files({OFFER + ".gz": packed[: len(packed) // 2]})

    kept = [row["sequence_number"] for row in desk.rows("settlement_stack")]
    assert kept == list(range(1, len(kept) + 1))
    assert 0 < len(kept) < 59
    assert desk.marks("settlement_stack") == [(7, "buy")]
    assert not report.good


def test_a_legacy_file_whose_count_is_not_its_rows_is_half_a_file(desk):
    lines = [
        "HDR,PHYSICAL BM DATA,20240115,7",
        "PN,T_SYN-1,7,20240115030000,10.000,20240115033000,10.000",
        "FTR,2",
    ]

    report = desk.load_files({"SYNTHETIC_PhysicalData.csv": "\n".join(lines)})

    assert told(report) == [(0, "FTR", "1 records")]
    assert len(desk.rows("physical_notifications")) == 1
    assert desk.marks("physical_notifications") == [(7, None)]
    assert desk.marks("acceptances") == [(7, None)]


def test_a_legacy_file_without_its_last_line_is_half_a_file(desk):
    lines = ["HDR,PHYSICAL BM DATA,20240115,7", "PN,T_SYN-1,7,20240115030000,10.000,20240115033000,10.000"]

    report = desk.load_files({"SYNTHETIC_PhysicalData.csv": "\n".join(lines)})

    assert told(report) == [(0, "FTR", "no FTR line")]
    assert desk.marks("physical_notifications") == [(7, None)]


def test_a_csv_line_that_is_cut_is_refused_and_its_neighbours_are_kept(desk):
    text = (
        "Settlement Date,Settlement Period,System Sell Price(£/MWh),System Buy Price(£/MWh),Net Imbalance Volume(MWh)\n"
        "15/01/2024,1,50,50,10\n15/01/2024,2,51"
    )

    report = desk.load_files({"SYNTHETIC_sspsbpniv.csv": text})

    assert told(report) == [(3, "", "3 fields: 15/01/2024,2,51")]
    assert [row["settlement_period"] for row in desk.rows("price_history")] == [1]
    assert desk.marks("price_history") == [(None, None)]


def test_bytes_of_another_encoding_cost_only_their_row(desk):
    good, odd = desk.adjustment_row(1), desk.adjustment_row(2, period=8, partyId="Caf? SYNTHETIC")
    data = json.dumps([good, odd]).encode().replace(b"Caf?", b"Caf\xe9")

    report = desk.load_files({DISBSAD: data})

    assert told(report) == [(2, "party", "Caf\\xe9 SYNTHETIC")]
    assert [row["adjustment_id"] for row in desk.rows("adjustment_actions")] == [1]
    assert desk.marks("adjustment_actions") == [(8, None)]


def test_a_byte_order_mark_is_left_out_with_a_word(desk):
    report = desk.load_files({PRICES: b"\xef\xbb\xbf" + json.dumps(prices(desk.price_row(1, 50.0))).encode()})

    assert [f.weight for f in report.findings] == ["warning"]
    assert report.findings[0].found == "a byte order mark"
    assert report.good
    assert len(desk.rows("system_prices")) == 1


def test_a_file_in_utf_16_is_refused_and_its_day_marked(desk):
    report = desk.load_files({PRICES: json.dumps(prices(desk.price_row(1, 50.0))).encode("utf-16")})

    assert told(report) == [(0, "", "UTF-16 or UTF-32")]
    assert desk.marks("system_prices") == [(None, None)]


def test_a_renamed_column_stops_the_file_and_says_what_is_there_instead(desk):
    row = desk.price_row(1, 50.0)
    row["netImbalanceVol"] = row.pop("netImbalanceVolume")

    report = desk.load_files({PRICES: prices(row)})

    assert told(report) == [(0, "net_imbalance_volume_mwh", "no such column, but netImbalanceVol")]
    assert desk.rows("system_prices") == []
    assert desk.marks("system_prices") == [(None, None)]
    assert "system_prices.yaml" in report.findings[0].todo


def test_a_new_column_is_a_warning_and_the_rows_are_kept(desk):
    report = desk.load_files({PRICES: prices(desk.price_row(1, 50.0, newThing=3))})

    assert [(f.weight, f.column, f.found) for f in report.findings] == [("warning", "newThing", "a new column")]
    assert len(desk.rows("system_prices")) == 1
    assert report.good


def test_an_empty_answer_has_arrived_and_says_that_there_is_none(desk):
    report = desk.load_files({BID: desk.stack(), PN: [], BOALF: [], DISBSAD: [], PRICES: prices()})

    assert report.good
    assert [(a.settlement_period, a.side, a.empty) for a in desk.store.arrivals("settlement_stack", desk.day)] == [
        (7, "sell", True)
    ]
    for dataset in ("physical_notifications", "acceptances", "adjustment_actions", "system_prices"):
        assert [(a.settlement_period, a.empty) for a in desk.store.arrivals(dataset, desk.day)] == [(None, True)]
        assert desk.rows(dataset) == []
    assert desk.store.arrivals("bid_offer_data", desk.day) == []


@pytest.mark.parametrize("name", ["stack_bid.json", "stack_2024-01-15_07.json", "stack_bid_2024-01-15.json", "PN.json"])
def test_an_empty_answer_that_does_not_say_of_what_is_refused(desk, name):
    report = desk.load_files({name: []})

    assert [(f.weight, f.row) for f in report.findings] == [("refused", 0)]
    assert desk.store.arrivals("settlement_stack", desk.day) == []
    assert desk.store.arrivals("physical_notifications", desk.day) == []


def test_a_file_without_bytes_is_no_empty_answer(desk):
    report = desk.load_files({PN: b""})

    assert told(report) == [(0, "", "no bytes")]
    assert desk.store.arrivals("physical_notifications", desk.day) == []
    assert desk.marks("physical_notifications") == [(None, None)]


def test_a_file_that_no_job_knows_is_a_finding_and_the_others_load(desk):
    report = desk.load_files(
        {"notes.txt": "buy milk\n", "picture.png": b"\x89PNG\x00\x00", PN: [desk.pn_row("T_SYN-1", 0, 30)]}
    )

    assert [(file.file, file.outcome) for file in report.files] == [
        (PN, "kept"),
        ("notes.txt", "unknown"),
        ("picture.png", "unknown"),
    ]
    assert {finding.file for finding in report.findings} == {"notes.txt", "picture.png"}
    assert len(desk.rows("physical_notifications")) == 1


def test_a_good_file_mends_what_an_earlier_one_left_incomplete(desk):
    desk.load_files({OFFER: desk.stack(desk.stack_row(1), desk.stack_row(2, volume=None))})
    before = desk.store.version()

    desk.load_files({OFFER: desk.stack(desk.stack_row(1), desk.stack_row(2))})

    assert desk.marks("settlement_stack") == []
    assert [m.settlement_period for m in desk.store.incomplete("settlement_stack", desk.day, before)] == [7]


def test_the_other_side_does_not_mend_it(desk):
    desk.load_files({OFFER: desk.stack(desk.stack_row(1, volume=None))})

    desk.load_files({BID: desk.stack(desk.stack_row(1, volume=-1.0))})

    assert desk.marks("settlement_stack") == [(7, "buy")]


def test_a_portal_file_that_comes_again_whole_mends_its_days(desk):
    head = "settlement_date,settlement_period,system_sell_price\n"
    lines = [f"2024-01-15,{period},{period}.5\n" for period in range(1, 49)]
    desk.load_files(
        {"SYNTHETIC_system_price_a.csv": head + "".join(lines[:6]) + "2024-01-15,7,?\n" + "2024-01-15,51,1\n"}
    )
    assert desk.marks("price_history") == [(None, None), (7, None)]

    desk.load_files({"SYNTHETIC_system_price_b.csv": head + lines[6]})
    assert desk.marks("price_history") == [(None, None)]

    desk.load_files({"SYNTHETIC_system_price_c.csv": head + "".join(lines)})
    assert desk.marks("price_history") == []


def test_notifications_of_one_unit_do_not_mend_those_of_another(desk):
    desk.load_files({PN: [desk.pn_row("T_SYN-1", 0, 30, levelFrom="?")]})

    desk.load_files({"SYNTHETIC_pn_stream.json": [desk.pn_row("T_SYN-2", 0, 30)]})

    assert desk.marks("physical_notifications") == [(7, None)]


def test_a_header_without_a_date_stops_the_file(desk):
    report = desk.load_files({"SYNTHETIC_PhysicalData.csv": "HDR,PHYSICAL BM DATA,today,7\nFTR,0\n"})

    assert told(report) == [(1, "HDR", "today, 7")]
    assert desk.store.arrivals("physical_notifications", desk.day) == []


def test_a_stack_whose_name_tells_no_side_is_told_by_its_volumes(desk):
    report = desk.load_files(
        {"answer.json": desk.stack(desk.stack_row(1, volume=-10.0), desk.stack_row(2, volume=-5.0))}
    )

    assert report.good
    assert {row["side"] for row in desk.rows("settlement_stack")} == {"sell"}
    assert [(one.side, one.settlement_period) for one in desk.store.arrivals("settlement_stack", desk.day)] == [
        ("sell", 7)
    ]


def test_a_stack_of_both_signs_whose_name_tells_no_side_is_refused(desk):
    report = desk.load_files(
        {"answer.json": desk.stack(desk.stack_row(1, volume=-10.0), desk.stack_row(2, volume=5.0))}
    )

    assert not report.good
    assert "bid or offer" in report.findings[0].wanted
    assert desk.rows("settlement_stack") == []
