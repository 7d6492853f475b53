"""Own against published: all periods of the day on one page."""

from __future__ import annotations

from decimal import Decimal

from markupsafe import Markup

from reports.look import numbers, times
from reports.look.glyphs import chip
from reports.sections.how_to_read import tolerance
from reports.sections.tables import Column, Row, table
from reports.views import DayView, PeriodView
from settlement.calendar import local_clock, zone_name


def own_against_published(day: DayView) -> str:
    """HTML of the section; `none` where a price is not there, never a zero."""
    zones = {zone_name(view.start) for view in day.periods}
    one_zone = len(zones) == 1
    columns = [
        Column("Period"),
        Column("Start", next(iter(zones)) if one_zone else "local"),
        Column("Start", "UTC", class_="utc"),
        Column("NIV", "MWh, + short", figure=True),
        Column("Own", "GBP/MWh", figure=True),
        Column("Published", "GBP/MWh", figure=True),
        Column("Difference", "published − own", figure=True),
        Column("Verdict"),
    ]
    rows = [Row(_cells(view, one_zone), "" if view.verdict == "exact" else "hit") for view in day.periods]
    whole = len(day.periods)
    shown = table(columns, rows, f"All {whole} periods", "day48", foot=_foot(day))
    note = (
        f"Tolerance: exact = equal at 5 decimals; rounding = within {tolerance(day)} GBP/MWh. Compared on the reported "
        "figures. The same figures, for machines: results in the manifest beside this file."
    )
    return Markup(
        '<section id="verdicts" class="page"><h2>Own against published, all periods</h2>'
        '<p class="q">Is each price the one that the rules give?</p>{}<p class="src">{}</p></section>'
    ).format(shown, note)


def _cells(view: PeriodView, one_zone: bool) -> list[str | Markup]:
    clock = local_clock(view.start) + ("" if one_zone else f" {zone_name(view.start)}")
    number = view.settlement_period
    return [
        Markup('<a href="#period-{}">{}</a>').format(number, number),
        clock,
        times.utc_clock(view.start),
        numbers.signed_volume(view.net_imbalance_volume, missing=numbers.NOT_THERE),
        numbers.price(view.own, missing=numbers.NOT_THERE),
        numbers.price(view.published, missing=numbers.NOT_THERE),
        numbers.difference(view.difference),
        Markup(chip(view.verdict)),
    ]


def _foot(day: DayView) -> Markup:
    found = [view.net_imbalance_volume for view in day.periods if view.net_imbalance_volume is not None]
    short, long = sum(value > 0 for value in found), sum(value < 0 for value in found)
    balanced = f", balanced in {len(found) - short - long}" if len(found) > short + long else ""
    said = f"short in {short}, long in {long}{balanced}; prices do not add up, so none is shown"
    label = f"{len(found)} periods with a NIV" if len(found) != 1 else "1 period with a NIV"
    total = numbers.signed_volume(sum(found, Decimal(0))) if found else numbers.NOT_THERE
    return Markup(
        '<tr><th scope="row" colspan="2">{}</th><td class="utc"></td><td class="n">{}</td>'
        '<td colspan="4" style="font-weight:400">{}</td></tr>'
    ).format(label, total, said)
