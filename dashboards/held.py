"""What a workspace holds, as the pages ask for it: always through `reports.access`, always as a viewer.

`Access` keeps opened days by run id and store version, so that a change of the store is
seen at once and an unchanged day is opened once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dashboards.address import read
from dashboards.replays import Replays
from reports import manifest
from reports.access import THIS_MACHINE, Access, SeenRun, Viewer
from reports.loads_view import Loads
from reports.views import DayView
from reports.work.listed import of_the_figures_seen

if TYPE_CHECKING:
    from loaders.report import LoadReport
    from reports.work.listed import Work


@dataclass(frozen=True)
class ReportFile:
    """A report of a day that lies in the workspace."""

    address: str
    same_run: bool  # made of the very run that the page shows


class Held:
    """The settled days of one workspace, for one viewer. Raises NoWorkspace where the folder holds none."""

    def __init__(self, home: Path, viewer: Viewer = THIS_MACHINE) -> None:
        self.home = home
        self.viewer = viewer
        self._access = Access(home)
        self.replays = Replays(self._replay)

    def day(self, settlement_date: date, run: str | None) -> DayView:
        """The figures of a day; of the run kept last where none is named. Raises NoSuchRun."""
        return self._access.day(self.viewer, self._access.run(self.viewer, settlement_date, run))

    def run_types(self, settlement_date: date) -> list[str]:
        """Run types of a day, the latest kept first."""
        return list(dict.fromkeys(one.run for one in reversed(self._runs(settlement_date))))

    def days(self) -> list[date]:
        """Every settled day, the newest first."""
        return sorted({one.settlement_date for one in self._runs()}, reverse=True)

    def report(self, day: DayView) -> ReportFile | None:
        """The report of a day, if it was made."""
        name = f"{manifest.file_stem(day)}.html"
        described = self.reports_folder / f"{manifest.file_stem(day)}.manifest.json"
        if not (self.reports_folder / name).is_file():
            return None
        return ReportFile(f"/reports/{name}", _run_of(described) == day.run_id)

    @cached_property
    def loads(self) -> Loads:
        """What came into the workspace and what was refused."""
        return self._access.loads(self.viewer)

    @property
    def newest(self) -> datetime | None:
        """When the newest file was taken in."""
        return self._access.newest(self.viewer)

    @cached_property
    def work(self) -> Work:
        """What needs a person, and what may be done with it."""
        return self._access.work(self.viewer)

    def act(self, item: str, subject: str, action: str, comment: str, assigned_to: str, seen: int, token: str) -> None:
        """Assign, comment, close, sign off: as the viewer of these pages.

        subject, seen  id of the subject, and number of its newest entry, as they stood on the page

        Raises WrongToken, AskedWrongly, and what `reports.signoff.recording.record` raises.
        """
        self.replays.hold(token)
        self.work.act(
            of_the_figures_seen(self.work.item(item), subject), action, self.viewer.name, comment, assigned_to, seen
        )

    def open_dispute(self, item: str, subject: str, reason: str, party: str, seen: int, token: str) -> str:
        """Open a dispute on the price of an entry, as the viewer of these pages; gives the name of the case.

        Raises WrongToken, AskedWrongly, and what `reports.work.opening.open_dispute` raises.
        """
        self.replays.hold(token)
        about = of_the_figures_seen(self.work.item(item), subject)
        return self.work.open_dispute(about, self.viewer.name, reason, party, seen).name

    def replay(self, job: str, token: str) -> None:
        """Read the landings of a job again, in a thread. Raises WrongAddress, WrongToken and Busy."""
        read({"job": job or "none"}, ("job",))
        self.replays.start(job, self.loads.files(job), token)

    def _replay(self, job: str, told: Callable[[str], None]) -> LoadReport:
        return self.loads.replay(job, told)

    @cached_property
    def reports_folder(self) -> Path:
        """Where the reports of the workspace lie."""
        return self.home / "reports"

    def _runs(self, settlement_date: date | None = None) -> list[SeenRun]:
        return self._access.runs(self.viewer, settlement_date)


def _run_of(described: Path) -> str | None:
    """The run that a manifest names; None where there is no manifest that can be read."""
    try:
        return json.loads(described.read_text("utf-8"))["run_id"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
