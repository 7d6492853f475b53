"""Takes periods out of the inputs of a day once it is known that they cannot be settled."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from reports.day_inputs.gathered import Gathered
from settlement.grains import Grain, full_grain, sub_grain
from settlement.settled import RowSources


def take_out(day: Gathered, periods: set[int]) -> None:
    """Take periods out of every grain, array and source of the day that has them."""
    grains = {" ".join(grain.dims): grain for grain in day.given.values() if isinstance(grain, Grain)}
    cut: dict[str, tuple[Grain, np.ndarray]] = {}
    for dims, grain in grains.items():
        if "settlement_period" in grain.columns():
            keep = ~np.isin(grain.column("settlement_period").astype(int), sorted(periods))
            if not keep.all():
                cut[dims] = (_cut(grain, keep, periods), keep)
    for inputs in (day.given, day.published):
        for name, value in inputs.items():
            if isinstance(value, Grain) and " ".join(value.dims) in cut:
                inputs[name] = cut[" ".join(value.dims)][0]
            elif isinstance(value, xr.DataArray) and " ".join(map(str, value.dims)) in cut:
                grain, keep = cut[" ".join(map(str, value.dims))]
                inputs[name] = grain.array(value.to_numpy().reshape(-1)[keep])
    for dims in cut.keys() & day.sources.keys():
        source, keep = day.sources[dims], cut[dims][1]
        day.sources[dims] = RowSources(source.file[keep], source.sha256[keep], source.source_row[keep])


def _cut(grain: Grain, keep: np.ndarray, periods: set[int]) -> Grain:
    if grain.ragged:
        return sub_grain(grain.dims[0], grain, keep)
    labels: dict[str, Any] = dict(zip(grain.dims, grain.indexes, strict=True))
    labels["settlement_period"] = [one for one in labels["settlement_period"] if int(one) not in periods]
    cut = full_grain(**labels)
    for name, (dim, values) in grain.along.items():
        cut = cut.mapped(dim, **{name: values})
    return cut
