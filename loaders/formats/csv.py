"""CSV with one line of headings: portal files and the CSV answers of Insights.

Lines without a comma above the headings are no rows: some portal files open with two.
"""

from __future__ import annotations

import csv

import numpy as np

from loaders.errors import Finding, UnreadableFile
from loaders.formats.raw import RawFile, RawTable
from loaders.formats.text import plain_name, shown

MOST_ABOVE = 5  # lines without a comma that may stand above the headings


def read(file: str, text: str) -> RawFile:
    """The rows under the headings. Raises UnreadableFile where there are none, or two alike."""
    rows = csv.reader(text.splitlines(keepends=True))
    headings = next(rows, [])
    above = 0
    while len(headings) < 2 and above < MOST_ABOVE:
        # Portal files say whose they are in lines of their own, which have no comma.
        following = next(rows, None)
        if following is None:
            break
        headings, above = following, above + 1
    names = [heading.strip() for heading in headings]
    if not any(names):
        raise UnreadableFile(Finding(file, 0, "", "no text", "a line of headings", "Fetch the file again."))
    plain = [plain_name(name) for name in names]
    twice = sorted({name for name, bare in zip(names, plain, strict=True) if plain.count(bare) > 1})
    if twice:
        raise UnreadableFile(
            Finding(file, 1, twice[0], "the heading twice", "each heading once", "Correct the headings.")
        )
    values, places, broken = [], [], []
    try:
        for row in rows:
            if not row:
                continue
            if len(row) != len(names):
                broken.append(_wrong_count(file, rows.line_num, row, len(names)))
                continue
            values.append(row)
            places.append(rows.line_num)
    except csv.Error as error:
        broken.append(
            Finding(file, rows.line_num, "", str(error), "a row of CSV", "Correct the file and load it again.")
        )
    columns = list(zip(*values, strict=True)) if values else [()] * len(names)
    table = RawTable(dict(zip(names, columns, strict=True)), np.array(places, dtype=np.int64))
    said = {value for name, bare in zip(names, plain, strict=True) if bare == "dataset" for value in table.fields[name]}
    counts = {"": len(values) + len(broken)}
    return RawFile("csv", {"": table}, frozenset(said - {""}), broken=broken, counts=counts)


def _wrong_count(file: str, line: int, row: list[str], wanted: int) -> Finding:
    found = f"{len(row)} fields: {shown(','.join(row))}"
    return Finding(file, line, "", found, f"{wanted} fields", "Correct the row, or fetch the file again, and load it.")
