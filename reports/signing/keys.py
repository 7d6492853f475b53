"""Key pairs. The private half lies in a folder of its own and goes into nothing else.

BSC_SIGN_KEYS             the folder; without it, keys/ in the workspace
BSC_SIGN_PASSPHRASE_FILE  a file whose first line encrypts and opens private keys
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from loaders.store.files import at_disk
from reports.manifest import canonical
from reports.signing.public_records import ENDING, PublicRecord, a_holder, read_record, record_of
from reports.signing.records import instant
from reports.signing.whole_files import alone, put
from settlement.command_line import AskedWrongly

FOLDER, PASSPHRASE = "BSC_SIGN_KEYS", "BSC_SIGN_PASSPHRASE_FILE"
PRIVATE = ".private.pem"
_OTHERS = 0o077


class KeyRefused(AskedWrongly):
    """A key that cannot be used as asked; its one argument says why and what to do, and holds no secret."""


@dataclass(frozen=True, repr=False)
class SigningKey:
    """A private key with its public record; it is never shown."""

    record: PublicRecord
    private: Ed25519PrivateKey

    def sign(self, content: bytes) -> str:
        """The signature of some bytes, 128 hexadecimal digits."""
        return self.private.sign(content).hex()


def keys_folder(home: Path) -> Path:
    """Where private keys lie."""
    return Path(os.environ.get(FOLDER) or home / "keys")


def make_key(
    folder: Path, holder: str, *, succeeds: str | None = None, valid_from: datetime | None = None,
    now: datetime | None = None,
) -> PublicRecord:  # fmt: skip
    """A new pair in the folder; nothing there is overwritten.

    succeeds    id of the key it follows, which signs its record
    valid_from  None: at once

    Raises KeyRefused, and StoreUnavailable when the disk is full or refuses.
    """
    try:
        a_holder(holder)
    except ValueError as error:
        raise KeyRefused(f"--holder: found {holder!r}, {error}. Name who answers for the signatures.") from None
    made_at = instant(now or datetime.now(UTC))
    passphrase = _passphrase()
    with at_disk(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = None if succeeds is None else signing_key(folder, succeeds)
    key = Ed25519PrivateKey.generate()
    starts = made_at if valid_from is None else instant(valid_from)
    record = record_of(key, holder, made_at, starts, None if before is None else (before.record, before.private))
    locked = serialization.NoEncryption() if passphrase is None else serialization.BestAvailableEncryption(passphrase)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
    path = folder / f"{record.key_id}{PRIVATE}"
    with alone(folder):
        try:
            _write_new(path, pem)
            put({folder / f"{record.key_id}{ENDING}": canonical(record.data())})
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return record


def public_records(folder: Path) -> dict[str, PublicRecord]:
    """The public records of a folder by key id. Raises NotAsWritten."""
    found = [read_record(path) for path in sorted(folder.glob(f"*{ENDING}"))]
    return {record.key_id: record for record in found}


def signing_key(folder: Path, key_id: str | None = None) -> SigningKey:
    """A key to sign with: the one named, else the only one that no other follows. Raises KeyRefused."""
    records = public_records(folder) if folder.is_dir() else {}
    here = {name: one for name, one in records.items() if (folder / f"{name}{PRIVATE}").is_file()}
    if key_id is None:
        followed = {one.succeeds for one in records.values()}
        here = {name: one for name, one in here.items() if name not in followed}
        if len(here) != 1:
            said = ", ".join(f"{name} of {one.holder}" for name, one in sorted(here.items())) or "none"
            raise KeyRefused(
                f"keys in {folder.name}: found {said}, wanted one to sign with. "
                + ("Name it with --key." if here else 'Make one with "bsc sign keys --holder NAME".')
            )
        key_id = next(iter(here))
    if key_id not in here:
        raise KeyRefused(
            f"--key: found {key_id!r}, wanted the id of a pair in {folder.name}: "
            f"{', '.join(sorted(here)) or 'none is there'}. Correct the id, or name the folder with {FOLDER}."
        )
    return SigningKey(here[key_id], _private(folder / f"{key_id}{PRIVATE}"))


def _private(path: Path) -> Ed25519PrivateKey:
    _only_for_its_owner(path, "private key")
    passphrase, content = _passphrase(), path.read_bytes()
    if b"ENCRYPTED" not in content:
        passphrase = None
    try:
        key = serialization.load_pem_private_key(content, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The library's own words are left out: they may tell of the content.
        raise KeyRefused(
            f"{path.name}: found a private key that does not open, wanted PKCS8 that the passphrase in the file "
            f"named by {PASSPHRASE} opens. Correct the passphrase file, or restore the key from a copy."
        ) from None
    raw = key.public_key().public_bytes_raw() if isinstance(key, Ed25519PrivateKey) else None
    record = read_record(path.with_name(path.name.removesuffix(PRIVATE) + ENDING))
    if not isinstance(key, Ed25519PrivateKey) or raw is None or raw.hex() != record.public_key:
        raise KeyRefused(f"{path.name}: found another key, wanted the pair of its public record. Restore the folder.")
    return key


def _passphrase() -> bytes | None:
    named = os.environ.get(PASSPHRASE)
    if not named:
        return None
    path = Path(named)
    if not path.is_file():
        raise KeyRefused(f"{PASSPHRASE}: found no such file, wanted one that holds the passphrase. Correct it.")
    _only_for_its_owner(path, "passphrase")
    first = path.read_bytes().split(b"\n", 1)[0].strip()
    if not first:
        raise KeyRefused(f"{PASSPHRASE}: found an empty first line, wanted the passphrase. Write it there.")
    return first


def _only_for_its_owner(path: Path, what: str) -> None:
    mode = path.stat().st_mode & 0o777
    if mode & _OTHERS:
        raise KeyRefused(
            f"{path.name}: found a {what} that others may read (mode {mode:04o}), wanted mode 0600. "
            f'Take the right away with "chmod 600", and think of the {what} as known to them.'
        )


def _write_new(path: Path, content: bytes) -> None:
    with at_disk(path.parent):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
