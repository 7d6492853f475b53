"""The wire between a page in the browser and the server: an address goes up, the page at it comes down.

A page is whole and usable without it; with it a change of period needs no new page load.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboards.address import PARTS
from dashboards.frame import inner_page
from dashboards.held import Held


class Wire(JSComponent):
    """One reader's connection. Answers go back under the number of their question."""

    paths = param.List(default=[], doc="Addresses that are pages of this house.")
    parts = param.List(default=list(PARTS), doc="Parts of an address, in their order.")

    _esm: ClassVar[str] = files("dashboards.frame").joinpath("wire.js").read_text("utf-8")

    def __init__(self, held: Held, **given: Any) -> None:
        super().__init__(**given)
        self._held = held

    def _handle_msg(self, data: Any) -> None:
        """Answer one question. What is not a question of ours gets no answer."""
        if not isinstance(data, dict) or not isinstance(data.get("address"), str):
            return
        shown = inner_page(self._held, data["address"])
        self._send_msg({"number": data.get("number"), "title": shown.title, "inner": shown.inner, "says": shown.says})
