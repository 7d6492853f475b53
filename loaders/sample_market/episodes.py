"""One spell of a unit under instruction: one acceptance, or several that follow on or undo each other.

Reads    units, exact_volumes
Gives    Limits, Episode, chained, fits
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loaders.sample_market.exact_volumes import PairBand, Piece, whole_line
from loaders.sample_market.units import Unit

Episode = list[list[Piece]]
Points = list[tuple[int, int]]


@dataclass(frozen=True)
class Limits:
    """How far a unit can be moved: MW offered above its notification (up) and below it (down, negative).

    before, after  the notified level just before and just after each whole minute of the day, MW
    least          the lowest level the unit can take, MW
    """

    notification: tuple[Piece, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]
    up: int
    down: int
    least: int

    @classmethod
    def of(cls, unit: Unit, notification: Sequence[Piece], pairs: Mapping[int, Sequence[PairBand]]) -> Limits:
        """The limits of one unit on one day; its bands are the same in every period."""
        widths = [(band.pair, int(band.pieces[0].level_from)) for band in next(iter(pairs.values()), ())]
        after: list[float] = []
        before = [float(notification[0].level_from)]
        for piece in notification:
            minutes = int(piece.time_to - piece.time_from)
            level, rise = int(piece.level_from), int(piece.level_to - piece.level_from)
            along = [level + rise * minute / minutes for minute in range(minutes + 1)]
            after += along[:-1]
            before += along[1:]
        return cls(
            notification=tuple(notification),
            before=tuple(before),
            after=(*after, before[-1]),
            up=sum(width for pair, width in widths if pair > 0),
            down=sum(width for pair, width in widths if pair < 0),
            least=min(unit.demand_capacity, *(int(p.level_from) for p in notification)),
        )

    def level(self, minute: int) -> int:
        """The notified level at a minute to the nearest MW, after a step if there is one then."""
        return round(self.after[minute])

    def pieces(self, points: Points) -> list[Piece]:
        """Straight lines through points in order of time; two points at one minute are a step."""
        return [
            whole_line(start, level, end, next_level)
            for (start, level), (end, next_level) in itertools.pairwise(points)
            if start < end
        ]

    def follow(self, begin: int, end: int) -> Points:
        """Points that keep a unit on its notification from one minute to another."""
        points = [(begin, self.level(begin))]
        for piece in self.notification:
            for time, level in ((piece.time_from, piece.level_from), (piece.time_to, piece.level_to)):
                if begin < time < end and points[-1] != (int(time), int(level)):
                    points.append((int(time), int(level)))
        return [*points, (end, round(self.before[end]))]


def chained(limits: Limits, begin: int, end: int, size: int, chance: random.Random) -> Episode:
    """The lines of each acceptance of a spell that moves a unit by `size` MW from its notification.

    A long spell may be taken back early by a second acceptance, or be moved on and prolonged by it.
    """
    length = end - begin
    ramp = max(1, min(length // 4, chance.randint(2, 11)))
    middle = begin + length // 2
    target = limits.level(middle) + size
    rise: Points = [(begin, limits.level(begin)), (begin + ramp, target)]
    first = [*rise, (end - ramp, target), (end, round(limits.before[end]))]
    episode = [limits.pieces(first)]
    if length < 30 or chance.random() < 0.45:
        return episode
    # Early enough for two more ramps before the end.
    turn = chance.randint(begin + ramp + 2, min(middle, end - 2 * ramp - 1))
    if chance.random() < 0.4:
        back = limits.follow(turn + ramp, end)
        episode.append(limits.pieces([(turn, target), *back]))
        return episode
    moved = limits.level(middle) + round(size * chance.uniform(0.4, 1.35))
    return [*episode, limits.pieces([(turn, target), (turn + ramp, moved), (end - ramp, moved), first[-1]])]


def fits(limits: Limits, pieces: Sequence[Piece]) -> bool:
    """Whether the lines stay inside what the unit offers, at every minute, and above what it can take."""
    for piece in pieces:
        start, minutes = int(piece.time_from), int(piece.time_to - piece.time_from)
        level, rise = int(piece.level_from), int(piece.level_to - piece.level_from)
        for minute in range(minutes + 1):
            now = level + rise * minute / minutes
            before, after = limits.before[start + minute], limits.after[start + minute]
            if not max(before, after) + limits.down <= now <= min(before, after) + limits.up or now < limits.least:
                return False
    return True
