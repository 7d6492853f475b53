"""Grains: what a row of an array is, and the verbs that change it.

A full grain is complete (`settlement_period`; `settlement_period` x `bm_unit`). A row
grain is ragged: one dim with a sorted, unique MultiIndex of its keys. What does not
exist has no row. A row grain may carry maps: further columns that its keys determine
(the BM Unit of an action), so that rows can be joined on them.

Arrays change grain by two verbs, both strict: `spread` puts a coarser value beside
each row, `total` sums rows on each label. `only` goes to a sub-grain, and `place`
back from one, with a stated value for the rows that the sub-grain lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import pandas as pd
import xarray as xr

from settlement.errors import UnknownLabel, WrongInput


@dataclass(frozen=True, eq=False)
class Grain:
    """The dims of an array with the labels on them; one MultiIndex dim makes it a row grain."""

    dims: tuple[str, ...]
    indexes: tuple[pd.Index, ...]
    maps: Mapping[str, np.ndarray] = field(default_factory=dict)
    of: Grain | None = None  # the grain that this one keeps rows of, and which: no label need be looked up
    kept: np.ndarray | None = None
    along: Mapping[str, tuple[str, np.ndarray]] = field(default_factory=dict)  # maps of one dim of a full grain

    @property
    def ragged(self) -> bool:
        return isinstance(self.indexes[0], pd.MultiIndex)

    @property
    def size(self) -> int:
        return int(np.prod([len(index) for index in self.indexes]))

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Names of the key columns, in order."""
        return tuple(str(name) for name in self.indexes[0].names) if self.ragged else self.dims

    def column(self, name: str) -> np.ndarray:
        """A key column or map, one value a row, in row order."""
        if name in self.maps:
            return self.maps[name]
        if self.ragged:
            return self.indexes[0].get_level_values(name).to_numpy()
        return self.over(self.along[name][0] if name in self.along else name, self.labels(name))

    def label(self, name: str, row: int) -> Any:
        """What a column says of one row, without the rest of the column."""
        if name in self.maps:
            return self.maps[name][row]
        if self.ragged:
            labels, codes = self.levels[self.keys.index(name)]
            return labels[codes[row]]
        place = self.dims.index(self.along[name][0] if name in self.along else name)
        at = row // int(np.prod([len(one) for one in self.indexes[place + 1 :]])) % len(self.indexes[place])
        return self.labels(name)[at]

    @cached_property
    def levels(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """Of each key of a row grain its labels and, a row a row, which of them; pandas makes both anew when asked."""
        index = self.indexes[0]
        if not isinstance(index, pd.MultiIndex):
            return ()
        told = zip(index.levels, index.codes, strict=True)
        return tuple((labels.to_numpy(), np.asarray(codes)) for labels, codes in told)

    def labels(self, name: str) -> np.ndarray:
        """Labels of a dim of a full grain, or the map of one of its dims: one value a label of that dim."""
        return self.along[name][1] if name in self.along else self._labels[self.dims.index(name)]

    @cached_property
    def _labels(self) -> tuple[np.ndarray, ...]:
        return tuple(index.to_numpy() for index in self.indexes)

    def over(self, dim: str, values: np.ndarray) -> np.ndarray:
        """One value a label of a dim, as one a row."""
        shape, place = [len(index) for index in self.indexes], self.dims.index(dim)
        along = values.reshape([-1 if n == place else 1 for n in range(len(shape))])
        return np.broadcast_to(along, shape).reshape(-1)

    def mapped(self, along: str, **maps: Any) -> Grain:
        """This full grain with maps of one dim: for each a value a label, in the order of the labels.

        >>> full_grain(bm_unit=["T_A-1"]).mapped("bm_unit", account=["GENCO-P"]).column("account").tolist()
        ['GENCO-P']
        """
        if self.ragged or along not in self.dims:
            raise WrongInput(f"{' '.join(self.dims)} has no dim {along!r} to map along. Name one of its dims.")
        wanted = len(self.indexes[self.dims.index(along)])
        told = {name: _plain(values) for name, values in maps.items()}
        if odd := [name for name, values in told.items() if len(values) != wanted]:
            raise WrongInput(
                f"map {odd[0]} along {along}: found {len(told[odd[0]])} values, wanted {wanted}. Give one a label."
            )
        return replace(self, along={**self.along, **{name: (along, values) for name, values in told.items()}})

    def codes(self, name: str) -> np.ndarray:
        """A key column as whole numbers, in the order of its labels."""
        return self.coded(name)[1]

    def coded(self, name: str) -> tuple[pd.Index, np.ndarray]:
        """The labels of a key column, in order, and the place of each row's among them; some may have no row."""
        index = self.indexes[0]
        if not isinstance(index, pd.MultiIndex):
            labels, codes = np.unique(self.column(name), return_inverse=True)
            return pd.Index(labels), codes
        level = self.keys.index(name)
        told, codes = index.levels[level], np.asarray(index.codes[level])
        if told.is_monotonic_increasing:
            return told, codes
        order = told.argsort()
        place = np.full(len(order) + 1, -1)  # the last is that of rows without a label
        place[order] = np.arange(len(order))
        return told[order], place[codes]

    def columns(self) -> tuple[str, ...]:
        """Every column that rows can be joined on: keys, then maps."""
        return self._columns

    @cached_property
    def _columns(self) -> tuple[str, ...]:
        return (*self.keys, *self.maps, *self.along)

    def array(self, values: Any) -> xr.DataArray:
        """Values in row order as an array of this grain."""
        template = self._template
        variable = xr.Variable(template.dims, np.asarray(values).reshape(template.shape), fastpath=True)
        # As `template.copy(data=...)`, but with the very indexes of the template: copies are made and compared anew
        # in every sum and product, which costs more than the arithmetic.
        return template._replace(variable, dict(template._coords), indexes=dict(template._indexes))

    @cached_property
    def _template(self) -> xr.DataArray:
        """An array of the rows without values: its coordinates are shared, not copied, by every array of them."""
        index, shape = self.indexes[0], [len(one) for one in self.indexes]
        # A Variable: DataArray would ask whether the values are of dask, and import all of it for that.
        nothing = xr.Variable(self.dims, np.broadcast_to(np.float64(0), shape), fastpath=True)
        if isinstance(index, pd.MultiIndex):
            coords = xr.Coordinates.from_pandas_multiindex(index, self.dims[0])
            # Without fastpath each level is copied with all its labels, ten times the work.
            template = xr.DataArray(nothing, dict(coords.variables), indexes=dict(coords.xindexes), fastpath=True)
        else:
            template = xr.DataArray(nothing, coords=dict(zip(self.dims, self.indexes, strict=True)))
        _GRAIN_OF_INDEXES[tuple(id(template.indexes[dim]) for dim in self.dims)] = self
        return template

    @cached_property
    def _of_arrays(self) -> Grain:
        """The grain as its arrays tell it: a full grain without its maps, which have to be given beside an array."""
        return Grain(self.dims, self.indexes) if self.along else self

    def frame(self) -> pd.DataFrame:
        """Keys and maps, one row a row."""
        return pd.DataFrame({name: self.column(name) for name in self.columns()})


# Arrays bear the indexes of the grain that made them; while the grain lives, it is found again by them.
_GRAIN_OF_INDEXES: WeakValueDictionary[tuple[int, ...], Grain] = WeakValueDictionary()


def row_grain(dim: str, columns: Mapping[str, Any], maps: Mapping[str, Any] | None = None) -> Grain:
    """A row grain from its key columns, rows in any order but unique.

    Raises WrongInput when a key comes twice. The rows of the grain are sorted by key;
    sort values the same way with `order_of` before `array`, or give sorted columns.
    """
    index = pd.MultiIndex.from_arrays([_plain(values) for values in columns.values()], names=list(columns))
    _sorted_and_unique(dim, index)
    kept = {name: _plain(values) for name, values in (maps or {}).items()}
    return Grain((dim,), (index,), kept)


def coded_grain(dim: str, columns: Mapping[str, tuple[Any, np.ndarray]]) -> Grain:
    """A row grain from key columns that are labels, in order, and the position of each row's among them.

    It costs less than `row_grain`, which looks the labels up. Raises WrongInput as that does.

    >>> coded_grain("row", {"bm_unit": (["T_A-1", "T_B-1"], np.array([0, 1, 1])), "pair": ([1, 2], np.array([1, 0, 1]))}
    ... ).column("bm_unit").tolist()
    ['T_A-1', 'T_B-1', 'T_B-1']
    """
    levels: list[Any] = [
        labels if isinstance(labels, pd.Index) else pd.Index(_plain(labels)) for labels, _ in columns.values()
    ]
    codes: list[Any] = [codes for _, codes in columns.values()]
    index = pd.MultiIndex(levels, codes, names=list(columns), verify_integrity=False)
    _sorted_and_unique(dim, index)
    return Grain((dim,), (index,))


def _sorted_and_unique(dim: str, index: pd.MultiIndex) -> None:
    if index.is_monotonic_increasing:
        same = np.ones(max(len(index) - 1, 0), dtype=bool)
        for codes in index.codes:
            same &= codes[1:] == codes[:-1]
        if not same.any():
            return
    if not index.is_unique:
        twice = index[index.duplicated()][:1].to_frame(index=False).to_dict("records")[0]
        raise WrongInput(f"{dim}: the key {twice} comes twice. Keep one row of it.")
    raise WrongInput(f"{dim}: rows are not in the order of {list(index.names)}. Sort them by key first.")


def full_grain(**labels: Any) -> Grain:
    """A full grain: each name a dim, with all its labels."""
    return Grain(tuple(labels), tuple(pd.Index(values, name=name) for name, values in labels.items()))


def sub_grain(dim: str, of: Grain, keep: np.ndarray) -> Grain:
    """The rows of a row grain that a mask keeps, under a dim of their own."""
    kept = np.flatnonzero(keep)
    if of.ragged:
        maps = {name: values[kept] for name, values in of.maps.items()}
        return Grain((dim,), (of.indexes[0][kept],), maps, of, kept)
    index = pd.MultiIndex.from_arrays([of.column(name)[keep] for name in of.keys], names=list(of.keys))
    return Grain((dim,), (index,), {name: of.column(name)[keep] for name in of.along}, of, kept)


def grain_of(array: xr.DataArray) -> Grain:
    """The grain of an array, without maps (an array does not carry them)."""
    return Grain(tuple(str(dim) for dim in array.dims), tuple(array.indexes[dim] for dim in array.dims))


def spread(coarse: xr.DataArray, onto: Grain) -> xr.DataArray:
    """The coarser value that belongs to each row of `onto`.

    Raises UnknownLabel when a row's label is not among those of `coarse`.
    """
    found = positions(_known(coarse), onto)
    return onto.array(coarse.to_numpy().reshape(-1)[found])


def total(rows: xr.DataArray | tuple[Grain, xr.DataArray | np.ndarray], onto: Grain) -> xr.DataArray:
    """Rows summed on each label of `onto`, in row order; no rows give a true zero.

    Give `(grain, values)` to sum over maps of the row grain. Raises UnknownLabel when
    a row's label is not among those of `onto`.
    """
    grain, values = rows if isinstance(rows, tuple) else (_known(rows), rows)
    found = positions(onto, grain)
    summed = np.bincount(found, weights=np.asarray(values).reshape(-1), minlength=onto.size)
    return onto.array(summed.astype(np.float64))


def only(rows: xr.DataArray, onto: Grain) -> xr.DataArray:
    """The values of the rows that a sub-grain keeps."""
    return onto.array(rows.to_numpy().reshape(-1)[positions(_known(rows), onto)])


def place(rows: xr.DataArray, onto: Grain, absent: float | bool) -> np.ndarray:
    """Values of a sub-grain in the row order of its grain, `absent` where it has no row."""
    values = rows.to_numpy()
    full = np.full(onto.size, absent, dtype=np.result_type(values.dtype, type(absent)))
    full[positions(onto, _known(rows))] = values
    return full


def positions(target: Grain, rows: Grain) -> np.ndarray:
    """For each of `rows`, the position of its label in `target`.

    Raises UnknownLabel, with the first label that is not there.
    """
    missing = [name for name in target.keys if name not in rows.columns()]
    if missing:
        raise UnknownLabel(
            f"{' '.join(rows.dims)} has no column {missing[0]!r}, so it cannot meet {' '.join(target.dims)}: "
            f"found {list(rows.columns())}. Name a grain with that key, or map it."
        )
    found = _by_descent(target, rows)
    if found is None:
        found = _positions(target, rows)
    if (found < 0).any():
        first = int(np.argmax(found < 0))
        label = {name: spoken(rows.label(name, first)) for name in target.keys}
        raise UnknownLabel(
            f"{' '.join(rows.dims)} holds {label}, which {' '.join(target.dims)} does not have. "
            "Add the label there, or take the row out with a reason."
        )
    return found


def _by_descent(target: Grain, rows: Grain) -> np.ndarray | None:
    """Positions of a grain in itself, or in the one it keeps rows of, or beside another such; else None."""
    if rows is target:
        return np.arange(rows.size)
    if rows.kept is not None and rows.of is target:
        return rows.kept
    if rows.kept is not None and target.kept is not None and rows.of is target.of and target.size:
        found = np.minimum(np.searchsorted(target.kept, rows.kept), target.size - 1)
        return np.where(target.kept[found] == rows.kept, found, -1)
    return None


# A run asks for some 35 and leaves grains of its own in it, so few are kept: they hold memory that the next could use.
@lru_cache(maxsize=40)
def _positions(target: Grain, rows: Grain) -> np.ndarray:
    if not target.ragged and not rows.ragged and not rows.maps:
        return _by_dim(target, rows)
    if target.ragged and len(target.keys) > 1:
        return target.indexes[0].get_indexer(_keyed(rows, target.keys))
    if target.ragged:
        return _places(target.indexes[0].get_level_values(0), rows, target.keys[0])
    flat: Any = np.int64(0)
    for index, name in zip(target.indexes, target.keys, strict=True):
        place_in = _places(index, rows, name)
        flat = np.where((flat < 0) | (place_in < 0), -1, flat * len(index) + place_in)
    return flat


def _places(index: pd.Index, rows: Grain, name: str) -> np.ndarray:
    """Positions of a column of rows among labels: a key column's are looked up once a label, not once a row."""
    keys = rows.indexes[0]
    if not isinstance(keys, pd.MultiIndex) or name in rows.maps:
        return index.get_indexer(pd.Index(rows.column(name)))
    labels, codes = rows.coded(name)
    return np.append(index.get_indexer(labels), -1)[codes]  # the last is that of rows without a label


def _keyed(rows: Grain, names: tuple[str, ...]) -> pd.MultiIndex:
    """Columns of rows as an index; key columns keep their labels and positions."""
    keys = rows.indexes[0]
    if not isinstance(keys, pd.MultiIndex) or any(name not in rows.keys for name in names):
        return pd.MultiIndex.from_arrays([rows.column(name) for name in names])
    at = [rows.keys.index(name) for name in names]
    levels: list[Any] = [keys.levels[n] for n in at]
    codes: list[Any] = [keys.codes[n] for n in at]
    return pd.MultiIndex(levels, codes, verify_integrity=False)


def _by_dim(target: Grain, rows: Grain) -> np.ndarray:
    """Between full grains labels are looked up once a label, not once a row."""
    flat: Any = np.int64(0)
    for index in target.indexes:
        name = str(index.name)
        place_in = index.get_indexer(pd.Index(rows.labels(name)))
        found = rows.over(rows.along[name][0] if name in rows.along else name, place_in)
        flat = np.where((flat < 0) | (found < 0), -1, flat * len(index) + found)
    return flat


def _known(array: xr.DataArray) -> Grain:
    """The grain that made the array, where it still bears that grain's own indexes; else one made of its labels."""
    own = array.indexes
    grain = _GRAIN_OF_INDEXES.get(tuple(id(own[dim]) for dim in array.dims))
    if grain is not None and grain.dims == array.dims:
        made = grain._template.indexes
        if all(made[dim] is own[dim] for dim in array.dims):
            return grain._of_arrays
    return grain_of(array)


def spoken(label: Any) -> Any:
    """A label or figure as a message says it: 1, not np.int64(1)."""
    return label.item() if hasattr(label, "item") else label


def _plain(values: Any) -> np.ndarray:
    array = np.asarray(values)
    return array.astype(object) if array.dtype.kind in "UST" else array
