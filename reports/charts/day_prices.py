"""The price row of the picture of a day: own as steps, published as circles, differences in words."""

from __future__ import annotations

from itertools import groupby

from reports.charts.day_frame import NARROW, WIDE, Frame, grid
from reports.charts.scale import Linear, covering, ticks
from reports.charts.svg import Drawing
from reports.look import numbers
from reports.look.glyphs import SLUGS
from reports.views import DayView, PeriodView


def prices(drawing: Drawing, day: DayView, frame: Frame, span: Linear) -> None:
    """Own as a step line, published as circles, and what differs or was set aside in words."""
    found = [float(value) for view in day.periods for value in (view.own, view.published) if value is not None]
    low, high = covering(found)
    scale = Linear(low, high, frame.price[1], frame.price[0])
    drawing.text(0, 12, "Imbalance price, GBP/MWh" if frame is WIDE else "Price, GBP/MWh", "b")
    grid(drawing, frame, scale, ticks(low, high), signed=False)
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
    _say_set_aside(drawing, day, frame, span, scale, steps)
    if frame is WIDE:
        _name_the_lines(drawing, day, scale, frame)


def _name_the_lines(drawing: Drawing, day: DayView, scale: Linear, frame: Frame) -> None:
    last = next((view for view in reversed(day.periods) if view.own is not None or view.published is not None), None)
    if last is None:
        drawing.text(frame.left + 8, frame.price[1] - 8, "No price, own or published, is there for this day", "m")
        return
    value = float(last.own if last.own is not None else last.published or 0)
    y = min(max(scale(value) + 4, frame.price[0] + 8), frame.price[1] - 12)
    drawing.text(frame.right + 5, y - 4, "own", "b")
    drawing.text(frame.right + 5, y + 11, "○ published", "t-link")


def _published(drawing: Drawing, view: PeriodView, x: float, scale: Linear, frame: Frame) -> None:
    if view.published is None:
        return
    y = scale(float(view.published))
    slug = SLUGS[view.verdict]
    apart = view.own != view.published
    radius = frame.radius + (1 if apart and frame is WIDE else 0)
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
    frame: Frame,
    steps: list[tuple[float, float, float]],
) -> None:
    """The label of a period that differs, near its mark."""
    if not view.difference:
        return
    words, value = numbers.short_difference(view.difference), view.published
    if frame is WIDE:
        words = f"P{view.settlement_period} {words}"
    y = scale(float(value)) if value is not None else frame.price[1] - 14
    _near(drawing, x, y, words, f"halo b t-{SLUGS[view.verdict]}", frame, steps)


def _say_set_aside(
    drawing: Drawing, day: DayView, frame: Frame, span: Linear, scale: Linear, steps: list[tuple[float, float, float]]
) -> None:
    """One label for each run of periods without an own price."""
    said = "no stack" if day.way == "published stack" else "not settled"
    for missing, run in groupby(enumerate(day.periods), key=lambda pair: pair[1].own is None):
        found = list(run)
        if not missing:
            continue
        first, last = found[0], found[-1]
        alone = len(found) == 1
        which = f"P{first[1].settlement_period}" + ("" if alone else f" to P{last[1].settlement_period}")
        words = said if frame is NARROW and alone else f"{which} {said}"
        x = (span(first[0]) + span(last[0] + 1)) / 2
        published = first[1].published if alone else None
        y = scale(float(published)) if published is not None else (frame.price[0] + frame.price[1]) / 2
        _near(drawing, x, y, words, "halo b t-notcomp", frame, steps)


def _near(
    drawing: Drawing,
    x: float,
    y: float,
    words: str,
    class_: str,
    frame: Frame,
    steps: list[tuple[float, float, float]],
) -> None:
    """Lay words near a place, where they hide least of the line."""
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
