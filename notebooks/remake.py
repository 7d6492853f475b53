"""Executes the notebooks again on their SYNTHETIC days and keeps what they show."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from sample_day import workspace_of  # noqa: E402  beside this file, not in a package


def remake(path: Path) -> None:
    """Execute one notebook and keep its outputs, without the marks of when and where it ran."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(HERE)}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    nbformat.write(notebook, path)
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")  # noqa: T201


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bsc-notebooks-") as folder:
        for notebook in sorted(HERE.glob("*.ipynb")):
            os.environ["BSC_HOME"] = str(workspace_of(notebook.name, Path(folder)))
            remake(notebook)
