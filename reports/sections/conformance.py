"""Prices over a month or a year: cover, calendar heat map, trend, unexplained periods, days that were not settled."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from markupsafe import Markup

from reports.charts import two_widths
from reports.charts.calendar_chart import calendar_chart
from reports.look import numbers, times
from reports.look.glyphs import chip
from reports.sections.seal import seal
from reports.sections.tables import Column, Row, table
from reports.subjects import Subject
from reports.views import VERDICTS

if TYPE_CHECKING:
    from reports.price_conformance import Conformance, JudgedDay

MOST = 40  # unexplained periods that are listed; the others are summed


def cover(found: Conformance, subject: Subject) -> str:
    """HTML of the cover."""
    boxes = [
        Markup("<div><b{}>{}</b>{}</div>").format(
            Markup("") if count else Markup(' class="zero"'), numbers.count(count), Markup(chip(verdict))
        )
        for verdict, count in found.counts.items()
    ]
    return Markup(
        '<section class="cover" id="cover"><p class="kick">Own against published prices</p><h1>Prices of {}</h1>'
        '<p class="lead">{}</p><div class="tally">{}</div>{}</section>'
    ).format(span_name(found), lead(found), Markup("").join(boxes), seal(subject))


def span_name(found: Conformance) -> str:
    """January 2024; the year 2024."""
    first = found.days[0].settlement_date
    return f"{first:%B %Y}" if "-" in found.span else f"the year {first.year}"


def lead(found: Conformance) -> str:
    """How many days are settled, and how many of the prices that can be compared are exact."""
    settled, whole = len(found.settled), len(found.days)
    days = f"{settled} of {whole} days {'is' if settled == 1 else 'are'} settled"
    if not found.compared:
        return f"{days}; no price of them can be compared with a published one."
    exact = found.counts["exact"]
    said = f"{days}; of {numbers.count(found.compared)} prices that can be compared {numbers.count(exact)} "
    said += f"{'is' if exact == 1 else 'are'} exact ({share(exact, found.compared)})."
    unexplained = found.counts["unexplained"]
    worth = sum((one.worth or Decimal(0) for one in found.by_worth()), Decimal(0))
    if unexplained:
        said += f" {numbers.count(unexplained)} unexplained, worth £{numbers.money(worth)} at most."
    return said


def share(part: int, whole: int) -> str:
    """A share in percent, never rounded up to all of it, nor down to none of it."""
    if not whole:
        return numbers.DOES_NOT_APPLY
    percent = Decimal(100) * part / whole
    least, most = Decimal("0.01"), Decimal("99.99")
    shown = percent if part in (0, whole) else min(max(percent, least), most)
    return f"{numbers.written(shown, 2)} %"


def heat_map(found: Conformance) -> str:
    """HTML of the calendar: a cell a day, with the mark of its worst verdict; an outline where there is no run."""
    drawn = two_widths(lambda width: calendar_chart(found.days, width=width))
    settled = len(found.settled)
    exact = sum(one.worst == "exact" for one in found.settled)
    finding = f"{exact} of {settled} settled days are exact in every period"
    key = Markup("").join(Markup("<li>{}</li>").format(Markup(chip(verdict))) for verdict in VERDICTS)
    return Markup(
        '<section id="heat-map"><h2>Calendar</h2><p class="q">On which days can the prices be relied on?</p>'
        '<figure class="fig"><figcaption><b>{}</b><span>Months down, days across; the worst verdict of each day. An '
        'outline: not settled, so not judged.</span></figcaption>{}<ul class="key">{}<li>outline: not settled</li></ul>'
        '<p class="small nar">The height tells it: a third rounding, two thirds vintage, all of it unexplained.</p>'
        "</figure></section>"
    ).format(finding, Markup(drawn), key)


def trend(found: Conformance) -> str:
    """HTML of the counts by day of a month, or by month of a year."""
    by_day = "-" in found.span
    if by_day:
        groups = [(times.short_day(one.settlement_date), [one]) for one in found.settled]
        heads = [Column("Day", class_="nb"), Column("Run")]
    else:
        groups = [(month, days) for month, days in found.by_month().items() if any(one.view for one in days)]
        heads = [Column("Month", class_="nb"), Column("Days settled", class_="nb")]
    columns = [
        *heads,
        Column("Compared", "periods", figure=True),
        *(Column(verdict, figure=True) for verdict in VERDICTS),
        Column("Exact", "of compared", figure=True),
    ]
    rows = [Row([words, *_counted(days, by_day)]) for words, days in groups]
    every = _counted(list(found.days), False)
    cells = Markup("").join(Markup('<td class="n">{}</td>').format(cell) for cell in every[1:])
    foot = Markup('<tr><th scope="row">All</th><td>{}</td>{}</tr>').format("" if by_day else every[0], cells)
    return Markup(
        '<section id="trend" class="page"><h2>Trend</h2><p class="q">Does it get better?</p>{}</section>'
    ).format(table(columns, rows, "Verdicts over time", "day48", foot=foot))


def _counted(days: list[JudgedDay], by_day: bool) -> list[str]:
    settled = [one for one in days if one.view is not None]
    counts = {verdict: sum(one.counts[verdict] for one in settled) for verdict in VERDICTS}
    compared = sum(counts.values()) - counts["not comparable"]
    view = settled[0].view
    first = view.run if by_day and view is not None else f"{len(settled)} of {len(days)}"
    return [first, numbers.count(compared), *(numbers.count(counts[one]) for one in VERDICTS),
            share(counts["exact"], compared)]  # fmt: skip


def unexplained(found: Conformance) -> str:
    """HTML of the unexplained periods, the largest worth first."""
    every = found.by_worth()
    head = Markup(
        '<section id="unexplained" class="page"><h2>Unexplained, by worth</h2><p class="q">What does a person look at '
        "first?</p>"
    )
    if not every:
        return head + Markup("<p>None: no price of a settled day is unexplained.</p></section>")
    columns = [Column("Day", class_="nb", label="Day"), Column("Period", figure=True, label="Period"),
               Column("Own", "GBP/MWh", figure=True, label="Own"),
               Column("Published", "GBP/MWh", figure=True, label="Published"),
               Column("Difference", "published − own", figure=True, label="Difference"),
               Column("Worth", "£, at most", figure=True, label="Worth, £"), Column("Why", label="Why")]  # fmt: skip
    rows = [
        Row([
            times.short_day(one.settlement_date), str(one.settlement_period), numbers.price(one.own),
            numbers.price(one.published), numbers.difference(one.difference), numbers.money(one.worth), one.reason,
        ])
        for one in every[:MOST]
    ]  # fmt: skip
    rest = every[MOST:]
    if rest:
        worth = sum((one.worth or Decimal(0) for one in rest), Decimal(0))
        rows.append(Row([f"{len(rest)} of smaller worth", "", "", "", "", numbers.money(worth), ""], "off"))
    total = sum((one.worth or Decimal(0) for one in every), Decimal(0))
    foot = Markup(
        '<tr><th scope="row" colspan="5">Sum</th><td class="n" data-l="Worth, £">{}</td><td></td></tr>'
    ).format(numbers.money(total))
    note = Markup('<p class="src">Worth = |difference| × |NIV|: an upper measure, owed by nobody.</p></section>')
    return head + table(columns, rows, "Unexplained periods", "cards", foot=foot) + note


def not_settled(found: Conformance) -> str:
    """HTML of the days without a run."""
    days = [one.settlement_date for one in found.days if one.view is None]
    if not days:
        said = Markup("<p>None: every day has a run.</p>")
    else:
        runs: list[list[date]] = []
        for day in days:
            if runs and (day - runs[-1][-1]).days == 1:
                runs[-1].append(day)
            else:
                runs.append([day])
        named = ", ".join(times.short_day(some[0]) if len(some) == 1 else
                          f"{times.short_day(some[0])} to {times.short_day(some[-1])}" for some in runs)  # fmt: skip
        of_run = f" in run {found.run}" if found.run else ""
        said = Markup("<p>{} days were not settled{}: {}. Nothing is said of them, good or bad.</p>").format(
            len(days), of_run, named
        )
    return Markup(
        '<section id="not-settled"><h2>Days not settled</h2><p class="q">What must I not conclude?</p>{}</section>'
    ).format(said)
