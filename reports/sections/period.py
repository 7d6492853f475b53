"""The section of one period: how did the price come about, and which action set it?

In this order: key figures, stack, PAR enlarged, volume by stage, Replacement Price, the price
as formula, with numbers and as result, clause and evidence, every action, volumes, losses and
cash where the run has charges, where each number comes from. A period that was set aside
shows what is missing, and no zero.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from reports.charged import Charged
from reports.look import numbers, times
from reports.look.glyphs import chip
from reports.sections.actions import MOST as ACTIONS
from reports.sections.actions import every_action, where_the_rest_is
from reports.sections.charged import MOST, charged
from reports.sections.price_formulas import price, replacement
from reports.sections.provenance import where_numbers_come_from
from reports.sections.stack_figure import enlarged, stack, stack_key
from reports.sections.tables import Column, Row, table
from reports.views import DayView, Default, PeriodView

__all__ = ["period_section", "periods_in_detail", "stack_key"]


def period_section(period: PeriodView, day: DayView, found: Charged | None = None, most: int | None = MOST) -> str:
    """HTML of `#period-N`.

    found  the charges of the run; None leaves volumes, losses and cash out without a word
    most   rows by money of a table of charges; None shows all of them, and every action
    """
    parts = [_key_figures(period), _why(period)]
    if period.actions:
        parts += [stack(period), enlarged(period, day), _stages(period)]
    if period.own is not None:
        parts += [replacement(period, day), price(period, day)]
    if period.actions:
        parts += [every_action(period, None if most is None else ACTIONS), where_the_rest_is(period, day)]
    if found is not None:
        parts.append(charged(period.settlement_period, day.run, found, most))
    parts.append(where_numbers_come_from(period, day))
    return Markup(
        '<section id="period-{}" class="page"><h2>{}</h2><p class="q">How did the price come about, and which action '
        "set it?</p>{}</section>"
    ).format(period.settlement_period, times.heading(period), Markup("").join(parts))


def periods_in_detail(day: DayView, found: Charged | None = None) -> str:
    """HTML of all period sections, in order; with volumes, losses and cash where the run's charges are given."""
    return Markup("").join(Markup(period_section(view, day, found)) for view in day.periods)


def _key_figures(period: PeriodView) -> Markup:
    niv = period.net_imbalance_volume
    way = "" if niv is None else ", short" if niv > 0 else ", long" if niv < 0 else ", balanced"
    facts = [
        ("Own price", numbers.price(period.own, numbers.NOT_THERE), "GBP/MWh" if period.own is not None else ""),
        (
            "Published",
            numbers.price(period.published, numbers.NOT_THERE),
            "GBP/MWh" if period.published is not None else "",
        ),
        ("NIV", numbers.signed_volume(niv, numbers.NOT_THERE), f"MWh{way}" if niv is not None else ""),
    ]
    boxes = [Markup("<div><dt>{}</dt><dd>{} <small>{}</small></dd></div>").format(*fact) for fact in facts]
    verdict = Markup("<div><dt>Verdict</dt><dd>{}</dd></div>").format(Markup(chip(period.verdict)))
    return Markup('<dl class="key-figures">{}{}</dl>').format(Markup("").join(boxes), verdict)


def _why(period: PeriodView) -> Markup:
    """Reason and remedy of what is not exact, and every value taken by rule because its feed did not arrive."""
    said = Markup("")
    if period.verdict != "exact":
        away = "" if period.difference is None else f" Difference {numbers.difference(period.difference)} GBP/MWh."
        todo = f" {period.todo.rstrip('.')}." if period.todo else ""
        said += Markup("<p><b>{}</b>{}{}</p>").format(period.reason, away, todo)
    if period.own is None:
        said += Markup("<p>This period was set aside: no price was made, and no figure was put in its place.</p>")
    if period.defaults and period.own is not None:
        said += Markup(
            '<p class="small">Taken by rule, because the feed did not arrive:</p><ul class="list small">{}</ul>'
        ).format(_defaults(period.defaults))
    return said


def _defaults(defaults: Sequence[Default]) -> Markup:
    """One point a rule; the units it touched, the first few by name."""
    units: dict[tuple[str, str], list[str]] = {}
    for one in defaults:
        units.setdefault((one.rule, one.what), []).extend([one.bm_unit] if one.bm_unit else [])
    points = []
    for (rule, what), named in units.items():
        more = f" and {len(named) - 3} more" if len(named) > 3 else ""
        where = f", {', '.join(named[:3])}{more}" if named else ""
        points.append(Markup("<li><b>{}</b>: {}{}</li>").format(rule, what, where))
    return Markup("").join(points)


def _stages(period: PeriodView) -> Markup:
    if not period.stages:
        return Markup("")
    columns = [
        Column("Stage"), Column("What happens"), Column("Buys removed", figure=True),
        Column("Sells removed", figure=True), Column("Buys left", figure=True), Column("Sells left", figure=True),
        Column("Sum", figure=True), Column("Clause"),
    ]  # fmt: skip
    rows, before = [], None
    for stage in period.stages:
        removed = ["", ""]
        if before is not None:
            removed = [
                numbers.signed_volume(stage.buys_left - before.buys_left),
                numbers.signed_volume(stage.sells_left - before.sells_left),
            ]
        total = numbers.signed_volume(stage.buys_left + stage.sells_left)
        left = [numbers.volume(stage.buys_left), numbers.volume(stage.sells_left)]
        rows.append(Row([stage.number, stage.name, *removed, *left, total, stage.clause]))
        before = stage
    caption = Markup("Volume left after each stage <span>(MWh)</span>")
    shown = table(columns, rows, f"Volume by stage, period {period.settlement_period}", "", caption, label_column=1)
    return shown + Markup('<p class="src">{} ~ clause number not checked against the text.</p>').format(_check(period))


def _check(period: PeriodView) -> str:
    sums = {stage.number: stage.buys_left + stage.sells_left for stage in period.stages}
    kept = [sums[number] for number in ("4a", "4b", "6") if number in sums]
    if not kept:
        return ""
    if max(kept) - min(kept) < 1e-6:
        return (
            f"The sum is the same after De Minimis, arbitrage and NIV tagging ({numbers.signed_volume(kept[-1])}): "
            "this is the check that no volume is lost."
        )
    said = ", ".join(numbers.signed_volume(value) for value in kept)
    return f"The sums after De Minimis, arbitrage and NIV tagging differ ({said}): volume was lost. Report this run."
