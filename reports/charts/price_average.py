"""The MWh that set the price, enlarged: one box an action, with its MWh, final price and unit."""

from __future__ import annotations

from reports.charts.scale import text_width
from reports.charts.svg import Drawing
from reports.look import numbers
from reports.look.names import action_name
from reports.views import Action, PeriodView

_MOST = 8  # boxes before the rest is drawn as one


def in_price_average(period: PeriodView) -> list[Action]:
    """The actions with volume inside PAR, dearest for the System Operator first, of equal price the largest."""
    inside = [action for action in period.actions if abs(action.price_average_adjusted_volume) > 1e-9]
    sign = 1 if inside and inside[0].side == "buy" else -1
    return sorted(
        inside,
        key=lambda action: (
            -sign * (action.final_price or 0.0),
            -abs(action.price_average_adjusted_volume),
            action.rank,
        ),
    )


def price_average_strip(period: PeriodView, width: int = 900) -> str:
    """SVG of the MWh inside PAR, dearest first; empty text where no MWh set the price (NIV 0, or set aside)."""
    inside = in_price_average(period)
    if not inside:
        return ""
    whole = 560 if width >= 600 else 340
    total = sum(abs(action.price_average_adjusted_volume) for action in inside)
    title = f"The dearest {numbers.volume(total)} MWh of the net imbalance volume, enlarged"
    said = "; ".join(
        f"{numbers.volume(a.price_average_adjusted_volume)} MWh of {action_name(a)}" for a in inside[:_MOST]
    )
    drawing = Drawing(f"par-{period.settlement_period}-{whole}", whole, 92, title, said)
    x = 1.0
    shown, rest = (inside, []) if len(inside) <= _MOST else (inside[: _MOST - 1], inside[_MOST - 1 :])
    boxes = []
    for action in shown:
        extent = abs(action.price_average_adjusted_volume) / total * (whole - 2)
        drawing.rect(x, 20, extent - 2, 30, f"{action.side}{' flag' if action.repriced else ''}")
        drawing.rect(x, 20, extent - 2, 30, "frame")
        boxes.append((extent, x, action))
        x += extent
    for extent, left, action in sorted(boxes, key=lambda box: -box[0]):  # the widest speaks first
        _words(drawing, left, extent, action)
    if rest:
        drawing.rect(x, 20, whole - 1 - x, 30, f"{rest[0].side} pale")
        drawing.rect(x, 20, whole - 1 - x, 30, "frame")
        for y in (14, 68, 84):
            if drawing.free_label(x + 1, y, f"{len(rest)} more", "m", "start", 12):
                break
    return drawing.svg().replace(" viewBox=", f' style="max-width:{whole}px" viewBox=', 1)


def _words(drawing: Drawing, x: float, extent: float, action: Action) -> None:
    """Words start at the left edge of their box; what finds no room is in the table."""
    name = action_name(action) + (" repriced" if action.repriced else "")
    if text_width(name, 12) > extent:
        name = action_name(action)
    drawing.free_label(x + 1, 14, f"{numbers.volume(abs(action.price_average_adjusted_volume))} MWh", "", "start", 12)
    drawing.free_label(x + 1, 68, numbers.plain(action.final_price or 0.0), "b", "start", 12)
    drawing.free_label(x + 1, 84, name, "m", "start", 12)
