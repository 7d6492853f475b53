"""Files put in place whole: written beside, fsynced, renamed; and one writer at a time in a folder."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from loaders.store.files import FileLayer, at_disk


def put(files: Mapping[Path, bytes], layer: FileLayer | None = None) -> None:
    """Write files of one folder: all are on disk before the first gets its name, in the order given.

    Raises StoreUnavailable when the disk is full or refuses; then none of them was put in place.
    """
    layer = layer or FileLayer()
    halves = {path: path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp") for path in files}
    folder = next(iter(files)).parent
    with at_disk(folder):
        try:
            for path, content in files.items():
                layer.write(halves[path], content)
            for path in files:
                layer.rename(halves[path], path)
            layer.sync_folder(folder)
        finally:
            for half in halves.values():
                half.unlink(missing_ok=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until nobody else signs in the folder; the lock is on the folder itself and leaves no file."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
