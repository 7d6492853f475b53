"""Requests that change something, as a form of our own pages sends them, and from nowhere else.

They are taken with the name of this machine, its own origin, and the token of the process. After one the browser is
sent back to the page (303), so that loading it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from markupsafe import Markup
from tornado.web import RequestHandler

from dashboards.frame import style
from dashboards.held import Held

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


class OwnRequests(RequestHandler):
    """POST from our own pages; anything else is refused with a page that says why."""

    page: ClassVar[tuple[str, str]]  # address and title of the page that the form stands on
    wanted: ClassVar[str]  # what the form is, in words
    nothing: ClassVar[str]  # heading of a refusal

    def initialize(self, held: Held, names: Sequence[str]) -> None:
        """`names` is what this machine may be called."""
        self.held, self.names = held, names

    def check_xsrf_cookie(self) -> None:
        """The token of the process stands in the form; there are no cookies here."""

    def post(self) -> None:
        """Do what the form asks for, where it is a form of ours."""
        origin = self.request.headers.get("Origin")
        if self.request.host not in self.names or origin not in (None, *(f"http://{name}" for name in self.names)):
            self.refuse(403, f"found a request from another page, wanted one from the page {self.page[1]} of this "
                             "machine.")  # fmt: skip
            return
        self.act()

    def act(self) -> None:
        """What a form of ours asks for; ends in `redirect` or `refuse`."""
        raise NotImplementedError

    def get(self) -> None:
        """Nothing is ever changed by a link."""
        self.refuse(405, f"found a link or an address, wanted {self.wanted} of the page {self.page[1]}.")

    def refuse(self, status: int, why: str, back: str = "") -> None:
        """A page that says why nothing was done; `back` is the address to go on from."""
        self.set_status(status)
        if status == 405:
            self.set_header("Allow", "POST")
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("Cache-Control", "no-store")
        self.finish(
            Markup(
                '<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" '
                'content="width=device-width,initial-scale=1"><title>{}</title><link rel="icon" '
                'href="data:,"><style>{}</style></head><body class="pages"><main><h1>{}</h1>'
                '<p class="say">{}</p><section class="state"><h2>What is kept</h2><p>Everything, as it was.'
                '</p></section><p><a href="{}">The page {}</a></p></main></body></html>'
            ).format(self.nothing, Markup(style()), self.nothing, why, back or self.page[0], self.page[1])
        )

    def write_error(self, status_code: int, **_: Any) -> None:
        """What tornado refuses by itself, in the same words."""
        self.refuse(status_code, f"found a request that cannot be read, wanted {self.wanted} of the page "
                                 f"{self.page[1]}.")  # fmt: skip
