"""Meter readings of the national day, in thousandths of a MWh, so that energy in and out differ by the losses.

Reads    day, profiles, volumes
Gives    Readings, readings_of, losses_of, multipliers_of, in_mwh
Rules    volumes-and-charges.md, section 5
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction

from loaders.sample_market.exact_losses import Losses, MeteredUnit, share_losses
from loaders.sample_market.great_britain.day import NationalFeeds
from loaders.sample_market.great_britain.profiles import energy
from loaders.sample_market.great_britain.volumes import ByPeriod

# (BM Unit, Settlement Period) to thousandths of a MWh, export above 0.
Readings = dict[tuple[str, int], int]
_FAILING = 0.02  # of accepted units and periods: they deliver only part of it
_NOISE = {"wind": 0.02, "embedded wind": 0.03, "demand": 0.01}


def readings_of(feeds: NationalFeeds, moved: ByPeriod) -> Readings:
    """Every unit of every period: what it notified and was moved by, with noise; Suppliers take what is left."""
    accepted: dict[tuple[str, int], float] = {}
    for period, rows in moved.items():
        for row in rows:
            accepted[row.bm_unit, period] = accepted.get((row.bm_unit, period), 0.0) + float(row.volume)
    found: Readings = {}
    demand = []
    for one in feeds.register:
        name = one.unit.bm_unit
        chance = random.Random(f"metered {feeds.seed} {feeds.settlement_date} {name}")
        if one.unit.kind == "supplier":
            demand.append((name, one.share, chance))
            continue
        expected = energy(feeds.notifications.get(name, ()))
        for period in feeds.periods:
            moved_by = accepted.get((name, period), 0.0)
            if moved_by and chance.random() < _FAILING:
                moved_by *= chance.uniform(0.3, 0.8)
            level = expected.get(period, 0.0)
            noise = chance.gauss(0, 1) * abs(level) * _NOISE.get(one.unit.kind, 0.003)
            found[name, period] = round(1000 * (level + moved_by + noise))
    _share_demand(feeds, found, demand)
    return found


def _share_demand(feeds: NationalFeeds, found: Readings, demand: list[tuple[str, float, random.Random]]) -> None:
    chance = random.Random(f"losses {feeds.seed} {feeds.settlement_date}")
    others = [one.unit.bm_unit for one in feeds.register if one.unit.kind != "supplier"]
    for period in feeds.periods:
        volumes = [found[name, period] for name in others]
        put_in = sum(volume for volume in volumes if volume > 0)
        lost = round(put_in * chance.uniform(0.014, 0.022))
        weights = [share * draw.uniform(0.93, 1.07) for _, share, draw in demand]
        taken = sum(volumes) - lost
        for (name, _, _), weight in zip(demand, weights, strict=True):
            found[name, period] = -round(taken * weight / sum(weights))


def losses_of(feeds: NationalFeeds, readings: Readings, period: int) -> Losses:
    """Losses of a period in fractions, from all its readings."""
    return share_losses(
        [
            MeteredUnit(
                one.unit.bm_unit, one.trading_unit, Fraction(readings[one.unit.bm_unit, period], 1000), one.unit.tlf,
                one.interconnector is not None,
            )
            for one in feeds.register
        ]
    )  # fmt: skip


def in_mwh(thousandths: int) -> str:
    """A reading without its sign as a file of the central systems writes it: no trailing zeros."""
    text = f"{abs(thousandths) // 1000}.{abs(thousandths) % 1000:03d}".rstrip("0").rstrip(".")
    return text or "0"


def multipliers_of(feeds: NationalFeeds, readings: Readings) -> Mapping[int, Mapping[str, Fraction]]:
    """Transmission Loss Multipliers by period and unit."""
    return {period: losses_of(feeds, readings, period).multipliers for period in feeds.periods}
