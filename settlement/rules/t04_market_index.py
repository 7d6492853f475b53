"""Market Index Price: BSC Section T4.3A.

Stands in for the price where no balancing action can make one. A period for which no
provider's figures arrived has no row here: the price says so if it needs one.

Reads    market_index_price_by_provider, market_index_volume_by_provider
Gives    market_index_price
Rules    price.md, section 9
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from hamilton.function_modifiers import tag

from settlement.grains import Grain, row_grain, total


def market_index_periods(market_index_rows: Grain) -> Grain:
    """The periods for which some provider reported."""
    periods = np.unique(market_index_rows.column("settlement_period").astype(np.int64))
    return row_grain("market_index_period", {"settlement_period": periods})


@tag(
    symbol="MIP_j", clause="T4.3A~", unit="GBP/MWh", dims="market_index_period", form="kernel",
    scope="settlement_period", evidence="recollection", rule="price.md 9",
)  # fmt: skip
def market_index_price(
    market_index_price_by_provider: xr.DataArray,
    market_index_volume_by_provider: xr.DataArray,
    market_index_rows: Grain,
    market_index_periods: Grain,
    market_index_weighting: str,
) -> xr.DataArray:
    """Price of short-term trades, averaged over the providers by volume.

        MIP_j = Σ_s PXP_sj × QXP_sj / Σ_s QXP_sj

    No volume at all gives 0, with a warning from whoever reads the data.
    """
    price, volume = market_index_price_by_provider, market_index_volume_by_provider
    weight = (
        volume if market_index_weighting == "volume" else market_index_rows.array((volume.to_numpy() > 0).astype(float))
    )
    cost = total(price * weight, onto=market_index_periods).to_numpy()
    traded = total(weight, onto=market_index_periods).to_numpy()
    average = np.divide(cost, traded, out=np.zeros_like(cost), where=traded != 0)
    return market_index_periods.array(average)
