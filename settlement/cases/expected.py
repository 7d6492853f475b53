"""How the columns of one expected file bind to quantities.

A column is a key (it says which row), a quantity, or unknown: then the case is refused.
`keys` maps a key column of the file to the key of the quantity's grain.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

PRICE = 1e-5  # GBP/MWh
VOLUME = 1e-6  # MWh, GBP and all else


@dataclass(frozen=True)
class Expected:
    """How the columns of one expected file bind."""

    keys: dict[str, str]
    columns: dict[str, str]
    tolerances: dict[str, float] = field(default_factory=dict)
    symbols: dict[str, str] = field(default_factory=dict)  # for files of symbol,value
    of_day: dict[str, str] = field(default_factory=dict)  # what columns mean in a file without settlement_period

    def quantity(self, column: str, columns: Collection[str]) -> str | None:
        """What a column of a file with these columns means: by period, or over the day; None for none."""
        if "settlement_period" not in columns and column in self.of_day:
            return self.of_day[column]
        return self.columns.get(column)

    def tolerance(self, column: str) -> float:
        return self.tolerances.get(column, VOLUME)


PERIOD = {"settlement_date": "settlement_date", "settlement_period": "settlement_period"}
UNIT_PERIOD = {**PERIOD, "bm_unit": "bm_unit"}
