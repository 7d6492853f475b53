"""Own against published, over a day: price, net imbalance volume and verdict on one time axis.

Own is a step line in ink, published an open circle on it; a circle off the line is the
difference, joined by dots and labelled whatever its size. A period that was set aside is
a gap and a hatch, never a zero.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from reports.charts.day_frame import NARROW, WIDE, Frame, grid
from reports.charts.day_prices import prices
from reports.charts.scale import Linear, round_under
from reports.charts.svg import Drawing
from reports.look.glyphs import SLUGS
from reports.look.times import utc_clock
from reports.views import DayView, PeriodView
from settlement.calendar import local_clock, zone_name

Links = Callable[[int], str]


def own_against_published(
    day: DayView, selected: int | None = None, links: Links | None = None, width: int = 900
) -> str:
    """SVG of the day, 900 or 360 wide.

    selected  a period drawn as a band through all three rows
    links     gives the address of a period; the strip and bars then become named links
    """
    frame = NARROW if width < 600 else WIDE
    change = _clock_change(day)
    height = frame.height + (16 if change else 0)
    title = "Own and published price, net imbalance volume and verdict by period"
    drawing = Drawing(f"day-{width}", width, height, title, _description(day), grouped=links is not None)
    span = Linear(0, len(day.periods), frame.left, frame.right)
    if selected is not None:
        first = span(selected - day.periods[0].settlement_period)
        drawing.rect(first, frame.price[0] - 4, span(1) - span(0), frame.strip[1] - frame.price[0] + 4, "band")
    for place in change:
        drawing.line(span(place), frame.price[0], span(place), frame.strip[1], "dash")
    prices(drawing, day, frame, span)
    _volumes(drawing, day, frame, span)
    _verdicts(drawing, day, frame, span)
    _clocks(drawing, day, frame, span, change)
    if links:
        _linked(drawing, day, frame, span, links)
    return drawing.svg()


def _description(day: DayView) -> str:
    counts = day.counts()
    said = ", ".join(f"{number} {verdict}" for verdict, number in counts.items() if number)
    return f"{len(day.periods)} periods: {said}. The table holds each figure."


def _volumes(drawing: Drawing, day: DayView, frame: Frame, span: Linear) -> None:
    found = [float(view.net_imbalance_volume) for view in day.periods if view.net_imbalance_volume is not None]
    reach = max([abs(value) for value in found], default=1.0) or 1.0
    scale = Linear(-reach * 1.06, reach * 1.06, frame.volume[1], frame.volume[0])
    drawing.text(0, frame.volume[0] - 10, "Net imbalance volume, MWh", "halo b")
    step = round_under(reach)
    grid(drawing, frame, scale, [-step, 0.0, step], signed=True)
    gap = 0.8
    for place, view in enumerate(day.periods):
        x, width = span(place) + gap, span(1) - span(0) - 2 * gap
        if view.net_imbalance_volume is None:
            half = min(16.0, (frame.volume[1] - frame.volume[0]) / 4)
            drawing.rect(x, scale(0) - half, width, 2 * half, "missing")
            continue
        value = float(view.net_imbalance_volume)
        if value:
            top, bottom = sorted((scale(0), scale(value)))
            drawing.rect(x, top, width, max(bottom - top, 0.8), "buy" if value > 0 else "sell")
    drawing.line(frame.left, scale(0), frame.right, scale(0), "axis")
    if frame is WIDE:
        drawing.text(frame.right + 8, scale(reach * 0.66) + 4, "short", "t-buy")
        drawing.text(frame.right + 8, scale(-reach * 0.66) + 4, "long", "t-sell")
    else:
        drawing.text(frame.right, frame.volume[0] - 10, "+ short, − long", "m", "end", 11)


def _verdicts(drawing: Drawing, day: DayView, frame: Frame, span: Linear) -> None:
    top, bottom = frame.strip
    tall, width = bottom - top, span(1) - span(0)
    if frame is WIDE:
        drawing.text(0, bottom - 5, "Verdict", "b", size=11)
    else:
        drawing.text(0, top - 6, "Verdict", "b")
    # On a narrow drawing a box is too small for a glyph: the height says the verdict, a number below names the period.
    heights = {"exact": 1.0, "rounding": 0.34, "vintage": 0.67, "not comparable": 1.0, "unexplained": 1.0}
    for place, view in enumerate(day.periods):
        slug = SLUGS[view.verdict]
        share = 1.0 if frame is WIDE else heights[view.verdict]
        drawing.rect(span(place) + 0.8, bottom - tall * share, width - 1.6, tall * share, f"f-{slug}")
        if frame is WIDE:
            on_ground = {"exact": "exact", "not comparable": "ink", "unexplained": "unexplained"}
            size = min(11.0, width - 2.6)
            colour = on_ground.get(view.verdict, "paper")
            drawing.glyph(span(place + 0.5) - size / 2, (top + bottom - size) / 2, size, view.verdict, colour)
        elif view.verdict != "exact":
            words = str(view.settlement_period)
            drawing.free_label(span(place + 0.5), bottom + 11, words, f"b t-{slug}", "middle", 10.5)


def _clock_change(day: DayView) -> list[int]:
    """Places of the periods before and after a change of the clocks; empty on other days."""
    names = [zone_name(view.start) for view in day.periods]
    return [place for place in range(1, len(names)) if names[place] != names[place - 1]]


def _clocks(drawing: Drawing, day: DayView, frame: Frame, span: Linear, change: list[int]) -> None:
    y = frame.clocks if frame is WIDE else frame.clocks + 3
    every = 6 if frame is WIDE else 12
    bottom = frame.strip[1]
    for place in range(0, len(day.periods), every):
        view, x = day.periods[place], span(place)
        if frame is NARROW:
            if span(place) < frame.right - 40:
                drawing.text(x, y, local_clock(view.start), "m", size=11)
            continue
        drawing.line(x, bottom, x, bottom + 5, "grid")
        if x > frame.right - 60:  # its words would run into the name of the zone
            continue
        drawing.text(x, y, local_clock(view.start))
        drawing.text(x, y + 15, f"P{view.settlement_period} · {utc_clock(view.start)}", "m", size=11)
    zone = "local" if change else zone_name(day.periods[0].start)
    if frame is WIDE:
        drawing.text(frame.right + 8, y, zone)
        drawing.text(frame.right + 8, y + 15, "UTC", "m", size=11)
    else:
        drawing.text(frame.right, y, zone, "m", "end", size=11)
    for place in change:
        before, after = day.periods[place - 1], day.periods[place]
        then = f"{_clock_and_zone(after)} (period {after.settlement_period})"
        words = f"Clocks change: {_clock_and_zone(before)}, then {then}"
        drawing.text(span(0), y + (30 if frame is WIDE else 15), words, "m", size=11)


def _clock_and_zone(view: PeriodView) -> str:
    return f"{local_clock(view.start)} {zone_name(view.start)}"


def _linked(drawing: Drawing, day: DayView, frame: Frame, span: Linear, links: Links) -> None:
    """A column over all three rows for each period, named by its verdict: mouse and keyboard reach the same."""
    width = span(1) - span(0)
    for place, view in enumerate(day.periods):
        name = f"Period {view.settlement_period}, {local_clock(view.start)} {zone_name(view.start)}, {view.verdict}"
        drawing.add(f'<a href="{escape(links(view.settlement_period))}" aria-label="{escape(name)}">')
        drawing.rect(span(place), frame.price[0], width, frame.strip[1] - frame.price[0], "hit")
        drawing.add("</a>")
