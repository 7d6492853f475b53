"""The Replacement Price and the price of a period as formula, with numbers, and as result.

Every figure comes from the view. What a formula shows is worked out again from its parts;
where that does not give the engine's figure, the section says so instead of looking right.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports.charts.price_average import in_price_average
from reports.look import numbers
from reports.sections import mathml as m
from reports.views import Action, PeriodView

_MOST = 6  # terms written out; more stand in the table of every action
_NOTHING = 1e-9
_TIMES, _PLUS, _EQUALS = m.operator("×"), m.operator("+"), m.operator("=")


@dataclass(frozen=True)
class Formula:
    """A formula in its three forms, and what its parts give."""

    symbols: str
    with_numbers: str
    result: str
    gives: float | None  # GBP/MWh from the parts; None where there is nothing to work out


def replacement_parts(period: PeriodView) -> list[tuple[Action, float]]:
    """The unflagged actions in the NIV that set the Replacement Price, each with its MWh, dearest first.

    Actions of one price share what is left pro rata (price rules 2.5).
    """
    volume = period.replacement_price_reference_volume or 0.0
    found = [
        action
        for action in period.actions
        if action.second_stage_flag is False and abs(action.net_imbalance_adjusted_volume) > _NOTHING
    ]
    sign = 1 if found and found[0].side == "buy" else -1
    groups: dict[float, list[Action]] = {}
    for action in sorted(found, key=lambda one: -sign * (one.ranking_price or 0.0)):
        groups.setdefault(round(action.ranking_price or 0.0, 9), []).append(action)
    parts = []
    for group in groups.values():
        there = sum(abs(action.net_imbalance_adjusted_volume) for action in group)
        share = min(1.0, volume / there)
        if volume <= _NOTHING:
            break
        parts += [(action, abs(action.net_imbalance_adjusted_volume) * share) for action in group]
        volume -= there * share
    return parts


def replacement_price(period: PeriodView) -> Formula | None:
    """The Replacement Price of a period; None where none was needed."""
    if period.replacement_price is None:
        return None
    symbol = m.below(m.name("RP"), "j")
    result = m.block(_EQUALS, m.number(numbers.plain(period.replacement_price), bold=True), m.unit("GBP/MWh"))
    parts = replacement_parts(period)
    if not parts:  # no unflagged MWh is left: the market price stands in
        shown = m.number(numbers.plain(period.replacement_price))
        return Formula(
            m.block(symbol, _EQUALS, m.below(m.name("MIP"), "j")), m.block(_EQUALS, shown), result,
            period.market_index_price,
        )  # fmt: skip
    weight = sum(volume for _, volume in parts)
    above = _terms([(False, [_volume(volume), _price(action.ranking_price)]) for action, volume in parts])
    symbols = m.block(
        symbol, _EQUALS,
        m.fraction(m.total() + m.letter("q") + _TIMES + m.letter("P"), m.total() + m.letter("q")),
    )  # fmt: skip
    gives = sum(volume * (action.ranking_price or 0.0) for action, volume in parts) / weight
    return Formula(symbols, m.block(_EQUALS, m.fraction(above, _volume(weight))), result, gives)


def system_price(period: PeriodView) -> Formula | None:
    """The price of a period; None where it was set aside."""
    if period.own is None:
        return None
    result = m.block(_EQUALS, m.number(numbers.price(period.own), bold=True), m.unit("GBP/MWh"))
    inside = in_price_average(period)
    both = m.below(m.name("SBP"), "j") + _EQUALS + m.below(m.name("SSP"), "j") + _EQUALS
    if not inside:
        market = period.market_index_price
        shown = m.number(numbers.plain(market) if market is not None else numbers.NOT_THERE)
        return Formula(m.block(both, m.below(m.name("MIP"), "j")), m.block(_EQUALS, shown), result, market)
    short = inside[0].side == "buy"
    cost = sum(action.loss_adjusted_cost for action in inside)
    volume = sum(action.loss_adjusted_volume for action in inside)
    adjustment = m.number(numbers.plain(period.price_adjustment, least=0))
    above = _terms([_factors(action, with_price=True) for action in inside])
    below = _terms([_factors(action, with_price=False) for action in inside])
    with_numbers = m.block(
        _EQUALS, m.fraction(above, below), _PLUS, adjustment, _EQUALS,
        m.fraction(m.number(numbers.price(cost)), m.number(numbers.written(volume, 7))),
        _PLUS + adjustment if period.price_adjustment else "",
    )  # fmt: skip
    return Formula(_symbols(short), with_numbers, result, cost / volume + period.price_adjustment)


def _symbols(short: bool) -> str:
    price, accepted, adjusted, adder = ("SBP", "QAPO", "QBSAB", "BPA") if short else ("SSP", "QAPB", "QBSAS", "SPA")
    bid_offer = m.total() + m.both(m.name(accepted), "ij", "kn")
    adjustment = m.total("m") + m.both(m.name(adjusted), "j", "m")
    final, losses = m.above(m.letter("P"), "f"), m.below(m.name("TLM"), "ij")
    return m.block(
        m.below(m.name(price), "j"), _EQUALS,
        m.fraction(
            bid_offer + _TIMES + final + _TIMES + losses + _PLUS + adjustment + _TIMES + final,
            bid_offer + _TIMES + losses + _PLUS + adjustment,
        ),
        _PLUS, m.below(m.name(adder), "j"),
    )  # fmt: skip


def _volume(value: float) -> str:
    return m.number(numbers.plain(value, most=6, least=3))


def _price(value: float | None) -> str:
    """A price as a factor; one below zero stands in brackets."""
    written = m.number(numbers.plain(value or 0.0))
    return m.operator("(") + written + m.operator(")") if (value or 0.0) < 0 else written


def _factors(action: Action, with_price: bool) -> tuple[bool, list[str]]:
    """Whether the volume is below zero; MWh, final price and TLM. An adjustment action has no TLM."""
    factors = [_volume(abs(action.price_average_adjusted_volume))]
    if with_price:
        factors.append(_price(action.final_price))
    if action.acceptance_number is not None or action.loss_multiplier != 1:
        factors.append(m.number(numbers.multiplier(action.loss_multiplier)))
    return action.price_average_adjusted_volume < 0, factors


def _terms(terms: list[tuple[bool, list[str]]]) -> str:
    """Products, added up, two on a line so that a page of paper holds them; one of a sell is taken off."""
    written = []
    for number, (below_zero, factors) in enumerate(terms[:_MOST]):
        sign = m.operator(numbers.MINUS) if below_zero else _PLUS if number else ""
        written.append(sign + _TIMES.join(factors))
    if len(terms) > _MOST:
        sign = m.operator(numbers.MINUS) if terms[_MOST][0] else _PLUS
        written.append(f"{sign}<mtext>({len(terms) - _MOST} more in the table)</mtext>")
    return m.lines(["".join(written[start : start + 2]) for start in range(0, len(written), 2)])
