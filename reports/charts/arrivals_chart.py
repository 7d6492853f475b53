"""What arrived: datasets by period of a day, or by day of a month; a state is a shape before it is a colour.

Solid: arrived with rows. Hollow with a dash: arrived, holds none. Dark with a cross: incomplete. Hatched: not
arrived. A thin line: not over yet. A dataset that comes a day at a time and names no periods is one box.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from itertools import groupby

from reports.charts.scale import Linear
from reports.charts.svg import Drawing, number
from reports.loads_records import CELL_WORDS, CELLS, Line, Matrix
from reports.look import numbers, times
from settlement import calendar

Links = Callable[[int], str]
_CLASSES = {"rows": "c-rows", "empty": "c-empty", "incomplete": "c-cut", "missing": "missing c-none"}
_GAP = 0.7  # half of what parts two cells


@dataclass(frozen=True)
class Frame:
    """Where things stand at one width: cells from left to right, a row's height and that of its cells."""

    left: float
    right: float
    top: float
    row: float
    cell: float
    above: bool  # the name of a dataset stands above its cells


WIDE = Frame(262, 828, 40, 22, 15, False)
NARROW = Frame(0, 358, 40, 36, 16, True)


def arrivals_chart(matrix: Matrix, width: int = 900, links: Links | None = None, chosen: int | None = None) -> str:
    """SVG of a matrix, 900 or 360 wide.

    links   gives the address of a period or day; each column then is a named link
    chosen  a column drawn as a band
    """
    frame = NARROW if width < 600 else WIDE
    columns = matrix.numbers
    height = int(frame.top + frame.row * len(matrix.lines) + 8)
    what = "period of the day" if matrix.of == "period" else "day of the month"
    key = f"arrivals-{matrix.of}-{width}"
    title = f"What arrived of each dataset, by {what}"
    drawing = Drawing(key, width, height, title, _description(matrix), grouped=links is not None)
    span = Linear(0, len(columns), frame.left, frame.right)
    if chosen is not None:
        place = span(columns.index(chosen))
        drawing.rect(place, frame.top - 16, span(1) - span(0), height - frame.top + 12, "band")
    _heads(drawing, matrix, frame, span)
    for place, line in enumerate(matrix.lines):
        _line(drawing, line, frame, span, frame.top + place * frame.row, matrix)
    if links:
        _linked(drawing, matrix, span, height, links)
    return drawing.svg()


def key_of(cells: list[str] | None = None) -> str:
    """The key of the picture, for the states named or all, as a list."""
    entries = []
    for cell in cells or CELLS:
        drawn = Drawing("", 22, 14, "", "")
        _cell(drawn, cell, 1, 1, 20, 12, 20)
        entries.append(
            f'<li><svg viewBox="0 0 22 14" aria-hidden="true">{"".join(drawn.parts)}</svg>{CELL_WORDS[cell]}</li>'
        )
    return f'<ul class="key">{"".join(entries)}</ul>'


def _description(matrix: Matrix) -> str:
    said = ", ".join(f"{matrix.count(cell):,} {CELL_WORDS[cell]}" for cell in CELLS if matrix.count(cell))
    of = "periods" if matrix.of == "period" else "days"
    return f"{len(matrix.lines)} datasets, {len(matrix.numbers)} {of}: {said}. The table holds each figure."


def _heads(drawing: Drawing, matrix: Matrix, frame: Frame, span: Linear) -> None:
    half = (span(1) - span(0)) / 2
    if matrix.of == "day":
        every = 1 if not frame.above else 5
        for place, day in enumerate(matrix.numbers):
            if day == 1 or day % every == 0:
                drawing.text(span(place) + half, frame.top - 8, str(day), "m", "middle", 11)
        return
    every = 6 if not frame.above else 12
    for place in range(0, len(matrix.numbers), every):
        start = calendar.period_start(matrix.first, matrix.numbers[place])
        drawing.text(span(place), frame.top - 22, calendar.local_clock(start), size=11)
        drawing.text(span(place), frame.top - 8, f"P{matrix.numbers[place]}", "m", size=11)
    zones = times.zones(calendar.period_start(matrix.first, 1), calendar.period_start(matrix.first, matrix.numbers[-1]))
    if not frame.above:
        drawing.text(0, frame.top - 22, zones, "m", size=11)


def _line(drawing: Drawing, line: Line, frame: Frame, span: Linear, top: float, matrix: Matrix) -> None:
    name = line.dataset.replace("_", " ")
    y = top + (15 if frame.above else 2)
    if frame.above:
        drawing.text(0, top + 11, name, "b" if line.odd else "", size=11)
        drawing.text(frame.right, top + 11, _said(line, matrix), "m", "end", 11)
    else:
        drawing.text(frame.left - 10, y + 11, name, "b" if line.odd else "", "end", 12)
        drawing.text(frame.right + 8, y + 11, _said(line, matrix), "m", size=11)
    at = 0
    step = span(1) - span(0)
    for cell, run in groupby(line.cells.values()):
        count = len(list(run))
        joined = line.whole and matrix.of == "period"
        _cell(drawing, cell, span(at), y, count * step, frame.cell, count * step if joined else step)
        at += count


def _said(line: Line, matrix: Matrix) -> str:
    """At the end of a row: how many of its places came whole."""
    come = line.count("rows") + line.count("empty")
    if matrix.of == "period" and line.whole and line.total is not None:
        return f"{numbers.count(line.total)} {'row' if line.total == 1 else 'rows'}"
    return f"{come} of {len(line.cells) - line.count('to come')}"


def _cell(drawing: Drawing, cell: str, x: float, y: float, width: float, height: float, step: float) -> None:
    """A run of cells of one state, each `step` wide."""
    count = round(width / step)
    if cell == "to come":
        drawing.line(x + _GAP, y + height / 2, x + width - _GAP, y + height / 2, "grid")
        return
    hollow = 0.5 if cell in ("empty", "missing") else 0.0  # its outline lies inside
    path = "".join(
        f"M{number(x + i * step + _GAP + hollow)} {number(y + hollow)}h{number(step - 2 * (_GAP + hollow))}"
        f"v{number(height - 2 * hollow)}h{number(-step + 2 * (_GAP + hollow))}z"
        for i in range(count)
    )
    drawing.add(f'<path class="{_CLASSES[cell]}" d="{path}"/>')
    middles = [x + (i + 0.5) * step for i in range(count)]
    if cell == "empty":
        dashes = "".join(f"M{number(m - 2)} {number(y + height / 2)}h4" for m in middles)
        drawing.add(f'<path class="c-dash" d="{dashes}"/>')
    if cell == "incomplete":
        arm = min(3.0, step / 2 - 1.4)
        crosses = "".join(
            f"M{number(m - arm)} {number(y + height / 2 - arm)}l{number(2 * arm)} {number(2 * arm)}"
            f"m0 {number(-2 * arm)}l{number(-2 * arm)} {number(2 * arm)}"
            for m in middles
        )
        drawing.add(f'<path class="c-cross" d="{crosses}"/>')


def _linked(drawing: Drawing, matrix: Matrix, span: Linear, height: float, links: Links) -> None:
    """A column over all rows for each period or day, named by what it holds."""
    for place, column in enumerate(matrix.numbers):
        said = ", ".join(f"{line.dataset.replace('_', ' ')} {CELL_WORDS[line.cells[column]]}" for line in matrix.lines)
        what = f"Period {column}" if matrix.of == "period" else times.short_day(matrix.first.replace(day=column))
        drawing.add(f'<a href="{escape(links(column))}" aria-label="{escape(f"{what}: {said}")}">')
        drawing.rect(span(place), 18, span(1) - span(0), height - 20, "hit")
        drawing.add("</a>")
