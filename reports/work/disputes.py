"""Of Trading Disputes: those that are open."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from reports.work.deadlines import Deadlines
from reports.work.prices import work_subject
from reports.work.records import NOT_KNOWN, Deadline, WorkItem

if TYPE_CHECKING:
    from reports.disputes.listed import OpenCase


def dispute_items(home: Path, today: date, deadlines: Deadlines) -> list[WorkItem]:
    """An item for each open case."""
    from reports.disputes import open_cases

    return [_item(case, deadlines) for case in open_cases(home, today)]


def _item(case: OpenCase, deadlines: Deadlines) -> WorkItem:
    raised = case.state == "raised"
    says = "raised: no deadline of ours" if raised else "last day to raise it" if case.certain else "not certain"
    deadline = Deadline(None if raised else case.last_day, says)
    about = " ".join([case.quantity, *case.key.values(), case.settlement_dates, case.runs])
    ready = "" if raised else f"; not ready: {', '.join(case.missing)}" if case.missing else "; ready to be raised"
    money = None if case.effect is None else abs(case.effect)
    show = f"bsc dispute show {case.number}"
    return WorkItem(
        case.name, "dispute", f"{case.name}: {case.state}", f"{about}{ready}", show, work_subject(case.name), money,
        "effect on the party" if money is not None else NOT_KNOWN, deadline, deadlines.left(deadline), dispute=show,
    )  # fmt: skip
