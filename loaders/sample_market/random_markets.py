"""Small random markets, for holding the engine against the exact calculators.

Full of what is rare in a day: ties, groups about the De Minimis limit, unpriced and flagged actions, STOR, NIV of 0;
steps, ramps that cross, pairs left out, acceptances of equal time.

Reads    exact_price, exact_volumes
Gives    RandomMarket, random_market, VolumeProblem, random_volume_problem
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from loaders.sample_market.exact_market import (
    Action,
    Adjusters,
    MarketIndex,
    PriceParameters,
    PriceResult,
)
from loaders.sample_market.exact_price import price
from loaders.sample_market.exact_volumes import Acceptance, AcceptedVolume, PairBand, Piece, accepted_volumes

SETTLEMENT_DATE = date(2024, 1, 15)
SETTLEMENT_PERIOD = 21
PERIOD_MINUTES = 30
_START = (SETTLEMENT_PERIOD - 1) * PERIOD_MINUTES


@dataclass(frozen=True)
class RandomMarket:
    """The accepted actions of one period and all else its price needs."""

    actions: tuple[Action, ...]
    parameters: PriceParameters
    market_index: tuple[MarketIndex, ...]
    adjusters: Adjusters

    def result(self) -> PriceResult:
        """What the exact calculator makes of it."""
        return price(self.actions, self.parameters, self.market_index, self.adjusters)


@dataclass(frozen=True)
class VolumeProblem:
    """One unit in period 21 of 15 January 2024. Times are minutes from the start of the day; levels MW."""

    bm_unit: str
    notification: tuple[Piece, ...]
    pairs: tuple[PairBand, ...]
    acceptances: tuple[Acceptance, ...]

    def volumes(self) -> dict[tuple[int, int], AcceptedVolume]:
        """QAO^kn_ij and QAB^kn_ij by acceptance number and pair, MWh."""
        period = (Fraction(_START), Fraction(_START + PERIOD_MINUTES))
        return accepted_volumes(period, self.notification, self.pairs, self.acceptances)


def random_market(seed: int, most_actions: int = 16) -> RandomMarket:
    """A market of one seed, of up to `most_actions` actions; sometimes of none."""
    chance = random.Random(f"market {seed}")
    actions: list[Action] = []
    wanted = chance.randint(0, most_actions)
    while len(actions) < wanted:
        actions += _adjustment(chance, len(actions)) if chance.random() < 0.2 else _pair(chance, len(actions))
    # The two sides cancel out: NIV is exactly 0.
    if actions and chance.random() < 0.06:
        actions += [Action(f"9{n}", -a.volume, a.price, so_flag=a.so_flag) for n, a in enumerate(actions)]
    threshold = chance.choice(("0.1", "0.1", "1"))
    return RandomMarket(
        actions=tuple(_one_row_each(actions)),
        parameters=PriceParameters(
            de_minimis_threshold=Fraction(threshold),
            price_average_reference=Fraction(chance.choice((1, 1, 1, 5, 50))),
            replacement_price_average_reference=Fraction(chance.choice((1, 1, 4))),
            reserve_scarcity_price=Fraction(chance.choice((0, 0, 35, 120))),
        ),
        market_index=(
            MarketIndex(
                "SYNAMIDP", Fraction(chance.randint(-2000, 9000), 100), Fraction(chance.choice((0, 640, 1200)))
            ),
            MarketIndex("SYNBMIDP", Fraction(chance.randint(0, 9000), 100), Fraction(chance.choice((0, 0, 75)))),
        ),
        adjusters=Adjusters(Fraction(chance.choice((0, 0, 35)), 100), Fraction(chance.choice((0, 0, -20)), 100)),
    )


def random_volume_problem(seed: int) -> VolumeProblem:
    """A problem of one seed: up to 5 pairs and 4 acceptances about one period."""
    chance = random.Random(f"volumes {seed}")
    bm_unit = "T_SYNRND-1"
    pairs = sorted(chance.sample((-3, -2, -1, 1, 2, 3), chance.randint(1, 5)))
    offer = Fraction(chance.randint(2000, 6000), 100)
    bands = []
    for pair in pairs:
        offer += Fraction(chance.randint(0, 2000), 100)
        bands.append(PairBand(pair, _band(chance, pair), offer, offer - 5))
    acceptances = tuple(
        Acceptance(bm_unit, 500 + number, Fraction(_START - chance.randint(10, 14)), _instructed(chance))
        for number in range(chance.randint(1, 4))
    )
    return VolumeProblem(bm_unit, _notification(chance), tuple(bands), acceptances)


def _pair(chance: random.Random, number: int) -> list[Action]:
    """The acceptances of one pair of a unit: they share price, side and TLM, and meet the De Minimis limit together."""
    side = chance.choice((-1, 1))
    at = _price(chance)
    tlm = Fraction(chance.choice((10_000_000, chance.randint(9_700_000, 10_300_000))), 10_000_000)
    stor = chance.random() < 0.1
    rows = []
    for acceptance in range(1, chance.choice((1, 1, 1, 2, 3)) + 1):
        flags = {"so_flag": chance.random() < 0.3, "cadl_flag": chance.random() < 0.1}
        rows.append(
            Action(
                f"T_SYNRND-{number // 2}",
                side * _volume(chance),
                at,
                100 * number + acceptance,
                number + 1,
                stor_flag=stor,
                emergency_flag=chance.random() < 0.04,
                tlm=tlm,
                **flags,
            )
        )
    return rows


def _adjustment(chance: random.Random, number: int) -> list[Action]:
    unpriced = chance.random() < 0.25
    return [
        Action(
            str(number + 1),
            chance.choice((-1, 1)) * _volume(chance),
            None if unpriced else _price(chance),
            so_flag=chance.random() < 0.3,
            stor_flag=chance.random() < 0.2,
        )
    ]


def _one_row_each(actions: list[Action]) -> list[Action]:
    keys: dict[tuple[object, ...], Action] = {}
    for action in actions:
        keys.setdefault((action.id, action.acceptance_number, action.pair, action.side), action)
    return list(keys.values())


def _price(chance: random.Random) -> Fraction:
    if chance.random() < 0.6:
        return Fraction(chance.randint(-3, 16) * 5)
    return Fraction(chance.randint(-3000, 15000), 100)


def _volume(chance: random.Random) -> Fraction:
    if chance.random() < 0.3:
        return Fraction(chance.randint(1, 24), 200)
    return Fraction(chance.choice((1, 2, 5, 10, chance.randint(1, 400))), chance.choice((1, 2, 10)))


def _band(chance: random.Random, pair: int) -> tuple[Piece, ...]:
    sign = 1 if pair > 0 else -1
    width = chance.randint(0, 60)
    end_width = chance.choice((width, width, width, chance.randint(0, 60)))
    return (_piece((_START, sign * width), (_START + PERIOD_MINUTES, sign * end_width)),)


def _notification(chance: random.Random) -> tuple[Piece, ...]:
    """Flat or ramping, with or without a step, over the period."""
    minutes = sorted({_START, _START + PERIOD_MINUTES, *(_START + chance.randint(1, 29) for _ in range(2))})
    level = chance.randint(-40, 160)
    pieces = []
    for start, end in pairwise(minutes):
        end_level = level if chance.random() < 0.4 else chance.randint(-40, 160)
        pieces.append(_piece((start, level), (end, end_level)))
        level = end_level if chance.random() < 0.8 else chance.randint(-40, 160)
    return tuple(pieces)


def _instructed(chance: random.Random) -> tuple[Piece, ...]:
    """Some points about the period; now and then a step, which is two levels at one minute."""
    minutes = sorted(chance.sample(range(_START - 12, _START + 42), chance.randint(2, 5)))
    level = chance.randint(-60, 220)
    pieces = []
    for start, end in pairwise(minutes):
        end_level = level if chance.random() < 0.35 else chance.randint(-60, 220)
        pieces.append(_piece((start, level), (end, end_level)))
        level = end_level if chance.random() < 0.8 else chance.randint(-60, 220)
    return tuple(pieces)


def _piece(start: tuple[int, int], end: tuple[int, int]) -> Piece:
    return Piece(Fraction(start[0]), Fraction(start[1]), Fraction(end[0]), Fraction(end[1]))
