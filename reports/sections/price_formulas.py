"""The Replacement Price and the price of a period: formula, numbers, result, clause, evidence, where rounded."""

from __future__ import annotations

from markupsafe import Markup

from reports.charts.price_average import in_price_average
from reports.look import numbers
from reports.sections import formulas, words
from reports.views import DayView, PeriodView

_REPLACEMENT_RULE = ("Annex T-1~, price rules 7.5", "verified")
_PRICE_RULE = {True: ("T4.4.2~ (system short)", "verified"), False: ("T4.4.3~ (system long)", "verified")}
_MARKET_RULE = ("T4.3A~, price rules 8.4", "verified")


def _box(title: str, formula: str) -> Markup:
    return Markup('<div class="fx" tabindex="0" role="group" aria-label="{}"><p>{}</p>{}</div>').format(
        title, title, Markup(formula)
    )


def _clause(rule: tuple[str, str], rounded: Markup | str) -> Markup:
    return Markup(
        '<p class="clause"><b>Clause</b> {} &nbsp; <b>Evidence</b> <span class="ev">{}</span> &nbsp; {}</p>'
    ).format(*rule, rounded)


def _does_it_come_out(gives: float | None, engine: float | None) -> Markup:
    if gives is None or engine is None or abs(gives - engine) <= 5e-6:
        return Markup("")
    return Markup("<p><b>The parts shown give {}, the engine gave {}: report this run.</b></p>").format(
        numbers.price(gives), numbers.price(engine)
    )


def replacement(period: PeriodView, day: DayView) -> Markup:
    """HTML of the Replacement Price; a sentence where none was needed."""
    found = formulas.replacement_price(period)
    if found is None:
        said = "Not needed: no action that is still flagged is left in the net imbalance volume."
        return Markup("<h3>The replacement price</h3><p>{}</p>").format(said)
    reference = next((numbers.parameter(p.value) for p in day.parameters if p.symbol == "RPAR"), None)
    if formulas.replacement_parts(period):
        of = f"RPAR = {reference} MWh" if reference else "MWh"
        title = f"Formula, with numbers, result: mean of the dearest {of} of unflagged volume in the NIV"
    else:
        title = "No unflagged volume is left in the NIV: the market price stands in"
    rule = words.clauses_of(day, "replacement_price", _REPLACEMENT_RULE)
    together = _joined(found)
    checked = _does_it_come_out(found.gives, period.replacement_price)
    not_rounded = Markup("<b>Not rounded</b>")
    return Markup("<h3>The replacement price</h3>{}{}{}").format(
        _box(title, together), checked, _clause(rule, not_rounded)
    )


def _joined(found: formulas.Formula) -> str:
    """Formula, numbers and result on one line."""
    inner = [part.removeprefix('<math display="block">').removesuffix("</math>")
             for part in (found.symbols, found.with_numbers, found.result)]  # fmt: skip
    if inner[1] == inner[2]:
        inner.pop(1)
    return f'<math display="block">{"".join(inner)}</math>'


def price(period: PeriodView, day: DayView) -> Markup:
    """HTML of the price; nothing where it was set aside."""
    found = formulas.system_price(period)
    if found is None:
        return Markup("")
    inside = in_price_average(period)
    otherwise = _PRICE_RULE[inside[0].side == "buy"] if inside else _MARKET_RULE
    rule = words.clauses_of(day, "system_price", otherwise)
    agreed = (
        f"Result; published {numbers.price(period.published)}"
        if period.published is not None
        else "Result; no published price to lay beside it"
    )
    rounded = Markup("<b>Rounded once</b> here, at 5 decimals; figures above are shown rounded, worked out in full")
    return Markup("<h3>The price</h3>{}{}{}{}{}").format(
        _box("Formula", found.symbols), _box("With numbers", found.with_numbers), _box(agreed, found.result),
        _does_it_come_out(found.gives, period.system_price), _clause(rule, rounded),
    )  # fmt: skip
