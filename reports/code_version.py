"""What code made a report: version, source and packages, as its manifest names them. No path is in it."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, distributions, version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

DISTRIBUTION = "settlement-workbench"
ROOMS = ("settlement", "loaders", "reports")  # those that a figure of a report comes through
LOCK = "requirements.lock"


def code() -> dict[str, Any]:
    """Version of the workbench (None where it is not installed) and hash of the source of its rooms."""
    try:
        said: str | None = version(DISTRIBUTION)
    except PackageNotFoundError:
        said = None
    return {"version": said, "source_sha256": source_hash(*ROOMS)}


@cache
def packages(checkout: Path | None = None) -> dict[str, Any]:
    """The packages beside it: of a checkout the hash of its lock, of an installed package each version installed.

    checkout  the folder in which the lock would lie; None: the one above this room
    """
    lock = (checkout or Path(__file__).resolve().parents[1]) / LOCK
    if lock.is_file():
        return {"lock_sha256": hashlib.sha256(lock.read_bytes()).hexdigest()}
    installed = {one.metadata["Name"]: one.version for one in distributions()}
    return {"installed": dict(sorted(installed.items()))}


@cache
def source_hash(*rooms: str) -> str:
    """Hash of the source of some rooms: every module and every YAML file, by name."""
    digest = hashlib.sha256()

    def add(folder: Traversable, path: str) -> None:
        for item in sorted(folder.iterdir(), key=lambda one: one.name):
            name = f"{path}/{item.name}"
            if item.is_dir() and item.name != "__pycache__":
                add(item, name)
            elif item.name.endswith((".py", ".yaml")):
                digest.update(name.encode() + b"\0" + item.read_bytes() + b"\0")

    for room in rooms:
        add(files(room), room)
    return digest.hexdigest()
