"""Physical notifications of the sample market: what each unit says it will do, in straight lines.

Times are whole minutes from the start of the day, levels whole MW; no line runs over a period's end.

Reads    units, day_shape, exact_volumes
Gives    notifications_of
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable

from loaders.sample_market.day_shape import DayShape
from loaders.sample_market.exact_volumes import Piece, whole_line
from loaders.sample_market.units import MIDNIGHT_UNIT, Unit

PERIOD_MINUTES = 30
Knots = list[tuple[int, float]]


def notifications_of(unit: Unit, shape: DayShape, seed: int) -> list[Piece]:
    """The lines of one unit over the whole day, abutting, in order; a unit's level may step at a period's end."""
    chance = random.Random(f"notification {seed} {shape.settlement_date} {unit.bm_unit}")
    if unit.kind in {"pumped storage", "battery", "embedded battery"}:
        return _steps(_storage_levels(unit, shape, chance))
    return _lines(_knots(unit, shape, chance), shape.minutes)


def _knots(unit: Unit, shape: DayShape, chance: random.Random) -> Knots:
    ends = range(0, shape.minutes + 1, PERIOD_MINUTES)
    capacity = unit.generation_capacity
    if unit.bm_unit == MIDNIGHT_UNIT:
        return [(0, capacity // 2), (shape.minutes, capacity // 2)]
    if "wind" in unit.kind:
        steady = chance.uniform(0.75, 1.05)
        return [(m, capacity * min(1.0, steady * shape.wind(m) * chance.uniform(0.95, 1.05))) for m in ends]
    if unit.kind == "gas":
        return _gas_knots(unit, shape, chance)
    if unit.kind == "supplier":
        size = chance.uniform(0.5, 0.9)
        return [(m, unit.demand_capacity * size * shape.load(m)) for m in ends]
    if unit.kind == "peaker":
        return [(0, 0), (shape.minutes, 0)]
    level = capacity * chance.uniform(0.7, 0.9)
    return [(0, level), (shape.minutes, level)]


def _gas_knots(unit: Unit, shape: DayShape, chance: random.Random) -> Knots:
    """Half the gas runs all day and rises for it; the rest comes on in the morning and goes off late."""
    capacity, last = unit.generation_capacity, shape.minutes
    day = capacity * chance.uniform(0.6, 0.82)
    night = capacity * chance.uniform(0.45, 0.55) if int(unit.bm_unit.rsplit("-", 1)[1]) % 2 else 0
    up = chance.randint(300, 400)
    up_for = chance.randint(21, 74)
    evening = last - 470 + chance.randint(-25, 25)
    down = last - chance.randint(95, 190)
    return [
        (0, night),
        (up, night),
        (up + up_for, day),
        (evening, day),
        (evening + chance.randint(17, 41), capacity * chance.uniform(0.84, 0.92)),
        (down, capacity * 0.84),
        (down + chance.randint(24, 66), night),
        (last, night),
    ]


def _storage_levels(unit: Unit, shape: DayShape, chance: random.Random) -> list[tuple[int, int]]:
    """A level for each period: charging by night, giving in the evening, often at rest."""
    levels = []
    for minute in range(0, shape.minutes, PERIOD_MINUTES):
        need = shape.need(minute)
        level = 0
        if need < -0.7 and chance.random() < 0.6:
            level = round(unit.demand_capacity * 0.5)
        if need > 0.75 and chance.random() < 0.5:
            level = round(unit.generation_capacity * 0.5)
        levels.append((minute, level))
    return levels


def _steps(levels: Iterable[tuple[int, int]]) -> list[Piece]:
    return [whole_line(minute, level, minute + PERIOD_MINUTES, level) for minute, level in levels]


def _lines(knots: Knots, last: int) -> list[Piece]:
    """Lines through the knots, cut at every period's end on the nearest whole MW."""
    by_minute = {minute: round(level) for minute, level in knots}
    for end in range(0, last + 1, PERIOD_MINUTES):
        by_minute.setdefault(end, round(_between(knots, end)))
    minutes = sorted(by_minute)
    return [whole_line(a, by_minute[a], b, by_minute[b]) for a, b in itertools.pairwise(minutes)]


def _between(knots: Knots, minute: int) -> float:
    for (start, level), (end, next_level) in itertools.pairwise(knots):
        if start <= minute <= end and start < end:
            return level + (next_level - level) * (minute - start) / (end - start)
    return knots[-1][1]
