"""The register of the national market: BM Units with Trading Units, Parties, accounts, loss and load factors.

Reads    units, dated_values
Gives    Registered, register_of, party_ids, GROUPS
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from fractions import Fraction

from loaders.sample_market.dated_values import DatedValues
from loaders.sample_market.units import MIDNIGHT_UNIT, Unit

PARTIES = 300
GROUPS = "ABCDEFGHJKLMNP"
SUPPLIERS, ADDITIONAL, USERS, INTERCONNECTORS = 56, 4, 70, 9
_GENERATORS = 110
_MIXED = 20  # Trading Units that hold two generators and the demand of their station


@dataclass(frozen=True)
class Kind:
    """Units of one kind: how many, ids, capacities (MW), and how many of them trade."""

    code: str
    form: str
    fuel: str | None
    count: int
    status: str
    capacity: tuple[int, int]
    trading: int
    import_share: float = 0.0


KINDS = (
    Kind("wind", "T_SYNW-{}", "WIND", 170, "P", (60, 190), 90),
    Kind("gas", "T_SYNG-{}", "CCGT", 110, "P", (180, 330), 100),
    Kind("nuclear", "T_SYNN-{}", "NUCLEAR", 8, "P", (480, 610), 0),
    Kind("biomass", "T_SYNB-{}", "BIOMASS", 8, "P", (380, 640), 8),
    Kind("pumped storage", "T_SYNP-{}", "PS", 16, "P", (100, 200), 16, 0.8),
    Kind("hydro", "T_SYNHYD-{}", "NPSHYD", 40, "P", (10, 40), 30),
    Kind("battery", "T_SYNS-{}", "OTHER", 80, "P", (30, 60), 80, 1.0),
    Kind("demand", "T_SYND-{}", None, 38, "C", (0, 0), 0),
    Kind("embedded wind", "E_SYNW-{}", "WIND", 90, "C", (10, 40), 25),
    Kind("embedded battery", "E_SYNS-{}", "OTHER", 120, "C", (10, 40), 50, 1.0),
    Kind("peaker", "E_SYNP-{}", "OCGT", 120, "C", (10, 40), 60),
)


@dataclass(frozen=True)
class Registered:
    """A BM Unit as the register has it; the load factors are fractions of its capacities."""

    unit: Unit
    bm_unit_type: str
    trading_unit: str
    base: bool
    trades: bool
    load_factor: Fraction
    interconnector: str | None = None
    share: float = 0.0  # of the demand of its GSP group, for Supplier units

    @property
    def account(self) -> tuple[str, str]:
        """The Energy Account of its lead Party: Party and status."""
        return self.unit.party, self.unit.production_or_consumption


def party_ids() -> list[str]:
    """All Parties of the market, those without a BM Unit too."""
    return [f"SYNP{number:03d}" for number in range(1, PARTIES + 1)]


def register_of(seed: int, values: DatedValues) -> list[Registered]:
    """The units of one seed, by id; loss factors are 0 before zonal losses."""
    chance = random.Random(f"register {seed}")
    found = [
        *_plant(chance, values),
        *_suppliers(chance, values),
        *_interconnector_users(chance),
    ]
    return sorted(found, key=lambda one: one.unit.bm_unit)


def _plant(chance: random.Random, values: DatedValues) -> list[Registered]:
    found = []
    demand = 0
    for kind in KINDS:
        for number in range(1, kind.count + 1):
            bm_unit = kind.form.format(number)
            capacity = chance.randint(*kind.capacity)
            group = chance.choice(GROUPS)
            embedded = bm_unit.startswith("E_")
            unit = Unit(
                bm_unit, kind.code, kind.fuel, kind.status, capacity, -round(capacity * kind.import_share),
                _loss_factor(chance, values), f"_{group}" if embedded else None,
                f"SYNP{chance.randint(1, _GENERATORS):03d}",
            )  # fmt: skip
            trading_unit, base = bm_unit, False
            if embedded and chance.random() < 0.6:
                trading_unit, base = f"base _{group}", True
            elif kind.code == "demand":
                demand += 1
                unit = replace(unit, demand_capacity=-chance.randint(2, 60))
                if demand <= _MIXED:  # a unit has the status of its Trading Unit, which generates here
                    trading_unit, unit = f"station {demand}", replace(unit, production_or_consumption="P")
            elif kind.code == "gas" and number <= 2 * _MIXED:
                trading_unit = f"station {(number + 1) // 2}"
            trades = number <= kind.trading or bm_unit == MIDNIGHT_UNIT
            factor = Fraction(chance.randint(5, 900), 1000)
            found.append(Registered(unit, bm_unit[0], trading_unit, base, trades, factor))
    return found


def _suppliers(chance: random.Random, values: DatedValues) -> list[Registered]:
    """A unit of every Supplier in every GSP group, some with another, all in the base Trading Unit of the group."""
    size = {number: chance.paretovariate(1.1) for number in range(SUPPLIERS + ADDITIONAL)}
    found = []
    for group in GROUPS:
        factor = _loss_factor(chance, values)
        weights = [of_all * chance.uniform(0.6, 1.4) for of_all in size.values()]
        for number in size:
            share = weights[number] / sum(weights)
            unit = Unit(
                f"2__{group}SYN{number + 1:03d}", "supplier", None, "C", 0, -round(3400 * share) - 1, factor,
                f"_{group}", f"SYNP{_GENERATORS + number % SUPPLIERS + 1:03d}",
            )  # fmt: skip
            load = Fraction(chance.randint(300, 900), 1000)
            kind = "G" if number < SUPPLIERS else "S"
            found.append(Registered(unit, kind, f"base _{group}", True, False, load, share=share))
    return found


def _interconnector_users(chance: random.Random) -> list[Registered]:
    """Two units of every user on every interconnector: one that brings energy in, one that takes it out."""
    found = []
    for line in range(1, INTERCONNECTORS + 1):
        for user in range(1, USERS + 1):
            party = f"SYNP{_GENERATORS + SUPPLIERS + user:03d}"
            for letter, status in (("G", "P"), ("D", "C")):
                capacity = chance.randint(5, 60)
                unit = Unit(
                    f"I_S{line}{letter}SYN{user:02d}", "interconnector", None, status,
                    capacity if status == "P" else 0, 0 if status == "P" else -capacity, Fraction(0), None, party,
                )  # fmt: skip
                factor = Fraction(chance.randint(0, 400), 1000)
                found.append(Registered(unit, "I", f"interconnector SYNIC{line}", False, False, factor, f"SYNIC{line}"))
    return found


def _loss_factor(chance: random.Random, values: DatedValues) -> Fraction:
    factor = Fraction(chance.randint(-280000, 210000), 10_000_000)
    return factor if values.zonal_losses else Fraction(0)
