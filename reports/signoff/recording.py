"""One move, checked and written in one step: of two people at once one wins, and the other is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from reports.errors import ReportError
from reports.manifest import canonical, sha256
from reports.signing.records import instant
from reports.signoff.people import WORKBENCH, a_name
from reports.signoff.records import FORM, LONGEST_COMMENT, Body, Entry, Head, Subject, entry_of, row_of
from reports.signoff.states import refusal, standing_of, state_after
from settlement.command_line import AskedWrongly

if TYPE_CHECKING:
    from loaders.store.session import Store
    from loaders.store.signoff_entries import SignoffRow
    from reports.signing.keys import SigningKey


class MoveRefused(ReportError):
    """A move that is not allowed; its one argument says what was found and wanted, and what to do."""


class Overtaken(MoveRefused):
    """Somebody else has moved the subject since it was looked at."""


def record(
    store: Store,
    subject: Subject,
    action: str,
    who: str,
    comment: str = "",
    *,
    assigned_to: str | None = None,
    manifest_sha256: str | None = None,
    key: SigningKey | None = None,
    seen: int | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> Entry:
    """Write one entry, and give it.

    assigned_to  with "assign": to whom; "" takes it from everybody
    key          signs the entry and its place
    seen         number of the subject's last entry that its author has seen, 0 for none; None: not asked
    version      store version at which the figures were read: what came after it is late; None: the newest

    Raises MoveRefused, Overtaken (a MoveRefused), NoName, AskedWrongly for a comment that is too long, NotAsWritten
    for a chain that is not what was written, StoreDamaged and StoreUnavailable.
    """
    from loaders.store.signoff_entries import append

    name = who if who == WORKBENCH and key is None and action in ("supersede", "reopen") else a_name(who)
    said = comment.replace("\r\n", "\n").strip()
    if len(said) > LONGEST_COMMENT:
        raise AskedWrongly(f"comment: found {len(said)} signs, wanted at most {LONGEST_COMMENT}. Shorten it.")
    if action == "assign":
        assigned_to = a_name(assigned_to) if assigned_to else ""
    at_version, clock = store.version() if version is None else version, instant(now or datetime.now(UTC))

    def made(rows: Sequence[SignoffRow], last: SignoffRow | None) -> SignoffRow:
        standing = standing_of(subject.kind, [entry_of(row) for row in rows])
        before = None if last is None else entry_of(last)
        newest = 0 if standing.last is None else standing.last.number
        if seen is not None and seen != newest and standing.last is not None:
            there = standing.last.body
            raise Overtaken(
                f"{subject.name}: found {there.action} by {there.who} at {there.at} ({there.comment}), which came "
                "after what you looked at. Nothing was written: look again, then decide."
            )
        at = clock if before is None else max(clock, before.body.at)
        told: dict[str, Any] = {
            "form": FORM, "subject": subject.data(), "action": action,
            "state": state_after(standing, subject.kind, action), "who": name, "comment": said,
            "assigned_to": assigned_to, "store_version": at_version, "manifest_sha256": manifest_sha256,
            "at": at, "clock": clock if clock < at else None, "key_id": None if key is None else key.record.key_id,
        }  # fmt: skip
        body = Body.model_validate(told)
        if (why := refusal(standing, body)) is not None:
            raise MoveRefused(why)
        return row_of(Entry(_head(body, before, key), body))

    return entry_of(append(store.engine, subject.id, made))


def _head(body: Body, before: Entry | None, key: SigningKey | None) -> Head:
    place: dict[str, Any] = {
        "number": 1 if before is None else before.number + 1,
        "previous": None if before is None else before.head.sha256,
        "subject": body.subject.id,
        "body_sha256": sha256(body.content()),
    }
    signature = None if key is None else key.sign(canonical(place))
    return Head.model_validate(place | {"signature": signature})
