"""Where things stand in the picture of a day, for each of its two widths."""

from __future__ import annotations

from dataclasses import dataclass

from reports.charts.scale import Linear
from reports.charts.svg import Drawing
from reports.look import numbers


@dataclass(frozen=True)
class Frame:
    """Where things stand in a drawing of one width."""

    left: float
    right: float
    price: tuple[float, float]  # top, bottom
    volume: tuple[float, float]
    strip: tuple[float, float]
    clocks: float
    radius: float
    height: int
    small: float


WIDE = Frame(46, 830, (30, 222), (254, 346), (372, 390), 406, 3.2, 434, 12)
NARROW = Frame(30, 356, (24, 172), (204, 288), (312, 330), 347, 1.8, 354, 11)


def grid(drawing: Drawing, frame: Frame, scale: Linear, values: list[float], signed: bool) -> None:
    """Lines at the values with their figures; the zero line in ink."""
    for value in values:
        y = scale(value)
        drawing.line(frame.left, y, frame.right, y, "axis" if value == 0 else "grid")
        least = 0 if value == round(value) else 1
        drawing.text(frame.left - 6, y + 4, numbers.written(value, least, signed), "m", "end")
