"""The section of one period: how did the price come about, and which action set it?

In this order: key figures, stack, PAR enlarged, volume by stage, Replacement Price, the price
as formula, with numbers and as result, clause and evidence, every action, where each number
comes from. A period that was set aside shows what is missing, and no zero.
"""

from __future__ import annotations

from markupsafe import Markup

from reports.charts import price_average_strip, price_stack, two_widths
from reports.charts.price_average import in_price_average
from reports.look import numbers, times
from reports.look.glyphs import chip
from reports.look.names import action_name
from reports.sections import formulas, words
from reports.sections.actions import every_action
from reports.sections.provenance import where_numbers_come_from
from reports.sections.tables import Column, Row, table
from reports.views import DayView, PeriodView

_REPLACEMENT_RULE = ("Annex T-1~, price rules 7.5", "verified")
_PRICE_RULE = {True: ("T4.4.2~ (system short)", "verified"), False: ("T4.4.3~ (system long)", "verified")}
_MARKET_RULE = ("T4.3A~, price rules 8.4", "verified")


def period_section(period: PeriodView, day: DayView) -> str:
    """HTML of `#period-N`."""
    parts = [_key_figures(period), _why(period)]
    if period.actions:
        parts += [_stack(period), _enlarged(period, day), _stages(period)]
    if period.own is not None:
        parts += [_replacement(period, day), _price(period, day)]
    if period.actions:
        parts.append(every_action(period))
    parts.append(where_numbers_come_from(period, day))
    return Markup(
        '<section id="period-{}" class="page"><h2>{}</h2><p class="q">How did the price come about, and which action '
        "set it?</p>{}</section>"
    ).format(period.settlement_period, times.heading(period), Markup("").join(parts))


def periods_in_detail(day: DayView) -> str:
    """HTML of all period sections, in order."""
    return Markup("").join(Markup(period_section(view, day)) for view in day.periods)


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
    if period.defaults:
        items = [
            Markup("<li><b>{}</b>: {}{}</li>").format(one.rule, one.what, f", {one.bm_unit}" if one.bm_unit else "")
            for one in period.defaults
        ]
        said += Markup(
            '<p class="small">Taken by rule, because the feed did not arrive:</p><ul class="list small">{}</ul>'
        ).format(Markup("").join(items))
    return said


def _finding(period: PeriodView) -> str:
    """Which action set the price, in a few words."""
    inside = in_price_average(period)
    if not inside:
        return "No MWh sets the price: the market price stands in" if period.own is not None else "The stack, unpriced"
    volumes = [
        f"{numbers.plain(abs(a.price_average_adjusted_volume), most=3, least=0)} MWh of "
        f"{'repriced ' if a.repriced else ''}{action_name(a)}"
        for a in inside
    ]
    if len(inside) == 1:
        return f"{volumes[0]} sets the price"
    if len(inside) == 2:
        return f"{volumes[0]} and {volumes[1]} set the price"
    prices = {numbers.plain(a.final_price or 0.0) for a in inside}
    if len(prices) == 1:
        return f"{len(inside)} actions set the price, all at {prices.pop()}"
    return f"{len(inside)} actions set the price, the dearest {action_name(inside[0])}"


_KEY = [
    ("buy pale", "in NIV, outside PAR"),
    ("par", "in PAR: sets the price"),
    ("repriced", "repriced; dashes: own price"),
    ("buy flag", "SO, CADL flagged: may be repriced"),
    ("gone minimis", "De Minimis"),
    ("gone arbitrage", "arbitrage"),
    ("gone niv", "NIV-tagged"),
]


def stack_key(side: str = "buy") -> Markup:
    """The key of a price stack, in the colour of the side that is left."""
    items = []
    for class_, said in _KEY:
        shape = Markup('<rect class="{}" width="22" height="14"/>').format(class_.replace("buy", side))
        if class_ == "repriced":
            shape = Markup(
                '<rect class="{} flag" y="5" width="22" height="9"/><rect class="before" x=".6" y=".6" width="20.8" '
                'height="13"/>'
            ).format(side)
        items.append(Markup('<li><svg viewBox="0 0 22 14" aria-hidden="true">{}</svg>{}</li>').format(shape, said))
    return Markup('<ul class="key" aria-label="Key">{}</ul>').format(Markup("").join(items))


def _stack(period: PeriodView) -> Markup:
    drawn = two_widths(lambda width: price_stack(period, 10, width))
    long = (period.net_imbalance_volume or 0) < 0
    created = f", created {times.utc_moment(period.stack_created)}" if period.stack_created else ""
    source = f"Source: stack of period {period.settlement_period}, both sides{created}."
    return Markup(
        '<figure class="fig"><figcaption><b>{}</b><span>Price stack after stage 10. Width = MWh, height = GBP/MWh. '
        "Left of zero sells, right buys.</span></figcaption>{}{}"
        '<p class="src">{} The same figures are in the table “Every action”.</p></figure>'
    ).format(_finding(period), Markup(drawn), stack_key("sell" if long else "buy"), source)


def _enlarged(period: PeriodView, day: DayView) -> Markup:
    inside = in_price_average(period)
    if not inside:
        return Markup("")
    volume = sum(abs(action.price_average_adjusted_volume) for action in inside)
    reference = next((numbers.parameter(p.value) for p in day.parameters if p.symbol == "PAR"), None)
    said = f"PAR = {reference} MWh; GBP/MWh below each part" if reference else "GBP/MWh below each part"
    drawn = two_widths(lambda width: price_average_strip(period, width))
    return Markup(
        '<figure class="fig"><figcaption><b>The dearest {} MWh, enlarged</b><span>{}</span></figcaption>{}</figure>'
    ).format(numbers.volume(volume), said, Markup(drawn))


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


def _replacement(period: PeriodView, day: DayView) -> Markup:
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


def _price(period: PeriodView, day: DayView) -> Markup:
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
