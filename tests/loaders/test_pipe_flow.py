"""A pipe flow is read by its version, row by row under its parents, and a damaged one says what is wrong with it."""

from __future__ import annotations

import gzip
import struct
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders import all_jobs
from loaders.errors import UnreadableFile
from loaders.formats import pipe_flow
from loaders.store.session import Store

JOBS = ["s0142_accounts", "s0142_bm_units", "s0142_parties", "s0142_periods"]
DATASETS = [f"settlement_report_{name}" for name in ("accounts", "units", "parties", "periods")]
UNITS = "settlement_report_units"
DAY = date(2024, 1, 15)
NAME = "SYNTHETIC_S0142_20240115_II_20240118093000"


def line(*fields):
    return "|".join(map(str, fields)) + "|"


def exclusive_or(lines):
    """The checksum as the interface definition words it, one word of four bytes after the other."""
    total = 0
    for text in lines:
        data = text.encode()
        for start in range(0, len(data), 4):
            total ^= struct.unpack(">I", data[start : start + 4].ljust(4, b"\0"))[0]
    return total


def closed(lines, count=None, total=None):
    count = len(lines) + 1 if count is None else count
    return "\n".join([*lines, line("ZZZ", count, exclusive_or(lines) if total is None else total)]) + "\n"


def head(version="013", run="II", created="20240118093000", flag="OPER", flow="S0142"):
    return [
        line("AAA", flow + version, "D", created, "SA", "UKDC", "PB", "PORTAL", 41, flag),
        line("SRH", "20240115", run, 3, 2, "20240115", 1, 1, "SYNTHNG"),
    ]


def party(name):
    return line("BPH", "20240115", "II", 3, 2, "20240115", 1, 1, name)


def unit(name, charge=0, fields=25):
    return line("BP7", name, charge, *[""] * (fields - 2))


def account(flag, charge=0):
    return line("APD", flag, charge, *[0] * 12)


def daily(cost, fields=12):
    return line("APC", cost, *[0] * (fields - 1))


def system(period, price):
    return line("SPI", period, price, *[""] * 51)


def report(**other):
    """A small report with all that it holds, and some records that no job keeps."""
    return [
        *head(**other),
        system(1, 64.25),
        line("MD1", "SYNMIDP", 25, 61.5, 100),
        system(2, -3.5),
        party("SYNTHA"),
        daily(1.25),
        line("SP7", 1),
        line("PPC", *[0] * 10),
        account("P", 10),
        account("C", 20),
        unit("T_SYN-1", 5),
        line("SP7", 2),
        unit("T_SYN-1", 7),
        party("SYNTHB"),
        daily(2.5),
        line("SP7", 1),
        account("C", 30),
        unit("2__ASYNB001", 9),
    ]


def told(findings):
    return [(f.weight, f.row, f.column, f.found, f.wanted) for f in findings]


def units_of(desk, *columns):
    return [tuple(row[name] for name in columns) for row in desk.rows(UNITS, DAY)]


def test_the_checksum_is_that_of_the_worked_example():
    records = [
        b"AAA|E0041001|D|20310103093000|EN|SYNTHEN1|EC|ECVAA|17|TR01|",
        b"EDN|SYNAA00001|SYNKEY0001|SYNAA00001|SYNREF0001|20310104|20310104|",
        b"CD9|1|12.5|",
        b"CD9|2|-3.25|",
    ]

    assert [pipe_flow.checksum([record]) for record in records] == [0x62670443, 0x4D363977, 0x5C0D744E, 0x5F0A2133]
    assert pipe_flow.checksum(records) == 743860297


@given(st.data())
def test_any_other_byte_gives_another_checksum(data):
    records = [text.encode() for text in report()]
    number = data.draw(st.integers(0, len(records) - 1))
    place = data.draw(st.integers(0, len(records[number]) - 1))
    byte = data.draw(st.integers(0, 127).filter(lambda one: one != records[number][place]))
    altered = [*records]
    altered[number] = records[number][:place] + bytes([byte]) + records[number][place + 1 :]

    assert pipe_flow.checksum(altered) != pipe_flow.checksum(records)


@given(st.integers(2, 18))
def test_a_report_that_lost_a_record_does_not_agree_with_its_count(lost):
    lines = report()
    kept = lines[:lost] + lines[lost + 1 :]

    raw = pipe_flow.read("a", closed(kept, len(lines) + 1, exclusive_or(lines)))

    assert raw.cut
    assert (raw.cut.found, raw.cut.wanted) == (f"{len(lines)} records", f"{len(lines) + 1} as ZZZ says")


def test_one_report_feeds_every_job_of_its_flow(desk):
    came = desk.load_files({NAME: closed(report())})

    assert came.findings == []
    assert [(file.job, file.outcome, file.new) for file in came.files] == [
        (job, "kept", count) for job, count in zip(JOBS, (3, 3, 2, 2), strict=True)
    ]
    assert units_of(desk, "run", "settlement_period", "party", "bm_unit", "information_imbalance_cashflow_gbp") == [
        ("II", 1, "SYNTHA", "T_SYN-1", 5),
        ("II", 1, "SYNTHB", "2__ASYNB001", 9),
        ("II", 2, "SYNTHA", "T_SYN-1", 7),
    ]
    accounts = desk.rows(DATASETS[0], DAY)
    assert [(row["party"], row["production_consumption_flag"], row["source_row"]) for row in accounts] == [
        ("SYNTHA", "C", 11),
        ("SYNTHA", "P", 10),
        ("SYNTHB", "C", 18),
    ]
    assert [row["bscco_cost_allocation_gbp"] for row in desk.rows(DATASETS[2], DAY)] == [1.25, 2.5]
    assert [row["system_buy_price"] for row in desk.rows(DATASETS[3], DAY)] == [64.25, -3.5]
    assert not any(desk.marks(dataset, DAY) for dataset in DATASETS)


def test_nothing_between_pipes_is_absent_and_a_printed_zero_is_a_value(desk):
    lines = [*head(), party("SYNTHA"), line("SP7", 1), line("BP7", "T_SYN-1", 0, "", *[""] * 22)]

    desk.load_files({NAME: closed(lines)})

    columns = ("information_imbalance_cashflow_gbp", "bm_unit_period_non_delivery_charge_gbp")
    assert units_of(desk, *columns) == [(0.0, None)]


def test_a_version_has_the_fields_that_it_defines(desk):
    wide = [party("SYNTHA"), line("SP7", 1), unit("T_SYN-1", 5, 26) + "-2.5|"]
    newer = [*head("014", "SF"), *wide, party("SYNTHB"), daily(1, 12) + "8.5|"]

    came = desk.load_files({"S0142_new": closed(newer), "S0142_old": closed([*head("013"), *wide])})

    assert told(came.findings) == [("warning", 5, "BP7", "27 fields", "25 fields")]
    assert units_of(desk, "run", "period_direct_compensation_cashflow_gbp") == [("II", None), ("SF", -2.5)]
    assert [row["daily_direct_compensation_cashflow_gbp"] for row in desk.rows(DATASETS[2], DAY)] == [8.5]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("S0142008", "S0142 in version 013 or 014"),
        ("S0142015", "S0142 in version 013 or 014"),
        ("C0291002", "flow C0421 or E0141 or S0142"),
    ],
)
def test_a_flow_or_version_that_is_not_known_is_named_and_its_neighbours_load(desk, kind, wanted):
    strange = closed(report(version=kind[5:], flow=kind[:5]))

    came = desk.load_files({"S0142_strange": strange, NAME: closed(report())})

    assert told(came.findings) == [("refused", 1, "AAA", kind, wanted)]
    assert "Add the layout" in came.findings[0].todo
    assert [file.outcome for file in came.files if file.file == NAME] == ["kept"] * 4
    assert len(desk.rows(UNITS, DAY)) == 3


def test_a_report_without_its_end_keeps_what_is_there_and_is_incomplete_in_all_that_it_feeds(desk):
    came = desk.load_files({NAME: "\n".join(report()) + "\n"})

    wanted = "a ZZZ record with count and checksum at the end"
    assert told(came.findings) == [("refused", 19, "ZZZ", "no ZZZ after 19 records", wanted)]
    assert [desk.marks(dataset, DAY) for dataset in DATASETS] == [[(None, None)]] * 4
    assert len(desk.rows(UNITS, DAY)) == 3


@pytest.mark.parametrize(
    ("last", "wanted"),
    [("BP7|2__ASYNB001|9|", "25 fields"), ("BP7|2__ASYN", "a record that ends with a pipe")],
)
def test_a_record_that_is_cut_in_the_middle_is_no_record(desk, last, wanted):
    lines = [*report()[:-1], last]

    came = desk.load_files({NAME: "\n".join(lines)})

    assert {(f.row, f.column, f.wanted) for f in came.findings} == {
        (19, "ZZZ", "a ZZZ record with count and checksum at the end"),
        (19, "BP7", wanted),
    }
    assert len(desk.rows(UNITS, DAY)) == 2


@pytest.mark.parametrize(
    ("other", "found", "wanted"),
    [
        ({"count": 21}, "20 records", "21 as ZZZ says"),
        ({"total": 7}, f"checksum {exclusive_or(report())}", "7 as ZZZ says"),
        ({"count": "x"}, f"ZZZ|x|{exclusive_or(report())}|", "ZZZ|record count|checksum|"),
    ],
)
def test_a_trailer_that_does_not_agree_is_told_of_once_and_the_rows_are_kept(desk, other, found, wanted):
    came = desk.load_files({NAME: closed(report(), **other)})

    assert told(came.findings) == [("refused", 20, "ZZZ", found, wanted)]
    assert [desk.marks(dataset, DAY) for dataset in DATASETS] == [[(None, None)]] * 4
    assert len(desk.rows(UNITS, DAY)) == 3


def test_a_child_before_its_parent_is_named_and_is_not_given_to_another_one(desk):
    lines = report()
    lines.insert(lines.index(party("SYNTHB")) + 1, unit("T_SYN-8"))

    came = desk.load_files({NAME: closed(lines)})

    assert told(came.findings) == [("refused", 16, "BP7", "BP7 without SP7", "SP7 before it")]
    assert units_of(desk, "bm_unit") == [("T_SYN-1",), ("2__ASYNB001",), ("T_SYN-1",)]
    assert [bool(desk.marks(dataset, DAY)) for dataset in DATASETS] == [False, True, False, False]


def test_children_of_a_parent_that_cannot_be_read_do_not_go_to_the_one_before(desk):
    lines = report()
    lines[lines.index(line("SP7", 2))] = "SP7|2"

    came = desk.load_files({NAME: closed(lines)})

    assert told(came.findings) == [
        ("refused", 13, "SP7", "SP7|2", "a record that ends with a pipe"),
        ("refused", 14, "BP7", "BP7 without SP7", "SP7 before it"),
    ]
    assert units_of(desk, "settlement_period", "party") == [(1, "SYNTHA"), (1, "SYNTHB")]
    assert [bool(desk.marks(dataset, DAY)) for dataset in DATASETS] == [True, True, False, False]


def test_a_report_that_does_not_say_its_day_and_run_is_not_read(desk):
    lines = report()
    del lines[1]

    came = desk.load_files({NAME: closed(lines)})

    assert [(f.row, f.column, f.wanted) for f in came.findings] == [(2, "SRH", "an SRH record with date and run")]
    assert [file.outcome for file in came.files] == ["refused"]
    assert desk.rows(UNITS, DAY) == []


def test_letters_beyond_ascii_and_lines_after_the_end_are_refused(desk):
    lines = report()
    lines[-1] = unit("2__ASYNé")

    came = desk.load_files({NAME: closed(lines) + "BP7|T_SYN-8|\n"})

    assert {(f.row, f.column, f.wanted) for f in came.findings} == {
        (21, "ZZZ", "nothing after ZZZ"),
        (19, "BP7", "a record in ASCII"),
    }


def test_an_odd_run_a_test_flag_and_records_of_no_version_are_warnings(desk):
    lines = [*report(run="QQ", flag="TR01"), line("XYZ", 1)]

    came = desk.load_files({NAME: closed(lines)})

    assert {(f.weight, f.column, f.found) for f in came.findings} == {
        ("warning", "AAA", "TR01"),
        ("warning", "SRH", "QQ"),
        ("warning", "XYZ", "1 records XYZ"),
    }
    assert {row["run"] for row in desk.rows(UNITS, DAY)} == {"QQ"}


def test_of_two_reports_of_a_run_the_one_made_later_counts_in_whatever_order_they_come(desk):
    early, late = report(), report(created="20240119120000")
    late[late.index(unit("T_SYN-1", 5))] = unit("T_SYN-1", 500)
    late.remove(unit("T_SYN-1", 7))

    desk.load_files({"S0142_late": closed(late)})
    came = desk.load_files({"S0142_early": closed(early)})

    assert {file.job: file.older for file in came.files}["s0142_bm_units"] == 3
    assert units_of(desk, "settlement_period", "information_imbalance_cashflow_gbp") == [(1, 500), (1, 9)]


def test_runs_of_a_day_stand_beside_each_other(desk):
    desk.load_files({"S0142_a": closed(report()), "S0142_b": closed(report(run="SF"))})

    assert [row["run"] for row in desk.rows(UNITS, DAY)] == ["II"] * 3 + ["SF"] * 3


def test_a_whole_report_mends_one_that_had_no_end(desk):
    desk.load_files({NAME: "\n".join(report()) + "\n"})

    desk.load_files({NAME: closed(report())})

    assert [desk.marks(dataset, DAY) for dataset in DATASETS] == [[]] * 4


@pytest.mark.parametrize(
    ("form", "findings"),
    [
        (lambda text: text.replace("\n", "\r\n").encode(), []),
        (lambda text: gzip.compress(text.encode()), []),
        (lambda text: text.rstrip("\n").encode(), []),
        (lambda text: b"\xef\xbb\xbf" + text.encode(), ["a byte order mark"]),
        (lambda _: closed([text + "\r" for text in report()]).encode(), []),
    ],
    ids=["carriage returns", "gzip", "no last line end", "byte order mark", "carriage returns in the checksum"],
)
def test_a_report_reads_the_same_however_it_is_packed(desk, form, findings):
    came = desk.load_files({NAME: form(closed(report()))})

    assert [(finding.weight, finding.found) for finding in came.findings] == [("warning", text) for text in findings]
    assert len(desk.rows(UNITS, DAY)) == 3


def test_the_same_report_again_does_nothing(desk):
    desk.load_files({NAME: closed(report())})
    version = desk.store.version()

    came = desk.load_files({NAME: closed(report())})

    assert [(file.job, file.outcome) for file in came.files] == [(job, "repeated") for job in JOBS]
    assert desk.store.version() == version


def test_jobs_that_a_load_did_not_come_to_read_the_report_the_next_time(desk, monkeypatch):
    keep = Store.keep_load

    def stops(store, said):
        if said.job == "s0142_parties":
            raise OSError("no space left")
        return keep(store, said)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "keep_load", stops)
        with pytest.raises(OSError, match="no space"):
            desk.load_files({NAME: closed(report())})
    came = desk.load_files({NAME: closed(report())})

    outcomes = ["repeated", "repeated", "kept", "kept"]
    assert {file.job: file.outcome for file in came.files} == dict(zip(JOBS, outcomes, strict=True))
    assert len(desk.rows(DATASETS[2], DAY)) == 2


def test_an_answer_to_a_file_is_no_report():
    answer = closed(report()).replace("|D|", "|R|", 1)

    with pytest.raises(UnreadableFile) as refused:
        pipe_flow.read("a", answer)

    assert refused.value.args[0].wanted == "D, a file of data"


def test_every_job_takes_records_that_the_reader_makes_rows_of():
    for name, job in all_jobs().items():
        if "pipe flow" in job.read.forms:
            layouts = [flow for (flow_name, _), flow in pipe_flow.FLOWS.items() if flow_name == job.read.header]
            assert layouts, name
            assert all(set(job.tables) <= flow.rows for flow in layouts), name


def test_every_row_bears_its_parents_and_every_parent_is_known():
    for flow in pipe_flow.FLOWS.values():
        for code, parent in flow.parents.items():
            assert code in flow.widths
            assert parent == "" or parent in flow.carried
        assert flow.rows <= set(flow.parents)
        assert not flow.counted & set(flow.widths)
