"""Instructions at the size of the system: the control room of the small day with more desks.

Reads    acceptances, episodes
Gives    NationalControlRoom
"""

from __future__ import annotations

from loaders.sample_market.acceptances import ControlRoom
from loaders.sample_market.episodes import Episode, chained, fits
from loaders.sample_market.exact_volumes import Acceptance
from loaders.sample_market.units import Unit

ACTIVE = (385, 465)  # units under instruction at any time
TRIES = 3600
EMERGENCIES = 3  # wind units taken off by emergency instruction on the long night
_LEAST, _MOST = 0.05, 0.34  # share of its offer that a unit is moved by


class NationalControlRoom(ControlRoom):
    """As `ControlRoom`, for hundreds of units at once and moves of a smaller share of each."""

    _moving: set[str]
    _until: dict[str, int]

    def run(self) -> None:
        """Instructs for every period of the day, and once over its end."""
        self._until = {}
        self._emergencies()
        for start in range(0, self.shape.minutes, 30):
            wanted = self.chance.randint(*ACTIVE)
            # Whatever was instructed before begins before this period ends; only its end counts.
            self._moving = {unit for unit, end in self._until.items() if end > start}
            for _ in range(TRIES):
                if len(self._moving) >= wanted:
                    break
                self._instruct(start)
        self._over_midnight()

    def _emergencies(self) -> None:
        """Wind taken off altogether for an hour or two: SO-flagged, and deemed accepted."""
        begin = self.chance.randint(40, 70)
        for unit in self.chance.sample(self.by_kind["wind"], len(self.by_kind["wind"])):
            limits, end = self.limits[unit.bm_unit], begin + self.chance.randint(60, 110)
            off = limits.pieces(
                [(begin, limits.level(begin)), (begin + 5, 0), (end - 10, 0), (end, round(limits.before[end]))]
            )
            if sum(one.deemed for one in self.acceptances) < EMERGENCIES and fits(limits, off):
                self.numbers[unit.bm_unit] += 1
                number = self.numbers[unit.bm_unit]
                accepted_at = off[0].time_from - 2
                self.acceptances.append(
                    Acceptance(unit.bm_unit, number, accepted_at, tuple(off), so_flag=True, deemed=True)
                )
                self.free_from[unit.bm_unit] = end + 5

    def _episode(self, unit: Unit, begin: int, end: int, upward: bool) -> Episode | None:
        limits = self.limits[unit.bm_unit]
        room = limits.up if upward else limits.down
        size = round(room * self.chance.uniform(_LEAST, _MOST)) or (1 if upward else -1)
        if not room:
            return None
        chain = [pieces for pieces in chained(limits, begin, end, size, self.chance) if pieces]
        return chain if all(fits(limits, pieces) for pieces in chain) else None

    def _accept(self, unit: Unit, episode: Episode, constraint: bool, stor: bool) -> None:
        super()._accept(unit, episode, constraint, stor)
        self._moving.add(unit.bm_unit)
        self._until[unit.bm_unit] = int(self.acceptances[-1].last)
