"""Which keys a reader accepts: those given, and those that follow them by a signature of the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reports.found_wrong import Wrong
from reports.signing.public_records import ENDING, PublicRecord, read_record
from reports.signing.records import AGAIN, NotAsWritten, read
from reports.signing.revocation import RevocationList, Revoked
from settlement.command_line import AskedWrongly


@dataclass
class Trust:
    """What a reader accepts.

    given     whether the reader gave a key: without one, no signature can be checked
    accepted  public records by key id
    revoked   keys that no longer count, by key id
    wrong     files of keys that do not hold
    """

    given: bool = False
    accepted: dict[str, PublicRecord] = field(default_factory=dict)
    revoked: dict[str, Revoked] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)


def trust_of(given: Sequence[Path], revoked: Path | None, folder: Path) -> Trust:
    """What a reader accepts who gives some public records, and perhaps a revocation list.

    folder  where further public records may lie: each is held to its own signature, and accepted if it follows
            one that is

    Raises AskedWrongly for a file that is not there, or a list without a key to check it by.
    """
    for path in [*given, *([] if revoked is None else [revoked])]:
        if not path.is_file():
            raise AskedWrongly(f"{path}: found no file, wanted a public key or a list of revoked ones. Correct it.")
    if revoked is not None and not given:
        raise AskedWrongly("--revoked: found a list without --key, wanted the key that it is checked by. Give both.")
    trust = Trust(given=bool(given))
    beside = {path: one for path in sorted(folder.glob(f"*{ENDING}")) if (one := _read(trust, path)) is not None}
    held: dict[Path, PublicRecord] = {}
    for path in given:
        if (record := _read(trust, path)) is not None:
            held[path] = trust.accepted[record.key_id] = record
    _take_list(trust, revoked, beside)
    _follow(trust, beside)
    for path, record in held.items():
        before = trust.accepted.get(record.succeeds or "")
        if before is not None and not record.follows(before):
            trust.wrong.append(_no_follower(path, before))
    return trust


def _read(trust: Trust, path: Path) -> PublicRecord | None:
    try:
        return read_record(path)
    except NotAsWritten as error:
        if error.wrong not in trust.wrong:
            trust.wrong.append(error.wrong)
        return None


def _follow(trust: Trust, beside: dict[Path, PublicRecord]) -> None:
    """Accept what follows an accepted key, and what follows that."""
    rest = {path: one for path, one in beside.items() if one.key_id not in trust.accepted}
    while rest:
        path = next((path for path, one in rest.items() if one.succeeds in trust.accepted), None)
        if path is None:
            return
        record = rest.pop(path)
        before = trust.accepted[record.succeeds or ""]
        lost = trust.revoked.get(before.key_id)
        if not record.follows(before):
            trust.wrong.append(_no_follower(path, before))
        elif lost is None or record.made_at < lost.revoked_at:  # a lost key makes no followers
            trust.accepted[record.key_id] = record


def _no_follower(path: Path, before: PublicRecord) -> Wrong:
    return Wrong(path.name, "a key that the one before did not sign", f"a record signed by {before.key_id}", AGAIN)


def _take_list(trust: Trust, path: Path | None, beside: dict[Path, PublicRecord]) -> None:
    """Accept a revocation list that an accepted key signed, or one that follows it."""
    if path is None:
        return
    try:
        said = read(path, RevocationList)
    except NotAsWritten as error:
        trust.wrong.append(error.wrong)
        return
    known = Trust(accepted=dict(trust.accepted))
    _follow(known, beside)
    signer = known.accepted.get(said.key_id)
    if signer is None:
        todo = "Give the public key of who keeps the list with --key."
        trust.wrong.append(Wrong(path.name, f"a list signed by key {said.key_id}", "one by a key you gave", todo))
    elif not signer.holds(said.signature, said.content()):
        trust.wrong.append(Wrong(path.name, "a list that its key did not sign", "the list as written", AGAIN))
    else:
        trust.revoked = {one.key_id: one for one in said.revoked}
