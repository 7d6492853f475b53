"""Of settled days: prices that cannot be relied on, and sign-offs that wait."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from reports.sections.needs_person import alike_neighbours
from reports.signoff.records import Subject
from reports.signoff.reopening import due
from reports.signoff.standing import Stands
from reports.signoff.subjects import shown_view, subject_of_view
from reports.work.deadlines import Deadlines
from reports.work.records import NOT_KNOWN, WORTH, WorkItem

if TYPE_CHECKING:
    from loaders.store.records import RunRow
    from loaders.store.session import Store
    from reports.views import DayView, PeriodView

LOUD = ("unexplained", "not comparable", "vintage")
_DONE = {
    "prepare": "Prepared", "review": "Reviewed", "publish": "Published", "reopen": "Reopened",
    "supersede": "Superseded",
}  # fmt: skip
_TO_DO = {
    "draft": "Settle what is open, then prepare it",
    "prepared": "Have another person review it",
    "reviewed": "Publish it",
    "published": "Nothing to do",
    "superseded": "Sign the newer run off, or reopen this one with a reason",
}


@dataclass(frozen=True)
class DayWork:
    """What a settled day asks of a person; figures only, so that it can be held."""

    subject: Subject
    settlement_date: date
    run: str
    worth: Decimal | None
    disagree: int
    prices: tuple[tuple[int, int, str, Decimal | None, str, str], ...]  # first, last, verdict, worth, reason, to do
    synthetic: bool


class Days:
    """The settled days of one workspace, opened once for each run and state of the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: OrderedDict[tuple[str, int], DayWork] = OrderedDict()

    def newest(self, count: int) -> tuple[list[DayWork], int]:
        """The newest settled days, each by the run that was asked for last; and how many days were left out."""
        from loaders.store.batch_runs import last_called, newest_of_days, settled_days

        ends = settled_days(self._store.engine)
        if ends is None:
            return [], 0
        every = sorted({day for day, _ in last_called(self._store.engine, ends[:2])}, reverse=True)
        chosen = every[:count]
        newest = newest_of_days(self._store.engine, chosen)
        found = [self._day(row, newest.get(day, 0)) for day in chosen if (row := self._shown(day)) is not None]
        while len(self._held) > 2 * max(count, 1):
            self._held.popitem(last=False)
        return found, len(every) - len(chosen)

    def _shown(self, day: date) -> RunRow | None:
        return self._store.latest_run(day, None, plain=True) or self._store.latest_run(day)

    def _day(self, row: RunRow, newest: int) -> DayWork:
        key = (row.run_id, newest)
        if key not in self._held:
            self._held[key] = _of_view(shown_view(self._store, row))
        self._held.move_to_end(key)
        return self._held[key]


def _of_view(view: DayView) -> DayWork:
    differ = [one for one in view.periods if one.verdict != "exact"]
    worths = [one.worth for one in view.periods if one.worth is not None]
    loud = [one for one in view.periods if one.verdict in LOUD]
    return DayWork(
        subject_of_view(view), view.settlement_date, view.run, sum(worths, Decimal(0)) if worths else None,
        len(differ), tuple(_price(group) for group in alike_neighbours(loud)), view.synthetic,
    )  # fmt: skip


def _price(group: Sequence[PeriodView]) -> tuple[int, int, str, Decimal | None, str, str]:
    worths = [one.worth for one in group if one.worth is not None]
    first = group[0]
    return (
        first.settlement_period, group[-1].settlement_period, first.verdict,
        sum(worths, Decimal(0)) if worths else None, first.reason,
        first.todo or ("Read the stack, then open a dispute" if first.verdict == "unexplained" else "Look at it"),
    )  # fmt: skip


def price_items(days: Sequence[DayWork], deadlines: Deadlines) -> list[WorkItem]:
    """An item for each price, or neighbouring periods set aside for one reason."""
    found = []
    for day in days:
        deadline = deadlines.next_run(day.settlement_date, day.run)
        for first, last, verdict, worth, reason, todo in day.prices:
            periods = f"{first}" if first == last else f"{first}-{last}"
            id_ = f"price-{day.settlement_date}-{day.run}-{periods}"
            words = f"period {first}" if first == last else f"periods {first} to {last}"
            found.append(
                WorkItem(
                    id_, "price", f"{day.settlement_date} {day.run}, {words}: {verdict}", reason, todo,
                    work_subject(id_, day.settlement_date, day.run, day.subject.run_id), worth,
                    WORTH if worth is not None else NOT_KNOWN, deadline, deadlines.left(deadline),
                    day.settlement_date, day.run, first,
                    dispute=f"bsc dispute new system_price --date {day.settlement_date} --run {day.run} "
                    f"--period {first}",
                )
            )  # fmt: skip
    return found


def sign_off_items(
    store: Store, days: Sequence[DayWork], deadlines: Deadlines, standing: Mapping[str, Stands]
) -> list[WorkItem]:
    """An item for each day, closed where its shown run is published; what late data are about to reopen says so."""
    late = {one.subject.id: one.reason for one in due(store, standing)}
    reopened = {
        one.subject.run_id: one.standing.moved.body.comment
        for one in standing.values()
        if one.standing.moved is not None and one.standing.moved.body.action == "reopen"
    }
    found = []
    for day in days:
        held = standing.get(day.subject.id)
        state = "draft" if held is None else held.standing.state
        todo = "Look at what came" if day.subject.id in late else _TO_DO[state]
        reason = late.get(day.subject.id) or _why(state, held, reopened.get(day.subject.run_id), day.disagree)
        deadline = deadlines.next_run(day.settlement_date, day.run)
        found.append(
            WorkItem(
                f"sign-off-{day.settlement_date}-{day.run}", "sign-off", f"{day.settlement_date} {day.run}: {state}",
                reason, todo, day.subject, day.worth, WORTH if day.worth is not None else NOT_KNOWN, deadline,
                deadlines.left(deadline), day.settlement_date, day.run, state=state,
                late=day.subject.id in late,
            )
        )  # fmt: skip
    return found


def _why(state: str, held: Stands | None, reopened: str | None, disagree: int) -> str:
    if state == "draft" and reopened is not None:
        return f"Reopened: {reopened}"
    if held is not None and held.standing.moved is not None:
        body = held.standing.moved.body
        return f"{_DONE[body.action]} by {body.who}: {body.comment}"
    prices = "every price agrees" if not disagree else f"{disagree} {'price' if disagree == 1 else 'prices'} not exact"
    return f"Nobody has prepared it; {prices}"


def work_subject(name: str, day: date | None = None, run: str | None = None, run_id: str | None = None) -> Subject:
    """What entries about an exception are about: of another run it is another exception."""
    return Subject(
        kind="work", name=name, settlement_date=None if day is None else day.isoformat(), run=run, run_id=run_id,
        content_hash=None,
    )  # fmt: skip
