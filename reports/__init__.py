"""A settled day, from the rows of the store to a report that can be checked.

Names load on first use, so that the command line stays quick.
"""

from __future__ import annotations

import os
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.audit import Day
    from reports.views import DayView

_HOMES = {
    "settle_day": "reports.day_settlement",
    "verify": "reports.verification",
    "run_report": "reports.batch",
}


def workspace(home: Path | str | None = None) -> Path:
    """The workspace folder: the one named, else BSC_HOME, else ./workspace."""
    return Path(home or os.environ.get("BSC_HOME") or "workspace")


def open_day(settlement_date: date | str, run: str | None = None, home: Path | str | None = None) -> Day:
    """A settled day to work on: `day.price`, `day.parties`, `day.explain(...)`; readable in Jupyter as it is.

    Raises NoSuchRun where the day was not settled.
    """
    from reports.audit import open_day as opened

    day = opened(settlement_date, run, home)
    _ = day.row  # a day that was not settled is said here, and not at the first table
    return day


def open_day_view(settlement_date: date | str, run: str | None = None, home: Path | str | None = None) -> DayView:
    """The figures of a settled day as plain records."""
    from reports.open_view import open_day_view as opened

    day = settlement_date if isinstance(settlement_date, date) else date.fromisoformat(settlement_date)
    return opened(day, run, workspace(home))


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'reports' has no attribute {name!r}")
