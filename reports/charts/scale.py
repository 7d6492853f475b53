"""Scales, ticks and the width of a text: what a picture needs before anything is drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

# Advance widths of a plain sans face in thousandths of its size; a little on the wide side.
_NARROW = dict.fromkeys("iljtfI.,:;'|!()[] ", 310)
_WIDE = dict.fromkeys("mwMWOQG%@", 860) | dict.fromkeys("ABCDEHKNPRSTUVXYZ&_", 700) | dict.fromkeys("+−=±○", 600)


@dataclass(frozen=True)
class Linear:
    """A straight scale from figures to places in the picture."""

    low: float
    high: float
    start: float  # place of `low`
    end: float  # place of `high`

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) * (self.end - self.start) / (self.high - self.low)


def step_for(extent: float, most: int) -> float:
    """The smallest step of 1, 2 or 5 times a power of ten that fits an extent in at most `most` steps."""
    rough = extent / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-12))


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round figures from `low` to `high`, zero among them if inside, at most `most` besides zero.

    >>> ticks(-60, 160), ticks(0, 118)
    ([-50.0, 0.0, 50.0, 100.0, 150.0], [0.0, 50.0, 100.0])
    """
    if high <= low:
        return [low]
    for divisions in range(most + 2, 0, -1):
        step = step_for(high - low, divisions)
        first = math.ceil(low / step - 1e-9)
        found = [round(number * step, 10) + 0.0 for number in range(first, math.floor(high / step + 1e-9) + 1)]
        if sum(value != 0 for value in found) <= most:
            return found
    return [0.0]


def round_under(reach: float) -> float:
    """The largest of 1, 1.5, 2, 3, 5 times a power of ten that is not above `reach` (above zero).

    >>> round_under(168.1), round_under(59.0)
    (150.0, 50.0)
    """
    power = 10.0 ** math.floor(math.log10(reach))
    return max(power * factor for factor in (1, 1.5, 2, 3, 5) if power * factor <= reach * (1 + 1e-12))


def covering(values: Iterable[float], margin: float = 0.04) -> tuple[float, float]:
    """Lowest and highest of the figures and of zero, with a little air where they are not zero."""
    found = [0.0, *values]
    low, high = min(found), max(found)
    if low == high:
        return (0.0, 1.0)
    air = (high - low) * margin
    return (low - air if low < 0 else low, high + air if high > 0 else high)


@lru_cache(maxsize=20_000)  # the same words and figures stand in many rows
def text_width(text: str, size: float = 12, bold: bool = False) -> float:
    """About how wide a text comes out, in the units of the picture."""
    thousandths = sum(_NARROW.get(letter) or _WIDE.get(letter) or 560 for letter in text)
    return thousandths / 1000 * size * (1.06 if bold else 1)
