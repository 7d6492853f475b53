"""Signs a report: a signature file beside its manifest, and a line in the chain of its folder.

Time does not go backwards in a chain: with a clock set back, the time of the line before
is taken, and the signature says what the clock said. Refusing would leave a night's
reports unsigned; taking the clock's word would let a revoked key sign into the past.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from loaders.store.files import FileLayer
from reports.errors import ReportError
from reports.manifest import canonical, sha256
from reports.signing import chain
from reports.signing.keys import KeyRefused, SigningKey, public_records
from reports.signing.public_records import ENDING as PUBLIC
from reports.signing.public_records import PublicRecord
from reports.signing.records import FileName, Hash, Instant, KeyId, Record, SignatureText, instant, read
from reports.signing.revocation import revoked_in
from reports.signing.whole_files import alone, put

FORM = "settlement-workbench signature 1"
ENDING, MANIFEST = ".signature.json", ".manifest.json"


class NotSigned(ReportError):
    """A report that cannot be signed; its one argument says why and what to do."""


class Signature(Record):
    """Who answers for a manifest, and the place of that in the chain."""

    form: Literal["settlement-workbench signature 1"]
    key_id: KeyId
    algorithm: Literal["Ed25519"]
    signed_at: Instant
    clock: Instant | None  # what the clock said, where it stood before the line before
    manifest: FileName
    manifest_sha256: Hash
    number: Annotated[int, Field(ge=1)]
    previous: Hash | None
    signature: SignatureText

    def content(self) -> bytes:
        """What is signed: all but the signature itself."""
        return canonical(self.data("signature"))


@dataclass(frozen=True)
class Signed:
    """What became of a report: its signature file, whether it is new, and what to know of it."""

    signature: Path
    new: bool
    said: str


def signature_path(manifest: Path) -> Path:
    """The signature file of a manifest."""
    return manifest.with_name(manifest.name.removesuffix(MANIFEST) + ENDING)


def sign(
    manifest: Path, key: SigningKey, keys: Path, now: datetime | None = None, layer: FileLayer | None = None
) -> Signed:
    """Sign a report whose hashes hold; the same manifest by the same key is signed once.

    manifest  the manifest of the report
    keys      the folder of keys: public records go beside the report, revoked keys sign nothing

    Raises NotSigned, KeyRefused, NotAsWritten, and StoreUnavailable when the disk is full or refuses.
    """
    from reports.verification import hashes_of

    if wrong := hashes_of(manifest):
        raise NotSigned(f"{wrong[0]} Nothing was signed.")
    path, folder = signature_path(manifest), manifest.parent
    with alone(folder):
        lines = chain.read_chain(folder)
        said = sha256(manifest.read_bytes())
        if (held := _held(path, said, key, lines)) is not None:
            return held
        clock = instant(now or datetime.now(UTC))
        at = max(clock, lines[-1].at) if lines else clock
        _may_sign(key, keys, at)
        number, previous = chain.next_place(lines)
        told = {
            "form": FORM, "key_id": key.record.key_id, "algorithm": "Ed25519", "signed_at": at,
            "clock": clock if clock < at else None, "manifest": manifest.name, "manifest_sha256": said,
            "number": number, "previous": previous,
        }  # fmt: skip
        content = canonical(told | {"signature": key.sign(canonical(told))})
        line = chain.next_line(lines, path.name, content, at)
        files = {
            folder / f"{one.key_id}{PUBLIC}": canonical(one.data())
            for one in keys_before(key.record, public_records(keys))
        }
        put({**files, path: content, folder / chain.FILE: chain.as_bytes([*lines, line])}, layer)
    late = "" if clock >= at else f"; the clock says {clock}, before the last signature: its time {at} was taken"
    return Signed(path, True, f"signed by {key.record.holder}, key {key.record.key_id}, line {number}{late}")


def _held(path: Path, manifest_sha256: str, key: SigningKey, lines: list[chain.Line]) -> Signed | None:
    """The signature that is there already; None where there is none of this manifest that counts."""
    if not path.is_file():
        return None
    held = read(path, Signature)
    last = next((line for line in reversed(lines) if line.file == path.name), None)
    if held.manifest_sha256 != manifest_sha256 or last is None or last.signature_sha256 != sha256(path.read_bytes()):
        return None  # of an earlier report of this name, or cut short before its line was written
    if held.key_id != key.record.key_id:
        raise NotSigned(
            f"{path.name}: found a signature by key {held.key_id}, wanted none or one by {key.record.key_id}. A report "
            "has one signature: move that file away (the chain keeps its hash), then sign again."
        )
    if not key.record.holds(held.signature, held.content()):
        raise NotSigned(f"{path.name}: found a signature that does not hold, wanted one by its key. Move it away.")
    return Signed(path, False, f"signed before by {key.record.holder}, at {held.signed_at}: nothing changed")


def _may_sign(key: SigningKey, keys: Path, at: str) -> None:
    revoked = revoked_in(keys).get(key.record.key_id)
    if revoked is not None:
        raise KeyRefused(
            f"key {key.record.key_id}: found it revoked at {revoked.revoked_at} ({revoked.reason}), wanted one that "
            "counts. Name another with --key."
        )
    if at < key.record.valid_from:
        raise KeyRefused(
            f"key {key.record.key_id}: found the time {at}, wanted one from {key.record.valid_from}, when the key "
            "starts. Wait until then, set the clock right, or name another with --key."
        )


def keys_before(record: PublicRecord, known: dict[str, PublicRecord]) -> list[PublicRecord]:
    """The record of a key and those of the keys before it, for a reader who knows only the first."""
    found = [record]
    while (before := known.get(found[-1].succeeds or "")) is not None and before not in found:
        found.append(before)
    return found
