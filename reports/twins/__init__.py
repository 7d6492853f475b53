"""The machine twins of a report: every table it shows, whole, as Parquet, JSON and xlsx.

    view (and run) -> tables with described columns -> files, each an Output of the manifest

Tables are made from the view that is given and look nothing up, so a copy that was redacted for a party has redacted
twins. No clock has a part in a file: equal tables give equal bytes.
"""

from __future__ import annotations

from reports.twins.changes import tables_of_changes
from reports.twins.day import tables_of_day
from reports.twins.files import Told, files_of
from reports.twins.run import tables_of_run
from reports.twins.spans import tables_of_batch, tables_of_conformance
from reports.twins.statement import tables_of_statement
from reports.twins.table import Column, Table, table_of

__all__ = [
    "Column", "Table", "Told", "files_of", "table_of", "tables_of_batch", "tables_of_changes", "tables_of_conformance",
    "tables_of_day", "tables_of_run", "tables_of_statement",
]  # fmt: skip
