"""Months down, days across: the worst verdict of each day, so that a date is found without counting.

Wide, a cell has the glyph of its verdict. Narrow, its height tells it: a third rounding, two thirds vintage, full
unexplained, hatch not comparable. A day that was not settled is an outline, and never the mark of a verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.charts.scale import Linear
from reports.charts.svg import Drawing
from reports.look.glyphs import SLUGS

if TYPE_CHECKING:
    from reports.price_conformance import JudgedDay

_HEIGHTS = {"exact": 0.0, "rounding": 1 / 3, "vintage": 2 / 3, "not comparable": 1.0, "unexplained": 1.0}
_COLOURS = {"unexplained": "unexplained", "vintage": "paper", "rounding": "paper", "exact": "exact",
            "not comparable": "notcomp"}  # fmt: skip


@dataclass(frozen=True)
class Frame:
    """Where things stand at one width."""

    left: float
    right: float
    top: float
    row: float
    cell: float
    size: float  # of text


WIDE, NARROW = Frame(76, 898, 24, 28, 24, 12), Frame(30, 360, 20, 24, 20, 11)


def calendar_chart(days: Sequence[JudgedDay], width: int = 900) -> str:
    """SVG of a month or a year, 900 or 360 wide."""
    frame = NARROW if width < 600 else WIDE
    months = sorted({(one.settlement_date.year, one.settlement_date.month) for one in days})
    height = int(frame.top + frame.row * len(months) + 4)
    drawing = Drawing(f"calendar-{width}", width, height, "Worst verdict of each day", _description(days))
    across = Linear(0, 31, frame.left, frame.right)
    for day in range(1, 32):
        if frame is WIDE or day in (1, 5, 10, 15, 20, 25, 31):
            middle = (across(day - 1) + across(day)) / 2
            drawing.text(middle, frame.top - 8, str(day), "m", "middle", size=frame.size)
    for one in days:
        date = one.settlement_date
        top = frame.top + frame.row * months.index((date.year, date.month))
        if date.day == 1:
            words = f"{date:%b %Y}" if frame is WIDE else f"{date:%b}"
            drawing.text(0, top + frame.cell * 0.7, words, size=frame.size)
        _cell(drawing, one, across(date.day - 1), top, across(1) - across(0), frame)
    return drawing.svg()


def _cell(drawing: Drawing, one: JudgedDay, left: float, top: float, width: float, frame: Frame) -> None:
    gap, verdict = (1.5 if frame is WIDE else 0.8), one.worst
    box = (left + gap, top, width - 2 * gap, frame.cell)
    if verdict is None:
        drawing.rect(*box, "c-none", fill="none")
        return
    drawing.rect(*box, "f-exact")
    if frame is WIDE:
        if verdict != "exact":
            drawing.rect(*box, f"f-{SLUGS[verdict]}")
        size = 13.0
        drawing.glyph(left + (width - size) / 2, top + (frame.cell - size) / 2, size, verdict, _COLOURS[verdict])
        return
    high = frame.cell * _HEIGHTS[verdict]
    if high:
        drawing.rect(box[0], top + frame.cell - high, box[2], high, f"f-{SLUGS[verdict]}")


def _description(days: Sequence[JudgedDay]) -> str:
    counts: dict[str, int] = {}
    for one in days:
        counts[one.worst or "not settled"] = counts.get(one.worst or "not settled", 0) + 1
    said = ", ".join(f"{number} {words}" for words, number in counts.items())
    return f"{len(days)} days: {said}. The tables below hold the counts."
