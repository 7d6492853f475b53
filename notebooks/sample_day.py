"""The workspaces that the notebooks are kept with: SYNTHETIC days, loaded and settled.

The tutorial has the day of Great Britain in two runs, every other notebook the small sample day.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

SAMPLE_DAY = date(2024, 1, 15)


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

    feeds, home = folder / "market", folder / "market-workspace"
    write_market(feeds, SAMPLE_DAY)
    for run in ("II", "SF"):
        loaders.load(feeds / run, home)
        settle_day(SAMPLE_DAY, run, home=home)
    return home
