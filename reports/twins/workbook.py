"""The tables as one xlsx: what it is on the first sheet, then a sheet a table, units in the second row of the head."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from reports.twins.table import Column, Table

if TYPE_CHECKING:
    from reports.twins.files import Told

_FIXED = datetime(1980, 1, 1)  # a workbook says when it was made: a clock would make equal tables differ
MOST_CELLS = 30_000  # of a sheet; a longer table has its first rows here and names its Parquet file
_SHEET = 31  # letters of a name that a workbook takes
_WIDEST = 60
_WHOLE = 2**53  # beyond it a sheet has no whole numbers


def workbook(tables: Sequence[Table], told: Told) -> bytes:
    """The bytes of the xlsx; nothing in it is a formula or a link, whatever the text of the data."""
    import xlsxwriter

    held = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(held, options)
    book.set_properties({"title": told.about, "author": "Settlement workbench", "created": _FIXED})
    formats = _Formats(book)
    _first(book, tables, told, formats)
    for one in tables:
        _sheet(book, one, told, formats)
    book.close()
    return held.getvalue()


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book, self._made = book, dict[tuple[Any, ...], Any]()

    def __call__(self, **said: Any) -> Any:
        key = tuple(sorted(said.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(said)
        return self._made[key]

    def of(self, column: Column) -> Any:
        """Number format by unit and kind."""
        places = f".{'0' * column.places}" if column.kind == "figure" and column.places else ""
        written = {"figure": f"#,##0{places}", "count": "0", "date": "yyyy-mm-dd", "instant": "yyyy-mm-dd hh:mm:ss"}
        return self(num_format=written[column.kind]) if column.kind in written else None


def _first(book: Any, tables: Sequence[Table], told: Told, formats: _Formats) -> None:
    sheet = book.add_worksheet("report")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    bold = formats(bold=True)
    stamps = [word for word, holds in (("SYNTHETIC", told.synthetic), ("ASSUMED", told.assumed is not None)) if holds]
    lines: list[tuple[str, str]] = [
        ("Report", told.about), *(("Stamp", word) for word in stamps), ("Settlement Date", told.settlement_date),
        ("Run", told.run), ("Run id", told.run_id), ("Content SHA-256", told.content_hash),
        ("To verify", f"bsc verify {told.stem}.html"),
        ("Figures", "rounded as reported; the Parquet files beside this one hold them in full"),
        ("Signs", "the note at a head says what above and below zero mean; difference = published less own"),
        ("Empty cell", "not there; 0 is a true zero"), ("Times", "UTC"),
        *(("Sheet", f"{one.name}: {one.title}, {one.rows:,} rows. {one.note}".strip()) for one in tables),
        *(("Not covered", one) for one in told.not_covered),
    ]  # fmt: skip
    for row, (name, said) in enumerate(lines):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, said, bold if name == "Stamp" else None)


def _sheet(book: Any, one: Table, told: Told, formats: _Formats) -> None:
    sheet = book.add_worksheet(one.name[:_SHEET])
    shown = min(one.rows, max(MOST_CELLS // len(one.columns), 1))
    sheet.freeze_panes(2, 1)
    for at, column in enumerate(one.columns):
        values = one.data.column(column.name).slice(0, shown).to_pylist()
        sheet.set_column(at, at, _width(column, values))
        side = "right" if column.kind in ("figure", "count") else "left"
        sheet.write_string(0, at, column.name.replace("_", " "), formats(bold=True, align=side))
        sheet.write_string(1, at, column.unit, formats(font_color="#4B5766", bottom=1, align=side))
        note = "\n".join(part for part in (column.about, column.sign, column.symbol, column.clause) if part)
        if note:
            sheet.write_comment(0, at, note, {"author": "Settlement workbench"})
        form = formats.of(column)
        for row, value in enumerate(values, 2):
            _write(sheet, row, at, value, column, form)
    if shown < one.rows:
        said = f"{one.rows - shown:,} more rows: {told.stem}.{one.name}.parquet"
        sheet.write_string(shown + 2, 0, said, formats(bold=True))


def _write(sheet: Any, row: int, at: int, value: Any, column: Column, form: Any) -> None:
    if value is None:
        return
    if column.kind == "flag":
        sheet.write_boolean(row, at, value)
    elif column.kind in ("figure", "count"):
        _number(sheet, row, at, value, column, form)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, at, value.astimezone(UTC).replace(tzinfo=None), form)
    elif isinstance(value, date):
        sheet.write_datetime(row, at, datetime(value.year, value.month, value.day), form)
    else:
        sheet.write_string(row, at, str(value)[:32_000])


def _number(sheet: Any, row: int, at: int, value: float, column: Column, form: Any) -> None:
    """A number as it is reported; what a sheet has no number for is written as text."""
    from reports.twins.files import reported

    if column.kind == "count":
        if abs(value) <= _WHOLE:
            sheet.write_number(row, at, value, form)
        else:
            sheet.write_string(row, at, str(value))
        return
    said = reported(value, column.places)
    if math.isinf(value):
        sheet.write_string(row, at, said)
    else:
        sheet.write_number(row, at, float(said), form)


def _width(column: Column, values: Sequence[Any]) -> float:
    longest = max((len(str(one)) for one in values[:200] if one is not None), default=0)
    if column.kind in ("figure", "count"):
        longest = min(longest, 14)
    elif column.kind == "instant":
        longest = 19
    return min(max(longest, len(column.name), len(column.unit)) + 2, _WIDEST)
