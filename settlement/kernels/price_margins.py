"""Compiled loops of the imbalance price, stages 6 to 10: NIV, replacement price, PAR, the price.

Arrays and names as in `price_ranking`. All that these loops call stands in this file.

Rules    price.md, sections 7.3 to 7.5 and 8
"""

from __future__ import annotations

import numpy as np
from numba import njit

NOTHING = 1e-9  # MWh


@njit(cache=True)
def net_volume(left, starts):
    """Buys plus sells of each period, MWh; less than nothing either way is 0."""
    periods = (starts.size - 1) // 2
    net = np.zeros(periods)
    for period in range(periods):
        buys = sells = 0.0
        for row in range(starts[2 * period], starts[2 * period + 1]):
            buys += left[row]
        for row in range(starts[2 * period + 1], starts[2 * period + 2]):
            sells += left[row]
        if abs(buys + sells) >= NOTHING:
            net[period] = buys + sells
    return net


@njit(cache=True)
def _tie_end(expense, order, place, end, tie):
    """One past the last place whose expense equals that at `place`."""
    head = expense[order[place]]
    stop = place + 1
    while stop < end and (expense[order[stop]] - head <= tie or (np.isinf(head) and tie >= 0)):
        stop += 1
    return stop


@njit(cache=True)
def net_tagged_left(expense, volume, order, starts, net, tie):
    """MWh left once the smaller side is removed and the dear end of the larger side with it."""
    left = np.zeros(volume.size)
    for period in range(net.size):
        if net[period] == 0.0:
            continue
        side = 2 * period if net[period] > 0 else 2 * period + 1
        place, end = starts[side], starts[side + 1]
        wanted = abs(net[period])
        while place < end and wanted >= NOTHING:
            stop = _tie_end(expense, order, place, end, tie)
            total = 0.0
            for at in range(place, stop):
                total += abs(volume[order[at]])
            share = 1.0 if total <= wanted + NOTHING else wanted / total
            for at in range(place, stop):
                left[order[at]] = volume[order[at]] * share
            wanted -= total
            place = stop
    return left


@njit(cache=True)
def replacement(expense, left, second, order, starts, net, reference, market_price):
    """Replacement price of each period, the MWh behind it, and whether it is needed; NaN where it is not.

    The most expensive `reference` MWh of unflagged volume left in the NIV, or the market
    index price where there is none of it.
    """
    price = np.full(net.size, np.nan)
    behind = np.zeros(net.size)
    repricing = np.zeros(net.size, np.bool_)
    for period in range(net.size):
        if net[period] == 0.0:
            continue
        side = 2 * period if net[period] > 0 else 2 * period + 1
        sign = 1.0 if net[period] > 0 else -1.0
        first, end = starts[side], starts[side + 1]
        needed = False
        for row in range(first, end):
            if second[row] and abs(left[row]) >= NOTHING:
                needed = True
                break
        if not needed:
            continue
        repricing[period] = True
        taken = cost = 0.0
        lowest, highest = np.inf, -np.inf
        place = end - 1
        while place >= first and reference - taken >= NOTHING:
            row = order[place]
            place -= 1
            if second[row] or abs(left[row]) < NOTHING:
                continue
            part = min(abs(left[row]), reference - taken)
            taken += part
            cost += part * expense[row]
            lowest, highest = min(lowest, expense[row]), max(highest, expense[row])
        behind[period] = taken
        if taken == 0.0:
            price[period] = market_price[period]
        else:
            # A mean of one price need not be that price in floats, and a tie at PAR would turn on the noise.
            price[period] = sign * (highest if lowest == highest else cost / taken)
    return price, behind, repricing


@njit(cache=True)
def final_prices(ranking_price, left, repriced, replacement_price, starts):
    """Price of each row left in the NIV: the period's replacement price, or the one it was ranked by; else 0."""
    final = np.zeros(left.size)
    for period in range(replacement_price.size):
        for row in range(starts[2 * period], starts[2 * period + 2]):
            price = replacement_price[period] if repriced[row] else ranking_price[row]
            final[row] = price if abs(left[row]) >= NOTHING else 0.0
    return final


@njit(cache=True)
def price_average_left(expense, left, second, order, starts, net, repriced, reference, tie):
    """MWh left inside PAR: the most expensive `reference` MWh by final price, pro rata within equal prices.

    `repriced` is the replacement price of each period. Second-stage flagged rows all
    have it, so they enter the walk down the unflagged rows as one group.
    """
    inside = np.zeros(left.size)
    for period in range(net.size):
        if net[period] == 0.0:
            continue
        side = 2 * period if net[period] > 0 else 2 * period + 1
        first, end = starts[side], starts[side + 1]
        flagged_expense = repriced[period] if net[period] > 0 else -repriced[period]
        flagged_total = 0.0
        for row in range(first, end):
            flagged_total += abs(left[row]) * second[row]
        waiting = flagged_total >= NOTHING
        wanted = reference
        place = end - 1
        while wanted >= NOTHING:
            while place >= first and (second[order[place]] or abs(left[order[place]]) < NOTHING):
                place -= 1
            if place < first and not waiting:
                break
            head = expense[order[place]] if place >= first else -np.inf
            with_flagged = waiting and flagged_expense >= head - max(tie, 0.0)
            total = flagged_total if with_flagged else 0.0
            level = max(head, flagged_expense) if with_flagged else head
            stop = place
            while stop >= first:
                row = order[stop]
                if not (second[row] or abs(left[row]) < NOTHING):
                    if level - expense[row] > tie and not (stop == place and not with_flagged):
                        break
                    total += abs(left[row])
                stop -= 1
            share = 1.0 if total <= wanted else wanted / total
            for at in range(stop + 1, place + 1):
                row = order[at]
                if not second[row]:
                    inside[row] = left[row] * share
            if with_flagged:
                waiting = False
                _take_flagged(inside, left, second, order, first, end, wanted, share, tie)
            wanted -= total
            place = stop
    return inside


@njit(cache=True)
def _take_flagged(inside, left, second, order, first, end, wanted, share, tie):
    """The repriced rows of a side into PAR: pro rata, or by rank from the dearest where ties are broken."""
    for at in range(end - 1, first - 1, -1):
        row = order[at]
        if second[row]:
            part = share if tie >= 0 else min(1.0, max(wanted, 0.0) / max(abs(left[row]), NOTHING))
            inside[row] = left[row] * part
            wanted -= abs(left[row])


@njit(cache=True)
def average_price(final_price, inside, loss_multiplier, starts, net, adjustment, market_price):
    """The price of each period: the TLM-weighted mean inside PAR, plus the adjustment.

    Where the net volume is nothing, the market index price without adjustment.
    """
    price = np.empty(net.size)
    for period in range(net.size):
        if net[period] == 0.0:
            price[period] = market_price[period]
            continue
        cost = weight = 0.0
        lowest, highest = np.inf, -np.inf
        for row in range(starts[2 * period], starts[2 * period + 2]):
            if inside[row] != 0.0:
                scaled = inside[row] * loss_multiplier[row]
                cost += scaled * final_price[row]
                weight += scaled
                lowest, highest = min(lowest, final_price[row]), max(highest, final_price[row])
        price[period] = (highest if lowest == highest else cost / weight) + adjustment[period]
    return price
