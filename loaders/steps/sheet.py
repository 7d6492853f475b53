"""The rows of one table while they are checked: typed columns, and which rows are refused, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.errors import Finding
from loaders.job import Table

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Whole = np.ndarray[Any, np.dtype[np.int64]]

_MOST = 2**62  # beyond it a product of counts does not fit a whole number
CORRECT = "Correct the row, or fetch the file again, and load it."


@dataclass
class Sheet:
    """Rows under check.

    columns   typed, null where empty or odd
    good      False for a refused row
    refused   row to its finding, the first that was made
    spans     row to the time that is in doubt with it, where that is more than the row's own
    superseded  rows that the same file has in a later revision
    apart     number of the file that each row is of, where rows of several files are checked together
    """

    file: str
    table: Table
    columns: dict[str, pa.Array]
    source_row: Whole
    refused: dict[int, Finding] = field(default_factory=dict)
    spans: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)
    superseded: int = 0
    apart: Whole | None = None
    good: Mask = field(init=False)
    _numbers: dict[str, Whole] = field(default_factory=dict)
    _codes: dict[str, Codes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.good = np.ones(len(self.source_row), dtype=bool)

    def refuse(
        self, rows: Iterable[int], column: str, found: Callable[[int], Any] | str, wanted: str, todo: str = CORRECT
    ) -> None:
        """Refuse rows; one that is refused already keeps its first finding."""
        for row in rows:
            if not self.good[row]:
                continue
            self.good[row] = False
            said = found if isinstance(found, str) else _words(found(row))
            self.refused[int(row)] = Finding(self.file, int(self.source_row[row]), column, said, wanted, todo)

    def value(self, column: str, row: int) -> Any:
        """One value, as Python has it."""
        return self.columns[column][int(row)].as_py()

    def there(self, column: str) -> Mask:
        """Where a column has a value."""
        return np.asarray(self.columns[column].is_valid().to_numpy(zero_copy_only=False), dtype=bool)

    def numbers(self, column: str) -> Whole:
        """A date or instant as whole numbers (days, microseconds), 0 where empty."""
        if column not in self._numbers:
            self._numbers[column] = self._as_numbers(column)
        return self._numbers[column]

    def _as_numbers(self, column: str) -> Whole:
        array = self.columns[column]
        array = array.cast(pa.int32()).cast(pa.int64()) if pa.types.is_date32(array.type) else array.cast(pa.int64())
        return np.asarray(pc.fill_null(array, 0).to_numpy(zero_copy_only=False), dtype=np.int64)

    def groups(self, names: Sequence[str]) -> Whole:
        """A number for each row: rows of a file that agree on the named columns share it. Empty agrees with empty."""
        for name in names:
            if name not in self._codes:
                self._codes[name] = codes_of(self.columns[name])
        apart = [] if self.apart is None else [(self.apart, int(self.apart.max(initial=-1)) + 1)]
        return numbered([*apart, *(self._codes[name] for name in names)], len(self.source_row))


Codes = tuple[Whole, int]


def codes_of(column: pa.Array) -> Codes:
    """A number for each value of a column, alike for alike ones, and how many there are."""
    coded = pc.dictionary_encode(column, null_encoding="encode")
    return coded.indices.to_numpy(zero_copy_only=False).astype(np.int64), len(coded.dictionary)


def numbered(columns: Sequence[Codes], rows: int) -> Whole:
    """A number for each row, from 0 in the order in which they come: rows that agree on all codes share it."""
    joined, values = np.zeros(rows, dtype=np.int64), 1
    for own, count in columns:
        if values * count > _MOST:
            joined, values = _numbered(joined)
        joined, values = joined * count + own, values * count
    return _numbered(joined)[0]


def order_of(columns: Sequence[pa.Array], rows: int) -> Whole:
    """The order that sorts rows by columns without nulls, the first first; rows alike stay as they are."""
    joined, values = np.zeros(rows, dtype=np.int64), 1
    parts: list[Whole] = []
    for column in columns:
        coded = pc.dictionary_encode(column)
        rank = np.empty(len(coded.dictionary), dtype=np.int64)
        rank[pc.array_sort_indices(coded.dictionary).to_numpy()] = np.arange(len(rank))
        if values * len(rank) > _MOST:
            parts, joined, values = [*parts, joined], np.zeros(rows, dtype=np.int64), 1
        joined, values = joined * len(rank) + rank[coded.indices.to_numpy()], values * len(rank)
    if not parts and rows and (joined[1:] >= joined[:-1]).all():
        return np.arange(rows)
    return np.lexsort([joined, *reversed(parts)])


def _numbered(joined: Whole) -> tuple[Whole, int]:
    step = joined[1:] - joined[:-1]
    if len(joined) and step.min(initial=0) >= 0:  # as of rows that stand by these columns already
        numbers = np.append(0, np.cumsum(step > 0))
        return numbers, int(numbers[-1]) + 1
    coded = pc.dictionary_encode(pa.array(joined))
    return coded.indices.to_numpy(zero_copy_only=False).astype(np.int64), len(coded.dictionary)


def distinct(numbers: Whole) -> Whole:
    """The numbers that occur, in order; they are not sorted for it, as there are few."""
    return np.sort(pc.unique(pa.array(numbers)).to_numpy())


def _words(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return "" if value is None else str(value)
