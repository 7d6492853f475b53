"""The report of any notebook: parameters checked, the notebook run, its page and manifest written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import Any

from reports.batch.execution import NOTEBOOK, execute, notebook_path
from reports.batch.parameters import checked, notebook_name
from reports.formats import HTML, PDF
from reports.paper.in_a_process import setter
from reports.render import Report, render


def run_notebook(
    notebook: str, given: dict[str, Any], home: Path, out_folder: Path, formats: tuple[str, ...] = (HTML,)
) -> Report:
    """Run a notebook and write its report.

    notebook  the name of a declared one
    given     its parameters but for `home`, as text or typed
    formats   of `reports.formats.FORMATS`

    Raises WrongParameters before anything is started, NotRendered where a cell fails, and what opening its data
    raises: NoSuchRun, UnknownLabel, WrongInput.
    """
    from reports.subjects_of_notebooks import subject_of

    name = notebook_name(notebook)
    typed = checked(name, given).model_dump(exclude={"home"})
    with setter() if PDF in formats else nullcontext() as paper:
        subject = subject_of(name, typed, home)  # what cannot be opened is said before a kernel starts
        plain = {key: value.isoformat() if isinstance(value, date) else value for key, value in typed.items()}
        if "run" in plain and len(subject.run_ids) == 1:  # the report names the run that was asked for last
            plain["run"] = plain["run"] or subject.made_from.get("run")
        with _workspace(home):
            executed = execute(notebook_path(f"{name}.ipynb"), plain)
        return render(executed, subject, out_folder, formats=formats, setter=paper)


@contextmanager
def _workspace(home: Path) -> Iterator[None]:
    """The workspace as the notebook finds it: not as a parameter, since a report names no folder of the machine."""
    before = os.environ.get("BSC_HOME")
    os.environ["BSC_HOME"] = str(Path(home).resolve())
    try:
        yield
    finally:
        if before is None:
            del os.environ["BSC_HOME"]
        else:
            os.environ["BSC_HOME"] = before


def run_report(
    settlement_date: date | str, run: str | None, home: Path | str, out_folder: Path | str,
    formats: tuple[str, ...] = (HTML,),
) -> Report:  # fmt: skip
    """The report of a settled day: of `notebooks/settlement_day.ipynb`. Raises what `run_notebook` raises."""
    return run_notebook(
        NOTEBOOK, {"settlement_date": settlement_date, "run": run}, Path(home), Path(out_folder), formats
    )
