"""How to read a report: what each verdict means and which sign is which."""

from __future__ import annotations

from markupsafe import Markup

from reports.look import times
from reports.look.glyphs import chip
from reports.sections.tables import Column, Row, table
from reports.views import DayView

_MEANING = {
    "exact": ("Equal at the published precision, 5 decimals", "Rely on it"),
    "rounding": ("Within {tolerance} GBP/MWh", "Rely on it; the difference is shown, never hidden"),
    "vintage": ("Price and inputs were made at different moments", "Wait for the newer record, settle again"),
    "unexplained": (
        "Same vintage, outside the tolerance, no cause found",
        "A person looks; the report names the first stage that differs",
    ),
    "not comparable": ("An input is missing or was refused", "Load what is named; no figure is assumed"),
}
TOLERANCE = "0.005"  # GBP/MWh, where the run names no other


def tolerance(day: DayView) -> str:
    """The rounding tolerance of the run in GBP/MWh, as text."""
    return day.options.get("rounding_tolerance", TOLERANCE)


def how_to_read(day: DayView) -> str:
    """HTML of the section."""
    rows = [
        Row([Markup(chip(verdict)), meaning.format(tolerance=tolerance(day)), then])
        for verdict, (meaning, then) in _MEANING.items()
    ]
    columns = [Column("Verdict"), Column("It means"), Column("Then")]
    zone = times.zones(day.periods[0].start, day.periods[-1].end)
    notes = [
        "Buys (offers) and a short system are positive, sells (bids) and a long system negative. "
        "Difference = published − own.",
        "Volumes in MWh to 3 decimals, prices in GBP/MWh to 5, multipliers to 7, money in £ to 2. "
        "Blank: nothing left. –: does not apply. none: not there. 0.000 is a true zero.",
        f"Local time is Europe/London ({zone} on this day); Z marks UTC.",
        "Evidence: verified (against published rows or pages), secondary (public code that agrees), recollection "
        "(from memory), derived (follows by algebra). ~ marks a clause number not checked against the text.",
    ]
    items = Markup("").join(Markup("<li>{}</li>").format(note) for note in notes)
    return Markup(
        '<section id="how"><h2>How to read this report</h2><p class="q">What does each word mean, and which sign is '
        'which?</p>{}<ul class="list small">{}</ul></section>'
    ).format(table(columns, rows, "Verdicts and what they mean", "cards"), items)
