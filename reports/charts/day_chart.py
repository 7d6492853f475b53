"""Own against published, over a day: price, net imbalance volume and verdict on one time axis.

Own is a step line in ink, published an open circle on it; a circle off the line is the
difference, joined by dots and labelled whatever its size. A period that was set aside is
a gap and a hatch, never a zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reports.charts.scale import Linear, covering, round_under, ticks
from reports.charts.svg import Drawing
from reports.look import numbers
from reports.look.glyphs import SLUGS
from reports.look.times import utc_clock
from reports.views import DayView, PeriodView
from settlement.calendar import local_clock, zone_name

Links = Callable[[int], str]


@dataclass(frozen=True)
class _Frame:
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


_WIDE = _Frame(46, 830, (30, 222), (254, 346), (372, 390), 406, 3.2, 434, 12)
_NARROW = _Frame(30, 356, (24, 172), (204, 288), (312, 330), 347, 1.8, 354, 11)


def own_against_published(
    day: DayView, selected: int | None = None, links: Links | None = None, width: int = 900
) -> str:
    """SVG of the day, 900 or 360 wide.

    selected  a period drawn as a band through all three rows
    links     gives the address of a period; the strip and bars then become named links
    """
    frame = _NARROW if width < 600 else _WIDE
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
    _prices(drawing, day, frame, span)
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


def _grid(drawing: Drawing, frame: _Frame, scale: Linear, values: list[float], signed: bool) -> None:
    for value in values:
        y = scale(value)
        drawing.line(frame.left, y, frame.right, y, "axis" if value == 0 else "grid")
        least = 0 if value == round(value) else 1
        drawing.text(frame.left - 6, y + 4, numbers.written(value, least, signed), "m", "end")


def _prices(drawing: Drawing, day: DayView, frame: _Frame, span: Linear) -> None:
    found = [float(value) for view in day.periods for value in (view.own, view.published) if value is not None]
    low, high = covering(found)
    scale = Linear(low, high, frame.price[1], frame.price[0])
    drawing.text(0, 12, "Imbalance price, GBP/MWh" if frame is _WIDE else "Price, GBP/MWh", "b")
    _grid(drawing, frame, scale, ticks(low, high), signed=False)
    path, before = [], None
    for place, view in enumerate(day.periods):
        if view.own is None:
            before = None
            continue
        y = scale(float(view.own))
        path.append(f"{'M' if before is None else 'L'}{span(place):.1f} {y:.1f}H{span(place + 1):.1f}")
        before = y
    steps = [
        (span(place), span(place + 1), scale(float(view.own)))
        for place, view in enumerate(day.periods)
        if view.own is not None
    ]
    if path:
        drawing.add(f'<path class="own" d="{"".join(path)}"/>')
    for place, view in enumerate(day.periods):
        _published(drawing, view, span(place + 0.5), scale, frame)
    for place, view in sorted(enumerate(day.periods), key=lambda pair: -(pair[1].worth or 0)):
        _say(drawing, view, span(place + 0.5), scale, frame, steps)
    if frame is _WIDE:
        _name_the_lines(drawing, day, scale, frame)


def _name_the_lines(drawing: Drawing, day: DayView, scale: Linear, frame: _Frame) -> None:
    last = next((view for view in reversed(day.periods) if view.own is not None or view.published is not None), None)
    if last is None:
        drawing.text(frame.left + 8, frame.price[1] - 8, "No price, own or published, is there for this day", "m")
        return
    value = float(last.own if last.own is not None else last.published or 0)
    y = min(max(scale(value) + 4, frame.price[0] + 8), frame.price[1] - 12)
    drawing.text(frame.right + 5, y - 4, "own", "b")
    drawing.text(frame.right + 5, y + 11, "○ published", "t-link")


def _published(drawing: Drawing, view: PeriodView, x: float, scale: Linear, frame: _Frame) -> None:
    if view.published is None:
        return
    y = scale(float(view.published))
    slug = SLUGS[view.verdict]
    apart = view.own != view.published
    radius = frame.radius + (1 if apart and frame is _WIDE else 0)
    if view.own is None:
        drawing.circle(x, y, radius, "pub ring s-notcomp")
        return
    if abs(scale(float(view.own)) - y) > radius + 2:
        drawing.line(x, scale(float(view.own)), x, y, f"dots s-{slug}")
    drawing.circle(x, y, radius, f"pub s-{slug}")


def _say(
    drawing: Drawing,
    view: PeriodView,
    x: float,
    scale: Linear,
    frame: _Frame,
    steps: list[tuple[float, float, float]],
) -> None:
    """The label of a period that differs or has no own price, near its mark, where it hides least of the line."""
    if view.own is None:
        words, value = "set aside" if view.actions else "no stack", view.published
    elif view.difference:
        words, value = numbers.short_difference(view.difference), view.published
    else:
        return
    if frame is _WIDE:
        words = f"P{view.settlement_period} {words}"
    y = scale(float(value)) if value is not None else frame.price[1] - 14
    class_ = f"halo b t-{SLUGS[view.verdict]}"
    found = [
        ("middle", x, y - 9), ("middle", x, y + 18), ("end", x - 7, y + 4), ("start", x + 7, y + 4),
        ("end", x, y - 9), ("start", x, y - 9), ("end", x, y + 18), ("start", x, y + 18),
        ("middle", x, y - 22), ("middle", x, y + 31),
    ]  # fmt: skip
    if y < frame.price[0] + 12 or y > frame.price[1] - 20:
        found = [place for place in found if frame.price[0] - 4 < place[2] < frame.price[1] + 2] or found

    # Where it hides least of the line; of two that hide as little, the nearer.
    def hidden(place: tuple[str, float, float]) -> float:
        return _hidden(drawing.label_box(place[1], place[2], words, class_, place[0], frame.small), steps)

    found.sort(key=hidden)
    for anchor, left, top in found:
        if drawing.free_label(left, max(top, 12.0), words, class_, anchor, frame.small):
            return


def _hidden(box: tuple[float, float, float, float], steps: list[tuple[float, float, float]]) -> float:
    """About how much of the step line, in units of the picture, lies under a box."""
    left, top, right, bottom = box
    hidden, before = 0.0, None
    for start, end, y in steps:
        if top < y < bottom:
            hidden += max(0.0, min(end, right) - max(start, left))
        if before is not None and left < start < right:
            hidden += max(0.0, min(max(before, y), bottom) - max(min(before, y), top))
        before = y
    return hidden


def _volumes(drawing: Drawing, day: DayView, frame: _Frame, span: Linear) -> None:
    found = [float(view.net_imbalance_volume) for view in day.periods if view.net_imbalance_volume is not None]
    reach = max([abs(value) for value in found], default=1.0) or 1.0
    scale = Linear(-reach * 1.06, reach * 1.06, frame.volume[1], frame.volume[0])
    drawing.text(0, frame.volume[0] - 10, "Net imbalance volume, MWh", "halo b")
    step = round_under(reach)
    _grid(drawing, frame, scale, [-step, 0.0, step], signed=True)
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
    if frame is _WIDE:
        drawing.text(frame.right + 8, scale(reach * 0.66) + 4, "short", "t-buy")
        drawing.text(frame.right + 8, scale(-reach * 0.66) + 4, "long", "t-sell")
    else:
        drawing.text(frame.right, frame.volume[0] - 10, "+ short, − long", "m", "end", 11)


def _verdicts(drawing: Drawing, day: DayView, frame: _Frame, span: Linear) -> None:
    top, bottom = frame.strip
    tall, width = bottom - top, span(1) - span(0)
    if frame is _WIDE:
        drawing.text(0, bottom - 5, "Verdict", "b", size=11)
    else:
        drawing.text(0, top - 6, "Verdict", "b")
    # On a narrow drawing a box is too small for a glyph: the height says the verdict, a number below names the period.
    heights = {"exact": 1.0, "rounding": 0.34, "vintage": 0.67, "not comparable": 1.0, "unexplained": 1.0}
    for place, view in enumerate(day.periods):
        slug = SLUGS[view.verdict]
        share = 1.0 if frame is _WIDE else heights[view.verdict]
        drawing.rect(span(place) + 0.8, bottom - tall * share, width - 1.6, tall * share, f"f-{slug}")
        if frame is _WIDE:
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


def _clocks(drawing: Drawing, day: DayView, frame: _Frame, span: Linear, change: list[int]) -> None:
    y = frame.clocks if frame is _WIDE else frame.clocks + 3
    every = 6 if frame is _WIDE else 12
    bottom = frame.strip[1]
    for place in range(0, len(day.periods), every):
        view, x = day.periods[place], span(place)
        if frame is _NARROW:
            if span(place) < frame.right - 40:
                drawing.text(x, y, local_clock(view.start), "m", size=11)
            continue
        drawing.line(x, bottom, x, bottom + 5, "grid")
        if x > frame.right - 60:  # its words would run into the name of the zone
            continue
        drawing.text(x, y, local_clock(view.start))
        drawing.text(x, y + 15, f"P{view.settlement_period} · {utc_clock(view.start)}", "m", size=11)
    zone = "local" if change else zone_name(day.periods[0].start)
    if frame is _WIDE:
        drawing.text(frame.right + 8, y, zone)
        drawing.text(frame.right + 8, y + 15, "UTC", "m", size=11)
    else:
        drawing.text(frame.right, y, zone, "m", "end", size=11)
    for place in change:
        before, after = day.periods[place - 1], day.periods[place]
        then = f"{_clock_and_zone(after)} (period {after.settlement_period})"
        words = f"Clocks change: {_clock_and_zone(before)}, then {then}"
        drawing.text(span(0), y + (30 if frame is _WIDE else 15), words, "m", size=11)


def _clock_and_zone(view: PeriodView) -> str:
    return f"{local_clock(view.start)} {zone_name(view.start)}"


def _linked(drawing: Drawing, day: DayView, frame: _Frame, span: Linear, links: Links) -> None:
    """A column over all three rows for each period, named by its verdict: mouse and keyboard reach the same."""
    from html import escape

    width = span(1) - span(0)
    for place, view in enumerate(day.periods):
        name = f"Period {view.settlement_period}, {local_clock(view.start)} {zone_name(view.start)}, {view.verdict}"
        drawing.add(f'<a href="{escape(links(view.settlement_period))}" aria-label="{escape(name)}">')
        drawing.rect(span(place), frame.price[0], width, frame.strip[1] - frame.price[0], "hit")
        drawing.add("</a>")
