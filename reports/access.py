"""What a viewer may see of a workspace: the only filter, read through by answers, pages and feeds.

Staff see every kept run. A party sees the runs that rest on what arrived: not one with
ASSUMED adjustment actions, and no refused rows, which are the desk's own affair. What a
viewer may not see does not exist for them, so the error is that of a day not settled.

Of the values of a run a party sees its own and those that are public: `public_values` says
which are, and from where. An explanation is cut at what is another's.

A workspace is read as it stands: nothing is settled, nothing is fetched, no folder is made.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from reports.errors import NoSuchRun, NotShown, ReportError
from reports.views import RUN_ID_LENGTH

if TYPE_CHECKING:
    import pandas as pd

    from loaders.store.records import RunRow
    from reports.loads_view import Loads
    from reports.statement import Statement
    from reports.views import DayView
    from reports.work.listed import Work
    from settlement.explanation import Explanation
    from settlement.settled import Settled

DAYS_HELD = 8  # open day views; one weighs a few MB and costs seconds to open


class NoWorkspace(ReportError):
    """The folder asked for holds no workspace."""


@dataclass(frozen=True)
class Viewer:
    """Who asks. `party`: the id of the Party; a party without one owns nothing, and sees what is public."""

    name: str
    role: Literal["staff", "party"]
    party: str | None = None


# Whoever works at the machine that holds the workspace can read its files anyway.
THIS_MACHINE = Viewer("this machine", "staff")


@dataclass(frozen=True)
class SeenRun:
    """A kept run as a viewer may know of it, at one version of the store."""

    settlement_date: date
    run: str  # run type
    run_id: str
    settled_at: datetime
    assumed: str | None  # file name of the assumed adjustment actions
    read_at_version: int  # of the store, when this was looked up: published prices are those held then


class Access:
    """The settled days of one workspace, for viewers; safe to use from many threads.

    Raises NoWorkspace where the folder holds none.
    """

    def __init__(self, home: Path) -> None:
        from loaders import store
        from loaders.store.database import is_workspace

        if not is_workspace(home):
            raise NoWorkspace(
                f"{home}: found no workspace, wanted a folder with one. "
                f'Name another with --home, or make one with "bsc load --from FOLDER --home {home}".'
            )
        self.home = home
        self._store = store.open(home)
        self._days: OrderedDict[tuple[str, int], DayView] = OrderedDict()
        self._opening = Lock()
        self._work: Work | None = None

    def close(self) -> None:
        """Give back what is held open."""
        self._store.close()

    def version(self) -> int:
        """The newest store version: another one means that answers may have changed."""
        return self._store.version()

    def runs(self, viewer: Viewer, settlement_date: date | None = None) -> list[SeenRun]:
        """The runs a viewer may see, of one day or of all, in the order of keeping."""
        version = self._store.version()
        return [_seen(row, version) for row in self._store.runs(settlement_date) if _may_see(viewer, row)]

    def run(self, viewer: Viewer, settlement_date: date, run: str | None = None) -> SeenRun:
        """The run of a day asked for last; of a run type, or the very run, where `run` names one.

        A run on assumptions or from an earlier moment is given only by its own id, or where there is no other: what
        is answered by default is what the feed tells.

        Raises NoSuchRun where there is none that the viewer may see.
        """
        if run is not None and len(run) == RUN_ID_LENGTH:
            row = self._store.run(run)
        else:
            row = self._store.latest_run(settlement_date, run, plain=True) or self._store.latest_run(
                settlement_date, run
            )
        if row is None or row.settlement_date != settlement_date or not _may_see(viewer, row):
            named = f" run {run}" if run else ""
            raise NoSuchRun(
                f"{settlement_date}{named}: found no settled day, wanted one. "
                f'Settle it with "bsc settle {settlement_date}", or name another day or run.'
            )
        return _seen(row, self._store.version())

    def day(self, viewer: Viewer, seen: SeenRun) -> DayView:
        """The figures of a run; opened once for a store version, and shared between viewers.

        Raises NoSuchRun for a run the viewer may not see, whoever looked it up.
        """
        from reports.open_view import open_day_view

        self.run(viewer, seen.settlement_date, seen.run_id)
        key = (seen.run_id, seen.read_at_version)
        with self._opening:
            view = self._days.get(key)
            if view is None:
                view = open_day_view(seen.settlement_date, seen.run_id, self.home)
                self._days[key] = view
            self._days.move_to_end(key)
            while len(self._days) > DAYS_HELD:
                self._days.popitem(last=False)
        return view if viewer.role == "staff" else replace(view, refusals=())

    def explanation(self, viewer: Viewer, seen: SeenRun, quantity: str, key: Mapping[str, Any]) -> Explanation:
        """How one value of a run came about.

        Raises NoSuchRun for a run the viewer may not see, NotShown for a value of another Party, WrongInput and
        UnknownLabel as `settlement.explain` does.
        """
        from reports.explained import explain_value
        from reports.redacted import redacted

        self.run(viewer, seen.settlement_date, seen.run_id)
        found = explain_value(quantity, seen.settlement_date, key, home=self.home, run=seen.run_id)
        if viewer.role == "staff":
            return found
        return redacted(found, self._settled(seen), viewer.party)

    def values(self, viewer: Viewer, seen: SeenRun, quantity: str) -> pd.Series:
        """A quantity of a run by its labels, only those rows that the viewer may see.

        Raises NoSuchRun for a run the viewer may not see, WrongInput for a quantity that it does not hold.
        """
        from reports.day_arrays import array
        from reports.public_values import seen_rows

        self.run(viewer, seen.settlement_date, seen.run_id)
        settled = self._settled(seen)
        frame = array(settled, quantity).to_series()
        return frame if viewer.role == "staff" else frame[seen_rows(settled, quantity, viewer.party)]

    def statement(
        self, viewer: Viewer, party: str, first: date, last: date | None = None, run: str | None = None
    ) -> Statement:
        """What a Party is due for some days, with its volumes; for the staff also what the others are.

        Raises NotShown for the statement of another Party, UnknownLabel where no day has the Party, NoSuchRun where
        no day of them was settled with charges.
        """
        from reports.statement import statement

        if viewer.role != "staff" and viewer.party != party:
            raise NotShown(f"party: found {party}, wanted {viewer.party or 'a Party of your own'}. Ask the desk.")
        return statement(self, self._store, viewer, party, first, last or first, run)

    def _settled(self, seen: SeenRun) -> Settled:
        from reports.open_view import open_run

        _, settled, store = open_run(seen.settlement_date, seen.run_id, self.home)
        store.close()
        return settled

    def loads(self, viewer: Viewer) -> Loads:
        """What came into the workspace and what was refused: the desk's own affair.

        Raises NotShown for a party.
        """
        from reports.loads_view import Loads

        _only_staff(viewer, "loads")
        return Loads(self._store)

    def newest(self, viewer: Viewer) -> datetime | None:
        """When the newest file was taken in; None where none was. Raises NotShown for a party."""
        _only_staff(viewer, "newest file")
        return max((one.kept_at for one in self._store.landings().values()), default=None)

    def work(self, viewer: Viewer) -> Work:
        """The Work list, with what may be done: the desk's own affair.

        Raises NotShown for a party.
        """
        from reports.work.listed import Work

        _only_staff(viewer, "work list")
        if self._work is None:
            self._work = Work(self._store)
        return self._work


def _only_staff(viewer: Viewer, what: str) -> None:
    if viewer.role != "staff":
        raise NotShown(f"{what}: found {viewer.name}, a party, wanted staff. Ask the desk.")


def _may_see(viewer: Viewer, row: RunRow) -> bool:
    return viewer.role == "staff" or row.assumed is None


def _seen(row: RunRow, version: int) -> SeenRun:
    return SeenRun(row.settlement_date, row.run_type, row.run_id, row.kept_at, row.assumed, version)
