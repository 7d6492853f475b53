"""A folder that others write into: its files, once they stand still, each once for each content.

Polled, because what tells of changes on a network share differs from system to system.
Nothing is moved or written. A file that grows, or that is replaced while it is looked
at, is waited for.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from loaders.errors import Finding
from loaders.sources.folder import files_in


@dataclass
class _Seen:
    """How a file looked: since when it looks so, and what was given of it last."""

    looks: tuple[int, int]
    since: float
    settled: bool = False
    given: str = ""


def settled_files(
    folder: Path, still_for: float, every: float = 1.0, ended: threading.Event | None = None
) -> Iterator[list[Path | Finding]]:
    """Files whose size and time of change stood still for so many seconds, those of one look together.

    A file is given again when its content is another.

    every  seconds between two looks
    ended  set by the caller to end it; without one it ends with the process
    A file that cannot be read is a Finding, once for each size and time of change.
    """
    stop = ended or threading.Event()
    seen: dict[Path, _Seen] = {}
    while not stop.is_set():
        there = files_in(folder) if folder.is_dir() else []
        for path in [gone for gone in seen if gone not in there]:
            # It may come back with the same content: what was given of it stays known.
            seen[path].settled, seen[path].looks = False, (-1, -1)
        looked = (_look(path, seen, still_for) for path in there)
        if found := [one for one in looked if one is not None]:
            yield found
        stop.wait(every)


def _look(path: Path, seen: dict[Path, _Seen], still_for: float) -> Path | Finding | None:
    """What is to be given of a file at this look."""
    known = seen.get(path)
    try:
        looks = _looks(path)
        if known is None or known.looks != looks:
            seen[path] = _Seen(looks, time.monotonic(), given=known.given if known else "")
            return None
        if known.settled or time.monotonic() - known.since < still_for:
            return None
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        if _looks(path) != looks:
            return None  # written while it was read: the next look sees it
    except FileNotFoundError:
        return None  # taken away since it was listed
    except OSError as error:
        if known:
            known.settled = True
        return Finding(path.name, 0, "", type(error).__name__, "a file to read", "Give this user the right to read it.")
    known.settled = True
    again, known.given = content == known.given, content
    return None if again else path


def _looks(path: Path) -> tuple[int, int]:
    said = path.stat()
    return said.st_size, said.st_mtime_ns
