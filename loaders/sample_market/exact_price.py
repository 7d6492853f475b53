"""The imbalance price of one period in exact fractions: slow, plain, one object an action.

An independent check of the settlement engine: it walks each ranked set group by group
of equal price, as a person would with paper, and shares nothing with the engine.

Reads    exact_market
Gives    price, market_index_price
Rules    price.md, sections 1 to 9, 11, 15, 16, 16a
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from loaders.sample_market.errors import CannotPrice
from loaders.sample_market.exact_market import (
    BUY,
    DE_MINIMIS_LEVELS,
    SELL,
    ZERO,
    Action,
    Adjusters,
    MarketIndex,
    PriceParameters,
    PriceResult,
    RowResult,
)
from loaders.sample_market.exact_walk import Portion, cheapest_first, dearest_first, take_from_groups


def price(
    actions: Sequence[Action],
    parameters: PriceParameters,
    market_index: Iterable[MarketIndex],
    adjusters: Adjusters | None = None,
) -> PriceResult:
    """The System Price of one period and every stage on the way, exactly.

    Raises CannotPrice for an action with no volume and for an unknown De Minimis level.

    Source  price.md, section 1 (stages 1 to 10)
    """
    adjusters = adjusters or Adjusters()
    rows = [RowResult(action, _ranking_price(action, parameters)) for action in actions]
    _rank(rows)
    _tag_de_minimis(rows, parameters)
    _tag_arbitrage(rows)
    for side in (BUY, SELL):
        _classify([row for row in rows if row.action.side == side])
    net_imbalance_volume = sum((row.arbitrage_adjusted_volume for row in rows), ZERO)
    result = PriceResult(
        system_price=market_index_price(market_index),
        net_imbalance_volume=net_imbalance_volume,
        market_index_price=market_index_price(market_index),
        reserve_scarcity_price=parameters.reserve_scarcity_price,
        priced_at_market_index=net_imbalance_volume == 0,
        rows=rows,
    )
    if net_imbalance_volume == 0:
        return result
    left = _tag_niv(rows, net_imbalance_volume)
    _reprice(left, parameters, result)
    _tag_par(left, parameters)
    volume = sum((row.tlm_adjusted_volume for row in left), ZERO)
    cost = sum((row.tlm_adjusted_cost for row in left), ZERO)
    result.system_price = cost / volume + (adjusters.buy if net_imbalance_volume > 0 else adjusters.sell)
    return result


def market_index_price(market_index: Iterable[MarketIndex]) -> Fraction:
    """MIP_j, GBP/MWh: the volume-weighted mean over providers, 0 where no provider had volume.

    Source  price.md, section 9
    """
    cost = volume = ZERO
    for provider in market_index:
        cost += provider.price * provider.volume
        volume += provider.volume
    return cost / volume if volume else ZERO


def _ranking_price(action: Action, parameters: PriceParameters) -> Fraction | None:
    if action.volume == 0:
        raise CannotPrice(
            f"Action {action.id}, acceptance {action.acceptance_number}, pair {action.pair}: found volume 0, "
            "wanted a buy (above 0) or a sell (below 0). Leave out rows without volume."
        )
    if action.stor_flag and action.side == BUY and action.price is not None:
        return max(action.price, parameters.reserve_scarcity_price)
    return action.price


def _rank(rows: list[RowResult]) -> None:
    for side in (BUY, SELL):
        ranked = [row for group in cheapest_first(_on(rows, side)) for row in group]
        for number, row in enumerate(ranked, start=1):
            row.sequence_number = number


def _tag_de_minimis(rows: list[RowResult], parameters: PriceParameters) -> None:
    if parameters.de_minimis_level not in DE_MINIMIS_LEVELS:
        raise CannotPrice(
            f"De Minimis level: found {parameters.de_minimis_level!r}, wanted one of {', '.join(DE_MINIMIS_LEVELS)}."
        )
    together: dict[tuple[object, ...], list[RowResult]] = {}
    for position, row in enumerate(rows):
        action = row.action
        key: tuple[object, ...] = (position,)
        if not action.is_adjustment and parameters.de_minimis_level == "pair":
            key = (action.id, action.pair, action.side)
        if not action.is_adjustment and parameters.de_minimis_level == "acceptance":
            key = (action.id, action.acceptance_number, action.side, "acceptance")
        together.setdefault(key, []).append(row)
    for group in together.values():
        kept = abs(sum((row.action.volume for row in group), ZERO)) >= parameters.de_minimis_threshold
        for row in group:
            row.dmat_adjusted_volume = row.action.volume if kept else ZERO
            row.arbitrage_adjusted_volume = row.dmat_adjusted_volume


def _tag_arbitrage(rows: list[RowResult]) -> None:
    """Trades the cheapest buys against the highest sells for as long as a buy costs no more than a sell."""
    buys, sells = _groups_by_price(rows, BUY), _groups_by_price(rows, SELL)
    while buys and sells and _priced(buys[0][0]) <= _priced(sells[0][0]):
        sides = [[Portion(row, row.arbitrage_adjusted_volume) for row in groups[0]] for groups in (buys, sells)]
        left = [abs(sum((portion.volume for portion in portions), ZERO)) for portions in sides]
        for portions in sides:
            for row, taken in take_from_groups([portions], min(left)):
                row.arbitrage_adjusted_volume -= taken
        for groups, volume in ((buys, left[0]), (sells, left[1])):
            if volume == min(left):
                groups.pop(0)


def _groups_by_price(rows: list[RowResult], side: str) -> list[list[RowResult]]:
    left = [r for r in _on(rows, side) if r.arbitrage_adjusted_volume != 0 and r.ranking_price is not None]
    return list(cheapest_first(left))


def _classify(rows: list[RowResult]) -> None:
    """A flagged action stays flagged only if it is dearer than the dearest unflagged one (7.1)."""
    left = [row for row in rows if row.arbitrage_adjusted_volume != 0]
    dearest_unflagged: RowResult | None = None
    for group in dearest_first(left):
        unflagged = [row for row in group if not row.action.first_stage_flagged]
        if unflagged:
            dearest_unflagged = unflagged[0]
            break
    for row in left:
        flagged = row.action.first_stage_flagged
        if flagged and row.ranking_price is not None and dearest_unflagged is not None:
            flagged = _expense(row, row.ranking_price) > _expense(dearest_unflagged, _priced(dearest_unflagged))
        row.second_stage_flagged = flagged


def _tag_niv(rows: list[RowResult], net_imbalance_volume: Fraction) -> list[RowResult]:
    larger = BUY if net_imbalance_volume > 0 else SELL
    left = [row for row in _on(rows, larger) if row.arbitrage_adjusted_volume != 0]
    smaller = sum((r.arbitrage_adjusted_volume for r in rows if r.action.side != larger), ZERO)
    for row in left:
        row.niv_adjusted_volume = row.arbitrage_adjusted_volume
    groups = [[Portion(r, r.arbitrage_adjusted_volume) for r in group] for group in dearest_first(left)]
    for row, taken in take_from_groups(groups, abs(smaller)):
        row.niv_adjusted_volume -= taken
    return [row for row in left if row.niv_adjusted_volume != 0]


def _reprice(left: list[RowResult], parameters: PriceParameters, result: PriceResult) -> None:
    flagged = [row for row in left if row.second_stage_flagged]
    unflagged = [row for row in left if not row.second_stage_flagged]
    if flagged:
        groups = [[Portion(r, r.niv_adjusted_volume) for r in group] for group in dearest_first(unflagged)]
        taken = take_from_groups(groups, parameters.replacement_price_average_reference)
        volume = sum((abs(part) for _, part in taken), ZERO)
        cost = sum((abs(part) * _priced(row) for row, part in taken), ZERO)
        result.replacement_price_reference_volume = volume
        result.replacement_price = cost / volume if volume else result.market_index_price
    for row in left:
        row.repriced = bool(row.second_stage_flagged)
        row.final_price = result.replacement_price if row.repriced else row.ranking_price


def _tag_par(left: list[RowResult], parameters: PriceParameters) -> None:
    groups = dearest_first(left, by_final_price=True)
    portions = [[Portion(row, row.niv_adjusted_volume) for row in group] for group in groups]
    for row, taken in take_from_groups(portions, parameters.price_average_reference):
        row.par_adjusted_volume += taken


def _on(rows: list[RowResult], side: str) -> list[RowResult]:
    return [row for row in rows if row.action.side == side]


def _expense(row: RowResult, at_price: Fraction) -> Fraction:
    return at_price if row.action.side == BUY else -at_price


def _priced(row: RowResult) -> Fraction:
    if row.ranking_price is None:
        raise CannotPrice(
            f"Action {row.action.id}: found no price, wanted GBP/MWh. An unpriced action is never unflagged."
        )
    return row.ranking_price
