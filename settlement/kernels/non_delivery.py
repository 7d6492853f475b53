"""Which of the pairs of a BM Unit are deemed undelivered: a volume laid over the pairs in the order of a rank.

Everything that a kernel calls stands in this file: numba's cache does not notice an edited
callee elsewhere.

Rules    volumes-and-charges.md 7.2
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray


def allocated(
    unit_period: ArrayLike, pair_number: ArrayLike, rank_by: ArrayLike, accepted: ArrayLike, undelivered: ArrayLike
) -> NDArray[np.float64]:
    """Undelivered MWh of each pair; the pair with the lowest `rank_by` of its unit and period first.

    unit_period  (pairs,) integers: the place in `undelivered` of the unit and period; its pairs stand together
    pair_number  (pairs,) integers: the Bid-Offer Pair Number; of equal `rank_by` the one farther from 0 goes first
    rank_by      (pairs,) floats, GBP/MWh: the price, or minus it to begin at the dear end
    accepted     (pairs,) floats, MWh, zero or more: size of what was accepted in the pair
    undelivered  (units and periods,) floats, MWh, zero or more: size of what was not delivered
    gives        (pairs,) floats, MWh, zero or more, in the order given

    A pair takes at most what was accepted in it; what is left after the last pair of a unit and period is on none.

    Source  BSC Section T4.8 (Offer and Bid Non-Delivery Order Number)
    """
    # One kind of array, else the kernel compiles anew for each.
    whole = (np.require(array, np.int64, ["C", "W"]) for array in (unit_period, pair_number))
    real = (np.require(array, np.float64, ["C", "W"]) for array in (rank_by, accepted, undelivered))
    return _allocated(*whole, *real)


@njit(cache=True)
def _allocated(unit_period, pair_number, rank_by, accepted, undelivered):
    taken = np.zeros(len(accepted))
    order = np.empty(len(accepted), np.int64)
    first = 0
    while first < len(accepted):
        end = first
        while end < len(accepted) and unit_period[end] == unit_period[first]:
            slot = end
            while slot > first and _goes_before(pair_number, rank_by, end, order[slot - 1]):
                order[slot] = order[slot - 1]
                slot -= 1
            order[slot] = end
            end += 1
        left = undelivered[unit_period[first]]
        for place in range(first, end):
            row = order[place]
            taken[row] = min(accepted[row], left)
            left -= taken[row]
        first = end
    return taken


@njit(cache=True)
def _goes_before(pair_number, rank_by, row, other):
    if rank_by[row] != rank_by[other]:
        return rank_by[row] < rank_by[other]
    return abs(pair_number[row]) > abs(pair_number[other])
