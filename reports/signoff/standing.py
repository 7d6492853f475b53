"""How the subjects of a workspace stand, read from its chain; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.signoff.records import Entry, Subject, entry_of
from reports.signoff.states import Standing, after, standing_of, start
from reports.views import SignedOff

if TYPE_CHECKING:
    from loaders.store.session import Store


@dataclass(frozen=True)
class Stands:
    """A subject and how it stands."""

    subject: Subject
    standing: Standing

    def as_dict(self) -> dict[str, object]:
        """The same for machines."""
        now = self.standing
        return {
            **self.subject.data(),
            "state": now.state,
            "prepared_by": _who(now.prepared),
            "reviewed_by": _who(now.reviewed),
            "published_by": _who(now.published),
            "assigned_to": now.assigned_to or None,
            "last": None if now.moved is None else now.moved.as_dict(),
        }


def stands(store: Store, subject: Subject) -> Stands:
    """One subject. Raises NotAsWritten for a chain that is not what was written."""
    from loaders.store.signoff_entries import rows

    return Stands(subject, standing_of(subject.kind, [entry_of(row) for row in rows(store.engine, subject.id)]))


def all_standing(store: Store, kind: str | None = None) -> dict[str, Stands]:
    """Every subject that has an entry, by its id, in the order of the newest entry. Raises NotAsWritten."""
    from loaders.store.signoff_entries import rows

    found: dict[str, Stands] = {}
    for row in rows(store.engine):
        entry = entry_of(row)
        subject = entry.body.subject
        if kind is not None and subject.kind != kind:
            continue
        before = found.pop(row.subject, None)
        found[row.subject] = Stands(subject, after(before.standing if before else start(subject.kind), entry))
    return found


def signed_off(store: Store, subject: Subject) -> SignedOff:
    """How a run stands, as its report says on the cover."""
    now = stands(store, subject).standing
    if now.moved is None:
        return SignedOff()
    return SignedOff(
        now.state, _who(now.prepared), _at(now.prepared), _who(now.reviewed), _at(now.reviewed),
        now.moved.body.comment, now.moved.number,
    )  # fmt: skip


def _who(entry: Entry | None) -> str | None:
    return None if entry is None else entry.body.who


def _at(entry: Entry | None) -> str | None:
    return None if entry is None else entry.body.at
