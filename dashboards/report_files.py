"""The reports of the workspace, to be read in the browser: these files and no others, never written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tornado.web import HTTPError, StaticFileHandler

_SHOWN = (".html", ".manifest.json", ".sig")
# A report carries its styles and pictures in itself and runs no script.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


class ReportFiles(StaticFileHandler):
    """One report or its manifest."""

    def initialize(self, path: str, names: Sequence[str]) -> None:  # type: ignore[override]
        """`path` is the folder of the reports, `names` what this machine may be called."""
        super().initialize(path)
        self.names = names

    def prepare(self) -> None:
        """Refuse a foreign name that was pointed at this machine."""
        if self.request.host not in self.names:
            raise HTTPError(403)

    def set_extra_headers(self, path: str) -> None:
        """No script, no request out, no guess at the kind of file; ask again whether it has changed."""
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-cache")

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """As tornado checks it (inside the folder, a file), and of a kind that a report has."""
        found: Any = super().validate_absolute_path(root, absolute_path)
        if found is not None and (not found.endswith(_SHOWN) or found.rsplit("/", 1)[-1].startswith(".")):
            raise HTTPError(404)
        return found
