"""How the subjects of a workspace stand, read from its chain; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
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


class Subjects:
    """Every subject that has an entry. Rows never change, so each is read once. Safe to use from many threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: dict[str, Stands] = {}
        self._last = 0
        self._reading = Lock()

    def all(self) -> dict[str, Stands]:
        """By their ids, in the order of the newest entry. Raises NotAsWritten."""
        from loaders.store.signoff_entries import rows

        with self._reading:
            for row in rows(self._store.engine, after=self._last):
                entry = entry_of(row)
                subject = entry.body.subject
                before = self._found.pop(row.subject, None)
                standing = before.standing if before else start(subject.kind)
                self._found[row.subject] = Stands(subject, after(standing, entry))
                self._last = row.number
            return dict(self._found)


def all_standing(store: Store) -> dict[str, Stands]:
    """Every subject that has an entry, by its id, in the order of the newest entry. Raises NotAsWritten."""
    return Subjects(store).all()


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
