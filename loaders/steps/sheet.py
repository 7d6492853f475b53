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

CORRECT = "Correct the row, or fetch the file again, and load it."


@dataclass
class Sheet:
    """Rows under check.

    columns   typed, null where empty or odd
    good      False for a refused row
    refused   row to its finding, the first that was made
    spans     row to the time that is in doubt with it, where that is more than the row's own
    superseded  rows that the same file has in a later revision
    """

    file: str
    table: Table
    columns: dict[str, pa.Array]
    source_row: Whole
    refused: dict[int, Finding] = field(default_factory=dict)
    spans: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)
    superseded: int = 0
    good: Mask = field(init=False)

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
        array = self.columns[column]
        array = array.cast(pa.int32()).cast(pa.int64()) if pa.types.is_date32(array.type) else array.cast(pa.int64())
        return np.asarray(pc.fill_null(array, 0).to_numpy(zero_copy_only=False), dtype=np.int64)

    def groups(self, names: Sequence[str]) -> Whole:
        """A number for each row: rows that agree on the named columns share it. Empty agrees with empty."""
        return group_numbers([self.columns[name] for name in names], len(self.source_row))


def group_numbers(columns: Sequence[pa.Array], rows: int) -> Whole:
    """A number for each row: rows that agree on all columns share it."""
    joined = np.zeros(rows, dtype=np.int64)
    for column in columns:
        codes = pc.fill_null(pc.dictionary_encode(column, null_encoding="encode").indices, -1)
        own = codes.to_numpy(zero_copy_only=False).astype(np.int64) + 1
        joined = joined * (int(own.max(initial=0)) + 1) + own
        _, joined = np.unique(joined, return_inverse=True)
    return joined


def _words(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return "" if value is None else str(value)
