"""Actions too narrow to be pointed at in a price stack, drawn together.

A day has periods of six hundred actions, most of them a pixel wide. A shape for each makes a page of ten megabytes.
Neighbours of under three pixels stand in one group: a stepped outline for each look, over the very same ground that
their bars would cover, and one title that says how many they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from reports.charts.stack_frame import Frame
from reports.charts.stack_layout import Part, Placed
from reports.charts.svg import number
from reports.look import numbers

THIN, GROUP, LEAST = 3.0, 40.0, 0.6  # pixels: of an action, of all that stand together, of what is drawn at all
THIN_UNPOINTED = 6.0  # in the narrow picture, where there is no pointer
Bar = tuple[float, float, float]  # left, right, and the end away from zero


def together(placed: Sequence[Placed], frame: Frame) -> Iterator[list[Placed]]:
    """The actions in their order, neighbours that are drawn together in one list."""
    held: list[Placed] = []
    for one in placed:
        if held and not _joins(held, one, frame):
            yield held
            held = []
        held.append(one)
    if held:
        yield held


def _joins(held: list[Placed], one: Placed, frame: Frame) -> bool:
    first = held[0]
    whole = abs(frame.x(one.outer) - frame.x(first.inner))
    near = whole <= GROUP or not frame.wide  # a narrow picture has no titles to stand near to
    return first.sign == one.sign and near and _thin(held[-1], frame) and _thin(one, frame)


def _thin(one: Placed, frame: Frame) -> bool:
    """Whether it may stand with others: one that is in the price, or has another price now, stands alone."""
    if one.repriced or one.price is None or any(part.state == "par" for part in one.parts):
        return False
    return abs(frame.x(one.outer) - frame.x(one.inner)) <= (THIN if frame.wide else THIN_UNPOINTED)


def outlines(held: Sequence[Placed], frame: Frame, look: Callable[[Placed, Part], str]) -> Iterator[tuple[str, str]]:
    """A class and the path of all that has it.

    look  the class of a piece of an action
    """
    bars: dict[str, list[Bar]] = {}
    for one in held:
        for part in one.parts:
            ends = sorted((frame.x(one.sign * part.inner), frame.x(one.sign * part.outer)))
            price = one.price if part.state == "active" else one.own_price
            bars.setdefault(look(one, part), []).append((ends[0], ends[1], _end(price, frame)))
    for class_, found in bars.items():
        yield class_, _path(sorted(found), frame.y(0))


def _end(price: float | None, frame: Frame) -> float:
    """Where a bar ends, at least 1.5 away from zero, as a bar of its own does."""
    zero = frame.y(0)
    end = frame.top if price is None else frame.y(price)
    return end if abs(end - zero) >= 1.5 else zero + 1.5


def _path(bars: Sequence[Bar], zero: float) -> str:
    """Bars side by side as steps; a gap begins anew at zero."""
    steps: list[str] = []
    at = None
    for left, right, end in bars:
        far = max(right, left + LEAST)
        if at is None or left - at > 0.05:
            steps.append(f"{'' if at is None else f'V{number(zero)}z'}M{number(left)} {number(zero)}")
        steps.append(f"V{number(end)}H{number(far)}")
        at = far
    return "".join([*steps, f"V{number(zero)}z"])


def said(held: Sequence[Placed]) -> str:
    """What a pointer is told: how many, between which prices, with how much."""
    prices = sorted(float(one.action.original_price) for one in held if one.action.original_price is not None)
    span = numbers.plain(prices[0]) if prices else "no price"
    if prices and prices[-1] != prices[0]:
        span = f"{span} to {numbers.plain(prices[-1])}"
    volume = numbers.volume(sum(one.action.volume for one in held))
    return f"{len(held)} actions, {span}{' GBP/MWh' if prices else ''}, together {volume} MWh"
