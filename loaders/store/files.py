"""Files of the store: written once, named by the hash of what is in them.

A file is there whole or not at all: temporary name in the same folder, write, fsync,
rename, fsync of the folder. A test puts its own layer in place, to record the order
of these steps or to die after one of them.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loaders.beside import threads
from loaders.errors import FileChanged, StoreDamaged, StoreUnavailable

MANY = 8  # files that are worth as many threads
STEP = 1_000_000  # bytes of a large file that are in memory at once


@dataclass(frozen=True)
class OnDisk:
    """Bytes that are too many to be held: where they lie, and how many they are."""

    path: Path
    size: int

    def __len__(self) -> int:
        return self.size

    def chunks(self, step: int = STEP) -> Iterator[bytes]:
        """The bytes, some at a time. May raise OSError."""
        with self.path.open("rb") as file:
            while chunk := file.read(step):
                yield chunk


def sha256(data: bytes) -> str:
    """The SHA-256 of bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


@contextmanager
def at_disk(place: Path) -> Iterator[None]:
    """Say in words what the disk refuses."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(
            f"{place}: found {error.strerror or error}, wanted to write there. "
            "Nothing was kept of it. Make room or give the right to write, and do it again."
        ) from error


class FileLayer:
    """The few things that the store asks of a disk."""

    def step(self, name: str) -> None:
        """Called after each step of keeping; does nothing here."""

    def write(self, path: Path, data: bytes) -> None:
        """Write and fsync a new file."""
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            self.step("write")
            os.fsync(file.fileno())
        self.step("fsync")

    def copy(self, path: Path, source: OnDisk) -> str:
        """Write and fsync a new file out of another, some bytes at a time; gives the SHA-256 of what was written."""
        digest = hashlib.sha256()
        with path.open("wb") as file:
            for chunk in source.chunks():
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            self.step("write")
            os.fsync(file.fileno())
        self.step("fsync")
        return digest.hexdigest()

    def rename(self, source: Path, target: Path) -> None:
        """Give a file its name, in one step."""
        source.replace(target)
        self.step("rename")

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder last."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        self.step("fsync folder")

    def touch(self, path: Path) -> None:
        """Tell the tidying that a file is wanted again."""
        os.utime(path)
        self.step("touch")


def keep_bytes(layer: FileLayer, folder: Path, data: bytes, suffix: str) -> str:
    """Keep bytes under their hash and give the hash; the same bytes are kept once.

    Raises StoreUnavailable when the disk is full or refuses.
    """
    name = sha256(data)
    keep_all(layer, folder, {name: data}, suffix)
    return name


def keep_named(layer: FileLayer, folder: Path, name: str, data: bytes) -> None:
    """Keep bytes under a name of their own. Raises StoreUnavailable when the disk is full or refuses."""
    with at_disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if _keep(layer, folder / name, data):
            layer.sync_folder(folder)


def keep_all(layer: FileLayer, folder: Path, named: Mapping[str, bytes | OnDisk], suffix: str) -> None:
    """Keep bytes under their hashes, with one fsync of the folder for all of them; what is there already stays.

    Raises StoreUnavailable when the disk is full or refuses, FileChanged where a large file no longer has its hash.
    """

    def keep(name: str) -> bool:
        return _keep(layer, folder / f"{name}{suffix}", named[name])

    with at_disk(folder):
        if len(named) < MANY:
            new = [keep(name) for name in named]
        else:
            # A disk takes what several ask of it at once in one go: most of the time of a small file is its fsync.
            asked = [threads(MANY).submit(keep, name) for name in named]
            wait(asked)  # of one that fails the others are not left at work
            new = [one.result() for one in asked]
        if any(new):
            layer.sync_folder(folder)


def _keep(layer: FileLayer, target: Path, data: bytes | OnDisk) -> bool:
    """Keep bytes under a name; gives whether they were not there."""
    # The name of the thread too: two that keep the same bytes at once may not rename each other's file away.
    temporary = target.with_name(f".{target.stem}.{os.getpid()}.{threading.get_ident()}.tmp")
    if target.exists() and target.stat().st_size == len(data):
        layer.touch(target)
        return False
    try:
        if isinstance(data, OnDisk):
            _copy(layer, temporary, data, target.stem)
        else:
            layer.write(temporary, data)
        layer.rename(temporary, target)
    except (OSError, FileChanged):
        temporary.unlink(missing_ok=True)
        raise
    return True


def _copy(layer: FileLayer, temporary: Path, data: OnDisk, wanted: str) -> None:
    try:
        found = layer.copy(temporary, data)
    except FileNotFoundError:
        found = "none, as it is gone"
    if found != wanted:
        raise FileChanged(
            f"{data.path.name}: found bytes of hash {found}, wanted {wanted} as read before. Load it again."
        )


def read_bytes(folder: Path, name: str, suffix: str) -> bytes:
    """The bytes kept under a hash. Raises StoreDamaged when they are gone or altered."""
    path = folder / f"{name}{suffix}"
    if not path.exists():
        raise StoreDamaged(f"{path}: found no file, wanted the bytes of this hash. Restore the workspace from a copy.")
    data = path.read_bytes()
    found = sha256(data)
    if found != name:
        raise StoreDamaged(f"{path}: found bytes of hash {found}, wanted {name}. Restore the workspace from a copy.")
    return data
