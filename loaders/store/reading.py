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


def rows_in_force(folder: Path, dataset: Dataset, parts: Sequence[PartFile], day: date | None) -> pa.Table:
    """The rows of a dataset, of one day or of all, sorted by keys.

    parts  in order of version
    gives  columns of the dataset, then landing (SHA-256 text) and source_row (int64)
    """
    schema = dataset.stored_schema
    files: dict[tuple[int, str, str], None] = dict.fromkeys(parts)
    pieces = []
    for version, kind, name in files:
        piece = _read(folder, name, day if dataset.dated else None)
        for field in schema:
            if field.name not in piece.column_names:
                piece = piece.append_column(field, pa.nulls(piece.num_rows, field.type))
        piece = piece.select(schema.names).cast(schema)
        pieces.append(
            piece.append_column("_version", pa.array(np.full(piece.num_rows, version, dtype=np.int64))).append_column(
                "_kept", pa.array(np.full(piece.num_rows, kind == "rows"))
            )
        )
    if not pieces:
        return schema.empty_table()
    table = pa.concat_tables(pieces)
    if len(files) > 1:  # one file is sorted as it was written
        order = [(key, "ascending") for key in dataset.keys]
        table = table.sort_by([*order, ("_version", "ascending")]).combine_chunks()
    if len({version for version, _, _ in files}) > 1 or any(kind != "rows" for _, kind, _ in files):
        last = ~same_as_next(table, dataset.keys)
        kept = table.column("_kept").to_numpy(zero_copy_only=False)
        table = table.filter(pa.array(last & kept))
    return table.select(schema.names)


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
