"""nbformat, without two seconds that its import takes for nothing.

nbformat imports jsonschema, which looks for checkers of formats; one of them, rfc3987-syntax, compiles a grammar of
addresses when it is imported. No notebook schema has such a format, so it is kept away while nbformat is imported.
"""

from __future__ import annotations

import sys

_UNUSED = "rfc3987_syntax"


def ready() -> None:
    """Import nbformat, if nothing has done so yet."""
    if "nbformat" in sys.modules or _UNUSED in sys.modules:
        return
    sys.modules[_UNUSED] = None  # type: ignore[assignment]
    try:
        import nbformat  # noqa: F401
    finally:
        del sys.modules[_UNUSED]
