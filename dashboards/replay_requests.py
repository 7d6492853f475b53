"""The one request that changes something: the button Replay of the page Loads, as a form sends it.

It is taken from our own pages alone: the name of this machine, its own origin, and the token of the process.
After it the browser is sent back to the page (303), so that loading it again starts nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from tornado.web import RequestHandler

from dashboards.address import address
from dashboards.errors import Busy, WrongAddress, WrongToken
from dashboards.frame import style
from dashboards.held import Held

PATH = "/loads/replay"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


class ReplayRequests(RequestHandler):
    """POST job and token; anything else is refused with a page that says why."""

    def initialize(self, held: Held, names: Sequence[str]) -> None:
        """`names` is what this machine may be called."""
        self.held, self.names = held, names

    def check_xsrf_cookie(self) -> None:
        """The token of the process stands in the form; there are no cookies here."""

    def post(self) -> None:
        """Start a replay, and go back to the page of the job."""
        origin = self.request.headers.get("Origin")
        if self.request.host not in self.names or origin not in (None, *(f"http://{name}" for name in self.names)):
            self._refuse(403, "found a request from another page, wanted one from the page Loads of this machine.")
            return
        job, token = self.get_body_argument("job", ""), self.get_body_argument("token", "")
        try:
            where = address("/loads", job=job)
            self.held.replay(job, token)
        except WrongToken as error:
            self._refuse(403, str(error))
        except WrongAddress as error:
            self._refuse(400, str(error))
        except Busy as error:
            self._refuse(409, str(error))
        else:
            self.redirect(f"{where}#job", status=303)

    def get(self) -> None:
        """A replay is never started by a link."""
        self._refuse(405, "found a link or an address, wanted the button Replay of the page Loads.")

    def _refuse(self, status: int, why: str) -> None:
        self.set_status(status)
        if status == 405:
            self.set_header("Allow", "POST")
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("Cache-Control", "no-store")
        self.finish(
            Markup(
                '<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" '
                'content="width=device-width,initial-scale=1"><title>Nothing was replayed</title><link rel="icon" '
                'href="data:,"><style>{}</style></head><body class="pages"><main><h1>Nothing was replayed</h1>'
                '<p class="say">{}</p><section class="state"><h2>What is kept</h2><p>Everything, as it was.'
                '</p></section><p><a href="/loads">The page Loads</a></p></main></body></html>'
            ).format(Markup(style()), why)
        )

    def write_error(self, status_code: int, **_: Any) -> None:
        """What tornado refuses by itself, in the same words."""
        self._refuse(status_code, "found a request that cannot be read, wanted the button Replay of the page Loads.")
