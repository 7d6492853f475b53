"""Bid-offer data of the sample market: bands and prices of each unit, period by period.

Prices have two decimals and do not fall as the pair number rises; a bid is never above its offer.

Reads    units, day_shape, exact_volumes
Gives    pairs_of
Rules    volumes-and-charges.md 2.4
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from loaders.sample_market.day_shape import DayShape
from loaders.sample_market.exact_volumes import PairBand, whole_line
from loaders.sample_market.units import Unit

PERIOD_MINUTES = 30


@dataclass(frozen=True)
class _Offering:
    """Bands of a kind (pair: share of capacity) and where its prices stand (pair: bid, offer).

    Prices are multiples of the day's level unless `own` is set: then GBP/MWh of their own.
    """

    bands: dict[int, float]
    prices: dict[int, tuple[float, float]]
    own: bool = False


_WIND = _Offering({-2: -0.4, -1: -0.3, 1: 0.08}, {-2: (-78, -12), -1: (-34, 0), 1: (0, 165)}, own=True)
_THERMAL = _Offering(
    {-2: -0.2, -1: -0.15, 1: 0.1, 2: 0.12},
    {-2: (0.6, 0.84), -1: (0.8, 0.97), 1: (0.95, 1.12), 2: (1.02, 1.4)},
)
_STORAGE = _Offering(
    {-2: -0.5, -1: -0.4, 1: 0.5, 2: 0.4},
    {-2: (0.5, 0.8), -1: (0.72, 0.94), 1: (0.9, 1.2), 2: (1.0, 1.55)},
)
_PEAKER = _Offering({1: 0.6, 2: 0.4}, {1: (0.9, 1.45), 2: (1.0, 1.9)})
_HYDRO = _Offering({-1: -0.4, 1: 0.4}, {-1: (0.6, 1.0), 1: (0.8, 1.3)})
_SUPPLIER = _Offering({1: 0.08}, {1: (0.5, 1.75)})
_OFFERINGS = {
    "wind": _WIND,
    "embedded wind": _WIND,
    "gas": _THERMAL,
    "biomass": _THERMAL,
    "pumped storage": _STORAGE,
    "battery": _STORAGE,
    "embedded battery": _STORAGE,
    "peaker": _PEAKER,
    "hydro": _HYDRO,
    "supplier": _SUPPLIER,
}


def pairs_of(unit: Unit, shape: DayShape, seed: int) -> dict[int, list[PairBand]]:
    """The pairs of one unit by Settlement Period, in order of pair; empty for a unit that offers nothing."""
    offering = _OFFERINGS.get(unit.kind)
    if offering is None:
        return {}
    chance = random.Random(f"pairs {seed} {shape.settlement_date} {unit.bm_unit}")
    size = max(unit.generation_capacity, -unit.demand_capacity)
    levels = {pair: _level(pair, share * size) for pair, share in sorted(offering.bands.items())}
    dearness = chance.uniform(0.86, 1.14)
    by_period: dict[int, list[PairBand]] = {}
    for period in range(1, shape.minutes // PERIOD_MINUTES + 1):
        start = (period - 1) * PERIOD_MINUTES
        # Units price themselves four hours at a time.
        if (period - 1) % 8 == 0:
            drift = chance.uniform(0.97, 1.03)
        level = dearness * drift * (1.0 if offering.own else shape.price(start))
        by_period[period] = _priced(offering, levels, level, start)
    return by_period


def _priced(offering: _Offering, levels: dict[int, int], level: float, start: int) -> list[PairBand]:
    bands: list[PairBand] = []
    for pair, width in levels.items():
        bid, offer = (_pence(level * multiple) for multiple in offering.prices[pair])
        if bands:
            bid, offer = max(bid, bands[-1].bid_price), max(offer, bands[-1].offer_price)
        flat = whole_line(start, width, start + PERIOD_MINUTES, width)
        bands.append(PairBand(pair, (flat,), max(bid, offer), bid))
    return bands


def _level(pair: int, width: float) -> int:
    return max(round(width), 1) if pair > 0 else min(round(width), -1)


def _pence(price: float) -> Fraction:
    return Fraction(round(price * 100), 100)
