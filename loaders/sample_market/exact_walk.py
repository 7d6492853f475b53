"""The greedy walk over one ranked set: groups of equal price, taken from one end, shared pro rata.

Reads    exact_market
Gives    cheapest_first, dearest_first, Portion, take_from_groups
Rules    price.md, sections 0 (expense), 2.4, 2.5
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from loaders.sample_market.exact_market import BUY, ZERO, RowResult


@dataclass(frozen=True)
class Portion:
    """The volume of a row that a walk may take from, MWh, signed as the row's."""

    row: RowResult
    volume: Fraction


def cheapest_first(rows: Iterable[RowResult]) -> list[list[RowResult]]:
    """Rows of one side in groups of equal ranking price, cheapest first, unpriced ones last of all.

    Inside a group rows stand by id, pair and acceptance, so that output repeats (2.5).
    """
    return _groups(rows, by_final_price=False)


def dearest_first(rows: Iterable[RowResult], by_final_price: bool = False) -> list[list[RowResult]]:
    """The same groups from the most expensive end, by ranking price or by final price."""
    return _groups(rows, by_final_price)[::-1]


def take_from_groups(groups: Sequence[Sequence[Portion]], amount: Fraction) -> list[tuple[RowResult, Fraction]]:
    """What each row gives when `amount` (MWh, above 0) is taken from the groups in their order.

    A group that holds more than is still wanted gives the same fraction of every row (2.5). If the groups hold
    less than the amount, all is taken. Taken volumes bear the sign of their row.
    """
    taken: list[tuple[RowResult, Fraction]] = []
    wanted = amount
    for group in groups:
        held = abs(sum((portion.volume for portion in group), ZERO))
        if wanted <= 0:
            break
        if held == 0:
            continue
        share = min(Fraction(1), wanted / held)
        taken += [(portion.row, portion.volume * share) for portion in group]
        wanted -= held * share
    return taken


def _groups(rows: Iterable[RowResult], by_final_price: bool) -> list[list[RowResult]]:
    by_expense: dict[Fraction, list[RowResult]] = {}
    unpriced: list[RowResult] = []
    for row in rows:
        at = row.final_price if by_final_price else row.ranking_price
        if at is None:
            unpriced.append(row)
        else:
            by_expense.setdefault(at if row.action.side == BUY else -at, []).append(row)
    groups = [by_expense[expense] for expense in sorted(by_expense)]
    if unpriced:
        groups.append(unpriced)
    return [sorted(group, key=_listing) for group in groups]


def _listing(row: RowResult) -> tuple[str, int, int]:
    action = row.action
    return (action.id, action.pair or 0, action.acceptance_number or 0)
