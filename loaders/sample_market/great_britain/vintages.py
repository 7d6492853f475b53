"""The three vintages of the national day, and what is planted between them.

II: everything. SF: late readings of one unit, one corrected acceptance, one withdrawn contract, and the prices that
follow. R1: one parameter that was announced later.

Reads    day, volumes, metering, trading, prices, published
Gives    NationalDay, Vintage, Planted, PARAMETER, national_day, planted
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import lru_cache

from loaders.sample_market.exact_volumes import Acceptance, Piece
from loaders.sample_market.great_britain.day import NationalFeeds, feeds_of
from loaders.sample_market.great_britain.metering import Readings, losses_of, multipliers_of, readings_of
from loaders.sample_market.great_britain.prices import period_markets
from loaders.sample_market.great_britain.trading import Contract, Reallocation, contracts_of, reallocations_of, without
from loaders.sample_market.great_britain.volumes import moved_of
from loaders.sample_market.market_day import PeriodMarket

LATE_PERIODS = range(22, 30)  # none of the periods whose publication differs by plan
_CORRECTED = (32 * 30, 45 * 30)  # minutes between which the corrected acceptance lies
PARAMETER = ("information_imbalance_price", "0.25", "GBP/MWh")


@dataclass(frozen=True)
class Planted:
    """What differs between the vintages: unit and periods, unit and acceptance number, contract, parameter."""

    late_unit: str
    late_periods: tuple[int, ...]
    corrected: tuple[str, int]
    withdrawn: str
    parameter: str


@dataclass(frozen=True)
class Priced:
    """A day whose periods were priced, as its publication needs it."""

    settlement_date: date
    seed: int
    periods: Mapping[int, PeriodMarket]


@dataclass(frozen=True)
class Vintage:
    """What one run has: readings, acceptances (inside the feeds), contracts, and the prices of `changed` periods."""

    feeds: NationalFeeds
    readings: Readings
    estimated: frozenset[tuple[str, int]]
    contracts: list[Contract]
    priced: Priced


@dataclass(frozen=True)
class NationalDay:
    """The day in its vintages. `corrected` is the one acceptance of SF that differs."""

    first: Vintage
    final: Vintage
    reallocations: list[Reallocation]
    corrected: Acceptance
    planted: Planted


@lru_cache(maxsize=1)
def national_day(settlement_date: date, seed: int) -> NationalDay:
    """The day of one seed, whole: about half a minute. Kept, so not to be changed by who gets it."""
    feeds = feeds_of(settlement_date, seed)
    chance = random.Random(f"planted {seed} {settlement_date}")
    moved = moved_of(feeds)
    final_readings = readings_of(feeds, moved)
    late = chance.choice([one.unit.bm_unit for one in feeds.register if one.unit.kind == "gas"])
    late_periods = [period for period in LATE_PERIODS if period in feeds.periods]
    first_readings = dict(final_readings)
    for period in late_periods:
        first_readings[late, period] = round(final_readings[late, period] * chance.uniform(0.8, 0.95)) - 5_000
    acceptance = chance.choice([one for one in feeds.acceptances if _may_be_corrected(one)])
    corrected = replace(acceptance, pieces=tuple(_less(piece, acceptance) for piece in acceptance.pieces))
    final_feeds = replace(feeds, acceptances=[corrected if one is acceptance else one for one in feeds.acceptances])
    contracts = contracts_of(feeds)
    withdrawn = chance.choice([one for one in contracts if _may_be_withdrawn(one)]).reference

    multipliers = dict(multipliers_of(feeds, first_readings))
    first_prices = period_markets(feeds, moved, multipliers)
    touched = {int(acceptance.first) // 30 + 1, (int(acceptance.last) - 1) // 30 + 1}
    changed = sorted({*late_periods, *range(min(touched), max(touched) + 1)})
    unit = acceptance.bm_unit
    moved_again = {
        period: sorted([row for row in rows if row.bm_unit != unit] + again, key=lambda row: row[:3])
        for (period, rows), again in zip(moved.items(), moved_of(final_feeds, [unit]).values(), strict=True)
    }
    multipliers |= {period: losses_of(feeds, final_readings, period).multipliers for period in changed}
    final_prices = period_markets(final_feeds, moved_again, multipliers, changed)
    estimated = frozenset((late, period) for period in late_periods)
    return NationalDay(
        Vintage(feeds, first_readings, estimated, contracts, Priced(settlement_date, seed, first_prices)),
        Vintage(
            final_feeds, final_readings, frozenset(), without(contracts, withdrawn),
            Priced(settlement_date, seed, _moved_prices(first_prices, final_prices)),
        ),
        reallocations_of(feeds),
        corrected,
        Planted(late, tuple(late_periods), (unit, acceptance.number), withdrawn, PARAMETER[0]),
    )  # fmt: skip


def planted(settlement_date: date, seed: int) -> Planted:
    """What differs between the vintages of one day and seed."""
    return national_day(settlement_date, seed).planted


def _moved_prices(before: Mapping[int, PeriodMarket], after: Mapping[int, PeriodMarket]) -> dict[int, PeriodMarket]:
    """Periods of which anything published is another: the stack shows multipliers and volumes."""
    return {period: market for period, market in after.items() if market.actions != before[period].actions}


def _may_be_corrected(one: Acceptance) -> bool:
    """Of some length and height, away from the periods whose publication differs by plan."""
    levels = [int(piece.level_from) for piece in one.pieces]
    lies = one.first >= _CORRECTED[0] and one.last <= _CORRECTED[1] and one.last - one.first >= 30
    return lies and len(one.pieces) == 3 and abs(levels[1] - levels[0]) >= 12 and one.pieces[1].level_to == levels[1]


def _less(piece: Piece, acceptance: Acceptance) -> Piece:
    """The plateau of an acceptance of three lines, moved half as far."""
    ends = {acceptance.pieces[0].level_from, acceptance.pieces[-1].level_to}
    start = int(acceptance.pieces[0].level_from)
    plateau = int(acceptance.pieces[1].level_from)
    lower = start + (plateau - start) // 2

    def level(time: Fraction, was: Fraction) -> Fraction:
        inside = acceptance.first < time < acceptance.last
        return lower if inside and (was == plateau or was not in ends) else was  # type: ignore[return-value]

    return replace(
        piece,
        level_from=level(piece.time_from, piece.level_from),
        level_to=level(piece.time_to, piece.level_to),
    )


def _may_be_withdrawn(one: Contract) -> bool:
    """Worth looking at: some hundred MWh a day and not of thousands."""
    total = abs(sum(one.volumes.values()))
    return 300_000 <= total <= 3_000_000
