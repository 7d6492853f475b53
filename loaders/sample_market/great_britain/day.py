"""The national day before anything is settled: register, notifications, pairs, acceptances, BSAD, market index, LoLP.

Reads    register, profiles, control_room, bid_offer_pairs, adjustments
Gives    NationalFeeds, feeds_of
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from loaders.sample_market.adjustments import Adjustment, adjustments_of, market_index_of
from loaders.sample_market.bid_offer_pairs import pairs_of
from loaders.sample_market.dated_values import DatedValues, dated_values
from loaders.sample_market.day_shape import DayShape, day_shape
from loaders.sample_market.exact_market import MarketIndex
from loaders.sample_market.exact_volumes import Acceptance, PairBand, Piece
from loaders.sample_market.great_britain.control_room import NationalControlRoom
from loaders.sample_market.great_britain.profiles import notified
from loaders.sample_market.great_britain.register import Registered, register_of

_LARGER = 12  # times the adjustment volumes of the small day
_LOLP = {-1: "0.000200000", 0: "0.012500000", 1: "0.021000000", 2: "0.006400000", 3: "0.000050000"}


@dataclass(frozen=True)
class NationalFeeds:
    """A day's feeds. Times are whole minutes from the first instant of the day; levels whole MW.

    loss_of_load  LoLP by Settlement Period
    """

    settlement_date: date
    seed: int
    values: DatedValues
    shape: DayShape
    register: list[Registered]
    notifications: dict[str, list[Piece]]
    pairs: dict[str, dict[int, list[PairBand]]]
    acceptances: list[Acceptance]
    adjustments: list[Adjustment]
    market_index: dict[int, list[MarketIndex]]
    loss_of_load: dict[int, Fraction]

    @property
    def periods(self) -> range:
        """Settlement Periods of the day."""
        return range(1, self.shape.minutes // 30 + 1)


def feeds_of(settlement_date: date, seed: int) -> NationalFeeds:
    """The feeds of one day and seed. Raises CannotWriteDay for a day before 5 November 2015."""
    values, shape = dated_values(settlement_date), day_shape(settlement_date, seed)
    register = register_of(seed, values)
    notifications = notified(register, shape, seed)
    trading = [one.unit for one in register if one.trades]
    pairs = {unit.bm_unit: pairs_of(unit, shape, seed) for unit in trading}
    trading = [unit for unit in trading if pairs[unit.bm_unit]]
    room = NationalControlRoom(trading, shape, notifications, pairs, seed)
    room.run()
    acceptances = sorted(room.acceptances, key=lambda one: (one.bm_unit, one.number))
    adjustments = [
        replace(one, volume=one.volume * _LARGER, cost=None if one.cost is None else one.cost * _LARGER)
        for one in adjustments_of(shape, seed)
    ]
    return NationalFeeds(
        settlement_date, seed, values, shape, register, notifications, {u: p for u, p in pairs.items() if p},
        acceptances, adjustments, market_index_of(shape, seed), _loss_of_load(shape, seed),
    )  # fmt: skip


def _loss_of_load(shape: DayShape, seed: int) -> dict[int, Fraction]:
    """0 but around the evening peak, where the system is short."""
    chance = random.Random(f"loss of load {seed} {shape.settlement_date}")
    peak = max(range(1, shape.minutes // 30 + 1), key=lambda period: shape.need((period - 1) * 30))
    times = Fraction(chance.randint(80, 120), 100)
    return {period: Fraction(_LOLP.get(period - peak, "0")) * times for period in range(1, shape.minutes // 30 + 1)}
