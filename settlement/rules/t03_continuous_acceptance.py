"""The CADL Flag: BSC Section T3.1B.

An acceptance too short to be an energy action is flagged. Acceptances of a unit that
overlap or abut count as one, over the ends of periods and days.

Reads    acceptance points, continuous_acceptance_duration_limit
Gives    continuous_acceptance_duration, acceptance_cadl_flag
Rules    price.md, section 4.2
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from hamilton.function_modifiers import tag

from settlement.grains import Grain, positions


@tag(
    symbol="CAD", clause="T3.1B", unit="min", dims="acceptance_row", form="kernel", scope="bm_unit",
    evidence="secondary", rule="price.md 4.2",
)  # fmt: skip
def continuous_acceptance_duration(
    point_time_from: xr.DataArray,
    point_time_to: xr.DataArray,
    acceptance_rows: Grain,
    acceptance_point_rows: Grain,
    acceptance_chaining: str,
) -> xr.DataArray:
    """Length of the continuous interval that an acceptance belongs to."""
    from settlement.kernels.continuous_acceptance import continuous_minutes

    of = positions(acceptance_rows, acceptance_point_rows)
    first = np.full(acceptance_rows.size, np.iinfo(np.int64).max)
    last = np.full(acceptance_rows.size, np.iinfo(np.int64).min)
    np.minimum.at(first, of, point_time_from.to_numpy().astype(np.int64))
    np.maximum.at(last, of, point_time_to.to_numpy().astype(np.int64))
    if acceptance_chaining == "single":
        return acceptance_rows.array((last - first) / 60)
    units = acceptance_rows.codes("bm_unit")
    offsets = np.searchsorted(units, np.arange(units.max(initial=-1) + 2)).astype(np.int64)
    return acceptance_rows.array(continuous_minutes(offsets, first, last))


@tag(
    symbol="CADL Flag", clause="T3.1B", unit="flag", dims="acceptance_row", form="kernel",
    scope="bm_unit acceptance_number", evidence="verified", rule="price.md 4.2",
)  # fmt: skip
def acceptance_cadl_flag(
    continuous_acceptance_duration: xr.DataArray, continuous_acceptance_duration_limit: float
) -> xr.DataArray:
    """Whether an acceptance lasts strictly less than CADL; exactly CADL is not flagged."""
    return continuous_acceptance_duration < continuous_acceptance_duration_limit
