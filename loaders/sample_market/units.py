"""The made-up BM Units of the sample market.

Ids look like those of the market and belong to nobody: SYN in each.

Reads    dated_values
Gives    Unit, units_of
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from loaders.sample_market.dated_values import DatedValues


@dataclass(frozen=True)
class Kind:
    """What units of one kind have in common: id prefix, number of them, P/C flag and capacity range (MW)."""

    code: str
    prefix: str
    fuel: str | None
    count: int
    production: str
    capacity: tuple[int, int]
    import_share: float = 0.0


KINDS = (
    Kind("wind", "T_SYNWND", "WIND", 12, "P", (90, 420)),
    Kind("embedded wind", "E_SYNWND", "WIND", 4, "C", (20, 60)),
    Kind("gas", "T_SYNGAS", "CCGT", 16, "P", (320, 480)),
    Kind("nuclear", "T_SYNNUC", "NUCLEAR", 3, "P", (480, 610)),
    Kind("biomass", "T_SYNBIO", "BIOMASS", 3, "P", (380, 640)),
    Kind("pumped storage", "T_SYNPUM", "PS", 4, "P", (200, 300), 0.8),
    # One hydro unit runs flat all day, every day: the only one whose acceptances may run over midnight.
    Kind("hydro", "T_SYNHYD", "NPSHYD", 3, "P", (80, 140)),
    Kind("battery", "T_SYNBAT", "OTHER", 6, "P", (40, 100), 1.0),
    Kind("embedded battery", "E_SYNBAT", "OTHER", 8, "C", (20, 50), 1.0),
    Kind("peaker", "E_SYNPKR", "OCGT", 7, "C", (20, 60)),
    Kind("supplier", "2__SYNSUP", None, 6, "C", (0, 10), 30.0),
)
MIDNIGHT_UNIT = "T_SYNHYD-1"
_GSP_GROUPS = "ABCDEFGHJKLMNP"
_PARTIES = "ABCDEFGH"


@dataclass(frozen=True)
class Unit:
    """A BM Unit: capacities in MW (demand capacity 0 or less), TLF as a fraction of 1."""

    bm_unit: str
    kind: str
    fuel: str | None
    production_or_consumption: str
    generation_capacity: int
    demand_capacity: int
    tlf: Fraction
    gsp_group: str | None
    party: str

    def transmission_loss_multiplier(self, values: DatedValues) -> Fraction:
        """Indicative TLM: 1 + TLF + ETLMO of its P/C flag where the day's is known (price.md 13.1)."""
        return 1 + self.tlf + values.estimated_tlmo.get(self.production_or_consumption, Fraction(0))


def units_of(seed: int, values: DatedValues) -> list[Unit]:
    """The units of one seed, the same on every date but for the loss factors, which are 0 before zonal losses."""
    chance = random.Random(f"units {seed}")
    units = []
    for kind in KINDS:
        for number in range(1, kind.count + 1):
            capacity = chance.randint(*kind.capacity)
            tlf = Fraction(chance.randint(-280000, 210000), 10_000_000)
            group = chance.choice(_GSP_GROUPS)
            units.append(
                Unit(
                    bm_unit=_bm_unit(kind, number, group),
                    kind=kind.code,
                    fuel=kind.fuel,
                    production_or_consumption=kind.production,
                    generation_capacity=capacity,
                    demand_capacity=-round(capacity * kind.import_share),
                    tlf=tlf if values.zonal_losses else Fraction(0),
                    gsp_group=None if kind.prefix.startswith("T_") else f"_{group}",
                    party=chance.choice(_PARTIES),
                )
            )
    return units


def _bm_unit(kind: Kind, number: int, group: str) -> str:
    return f"{kind.prefix}{number:03d}" if kind.code == "supplier" else f"{kind.prefix}-{number}"
