"""Workbooks: the first sheet with headings is read as the CSV that it would be; what cannot be read is told of."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time

import pyarrow as pa
import pytest
import xlsxwriter
import xlwt

from loaders.errors import UnreadableFile
from loaders.formats import excel
from loaders.job import Column
from loaders.steps.convert import typed

HEADINGS = [
    "Settlement Date",
    "Settlement Period",
    "System Sell Price(£/MWh)",
    "System Buy Price(£/MWh)",
    "Net Imbalance Volume(MWh)",
]
PRICES = [[date(2024, 1, 15), 1, 50.25, 50.25, -10.0], [date(2024, 1, 15), 2, 51, 51, 12.5]]


def xlsx(*sheets, hidden=()):
    """A workbook with one sheet a table; a table is rows from the first, cells from the first."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    day, moment = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
    clock = book.add_format({"num_format": "hh:mm"})
    for number, rows in enumerate(sheets):
        sheet = book.add_worksheet(f"Sheet {number + 1}")
        if number in hidden:
            sheet.hide()
        elif hidden:
            sheet.activate()
            sheet.set_first_sheet()
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(place, column, cell, moment)
                elif isinstance(cell, date):
                    sheet.write_datetime(place, column, cell, day)
                elif isinstance(cell, time):
                    sheet.write_datetime(place, column, cell, clock)
                elif isinstance(cell, str) and cell.startswith("="):
                    sheet.write_formula(place, column, cell, None, "#DIV/0!")
                elif cell is not None:
                    sheet.write(place, column, cell)
    book.close()
    return out.getvalue()


def xls(*sheets):
    book = xlwt.Workbook()
    day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    moment = xlwt.easyxf(num_format_str="DD/MM/YYYY HH:MM:SS")
    for number, rows in enumerate(sheets):
        sheet = book.add_sheet(f"Sheet {number + 1}")
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    style = moment if isinstance(cell, datetime) else day if isinstance(cell, date) else None
                    sheet.write(place, column, cell, *([style] if style else []))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


BOTH = pytest.mark.parametrize("write", [xlsx, xls], ids=["xlsx", "xls"])


def stopped(data):
    with pytest.raises(UnreadableFile) as error:
        excel.read("book.xlsx", data)
    return error.value.args[0].found


@BOTH
def test_a_workbook_of_prices_loads_as_its_csv_does(desk, write):
    lines = [",".join(HEADINGS), "15/01/2024,1,50.25,50.25,-10.0", "15/01/2024,2,51,51,12.5"]
    desk.load_files({"SYNTHETIC_sspsbpniv.csv": "\n".join(lines)})

    report = desk.load_files({"SYNTHETIC_sspsbpniv.xlsx": write([HEADINGS, *PRICES])})

    assert report.findings == []
    assert [(file.job, file.new, file.changed, file.unchanged) for file in report.files] == [("price_history", 0, 0, 2)]


@BOTH
def test_cells_are_text_as_a_csv_holds_them(write):
    # Beside a date, these are all that a cell can be.
    row = [7.0, -0.25, 123456789, True, False, " a ", "007", "2024-01-15", datetime(2024, 1, 15, 12, 30), None]

    fields = excel.read("f", write([[f"h{n}" for n in range(10)], row])).tables[""].fields

    wanted = ["7", "-0.25", "123456789", "true", "false", " a ", "007", "2024-01-15", "2024-01-15T12:30:00", ""]
    assert [values[0] for values in fields.values()] == wanted


@BOTH
def test_a_date_stays_a_date_and_midnight_is_one(write):
    row = [date(2024, 1, 15), datetime(2024, 1, 15)]

    fields = excel.read("f", write([["a", "b"], row])).tables[""].fields

    assert fields == {"a": [date(2024, 1, 15)], "b": [date(2024, 1, 15)]}


def test_a_time_of_day_stays_one():
    assert excel.read("f", xlsx([["a", "b"], [time(12, 30), 1]])).tables[""].fields["a"] == ["12:30:00"]


@BOTH
def test_a_time_without_a_zone_is_not_taken_for_one_in_utc(desk, write):
    row = desk.pn_row("T_SYN-1", 0, 30)
    bare = row | {"bmUnit": "T_SYN-2", "timeFrom": datetime(2024, 1, 15, 3)}

    report = desk.load_files({"PN_2024-01-15.xlsx": write([list(row), list(row.values()), list(bare.values())])})

    assert [(f.row, f.column, f.found) for f in report.findings] == [(3, "time_from", "2024-01-15T03:00:00")]
    assert len(desk.rows("physical_notifications")) == 1


def test_a_date_in_a_column_of_text_is_refused():
    # Excel makes a date of an identifier such as 1-2: what was typed is gone.
    values = excel.read("f", xlsx([["id", "n"], ["1-3", 1], [date(2024, 2, 1), 2]])).tables[""].fields["id"]

    column, odd = typed(values, Column.model_validate({"from": "id", "type": "text"}), pa.string())

    assert column.to_pylist() == ["1-3", None]
    assert odd == {1: "2024-02-01"}


@BOTH
@pytest.mark.parametrize("above", [0, 1, 5])
def test_lines_above_the_headings_are_no_rows_and_row_numbers_count_them(desk, write, above):
    lines = [["prices of a day"] if number % 2 == 0 else [] for number in range(above)]
    bad = [date(2024, 1, 15), 3, None, 1, 1]

    report = desk.load_files({"sspsbpniv.xlsx": write([*lines, HEADINGS, PRICES[0], [], bad, PRICES[1]])})

    assert [(f.row, f.column) for f in report.findings] == [(above + 4, "system_sell_price")]
    assert [row["source_row"] for row in desk.rows("price_history")] == [above + 2, above + 5]


def test_a_table_that_stands_in_the_middle_of_a_sheet_is_found():
    rows = [[], [], [None, None, "a", "b"], [None, None, 1, 2]]

    table = excel.read("f", xlsx(rows)).tables[""]

    assert table.fields == {"a": ["1"], "b": ["2"]}
    assert table.source_row.tolist() == [4]


def test_a_column_without_a_heading_is_named_by_its_letters_and_an_empty_one_is_none():
    rows = [["a", "b", None, None, "e"], [1, 2, None, "stray", 5]]

    assert excel.read("f", xlsx(rows)).tables[""].fields == {"a": ["1"], "b": ["2"], "column D": ["stray"], "e": ["5"]}


@BOTH
def test_the_first_sheet_with_headings_is_read_and_others_are_told_of(write):
    cover = [["about this file"], ["made by hand"]]

    raw = excel.read("f", write(cover, [["a", "b"], [1, 2]], [["a", "b"], [3, 4]], []))

    assert raw.tables[""].fields == {"a": ["1"], "b": ["2"]}
    assert [(f.found, f.weight) for f in raw.warnings] == [("more sheets: Sheet 1, Sheet 3", "warning")]


def test_a_hidden_sheet_is_passed_over():
    raw = excel.read("f", xlsx([["x", "y"], [9, 9]], [["a", "b"], [1, 2]], hidden=(0,)))

    assert raw.tables[""].fields == {"a": ["1"], "b": ["2"]}


def test_an_error_in_a_cell_is_no_empty_cell(desk):
    rows = [HEADINGS, [*PRICES[0][:2], 1, 1, "=1/0"], PRICES[1]]

    report = desk.load_files({"sspsbpniv.xlsx": xlsx(rows)})

    assert [(f.row, f.column, f.found) for f in report.findings] == [(2, "net_imbalance_volume_mwh", "#DIV/0!")]


@pytest.mark.parametrize("error", ["#DIV/0!", 0x2A, "#NULL!"], ids=["division", "not available", "null"])
def test_an_error_in_a_cell_of_an_older_workbook_stops_it(error):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet 1")
    for column, cell in enumerate(["a", "b"]):
        sheet.write(0, column, cell)
        sheet.write(1, column, 1)
    sheet.row(2).set_cell_error(1, error)
    out = io.BytesIO()
    book.save(out)

    assert stopped(out.getvalue()) == "a cell with an error such as #DIV/0!"


def test_two_headings_that_are_alike_stop_the_file():
    assert stopped(xlsx([["note"], ["a", "b", "A"], [1, 2, 3]])) == "the heading twice"


@BOTH
@pytest.mark.parametrize("rows", [[], [["only one column"]], [["a"]] * 6 + [["x", "y"], [1, 2]]])
def test_a_workbook_without_headings_is_refused(write, rows):
    assert stopped(write(rows)) == "no sheet with headings"


@BOTH
@pytest.mark.parametrize("keep", [0.2, 0.5, 0.8, 0.97])
def test_half_a_workbook_is_refused_and_its_day_is_marked(desk, write, keep):
    whole = write([HEADINGS, *PRICES * 200])

    report = desk.load_files({"sspsbpniv_2024-01-15.xlsx": whole[: int(len(whole) * keep)]})

    assert [f.weight for f in report.findings] == ["refused"]
    assert [file.outcome for file in report.files] == ["refused"]
    assert desk.marks("price_history") == [(None, None)]
    assert desk.rows("price_history") == []


def parts_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(data, part, old, new):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts_of(data).items():
            assert name != part or old in text
            archive.writestr(name, text.replace(old, new) if name == part else text)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_sheet_that_only_says_that_it_is_huge_is_read():
    data = rewritten(xlsx([["a", "b"], [1, 2]]), SHEET, b'ref="A1:B2"', b'ref="A1:XFD1048576"')

    assert excel.read("f", data).tables[""].fields == {"a": ["1"], "b": ["2"]}


def test_a_cell_in_the_last_corner_costs_its_file_and_not_the_load(desk):
    data = rewritten(xlsx([HEADINGS, *PRICES]), SHEET, b'"E3"', b'"XFD1048576"')

    report = desk.load_files({"sspsbpniv.xlsx": data, "PN_2024-01-15.json": [desk.pn_row("T_SYN-1", 0, 30)]})

    assert [(f.file, f.found) for f in report.findings] == [("sspsbpniv.xlsx", "cells too far apart to be held")]
    assert len(desk.rows("physical_notifications")) == 1


def test_a_stray_cell_far_below_is_a_row_of_its_own():
    data = rewritten(xlsx([["a", "b"], [1, 2], [3, 4]]), SHEET, b'"B3"', b'"B900000"')

    table = excel.read("f", data).tables[""]

    assert table.fields == {"a": ["1", "3", ""], "b": ["2", "", "4"]}
    assert table.source_row.tolist() == [2, 3, 900_000]


def test_a_part_that_swells_is_stopped():
    data = rewritten(xlsx([["a", "b"], [1, 2]]), SHEET, b"</worksheet>", b" " * 60_000_000 + b"</worksheet>")

    assert stopped(data).startswith("more than 50000000 bytes of ")


def test_a_workbook_with_a_password_says_so():
    # With a password, Excel puts the whole workbook as one stream into a container of the older kind.
    name, other = ("Workbook".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le"))
    data = bytearray(xls([["a", "b"], [1, 2]]))
    at = data.index(name)
    data[at : at + len(other)] = other
    data[at + 64] = len(other) + 2

    assert stopped(bytes(data)) == "a workbook with a password"


def test_a_workbook_that_says_its_dataset_goes_there(desk):
    row = desk.pn_row("T_SYN-1", 0, 30, dataset="QPN")

    desk.load_files({"download.xlsx": xlsx([list(row), list(row.values())])})

    assert len(desk.rows("quiescent_notifications")) == 1
    assert desk.rows("physical_notifications") == []


def test_a_workbook_in_an_archive_and_its_synthetic_mark_are_found(desk):
    row = desk.adjustment_row(1)
    assert "SYNTHETIC" in row["partyId"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("DISBSAD_2024-01-15.xlsx", xlsx([list(row), list(row.values())]))

    report = desk.load_files({"archive.zip": out.getvalue(), "b.xls": xls([list(row), list(row.values())])})

    assert [(file.file, file.outcome) for file in report.files] == [
        ("archive.zip", "unpacked"),
        ("archive.zip/DISBSAD_2024-01-15.xlsx", "kept"),
        ("b.xls", "kept"),
    ]
    assert all(file.synthetic for file in report.files)
    assert len(desk.rows("adjustment_actions")) == 1
