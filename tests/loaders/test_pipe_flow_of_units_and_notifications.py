"""Flows whose first record comes again for each unit, and reports that are made for one Party among others."""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime

import pytest

from loaders.formats import pipe_flow

DAY, NEXT_DAY = date(2024, 1, 15), date(2024, 1, 16)
VOLUMES = "metered_volumes"
CONTRACT = "ECN|SYNAA1|SYNREF{}|{}|SYNAG|SYNAA1|SYNGEN|SYNTHETIC One|P|SYNSUP|SYNTHETIC Two|C|"
REALLOCATION = "MV9|SYNMA1|SYNREF{}|0|{}|SYNAG|SYNMA1|T_SYN-1|SYNGEN|SYNTHETIC One|P|SYNTRD|SYNTHETIC Two|P|"


def closed(lines):
    total = 0
    for text in lines:
        data = text.encode()
        for start in range(0, len(data), 4):
            total ^= struct.unpack(">I", data[start : start + 4].ljust(4, b"\0"))[0]
    return "\n".join([*lines, f"ZZZ|{len(lines) + 1}|{total}|"]) + "\n"


def unit(name, *volumes, day="20240115", run="SF"):
    return [f"ABV|{name}|{day}|{run}|1|20240117|", *[f"ABP|{n}|F|{v}|" for n, v in enumerate(volumes, start=1)]]


def volumes(*units, created="20240118093000"):
    header = f"AAA|C0421002|D|{created}|CD|UKDC|PB|PORTAL|41|OPER|"
    return [header, *(line for lines in units for line in lines)]


def report(*records, recipient="SYNGEN", created="20240116010000"):
    return [f"AAA|E0141004|D|{created}|EC|ECVAA|BP|{recipient}|7|OPER|", "NOH|20240115|1|", "SP8|1|", *records]


def volumes_of(desk, day=DAY):
    return [(row["run"], row["bm_unit"], row["metered_volume_mwh"]) for row in desk.rows(VOLUMES, day)]


def contracts_of(desk):
    return [(row["recipient"], row["reference"], row["contract_volume_mwh"]) for row in desk.rows("contracts", DAY)]


def told(findings):
    return [(f.weight, f.row, f.column, f.found) for f in findings]


def test_each_unit_has_the_day_and_run_of_its_own_record(desk):
    lines = volumes(unit("T_SYN-1", "5|E"), unit("T_SYN-2", "7|I", day="20240116", run="II"), unit("T_SYN-3", "9|I"))

    came = desk.load_files({"C0421_a": closed(lines)})

    assert came.findings == []
    assert volumes_of(desk) == [("SF", "T_SYN-1", 5), ("SF", "T_SYN-3", -9)]
    assert volumes_of(desk, NEXT_DAY) == [("II", "T_SYN-2", -7)]


def test_import_is_below_zero_export_above_and_zero_has_no_sign(desk):
    desk.load_files({"C0421_a": closed(volumes(unit("T_SYN-1", "0|I", "0.000|E", "0.001|I", "0.001|E")))})

    found = [row["metered_volume_mwh"] for row in desk.rows(VOLUMES, DAY)]
    assert [str(volume) for volume in found] == ["0.0", "0.0", "-0.001", "0.001"]


def test_a_unit_that_comes_again_is_replaced_whole_and_the_others_stay(desk):
    first = volumes(unit("T_SYN-1", "5|E", "6|E"), unit("T_SYN-2", "7|I"))
    desk.load_files({"C0421_a": closed(first)})

    desk.load_files({"C0421_b": closed(volumes(unit("T_SYN-1", "50|E"), created="20240119093000"))})

    assert volumes_of(desk) == [("SF", "T_SYN-1", 50), ("SF", "T_SYN-2", -7)]


def test_a_unit_whose_later_record_has_no_periods_has_no_volumes(desk):
    desk.load_files({"C0421_a": closed(volumes(unit("T_SYN-1", "5|E"), unit("T_SYN-2", "7|I")))})
    later = volumes(unit("T_SYN-1"), unit("T_SYN-2", "8|I"), created="20240119093000")

    desk.load_files({"C0421_b": closed(later)})

    assert volumes_of(desk) == [("SF", "T_SYN-2", -8)]


def test_volumes_under_a_unit_that_cannot_be_read_do_not_go_to_the_unit_before(desk):
    lines = volumes(unit("T_SYN-1", "5|E"), unit("T_SYN-2", "7|I"))
    lines[3] = "ABV|T_SYN-2|20240115|SF|"

    came = desk.load_files({"C0421_a": closed(lines)})

    assert [(f.row, f.found) for f in came.findings] == [
        (4, "3 fields: ABV|T_SYN-2|20240115|SF|"),
        (5, "ABP without ABV"),
    ]
    assert volumes_of(desk) == [("SF", "T_SYN-1", 5)]
    assert desk.marks(VOLUMES, DAY) == [(None, None)]


def test_a_file_of_two_days_that_has_lost_its_end_leaves_both_in_doubt(desk):
    lines = volumes(unit("T_SYN-1", "5|E"), unit("T_SYN-1", "7|I", day="20240116"))

    desk.load_files({"C0421_a": "\n".join(lines) + "\n"})

    assert desk.marks(VOLUMES, DAY) == desk.marks(VOLUMES, NEXT_DAY) == [(None, None)]


def test_an_odd_run_is_told_of_wherever_in_the_file_it_stands(desk):
    lines = volumes(unit("T_SYN-1", "5|E"), unit("T_SYN-2", "7|I", run="QQ"), unit("T_SYN-3", "7|I", run="QQ"))

    came = desk.load_files({"C0421_a": closed(lines)})

    assert told(came.findings) == [("warning", 0, "ABV", "QQ")]
    assert ("QQ", "T_SYN-2", -7) in volumes_of(desk)


def test_reports_made_for_two_parties_stand_beside_each_other(desk):
    one, other = report(CONTRACT.format(1, 12.5)), report(CONTRACT.format(1, 12.5), recipient="SYNSUP")

    came = desk.load_files({"E0141_a": closed(one), "E0141_b": closed(other)})

    assert came.findings == []
    assert contracts_of(desk) == [("SYNGEN", "SYNREF1", 12.5), ("SYNSUP", "SYNREF1", 12.5)]


def test_one_report_brings_contracts_and_reallocations_and_what_it_has_none_of_has_arrived_too(desk):
    came = desk.load_files({"E0141_a": closed(report(CONTRACT.format(1, 12.5)))})

    assert [(file.job, file.outcome, file.new) for file in came.files] == [
        ("e0141_contracts", "kept", 1),
        ("e0141_reallocations", "kept", 0),
    ]
    assert [arrival.empty for arrival in desk.store.arrivals("contracts", DAY)] == [False]
    assert [arrival.empty for arrival in desk.store.arrivals("reallocations", DAY)] == [True]
    assert not desk.marks("reallocations", DAY)


@pytest.mark.parametrize(
    ("created", "left"),
    [
        ("20240117010000", [("SYNSUP", "SYNREF1", 12.5)]),
        ("20240115010000", [("SYNGEN", "SYNREF1", 12.5), ("SYNSUP", "SYNREF1", 12.5)]),
    ],
    ids=["later", "earlier"],
)
def test_a_later_report_without_contracts_takes_those_of_its_party_back(desk, created, left):
    one, other = report(CONTRACT.format(1, 12.5)), report(CONTRACT.format(1, 12.5), recipient="SYNSUP")
    desk.load_files({"E0141_a": closed(one), "E0141_b": closed(other)})

    desk.load_files({"E0141_c": closed(report(REALLOCATION.format(2, 20), created=created))})

    assert contracts_of(desk) == left


def test_of_two_reports_that_come_together_the_later_counts_though_it_has_no_contracts(desk):
    with_one = closed(report(CONTRACT.format(1, 12.5)))
    without = closed(report(REALLOCATION.format(2, 20), created="20240117010000"))

    desk.load_files({"E0141_b": with_one, "E0141_a": without})

    assert contracts_of(desk) == []
    assert len(desk.rows("reallocations", DAY)) == 1


def test_a_later_report_that_has_lost_its_end_takes_no_contracts_back(desk):
    desk.load_files({"E0141_a": closed(report(CONTRACT.format(1, 12.5)))})

    lines = report(REALLOCATION.format(2, 20), created="20240117010000")
    desk.load_files({"E0141_b": "\n".join(lines) + "\n"})

    assert contracts_of(desk) == [("SYNGEN", "SYNREF1", 12.5)]
    assert desk.marks("contracts", DAY) == desk.marks("reallocations", DAY) == [(None, None)]


def test_a_later_report_whose_contract_is_refused_takes_no_contracts_back(desk):
    desk.load_files({"E0141_a": closed(report(CONTRACT.format(1, 12.5)))})

    desk.load_files({"E0141_b": closed(report(CONTRACT.format(1, "ten"), created="20240117010000"))})

    assert contracts_of(desk) == [("SYNGEN", "SYNREF1", 12.5)]
    assert desk.marks("contracts", DAY) == [(1, None)]


def test_a_contract_with_one_side_is_refused_and_its_neighbour_kept(desk):
    one_sided = "ECN|SYNAA1|SYNREF2|3|SYNAG|SYNAA1|SYNGEN|SYNTHETIC One|P||||"

    came = desk.load_files({"E0141_a": closed(report(CONTRACT.format(1, 12.5), one_sided))})

    assert told(came.findings) == [("refused", 5, "party_2", "")]
    assert contracts_of(desk) == [("SYNGEN", "SYNREF1", 12.5)]


def test_a_report_has_one_first_record_unless_its_flow_says_otherwise(desk):
    lines = report(CONTRACT.format(1, 12.5), "NOH|20240116|1|", "SP8|1|", CONTRACT.format(1, 99))

    came = desk.load_files({"E0141_a": closed(lines)})

    assert [(f.row, f.found) for f in came.findings if f.column == "NOH"] == [(5, "NOH again")]
    assert contracts_of(desk) == [("SYNGEN", "SYNREF1", 12.5)]


def test_rows_bear_when_and_for_whom_the_report_was_made(desk):
    desk.load_files({"E0141_a": closed(report(REALLOCATION.format(1, 33.33333)))})

    (row,) = desk.rows("reallocations", DAY)
    assert (row["recipient"], row["percentage"]) == ("SYNGEN", 33.33333)
    assert row["created_time"] == datetime(2024, 1, 16, 1, tzinfo=UTC)


def test_the_records_that_open_a_file_are_told_each_time_that_they_come():
    lines = volumes(unit("T_SYN-1", "5|E"), unit("T_SYN-2", day="20240116", run="II"))

    raw = pipe_flow.read("a", closed(lines))

    assert raw.heads == {
        "AAA:3": ("20240118093000", "20240118093000"),
        "ABV:1": ("T_SYN-1", "T_SYN-2"),
        "ABV:2": ("20240115", "20240116"),
        "ABV:3": ("SF", "II"),
        "ABV:4": ("1", "1"),
    }
