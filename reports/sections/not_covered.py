"""What a report does not cover: what must not be concluded from it."""

from __future__ import annotations

from markupsafe import Markup

from reports.views import DayView

_SYNTHETIC = "SYNTHETIC data. Nothing here says anything of a real day, party or unit."


def not_covered(day: DayView) -> str:
    """HTML of the section; the first sentence of each point stands out."""
    points = list(day.not_covered)
    if day.assumed:
        points.insert(0, f"ASSUMED adjustment actions. They came from {day.assumed}, not from a feed.")
    if day.synthetic and not any("SYNTHETIC" in point for point in points):
        points.append(_SYNTHETIC)
    if not points:
        points = ["This run names no gap. That is not a proof that there is none."]
    items = Markup("").join(_point(point) for point in points)
    return Markup(
        '<section id="not-covered"><h2>What this report does not cover</h2><p class="q">What must I not conclude from '
        'it?</p><ul class="list">{}</ul></section>'
    ).format(items)


def _point(point: str) -> Markup:
    first, dot, rest = point.partition(". ")
    return Markup("<li><b>{}{}</b> {}</li>").format(first, "." if dot else "", rest)
