"""A settled day as its parts: every array, given or worked out, with the labels and files behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import xarray as xr

from settlement.grains import Grain


@dataclass(frozen=True)
class RowSources:
    """For each row of a grain, the file and line it was read from; source_row 0 where there is none."""

    file: np.ndarray
    sha256: np.ndarray
    source_row: np.ndarray


@dataclass(frozen=True)
class Settled:
    """What `settlement.explain` walks: arrays by name, grains by dims, sources by dims."""

    settlement_date: date
    way: str
    single_price: bool
    arrays: Mapping[str, xr.DataArray]
    grains: Mapping[str, Grain]
    parameters: Mapping[str, Any]
    options: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, RowSources] = field(default_factory=dict)
    published: frozenset[str] = frozenset()  # quantities that a published figure stands in for
    notes: Mapping[str, str] = field(default_factory=dict)  # where an input that no file brought came from
    losses: str = "given"  # where loss multipliers come from, as `settle` was told

    def grain(self, name: str) -> Grain:
        """The grain of an array, with its maps."""
        return self.grains[" ".join(str(dim) for dim in self.arrays[name].dims)]

    def values(self, name: str) -> np.ndarray:
        """Values of an array in row order."""
        return self.arrays[name].to_numpy().reshape(-1)
