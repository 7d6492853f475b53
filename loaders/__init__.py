"""ROOM 2. The outside world to clean, dated tables.

load(folder_or_files, home)   take files in, and say what became of each
all_jobs()                    the load jobs that are declared
store.open(home)              the kept rows, as they stood at any store version
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loaders import store as store
    from loaders.declared import all_jobs as all_jobs
    from loaders.loading import load as load

_HOMES = {"load": "loaders.loading", "all_jobs": "loaders.declared"}

__all__ = ["all_jobs", "load", "store"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: the command line stays quick."""
    if name == "store":
        return import_module("loaders.store")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"loaders has no {name!r}; it has {', '.join(__all__)}")
