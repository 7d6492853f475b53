"""What the input groups of a day gather, each adding its part."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reports.views import Default
from settlement.settled import RowSources

if TYPE_CHECKING:
    from loaders.store.session import Store

STACK, OWN = "published stack", "own stack"


@dataclass(frozen=True)
class Assumed:
    """Adjustment actions that an analyst assumes: the file, its hash, its rows."""

    file: str
    sha256: str
    rows: pd.DataFrame


@dataclass
class Gathered:
    """Inputs of one Settlement Date at one store version.

    given      arrays, grains and parameters, for `settlement.settle`
    published  figures that stand in for computed ones
    set_aside  periods that cannot be settled, with the reasons
    doubtful   periods that can, but lack something: not comparable, with the reasons
    sources    file, hash and row behind each input, by input name or by dims
    datasets   what was read, for the run id
    """

    store: Store
    settlement_date: date
    version: int
    way: str
    periods: list[int]
    assumed: Assumed | None = None
    given: dict[str, Any] = field(default_factory=dict)
    published: dict[str, Any] = field(default_factory=dict)
    set_aside: dict[int, list[str]] = field(default_factory=dict)
    doubtful: dict[int, list[str]] = field(default_factory=dict)
    defaults: list[Default] = field(default_factory=list)
    sources: dict[str, RowSources] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    read: dict[tuple[str, date | None], None] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def rows(self, dataset: str, day: date | None = None) -> pd.DataFrame:
        """Rows in force of a dataset for the day (or another), and a note that they were read."""
        self.read[(dataset, day or self.settlement_date)] = None
        table = self.store.rows(dataset, day or self.settlement_date, self.version)
        return table.to_pandas()

    def arrived(self, dataset: str) -> dict[str | None, set[int]]:
        """Periods for which a dataset has come, by side (None: no side)."""
        found: dict[str | None, set[int]] = {}
        for arrival in self.store.arrivals(dataset, self.settlement_date, self.version):
            one = arrival.settlement_period
            periods = set(self.periods) if one is None else {one}
            found.setdefault(arrival.side, set()).update(periods)
        return found

    def note_incomplete(self, dataset: str, day: date | None = None) -> None:
        """Periods that lost rows of a dataset stay settled, but cannot be compared."""
        for mark in self.store.incomplete(dataset, day or self.settlement_date, self.version):
            for period in self.periods if mark.settlement_period is None else [mark.settlement_period]:
                self.doubt(period, f"{dataset} is incomplete: {mark.reason}")

    def doubt(self, period: int, reason: str) -> None:
        """A reason why a settled period cannot be compared."""
        reasons = self.doubtful.setdefault(period, [])
        if reason not in reasons:
            reasons.append(reason)

    def leave_out(self, period: int, reason: str) -> None:
        """A reason why a period cannot be settled."""
        reasons = self.set_aside.setdefault(period, [])
        if reason not in reasons:
            reasons.append(reason)

    @property
    def settled_periods(self) -> list[int]:
        return [period for period in self.periods if period not in self.set_aside]

    def source_of(self, name: str, frame: pd.DataFrame) -> None:
        """Note file, hash and row behind each row of an input."""
        landing = ["" if pd.isna(one) else str(one) for one in frame["landing"]]
        files = {sha: row.file for sha, row in self.store.landings(set(landing)).items()}
        self.sources[name] = RowSources(
            np.array([files.get(one, "") for one in landing], dtype=object),
            np.array(landing, dtype=object),
            frame["source_row"].fillna(0).to_numpy(dtype=np.int64),
        )


def seconds(column: pd.Series) -> np.ndarray:
    """Whole seconds since 1970 of UTC instants."""
    return column.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[s]").astype("int64").to_numpy()
