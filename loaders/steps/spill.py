"""Rows that wait on disk, by their day: what of a large file is not looked at just now.

One file without a name in the folder of the workspace: it is gone with the process, however that ends.
"""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from loaders.store.files import at_disk

DAY = "settlement_date"


class Spill:
    """Rows by day, in the order in which they came; the day None has those whose day could not be read."""

    def __init__(self, folder: Path, schema: pa.Schema):
        self._schema, self._folder = schema, folder
        self._places: dict[date | None, list[tuple[int, int]]] = {}
        with at_disk(folder):
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed with the spill
        self._end = 0

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()

    @property
    def days(self) -> list[date | None]:
        """The days that have rows; None comes last."""
        return sorted(self._places, key=lambda day: day or date.max)

    def add(self, rows: pa.Table) -> None:
        """Put rows down, each under its day. Raises StoreUnavailable when the disk is full or refuses."""
        if not rows.num_rows:
            return
        rows = rows.select(self._schema.names).cast(self._schema).combine_chunks()
        days = rows.column(DAY).cast(pa.int32()).fill_null(np.iinfo(np.int32).max).to_numpy()
        if (days[1:] < days[:-1]).any():
            order = np.argsort(days, kind="stable")
            rows, days = rows.take(pa.array(order)).combine_chunks(), days[order]
        starts = np.flatnonzero(np.append(True, days[1:] != days[:-1]))
        for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(days)], strict=True):
            piece = rows.slice(start, end - start).combine_chunks()
            self._put(piece.column(DAY)[0].as_py(), piece.to_batches()[0])

    def _put(self, day: date | None, batch: pa.RecordBatch) -> None:
        packed = batch.serialize()
        with at_disk(self._folder):
            self._file.seek(self._end)
            self._file.write(packed)
        self._places.setdefault(day, []).append((self._end, packed.size))
        self._end += packed.size

    def of(self, day: date | None) -> pa.Table:
        """The rows of a day, in the order in which they came."""
        batches = []
        for start, size in self._places.get(day, []):
            self._file.seek(start)
            batches.append(pa.ipc.read_record_batch(pa.py_buffer(self._file.read(size)), self._schema))
        return pa.Table.from_batches(batches, self._schema).combine_chunks()
