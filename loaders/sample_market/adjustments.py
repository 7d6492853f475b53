"""Balancing services adjustment actions and market index data of the sample market.

Reads    day_shape
Gives    Adjustment, adjustments_of, market_index_of
Rules    price.md, sections 2.3, 9, 16a
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from loaders.sample_market.acceptances import MARKET_INDEX_PERIOD
from loaders.sample_market.day_shape import DayShape
from loaders.sample_market.exact_market import Action, MarketIndex

PERIOD_MINUTES = 30
PROVIDERS = ("SYNAMIDP", "SYNBMIDP")


@dataclass(frozen=True)
class Adjustment:
    """One DISBSAD row: volume MWh (buys > 0), cost GBP (None: unpriced). Volume 0 and cost 0: there was none."""

    settlement_period: int
    adjustment_id: int
    volume: Fraction
    cost: Fraction | None
    so_flag: bool = False
    stor_flag: bool = False

    @property
    def action(self) -> Action | None:
        """The action it is in the price, if any."""
        if self.volume == 0:
            return None
        price = None if self.cost is None else self.cost / self.volume
        return Action(str(self.adjustment_id), self.volume, price, so_flag=self.so_flag, stor_flag=self.stor_flag)


def adjustments_of(shape: DayShape, seed: int) -> list[Adjustment]:
    """The day's adjustment actions by period and id: some STOR, some unpriced, some periods with a zero row or none."""
    chance = random.Random(f"adjustments {seed} {shape.settlement_date}")
    rows: list[Adjustment] = []
    for period in range(1, shape.minutes // PERIOD_MINUTES + 1):
        start = (period - 1) * PERIOD_MINUTES
        need = shape.need(start)
        count = chance.choice((0, 1, 2, 2, 3, 4, 5))
        if count == 0 and chance.random() < 0.6:
            rows.append(Adjustment(period, 1, Fraction(0), Fraction(0)))
        for number in range(1, count + 1):
            rows.append(_adjustment(period, number, need, shape.price(start), chance))
    return rows


def market_index_of(shape: DayShape, seed: int) -> dict[int, list[MarketIndex]]:
    """Both providers' price (GBP/MWh) and volume (MWh) by period; the second often has neither."""
    chance = random.Random(f"market index {seed} {shape.settlement_date}")
    by_period = {}
    for period in range(1, shape.minutes // PERIOD_MINUTES + 1):
        level = shape.price((period - 1) * PERIOD_MINUTES)
        first = MarketIndex(PROVIDERS[0], _hundredths(level * chance.uniform(0.9, 1.05)), _volume(chance, 700, 2100))
        second = MarketIndex(PROVIDERS[1], Fraction(0), Fraction(0))
        if chance.random() < 0.4:
            second = MarketIndex(PROVIDERS[1], _hundredths(level * chance.uniform(0.9, 1.08)), _volume(chance, 20, 300))
        by_period[period] = [first, second]
    return by_period


def _adjustment(period: int, number: int, need: float, level: float, chance: random.Random) -> Adjustment:
    buying = chance.random() < 0.5 + 0.4 * need
    so_flag = chance.random() < 0.3 or period == MARKET_INDEX_PERIOD
    if buying and need > 0.5 and chance.random() < 0.4:
        return _priced(period, number, chance.randint(3, 18), level * chance.uniform(0.9, 1.5), stor_flag=True)
    volume = Fraction(chance.randint(40, 450), 10) * (1 if buying else -1)
    if chance.random() < 0.08:
        return Adjustment(period, number, volume, None, so_flag=so_flag)
    multiple = chance.uniform(0.9, 1.3) if buying else chance.uniform(0.5, 0.95)
    return _priced(period, number, volume, level * multiple, so_flag=so_flag)


def _priced(
    period: int, number: int, volume: Fraction | int, price: float, so_flag: bool = False, stor_flag: bool = False
) -> Adjustment:
    volume = Fraction(volume)
    return Adjustment(period, number, volume, _hundredths(float(volume) * price), so_flag, stor_flag)


def _hundredths(value: float) -> Fraction:
    return Fraction(round(value * 100), 100)


def _volume(chance: random.Random, least: int, most: int) -> Fraction:
    return Fraction(chance.randint(least * 20, most * 20), 20)
