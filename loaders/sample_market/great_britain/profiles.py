"""What the units of the national market notify, and how Supplier and interconnector units do.

Reads    register, notifications, day_shape
Gives    notified, energy
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from loaders.sample_market.day_shape import DayShape
from loaders.sample_market.exact_volumes import Piece, whole_line
from loaders.sample_market.great_britain.register import GROUPS, Registered
from loaders.sample_market.notifications import notifications_of

PERIOD_MINUTES = 30
_AFTER_LOSSES = 0.982
_ACTIVE_USERS = 0.16  # of interconnector units: the others notify nothing and meter 0


def notified(register: Sequence[Registered], shape: DayShape, seed: int) -> dict[str, list[Piece]]:
    """Lines of every unit that notifies, in whole minutes and MW; the others are not there."""
    found: dict[str, list[Piece]] = {}
    for one in register:
        unit = one.unit
        chance = random.Random(f"profile {seed} {shape.settlement_date} {unit.bm_unit}")
        if unit.kind == "demand":
            found[unit.bm_unit] = _steps([round(unit.demand_capacity * chance.uniform(0.5, 0.9))] * _count(shape))
        elif unit.kind == "interconnector":
            if chance.random() < _ACTIVE_USERS:
                found[unit.bm_unit] = _steps(_flows(one, shape, chance))
        elif unit.kind != "supplier":
            found[unit.bm_unit] = notifications_of(unit, shape, seed)
    return found | _demand(register, found, shape, seed)


def _demand(
    register: Sequence[Registered], others: Mapping[str, Sequence[Piece]], shape: DayShape, seed: int
) -> dict[str, list[Piece]]:
    """Suppliers notify what the other units leave, near enough, by their share of their GSP group."""
    left = dict.fromkeys(range(1, _count(shape) + 1), 0.0)
    for pieces in others.values():
        for period, volume in energy(pieces).items():
            left[period] += 2 * volume
    found = {}
    for one in register:
        if one.unit.kind == "supplier":
            chance = random.Random(f"profile {seed} {shape.settlement_date} {one.unit.bm_unit}")
            part = one.share / len(GROUPS) * _AFTER_LOSSES
            found[one.unit.bm_unit] = _steps(
                [-round(max(0.0, left[period]) * part * chance.uniform(0.97, 1.03)) for period in left]
            )
    return found


def energy(pieces: Sequence[Piece]) -> Mapping[int, float]:
    """MWh under the lines by Settlement Period, near enough to make up meter readings from."""
    totals: dict[int, float] = {}
    for piece in pieces:
        period = int(piece.time_from) // PERIOD_MINUTES + 1
        minutes = int(piece.time_to - piece.time_from)
        totals[period] = totals.get(period, 0.0) + (int(piece.level_from) + int(piece.level_to)) * minutes / 120
    return totals


def _flows(one: Registered, shape: DayShape, chance: random.Random) -> list[int]:
    """In by day and in the evening, out on the long windy night."""
    levels = []
    for minute in _starts(shape):
        need = shape.need(minute)
        if one.unit.production_or_consumption == "P":
            levels.append(round(one.unit.generation_capacity * max(0.0, 0.45 + 0.55 * need) * chance.uniform(0.8, 1)))
        else:
            levels.append(round(one.unit.demand_capacity * max(0.0, -need) * chance.uniform(0.4, 0.5)))
    return levels


def _steps(levels: Sequence[int]) -> list[Piece]:
    return [whole_line(at * PERIOD_MINUTES, level, (at + 1) * PERIOD_MINUTES, level) for at, level in enumerate(levels)]


def _starts(shape: DayShape) -> range:
    return range(0, shape.minutes, PERIOD_MINUTES)


def _count(shape: DayShape) -> int:
    return shape.minutes // PERIOD_MINUTES
