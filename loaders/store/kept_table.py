"""A result table of a kept run, read column by column."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


class KeptTable:
    """One table of a run as its file has it; a column is read when it is asked for, and not before."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _file(self) -> pq.ParquetFile:
        return pq.ParquetFile(self._path)

    @property
    def column_names(self) -> list[str]:
        """Names of the columns, in the order of the file."""
        return list(self._file.schema_arrow.names)

    def column(self, name: str) -> pa.ChunkedArray:
        """One column. KeyError where the table has none of that name."""
        return self._file.read(columns=[name]).column(name)

    def whole(self) -> pa.Table:
        """All columns."""
        return self._file.read()
