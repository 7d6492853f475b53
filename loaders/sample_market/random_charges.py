"""Small random systems with their accounts and contracts, for holding the engine against the exact calculator.

Full of what is rare in a day: Trading Units that mix generation and demand or balance to exactly 0, interconnectors,
reallocations past 100 %, non-delivery both ways, ties, negative prices, a System Buy and Sell Price that differ.

Reads    exact_losses, exact_charges
Gives    ChargedMarket, random_charges
Rules    volumes-and-charges.md, sections 4 to 8
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from fractions import Fraction

from loaders.sample_market.exact_charges import (
    AcceptedPair,
    ChargedPeriod,
    ChargedUnit,
    Contract,
    PeriodCharges,
    Reallocation,
    charges,
)
from loaders.sample_market.exact_losses import DELIVERING_SHARE, ZERO, MeteredUnit

# MWh: sides, and the energy that shares the residual, below which a figure is mostly the noise of floating point.
LEAST_SIDE = 20


@dataclass(frozen=True)
class ChargedMarket:
    """The periods of one market by number; units, accounts and Parties are the same in all of them."""

    periods: dict[int, ChargedPeriod]

    def results(self) -> dict[int, PeriodCharges]:
        """What the exact calculator makes of each period."""
        return {number: charges(period) for number, period in self.periods.items()}


@dataclass(frozen=True)
class _Registered:
    """What stays the same of a unit all day."""

    bm_unit: str
    trading_unit: str
    account: str
    loss_factor: Fraction
    interconnector: bool
    supplier: bool


def random_charges(seed: int) -> ChargedMarket:
    """A market of one seed: 1 to 3 periods, 3 to 12 units in 2 to 5 Trading Units, 2 to 6 Parties."""
    chance = random.Random(f"charges {seed}")
    parties = [f"SYNPTY{number}" for number in range(1, chance.randint(2, 6) + 1)]
    accounts = {f"{party}-{status}": party for party in parties for status in "PC"}
    units = _registered(chance, list(accounts))
    interconnectors_share = chance.random() < 0.1
    alpha = DELIVERING_SHARE if chance.random() < 0.8 else Fraction(chance.randint(0, 100), 100)
    of_the_day = ChargedPeriod(
        units=(),
        accounts=accounts,
        buy_price=ZERO,
        sell_price=ZERO,
        delivering_share=alpha,
        interconnectors_share_losses=interconnectors_share,
        information_imbalance_price=Fraction(chance.choice((0, 0, 0, 125)), 100),
    )
    first = chance.randint(1, 46)
    numbers = range(first, first + chance.randint(1, 3))
    return ChargedMarket({number: _period(chance, units, of_the_day) for number in numbers})


def _registered(chance: random.Random, accounts: list[str]) -> list[_Registered]:
    """A generator and a supplier first, so that there are two sides; then units of every kind."""
    count = chance.randint(3, 12)
    interconnectors = chance.randint(0, min(2, count - 2))
    own = [f"SYNTU{number}" for number in range(1, chance.randint(2, 5 - interconnectors) + 1)]
    found = []
    for place in range(count):
        interconnector = place >= count - interconnectors
        supplier = not interconnector and (place == 1 or (place > 1 and chance.random() < 0.4))
        name = f"{'I_' if interconnector else '2__' if supplier else 'T_'}SYNCHG-{place + 1}"
        trading_unit = own[place] if place < 2 else chance.choice(own)
        found.append(
            _Registered(
                bm_unit=name,
                trading_unit=name if interconnector else trading_unit,
                account=chance.choice(accounts),
                loss_factor=ZERO if interconnector else Fraction(chance.randint(-200, 200), 10_000),
                interconnector=interconnector,
                supplier=supplier,
            )
        )
    return found


def _period(chance: random.Random, units: list[_Registered], of_the_day: ChargedPeriod) -> ChargedPeriod:
    accounts = list(of_the_day.accounts)
    buy = Fraction(chance.choice((0, chance.randint(-8000, 0), chance.randint(0, 20_000))), 100)
    period = replace(
        of_the_day,
        buy_price=buy,
        sell_price=buy if chance.random() < 0.7 else buy - Fraction(chance.randint(1, 4000), 100),
        contracts=_contracts(chance, accounts),
        reallocations=_reallocations(chance, units, accounts),
    )
    while True:
        metered = _metered(chance, units)
        if _two_sides(metered):
            period = replace(
                period, units=tuple(_unit(chance, *both, buy) for both in zip(units, metered, strict=True))
            )
            if abs(charges(period).share_denominator) >= LEAST_SIDE:
                return period


def _metered(chance: random.Random, units: list[_Registered]) -> list[MeteredUnit]:
    """Volumes of a system that mostly loses a few per cent; now and then a Trading Unit is in exact balance."""
    volumes = [Fraction(chance.choice((0, *(chance.randint(-90_000, 90_000),) * 4)), 1000) for _ in units]
    volumes[0], volumes[1] = abs(volumes[0]) + 150, -abs(volumes[1]) - 150
    last = max(n for n, unit in enumerate(units) if not unit.interconnector)
    if last > 1 and chance.random() < 0.4:
        together = [n for n, unit in enumerate(units) if unit.trading_unit == units[last].trading_unit]
        volumes[last] -= sum((volumes[n] for n in together), ZERO)
    if chance.random() < 0.8:
        rate = Fraction(chance.randint(-20, 60), 1000)
        volumes[1] = rate * volumes[0] - sum((v for n, v in enumerate(volumes) if n != 1), ZERO)
    return [
        MeteredUnit(unit.bm_unit, unit.trading_unit, volume, unit.loss_factor, unit.interconnector)
        for unit, volume in zip(units, volumes, strict=True)
    ]


def _two_sides(metered: list[MeteredUnit]) -> bool:
    by_trading_unit: dict[str, Fraction] = {}
    for unit in metered:
        if not unit.interconnector:
            by_trading_unit[unit.trading_unit] = by_trading_unit.get(unit.trading_unit, ZERO) + unit.metered_volume
    sides = by_trading_unit.values()
    delivering = sum((volume for volume in sides if volume > 0), ZERO)
    offtaking = sum((volume for volume in sides if volume <= 0), ZERO)
    return min(delivering, -offtaking) >= LEAST_SIDE


def _unit(chance: random.Random, unit: _Registered, metered: MeteredUnit, price: Fraction) -> ChargedUnit:
    """The notification follows from how far the unit is to stray: not at all, a little, or past all it was asked."""
    found = ChargedUnit(
        metered=metered,
        lead_account=unit.account,
        pairs=_pairs(chance, price) if chance.random() < 0.7 else (),
        applicable_volume=_volume(chance, 0.3),
        reserve_volume=_volume(chance, 0.1),
        supplier=unit.supplier,
        supplier_volume=_volume(chance, 0.3),
    )
    moved = sum((one.offer_volume + one.bid_volume for one in found.pairs), ZERO)
    moved += found.applicable_volume + found.reserve_volume + (found.supplier_volume if unit.supplier else ZERO)
    strayed = Fraction(chance.choice((0, chance.randint(-8000, 8000), chance.randint(-90_000, 90_000))), 1000)
    return replace(found, notified_volume=metered.metered_volume - moved - strayed)


def _pairs(chance: random.Random, price: Fraction) -> tuple[AcceptedPair, ...]:
    """Pairs about the System Price, some of one price, with volumes up, down, both or neither."""
    found = []
    for pair in sorted(chance.sample((-3, -2, -1, 1, 2, 3), chance.randint(1, 5))):
        offer = price + Fraction(chance.choice((0, 1000, chance.randint(-6000, 6000))), 100)
        up, down = chance.choice(((1, 0), (0, 1), (1, 1), (0, 0)))
        found.append(
            AcceptedPair(
                pair,
                up * Fraction(chance.randint(1, 20_000), 1000),
                -down * Fraction(chance.randint(1, 20_000), 1000),
                offer,
                offer - Fraction(chance.choice((0, 500, chance.randint(0, 3000))), 100),
            )
        )
    return tuple(found)


def _contracts(chance: random.Random, accounts: list[str]) -> tuple[Contract, ...]:
    found = []
    for _ in range(chance.randint(0, 6)):
        seller, buyer = chance.sample(accounts, 2)
        found.append(Contract(seller, buyer, Fraction(chance.randint(0, 120_000), 1000)))
    return tuple(found)


def _reallocations(chance: random.Random, units: list[_Registered], accounts: list[str]) -> tuple[Reallocation, ...]:
    """Up to three of a unit: percentages that may pass 100 in sum, fixed volumes either way, both, or all of it."""
    found = []
    for unit in units:
        others = [account for account in accounts if account != unit.account]
        for account in chance.sample(others, chance.choice((0, 0, 1, min(3, len(others))))):
            percentage = Fraction(chance.choice((0, 10_000_000, chance.randint(0, 8_000_000))), 100_000)
            found.append(Reallocation(unit.bm_unit, account, percentage, _volume(chance, 0.5)))
    return tuple(found)


def _volume(chance: random.Random, often: float) -> Fraction:
    return Fraction(chance.randint(-9000, 9000), 1000) if chance.random() < often else ZERO
