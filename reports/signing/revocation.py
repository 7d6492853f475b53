"""The list of keys that no longer count, since when and why; signed, and only ever longer."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from reports.manifest import canonical
from reports.signing.keys import KeyRefused, SigningKey, public_records
from reports.signing.public_records import a_holder
from reports.signing.records import Instant, KeyId, Record, SignatureText, instant, read
from reports.signing.whole_files import alone, put

FORM = "settlement-workbench revoked keys 1"
FILE = "revoked.json"


class Revoked(Record):
    """A key that does not count from a moment on."""

    key_id: KeyId
    revoked_at: Instant
    reason: str


class RevocationList(Record):
    """All revoked keys, signed by one that the reader accepts."""

    form: Literal["settlement-workbench revoked keys 1"]
    key_id: KeyId
    made_at: Instant
    revoked: list[Revoked]
    signature: SignatureText

    def content(self) -> bytes:
        """What is signed."""
        return canonical(self.data("signature"))


def revoked_in(folder: Path) -> dict[str, Revoked]:
    """The keys that the list of a folder revokes, by id; none where there is no list. Raises NotAsWritten."""
    path = folder / FILE
    return {one.key_id: one for one in read(path, RevocationList).revoked} if path.is_file() else {}


def revoke(folder: Path, key_id: str, reason: str, signer: SigningKey, now: datetime | None = None) -> Path:
    """Put a key on the list of its folder and sign the list anew; a key on it already changes nothing.

    Raises KeyRefused for a key that the folder has no record of, or a reason that says nothing.
    """
    try:
        a_holder(reason)
    except ValueError as error:
        raise KeyRefused(f"--reason: found {reason!r}, {error}. Say why the key no longer counts.") from None
    if key_id not in public_records(folder):
        raise KeyRefused(f"KEY_ID: found {key_id!r}, wanted a key with a public record in {folder.name}. Correct it.")
    path = folder / FILE
    with alone(folder):
        held = revoked_in(folder)
        if key_id in held:
            return path
        if signer.record.key_id in held:
            raise KeyRefused(f"--key: found {signer.record.key_id}, which is revoked, wanted one that is not. Name it.")
        at = max([instant(now or datetime.now(UTC)), *(one.revoked_at for one in held.values())])
        entries = [*held.values(), Revoked(key_id=key_id, revoked_at=at, reason=reason)]
        said = {
            "form": FORM, "key_id": signer.record.key_id, "made_at": at, "revoked": [one.data() for one in entries],
        }  # fmt: skip
        put({path: canonical(said | {"signature": signer.sign(canonical(said))})})
    return path
