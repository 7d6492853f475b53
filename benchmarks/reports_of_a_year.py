"""A year of reports of settled days: ours against papermill, hvplot and nbconvert as they come, a run a period.

    python benchmarks/reports_of_a_year.py [--json] [--days 8] [--sample 20]

Ours is `bsc batch settlement_day`, two at once, over SYNTHETIC sample days that are settled first, import of every
process included; CPU and time are scaled from so many days to 365. The peer writes the same period's prices and stack:
for each of so many periods one `papermill` of a notebook that reads the actions of the day from Parquet and shows an
hvplot of the stack and two tables, then one `jupyter nbconvert --to html`; its CPU is scaled to 17,520 periods. Both
are whole processes, by what the system counted for them. hvplot is no package of the project: where it is not
installed, the rows of the peer are left out and said to be.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import nbformat

FIRST, A_YEAR, PERIODS = date(2024, 1, 15), 365, 17_520
COLD = 7  # processes of one day, each anew; their median counts
HVPLOT = importlib.util.find_spec("hvplot") is not None
PEER = (
    "settlement_period = 1\nactions_file = ''",
    "import pandas as pd\nimport hvplot.pandas\nday = pd.read_parquet(actions_file)\n"
    "one = day[day.settlement_period == settlement_period].sort_values(['side', 'rank'])",
    "one.groupby('side')[['volume', 'loss_adjusted_cost']].sum()",
    "one.hvplot.bar(x='action', y='original_price', by='side', rot=90, width=900, height=408)",
    "one",
)


def cpu_of_children() -> float:
    """CPU seconds of every child that has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(command: list[str]) -> tuple[float, float, str]:
    """CPU seconds, seconds, and what was said."""
    cpu, begun = cpu_of_children(), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = f"{' '.join(command[:4])}: found exit code {done.returncode}, wanted 0."
        raise SystemExit(f"{said}\n{done.stderr[-2000:]}")
    return cpu_of_children() - cpu, time.perf_counter() - begun, done.stdout


def bsc(*words: Any) -> list[str]:
    """A command line of ours."""
    return [sys.executable, "-c", "from settlement.command_line import main; main()", *map(str, words)]


def settled(folder: Path, days: int) -> Path:
    """A workspace with so many settled days."""
    import loaders
    from loaders.sample_market import write_day
    from reports.day_settlement import settle_day

    home = folder / "workspace"
    for at in range(days):
        feeds = folder / f"feeds-{at}"
        feeds.mkdir()
        write_day(feeds, FIRST + timedelta(days=at))
        loaders.load(feeds, home)
        settle_day(FIRST + timedelta(days=at), home=home)
    return home


def peer(folder: Path, actions: Path, sample: int) -> float:
    """CPU seconds of the peer for a period."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in PEER])
    notebook.cells[0].metadata["tags"] = ["parameters"]
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    template, spent = folder / "peer.ipynb", 0.0
    nbformat.write(notebook, template)
    for at in range(sample):
        out = folder / f"peer-{at}.ipynb"
        given = ["-p", "settlement_period", str(1 + at % 48), "-p", "actions_file", str(actions)]
        spent += measured(
            [sys.executable, "-m", "papermill", str(template), str(out), *given, "--no-progress-bar", "-k", "python3"]
        )[0]
        spent += measured([sys.executable, "-m", "nbconvert", "--to", "html", str(out)])[0]
    return spent / sample


def rows(days: int, sample: int) -> list[dict[str, Any]]:
    """What was measured, a row a promise."""
    found: list[dict[str, Any]] = []

    def told(work: str, against: str, ratio: float, wanted: str, met: bool) -> None:
        found.append({"work": work, "peer": against, "ratio": round(ratio, 2), "wanted": wanted, "met": met})

    with tempfile.TemporaryDirectory(prefix="bsc-") as name:
        folder = Path(name)
        home = settled(folder, days)
        span = f"{FIRST}..{FIRST + timedelta(days=days - 1)}"
        a_day, spent = {}, {}
        for formats in ("html,tables", "html,tables,pdf"):
            out = folder / formats.replace(",", "-")
            asked = ("batch", "settlement_day", "--dates", span, "--jobs", 2, "--formats", formats, "--out", out)
            cpu, seconds, _ = measured(bsc(*asked, "--home", home))
            a_day[formats], spent[formats] = cpu / days, seconds / days
        if HVPLOT:
            actions = next((folder / "html-tables").glob("*.actions.parquet"))
            each = peer(folder, actions, sample)
            for formats, wanted in (("html,tables", 100), ("html,tables,pdf", 60)):
                ratio = each * PERIODS / (a_day[formats] * A_YEAR)
                against = f"papermill, hvplot, nbconvert a period: {each:.1f} CPU s"
                told(f"a year, {formats}: {a_day[formats]:.2f} CPU s a day", against, ratio, f">= {wanted}",
                     ratio >= wanted)  # fmt: skip
        minutes = spent["html,tables,pdf"] * A_YEAR / 60
        told("a year, html,tables,pdf, two at once, minutes", "40 minutes", minutes / 40, "<= 1", minutes <= 40)
        times = [measured(bsc("report", FIRST, "--home", home, "--out", folder / "cold"))[1] for _ in range(COLD)]
        cold = statistics.median(times)
        said = f"one day cold with PDF: {cold:.1f} s, {min(times):.1f} to {max(times):.1f} in {COLD}"
        told(said, "5 s", cold / 5, "<= 1", cold <= 5)
        size = next((folder / "cold").glob("*.html")).stat().st_size
        told(f"its HTML: {size:,} bytes", "1,500,000 bytes", size / 1.5e6, "<= 1", size <= 1.5e6)
    return found


def main() -> None:
    """Measure, and print the table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--days", type=int, default=8)
    asked.add_argument("--sample", type=int, default=20)
    given = asked.parse_args()
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).resolve().parents[1]))
    found = rows(given.days, given.sample)
    if given.json:
        print(json.dumps({"rows": found, "hvplot": HVPLOT}))
        return
    for one in found:
        print(f"{one['work']} | {one['peer']} | {one['ratio']} | {one['wanted']} | {'yes' if one['met'] else 'NO'}")
    if not HVPLOT:
        print('hvplot is not installed: its rows are left out. "pip install hvplot" brings it.')


if __name__ == "__main__":
    main()
