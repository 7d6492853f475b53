"""Cases: made, completed, raised, closed. A case is its events; nothing of them is changed or removed.

draft -> raised -> upheld, rejected; draft or raised -> withdrawn
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reports.disputes import dated
from reports.disputes.conditions import Failed, failed
from reports.disputes.gathering import gather
from reports.disputes.records import Case, Event, Said, Subject
from reports.errors import ReportError
from settlement.calendar import LONDON
from settlement.command_line import AskedWrongly

if TYPE_CHECKING:
    from loaders.store.disputes import EventRow
    from loaders.store.session import Store

NEXT = {"draft": ("raised", "withdrawn"), "raised": ("withdrawn", "upheld", "rejected")}


class NotRaised(ReportError):
    """A case that may not be raised; `reasons` are all of them."""

    @property
    def reasons(self) -> list[Failed]:
        """Every missing field and failed condition."""
        found: list[Failed] = self.args[1]
        return found

    def __str__(self) -> str:
        return str(self.args[0])


class OtherMeanwhile(ReportError):
    """Somebody else has changed the case since it was read; nothing was written."""


def today(now: datetime | None = None) -> date:
    """The day in London."""
    return (now or datetime.now(UTC)).astimezone(LONDON).date()


def new(
    home: Path, quantity: str, days: Sequence[date], *, run: str | None = None, key: dict[str, str] | None = None,
    periods: Collection[int] = (), said: Said | None = None, by: str, now: datetime | None = None,
) -> Case:  # fmt: skip
    """A new draft; it may be incomplete. Raises as `gathering.gather` does, and AskedWrongly for an unknown type."""
    from loaders import store as stores
    from loaders.store import disputes

    told = said or Said()
    if told.dispute_type:
        dated.dispute_type(told.dispute_type)
    subject = gather(home, quantity, days, run, key or {}, periods)
    _of_subject(subject, told)
    store = stores.open(home)
    try:
        content = {"subject": subject.model_dump(mode="json"), "said": told.model_dump(mode="json")}
        number = disputes.make(store.engine, content, by, now or datetime.now(UTC))
    finally:
        store.close()
    return case_numbered(home, number)


def case_numbered(home: Path, number: int) -> Case:
    """A case. Raises AskedWrongly where there is none of the number."""
    found = {one.number: one for one in all_cases(home, number)}
    if number not in found:
        raise AskedWrongly(f"dispute: found number {number}, wanted one of this workspace: see bsc dispute list.")
    return found[number]


def all_cases(home: Path, number: int | None = None) -> list[Case]:
    """Every case, or the one of a number, in the order of making."""
    from loaders import store as stores
    from loaders.store.database import is_workspace
    from loaders.store.disputes import events_of

    if not is_workspace(home):
        raise AskedWrongly(f"{home.name}: found no workspace, wanted a folder with one. Name another with --home.")
    store = stores.open(home)
    try:
        return [_case(rows) for rows in events_of(store.engine, number).values()]
    finally:
        store.close()


def complete(home: Path, number: int, changes: dict[str, Any], by: str, now: datetime | None = None) -> Case:
    """Set fields of `Said`; only a draft takes them. `own` and `published` add to what was stated before.

    Raises AskedWrongly, OtherMeanwhile.
    """
    case = case_numbered(home, number)
    if case.state != "draft":
        raise AskedWrongly(f"{case.name}: found it {case.state}, wanted a draft. What was raised is not changed.")
    for name in ("own", "published"):
        if name in changes:
            changes[name] = {**getattr(case.said, name), **changes[name]}
    if changes.get("dispute_type"):
        dated.dispute_type(changes["dispute_type"])
    told = a_said(case.said.model_dump() | changes)
    _of_subject(case.subject, told)
    content = {name: value for name, value in told.model_dump(mode="json").items() if name in changes}
    return _add(home, case, "set", {"said": content}, by, now)


def raise_case(home: Path, number: int, by: str, on: date | None = None, now: datetime | None = None) -> Case:
    """Raise a draft.

    on  the day on which the form goes to the Disputes Secretary, at the latest today; None: today

    Raises NotRaised with every reason, AskedWrongly, OtherMeanwhile.
    """
    case, day = case_numbered(home, number), on or today(now)
    _may(case, "raised")
    if day > today(now):
        raise AskedWrongly(f"--on: found {day}, which is to come, wanted today or a day before. Correct it.")
    reasons = failed(case, day)
    if reasons:
        lines = "\n".join(f"  {one}" for one in reasons)
        raise NotRaised(f"{case.name} was not raised, for {len(reasons)} reason(s):\n{lines}", reasons)
    return _add(home, case, "raised", {"on": day.isoformat()}, by, now)


def close(home: Path, number: int, state: str, reason: str, by: str, now: datetime | None = None) -> Case:
    """Withdraw a case, or note that it was upheld or rejected, with the reason. Raises AskedWrongly, OtherMeanwhile."""
    case = case_numbered(home, number)
    _may(case, state)
    if not reason.strip():
        raise AskedWrongly("--reason: found nothing, wanted why. Say it.")
    return _add(home, case, state, {"reason": reason}, by, now)


def a_said(fields: dict[str, Any]) -> Said:
    """What the party says, checked. Raises AskedWrongly with every fault."""
    try:
        return Said.model_validate(fields)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: found {one['input']!r}, {one['msg']}"
                           for one in error.errors())  # fmt: skip
        raise AskedWrongly(f"{faults}. Correct it.") from error


def _of_subject(subject: Subject, said: Said) -> None:
    """Stated values must be at disputed ones."""
    places = [row.where for row in subject.figures]
    for name in ("own", "published"):
        values: dict[str, Decimal] = getattr(said, name)
        for where, value in values.items():
            if where not in places:
                raise AskedWrongly(f"{name}: found {where!r}, wanted one of {', '.join(places)}. Correct it.")
            if not value.is_finite():
                raise AskedWrongly(f"{name} at {where}: found {value}, wanted a number. Correct it.")


def _may(case: Case, state: str) -> None:
    if state not in NEXT.get(case.state, ()):
        wanted = " or ".join(name for name, after in NEXT.items() if state in after)
        raise AskedWrongly(f"{case.name}: found it {case.state}, wanted {wanted}, to become {state}.")


def _add(home: Path, case: Case, kind: str, said: dict[str, Any], by: str, now: datetime | None) -> Case:
    from loaders import store as stores
    from loaders.store import disputes

    store: Store = stores.open(home)
    try:
        added = disputes.add(store.engine, case.number, len(case.events), kind, said, by, now or datetime.now(UTC))
    finally:
        store.close()
    if not added:
        raise OtherMeanwhile(f"{case.name}: found a newer event, wanted the case as you saw it. Look, and do it again.")
    return case_numbered(home, case.number)


def _case(rows: Sequence[EventRow]) -> Case:
    """A case from its events."""
    first = rows[0].said
    subject, told = Subject.model_validate(first["subject"]), dict(first["said"])
    state, raised_on = "draft", None
    for row in rows[1:]:
        if row.kind == "set":
            told |= row.said["said"]
        else:
            state = row.kind
            raised_on = row.said.get("on", raised_on)
    events = tuple(
        Event(number=row.number, sequence=row.sequence, kind=row.kind, at=row.at, by=row.by,
              said={} if row.kind == "draft" else row.said)
        for row in rows
    )  # fmt: skip
    return Case.model_validate(
        {"number": rows[0].number, "state": state, "subject": subject, "said": told, "events": events,
         "raised_on": raised_on}
    )  # fmt: skip
