"""One period in short: key figures, why, and the stack as it stands at the end."""

from __future__ import annotations

from markupsafe import Markup

from dashboards.address import address
from dashboards.held import Held
from dashboards.parts.controls import report_words
from reports.charts import price_stack, two_widths
from reports.look import numbers, times
from reports.look.glyphs import chip
from reports.sections.period import stack_key
from reports.views import DayView, PeriodView


def key_figures(period: PeriodView, short: bool, replacement: bool = False) -> Markup:
    """Own, published, NIV and verdict.

    short        prices to 2 decimals and NIV to 1, as on Day; else 5 and 3
    replacement  the Replacement Price too
    """
    price = numbers.key_price if short else numbers.price
    niv = period.net_imbalance_volume
    way = "" if niv is None else "short" if niv > 0 else "long" if niv < 0 else "balanced"
    facts = [
        ("Own", price(period.own, numbers.NOT_THERE), "GBP/MWh" if period.own is not None else ""),
        ("Published", price(period.published, numbers.NOT_THERE), "GBP/MWh" if period.published is not None else ""),
        ("NIV", numbers.written(niv, 1 if short else 3, True, numbers.NOT_THERE), f"MWh, {way}" if way else ""),
    ]
    if replacement and period.own is not None:
        found = period.replacement_price
        shown = numbers.plain(found) if found is not None else "not needed"
        facts.append(("Replacement price", shown, "GBP/MWh" if found is not None else ""))
    boxes = [Markup("<div><dt>{}</dt><dd>{} <small>{}</small></dd></div>").format(*fact) for fact in facts]
    verdict = Markup("<div><dt>Verdict</dt><dd>{}</dd></div>").format(Markup(chip(period.verdict)))
    return Markup('<dl class="facts">{}{}</dl>').format(Markup("").join(boxes), verdict)


def why(period: PeriodView) -> Markup:
    """Reason and remedy of what is not exact, and what was taken by rule; nothing where all is well."""
    said = []
    if period.verdict != "exact":
        todo = f" {period.todo.rstrip('.')}." if period.todo else ""
        away = "" if period.difference is None else f" Difference {numbers.difference(period.difference)} GBP/MWh."
        said.append(Markup("<p><b>{}</b>{}{}</p>").format(period.reason, away, todo))
    if period.own is None:
        said.append(Markup("<p>This period was set aside: no price was made and none is assumed.</p>"))
    if period.defaults:
        rules = "; ".join(dict.fromkeys(f"{one.what} ({one.rule})" for one in period.defaults))
        said.append(Markup('<p class="small">Taken by rule, because the feed did not arrive: {}</p>').format(rules))
    return Markup("").join(said)


def picture(period: PeriodView, stage: str) -> Markup:
    """The stack after a stage, at the width that fits its place."""
    return Markup('<div class="pic">{}</div>').format(
        Markup(two_widths(lambda width: price_stack(period, stage, width)))
    )


def key(period: PeriodView) -> Markup:
    """The key of a stack, in the colour of the side that is left."""
    return stack_key("sell" if (period.net_imbalance_volume or 0) < 0 else "buy")


def period_box(held: Held, day: DayView, period: PeriodView) -> Markup:
    """The lower half of Day."""
    number = period.settlement_period
    step = address("/period", date=day.settlement_date, run=day.run, period=number, stage="10")
    links = [Markup('<a href="{}">Step through the stages</a>').format(step)] if period.actions else []
    links.append(report_words(held, day, number))
    if period.own is not None:
        command = f"bsc explain system_price --date {day.settlement_date} --period {number}"
        links.append(Markup('<span class="small">Explain: <code>{}</code></span>').format(command))
    shown = (
        Markup('<div class="aside">{}{}</div>').format(picture(period, "10"), key(period))
        if period.actions
        else picture(period, "10")
    )
    return Markup(
        '<section class="box" id="period"><h2>Period {}, {} <span class="small nb">{}</span></h2>{}{}{}'
        '<p class="after">{}</p></section>'
    ).format(
        number, times.span(period), times.utc_clock(period.start), key_figures(period, short=True), why(period), shown,
        Markup(" · ").join(links),
    )  # fmt: skip
