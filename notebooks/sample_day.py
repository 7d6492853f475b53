"""The workspaces that the notebooks are kept with: SYNTHETIC days, loaded and settled.

The tutorial has the day of Great Britain in two runs, every other notebook the small sample day. Each notebook finds
its workspace in BSC_HOME, as under `bsc lab`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

SAMPLE_DAY = date(2024, 1, 15)
MARKET_RUNS = ("II", "SF")


def workspace_of(notebook: str, folder: Path) -> Path:
    """The workspace that a notebook is kept with, made below a folder when a notebook first asks for it."""
    make = settle_market_day if notebook == "tutorial.ipynb" else settle_sample_day
    below = folder / make.__name__
    return below / "workspace" if below.exists() else make(below)


def settle_sample_day(folder: Path) -> Path:
    """Write, load and settle the sample day below a folder; gives the workspace."""
    import loaders
    from loaders.sample_market import write_day
    from reports.day_settlement import settle_day

    feeds, home = folder / "feeds", folder / "workspace"
    feeds.mkdir(parents=True)
    write_day(feeds, SAMPLE_DAY)
    loaders.load(feeds, home)
    settle_day(SAMPLE_DAY, home=home)
    return home


def settle_market_day(folder: Path) -> Path:
    """The same for the day of Great Britain: runs II and SF, each with what it had; about a minute."""
    import loaders
    from loaders.sample_market import write_market
    from reports.day_settlement import settle_day

    feeds, home = folder / "feeds", folder / "workspace"
    write_market(feeds, SAMPLE_DAY)
    for run in MARKET_RUNS:
        loaders.load(feeds / run, home)
        settle_day(SAMPLE_DAY, run, home=home)
    return home
