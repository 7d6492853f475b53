"""Volumes, losses and cash of one period of a run with charges, as plain arrays in the order of their labels.

Reads    a settled run; of one without metered volumes there is nothing to read, which is said and never taken as 0
Units    MWh, GBP; volumes with export above 0, amounts with the signs of their quantities
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from settlement.engine import Quantity, quantities
from settlement.settled import Settled

NET = "daily_party_net_due"
UNIT, ACCOUNT, PARTY = "settlement_period bm_unit", "settlement_period account", "settlement_period party"
# What a Party's net amount of a period is made of: the quantity, and whether it is added or taken off.
PARTS = {
    "party_period_bm_cashflow": 1, "party_period_non_delivery_charge": -1,
    "party_period_energy_imbalance_cashflow": -1, "party_period_information_imbalance_charge": -1,
    "party_period_residual_cashflow": 1,
}  # fmt: skip
PART_WORDS = ("BM cashflow", "Non-delivery", "Energy imbalance", "Information imbalance", "Residual")


@dataclass(frozen=True)
class LossSide:
    """One side of the system in a period, of the units that share losses: MWh, and MWh times zonal factor."""

    volume: float
    zonal: float


class Charged:
    """The charges of a run, sliced by period."""

    def __init__(self, settled: Settled) -> None:
        self.settled = settled

    @property
    def there(self) -> bool:
        """Whether the run has charges: II and later, where metered volumes arrived."""
        return NET in self.settled.arrays

    def has(self, period: int) -> bool:
        """Whether charges of a period were settled; one that lacked an input was set aside."""
        return self.there and period in self._places

    @cached_property
    def _places(self) -> dict[int, int]:
        return {int(label): at for at, label in enumerate(self.settled.grains[UNIT].labels("settlement_period"))}

    @cached_property
    def _quantities(self) -> dict[str, Quantity]:
        return quantities(self.settled.way, self.settled.single_price, self.settled.losses)

    def rule(self, name: str) -> tuple[str, str]:
        """Clause and evidence of a quantity, as its rule says."""
        one = self._quantities[name]
        return f"{one.clause}, {one.rule}", one.evidence

    def labels(self, dims: str, column: str) -> np.ndarray:
        """Labels of the last dim of a grain, or of a map along it: units, their parties."""
        return self.settled.grains[dims].labels(column)

    def row(self, name: str, period: int) -> np.ndarray:
        """The values of a quantity in a period, one a label. KeyError for a period that was set aside."""
        return np.asarray(self.settled.arrays[name].to_numpy()[self._places[period]])

    def one(self, name: str, period: int) -> float:
        """The value of a quantity of the system in a period."""
        return float(self.row(name, period))

    def sum(self, name: str, period: int) -> float:
        """The exact sum of a quantity over the labels of a period."""
        return math.fsum(self.row(name, period).tolist())

    def parameter(self, name: str) -> float | bool:
        """A dated value of the run."""
        value: float | bool = self.settled.parameters[name]
        return value

    def loss_side(self, period: int, delivering: bool) -> LossSide:
        """What delivering or offtaking units that share losses metered in a period."""
        shares = ~self.row("interconnector_flag", period).astype(bool) | bool(
            self.parameter("interconnectors_share_losses")
        )
        side = shares & (self.row("unit_delivering_flag", period).astype(bool) == delivering)
        metered, factor = self.row("metered_volume", period)[side], self.row("transmission_loss_factor", period)[side]
        return LossSide(math.fsum(metered.tolist()), math.fsum((metered * factor).tolist()))
