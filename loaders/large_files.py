"""Files on disk that are too large to be held: what is known of one before any of it is read as records.

A large file of JSON or CSV is read piece by piece and kept day by day (`steps.read_pieces`, `steps.check_days`). A
packed one, one of another form, and one whose job looks at rows of several days at once are read whole, as others are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loaders.errors import Finding, UnreadableFile
from loaders.formats.pieces import Bytes, NotCut, pieces
from loaders.steps.land import MARK, WIDE_MARK
from loaders.steps.read import read
from loaders.store.files import OnDisk

LARGE_BYTES = 64_000_000  # more, and a file is not held whole


@dataclass(frozen=True)
class Large:
    """A large file: where it lies, its hash, and whether it says in its name or content that it is synthetic."""

    source: OnDisk
    sha256: str
    synthetic: bool


def taken_up(path: Path | None, landings: Path) -> Large | None:
    """A file that need not be held whole; None for one that is to be read as others are, be it to say what is wrong.

    landings  the folder of landings: one that lies there has its hash as its name
    """
    try:
        if path is None or path.stat().st_size <= LARGE_BYTES:
            return None
        source = OnDisk(path, path.stat().st_size)
        next(pieces(Bytes(source)))
        digest, synthetic, before = hashlib.sha256(), MARK.decode() in path.name, b""
        for chunk in source.chunks():
            digest.update(chunk)
            # A mark may lie across the end of a chunk.
            seen = before + chunk
            synthetic = synthetic or MARK in seen or WIDE_MARK in seen
            before = chunk[-len(WIDE_MARK) :]
    except (OSError, NotCut):
        return None
    if path.parent == landings and digest.hexdigest() != path.name:
        return None  # it is damaged, and whoever reads it whole says so
    return Large(source, digest.hexdigest(), synthetic)


def first_piece(file: str, source: OnDisk, records: int) -> bytes | None:
    """The first piece of a file, as a file; None where it does not hold so many records."""
    first = next(pieces(Bytes(source))).data
    try:
        return first if sum(read(file, first).counts.values()) >= records else None
    except UnreadableFile:
        return None


def tell_share(told: Callable[[str], None], file: str, share: float) -> None:
    """Say how much of a file has been read."""
    told(f"{share:.0%} of {file}")


def gone(file: str, why: Exception) -> Finding:
    """That a file changed while it was read, or cannot be read any more."""
    if isinstance(why, OSError):
        todo = "Nothing of it was kept. See to it that it can be read, and load it again."
        return Finding(file, 0, "", why.strerror or str(why), "a file to read", todo)
    todo = "Nothing of it was kept. Wait until it has been written whole, and load it again."
    return Finding(file, 0, "", "bytes that changed while they were read", "a file that stays as it is", todo)
