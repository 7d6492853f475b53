"""Arrays of a settled day to one table a grain, and back.

A table holds the key columns, the maps, one column a quantity, and for given rows the
landing and source_row they came from. Key columns bear the prefix `key.`, maps `map.`,
sources `from.`, so that no quantity can be taken for one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import xarray as xr

from settlement.grains import Grain, full_grain, grain_of, row_grain
from settlement.settled import RowSources, Settled


def to_tables(
    arrays: Mapping[str, xr.DataArray], grains: Mapping[str, Grain], sources: Mapping[str, RowSources]
) -> dict[str, pa.Table]:
    """One table a grain, in row order."""
    columns: dict[str, dict[str, Any]] = {}
    for dims, grain in grains.items():
        columns[dims] = {f"key.{name}": grain.column(name) for name in grain.keys}
        columns[dims] |= {f"map.{name}": grain.maps[name] for name in grain.maps}
    for name, array in arrays.items():
        columns[" ".join(str(dim) for dim in array.dims)][name] = array.to_numpy().reshape(-1)
    for dims, source in sources.items():
        if dims in columns:
            columns[dims] |= {
                "from.file": source.file, "from.sha256": source.sha256, "from.source_row": source.source_row,
            }  # fmt: skip
    return {
        dims: pa.table({name: _column(values) for name, values in table.items()}) for dims, table in columns.items()
    }


def from_tables(
    tables: Mapping[str, pa.Table], *, settlement_date: date, way: str, parameters: Mapping[str, Any],
    options: Mapping[str, str], published: Iterable[str] = (), notes: Mapping[str, str] | None = None,
) -> Settled:  # fmt: skip
    """The settled day that was kept as these tables."""
    arrays: dict[str, xr.DataArray] = {}
    grains: dict[str, Grain] = {}
    sources: dict[str, RowSources] = {}
    for dims, table in tables.items():
        frame = table.to_pandas()
        grain = _grain(dims, frame)
        grains[dims] = grain
        for name in table.column_names:
            if "." not in name:
                arrays[name] = grain.array(frame[name].to_numpy())
        if "from.file" in table.column_names:
            sources[dims] = RowSources(
                frame["from.file"].to_numpy(object), frame["from.sha256"].to_numpy(object),
                frame["from.source_row"].to_numpy(np.int64),
            )  # fmt: skip
    return Settled(
        settlement_date, way, True, arrays, grains, parameters, options, sources, frozenset(published), notes or {}
    )


def grains_of(given: Mapping[str, Any], arrays: Mapping[str, xr.DataArray]) -> dict[str, Grain]:
    """Every grain by dims: the given ones, with their maps, then those that the rules made."""
    grains = {" ".join(grain.dims): grain for grain in given.values() if isinstance(grain, Grain)}
    for array in arrays.values():
        grains.setdefault(" ".join(str(dim) for dim in array.dims), grain_of(array))
    return grains


def _grain(dims: str, frame: pd.DataFrame) -> Grain:
    keys = [name for name in frame.columns if name.startswith("key.")]
    maps = {name.removeprefix("map."): frame[name].to_numpy() for name in frame.columns if name.startswith("map.")}
    names = [key.removeprefix("key.") for key in keys]
    if dims.split() == names:
        return full_grain(**{name: pd.unique(frame[key]) for name, key in zip(names, keys, strict=True)})
    return row_grain(dims, {name: frame[key].to_numpy() for name, key in zip(names, keys, strict=True)}, maps)


def _column(values: np.ndarray) -> pa.Array:
    if values.dtype == object:
        return pa.array(values.tolist(), type=pa.string())
    return pa.array(values)
