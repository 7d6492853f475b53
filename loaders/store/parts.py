"""Parts: kept rows as Parquet files, and the hash of what they say.

A file may hold several days of one dataset; a part is one day of it. `rows_hash` is over
the names, types and values of the columns, sorted by key, without where the rows came
from: packing the same rows in other files leaves it as it is.
"""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PROVENANCE = ("landing", "source_row")


def parquet_bytes(table: pa.Table) -> bytes:
    """A table as Parquet: zstd 1, byte_stream_split on floats, a dictionary for the rest."""
    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    others = [field.name for field in table.schema if not pa.types.is_floating(field.type)]
    buffer = io.BytesIO()
    pq.write_table(
        table,
        buffer,
        compression="zstd",
        compression_level=1,
        use_dictionary=others or False,
        use_byte_stream_split=floats or False,
        row_group_size=32_768,
    )
    return buffer.getvalue()


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
        return bytes(lengths.tobytes()) + "".join(column.to_pylist()).encode()
    if pa.types.is_boolean(kind):
        return bytes(np.packbits(pc.fill_null(column, False).to_numpy(zero_copy_only=False)).tobytes())
    if pa.types.is_floating(kind):
        return bytes(pc.fill_null(column, 0.0).to_numpy(zero_copy_only=False).astype("<f8").tobytes())
    if pa.types.is_date32(kind):
        column = column.cast(pa.int32())
    return bytes(pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False).astype("<i8").tobytes())
