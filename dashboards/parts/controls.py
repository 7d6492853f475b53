"""Buttons and selects of a page: plain HTML, links wherever a link will do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from dashboards.address import address
from dashboards.held import Held
from reports.look import times
from reports.sections.words import run_name
from reports.views import DayView, PeriodView
from settlement.calendar import local_clock, zone_name


def day_before_and_after(path: str, day: date, run: str | None, **more: Any) -> Markup:
    """Two links, to the day before and the day after."""
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    return Markup(
        '<a class="btn" data-name="before" href="{}" aria-label="Day before, {}">‹ {}</a>'
        '<a class="btn" data-name="after" href="{}" aria-label="Day after, {}">{} ›</a>'
    ).format(
        address(path, date=before, run=run, **more), times.middle_day(before), _short(before),
        address(path, date=after, run=run, **more), times.middle_day(after), _short(after),
    )  # fmt: skip


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


def period_and_run(path: str, held: Held, day: DayView, chosen: PeriodView | None) -> Markup:
    """The form that chooses period and run; it goes to the page as a link would."""
    periods = Markup("").join(
        _option(str(view.settlement_period), _period_words(view), view is chosen) for view in day.periods
    )
    kept = held.run_types(day.settlement_date)
    runs = Markup("").join(_option(run, run_name(run), run == day.run) for run in kept)
    return Markup(
        '<form class="go" method="get" action="{}"><input type="hidden" name="date" value="{}">'
        '<select class="btn" name="period" id="choose-period" aria-label="Period">{}</select>'
        '<select class="btn" name="run" id="choose-run" aria-label="Run">{}</select>'
        '<noscript><button class="btn">Show</button></noscript></form>'
    ).format(path, day.settlement_date, periods, runs)


def _option(value: str, words: str, chosen: bool) -> Markup:
    return Markup('<option value="{}"{}>{}</option>').format(value, Markup(" selected") if chosen else "", words)


def _period_words(view: PeriodView) -> str:
    return f"Period {view.settlement_period}, {local_clock(view.start)} {zone_name(view.start)}"


def report_link(held: Held, day: DayView, period: int | None = None, primary: bool = True) -> Markup:
    """A link to the report, or to the section of a period in it; without a report, how to make it."""
    found = held.report(day)
    if found is None:
        return Markup("")
    where = found.address + (f"#period-{period}" if period is not None else "")
    words = "Report section" if period is not None else "Report"
    return Markup('<a class="btn{}" href="{}">{}</a>').format(" pri" if primary else "", where, words)


def report_words(held: Held, day: DayView, period: int) -> Markup:
    """Where the report stands, in a line of text."""
    found = held.report(day)
    command = f"bsc report {day.settlement_date} --run {day.run} --home {held.home}"
    if found is None:
        return Markup("No report of this run is made yet: <code>{}</code>").format(command)
    link = Markup('<a href="{}#period-{}">Report section</a>').format(found.address, period)
    if found.same_run:
        return link
    return Markup("{} (of another run than shown here; make it anew: <code>{}</code>)").format(link, command)
