"""The price stack of a period after a stage: every action by price and MWh, and below it what left and why."""

from __future__ import annotations

from html import escape

from reports.charts.scale import step_for, text_width
from reports.charts.stack_frame import GHOSTS, Frame
from reports.charts.stack_lane import lane
from reports.charts.stack_layout import Part, Placed, at_or_after, place, stage_number
from reports.charts.stack_slivers import outlines, said, together
from reports.charts.svg import Drawing
from reports.look import numbers
from reports.look.names import action_name
from reports.views import PeriodView


def price_stack(period: PeriodView, stage: int | str = 10, width: int = 900) -> str:
    """SVG of the stack after a stage (1, 2, 3, 4a, 4b, 5 to 10), 900 or 360 wide.

    Where a period was set aside without a stack the picture says so and draws no volume.
    """
    name = stage_number(stage)
    frame = Frame(period, width)
    key = f"stack-{period.settlement_period}-{name}-{frame.width}"
    if not period.actions:
        return _nothing(period, key, frame)
    niv = numbers.signed_volume(period.net_imbalance_volume, missing="not known")
    description = f"Sells left of zero, buys right; width is MWh, height GBP/MWh. Net imbalance volume {niv} MWh."
    drawing = Drawing(key, frame.width, frame.height, f"Price stack after stage {name}", description)
    _axes(drawing, frame)
    placed = place(period, name)
    for held in together(placed, frame):
        if len(held) == 1:
            _bar(drawing, held[0], frame, name, _said(held[0]))
        else:
            _slivers(drawing, held, frame, name)
    _lines(drawing, period, frame, name)
    for one in placed:
        _mark(drawing, one, frame, name)
    lane(drawing, placed, frame, name)
    return drawing.svg()


def _nothing(period: PeriodView, key: str, frame: Frame) -> str:
    settled = period.own is not None
    words = "No action in this period" if settled else "No stack: nothing is drawn and nothing assumed"
    drawing = Drawing(key, frame.width, 84, "Price stack", f"{words}. {period.reason}")
    if not settled:
        drawing.rect(1, 1, frame.width - 2, 82, "missing")
    drawing.text(frame.width / 2, 46, words, "halo b", "middle")
    return drawing.svg()


def _axes(drawing: Drawing, frame: Frame) -> None:
    drawing.text(0, 14, "GBP/MWh", "m")
    for value in frame.price_ticks:
        y = frame.y(value)
        drawing.line(frame.left, y, frame.right, y, "axis" if value == 0 else "grid")
        drawing.text(frame.left - 6, y + 4, numbers.plain(value, most=1, least=0), "m", "end")
    step = step_for(frame.high - frame.low, 6 if frame.wide else 5)
    first = int(frame.low / step)
    for multiple in range(first, int(frame.high / step) + 1):
        value = multiple * step
        drawing.line(frame.x(value), frame.bottom, frame.x(value), frame.bottom + 5, "grid")
        decimals = 0 if step >= 1 else 1 if step >= 0.1 else 3
        drawing.text(frame.x(value), frame.ticks, numbers.written(value, decimals, signed=True), "m", "middle")


def _horizontal(one: Placed, part: Part, frame: Frame) -> tuple[float, float]:
    a, b = frame.x(one.sign * part.inner), frame.x(one.sign * part.outer)
    return min(a, b), abs(b - a)


def _vertical(price: float | None, frame: Frame) -> tuple[float, float]:
    """Top and height of a bar; an action without a price reaches the top of the picture."""
    end = frame.top if price is None else frame.y(price)
    zero = frame.y(0)
    return min(zero, end), max(abs(zero - end), 1.5)


def _bar(drawing: Drawing, one: Placed, frame: Frame, stage: str, words: str) -> None:
    if frame.wide:  # a tooltip; on a narrow screen there is no pointer to hold still
        drawing.add(f"<g><title>{escape(words)}</title>")
    for part in one.parts:
        x, width = _horizontal(one, part, frame)
        ghost = part.state in GHOSTS
        top, tall = _vertical(one.own_price if ghost else one.price, frame)
        drawing.bar(x, top, width, tall, _look(one, part, stage))
        if not ghost and (one.repriced or one.price is None):
            before_top, before_tall = _vertical(one.own_price, frame)
            drawing.bar(x, before_top, width, before_tall, "before")
    if frame.wide:
        drawing.add("</g>")


def _look(one: Placed, part: Part, stage: str) -> str:
    """The class of a piece of an action."""
    side, flag = one.action.side, " flag" if one.flagged else ""
    if part.state in GHOSTS:
        return f"gone {part.state}{' now' if part.leaves_now else ''}"
    if part.state == "par":
        return "par"
    return f"{side} pale{flag}" if at_or_after(stage, "8") else f"{side} bar{flag}"


def _slivers(drawing: Drawing, held: list[Placed], frame: Frame, stage: str) -> None:
    if frame.wide:
        drawing.add(f"<g><title>{escape(said(held))}</title>")
    for class_, path in outlines(held, frame, lambda one, part: _look(one, part, stage)):
        drawing.add(f'<path class="{class_}" d="{path}"/>')
    if frame.wide:
        drawing.add("</g>")


def _said(one: Placed) -> str:
    price = one.action.original_price
    priced = "no price" if price is None else f"{numbers.plain(price)} GBP/MWh"
    return f"{action_name(one.action)}, {priced}, {numbers.volume(one.action.volume)} MWh"


def _mark(drawing: Drawing, one: Placed, frame: Frame, stage: str) -> None:
    """Letters above a bar, where there is room, and the triangle under what is in PAR."""
    middle = one.sign * (one.inner + one.outer) / 2
    for part in one.parts:
        if part.state == "par":
            x, width = _horizontal(one, part, frame)
            below = frame.y(0) + 1
            drawing.add(f'<path class="mark" d="M{x + width / 2:.1f} {below:.1f}l-4 7h8z"/>')
        if part.state == "active" and len(one.parts) > 1:
            middle = one.sign * (part.inner + part.outer) / 2
    words = _letters(one, stage)
    if not words:
        return
    top, tall = _vertical(one.own_price, frame)
    under = one.own_price is not None and one.own_price < 0
    x = max(frame.x(middle), frame.left + text_width(words, 10.5) / 2)
    drawing.free_label(x, top + tall + 11 if under else top - 4, words, "halo", "middle", 10.5)


def _letters(one: Placed, stage: str) -> str:
    action = one.action
    states = {part.state for part in one.parts}
    if stage == "4a" and "minimis" in states:
        return "D"
    if states <= set(GHOSTS) or at_or_after(stage, "8"):
        return ""
    if stage == "7":
        return "repriced" if one.repriced else ""
    if stage == "5" and action.first_stage_flag and action.second_stage_flag is False:
        return "unflagged"
    if one.flagged and not at_or_after(stage, "6"):
        named = {"no price": action.unpriced, "CADL": action.cadl_flag, "SO": action.so_flag}
        return next((word for word, holds in named.items() if holds), "emergency")
    return str(action.rank) if stage == "3" else ""


def _lines(drawing: Drawing, period: PeriodView, frame: Frame, stage: str) -> None:
    if stage == "5":
        for side, price in sorted(period.dearest_unflagged_price.items()):
            near, far = frame.x(0), frame.right if side == "buy" else frame.left
            drawing.line(near, frame.y(price), far, frame.y(price), "dash")
            words = f"p* = {numbers.plain(price)}" + (", dearest unflagged buy" if frame.wide and side == "buy" else "")
            anchor = "start" if side == "buy" else "end"
            shift = 4 if side == "buy" else -4
            drawing.free_label(near + shift, frame.y(price) - 6, words, "halo b", anchor, 11)
    if stage in ("7", "8", "9") and period.replacement_price is not None:
        y = frame.y(period.replacement_price)
        drawing.line(frame.left, y, frame.right, y, "dash")
        words = f"replacement price {numbers.plain(period.replacement_price)}"
        drawing.free_label(frame.left + 4, y - 5, words, "halo b", "start", 11)
    if stage == "10" and period.system_price is not None:
        y = frame.y(period.system_price)
        drawing.line(frame.left, y, frame.right, y, "price")
        shown = numbers.price(period.own if period.own is not None else period.system_price)
        drawing.free_label(frame.left + 4, y - 6, f"System Price {shown}", "halo b", "start", 12)
