"""The Code, pure: arrays in, arrays out. No file, no network, no database.

Names load on first use, so that `import settlement` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from settlement import calendar, compare, parameters
    from settlement.engine import quantities, settle
    from settlement.explanation import explain

_HOMES = {
    "settle": "settlement.engine",
    "quantities": "settlement.engine",
    "explain": "settlement.explanation",
}
_MODULES = ("calendar", "compare", "parameters")

__all__ = ["calendar", "compare", "explain", "parameters", "quantities", "settle"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _MODULES:
        return import_module(f"settlement.{name}")
    raise AttributeError(f"module 'settlement' has no attribute {name!r}")
