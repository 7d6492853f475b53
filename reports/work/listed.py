"""The Work list of one workspace, and what may be done with an entry of it. The command and the page use the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from threading import Lock
from typing import TYPE_CHECKING

from reports.look.numbers import written
from reports.signoff.moving import move
from reports.signoff.recording import Overtaken, record
from reports.signoff.records import Entry
from reports.signoff.standing import Subjects
from reports.signoff.states import MOVES
from reports.work.deadlines import Deadlines
from reports.work.disputes import dispute_items
from reports.work.feeds import feed_items
from reports.work.prices import Days, price_items, sign_off_items
from reports.work.records import WorkItem, WorkList, in_order
from settlement.calendar import LONDON
from settlement.command_line import AskedWrongly

if TYPE_CHECKING:
    from loaders.store.session import Store
    from reports.disputes.records import Case

DAYS = 31  # newest settled days whose prices and sign-offs are looked at
ACTIONS = ("assign", "comment", "close", "reopen", "prepare", "review", "publish")


class NoSuchItem(AskedWrongly):
    """A name that no entry of the Work list has; its one argument says what was found and wanted."""


class Work:
    """The Work list of a workspace. Safe to use from many threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._days = Days(store)
        self._subjects = Subjects(store)
        self._opening = Lock()

    def list(self, today: date | None = None, days: int = DAYS) -> WorkList:
        """Every exception, the open ones first, by money and then by days left.

        Raises NotAsWritten for a sign-off chain that is not what was written.
        """
        today, version = today or datetime.now(LONDON).date(), self._store.version()
        deadlines = Deadlines(self._store, today)
        with self._opening:
            settled, left_out = self._days.newest(days)
        standing = self._subjects.all()
        runs = {day.settlement_date: day.run for day in settled}
        items = [
            *price_items(settled, deadlines),
            *feed_items(self._store, runs, deadlines),
            *sign_off_items(self._store, settled, deadlines, standing),
            *dispute_items(self._store.home, today, deadlines),
        ]
        told = [
            replace(
                one.standing_as(standing[one.subject.id].standing) if one.subject.id in standing else one,
                version=version,
            )
            for one in items
        ]
        synthetic = any(day.synthetic for day in settled)
        return WorkList(tuple(sorted(told, key=in_order)), today, tuple(runs), left_out, synthetic)

    def item(self, name: str, today: date | None = None, days: int = DAYS) -> WorkItem:
        """One entry of the list by its name. Raises NoSuchItem."""
        found = next((one for one in self.list(today, days).items if one.id == name), None)
        if found is None:
            raise NoSuchItem(
                f"{name}: found no such entry, wanted one of the Work list. It may be gone by now: see bsc work list."
            )
        return found

    def act(
        self, item: WorkItem, action: str, who: str, comment: str = "", assigned_to: str = "", seen: int | None = None
    ) -> Entry:
        """Assign, comment, close, reopen; of a sign-off prepare, review, publish too.

        item  as it stands now
        seen  number of the newest entry that its author has seen; None: not asked

        Raises MoveRefused, and all that `recording.record` raises.
        """
        if item.kind == "sign-off" and ("report", action) in MOVES:
            return move(self._store, item.subject, action, who, comment, seen=seen, version=item.version)
        to = assigned_to if action == "assign" else None
        return record(self._store, item.subject, action, who, comment, assigned_to=to, seen=seen)

    def open_dispute(self, item: WorkItem, who: str, reason: str, party: str = "", seen: int | None = None) -> Case:
        """A draft of a dispute on the price of an entry. Raises as `opening.open_dispute` does."""
        from reports.work.opening import open_dispute

        return open_dispute(self._store, item, who, reason, party, seen)


def of_the_figures_seen(item: WorkItem, subject_id: str) -> WorkItem:
    """The entry, where it is about the figures that its author has seen. Raises Overtaken."""
    if item.subject.id != subject_id:
        raise Overtaken(
            f"{item.id}: found figures of another run or content than those you looked at: data came or the day was "
            "settled again meanwhile. Nothing was written: look again, then decide."
        )
    return item


def actions_of(item: WorkItem) -> tuple[str, ...]:
    """The moves that lead on from where it stands, the next one first."""
    order = ("prepare", "review", "publish", "close", "reopen")
    return tuple(
        one for one in order
        if (item.subject.kind, one) in MOVES and item.state in MOVES[item.subject.kind, one][0]
    )  # fmt: skip


def in_words(work: WorkList, items: Iterable[WorkItem]) -> str:
    """A table for a terminal."""
    lines = [f"{'worth GBP':>14} {'deadline':<11} {'days':>5} {'state':<9} {'with':<14} entry"]
    for one in items:
        day = "none" if one.deadline.day is None else one.deadline.day.isoformat()
        left = "-" if one.days_left is None else f"{one.days_left}"
        worth = written(one.money, 2, missing="not known")
        lines.append(
            f"{worth:>14} {day:<11} {left:>5} {one.state:<9} {one.assigned_to or '-':<14} {one.id}\n"
            f"{'':>47} {one.title}. {one.reason}\n{'':>47} {one.deadline.says}"
        )
    if len(lines) == 1:
        lines = ["Nothing on the Work list."]
    days = f"Prices and sign-offs of {len(work.days)} settled days"
    more = f"; {work.left_out} settled days before them were not looked at (--days)" if work.left_out else ""
    return "\n".join(
        [*lines, f"{days}{more}. Order: money, then days left. Worth is an upper measure, owed by nobody."]
    )
