"""Rows in force at a store version.

One short read of SQL gives the list of files, then these files are read: never a listing
of the folder. Of the rows that share their keys the one of the latest version is in
force, unless that version withdrew it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loaders.errors import StoreDamaged

if TYPE_CHECKING:
    from loaders.declared import Dataset

# (version, kind, sha256) of a part
PartFile = tuple[int, str, str]
PART = "_part"  # the column that says which part a row stands in


def rows_in_force(folder: Path, dataset: Dataset, parts: Sequence[PartFile], day: date | None) -> pa.Table:
    """The rows of a dataset, of one day or of all, sorted by keys.

    parts  in order of version
    gives  columns of the dataset, then landing (SHA-256 text) and source_row (int64)
    """
    files = list(dict.fromkeys(parts))
    table = deltas(folder, dataset, files, day)
    if len(files) > 1:  # one file is sorted as it was written
        table = table.sort_by([*((key, "ascending") for key in dataset.keys), (PART, "ascending")]).combine_chunks()
    if len({version for version, _, _ in files}) > 1 or any(kind != "rows" for _, kind, _ in files):
        table = table.filter(pa.array(~same_as_next(table, dataset.keys) & of_rows(table, files)))
    return table.select(dataset.stored_schema.names)


def deltas(
    folder: Path, dataset: Dataset, files: Sequence[PartFile], day: date | None, more: Sequence[pa.Field] = ()
) -> pa.Table:
    """All that some parts say, in their order: columns of the dataset, landing, source_row, and `_part` (int64).

    more    columns beyond those of the dataset to carry along, empty where a part has none
    _part   place in `files` of the part that a row stands in
    """
    schema = pa.schema([*dataset.stored_schema, *more])
    pieces = [schema.append(pa.field(PART, pa.int64())).empty_table()]
    for place, (_, _, name) in enumerate(files):
        piece = _read(folder, name, day if dataset.dated else None)
        for field in schema:
            if field.name not in piece.column_names:
                piece = piece.append_column(field, pa.nulls(piece.num_rows, field.type))
        piece = piece.select(schema.names).cast(schema)
        pieces.append(piece.append_column(PART, pa.array(np.full(piece.num_rows, place, dtype=np.int64))))
    return pa.concat_tables(pieces)


def of_rows(table: pa.Table, files: Sequence[PartFile]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """For each row of `deltas`: does it stand in a part of rows, and not in one of withdrawals?"""
    kinds = np.array([kind == "rows" for _, kind, _ in files], dtype=bool)
    return np.asarray(kinds[table.column(PART).to_numpy()], dtype=bool)


def same_as_next(table: pa.Table, keys: Sequence[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """For each row of a sorted table: does the next row carry the same keys?"""
    rows = table.num_rows
    same = np.ones(max(rows - 1, 0), dtype=bool)
    for key in keys:
        column = table.column(key)
        equal = pc.equal(column.slice(0, max(rows - 1, 0)), column.slice(1))
        same &= pc.fill_null(equal, False).to_numpy(zero_copy_only=False)
    return np.append(same, False) if rows else np.zeros(0, dtype=bool)


def _read(folder: Path, name: str, day: date | None) -> pa.Table:
    path = folder / f"{name}.parquet"
    filters = None if day is None else (pc.field("settlement_date") == pa.scalar(day, pa.date32()))
    try:
        return pq.ParquetFile(path).read() if filters is None else pq.read_table(path, filters=filters)
    except FileNotFoundError:
        raise StoreDamaged(
            f"{path}: found no file, wanted the rows of this hash. Restore the workspace from a copy."
        ) from None
