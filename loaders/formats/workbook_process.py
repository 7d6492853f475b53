"""Reads a workbook in a process of its own: bytes on standard input, JSON on standard output.

The reader of workbooks asks for memory for the whole area that cells span, and where there is not so much it takes
its process down: a sheet with one cell in its last corner would end the load of all other files. Run as a script,
apart from this package, whose module names are those of the standard library.
"""

from __future__ import annotations

import datetime
import io
import json
import re
import sys
import zipfile
from typing import Any

MOST_MEMORY = 4_000_000_000  # bytes
_WRONG = re.compile(rb'<(?:\w+:)?c\b([^>]*\bt="e"[^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<', re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]+)(\d+)"')
_LINES = 6  # headings stand in one of them


def main() -> None:
    """Answer `{"sheets": [{"name", "left", "filled", "rows"}]}`, or `{"fault": why}`.

    left    the first column that holds something, from 0
    rows    `[number from 0, cells]` of rows that hold something, of the first sheet with headings; none of others
    """
    _bound_memory()
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    data = sys.stdin.buffer.read()
    try:
        workbook = CalamineWorkbook.from_object(io.BytesIO(data))
        shown = [
            place
            for place, one in enumerate(workbook.sheets_metadata)
            if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible
        ]
        sheets: list[dict[str, Any]] = []
        taken = False
        for place in shown:
            sheet = workbook.get_sheet_by_index(place)
            left = sheet.start[1] if sheet.start else 0
            rows: dict[int, list[Any]] = {}
            if not taken:
                rows = {n: row for n, row in enumerate(sheet.iter_rows()) if any(cell != "" for cell in row)}
                taken = any(sum(cell != "" for cell in row) > 1 for n, row in rows.items() if n < _LINES)
            for number, column, error in _wrong_cells(data, sheet.name) if rows and taken else ():
                if 0 <= column - left < sheet.width:
                    rows.setdefault(number, [""] * sheet.width)[column - left] = error
            told = [[n, [_said(cell) for cell in rows[n]]] for n in sorted(rows)] if taken else []
            sheets.append({"name": sheet.name, "left": left, "filled": sheet.start is not None, "rows": told})
        answer: dict[str, Any] = {"sheets": sheets}
    except PasswordError:
        answer = {"fault": "a workbook with a password"}
    except CalamineError as error:
        answer = {"fault": "a workbook with a password" if "assword" in str(error) else f"damaged workbook ({error})"}
    sys.stdout.write(json.dumps(answer))


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _said(cell: Any) -> Any:
    """A cell as JSON: dates as [date], so that they are told from texts that look like one."""
    if isinstance(cell, datetime.datetime):
        at_midnight = cell.time() == datetime.time()
        return [cell.date().isoformat()] if at_midnight else cell.isoformat()
    if isinstance(cell, datetime.date):
        return [cell.isoformat()]
    if isinstance(cell, datetime.time):
        return cell.isoformat()
    if isinstance(cell, datetime.timedelta):
        return str(cell)
    return cell


def _wrong_cells(data: bytes, name: str) -> list[tuple[int, int, str]]:
    """Rows and columns of a sheet, from 0, of errors such as #DIV/0!, which the reader gives as nothing."""
    if not data.startswith(b"PK"):
        return []
    from defusedxml.ElementTree import fromstring

    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        links = {
            one.get("Id"): one.get("Target", "") for one in fromstring(parts.read("xl/_rels/workbook.xml.rels")).iter()
        }
        part = ""
        for one in fromstring(parts.read("xl/workbook.xml")).iter():
            if one.tag.rpartition("}")[2] == "sheet" and one.get("name") == name:
                link = next((value for key, value in one.attrib.items() if key.rpartition("}")[2] == "id"), "")
                part = links.get(link, "")
        part = part.removeprefix("/") if part.startswith("/") else f"xl/{part}"
        text = parts.read(part) if part in parts.namelist() else b""
    found = []
    for cell, error in _WRONG.findall(text):
        where = _PLACE.search(cell)
        if where:
            column = 0
            for letter in where.group(1):
                column = column * 26 + letter - 64
            found.append((int(where.group(2)) - 1, column - 1, error.decode(errors="replace")))
    return found


if __name__ == "__main__":
    main()
