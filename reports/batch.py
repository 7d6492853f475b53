"""Run a notebook in a process of its own, and render what it shows.

Papermill fills in the parameters and executes; the kernel talks over pipes in the file
system (`ipc`), so no port is opened.
"""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from reports.render import NotRendered, Report, render
from reports.views import DayView

NOTEBOOK = "settlement_day.ipynb"


def notebooks_folder() -> Path:
    """Where the notebook templates lie: in the checkout, or inside the installed package."""
    here = Path(__file__).resolve().parent
    for folder in (here.parent / "notebooks", here / "notebooks"):
        if (folder / NOTEBOOK).is_file():
            return folder
    raise NotRendered(
        f"{NOTEBOOK}: found no such notebook, wanted it in notebooks/ of the checkout or of the package. "
        "Install the package again."
    )


def notebook_path(name: str = NOTEBOOK) -> Path:
    """A notebook template by its file name."""
    return notebooks_folder() / name


def execute(template: Path, parameters: dict[str, Any]) -> Any:
    """The notebook, executed with the parameters. Raises NotRendered with the error of a cell that failed."""
    import papermill
    from traitlets.config import Config

    with tempfile.TemporaryDirectory(prefix="bsc-") as folder:
        # Pipes need a short path: 107 characters at most.
        config = Config({"KernelManager": {"transport": "ipc", "ip": str(Path(folder) / "k")}})
        try:
            return papermill.execute_notebook(
                str(template),
                None,
                parameters=parameters,
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                config=config,
            )
        except papermill.PapermillExecutionError as error:
            raise NotRendered(
                f"{template.name}, cell {error.exec_count}: found {error.ename}: {error.evalue}, wanted every cell to "
                "run. Mend the cause, then run the report again."
            ) from error


def run_report(
    settlement_date: date | str, run: str | None, home: Path | str, out_folder: Path | str, view: DayView | None = None
) -> Report:
    """The report of a settled day: runs `notebooks/settlement_day.ipynb` and renders it.

    view  the day, where the caller has it open already; else it is opened from the workspace

    Raises NotRendered where a cell fails.
    """
    import reports

    day = settlement_date if isinstance(settlement_date, date) else date.fromisoformat(settlement_date)
    if view is None:
        view = reports.open_day_view(day, run, home)
    parameters = {"settlement_date": day.isoformat(), "run": view.run, "home": str(Path(home).resolve())}
    return render(execute(notebook_path(), parameters), view, Path(out_folder))
