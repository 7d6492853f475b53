"""SYNTHETIC days of notifications, pairs, acceptances and adjustment actions, with the exact answer beside them.

Each period has its own few units, so that a whole day is one call of the engine. No plugin and no package: a test
file loads this module from its own folder.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from loaders.sample_market.exact_durations import continuous_minutes
from loaders.sample_market.exact_market import Action, Adjusters, MarketIndex, PriceParameters, PriceResult
from loaders.sample_market.exact_price import price
from loaders.sample_market.exact_volumes import Piece
from loaders.sample_market.random_markets import SETTLEMENT_PERIOD, VolumeProblem, random_volume_problem
from settlement import calendar
from settlement.grains import full_grain, row_grain, sub_grain

DAY = date(2024, 1, 15)
CADL = 35  # min; wider than any day had, so that about half of the acceptances are flagged
HALF_HOUR = 30


class Adjustment(NamedTuple):
    """An adjustment action: cost None is unpriced."""

    number: str
    volume: Fraction
    cost: Fraction | None
    so_flag: bool
    stor_flag: bool


@dataclass(frozen=True)
class OwnPeriod:
    """One period: its units' problems (with emergency numbers and TLM), adjustment actions, and the rest."""

    settlement_period: int
    problems: tuple[VolumeProblem, ...]
    emergency: frozenset[tuple[str, int]]
    tlm: dict[str, Fraction]
    adjustments: tuple[Adjustment, ...]
    market_index: tuple[MarketIndex, ...]
    adjusters: Adjusters
    scarcity_price: Fraction

    def actions(self) -> list[Action]:
        """The stack by hand: exact accepted volumes, then adjustment actions."""
        actions = []
        for problem in self.problems:
            of = {acceptance.number: acceptance for acceptance in problem.acceptances}
            bands = {band.pair: band for band in problem.pairs}
            minutes = continuous_minutes(problem.acceptances)
            for (number, pair), volume in problem.volumes().items():
                for size, at in ((volume.offer, bands[pair].offer_price), (volume.bid, bands[pair].bid_price)):
                    if size:
                        actions.append(
                            Action(
                                problem.bm_unit, size, at, number, pair, of[number].so_flag,
                                minutes[problem.bm_unit, number] < CADL, of[number].stor_flag,
                                (problem.bm_unit, number) in self.emergency, self.tlm[problem.bm_unit],
                            )
                        )  # fmt: skip
        for one in self.adjustments:
            at = None if one.cost is None else one.cost / one.volume
            actions.append(Action(one.number, one.volume, at, so_flag=one.so_flag, stor_flag=one.stor_flag))
        return actions

    def result(self) -> PriceResult:
        """What the exact calculators make of it."""
        values = PriceParameters(Fraction("0.1"), Fraction(1), Fraction(1), self.scarcity_price)
        return price(self.actions(), values, self.market_index, self.adjusters)


def own_day(seed: int, periods: Iterable[int] = range(2, 48)) -> list[OwnPeriod]:
    """A day of one seed; the units of a period have nothing to do in any other."""
    return [_period(random.Random(f"own {seed} {number}"), number) for number in periods]


def _period(chance: random.Random, number: int) -> OwnPeriod:
    problems, emergency, tlm = [], set(), {}
    for place in range(chance.randint(0, 3)):
        unit = f"T_SYN-{number:02d}-{place}"
        problem = random_volume_problem(chance.randrange(10**9))
        taken = []
        for acceptance in problem.acceptances:
            flags = {"so_flag": chance.random() < 0.3, "stor_flag": chance.random() < 0.1}
            if chance.random() < 0.05:
                emergency.add((unit, acceptance.number))
            taken.append(replace(acceptance, bm_unit=unit, **flags))
        problems.append(replace(problem, bm_unit=unit, acceptances=tuple(taken)))
        tlm[unit] = Fraction(chance.choice((10_000_000, chance.randint(9_700_000, 10_300_000))), 10_000_000)
    adjustments = []
    for place in range(chance.choice((0, 1, 1, 2, 3))):
        size = chance.choice((-1, 1)) * Fraction(chance.choice((1, 5, 40, chance.randint(1, 900))), 10)
        cost = None if chance.random() < 0.2 else size * Fraction(chance.randint(-1000, 9000), 100)
        adjustments.append(Adjustment(str(place + 1), size, cost, chance.random() < 0.3, chance.random() < 0.1))
    return OwnPeriod(
        number, tuple(problems), frozenset(emergency), tlm, tuple(adjustments),
        (MarketIndex("SYNAMIDP", Fraction(chance.randint(-2000, 9000), 100), Fraction(chance.choice((0, 640)))),),
        Adjusters(Fraction(chance.choice((0, 35)), 100), Fraction(chance.choice((0, -20)), 100)),
        Fraction(chance.choice((0, 0, 35, 120))),
    )  # fmt: skip


def own_inputs(day: list[OwnPeriod]) -> dict[str, Any]:
    """What the engine is given for the day, the way `own stack`."""
    start = int(calendar.day_start(DAY).timestamp())
    labels = [one.settlement_period for one in day]
    units = sorted(problem.bm_unit for one in day for problem in one.problems)
    periods = full_grain(settlement_period=labels)
    unit_periods = full_grain(settlement_period=labels, bm_unit=units)
    tlm = {unit: value for one in day for unit, value in one.tlm.items()}
    each = [(one, problem, 60 * HALF_HOUR * (one.settlement_period - SETTLEMENT_PERIOD) + start)
            for one in day for problem in one.problems]  # fmt: skip
    notified = [((one.settlement_period, p.bm_unit), shift, p.notification) for one, p, shift in each]
    bands = [
        ((one.settlement_period, p.bm_unit, band.pair), shift, band.pieces)
        for one, p, shift in each
        for band in sorted(p.pairs, key=lambda band: band.pair)
    ]
    accepted = sorted(
        ((p.bm_unit, taken.number), shift, taken, one) for one, p, shift in each for taken in p.acceptances
    )  # fmt: skip
    prices = {
        (one.settlement_period, p.bm_unit, band.pair): band for one, p, _ in each for band in p.pairs
    }  # fmt: skip
    pair_rows = _grain("pair_row", ("settlement_period", "bm_unit", "pair"), sorted(prices))
    acceptance_rows = _grain("acceptance_row", ("bm_unit", "acceptance_number"), [key for key, *_ in accepted])
    added = [(one.settlement_period, extra) for one in day for extra in one.adjustments]
    adjustment_rows = _grain(
        "adjustment_row", ("settlement_period", "adjustment"), [(period, extra.number) for period, extra in added]
    )
    costed = np.array([extra.cost is not None for _, extra in added], bool)
    costed_rows = sub_grain("costed_adjustment_row", adjustment_rows, costed)
    index = [(one.settlement_period, entry) for one in day for entry in one.market_index]
    index_rows = _grain(
        "market_index_row", ("settlement_period", "provider"), [(period, entry.provider) for period, entry in index]
    )
    taken = [acceptance for *_, acceptance, _ in accepted]
    shifts = [shift for _, shift, *_ in accepted]
    inputs: dict[str, Any] = {
        "settlement_periods": periods,
        "unit_periods": unit_periods,
        "period_start": periods.array([start + 1800 * (period - 1) for period in labels]),
        "pair_rows": pair_rows,
        "offer_price": pair_rows.array([float(prices[key].offer_price) for key in sorted(prices)]),
        "bid_price": pair_rows.array([float(prices[key].bid_price) for key in sorted(prices)]),
        "acceptance_rows": acceptance_rows,
        "acceptance_time": acceptance_rows.array(
            [int(one.accepted_at * 60) + shift for one, shift in zip(taken, shifts, strict=True)]
        ),
        "acceptance_so_flag": acceptance_rows.array(np.array([one.so_flag for one in taken], bool)),
        "acceptance_stor_flag": acceptance_rows.array(np.array([one.stor_flag for one in taken], bool)),
        "acceptance_emergency_flag": acceptance_rows.array(
            np.array([key in own.emergency for key, _, _, own in accepted], bool)
        ),
        "adjustment_rows": adjustment_rows,
        "costed_adjustment_rows": costed_rows,
        "adjustment_volume": adjustment_rows.array([float(extra.volume) for _, extra in added]),
        "adjustment_cost": costed_rows.array([float(extra.cost) for _, extra in added if extra.cost is not None]),
        "adjustment_so_flag": adjustment_rows.array(np.array([extra.so_flag for _, extra in added], bool)),
        "adjustment_stor_flag": adjustment_rows.array(np.array([extra.stor_flag for _, extra in added], bool)),
        "transmission_loss_multiplier": unit_periods.array(
            [float(tlm[unit]) for unit in unit_periods.column("bm_unit")]
        ),
        "market_index_rows": index_rows,
        "market_index_price_by_provider": index_rows.array([float(entry.price) for _, entry in index]),
        "market_index_volume_by_provider": index_rows.array([float(entry.volume) for _, entry in index]),
        "loss_of_load_probability": periods.array([float(one.scarcity_price) / 1000 for one in day]),
        "buy_price_adjustment": periods.array([float(one.adjusters.buy) for one in day]),
        "sell_price_adjustment": periods.array([float(one.adjusters.sell) for one in day]),
        "value_of_lost_load": 1000.0,
        "de_minimis_threshold": 0.1,
        "price_average_reference_volume": 1.0,
        "replacement_price_average_reference_volume": 1.0,
        "continuous_acceptance_duration_limit": float(CADL),
    }
    inputs |= _lines("notification", "notification", ("settlement_period", "bm_unit"), notified)
    inputs |= _lines("pair_level", "pair", ("settlement_period", "bm_unit", "pair"), bands)
    points = [(key, shift, one.pieces) for key, shift, one, _ in accepted]
    return inputs | _lines("acceptance_point", "point", ("bm_unit", "acceptance_number"), points)


def _grain(dim: str, keys: tuple[str, ...], rows: list[tuple]) -> Any:
    kinds = {"settlement_period": np.int64, "pair": np.int64, "acceptance_number": np.int64, "segment": np.int64}
    columns = {key: np.array([row[at] for row in rows], kinds.get(key, object)) for at, key in enumerate(keys)}
    return row_grain(dim, columns)


def _lines(grain: str, stem: str, keys: tuple[str, ...], groups: list[tuple[tuple, int, tuple[Piece, ...]]]) -> dict:
    """Lines in time by key: the grain, and its times and levels; a line of no length is left out."""
    rows = []
    for key, shift, pieces in sorted(groups, key=lambda group: group[0]):
        lasting = [piece for piece in pieces if piece.time_from < piece.time_to]
        rows += [((*key, segment), shift, piece) for segment, piece in enumerate(lasting, start=1)]
    labels = _grain(f"{grain}_row", (*keys, "segment"), [key for key, *_ in rows])
    return {
        f"{grain}_rows": labels,
        f"{stem}_time_from": labels.array(np.array([int(p.time_from * 60) + s for _, s, p in rows], np.int64)),
        f"{stem}_time_to": labels.array(np.array([int(p.time_to * 60) + s for _, s, p in rows], np.int64)),
        f"{stem}_level_from": labels.array(np.array([float(p.level_from) for _, _, p in rows], float)),
        f"{stem}_level_to": labels.array(np.array([float(p.level_to) for _, _, p in rows], float)),
    }


__all__ = ["DAY", "OwnPeriod", "own_day", "own_inputs"]
