"""Arrays of a settled day to one table a grain, and back.

A table holds the key columns, the maps, one column a quantity, and for given rows the
landing and source_row they came from. Key columns bear the prefix `key.`, maps of rows
`map.`, maps along a dim of a full grain `along.<dim>.`, sources `from.`, so that no
quantity can be taken for one of them.

A kept run is read as it is asked: a table when its grain is, a column when its quantity is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import xarray as xr

from settlement.grains import Grain, full_grain, grain_of
from settlement.settled import RowSources, Settled


class Table(Protocol):
    """A kept table: a `pyarrow.Table`, or one that reads its columns when they are asked for."""

    @property
    def column_names(self) -> list[str]: ...

    def column(self, name: str) -> pa.ChunkedArray: ...


def to_tables(
    arrays: Mapping[str, xr.DataArray], grains: Mapping[str, Grain], sources: Mapping[str, RowSources]
) -> dict[str, pa.Table]:
    """One table a grain, in row order."""
    columns: dict[str, dict[str, Any]] = {}
    for dims, grain in grains.items():
        columns[dims] = {f"key.{name}": _labels(grain, name) for name in grain.keys}
        columns[dims] |= {f"map.{name}": grain.maps[name] for name in grain.maps}
        columns[dims] |= {f"along.{dim}.{name}": _labels(grain, name) for name, (dim, _) in grain.along.items()}
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
    tables: Mapping[str, Table], *, settlement_date: date, way: str, parameters: Mapping[str, Any],
    options: Mapping[str, str], published: Iterable[str] = (), notes: Mapping[str, str] | None = None,
    losses: str = "given",
) -> Settled:  # fmt: skip
    """The settled day that was kept as these tables."""
    grains = _Lazy({dims: partial(_grain, dims, table) for dims, table in tables.items()})
    arrays = _Lazy(
        {
            name: partial(_array, grains, dims, table, name)
            for dims, table in tables.items()
            for name in table.column_names
            if "." not in name
        }
    )
    sources = _Lazy(
        {dims: partial(_sources, table) for dims, table in tables.items() if "from.file" in table.column_names}
    )
    return Settled(
        settlement_date, way, True, arrays, grains, parameters, options, sources, frozenset(published), notes or {},
        losses,
    )  # fmt: skip


def grains_of(given: Mapping[str, Any], arrays: Mapping[str, xr.DataArray]) -> dict[str, Grain]:
    """Every grain by dims: the given ones, with their maps, then those that the rules made."""
    grains = {" ".join(grain.dims): grain for grain in given.values() if isinstance(grain, Grain)}
    for array in arrays.values():
        grains.setdefault(" ".join(str(dim) for dim in array.dims), grain_of(array))
    return grains


class _Lazy(Mapping[str, Any]):
    """Values by name, each made when it is first asked for."""

    def __init__(self, makers: Mapping[str, Callable[[], Any]]) -> None:
        self._makers, self._made = makers, dict[str, Any]()

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def _array(grains: Mapping[str, Grain], dims: str, table: Table, name: str) -> xr.DataArray:
    return grains[dims].array(_values(table, name))


def _sources(table: Table) -> RowSources:
    return RowSources(*(_values(table, f"from.{one}") for one in ("file", "sha256", "source_row")))


def _grain(dims: str, table: Table) -> Grain:
    """The grain of a kept table; its labels are read as numbers, and become text once a label."""

    def named(prefix: str) -> list[str]:
        return [name.removeprefix(prefix) for name in table.column_names if name.startswith(prefix)]

    keys = {name: _coded(table, f"key.{name}") for name in named("key.")}
    if dims.split() != list(keys):
        levels: Any = [labels for labels, _ in keys.values()]
        codes_of: Any = [codes for _, codes in keys.values()]
        index = pd.MultiIndex(levels=levels, codes=codes_of, names=list(keys), verify_integrity=False)
        return Grain((dims,), (index,), {name: _values(table, f"map.{name}") for name in named("map.")})
    # In row order the labels of a dim come round once every product of the sizes behind it.
    sizes = [len(np.unique(codes)) for _, codes in keys.values()]
    steps = {name: int(np.prod(sizes[place + 1 :])) for place, name in enumerate(keys)}
    once = {name: slice(0, steps[name] * size, steps[name]) for name, size in zip(keys, sizes, strict=True)}
    grain = full_grain(**{name: labels[codes[once[name]]] for name, (labels, codes) in keys.items()})
    for name in named("along."):
        dim, _, told = name.partition(".")
        labels, codes = _coded(table, f"along.{name}")
        grain = grain.mapped(dim, **{told: labels[codes[once[dim]]]})
    return grain


def _coded(table: Table, name: str) -> tuple[np.ndarray, np.ndarray]:
    """A column as its labels, sorted, and for each row which of them it bears."""
    column = table.column(name)
    if not pa.types.is_dictionary(column.type):
        return np.unique(_values(table, name), return_inverse=True)
    array = column.unify_dictionaries().combine_chunks() if column.num_chunks > 1 else column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], column.type)
    labels = array.dictionary.to_pandas().to_numpy(dtype=object)
    order = np.argsort(labels)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return labels[order], place[array.indices.to_numpy(zero_copy_only=False)]


def _values(table: Table, name: str) -> np.ndarray:
    column = table.column(name)
    if pa.types.is_dictionary(column.type) and not column.null_count:
        labels, codes = _coded(table, name)
        return labels[codes]
    if pa.types.is_string(column.type) or pa.types.is_dictionary(column.type):
        return np.asarray(column.to_pandas().to_numpy(dtype=object), dtype=object)
    return np.asarray(column.to_numpy())


def _labels(grain: Grain, name: str) -> Any:
    """A column of labels: text once a label, with a number a row, since a row of text weighs as much as ten figures."""
    index = grain.indexes[0]
    if isinstance(index, pd.MultiIndex):
        level = grain.keys.index(name)
        codes, labels = np.asarray(index.codes[level], np.int32), index.levels[level].to_numpy()
    else:
        dim = grain.along[name][0] if name in grain.along else name
        labels = grain.labels(name)
        codes = grain.over(dim, np.arange(len(labels), dtype=np.int32))
    if labels.dtype != object:
        return labels[codes]
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(labels, type=pa.string()))


def _column(values: Any) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if values.dtype == object:
        return pa.array(values, type=pa.string()).dictionary_encode()
    return pa.array(values)
