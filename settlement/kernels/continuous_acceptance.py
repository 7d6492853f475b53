"""How long acceptances last when those that touch are taken as one: the duration that CADL is held against.

Everything that a kernel calls stands in this file: numba's cache does not notice an edited
callee elsewhere.

Rules    price.md 4.2
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray


def continuous_minutes(acceptance_offsets: ArrayLike, time_from: ArrayLike, time_to: ArrayLike) -> NDArray[np.float64]:
    """Minutes of the continuous interval that each acceptance belongs to.

    acceptance_offsets  (units + 1,) integers: the acceptances of unit u are offsets[u] to offsets[u + 1], in any order
    time_from, time_to  (acceptances,) integer seconds: first and last point of each
    gives               (acceptances,) float minutes, in the order given

    Acceptances of one unit that overlap or abut make one interval, and share its length; it runs over the ends of
    periods and days, so the acceptances of the evening before belong in the list.

    Source  BSC Section T3.1B (CADL flag), Continuous Acceptance Duration
    """
    # One kind of array, else the kernel compiles anew for each.
    given = (np.require(array, np.int64, ["C", "W"]) for array in (acceptance_offsets, time_from, time_to))
    return _minutes(*given)


@njit(cache=True)
def _minutes(acceptance_offsets, time_from, time_to):
    minutes = np.zeros(len(time_from))
    for unit in range(len(acceptance_offsets) - 1):
        first, last = acceptance_offsets[unit], acceptance_offsets[unit + 1]
        order = first + np.argsort(time_from[first:last], kind="mergesort")
        at = 0
        while at < len(order):
            begins, ends = time_from[order[at]], time_to[order[at]]
            following = at + 1
            while following < len(order) and time_from[order[following]] <= ends:
                ends = max(ends, time_to[order[following]])
                following += 1
            for member in range(at, following):
                minutes[order[member]] = (ends - begins) / 60
            at = following
    return minutes
