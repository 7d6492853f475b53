"""Run a notebook.

Papermill fills in the parameters and executes: in this process where nothing else uses IPython here, else in a kernel,
which talks over pipes in the file system (`ipc`), so no port is opened.
"""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import Any

from reports.render import NotRendered

NOTEBOOK = "settlement_day.ipynb"


def notebooks_folder() -> Path:
    """Where the notebook templates lie: in the checkout, or inside the installed package."""
    here = Path(__file__).resolve().parents[1]
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


class CellFailed(NotRendered):
    """A cell that ended in an error; `cell` counts the cells of the notebook as it lies there, from 1."""

    cell = 0
    source = ""
    error = ""


class KernelDied(NotRendered):
    """The kernel ended before the notebook did."""


def execute(template: Path, parameters: dict[str, Any], kept: Path | None = None) -> Any:
    """The notebook, executed with the parameters.

    kept  where the executed notebook is written too, cell by cell, so that a failed one can be looked at

    Raises CellFailed with the error of a cell that failed, KernelDied.
    """
    from reports.batch import notebook_reading

    notebook_reading.ready()
    import papermill
    from nbclient.exceptions import DeadKernelError
    from traitlets.config import Config

    from reports.batch import in_process

    here = in_process.free() and threading.current_thread() is threading.main_thread()
    with tempfile.TemporaryDirectory(prefix="bsc-") as folder:
        # Pipes need a short path: 107 characters at most.
        config = Config({"KernelManager": {"transport": "ipc", "ip": str(Path(folder) / "k")}})
        try:
            return papermill.execute_notebook(
                str(template),
                None if kept is None else str(kept),
                parameters=parameters,
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                **({"engine_name": in_process.NAME} if here else {"config": config}),
            )
        except papermill.PapermillExecutionError as error:
            raise _failed(template, error, bool(parameters)) from error
        except (DeadKernelError, RuntimeError) as error:
            # A kernel that dies while it starts is a RuntimeError of jupyter_client.
            raise KernelDied(
                f"{template.name}: found a dead kernel ({error}), wanted one that lives until the last cell. "
                "Look at memory and at the log of the system, then run it again."
            ) from error


def _failed(template: Path, error: Any, given: bool) -> CellFailed:
    import nbformat

    cells = nbformat.read(template, as_version=4).cells
    # Papermill puts a cell with the parameters, where there are any, behind the one tagged so.
    tagged = next((at for at, cell in enumerate(cells) if "parameters" in cell.metadata.get("tags", [])), -1)
    number = error.cell_index + (0 if given and error.cell_index > tagged else 1)
    failed = CellFailed(
        f"{template.name}, cell {number}: found {error.ename}: {error.evalue}, wanted every cell to "
        "run. Mend the cause, then run the report again."
    )
    failed.cell, failed.source, failed.error = number, error.source, f"{error.ename}: {error.evalue}"
    return failed
