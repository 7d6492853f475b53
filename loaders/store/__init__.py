"""The store: kept rows, runs and messages of one workspace, as they stood at any version.

open(home)   the store of a workspace folder; made and migrated when it is not there
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loaders.store.files import FileLayer
    from loaders.store.session import Store

_RECORDS = [
    "Arrival",
    "Incomplete",
    "Kept",
    "LandingRow",
    "OutboxRow",
    "PartRow",
    "PriceResult",
    "QuarantineRow",
    "RunRow",
    "RunToKeep",
]


def open(home: Path | str, files: FileLayer | None = None) -> Store:
    """The store of the workspace in folder `home`.

    files  the layer between the store and the disk; a test gives its own
    """
    session: Any = import_module("loaders.store.session")
    return session.Store(Path(home), files)  # type: ignore[no-any-return]


def __getattr__(name: str) -> Any:
    """The records are imported when they are asked for."""
    if name in _RECORDS:
        return getattr(import_module("loaders.store.records"), name)
    if name == "Store":
        return import_module("loaders.store.session").Store
    raise AttributeError(f"loaders.store has no {name!r}")
