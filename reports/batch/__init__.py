"""Notebooks run in processes of their own, one or a year of them, and rendered to reports.

run_report     the report of one settled day
run_notebook   the report of any notebook
execute        a notebook with its parameters
parameters     what each notebook may be given, and of which type
planning       which runs a batch needs, and which are there already
performing     one run: lease, process, limits, outputs, row
whole_batch    a plan done here or on a cluster, with its index
timetable      which runs are due

Names load on first use, so that the command line stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.batch.execution import NOTEBOOK, execute, notebook_path, notebooks_folder
    from reports.batch.notebook_report import run_notebook, run_report

_HOMES = {
    **dict.fromkeys(("NOTEBOOK", "execute", "notebook_path", "notebooks_folder"), "reports.batch.execution"),
    **dict.fromkeys(("run_notebook", "run_report"), "reports.batch.notebook_report"),
}

__all__ = ["NOTEBOOK", "execute", "notebook_path", "notebooks_folder", "run_notebook", "run_report"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'reports.batch' has no attribute {name!r}")
