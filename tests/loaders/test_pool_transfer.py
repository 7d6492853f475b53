"""Line loss factors in pool transfer format: each factor goes to its own class and day, or is told of."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.errors import UnreadableFile
from loaders.formats import pipe_flow, pool_transfer

DATASET = "line_loss_factors"
DAY, NEXT = date(2024, 4, 1), date(2024, 4, 2)
NAME = "SYNTHETIC_llfsynd20240301.ptf"


def exclusive_or(lines):
    """The checksum as the interface definition words it, one word of four bytes after the other."""
    total = 0
    for text in lines:
        data = text.encode()
        for start in range(0, len(data), 4):
            total ^= struct.unpack(">I", data[start : start + 4].ljust(4, b"\0"))[0]
    return total


def head(flow="D0265001", created="20240301093000", flag="OPER"):
    return f"ZHD||{flow}|R|SYND|G|SYNC|{created}||||{flag}"


def factors(created="20240301093000", first="1.050"):
    """Two classes, one of two days and one of one."""
    return [
        *(head(created=created), "DIS|SYND"),
        *("LLF|500", "SDT|20240401", f"SPL|1|{first}", "SPL|2|1.060", "SDT|20240402", "SPL|1|1.070"),
        *("LLF|501", "SDT|20240401", "SPL|1|0.990"),
    ]


def closed(lines, count=None, total=None):
    count = len(lines) + 1 if count is None else count
    return "\n".join([*lines, f"ZPT|{count}|{exclusive_or(lines) if total is None else total}"]) + "\n"


def zipped(text, name="llfsynd20240301.ptf"):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, text)
    return packed.getvalue()


def told(findings):
    return [(f.weight, f.row, f.column, f.found, f.wanted) for f in findings]


def kept(desk, day=DAY):
    columns = ("line_loss_factor_class_id", "settlement_period", "line_loss_factor")
    return [tuple(row[name] for name in columns) for row in desk.rows(DATASET, day)]


WHOLE = [("500", 1, 1.05), ("500", 2, 1.06), ("501", 1, 0.99)]


@pytest.mark.parametrize(("time", "total"), [("20110804141806", 995520093), ("20110804095850", 810708569)])
def test_the_checksum_is_that_of_files_which_were_sent_in_this_format(time, total):
    """Totals as the test of a public writer of flow P0142 has them (uk.co.utilisoft.parms)."""
    groups = [f"SP4|_{letter}||||" for letter in "ABCDEFGHJKLMNP"]

    assert (
        pipe_flow.checksum(
            [line.encode() for line in (f"ZHD|P0142001|X|EBES|Z|POOL|{time}", "SUB|H|X|EBES|20110731|M", *groups)]
        )
        == total
    )


def test_the_count_of_a_real_file_takes_in_its_first_and_last_line():
    """40672767 lines (test of WessexWater/chellow) are whole classes of a year only if ZHD, DIS and ZPT count."""
    class_and_days_and_periods = 1 + 365 + 365 * 48  # as many with a day of 46 and one of 50

    assert [extra for extra in range(5) if (40_672_767 - extra) % class_and_days_and_periods == 0] == [3]


def test_the_zip_of_the_portal_brings_each_factor_to_its_class_day_and_period(desk):
    came = desk.load_files({"llfsynd20240301ptf.zip": zipped(closed(factors()))})

    assert came.findings == []
    assert [(file.outcome, file.job) for file in came.files] == [("unpacked", None), ("kept", "svallf")]
    assert kept(desk) == WHOLE
    assert kept(desk, NEXT) == [("500", 1, 1.07)]
    assert {row["distributor_id"] for row in desk.rows(DATASET, DAY)} == {"SYND"}


@pytest.mark.parametrize("text", ["", "\r\n"])
def test_an_empty_member_has_arrived_says_nothing_and_takes_nothing_back(desk, text):
    desk.load_files({NAME: closed(factors())})

    came = desk.load_files({"llfsynd20240401ptf.zip": zipped(text, "llfsynd20240401.ptf")})

    assert [(f.weight, f.row, f.found, f.wanted) for f in came.findings] == [
        ("warning", 0, "no bytes", "records from ZHD to ZPT")
    ]
    assert [(file.outcome, file.job, file.rows_read) for file in came.files[1:]] == [("kept", "svallf", 0)]
    assert kept(desk) == WHOLE
    assert [arrival.empty for arrival in desk.store.arrivals(DATASET, None)] == [True]
    assert {arrival.empty for arrival in desk.store.arrivals(DATASET, DAY)} == {False}


def test_a_file_of_header_and_trailer_alone_has_arrived_empty(desk):
    came = desk.load_files({NAME: closed([head(), "DIS|SYND"])})

    assert came.findings == []
    assert [(file.outcome, file.job) for file in came.files] == [("kept", "svallf")]
    assert [arrival.empty for arrival in desk.store.arrivals(DATASET, None)] == [True]


@pytest.mark.parametrize(
    ("text", "row", "found"),
    [
        (gzip.compress(closed(factors()).encode(), mtime=0)[:12], 0, "no bytes"),
        ("\n".join([head(), "DIS|SYND", ""]), 2, "no ZPT after 2 records"),
    ],
)
def test_half_a_file_without_a_factor_is_refused_and_has_not_arrived(desk, text, row, found):
    came = desk.load_files({NAME: text})

    assert [(f.weight, f.row, f.found) for f in came.findings] == [("refused", row, found)]
    assert [(file.outcome, file.job) for file in came.files] == [("refused", "svallf")]
    assert desk.store.arrivals(DATASET, None) == []


def test_a_file_whose_lines_were_all_refused_has_not_arrived_empty(desk):
    came = desk.load_files({NAME: closed([head(), "DIS|SYND", "SPL|1|1.05"])})

    assert [(f.row, f.found) for f in came.findings] == [(3, "SPL without SDT")]
    assert desk.store.arrivals(DATASET, None) == []


def test_an_empty_file_that_is_not_of_this_format_is_no_answer(desk):
    came = desk.load_files({"SYNTHETIC_llfsynd20240301.csv": b""})

    assert [(f.row, f.found) for f in came.findings] == [(0, "no bytes")]
    assert [file.outcome for file in came.files] != ["kept"]


@pytest.mark.parametrize("letters", range(len("SPL|1|"), len("SPL|1|0.990") + 1))
def test_a_file_cut_within_a_factor_gives_no_factor_that_was_not_sent(desk, letters):
    """0.99 and 0 are numbers too: without a line end nobody can tell that the factor was 0.990."""
    text = closed(factors())

    came = desk.load_files({NAME: text[: text.index("SPL|1|0.990") + letters]})

    assert told(came.findings) == [
        ("refused", 11, "SPL", f"no line end after {'SPL|1|0.990'[:letters]}", "a record with its line end"),
        ("refused", 11, "ZPT", "no ZPT after 11 records", "a ZPT record with count and checksum at the end"),
    ]
    assert kept(desk) == WHOLE[:2]
    assert desk.marks(DATASET, DAY) == [(None, None)]
    assert desk.marks(DATASET, NEXT) == [(None, None)]


@pytest.mark.parametrize(
    ("other", "found", "wanted"),
    [
        ({"count": 13}, "12 records", "13 as ZPT says"),
        ({"total": 7}, f"checksum {exclusive_or(factors())}", "7 as ZPT says"),
        ({"count": "x"}, f"ZPT|x|{exclusive_or(factors())}", "ZPT|record count|checksum"),
    ],
)
def test_a_trailer_that_does_not_agree_is_told_of_once_and_the_rows_are_kept(desk, other, found, wanted):
    came = desk.load_files({NAME: closed(factors(), **other)})

    assert told(came.findings) == [("refused", 12, "ZPT", found, wanted)]
    assert kept(desk) == WHOLE
    assert desk.marks(DATASET, DAY) == [(None, None)]


@given(st.integers(1, 10))
def test_a_file_that_lost_a_line_does_not_agree_with_its_count(lost):
    lines = factors()
    short = lines[:lost] + lines[lost + 1 :]

    raw = pool_transfer.read("a", closed(short, len(lines) + 1, exclusive_or(lines)))

    assert raw.cut
    assert (raw.cut.found, raw.cut.wanted) == ("11 records", "12 as ZPT says")


def test_a_line_of_an_unknown_kind_ends_its_class_and_the_next_class_is_read(desk):
    """It may have been the class that the days below it are of: they are not given to the one before."""
    lines = factors()
    lines[lines.index("LLF|501")] = "LLG|501"
    lines += ["LLF|502", "SDT|20240401", "SPL|1|1.020"]

    came = desk.load_files({NAME: closed(lines)})

    assert told(came.findings) == [
        ("refused", 9, "LLG", "LLG|501", "a record DIS, LLF, SDT, SPL or ZPT"),
        ("refused", 10, "SDT", "SDT without LLF", "LLF before it"),
        ("refused", 11, "SPL", "SPL without SDT", "SDT before it"),
    ]
    assert kept(desk) == [*WHOLE[:2], ("502", 1, 1.02)]


@pytest.mark.parametrize("torn", ["SDT", "SDT|20240402|", "SDT|2024040é"])
def test_factors_under_a_day_that_cannot_be_read_do_not_go_to_the_day_before(desk, torn):
    lines = factors()
    lines[lines.index("SDT|20240402")] = torn

    came = desk.load_files({NAME: closed(lines)})

    assert [(f.row, f.column) for f in came.findings] == [(7, "SDT"), (8, "SPL")]
    assert came.findings[1].found == "SPL without SDT"
    assert kept(desk) == WHOLE
    assert kept(desk, NEXT) == []


def test_a_second_distributor_and_lines_after_the_end_are_refused(desk):
    lines = [*factors(), "DIS|SYNE", "LLF|500", "SDT|20240401", "SPL|1|1.5"]

    came = desk.load_files({NAME: closed(lines) + "SPL|3|1.0\n"})

    assert [(f.row, f.column, f.found) for f in came.findings] == [
        (12, "DIS", "DIS again"),
        (13, "LLF", "LLF without DIS"),
        (14, "SDT", "SDT without LLF"),
        (15, "SPL", "SPL without SDT"),
        (17, "ZPT", "SPL|3|1.0"),
    ]
    assert kept(desk) == WHOLE


@pytest.mark.parametrize(
    ("first", "found", "wanted"),
    [
        (head(flow="D0265002"), "D0265002", "flow D0265 in version 001"),
        (head(flow="D0269001"), "D0269001", "flow D0265 in version 001"),
        (head(created="20249901093000"), "20249901093000", "a time yyyymmddhhmmss in field 7"),
        ("ZHD|P0142001|X|SYND|Z|POOL|20240301093000", None, "a ZHD record of 11 fields"),
    ],
)
def test_a_header_that_is_not_known_is_named_and_nothing_is_read(first, found, wanted):
    with pytest.raises(UnreadableFile) as refused:
        pool_transfer.read("a", closed([first, *factors()[1:]]))

    assert (refused.value.args[0].found, refused.value.args[0].wanted) == (found or first, wanted)


def test_of_two_files_the_one_made_later_counts_and_what_it_lacks_stays_in_force(desk):
    late = factors(created="20240401120000", first="1.055")[:-3]
    desk.load_files({"SYNTHETIC_llfsynd20240401.ptf": closed(late)})

    came = desk.load_files({NAME: closed(factors())})

    assert [file.older for file in came.files] == [3]
    assert kept(desk) == [("500", 1, 1.055), ("500", 2, 1.06), ("501", 1, 0.99)]


def test_a_test_file_is_kept_with_a_warning(desk):
    came = desk.load_files({NAME: closed([head(flag="TR01"), *factors()[1:]])})

    assert told(came.findings) == [("warning", 1, "ZHD", "TR01", "OPER or nothing as test flag")]
    assert kept(desk) == WHOLE


@pytest.mark.parametrize(
    "form",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda _: closed([line + "\r" for line in factors()]),
        lambda text: text.replace("\n", "\n\n"),
    ],
    ids=["carriage returns", "no last line end", "carriage returns in the checksum", "empty lines"],
)
def test_a_file_reads_the_same_whatever_its_line_ends(desk, form):
    came = desk.load_files({NAME: form(closed(factors()))})

    assert came.findings == []
    assert kept(desk) == WHOLE
