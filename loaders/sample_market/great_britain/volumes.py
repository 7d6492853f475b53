"""Accepted volumes of the national day, exactly, by unit and period; two processes share the units.

Reads    day, exact_volumes
Gives    Moved, moved_of
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from multiprocessing import get_context
from typing import NamedTuple

from loaders.sample_market.exact_volumes import Acceptance, PairBand, Piece, accepted_volumes
from loaders.sample_market.great_britain.day import NationalFeeds

WORKERS = 2
_CHUNKS = 16


class Moved(NamedTuple):
    """What one acceptance moved of one pair in one period: MWh, above 0 an offer and below 0 a bid, and GBP/MWh."""

    bm_unit: str
    number: int
    pair: int
    volume: Fraction
    price: Fraction


ByPeriod = dict[int, list[Moved]]
_Unit = tuple[str, list[Piece], dict[int, list[PairBand]], list[Acceptance]]


def moved_of(feeds: NationalFeeds, units: Iterable[str] | None = None) -> ByPeriod:
    """What was moved in every period, in the order of units, acceptances and pairs.

    units  only these; None: all that were accepted
    """
    by_unit: dict[str, list[Acceptance]] = {}
    for acceptance in feeds.acceptances:
        by_unit.setdefault(acceptance.bm_unit, []).append(acceptance)
    wanted = sorted(by_unit.keys() if units is None else by_unit.keys() & set(units))
    work: list[_Unit] = [(u, feeds.notifications[u], feeds.pairs[u], by_unit[u]) for u in wanted]
    chunks = [work[at::_CHUNKS] for at in range(_CHUNKS)]
    if len(work) < _CHUNKS:
        parts = [_of_units(work)]
    else:
        with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
            parts = list(pool.map(_of_units, chunks))
    found: ByPeriod = {period: [] for period in feeds.periods}
    for part in parts:
        for period, rows in part.items():
            if period in found:  # what runs over midnight is of the next day
                found[period] += rows
    return {period: sorted(rows, key=lambda row: row[:3]) for period, rows in found.items()}


def _of_units(units: Sequence[_Unit]) -> ByPeriod:
    found: ByPeriod = {}
    for bm_unit, notification, pairs, acceptances in units:
        for period, bands in pairs.items():
            first, last = (period - 1) * 30, period * 30
            during = [one for one in acceptances if one.first < last and one.last > first]
            if not during:
                continue
            lines = [piece for piece in notification if piece.time_from < last and piece.time_to > first]
            volumes = accepted_volumes((first, last), lines, bands, during)  # type: ignore[arg-type]
            prices = {band.pair: band for band in bands}
            rows = found.setdefault(period, [])
            for (number, pair), volume in volumes.items():
                if volume.offer:
                    rows.append(Moved(bm_unit, number, pair, Fraction(volume.offer), prices[pair].offer_price))
                if volume.bid:
                    rows.append(Moved(bm_unit, number, pair, Fraction(volume.bid), prices[pair].bid_price))
    return found
