"""What needs a person: the prices that cannot be relied on, the largest worth first, and what to do."""

from __future__ import annotations

from decimal import Decimal

from markupsafe import Markup

from reports.look import numbers
from reports.look.glyphs import chip
from reports.sections.tables import Column, Row, table
from reports.views import DayView, PeriodView

_COLUMNS = [
    Column("Period", label="Period"),
    Column("Verdict", label="Verdict"),
    Column("Own", "GBP/MWh", figure=True, label="Own"),
    Column("Published", "GBP/MWh", figure=True, label="Published"),
    Column("Difference", "published − own", figure=True, label="Difference"),
    Column("Worth", "£, × |NIV|", figure=True, label="Worth, £"),
    Column("Reason", label="Reason"),
    Column("To do", label="To do"),
]


def needs_a_person(day: DayView) -> str:
    """HTML of the section; with nothing to do it says so in one sentence."""
    found = [view for view in day.periods if view.verdict != "exact"]
    question = f"Which of the {len(day.periods)} prices can I not rely on, and what do I do?"
    head = Markup('<section id="look" class="page"><h2>What needs a person</h2><p class="q">{}</p>').format(question)
    if not found:
        return head + Markup("<p>Nothing: every price agrees with the published one to five decimals.</p></section>")
    found.sort(key=lambda view: (-(view.worth or Decimal(0)), view.verdict == "rounding", view.settlement_period))
    total = sum((view.worth for view in found if view.worth is not None), Decimal(0))
    foot = Markup(
        '<tr><th scope="row" colspan="5">Sum of what can be compared</th><td class="n" data-l="Worth, £">{}</td>'
        '<td colspan="2"></td></tr>'
    ).format(numbers.money(total))
    rows = [Row(_cells(run[0]) if len(run) == 1 else _cells_of_run(run)) for run in alike_neighbours(found)]
    said = table(_COLUMNS, rows, "Periods to look at", "cards people", foot=foot)
    note = "Worth = |difference| × |NIV|: how much money moved at most, not what any party owes. Ordered by worth."
    return head + said + Markup('<p class="src">{}</p></section>').format(note)


def _cells(view: PeriodView) -> list[str | Markup]:
    number = view.settlement_period
    return [
        Markup('<a href="#period-{}">{}</a>').format(number, number),
        Markup(chip(view.verdict)),
        numbers.price(view.own, missing=numbers.NOT_THERE),
        numbers.price(view.published, missing=numbers.NOT_THERE),
        numbers.difference(view.difference),
        numbers.money(view.worth),
        Markup("<span>{}</span>").format(view.reason),
        _todo(view),
    ]


def alike_neighbours(found: list[PeriodView]) -> list[list[PeriodView]]:
    """Neighbouring periods that were set aside for one reason stand together; every other one stands alone."""
    runs: list[list[PeriodView]] = []
    for view in found:
        last = runs[-1][-1] if runs else None
        alike = (
            last is not None
            and last.own is None
            and view.own is None
            and (last.reason, last.todo) == (view.reason, view.todo)
            and last.settlement_period + 1 == view.settlement_period
        )
        if alike:
            runs[-1].append(view)
        else:
            runs.append([view])
    return runs


def _cells_of_run(run: list[PeriodView]) -> list[str | Markup]:
    first, last = run[0].settlement_period, run[-1].settlement_period
    there = sum(view.published is not None for view in run)
    return [
        Markup('<a href="#period-{}">{} to {}</a>').format(first, first, last),
        Markup(chip(run[0].verdict)),
        numbers.NOT_THERE,
        f"{there} prices" if there else numbers.NOT_THERE,
        numbers.DOES_NOT_APPLY,
        numbers.DOES_NOT_APPLY,
        Markup("<span>{}</span>").format(run[0].reason),
        _todo(run[0]),
    ]


def _todo(view: PeriodView) -> Markup:
    """A verb; where reading the section is the first thing to do, a link to it."""
    if view.verdict != "unexplained":
        return Markup("<span>{}</span>").format(view.todo or "Nothing to do")
    said = view.todo or "Read the stack, then open a dispute"
    return Markup('<span><a href="#period-{}">{}</a></span>').format(view.settlement_period, said)
