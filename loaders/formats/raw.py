"""What every reader gives: values as they stand in the file, with their place in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from loaders.errors import Finding

if TYPE_CHECKING:
    import pyarrow as pa

ANY_CASE = ("csv", "excel", "xml")  # forms in which case and signs of a field's name do not count
MOST_FIELDS = 1000  # a file with more fields than that is of no feed, and would hold up the search for its job

# A field that a JSON record does not have; None is a field that says null.
ABSENT = type("Absent", (), {"__repr__": lambda _: "no such field"})()


@dataclass
class RawTable:
    """Records of one kind, by field.

    fields      name (or place, in a headed csv) of each field to its values, one a record
    source_row  place of each record: from 1 in a JSON or XML list; line number from 1 in a CSV, row of a sheet
    typed       columns of the job, typed and without a fault, where they were read at once; `fields` are names only
    within      the rows of all files that were read together, and where these begin among them
    """

    fields: dict[str, Sequence[Any]]
    source_row: np.ndarray[Any, np.dtype[np.int64]]
    typed: pa.RecordBatch | None = None
    within: tuple[pa.RecordBatch, int] | None = None

    def __len__(self) -> int:
        return len(self.source_row)


@dataclass
class RawFile:
    """A file as a reader sees it.

    form       "json", "json mapping", "xml", "csv", "excel", "headed csv", "pipe flow" or "pool transfer"
    tables     by record type; the empty name where a file holds one kind
    says       the datasets that the file itself names
    alone      of one JSON object that may be a record: the finding to give where no job knows it as one
    pairs      of such an object: its names and values, which may be a record each
    blank      it holds no row, and does not have to name a day for that: it speaks for none
    header     date and period of the HDR line; flow, version, date and run of a pipe flow
    broken     findings on single records that could not be taken apart
    warnings   findings that lost nothing
    cut        the finding, when the end of the file is missing
    counts     records by type, those not kept included
    heads      what the first record of a pipe flow says, by field: a value each time that it comes
    """

    form: str
    tables: dict[str, RawTable]
    says: frozenset[str] = frozenset()
    header: dict[str, str] = field(default_factory=dict)
    broken: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    cut: Finding | None = None
    alone: Finding | None = None
    pairs: dict[str, Any] | None = None
    blank: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    heads: dict[str, Sequence[str]] = field(default_factory=dict)
