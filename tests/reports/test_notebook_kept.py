"""A changed price in a kept notebook is noticed. That the kept ones are good is a step of scripts/test of its own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def compare(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--nbval",
        "-p",
        "no:cacheprovider",
        "-c",
        str(ROOT / "pyproject.toml"),
    ]
    return subprocess.run(
        [*command, "--rootdir", str(folder), str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def copy_of_the_notebooks(folder: Path) -> Path:
    """The report of a day and what runs it; `scripts/notebooks check` holds every notebook to what is kept in it."""
    kept = ("settlement_day.ipynb", "conftest.py", "sample_day.py", "sanitize.cfg")
    (folder / "notebooks").mkdir()
    for name in kept:
        shutil.copy(ROOT / "notebooks" / name, folder / "notebooks")
    return folder / "notebooks"


def test_one_changed_price_in_a_kept_notebook_is_red(tmp_path: Path) -> None:
    folder = copy_of_the_notebooks(tmp_path)
    path = folder / "settlement_day.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if "own_against_published" in "".join(cell["source"]))
    shown = "".join(cell["outputs"][0]["data"]["text/html"])
    price = re.search(r">(\d+\.\d{4})(\d)<", shown)
    assert price is not None
    changed = shown.replace(price[0], f">{price[1]}{(int(price[2]) + 1) % 10}<", 1)
    cell["outputs"][0]["data"]["text/html"] = changed
    path.write_text(json.dumps(notebook), encoding="utf-8")

    told = compare(folder)

    assert told.returncode == 1
    assert len(re.findall(r"^FAILED", told.stdout, re.MULTILINE)) <= 1
    assert re.search(r"1 failed, \d+ passed", told.stdout), told.stdout[-2000:]
