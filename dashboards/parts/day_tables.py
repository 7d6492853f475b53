"""The tables of Day: what needs a person, and every period."""

from __future__ import annotations

from decimal import Decimal

from markupsafe import Markup

from dashboards.address import address
from reports.look import numbers, times
from reports.look.glyphs import chip
from reports.sections.tables import Column, Row, table
from reports.views import DayView, PeriodView
from settlement.calendar import local_clock, zone_name


def link(day: DayView, view: PeriodView) -> Markup:
    """The number of a period, leading to it on this page."""
    where = address("/day", date=day.settlement_date, run=day.run, period=view.settlement_period)
    return Markup('<a href="{}#period" aria-label="Period {}">{}</a>').format(
        where, view.settlement_period, view.settlement_period
    )


def to_look_at(day: DayView) -> list[PeriodView]:
    """The periods that are not exact, the largest worth first."""
    found = [view for view in day.periods if view.verdict != "exact"]
    return sorted(found, key=lambda view: (-(view.worth or Decimal(0)), view.verdict == "rounding",
                                           view.settlement_period))  # fmt: skip


def needs_a_person(day: DayView) -> Markup:
    """HTML of the section; with nothing to do it says so in one sentence."""
    found = to_look_at(day)
    head = Markup('<section class="box"><h2>What needs a person</h2>')
    if not found:
        said = f"Nothing: each of the {len(day.periods)} prices agrees with the published one to five decimals."
        return head + Markup("<p>{}</p></section>").format(said)
    body = Markup("").join(_needs_row(day, view) for view in found)
    worth = [view.worth for view in found if view.worth is not None]
    total = numbers.money(sum(worth, Decimal(0))) if worth else numbers.NOT_THERE
    return head + Markup(
        '<div class="tw" tabindex="0" role="region" aria-label="Periods to look at"><table class="cards needs"><thead>'
        '<tr><th scope="col">Period</th><th scope="col">Verdict</th><th scope="col" class="n">Difference'
        '<small>GBP/MWh</small></th><th scope="col" class="n">Worth<small>£</small></th></tr></thead><tbody>{}</tbody>'
        '<tfoot><tr><th scope="row">Sum</th><td></td><td></td><td class="n" data-l="Worth, £">{}</td></tr></tfoot>'
        '</table></div><p class="src">Difference = published − own. Worth = |difference| × |NIV|: how much money moved '
        "at most, not what any party owes. Ordered by worth.</p></section>"
    ).format(body, total)


def _needs_row(day: DayView, view: PeriodView) -> Markup:
    todo = f" {view.todo.rstrip('.')}." if view.todo else ""
    return Markup(
        '<tr><th scope="row" data-l="Period">{}</th><td data-l="Verdict">{}</td><td class="n" data-l="Difference">{}'
        '</td><td class="n" data-l="Worth, £">{}</td></tr><tr class="why"><td colspan="4" data-l="Reason"><span>{}{}'
        "</span></td></tr>"
    ).format(
        link(day, view), Markup(chip(view.verdict)), numbers.difference(view.difference), numbers.money(view.worth),
        view.reason, todo,
    )  # fmt: skip


def every_period(day: DayView, chosen: PeriodView | None) -> Markup:
    """All periods as a table, folded."""
    zones = {zone_name(view.start) for view in day.periods}
    one_zone = len(zones) == 1
    columns = [
        Column("Period"), Column("Start", next(iter(zones)) if one_zone else "local"),
        Column("Start", "UTC", class_="utc"), Column("NIV", "MWh, + short", figure=True),
        Column("Own", "GBP/MWh", figure=True), Column("Published", "GBP/MWh", figure=True),
        Column("Difference", "published − own", figure=True), Column("Verdict"),
    ]  # fmt: skip
    rows = [Row(_cells(day, view, one_zone), _mark(view, chosen)) for view in day.periods]
    whole = f"All {len(day.periods)} periods"
    shown = table(columns, rows, whole, "day48")
    return Markup(
        '<details class="all" id="all-periods"><summary>{} as a table</summary>{}'
        '<p class="src">Prices do not add up, so the table has no total.</p></details>'
    ).format(whole, shown)


def _mark(view: PeriodView, chosen: PeriodView | None) -> str:
    return "chosen" if view is chosen else "" if view.verdict == "exact" else "hit"


def _cells(day: DayView, view: PeriodView, one_zone: bool) -> list[str | Markup]:
    return [
        link(day, view),
        local_clock(view.start) + ("" if one_zone else f" {zone_name(view.start)}"),
        times.utc_clock(view.start),
        numbers.signed_volume(view.net_imbalance_volume, missing=numbers.NOT_THERE),
        numbers.price(view.own, missing=numbers.NOT_THERE),
        numbers.price(view.published, missing=numbers.NOT_THERE),
        numbers.difference(view.difference),
        Markup(chip(view.verdict)),
    ]
