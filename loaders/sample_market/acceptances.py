"""Bid-offer acceptances of the sample market: what the made-up control room instructs through the day.

Reads    units, day_shape, notifications, bid_offer_pairs, episodes
Gives    acceptances_of, MARKET_INDEX_PERIOD
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from loaders.sample_market.day_shape import DayShape
from loaders.sample_market.episodes import Episode, Limits, chained, fits
from loaders.sample_market.exact_volumes import Acceptance, PairBand, Piece
from loaders.sample_market.units import MIDNIGHT_UNIT, Unit

PERIOD_MINUTES = 30
# Everything accepted in this period is SO-flagged, so its price comes from the market index.
MARKET_INDEX_PERIOD = 6
_TRIES = 150
# In the longest hours wind is turned down for energy too, and prices go below 0.
_WIND_TURNED_DOWN_BELOW = -0.88
_UP_KINDS = ("gas", "gas", "gas", "battery", "embedded battery", "pumped storage", "hydro", "biomass", "supplier")
_DOWN_KINDS = ("gas", "gas", "biomass", "battery", "embedded battery", "pumped storage", "hydro")
_STORAGE_KINDS = ("battery", "embedded battery", "pumped storage")


class ControlRoom:
    """One day's instructions, filled period by period.

    acceptances  what has been instructed so far, minutes from the start of the day
    """

    def __init__(
        self,
        units: Sequence[Unit],
        shape: DayShape,
        notifications: Mapping[str, Sequence[Piece]],
        pairs: Mapping[str, Mapping[int, Sequence[PairBand]]],
        seed: int,
    ) -> None:
        self.chance = random.Random(f"acceptances {seed} {shape.settlement_date}")
        self.shape = shape
        self.limits = {u.bm_unit: Limits.of(u, notifications[u.bm_unit], pairs[u.bm_unit]) for u in units}
        self.by_kind: dict[str, list[Unit]] = {}
        for unit in units:
            if pairs[unit.bm_unit]:
                self.by_kind.setdefault(unit.kind, []).append(unit)
        self.free_from = dict.fromkeys(self.limits, 0)
        self.free_from[MIDNIGHT_UNIT] = 40
        self.numbers = dict.fromkeys(self.limits, (shape.settlement_date.toordinal() - 735_000) * 100)
        self.acceptances: list[Acceptance] = []
        # By the start of a period: how many acceptances were looked at, and the units of those that are in it.
        self._during: dict[int, tuple[int, set[str]]] = {}

    def run(self) -> None:
        """Instructs for every period of the day, and once over its end."""
        for start in range(0, self.shape.minutes, PERIOD_MINUTES):
            wanted = self.chance.randint(11, 15)
            for _ in range(_TRIES):
                if self._active(start) >= wanted:
                    break
                self._instruct(start)
        self._over_midnight()

    def _active(self, start: int) -> int:
        """How many units are under instruction in a period."""
        since, during = self._during.setdefault(start, (0, set()))
        new = self.acceptances[since:]
        during |= {a.bm_unit for a in new if a.first < start + PERIOD_MINUTES and a.last > start}
        self._during[start] = (len(self.acceptances), during)
        return len(during)

    def _instruct(self, start: int) -> None:
        need = self.shape.need(start)
        upward = self.chance.random() < 0.5 + 0.45 * need
        constraint = self.chance.random() < 0.2 + 0.16 * abs(need)
        short = self.chance.random() < 0.16
        begin = start + self.chance.randint(0, 9 if start == 0 else 24)
        unit = self._choose(need, upward, constraint, short)
        if begin < self.free_from[unit.bm_unit]:
            return
        length = self.chance.randint(4, 14) if short else self.chance.randint(18, 95)
        end = begin + length
        last_start = self.shape.minutes - (40 if unit.bm_unit == MIDNIGHT_UNIT else 0)
        if end > last_start:
            return
        episode = self._episode(unit, begin, end, upward)
        if episode is not None:
            stor = upward and unit.kind == "peaker" and need > 0.5
            self._accept(unit, episode, constraint, stor)

    def _choose(self, need: float, upward: bool, constraint: bool, short: bool) -> Unit:
        kinds: tuple[str, ...] = _UP_KINDS if upward else _DOWN_KINDS
        if short:
            kinds = _STORAGE_KINDS
        elif constraint:
            kinds = ("peaker", "peaker", "gas") if upward else ("wind", "wind", "embedded wind", "gas")
        elif not upward and need < _WIND_TURNED_DOWN_BELOW:
            kinds = ("wind", "embedded wind", *_DOWN_KINDS)
        elif upward and need > 0.5 and self.chance.random() < 0.12:
            kinds = ("peaker",)
        return self.chance.choice(self.by_kind[self.chance.choice([kind for kind in kinds if kind in self.by_kind])])

    def _episode(self, unit: Unit, begin: int, end: int, upward: bool) -> Episode | None:
        limits = self.limits[unit.bm_unit]
        room = limits.up if upward else limits.down
        size = round(room * self.chance.uniform(0.3, 0.92))
        chain = chained(limits, begin, end, size, self.chance)
        chain = [pieces for pieces in chain if pieces]
        return chain if size and all(fits(limits, pieces) for pieces in chain) else None

    def _accept(self, unit: Unit, episode: Episode, constraint: bool, stor: bool) -> None:
        first, last = episode[0][0].time_from, max(pieces[-1].time_to for pieces in episode)
        window = (MARKET_INDEX_PERIOD - 1) * PERIOD_MINUTES
        so_flag = constraint or (first < window + PERIOD_MINUTES and last > window)
        accepted_at = first - self.chance.randint(3, 7)
        for pieces in episode:
            accepted_at = max(accepted_at + 1, pieces[0].time_from - self.chance.randint(1, 5))
            self.numbers[unit.bm_unit] += 1
            number = self.numbers[unit.bm_unit]
            self.acceptances.append(Acceptance(unit.bm_unit, number, accepted_at, tuple(pieces), so_flag, stor))
        self.free_from[unit.bm_unit] = int(last) + self.chance.randint(3, 16)

    def _over_midnight(self) -> None:
        """Up and back to its notification before midnight, held there past it: no volume falls on the next day."""
        unit, last = MIDNIGHT_UNIT, self.shape.minutes
        limits = self.limits[unit]
        level = limits.level(last - 30)
        raised = level + round(limits.up * 0.6)
        points = [
            (last - 27, level),
            (last - 22, raised),
            (last - 9, raised),
            (last - 4, level),
            (last + 6, level),
        ]
        self.numbers[unit] += 1
        pieces = limits.pieces(points)
        self.acceptances.append(Acceptance(unit, self.numbers[unit], pieces[0].time_from - 4, tuple(pieces)))


def acceptances_of(
    units: Sequence[Unit],
    shape: DayShape,
    notifications: Mapping[str, Sequence[Piece]],
    pairs: Mapping[str, Mapping[int, Sequence[PairBand]]],
    seed: int,
) -> list[Acceptance]:
    """The day's acceptances by unit and number: about 6 to 15 units in every period, chained, undone, short ones."""
    room = ControlRoom(units, shape, notifications, pairs, seed)
    room.run()
    return sorted(room.acceptances, key=lambda acceptance: (acceptance.bm_unit, acceptance.number))
