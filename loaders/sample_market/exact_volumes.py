"""Accepted volumes of one unit in one period, in exact fractions, by integration of straight lines.

Time is counted in minutes from any one instant, as fractions or whole numbers: nothing is divided but through
`Fraction`, so both are exact. Every function is a list of straight pieces; where two pieces meet on different levels
the function steps.

Reads    errors
Gives    Piece, whole_line, PairBand, Acceptance, AcceptedVolume, accepted_volumes, period_volume
Rules    volumes-and-charges.md, sections 2 and 3
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from loaders.sample_market.errors import CannotPrice

ZERO = Fraction(0)
MINUTES_PER_HOUR = 60


@dataclass(frozen=True)
class Piece:
    """A straight line from one minute and level (MW) to another."""

    time_from: Fraction
    level_from: Fraction
    time_to: Fraction
    level_to: Fraction

    def at(self, time: Fraction) -> Fraction:
        """The level at a time on the line, MW."""
        if self.level_from == self.level_to or time == self.time_from:
            return self.level_from
        if time == self.time_to:
            return self.level_to
        rise = (self.level_to - self.level_from) * (time - self.time_from)
        return self.level_from + Fraction(rise, self.time_to - self.time_from)


def whole_line(start: int, level: int, end: int, next_level: int) -> Piece:
    """A line in whole minutes and MW, which are quicker than fractions and as exact."""
    return Piece(start, level, end, next_level)  # type: ignore[arg-type]


@dataclass(frozen=True)
class PairBand:
    """A Bid-Offer Pair: its band width (MW, below 0 for n < 0) over time, and its prices (GBP/MWh)."""

    pair: int
    pieces: tuple[Piece, ...]
    offer_price: Fraction
    bid_price: Fraction


@dataclass(frozen=True)
class Acceptance:
    """A Bid-Offer Acceptance: the instructed level of a unit over time, MW; deemed where it was an emergency."""

    bm_unit: str
    number: int
    accepted_at: Fraction
    pieces: tuple[Piece, ...]
    so_flag: bool = False
    stor_flag: bool = False
    deemed: bool = False

    @property
    def first(self) -> Fraction:
        """Time of its first point."""
        return self.pieces[0].time_from

    @property
    def last(self) -> Fraction:
        """Time of its last point."""
        return self.pieces[-1].time_to


@dataclass(frozen=True)
class AcceptedVolume:
    """QAO^kn_ij (0 or more) and QAB^kn_ij (0 or less), MWh."""

    offer: Fraction
    bid: Fraction


@dataclass(frozen=True)
class _Line:
    """A function on one interval on which it is straight: its value just after the start and just before the end."""

    start: Fraction
    end: Fraction

    def __add__(self, other: _Line) -> _Line:
        return _Line(self.start + other.start, self.end + other.end)

    def __sub__(self, other: _Line) -> _Line:
        return _Line(self.start - other.start, self.end - other.end)

    def part(self, begin: Fraction | int, finish: Fraction | int) -> _Line:
        if begin == 0 and finish == 1:
            return self
        rise = self.end - self.start
        return _Line(self.start + rise * begin, self.start + rise * finish)

    def crossing(self, other: _Line) -> Fraction | None:
        """How far along (strictly between 0 and 1) the two lines meet, if they do."""
        gap_from, gap_to = self.start - other.start, self.end - other.end
        if gap_from * gap_to >= 0:
            return None
        return Fraction(gap_from, gap_from - gap_to)


_NOTHING = _Line(0, 0)  # type: ignore[arg-type]


def accepted_volumes(
    period: tuple[Fraction, Fraction],
    notification: Sequence[Piece],
    pairs: Sequence[PairBand],
    acceptances: Sequence[Acceptance],
) -> dict[tuple[int, int], AcceptedVolume]:
    """Accepted Offer and Bid volumes of one unit in one period, by acceptance number and pair, MWh.

    Every acceptance with a point in the period has an entry for every pair, 0 where it moved nothing.

    Raises CannotPrice where the notification leaves a gap in the period.

    Source  volumes-and-charges.md 2.6, 3.2 to 3.5, 3.7
    """
    chain = sorted(acceptances, key=lambda acceptance: (acceptance.accepted_at, acceptance.number))
    chain = [a for a in chain if a.first < period[1] and a.last > period[0]]
    offers = {(a.number, band.pair): ZERO for a in chain for band in pairs}
    bids = dict(offers)
    instructed_by = {id(acceptance): _bridged(acceptance.pieces) for acceptance in chain}
    for begin, finish in _elementary_intervals(period, notification, pairs, chain):
        active = [acceptance for acceptance in chain if acceptance.first <= begin < acceptance.last]
        hours = Fraction(finish - begin, MINUTES_PER_HOUR)
        expected = _notified(notification, begin, finish)
        bands = _bands(expected, pairs, begin, finish) if active else {}
        previous = expected
        for acceptance in active:
            instructed = _line(instructed_by[id(acceptance)], begin, finish)
            for pair, (low, high) in bands.items():
                up, down = _moved(previous, instructed, low, high)
                if up:
                    offers[acceptance.number, pair] += up * hours
                if down:
                    bids[acceptance.number, pair] += down * hours
            previous = instructed
    return {key: AcceptedVolume(offers[key], bids[key]) for key in offers}


def period_volume(period: tuple[Fraction, Fraction], pieces: Sequence[Piece]) -> Fraction:
    """Energy under a notification in one period, MWh: Period FPN (2.2)."""
    total = ZERO
    for piece in pieces:
        begin, finish = max(piece.time_from, period[0]), min(piece.time_to, period[1])
        if begin < finish:
            total += Fraction((piece.at(begin) + piece.at(finish)) * (finish - begin), 2 * MINUTES_PER_HOUR)
    return total


def _elementary_intervals(
    period: tuple[Fraction, Fraction],
    notification: Sequence[Piece],
    pairs: Sequence[PairBand],
    chain: Sequence[Acceptance],
) -> list[tuple[Fraction, Fraction]]:
    """The stretches of the period on which every given function is one straight line."""
    pieces = [*notification, *(p for band in pairs for p in band.pieces), *(p for a in chain for p in a.pieces)]
    inside = {time for p in pieces for time in (p.time_from, p.time_to) if period[0] < time < period[1]}
    times = sorted(inside | set(period))
    return list(itertools.pairwise(times))


def _line(pieces: Sequence[Piece], begin: Fraction, finish: Fraction) -> _Line:
    for piece in pieces:
        if piece.time_from <= begin and finish <= piece.time_to:
            return _Line(piece.at(begin), piece.at(finish))
    return _NOTHING


def _notified(notification: Sequence[Piece], begin: Fraction, finish: Fraction) -> _Line:
    if not any(piece.time_from <= begin and finish <= piece.time_to for piece in notification):
        raise CannotPrice(
            f"Notification: found nothing from minute {begin} to {finish}, wanted a level for the whole period. "
            "Give a line for the gap, or leave the period out."
        )
    return _line(notification, begin, finish)


def _bridged(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, with a straight line over any gap between two of them (linear between points, 2.6)."""
    whole: list[Piece] = []
    for piece in pieces:
        if whole and whole[-1].time_to < piece.time_from:
            whole.append(Piece(whole[-1].time_to, whole[-1].level_to, piece.time_from, piece.level_from))
        if piece.time_from < piece.time_to:
            whole.append(piece)
    return whole


def _bands(
    expected: _Line, pairs: Sequence[PairBand], begin: Fraction, finish: Fraction
) -> dict[int, tuple[_Line, _Line]]:
    """Lower and upper edge of every pair's band, built outwards from the notification (3.2)."""
    edges: dict[int, tuple[_Line, _Line]] = {}
    edge = expected
    for band in sorted((p for p in pairs if p.pair > 0), key=lambda p: p.pair):
        outer = edge + _line(band.pieces, begin, finish)
        edges[band.pair] = (edge, outer)
        edge = outer
    edge = expected
    for band in sorted((p for p in pairs if p.pair < 0), key=lambda p: -p.pair):
        outer = edge + _line(band.pieces, begin, finish)
        edges[band.pair] = (outer, edge)
        edge = outer
    return edges


def _moved(previous: _Line, instructed: _Line, low: _Line, high: _Line) -> tuple[Fraction, Fraction]:
    """Mean MW over the interval by which an acceptance moved the unit up, and down, inside one band."""
    if previous == instructed or _beyond(previous, instructed, low, high):
        return ZERO, ZERO
    up = down = ZERO
    corners = {at for profile in (previous, instructed) for edge in (low, high) if (at := profile.crossing(edge))}
    stops: list[Fraction | int] = [0, *sorted(corners), 1]
    for begin, finish in itertools.pairwise(stops):
        moved = _clamped(instructed, low, high, begin, finish) - _clamped(previous, low, high, begin, finish)
        zero = moved.crossing(_NOTHING)
        ends: list[Fraction | int] = [0, 1] if zero is None else [0, zero, 1]
        for part_from, part_to in itertools.pairwise(ends):
            part = moved.part(part_from, part_to)
            mean = Fraction((part.start + part.end) * (part_to - part_from) * (finish - begin), 2)
            if mean > 0:
                up += mean
            else:
                down += mean
    return up, down


def _beyond(previous: _Line, instructed: _Line, low: _Line, high: _Line) -> bool:
    """Whether both profiles stay on one side of the band, so that nothing moved inside it."""
    over = min(previous.start, instructed.start) >= high.start and min(previous.end, instructed.end) >= high.end
    under = max(previous.start, instructed.start) <= low.start and max(previous.end, instructed.end) <= low.end
    return over or under


def _clamped(profile: _Line, low: _Line, high: _Line, begin: Fraction | int, finish: Fraction | int) -> _Line:
    """The profile held inside the band, on a stretch on which it crosses neither edge."""
    inside, floor, ceiling = (line.part(begin, finish) for line in (profile, low, high))
    return _Line(
        max(min(inside.start, ceiling.start), floor.start),
        max(min(inside.end, ceiling.end), floor.end),
    )
