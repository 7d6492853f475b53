"""Compiled loops of the imbalance price, stages 3 to 5: rank, De Minimis, arbitrage, classification.

Arrays are flat, in row order. `starts` has two sides a period, buys then sells, and one
end: rows of period p are buys starts[2p]:starts[2p+1] and sells starts[2p+1]:starts[2p+2].
`order` lists the row positions of each side from cheapest to most expensive. Expense is
the price for a buy, minus the price for a sell, and plus infinity for an unpriced row
(minus UNPRICED where unpriced rows stand at the cheap end).
`tie` is how close two prices must be to count as one; a negative value breaks all ties
by rank. All that these loops call stands in this file: the compiler's cache does not
notice a callee edited elsewhere.

Rules    price.md, sections 2.5, 6 and 7.1
"""

from __future__ import annotations

import numpy as np
from numba import njit

NOTHING = 1e-9  # MWh: what a subtraction leaves below this is no volume (price.md 11)
LIMIT = 1e-12  # MWh: sums are held against a threshold with this much slack
UNPRICED = 1e12  # GBP/MWh: no price is as large
LONG_SIDE = 256  # rows above which a side is sorted by merging instead of insertion


@njit(cache=True)
def order_by_expense(expense, starts):
    """Row positions of each side, cheapest first; rows of equal expense stay in row order."""
    order = np.empty(expense.size, np.int64)
    sorted_yet = np.empty(LONG_SIDE)  # beside `order`, so that the inner loop reads one short array
    for side in range(starts.size - 1):
        first, end = starts[side], starts[side + 1]
        if end - first > LONG_SIDE:
            order[first:end] = first + np.argsort(expense[first:end], kind="mergesort")
            continue
        for place in range(end - first):
            value = expense[first + place]
            slot = place
            while slot > 0 and sorted_yet[slot - 1] > value:
                sorted_yet[slot] = sorted_yet[slot - 1]
                order[first + slot] = order[first + slot - 1]
                slot -= 1
            sorted_yet[slot] = value
            order[first + slot] = first + place
    return order


@njit(cache=True)
def rank_in_side(order, starts):
    """1 for the cheapest row of its side, and so on."""
    rank = np.empty(order.size, np.int64)
    for side in range(starts.size - 1):
        for place in range(starts[side], starts[side + 1]):
            rank[order[place]] = place - starts[side] + 1
    return rank


@njit(cache=True)
def de_minimis_left(volume, group, groups, starts, threshold):
    """MWh left once groups of a side that sum to less than the threshold are taken out."""
    left = np.empty(volume.size)
    summed = np.zeros(groups)
    for side in range(starts.size - 1):
        first, end = starts[side], starts[side + 1]
        for row in range(first, end):
            summed[group[row]] += volume[row]
        for row in range(first, end):
            left[row] = volume[row] if abs(summed[group[row]]) >= threshold - LIMIT else 0.0
        for row in range(first, end):
            summed[group[row]] = 0.0
    return left


@njit(cache=True)
def _tie_end(expense, order, place, end, tie):
    """One past the last place whose expense equals that at `place`."""
    head = expense[order[place]]
    stop = place + 1
    while stop < end and (expense[order[stop]] - head <= tie or (np.isinf(head) and tie >= 0)):
        stop += 1
    return stop


@njit(cache=True)
def _sum(volume, order, place, stop):
    total = 0.0
    for at in range(place, stop):
        total += abs(volume[order[at]])
    return total


@njit(cache=True)
def arbitrage_left(expense, volume, order, starts, tie):
    """MWh left once buys that cost no more than a sell are set against it, pro rata within equal prices."""
    left = volume.copy()
    for period in range((starts.size - 1) // 2):
        buy, buy_end = starts[2 * period], starts[2 * period + 1]
        sell, sell_end = buy_end, starts[2 * period + 2]
        while buy < buy_end and expense[order[buy]] <= -UNPRICED:
            buy += 1
        while sell < sell_end and expense[order[sell]] <= -UNPRICED:
            sell += 1
        buy_stop, sell_stop = buy, sell
        buy_total = sell_total = buy_rest = sell_rest = 0.0
        while True:
            while buy_rest <= 0.0 and buy_stop < buy_end:
                buy = buy_stop
                buy_stop = _tie_end(expense, order, buy, buy_end, tie)
                buy_total = buy_rest = _sum(volume, order, buy, buy_stop)
            while sell_rest <= 0.0 and sell_stop < sell_end:
                sell = sell_stop
                sell_stop = _tie_end(expense, order, sell, sell_end, tie)
                sell_total = sell_rest = _sum(volume, order, sell, sell_stop)
            if buy_rest <= 0.0 or sell_rest <= 0.0:
                break
            # Buy price <= sell price, that is, the two expenses sum to at most nothing; unpriced rows are infinite.
            if expense[order[buy]] + expense[order[sell]] > max(tie, NOTHING):
                break
            moved = min(buy_rest, sell_rest)
            buy_rest = _rest(left, volume, order, buy, buy_stop, buy_total, buy_rest - moved)
            sell_rest = _rest(left, volume, order, sell, sell_stop, sell_total, sell_rest - moved)
    return left


@njit(cache=True)
def _rest(left, volume, order, place, stop, total, rest):
    """Leave `rest` of a group's total, the same fraction of each row; gives what is left."""
    if rest < NOTHING:
        rest = 0.0
    for at in range(place, stop):
        row = order[at]
        left[row] = volume[row] * (rest / total)
    return rest


@njit(cache=True)
def dearest_unflagged(expense, left, flagged, order, starts):
    """For each side the expense of its most expensive unflagged row with volume left, minus infinity if none."""
    dearest = np.full(starts.size - 1, -np.inf)
    for side in range(starts.size - 1):
        for place in range(starts[side + 1] - 1, starts[side] - 1, -1):
            row = order[place]
            if not flagged[row] and abs(left[row]) >= NOTHING:
                dearest[side] = expense[row]
                break
    return dearest


@njit(cache=True)
def second_stage(expense, flagged, starts, dearest, strict, equal):
    """True for a flagged row more expensive than the dearest unflagged one of its side (or with none there).

    An unpriced row stays flagged at whichever end it stands.
    """
    second = np.zeros(expense.size, np.bool_)
    for side in range(starts.size - 1):
        limit = dearest[side] + (equal if strict else -equal)
        for row in range(starts[side], starts[side + 1]):
            dearer = expense[row] > limit if strict else expense[row] >= limit
            second[row] = flagged[row] & (dearer | (abs(expense[row]) >= UNPRICED))
    return second
