"""The first stage at which our rows of a period differ from the published stack, if one has come."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reports.day_inputs.published_stack import stack_rows
from settlement.compare import STAGES, first_difference
from settlement.grains import Grain
from settlement.settled import Settled

if TYPE_CHECKING:
    from loaders.store.session import Store

COLUMNS = {
    "volume": "volume_mwh",
    "dmat_adjusted_volume": "dmat_adjusted_volume_mwh",
    "arbitrage_adjusted_volume": "arbitrage_adjusted_volume_mwh",
    "niv_adjusted_volume": "niv_adjusted_volume_mwh",
    "final_price": "final_price",
    "par_adjusted_volume": "par_adjusted_volume_mwh",
    "tlm_adjusted_cost": "tlm_adjusted_cost_gbp",
}


class PublishedStages:
    """Published stacks of a day, read when the first difference is asked for."""

    def __init__(self, store: Store, settlement_date: date, version: int) -> None:
        self._store, self._date, self._version = store, settlement_date, version

    @cached_property
    def _frame(self) -> pd.DataFrame:
        rows = self._store.rows("settlement_stack", self._date, self._version).to_pandas()
        return stack_rows(rows)

    @cached_property
    def _created(self) -> dict[int, datetime]:
        """When the published stack of each period was made: the moment the price should be of."""
        moments = self._frame.groupby("settlement_period")["created_time"].max().dropna()
        return {
            int(period): pd.Timestamp(moment).to_pydatetime()
            for period, moment in zip(moments.index, moments, strict=True)
        }

    def created(self, period: int) -> datetime | None:
        """When the published stack of a period was made; None where none has come or it does not say."""
        return self._created.get(period)

    def first_difference(self, settled: Settled, period: int) -> str | None:
        """The stage ("3", "4a" ... "10"); None where no stack of the period has come."""
        published = self._frame[self._frame["settlement_period"] == period]
        if published.empty:
            return None
        grain = settled.grains["action_row"]
        rows = np.flatnonzero(grain.column("settlement_period") == period)
        labels = list(zip(grain.column("side")[rows], grain.column("action")[rows], strict=True))
        records: list[dict[str, Any]] = [dict(zip(published.columns, row, strict=True)) for row in published.to_numpy()]
        theirs = {(row["side"], row["action"]): row for row in records}
        if set(labels) != set(theirs):
            return "3"
        return first_difference(_own(settled, grain, rows), [_published(theirs[label]) for label in labels])


def _own(settled: Settled, grain: Grain, rows: np.ndarray) -> list[dict[str, float | None]]:
    """Own figures of the rows, stage by stage; no final price where nothing was left to price."""
    at = settled.grain("final_price").indexes[0].get_indexer(grain.indexes[0][rows])
    prices = settled.values("final_price")
    columns: dict[str, list[float | None]] = {
        "volume": settled.values("action_volume")[rows].tolist(),
        "final_price": [None if one < 0 else float(prices[one]) for one in at],
    }
    for _, _, quantity in STAGES:
        if quantity not in columns:
            columns[quantity] = settled.values(quantity)[rows].tolist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _published(row: dict[str, Any]) -> dict[str, float | None]:
    return {name: None if pd.isna(row[column]) else float(row[column]) for name, column in COLUMNS.items()}
