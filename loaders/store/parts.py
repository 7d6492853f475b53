"""Parts: kept rows as Parquet files, and the hash of what they say.

A file may hold several days of one dataset; a part is one day of it. `rows_hash` is over
the names, types and values of the columns, sorted by key, without where the rows came
from and, of a withdrawal, when its sender said so: packing the same rows in other files leaves it as it is.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PUBLISHED = "published_at"  # of a withdrawal: when its sender said so, where that is known
PROVENANCE = ("landing", "source_row", PUBLISHED)


def parquet_bytes(table: pa.Table) -> bytes:
    """A table as Parquet, written fast: each kind of column in the form that costs least to make.

    lz4; whole numbers and moments as differences, with their least and greatest; decimals plain; labels as a
    dictionary. The least and greatest of labels and decimals would cost as much as all else, and no reader asks for
    them. Labels are not written as differences, small as that is: Arrow does not read such as a dictionary.
    """
    of_kind = {field.name: field.type for field in table.schema}
    ordered = [name for name, kind in of_kind.items() if pa.types.is_integer(kind) or pa.types.is_temporal(kind)]
    plain = [name for name, kind in of_kind.items() if pa.types.is_floating(kind) or pa.types.is_boolean(kind)]
    labels = [name for name in of_kind if name not in ordered and name not in plain]
    buffer = io.BytesIO()
    pq.write_table(
        table,
        buffer,
        compression="lz4",
        use_dictionary=labels or False,
        column_encoding=dict.fromkeys(ordered, "DELTA_BINARY_PACKED") or None,
        write_statistics=ordered or False,
    )
    return buffer.getvalue()


def parquet_of(tables: Mapping[str, pa.Table]) -> dict[str, bytes]:
    """Tables as Parquet by name, two at a time: Arrow packs outside the interpreter's lock."""
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(tables, pool.map(parquet_bytes, tables.values()), strict=True))


def rows_hash(table: pa.Table) -> str:
    """SHA-256 over what the rows say, whatever file they lie in."""
    digest = hashlib.sha256()
    for name in table.column_names:
        if name in PROVENANCE:
            continue
        column = table.column(name)
        column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
        digest.update(f"{name}:{column.type}:{len(column)};".encode())
        digest.update(np.packbits(column.is_null().to_numpy(zero_copy_only=False)).tobytes())
        digest.update(_values(column))
    return digest.hexdigest()


def _values(column: pa.Array) -> bytes:
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        column = pc.fill_null(column, "")
        lengths = pc.binary_length(column).to_numpy(zero_copy_only=False).astype("<i8")
        return bytes(lengths.tobytes()) + _letters(column)
    if pa.types.is_boolean(kind):
        return bytes(np.packbits(pc.fill_null(column, False).to_numpy(zero_copy_only=False)).tobytes())
    if pa.types.is_floating(kind):
        return bytes(pc.fill_null(column, 0.0).to_numpy(zero_copy_only=False).astype("<f8").tobytes())
    if pa.types.is_date32(kind):
        column = column.cast(pa.int32())
    return bytes(pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False).astype("<i8").tobytes())


def _letters(column: pa.Array) -> bytes:
    """The texts of a column without nulls one behind the other, in UTF-8: so they lie in memory already."""
    if not len(column):
        return b""
    _, ends, letters = column.buffers()
    width = np.int64 if pa.types.is_large_string(column.type) else np.int32
    places = np.frombuffer(ends, width)[column.offset : column.offset + len(column) + 1]
    return b"" if letters is None else bytes(memoryview(letters)[places[0] : places[-1]])
