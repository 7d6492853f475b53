"""The workspace that the notebooks are kept with: the SYNTHETIC sample day, loaded and settled."""

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
