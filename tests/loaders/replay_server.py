"""A sender on loopback that replays answers of a published shape, and misbehaves when it is told to.

No plugin and no package: a test file loads this module from its own folder. Annotations are
read as they stand, because dataclasses look for those in text among the imported modules.
"""

import contextlib
import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

SAMPLES = Path(__file__).with_name("samples")
STACK = "/balancing/settlement/stack/all/bid/2024-01-15/7"


@dataclass
class Reply:
    """What is sent for one request; `cut` bytes of the body are sent, though all of it was announced."""

    body: bytes = b'{"data":[]}'
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json; charset=utf-8"})
    cut: int | None = None
    drip: float = 0.0  # seconds between single bytes, of the body
    drip_headers: float = 0.0

    @classmethod
    def sample(cls, job: str, name: str, **other) -> Self:
        return cls((SAMPLES / job / name).read_bytes(), **other)

    @classmethod
    def text(cls, said: str, kind: str = "text/plain", status: int = 200, **headers: str) -> Self:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(said.encode(), status, {"Content-Type": kind} | named)

    @classmethod
    def json(cls, said: object, status: int = 200, **headers: str) -> Self:
        return cls.text(json.dumps(said), "application/json", status, **headers)

    def packed(self) -> "Reply":
        return Reply(gzip.compress(self.body), self.status, self.headers | {"Content-Encoding": "gzip"}, self.cut)


class Sender:
    """The server, what it was asked, and what it is to say.

    says   path to one reply for every request, or to one for each in turn (the last again and again)
    asked  (path, query) of each request, in order
    """

    def __init__(self) -> None:
        self.says: dict[str, Reply | list[Reply] | Callable[[dict[str, list[str]]], Reply]] = {}
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.at: list[float] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def reply(self, path: str, query: dict[str, list[str]]) -> Reply:
        with self._lock:
            self.asked.append((path, query))
            self.at.append(time.monotonic())
            said = self.says.get(path, Reply.text("Resource not found", status=404))
            if isinstance(said, list):
                return said.pop(0) if len(said) > 1 else said[0]
            return said if isinstance(said, Reply) else said(query)


def _handler(sender: Sender) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            reply = sender.reply(parts.path, parse_qs(parts.query))
            with contextlib.suppress(OSError):  # who asked may have left
                self._send(reply)

        def _send(self, reply: Reply) -> None:
            if reply.drip_headers:
                for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 200:
                    self.wfile.write(bytes([byte]))
                    time.sleep(reply.drip_headers)
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if reply.drip:
                for byte in reply.body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(reply.drip)
                return
            self.wfile.write(reply.body[: reply.cut])
            if reply.cut is not None:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test has all of it."""

    return Handler


@contextlib.contextmanager
def sender() -> Iterator[Sender]:
    """A sender, closed at the end."""
    own = Sender()
    try:
        yield own
    finally:
        own.close()
