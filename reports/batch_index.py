"""A folder of reports that a batch made, as the notebook batch_index shows it.

from reports import batch_index

found = batch_index.open_index("batches/settlement_day")
found.reports()
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from markupsafe import Markup

from reports.errors import NoSuchRun
from reports.sections.seal import seal
from reports.sections.shown import Shown
from reports.subjects import Subject


class BatchIndex:
    """The index of a folder; its methods each show one part of its report."""

    def __init__(self, index: dict[str, Any]) -> None:
        self.index = index

    @cached_property
    def subject(self) -> Subject:
        """What the report of it is about."""
        from reports.subjects_of_spans import of_batch

        return of_batch(self.index)

    def cover(self) -> Shown:
        """How many reports there are, and how many failed."""
        from reports.batch.index_page import counts

        title = self.subject.title.removesuffix(", SYNTHETIC")
        html = Markup('<section class="cover" id="cover"><p class="kick">Index of a batch</p><h1>{}</h1>{}{}</section>')
        return Shown("cover", html.format(title, counts(self.index), seal(self.subject)))

    def reports(self) -> Shown:
        """Calendar, what failed and where, and every report with its verdicts."""
        from reports.batch.index_page import sections

        return Shown("batch", f'<div class="batch">{sections(self.index)}</div>', "batch")


def open_index(folder: str | Path, home: str | Path | None = None) -> BatchIndex:
    """The index of a folder of reports; a folder that is not absolute lies in the workspace.

    Raises NoSuchRun where the folder holds no index that can be read.
    """
    import reports
    from reports.batch.index import FORM, JSON

    path = reports.workspace(home) / folder / JSON
    try:
        index = json.loads(path.read_bytes())
        whole = index["form"] == FORM and isinstance(index["runs"], list)
    except (OSError, ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise NoSuchRun(
            f"folder: found no {JSON} in {folder}, wanted a folder that a batch wrote. Run bsc batch, or correct it."
        )
    return BatchIndex(index)
