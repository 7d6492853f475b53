"""What kind of day it is: level of prices, wind and need, by local hour.

Reads    settlement.calendar
Gives    DayShape, day_shape
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from settlement import calendar

Curve = dict[float, float]

# Local hour: value. Between two entries the value follows a straight line.
_PRICE: Curve = {
    0: 58,
    3: 46,
    5: 52,
    7: 104,
    9: 118,
    11: 88,
    15: 82,
    17: 172,
    18.5: 188,
    20: 122,
    22: 80,
    24: 60,
}
_WIND: Curve = {0: 0.82, 3: 0.92, 6: 0.78, 9: 0.5, 13: 0.42, 17: 0.3, 20: 0.4, 24: 0.7}
_LOAD: Curve = {
    0: 0.55,
    4: 0.5,
    6: 0.62,
    8.5: 0.92,
    12: 0.86,
    15: 0.84,
    17.5: 1.0,
    20: 0.9,
    22: 0.7,
    24: 0.56,
}
# Need of the system: above 0 short (offers are taken), below 0 long (bids are taken).
_NEED: Curve = {
    0: -0.9,
    2: -1.0,
    5: -0.8,
    6.5: 0.4,
    8: 0.95,
    10: 0.1,
    13: -0.3,
    15.5: 0.3,
    17.5: 1.0,
    19.5: 0.5,
    22: -0.5,
    24: -0.9,
}


@dataclass(frozen=True)
class DayShape:
    """The day's curves at a minute counted from its first instant. Prices GBP/MWh, shares of 1."""

    settlement_date: date
    scale: float
    windiness: float
    minutes: int

    def price(self, minute: int) -> float:
        """The level around which units price themselves."""
        return self.scale * _curve(_PRICE, _local_hour(self.settlement_date, minute))

    def wind(self, minute: int) -> float:
        """Share of wind capacity blowing."""
        return min(1.0, self.windiness * _curve(_WIND, _local_hour(self.settlement_date, minute)))

    def load(self, minute: int) -> float:
        """Demand, as a share of the day's peak."""
        return _curve(_LOAD, _local_hour(self.settlement_date, minute))

    def need(self, minute: int) -> float:
        """From -1 (long) to 1 (short)."""
        return _curve(_NEED, _local_hour(self.settlement_date, minute))


def day_shape(settlement_date: date, seed: int) -> DayShape:
    """The curves of one day of one seed."""
    chance = random.Random(f"shape {seed} {settlement_date}")
    return DayShape(
        settlement_date=settlement_date,
        scale=round(chance.uniform(0.8, 1.25), 3),
        windiness=round(chance.uniform(0.85, 1.1), 3),
        minutes=calendar.period_count(settlement_date) * 30,
    )


@lru_cache(maxsize=4000)
def _local_hour(settlement_date: date, minute: int) -> float:
    clock = calendar.local_clock(calendar.day_start(settlement_date) + timedelta(minutes=minute))
    return int(clock[:2]) + int(clock[3:]) / 60


def _curve(points: Curve, hour: float) -> float:
    for (left, start), (right, end) in itertools.pairwise(points.items()):  # in order of hours, as written above
        if left <= hour <= right:
            return start + (end - start) * (hour - left) / (right - left)
    return next(reversed(points.values()))
