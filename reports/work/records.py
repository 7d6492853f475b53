"""An exception as the Work list shows it: plain, frozen. Money in GBP; None is "not known", and no zero."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from reports.signoff.records import Entry, Subject
from reports.signoff.states import Standing

KINDS = ("price", "refused", "load", "sign-off", "dispute")
KIND_WORDS = {
    "price": "prices", "refused": "refused rows", "load": "loads", "sign-off": "sign-offs", "dispute": "disputes",
}  # fmt: skip
WORTH = "|difference| × |NIV|, an upper measure, owed by nobody"
NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Deadline:
    """Until when something is to be done; `day` is None where no deadline is known, and `says` tells why."""

    day: date | None
    says: str


@dataclass(frozen=True)
class WorkItem:
    """One exception.

    id         by which it is named, as price-2024-01-15-SF-7
    money      GBP at stake; None: not known
    state      open or closed; of a sign-off its own: published is closed, unless data came late
    late       data came late, or a newer run: the next check reopens it
    seen       number of its newest entry: who acts on it has seen all up to that one
    version    store version at which it was read
    """

    id: str
    kind: str
    title: str
    reason: str
    todo: str
    subject: Subject
    money: Decimal | None
    money_says: str
    deadline: Deadline
    days_left: int | None = None
    settlement_date: date | None = None
    run: str | None = None
    settlement_period: int | None = None
    job: str | None = None
    dispute: str | None = None  # command that opens or shows one
    state: str = "open"
    late: bool = False
    assigned_to: str = ""
    entries: tuple[Entry, ...] = ()
    seen: int = 0
    version: int = 0

    @property
    def open(self) -> bool:
        return self.late or self.state not in ("closed", "published")

    def standing_as(self, standing: Standing) -> WorkItem:
        """The same with what was written of it."""
        newest = 0 if standing.last is None else standing.last.number
        return replace(
            self, state=standing.state, assigned_to=standing.assigned_to or "", entries=standing.entries, seen=newest
        )

    def as_dict(self) -> dict[str, Any]:
        """The same for machines; money as decimal text."""
        return {
            "id": self.id, "kind": self.kind, "title": self.title, "reason": self.reason, "todo": self.todo,
            "state": self.state, "late": self.late, "open": self.open,
            "assigned_to": self.assigned_to or None,
            "money": None if self.money is None else f"{self.money:f}", "money_says": self.money_says,
            "deadline": self.deadline.day, "deadline_says": self.deadline.says, "days_left": self.days_left,
            "settlement_date": self.settlement_date, "run": self.run, "settlement_period": self.settlement_period,
            "job": self.job, "dispute": self.dispute, "seen": self.seen,
            "entries": [entry.as_dict() for entry in self.entries],
        }  # fmt: skip


@dataclass(frozen=True)
class WorkList:
    """Every exception, the open ones first, by money and then by days left.

    days      Settlement Dates whose prices and sign-offs were looked at
    left_out  settled days before them, which were not
    """

    items: tuple[WorkItem, ...]
    today: date
    days: tuple[date, ...]
    left_out: int
    synthetic: bool = False

    @property
    def open(self) -> list[WorkItem]:
        return [one for one in self.items if one.open]

    @property
    def worth(self) -> Decimal:
        """What open prices are worth together; sign-offs of the same days are not added again. An upper measure."""
        return sum((one.money for one in self.open if one.kind == "price" and one.money is not None), Decimal(0))

    @property
    def next_deadline(self) -> WorkItem | None:
        """The open item whose deadline comes first, from today on."""
        coming = [one for one in self.open if one.days_left is not None and one.days_left >= 0]
        return min(coming, key=lambda one: one.days_left or 0, default=None)


def in_order(item: WorkItem) -> tuple[Any, ...]:
    """Open before closed; more money first, money that is not known last; then fewer days, no deadline last."""
    return (
        not item.open, item.money is None, -(item.money or Decimal(0)), item.days_left is None,
        0 if item.days_left is None else item.days_left, KINDS.index(item.kind), item.id,
    )  # fmt: skip
