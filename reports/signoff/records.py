"""What is written of a sign-off: one form each, read strictly, every byte counted.

An entry has a body, which says who did what, and a head, which holds number, hash of the head before, and the hashes of
subject and body. Heads alone make the chain, so entries of one report can be shown without the bodies of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from reports.found_wrong import Wrong
from reports.manifest import canonical, sha256
from reports.signing.records import Hash, Instant, KeyId, NotAsWritten, Record, SignatureText, parsed

if TYPE_CHECKING:
    from loaders.store.signoff_entries import SignoffRow

FORM = "settlement-workbench sign-off 1"
CHAIN = "sign-off chain"
RESTORE = "Restore the workspace from a copy; the chain is only ever added to, never written anew."
LONGEST_COMMENT = 4000

Action = Literal["prepare", "review", "publish", "supersede", "reopen", "assign", "comment", "close"]
State = Literal["draft", "prepared", "reviewed", "published", "superseded", "open", "closed"]


def _day(text: str) -> str:
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError("no day as yyyy-mm-dd")
    return text


class Subject(Record):
    """What an entry is about.

    kind  "report": the figures of a run, by its id and content hash; "work": an exception of the Work list
    """

    kind: Literal["report", "work"]
    name: Annotated[str, Field(min_length=1, max_length=300)]  # "2024-01-15 SF", "price-2024-01-15-SF-7"
    settlement_date: Annotated[str, AfterValidator(_day)] | None
    run: str | None
    run_id: Hash | None
    content_hash: Hash | None

    @property
    def id(self) -> str:
        """The hash that it is found by."""
        return _id_of(self)


@lru_cache(maxsize=50_000)
def _id_of(subject: Subject) -> str:
    return sha256(canonical(subject.data()))


class Body(Record):
    """Who did what, and how the subject stands after it.

    store_version    the newest when it was written: data that came later are late
    manifest_sha256  own hash of the manifest of the report that was seen, where one was named
    clock            what the clock said, where it stood before the entry before
    """

    form: Literal["settlement-workbench sign-off 1"]
    subject: Subject
    action: Action
    state: State
    who: Annotated[str, Field(min_length=1, max_length=100)]
    comment: Annotated[str, Field(max_length=LONGEST_COMMENT)]
    assigned_to: Annotated[str, Field(max_length=100)] | None
    store_version: Annotated[int, Field(ge=0)]
    manifest_sha256: Hash | None
    at: Instant
    clock: Instant | None
    key_id: KeyId | None

    def content(self) -> bytes:
        """The body as it is written and hashed."""
        return canonical(self.data())


class Head(Record):
    """The place of an entry in the chain; `subject` is its id, so that no entry of a report can be left out unseen."""

    number: Annotated[int, Field(ge=1)]
    previous: Hash | None  # of the head before
    subject: Hash
    body_sha256: Hash
    signature: SignatureText | None

    def content(self) -> bytes:
        """What is signed: all but the signature itself."""
        return canonical(self.data("signature"))

    @property
    def sha256(self) -> str:
        """The hash that the next head names."""
        return sha256(canonical(self.data()))


@dataclass(frozen=True)
class Entry:
    """One entry: its place, and what it says."""

    head: Head
    body: Body

    @property
    def number(self) -> int:
        return self.head.number

    def as_dict(self) -> dict[str, object]:
        """The same for machines."""
        return {"number": self.number, **self.body.data(), "signed": self.head.signature is not None}


def row_of(entry: Entry) -> SignoffRow:
    """An entry as a row of the store."""
    from loaders.store.signoff_entries import SignoffRow

    head = entry.head
    return SignoffRow(
        head.number, entry.body.subject.id, head.previous, entry.body.content().decode("utf-8"), head.body_sha256,
        head.signature, head.sha256,
    )  # fmt: skip


def entry_of(row: SignoffRow) -> Entry:
    """The entry of a row that holds by itself: head, body and subject by their hashes. Raises NotAsWritten."""
    where, content = f"{CHAIN}, row {row.number}", row.body.encode("utf-8")
    body = parsed(where, content, Body)
    head = {
        "number": row.number, "previous": row.previous, "subject": row.subject, "body_sha256": row.body_sha256,
        "signature": row.signature,
    }  # fmt: skip
    entry = Entry(parsed(where, canonical(head), Head), body)
    if sha256(content) != row.body_sha256:
        raise NotAsWritten(Wrong(where, "another body than its hash says", "the body as written", RESTORE))
    if entry.head.sha256 != row.head_sha256 or body.subject.id != row.subject:
        raise NotAsWritten(Wrong(where, "another head or subject than written", "the row as written", RESTORE))
    return entry
