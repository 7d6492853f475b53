"""One period as a report of its own: a cover with its verdict, its section whole, every BM Unit, account and Party."""

from __future__ import annotations

from markupsafe import Markup

from reports.charged import Charged
from reports.look import numbers, times
from reports.sections import words
from reports.sections.charged import accounts, cash, losses, volumes
from reports.sections.period import period_section
from reports.sections.seal import seal
from reports.subjects_of_days import of_period
from reports.views import DayView, PeriodView


def cover(period: PeriodView, day: DayView) -> str:
    """HTML of the cover: what the price is, whether it is the published one, and how to prove the page."""
    facts = [
        ("Settlement Date", times.middle_day(day.settlement_date), f"of {len(day.periods)} periods"),
        ("Run", words.run_name(day.run), day.way),
        ("Data as of", times.local_moment(day.data_as_of), f"store version {numbers.count(day.store_version)}"),
    ]
    boxes = [Markup("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>").format(*fact) for fact in facts]
    return Markup(
        '<section class="cover" id="cover"><p class="kick">Audit report, one settlement period</p><h1>{}, {}</h1>'
        '<p class="lead">{}</p><dl class="facts">{}</dl>{}</section>'
    ).format(
        times.heading(period).partition(" (")[0], times.long_day(day.settlement_date), lead(period),
        Markup("").join(boxes), seal(of_period(day, period.settlement_period)),
    )  # fmt: skip


def lead(period: PeriodView) -> str:
    """What the price is, and how it stands beside the published one."""
    if period.own is None:
        return f"No price: {period.reason}"
    own = f"The price is {numbers.price(period.own)} GBP/MWh"
    if period.published is None:
        return f"{own}; no published price has come to lay beside it."
    if period.verdict == "exact":
        return f"{own}, as published."
    return f"{own}; {words.higher_or_lower(period)}: {period.verdict}. {period.reason}"


def section(period: PeriodView, day: DayView, found: Charged | None) -> str:
    """HTML of the period, with every action; its charges stand in the sections after it."""
    return period_section(period, day, None if found is None or found.has(period.settlement_period) else found, None)


def units(period: int, found: Charged | None) -> str:
    """HTML of every BM Unit and every Energy Account."""
    if found is None or not found.has(period):
        return _none("units", "Every BM Unit")
    return Markup(
        '<section id="units" class="page"><h2>Every BM Unit and account</h2><p class="q">What was notified, accepted, '
        "metered and credited?</p>{}<h3>Energy Accounts</h3>{}</section>"
    ).format(volumes(period, found, None), accounts(period, found))


def every_party(period: int, found: Charged | None) -> str:
    """HTML of losses, the residual and every Party by money."""
    if found is None or not found.has(period):
        return _none("parties", "Every Party")
    return Markup(
        '<section id="parties" class="page"><h2>Losses, residual and every Party</h2><p class="q">Who is due what for '
        "this period?</p>{}{}</section>"
    ).format(losses(period, found), cash(period, found, None))


def _none(anchor: str, title: str) -> str:
    said = "None: the run has no charges, or the period was set aside. Nothing was put in their place."
    return Markup('<section id="{}"><h2>{}</h2><p>{}</p></section>').format(anchor, title, said)
