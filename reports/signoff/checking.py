"""Whether a sign-off is what was written: the file beside a report, offline; or the whole chain of a workspace.

Every byte counts: bodies and heads by their hashes, each head by the one after it, moves by the rules they were made
by, signatures by the keys a reader trusts. Hashes prove that nothing was changed by one hand in one place; who wrote
all of it, a signed entry proves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.found_wrong import Wrong
from reports.manifest import canonical, sha256
from reports.signing.checking import by_whom
from reports.signing.records import AGAIN, NotAsWritten, read
from reports.signing.trust import Trust, trust_of
from reports.signoff.exporting import SELF, Export, signoff_path
from reports.signoff.records import CHAIN, RESTORE, Entry, Head, entry_of
from reports.signoff.states import Standing, after, refusal, start

if TYPE_CHECKING:
    from loaders.store.session import Store


@dataclass(frozen=True)
class ChainVerdict:
    """The chain of a workspace: how long it is, and what is wrong with it."""

    entries: int
    signed: int
    checked: bool  # a key was given, so signatures were checked
    wrong: tuple[Wrong, ...]

    @property
    def good(self) -> bool:
        return not self.wrong

    def as_dict(self) -> dict[str, Any]:
        """The same for machines."""
        return {"good": self.good, "entries": self.entries, "signed": self.signed,
                "signatures_checked": self.checked, "wrong": [asdict(one) for one in self.wrong]}  # fmt: skip

    def __str__(self) -> str:
        if self.wrong:
            return "\n".join(str(one) for one in self.wrong)
        proven = "their signatures hold" if self.checked else "signatures were not checked: give a key with --key"
        return f"The sign-off chain is as it was written: {self.entries} entries, {self.signed} signed" + (
            f"; {proven}" if self.signed else ""
        )


def check_beside(manifest: Path, data: dict[str, Any] | None, trust: Trust) -> tuple[str | None, list[Wrong]]:
    """What the sign-off file of a report says in a sentence, and what is wrong with it; None where there is no file.

    data  the manifest as read; None where it cannot be read, and is told already
    """
    path = signoff_path(manifest)
    if not path.is_file():
        return None, []
    try:
        said = read(path, Export)
    except NotAsWritten as error:
        return None, [error.wrong]
    if said.signoff_sha256 != sha256(canonical(said.data(SELF))):
        return None, [Wrong(path.name, "another content than its own hash says", "the file as written", AGAIN)]
    entries, wrong = _linked(path.name, said)
    if not wrong:
        wrong = _of_report(path.name, said, manifest.name, data)
    standing, broken = _replayed(path.name, entries, AGAIN)
    wrong += broken + _signatures(path.name, entries, trust)
    return (None, wrong) if wrong or standing is None else (_sentence(standing, entries, trust), [])


def check_chain(store: Store, keys: Sequence[Path] = (), revoked: Path | None = None) -> ChainVerdict:
    """The chain of a workspace: a row that was changed, taken out, put in or moved is named.

    keys     public keys of those whom the reader trusts; without one no signature is checked
    revoked  a list of revoked keys
    """
    from loaders.store.signoff_entries import counted, rows
    from reports.signing.keys import keys_folder

    trust = trust_of(keys, revoked, keys_folder(store.home))
    wrong, entries, previous, last = list(trust.wrong), [], None, ""
    found = rows(store.engine)
    for place, row in enumerate(found, start=1):
        where = f"{CHAIN}, row {row.number}"
        if row.number != place:
            wrong.append(Wrong(where, f"this row after row {place - 1}", f"row {place}: it was taken out", RESTORE))
            break
        try:
            entry = entry_of(row)
        except NotAsWritten as error:
            wrong.append(error.wrong)
            break
        if entry.head.previous != previous:
            wrong.append(Wrong(where, "another predecessor than the row before it", "the order of writing", RESTORE))
            break
        if entry.body.at < last:
            wrong.append(Wrong(where, f"a time before {last}, that of the row before it", "rising times", RESTORE))
        entries.append(entry)
        previous, last = entry.head.sha256, entry.body.at
    if not wrong and (wanted := counted(store.engine)) != len(found):
        wrong.append(Wrong(CHAIN, f"{len(found)} rows", f"{wanted} as counted: its end was cut off", RESTORE))
    by_subject: dict[str, list[Entry]] = {}
    for entry in entries:
        by_subject.setdefault(entry.body.subject.id, []).append(entry)
    for own in by_subject.values():
        wrong += _replayed(CHAIN, own, RESTORE)[1]
    wrong += _signatures(CHAIN, entries, trust)
    signed = sum(entry.head.signature is not None for entry in entries)
    return ChainVerdict(len(found), signed, trust.given, tuple(wrong))


def _linked(file: str, said: Export) -> tuple[list[Entry], list[Wrong]]:
    """The entries of an export, and what does not hold between them and the heads."""
    previous: Head | None = None
    for head in said.heads:
        if previous is not None and (head.number, head.previous) != (previous.number + 1, previous.sha256):
            found = f"head {head.number} with a predecessor that is not the head before it"
            return [], [Wrong(file, found, "heads in the order of the chain", AGAIN)]
        previous = head
    first = said.heads[0]
    if (first.number == 1) != (first.previous is None) or first.number != said.entries[0].number:
        return [], [Wrong(file, f"heads from {first.number} on", "those from the first entry on", AGAIN)]
    own = [head for head in said.heads if head.subject == said.subject.id]
    if [head.number for head in own] != [one.number for one in said.entries]:
        wanted = f"those of {', '.join(str(head.number) for head in own)}, as the heads say"
        return [], [Wrong(file, f"entries {', '.join(str(one.number) for one in said.entries)}", wanted, AGAIN)]
    entries = [Entry(head, one.body) for head, one in zip(own, said.entries, strict=True)]
    for entry in entries:
        if entry.head.body_sha256 != sha256(entry.body.content()) or entry.body.subject != said.subject:
            return [], [Wrong(file, f"entry {entry.number} that is not the one its head names", "as written", AGAIN)]
    return entries, []


def _of_report(file: str, said: Export, manifest: str, data: dict[str, Any] | None) -> list[Wrong]:
    """Whether the file is about the report that it lies beside."""
    if data is None:
        return []
    names = ("settlement_date", "run", "run_id", "content_hash")
    for name in names:
        if getattr(said.subject, name) != data.get(name):
            found = f"the sign-off of another report: {name} {getattr(said.subject, name)}"
            return [Wrong(file, found, f"{data.get(name)}, as {manifest} states", AGAIN)]
    return []


def _replayed(file: str, entries: Iterable[Entry], todo: str) -> tuple[Standing | None, list[Wrong]]:
    """How the subject of some entries stands, each held to the rules of its move."""
    standing = None
    for entry in entries:
        now = standing or start(entry.body.subject.kind)
        why = refusal(now, entry.body)
        if why is None and now.last is not None and entry.body.at < now.last.body.at:
            why = f"a time ({entry.body.at}) before the entry before it"
        if why is not None:
            found = f"entry {entry.number}, which could not be made ({why})"
            return None, [Wrong(file, found, "entries as the rules allow them", todo)]
        standing = after(now, entry)
    return standing, []


def _signatures(file: str, entries: Iterable[Entry], trust: Trust) -> list[Wrong]:
    wrong = []
    for entry in entries:
        key_id, signature = entry.body.key_id, entry.head.signature
        where = f"{file}, entry {entry.number}" if file == CHAIN else file
        if (key_id is None) != (signature is None):
            wrong.append(Wrong(where, "a key without its signature, or the reverse", "both or neither", AGAIN))
        elif trust.given and key_id is not None and signature is not None:
            wrong += by_whom(where, key_id, signature, entry.head.content(), entry.body.at, trust)
    return wrong


def _sentence(standing: Standing, entries: Sequence[Entry], trust: Trust) -> str:
    names = [f"{word} by {entry.body.who} at {entry.body.at}" for word, entry in standing.signed_off_by]
    signed = sum(entry.head.signature is not None for entry in entries)
    why = f" ({standing.moved.body.comment})" if standing.moved and not names else ""
    proven = "checked" if trust.given else "not checked: give a key with --key"
    signatures = f" {signed} of {len(entries)} entries are signed, {proven}." if signed else " No entry is signed."
    return f"Sign-off: {standing.state}{why}" + "".join(f", {name}" for name in names) + f".{signatures}"
