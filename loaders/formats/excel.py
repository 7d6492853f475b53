"""Workbooks of Excel, .xlsx and .xls: the first sheet that has a line of headings, read as the CSV that it would be.

Cells are text as a CSV holds them: whole numbers without ".0", flags true and false, a time of day without a zone as
it stands (YYYY-MM-DDTHH:MM:SS, never taken for UTC). A cell that is a date stays one, whatever way of writing dates
the job has, so that a column of text with a date in it (Excel makes dates of much that is none) is refused.
Lines without a second filled cell above the headings are no rows. Hidden sheets are passed over.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from loaders.errors import Finding, UnreadableFile
from loaders.formats.csv import datasets_said, only_once
from loaders.formats.packed import fault_of_workbook, is_workbook
from loaders.formats.raw import RawFile, RawTable

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # what Excel makes of an .xlsx with a password
# Records of an .xls whose value is an error: BOOLERR, and FORMULA with such a result. Its reader gives them as nothing.
_ERROR = rb"[\x00\x07\x0f\x17\x1d\x24\x2a]"
XLS_ERROR = re.compile(
    rb"\x05\x02\x08\x00.{6}" + _ERROR + rb"\x01|\x06\x00.{8}\x02." + _ERROR + rb".{3}\xff\xff", re.DOTALL
)
PROCESS = Path(__file__).with_name("workbook_process.py")
SECONDS = 300
AGAIN = "Save the workbook again, or as CSV, and load it."


def is_excel(data: bytes) -> bool:
    """Whether bytes are a workbook."""
    return data.startswith(OLE) or is_workbook(data)


def read(file: str, data: bytes) -> RawFile:
    """The rows under the headings. Raises UnreadableFile for a workbook that cannot be read, or has none."""
    if data.startswith(OLE) and ENCRYPTED in data:
        raise UnreadableFile(_password(file))
    if data.startswith(OLE) and XLS_ERROR.search(data):
        todo = "Nothing of it was read. Correct the cells, or save it as .xlsx, where each can be named, and load it."
        raise UnreadableFile(Finding(file, 0, "", "a cell with an error such as #DIV/0!", "cells with values", todo))
    fault = fault_of_workbook(file, data) if is_workbook(data) else None
    if fault:
        raise UnreadableFile(fault)
    sheets = _sheets(file, data)
    place = next((number for number, sheet in enumerate(sheets) if sheet["rows"]), None)
    if place is None:
        wanted = "a sheet with a line of headings among its first lines"
        raise UnreadableFile(Finding(file, 0, "", "no sheet with headings", wanted, AGAIN))
    raw = _table(file, sheets[place]["rows"], sheets[place]["left"])
    others = [sheet["name"] for number, sheet in enumerate(sheets) if number != place and sheet["filled"]]
    if others:
        todo = "They were not read. Save each that holds rows as a file of its own, and load it."
        found = f"more sheets: {', '.join(others)}"[:120]
        raw.warnings.append(Finding(file, 0, "", found, f"one sheet, {sheets[place]['name']}", todo, "warning"))
    return raw


def _sheets(file: str, data: bytes) -> list[dict[str, Any]]:
    wanted = "a workbook of Excel"
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(PROCESS)], input=data, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise UnreadableFile(Finding(file, 0, "", f"more than {SECONDS} s to read it", wanted, AGAIN)) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace")
        much = "memory" in said.lower()
        found = "cells too far apart to be held" if much else "a workbook that its reader dies of"
        raise UnreadableFile(Finding(file, 0, "", found, "rows that follow each other", AGAIN))
    answer = json.loads(done.stdout)
    if "fault" in answer:
        if "password" in answer["fault"]:
            raise UnreadableFile(_password(file))
        raise UnreadableFile(Finding(file, 0, "", answer["fault"], wanted, AGAIN))
    sheets: list[dict[str, Any]] = answer["sheets"]
    return sheets


def _table(file: str, rows: list[tuple[int, list[Any]]], left: int) -> RawFile:
    """The rows under the headings; `rows` are those that hold something, with their number from 0."""
    top = next(place for place, (_, row) in enumerate(rows) if sum(cell != "" for cell in row) > 1)
    line, headings = rows[top]
    body = rows[top + 1 :]
    names = [_text(cell).strip() for cell in headings]
    used = [place for place, name in enumerate(names) if name or any(row[place] != "" for _, row in body)]
    named = {place: names[place] or f"column {_letters(left + place)}" for place in used}
    only_once(file, line + 1, list(named.values()))
    fields = {name: [_cell(row[place]) for _, row in body] for place, name in named.items()}
    table = RawTable(dict(fields), np.array([number + 1 for number, _ in body], dtype=np.int64))
    return RawFile("excel", {"": table}, datasets_said(table.fields), counts={"": len(body)})


def _cell(cell: Any) -> str | date:
    return date.fromisoformat(cell[0]) if isinstance(cell, list) else _text(cell)


def _text(cell: Any) -> str:
    if isinstance(cell, list):
        return str(cell[0])
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _letters(place: int) -> str:
    """The letters of a column from 0.

    >>> _letters(0), _letters(27)
    ('A', 'AB')
    """
    before, last = divmod(place, 26)
    return (_letters(before - 1) if before else "") + chr(65 + last)


def _password(file: str) -> Finding:
    todo = "Save it without its password, and load it again."
    return Finding(file, 0, "", "a workbook with a password", "a workbook that opens without one", todo)
