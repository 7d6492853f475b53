"""The pages of a workspace on a port of this machine: a Panel server, one session a reader.

The first paint is plain HTML and SVG made here; script comes after it, from this server
alone. Nothing is asked of another machine, and the browser is told to refuse it.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from dashboards.declared import pages
from dashboards.errors import NotLoopback
from dashboards.frame import PRODUCT, Shown, inner_page, resource, style
from dashboards.held import Held
from reports.access import THIS_MACHINE, Viewer
from reports.look import glyphs

if TYPE_CHECKING:
    from panel.io.server import Server
    from panel.template import Template

LOOPBACK = ("127.0.0.1", "localhost")


def make(home: Path, host: str = "127.0.0.1", port: int = 5006, viewer: Viewer = THIS_MACHINE) -> Server:
    """A server that is bound to its port and waits to be started; port 0 takes a free one.

    viewer  who sits before the pages: what is signed off there is signed in this name

    Raises NotLoopback for a host that others reach, NoWorkspace, and OSError for a taken port.
    """
    if host not in LOOPBACK:
        raise NotLoopback(
            f"--host: found {host!r}, wanted this machine alone (127.0.0.1): until there are keys, whoever reaches the "
            "pages may read everything. Leave --host out, and reach the machine through ssh -L."
        )
    os.environ["BOKEH_RESOURCES"] = "server"  # script from this server; read when Bokeh loads
    held = Held(home, viewer)

    from panel.io.server import get_server
    from tornado.web import RedirectHandler

    from dashboards.replay_requests import PATH, ReplayRequests
    from dashboards.report_files import ReportFiles
    from dashboards.work_requests import PATH as WORK
    from dashboards.work_requests import WorkRequests

    port = port or _free_port()
    names = [f"{name}:{port}" for name in LOOPBACK]
    server = get_server(
        {path: _opened(held, path, names) for path in pages()},
        port=port, address=host, start=False, show=False, location=False, title=PRODUCT,
        websocket_origin=names,
        extra_patterns=[
            (r"/", RedirectHandler, {"url": next(iter(pages())), "permanent": False}),
            (PATH, ReplayRequests, {"held": held, "names": names}),
            (WORK, WorkRequests, {"held": held, "names": names}),
            (r"/reports/(.*)", ReportFiles, {"path": str(held.reports_folder.resolve()), "names": names}),
        ],
        unused_session_lifetime_milliseconds=60_000, check_unused_sessions_milliseconds=15_000,
    )  # fmt: skip
    _warm(held)
    return server


def _warm(held: Held) -> None:
    """Open the newest day, then those of the Work list, so that the first reader need not wait for them."""

    def open_all() -> None:
        for path in (next(iter(pages())), "/work-list"):
            inner_page(held, path)

    threading.Thread(target=open_all, daemon=True).start()


def _free_port() -> int:
    """A port that nobody holds; the server has to name it before it binds, as the origin of its wires."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _opened(held: Held, path: str, names: Sequence[str]) -> Callable[[], Template]:
    """What makes the page for a new reader."""

    def show() -> Template:
        import panel

        if panel.state.headers.get("Host") not in names:  # a foreign name that was pointed at this machine
            return _document(held, Shown("Not this machine", "<main><h1>Not this machine</h1></main>", ""))
        said = {
            name: values[-1].decode("utf-8", "replace") for name, values in panel.state.session_args.items() if values
        }
        return _document(held, inner_page(held, f"{path}?{urlencode(said)}"))

    return show


def _document(held: Held, shown: Shown) -> Template:
    from jinja2 import Environment
    from panel.template import Template

    from dashboards.wire import Wire

    frame = Environment(autoescape=True).from_string(resource("frame.html"))
    document = Template(frame)
    document.add_panel("wire", Wire(held, paths=list(pages())))
    document.add_variable("shown", shown)
    document.add_variable("style", style())
    document.add_variable("definitions", glyphs.definitions())
    document.add_variable("early", resource("early.js"))
    return document
