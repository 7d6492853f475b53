"""Files from a folder: which there are, and what their names say.

An answer without rows names its feed, side, date and period only in its address; the
folder form keeps them in the file name, in that order: `stack_bid_2024-01-15_07.json`.
Words before and after are allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from loaders.job import Job

YEARS = range(1900, 2200)  # of other days no calendar of settlement periods is known
_DATE = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")
_PERIOD = re.compile(r"^[_-](?:sp|p)?(\d{1,2})(?=[_.-]|$)", re.IGNORECASE)
_WINDOW = re.compile(r"_published_\d{8}T\d{4}_\d{8}T\d{4}(?=[_.]|$)")
_MESSAGE = re.compile(r"_\d{12}_[A-Z0-9-]+-\d+-\d+(?=\.|$)|_message_[0-9a-f]{12}(?=\.|$)", re.IGNORECASE)
_SIDE = re.compile(r"(?:^|[_-])(bid|offer)(?=[_.-])", re.IGNORECASE)


@dataclass(frozen=True)
class NameScope:
    """What a file name says of its content."""

    settlement_date: date | None = None
    settlement_period: int | None = None
    side: str | None = None  # as written: "bid" or "offer"
    window: bool = False  # it answers what was published in a window: without rows it says nothing of any day
    message: bool = False  # of IRIS or a queue: one of several that bring a day or a period

    def __str__(self) -> str:
        said = (self.settlement_date, self.settlement_period, self.side)
        return "|".join("" if part is None else str(part) for part in said)


def files_in(place: Path | Iterable[Path]) -> list[Path]:
    """The files of a folder and below, or those named, in order of name; hidden ones and READMEs are left out."""
    if not isinstance(place, Path):
        return sorted(Path(path) for path in place)
    if place.is_file():
        return [place]
    found = (path for path in place.rglob("*") if path.is_file())
    return sorted(p for p in found if not is_hidden(p.relative_to(place).as_posix()))


def is_hidden(name: str) -> bool:
    """Whether a file, or a folder that it lies in, is hidden or a README: such are no feeds."""
    return any(part.startswith((".", "README")) and part != ".." for part in name.split("/"))


@lru_cache(4096)
def scope_of(name: str) -> NameScope:
    """Date, period and side that a file name says.

    >>> scope_of("SYNTHETIC_stack_bid_2024-01-15_07.json.gz")
    NameScope(settlement_date=datetime.date(2024, 1, 15), settlement_period=7, side='bid', window=False, message=False)
    """
    name = name.rpartition("/")[2]  # of a file in an archive
    dated = _DATE.search(name)
    side = _SIDE.search(name)
    day = period = None
    if dated:
        try:
            day = date.fromisoformat(dated.group(1))
        except ValueError:
            day = None
        day = day if day and day.year in YEARS else None
        after = _PERIOD.match(name[dated.end() :])
        period = int(after.group(1)) if after and day else None
    said = side.group(1).lower() if side else None
    return NameScope(day, period, said, bool(_WINDOW.search(name)), bool(_MESSAGE.search(name)))


def named_by(job: Job, name: str) -> int:
    """How many letters of a file name say that it is of this job; 0 where none do. The job with the most has it."""
    last = name.rpartition("/")[2]
    said = re.search(rf"(?:^|[_-])({job.job}|{job.fetch.file_names})(?=[_.-]|$)", last, re.IGNORECASE)
    return len(said.group(1)) if said else 0


def job_named(jobs: Iterable[Job], name: str) -> Job | None:
    """The job that a file name says, or None."""
    said = [(named_by(job, name), job) for job in jobs]
    most = max((length for length, _ in said), default=0)
    return next((job for length, job in said if length == most and most), None)
