"""Lines of CSV, so that one that is torn costs itself and not its neighbours.

A quote that is not closed would take all lines up to the next quote, or to the end of the
file, into one field. A record that is no CSV, or that is of another width and runs over
several lines, is given back as its first line alone, and reading goes on with the next.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A record of a CSV.

    place   the line that it begins in, from 1
    values  its fields; none for an empty line
    fault   what is wrong with it, when it could not be taken apart
    """

    place: int
    values: Sequence[str]
    fault: str = ""


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends, counted as an editor does: form feeds and the like end none."""
    return list(io.StringIO(text, newline=""))


def records(lines: Sequence[str], first: int = 0, width: int = 0) -> Iterator[Line]:
    """The records from a line on (0 is the first of the file); `width` is that of a whole one, where it is known."""
    begin = first
    while begin < len(lines):
        rows = csv.reader(map(lines.__getitem__, range(begin, len(lines))), strict=True)
        start, fault = begin, ""
        try:
            for row in rows:
                end = start + rows.line_num
                if width and len(row) != width and end > begin + 1:
                    fault = f"a quote that is not closed in its line, then {len(row)} fields"
                    break
                yield Line(begin + 1, row)
                begin = end
        except csv.Error as error:
            fault = str(error)
        if fault:
            yield Line(begin + 1, [lines[begin].rstrip("\r\n")], fault)
            begin += 1
