"""Contracts and reallocations of the national market, so that Parties are roughly balanced.

Reads    day, profiles
Gives    Contract, Reallocation, contracts_of, reallocations_of, without
Rules    volumes-and-charges.md, sections 8.3 and 8.6
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

from loaders.sample_market.great_britain.day import NationalFeeds
from loaders.sample_market.great_britain.profiles import energy
from loaders.sample_market.great_britain.register import party_ids

Account = tuple[str, str]  # Party and P or C
TRADERS = 12  # Parties at the end of the roll, without units
SWAPS = 60
_LARGE = 6_000.0  # MWh in a day: who expects more deals with three traders, the others with one


@dataclass(frozen=True)
class Contract:
    """A notified contract: sold by one account to the other, thousandths of a MWh by period."""

    authorisation: str
    reference: str
    seller: Account
    buyer: Account
    volumes: dict[int, int]


@dataclass(frozen=True)
class Reallocation:
    """Part of a unit's volume credited to another account all day: per cent, and thousandths of a MWh."""

    authorisation: str
    reference: str
    bm_unit: str
    lead: Account
    subsidiary: Account
    percentage: int
    fixed: int


def contracts_of(feeds: NationalFeeds) -> list[Contract]:
    """Every account that expects energy sells it to traders, or buys it from them.

    Traders deal among themselves, and hand on what they are long or short at the end, near enough.
    """
    chance = random.Random(f"contracts {feeds.seed} {feeds.settlement_date}")
    expected: dict[Account, dict[int, float]] = {}
    for one in feeds.register:
        volumes = expected.setdefault(one.account, dict.fromkeys(feeds.periods, 0.0))
        for period, volume in energy(feeds.notifications.get(one.unit.bm_unit, ())).items():
            volumes[period] += volume
    traders = [(party, "C") for party in party_ids()[-TRADERS:]]
    found: list[Contract] = []
    held = {trader: dict.fromkeys(feeds.periods, 0) for trader in traders}

    def add(seller: Account, buyer: Account, volumes: dict[int, int]) -> None:
        number = len(found) + 1
        found.append(Contract(f"SYNA{number % 90 + 1:03d}", f"SYN{number:05d}", seller, buyer, volumes))
        for account, sign in ((seller, -1), (buyer, 1)):
            for period, volume in volumes.items() if account in held else ():
                held[account][period] += sign * volume

    for account, volumes in sorted(expected.items()):
        if not any(volumes.values()):
            continue
        count = 3 if abs(sum(volumes.values())) > _LARGE else 1
        parts = [chance.uniform(0.5, 1.5) for _ in range(count)]
        for trader, part in zip(chance.sample(traders, count), parts, strict=True):
            share = part / sum(parts) * chance.uniform(0.985, 1.015) * _after_losses(volumes)
            add(account, trader, {period: round(1000 * volume * share) for period, volume in volumes.items()})
    for _ in range(SWAPS):
        seller, buyer = chance.sample(traders, 2)
        add(seller, buyer, {period: chance.randint(1, 400) * 100 for period in feeds.periods})
    for trader, following in itertools.pairwise(traders):
        add(trader, following, {period: held[trader][period] + chance.randint(-800, 800) for period in feeds.periods})
    return found


def _after_losses(volumes: dict[int, float]) -> float:
    """What an account is credited with of what it puts in or takes out, near enough: both bear half of the losses."""
    return 0.991 if sum(volumes.values()) > 0 else 1.009


def reallocations_of(feeds: NationalFeeds) -> list[Reallocation]:
    """Thirty embedded units whose volume goes to a Supplier, in part or whole."""
    chance = random.Random(f"reallocations {feeds.seed} {feeds.settlement_date}")
    embedded = [one for one in feeds.register if one.bm_unit_type == "E"]
    suppliers = sorted({one.account for one in feeds.register if one.unit.kind == "supplier"})
    return [
        Reallocation(
            f"SYNM{number:03d}", f"SYNR{number:04d}", one.unit.bm_unit, one.account, chance.choice(suppliers),
            chance.choice((20, 50, 80, 100)), chance.choice((0, 0, 0, 500)),
        )
        for number, one in enumerate(chance.sample(embedded, 30), start=1)
    ]  # fmt: skip


def without(contracts: Sequence[Contract], reference: str) -> list[Contract]:
    """The contracts but one, which was withdrawn."""
    return [one for one in contracts if one.reference != reference]
