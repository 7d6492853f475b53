"""The machine twins of a report: every table it shows, whole, as Parquet, JSON and xlsx.

    view (and run) -> tables with described columns -> files, each an Output of the manifest

Tables are made from the view that is given and look nothing up, so a copy that was redacted for a party has redacted
twins. No clock has a part in a file: equal tables give equal bytes.
"""

from __future__ import annotations

from reports.twins.day import tables_of_day
from reports.twins.files import Told, files_of
from reports.twins.run import tables_of_run
from reports.twins.table import Column, Table, table_of

__all__ = ["Column", "Table", "Told", "files_of", "table_of", "tables_of_day", "tables_of_run"]
