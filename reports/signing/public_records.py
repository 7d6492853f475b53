"""The public half of a key as a file: whose it is, from when, and which key it follows.

A record is signed by its own key, so that every byte of it counts. A key that follows
another is signed by that one too: whoever accepts the first accepts the next.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AfterValidator

from reports.found_wrong import Wrong
from reports.manifest import canonical, sha256
from reports.signing.records import AGAIN, Hash, Instant, KeyId, NotAsWritten, Record, SignatureText, read

FORM = "settlement-workbench public key 1"
ENDING = ".public.json"


def a_holder(text: str) -> str:
    """The name of a holder. Raises ValueError for an empty one, or signs that cannot be shown."""
    if not text.strip() or not text.isprintable() or len(text) > 200:
        raise ValueError("no name of 1 to 200 signs that can be shown")
    return text


class PublicRecord(Record):
    """A public key with its holder."""

    form: Literal["settlement-workbench public key 1"]
    key_id: KeyId
    holder: Annotated[str, AfterValidator(a_holder)]
    made_at: Instant
    valid_from: Instant
    public_key: Hash
    succeeds: KeyId | None
    succession: SignatureText | None  # by the key before, over the record without both signatures
    signature: SignatureText  # by this key, over all the rest

    def holds(self, signature: str, content: bytes) -> bool:
        """Whether a signature of some bytes is by this key."""
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public_key)).verify(bytes.fromhex(signature), content)
        except (InvalidSignature, ValueError):
            return False
        return True

    def follows(self, before: PublicRecord) -> bool:
        """Whether the holder of the key before signed for this one."""
        if self.succeeds != before.key_id or self.succession is None:
            return False
        return before.holds(self.succession, canonical(self.data("succession", "signature")))


def key_id_of(public_key: bytes) -> str:
    """Id of a raw public key: the first 32 digits of its SHA-256."""
    return sha256(public_key)[:32]


def record_of(
    key: Ed25519PrivateKey, holder: str, made_at: str, valid_from: str,
    before: tuple[PublicRecord, Ed25519PrivateKey] | None = None,
) -> PublicRecord:  # fmt: skip
    """The record of a key, signed by it, and by the key before where it follows one."""
    raw = key.public_key().public_bytes_raw()
    said = {
        "form": FORM, "key_id": key_id_of(raw), "holder": holder, "made_at": made_at, "valid_from": valid_from,
        "public_key": raw.hex(), "succeeds": None if before is None else before[0].key_id,
    }  # fmt: skip
    said["succession"] = None if before is None else before[1].sign(canonical(said)).hex()
    return PublicRecord.model_validate(said | {"signature": key.sign(canonical(said)).hex()})


def read_record(path: Path) -> PublicRecord:
    """A public record whose id and signature are its own. Raises NotAsWritten."""
    record = read(path, PublicRecord)
    if record.key_id != key_id_of(bytes.fromhex(record.public_key)):
        raise NotAsWritten(Wrong(path.name, f"key id {record.key_id}", "the id of its public key", AGAIN))
    if not record.holds(record.signature, canonical(record.data("signature"))):
        raise NotAsWritten(Wrong(path.name, "a content that its key did not sign", "the record as written", AGAIN))
    if (record.succeeds is None) != (record.succession is None):
        raise NotAsWritten(Wrong(path.name, "a succession without its signature", "both or neither", AGAIN))
    return record
