"""CSV with one line of headings: portal files and the CSV answers of Insights.

Lines without a comma above the headings are no rows: some portal files open with two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from loaders.errors import Finding, UnreadableFile
from loaders.formats.lines import Line, lines_of, records
from loaders.formats.raw import MOST_FIELDS, RawFile, RawTable
from loaders.formats.text import plain_name, shown

MOST_ABOVE = 5  # lines without a comma that may stand above the headings
CORRECT = "Correct the row, or fetch the file again, and load it."


def read(file: str, text: str) -> RawFile:
    """The rows under the headings. Raises UnreadableFile where there are none, two alike, or more than a feed has."""
    lines = lines_of(text)
    headings, begin = headings_of(lines)
    names = [heading.strip() for heading in headings.values]
    _hold_headings(file, headings, names)
    values, places, broken = [], [], []
    for line in records(lines, begin, len(names)):
        if not line.values:
            continue
        wrong = _fault(file, line, headings)
        if wrong:
            broken.append(wrong)
            continue
        values.append(line.values)
        places.append(line.place)
    columns = list(zip(*values, strict=True)) if values else [()] * len(names)
    table = RawTable(dict(zip(names, columns, strict=True)), np.array(places, dtype=np.int64))
    counts = {"": len(values) + len(broken)}
    return RawFile("csv", {"": table}, datasets_said(table.fields), broken=broken, counts=counts)


def headings_of(lines: Sequence[str]) -> tuple[Line, int]:
    """The line of headings, and the place from 0 of the line behind it."""
    rows = records(lines)
    headings = next(rows, Line(1, []))
    above = 0
    while len(headings.values) < 2 and above < MOST_ABOVE:
        # Portal files say whose they are in lines of their own, which have no comma.
        following = next(rows, None)
        if following is None:
            break
        headings, above = following, above + 1
    return headings, next((line.place for line in rows), len(lines) + 1) - 1


def only_once(file: str, row: int, names: Sequence[str]) -> None:
    """Hold headings to be told apart, be it by a sign alone. Raises UnreadableFile for two that are alike."""
    plain = [" ".join(name.lower().split()) for name in names]
    twice = sorted({name for name, bare in zip(names, plain, strict=True) if plain.count(bare) > 1})
    if twice:
        raise UnreadableFile(
            Finding(file, row, twice[0], "the heading twice", "each heading once", "Correct the headings.")
        )


def datasets_said(fields: Mapping[str, Sequence[Any]]) -> frozenset[str]:
    """The datasets that a column of that name gives."""
    found = {value for name, values in fields.items() if plain_name(name) == "dataset" for value in values}
    return frozenset(value for value in found if isinstance(value, str) and value)


def _hold_headings(file: str, headings: Line, names: list[str]) -> None:
    """Hold the line of headings to be one. Raises UnreadableFile."""
    if headings.fault or not any(names):
        found = f"{headings.fault}: {shown(names[0])}" if headings.fault else "no text"
        raise UnreadableFile(Finding(file, 0, "", found, "a line of headings", "Fetch the file again."))
    if len(names) > MOST_FIELDS:
        todo = "Nothing of it was read. Fetch the file again."
        raise UnreadableFile(
            Finding(file, headings.place, "", f"{len(names)} headings", f"at most {MOST_FIELDS}", todo)
        )
    only_once(file, 1, names)


def _fault(file: str, line: Line, headings: Line) -> Finding | None:
    """What is wrong with a row as a whole."""
    wanted = len(headings.values)
    if line.fault:
        return Finding(file, line.place, "", f"{line.fault}: {shown(','.join(line.values))}", "a row of CSV", CORRECT)
    if len(line.values) != wanted:
        found = f"{len(line.values)} fields: {shown(','.join(line.values))}"
        return Finding(file, line.place, "", found, f"{wanted} fields", CORRECT)
    if line.values == headings.values:
        return Finding(file, line.place, "", "the headings again", "headings in the first line only", CORRECT)
    return None
