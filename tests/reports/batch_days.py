"""Four settled runs of the SYNTHETIC day, a light notebook over them, and a batch of it in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import nbformat

DAY = date(2024, 1, 15)
RUNS = ("IP", "II", "SF", "R1")
ROOT = Path(__file__).resolve().parents[2]
SHOWS = "from reports.sections.shown import Shown\nShown('cover', f'<p>{settlement_date} {run}</p>')"

BATCH = """
import json, sys
from datetime import date, timedelta
from pathlib import Path
from loaders import store as stores
from reports.batch.planning import plan
from reports.batch.process_of_one import Limits
from reports.batch.whole_batch import as_line, run_batch
asked = json.loads(sys.argv[1])
store = stores.open(Path(asked["home"]))
runs = [(date.fromisoformat(day), run) for day, run in asked["runs"]]
made = plan(store, asked["template"], runs, Path(asked["out"]))
summary = run_batch(store, made, asked["jobs"], Limits(*asked["limits"]), asked["cluster"])
print(json.dumps(as_line(summary)))
sys.exit(summary.exit_code)
"""


def settle_runs(settled_home: Path, folder: Path) -> Path:
    """A workspace with the runs of the day, each its own run as its type differs."""
    from reports.day_settlement import settle_day

    home = Path(shutil.copytree(settled_home, folder / "workspace"))
    for run in RUNS[1:]:
        settle_day(DAY, run, home=home)
    return home


def settle_days(folder: Path, count: int) -> tuple[Path, list[tuple[date, str]]]:
    """A workspace with so many days, each settled once, and what to ask a batch for."""
    import loaders
    from loaders.sample_market import write_day
    from reports.day_settlement import settle_day

    feeds, home = folder / "feeds", folder / "workspace"
    feeds.mkdir(parents=True)
    days = [DAY + timedelta(days=at) for at in range(count)]
    for day in days:
        write_day(feeds, day)
    loaders.load(feeds, home)
    for day in days:
        settle_day(day, home=home)
    return home, [(day, "IP") for day in days]


def notebook(folder: Path, *cells: str, shows: str = SHOWS) -> Path:
    """A notebook under the name of the declared one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "settlement_day.ipynb"
    parameters = nbformat.v4.new_code_cell('settlement_date = ""\nrun = ""', metadata={"tags": ["parameters"]})
    parameters["id"] = "parameters"
    made = nbformat.v4.new_notebook(cells=[parameters, *map(nbformat.v4.new_code_cell, (*cells, shows))])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, path)
    return path


def start(home: Path, template: Path, out: Path, runs: Any = RUNS, **other: Any) -> subprocess.Popen[str]:
    """A batch, leading a process group of its own."""
    pairs = [[str(DAY), one] if isinstance(one, str) else [str(one[0]), one[1]] for one in runs]
    asked = {
        "home": str(home), "template": str(template), "out": str(out), "runs": pairs, "jobs": 2,
        "limits": [300, 2_000_000_000], "cluster": None, **other,
    }  # fmt: skip
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-c", BATCH, json.dumps(asked)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, env={**os.environ, "PYTHONPATH": path, "PYTHONFAULTHANDLER": "1"},
    )  # fmt: skip


def run(*given: Any, **other: Any) -> tuple[int, dict[str, Any]]:
    """A batch until its end: exit code and summary."""
    process = start(*given, **other)
    said, errors = process.communicate(timeout=900)
    assert said, errors
    return process.returncode, json.loads(said.splitlines()[-1])


def run_here(
    home: Path, template: Path, out: Path, runs: Any = RUNS, jobs: int = 2,
    limits: tuple[float, int | None] = (300, 2_000_000_000),
) -> tuple[int, dict[str, Any]]:  # fmt: skip
    """A batch in this process, its runs in processes of their own as ever: exit code and summary."""
    from loaders import store as stores
    from reports.batch.planning import plan
    from reports.batch.process_of_one import Limits
    from reports.batch.whole_batch import as_line, run_batch

    store = stores.open(home)
    made = plan(store, str(template), [(DAY, run) for run in runs], out)
    summary = as_line(run_batch(store, made, jobs, Limits(*limits)))
    store.close()
    return summary["exit_code"], summary


def kill(process: subprocess.Popen[str]) -> None:
    """kill -9 of the whole process group."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
