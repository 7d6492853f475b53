"""Messages of a STOMP queue, each one a file; the broker forgets a message only when it is said to be kept.

They come some at a time, so that many are kept in one step and a single one does not wait long.
What is not said to be kept comes again, to this or another taker, when the connection
ends: so nothing is lost, and a message may come twice, which landing by hash makes good.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import queue
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loaders.errors import Finding
from loaders.sources.answers import Answer, Failure
from loaders.sources.questions import Question
from loaders.sources.settings import Settings

if TYPE_CHECKING:
    import stomp

HEARTBEAT_MS = 5000
AHEAD = 100  # messages on their way before the first is said to be kept
PAUSE = 0.2  # seconds without a message after which what has come is kept
NAMES = ("dataset", "subject")  # headers that say what a message is of
_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")


@dataclass(frozen=True)
class Message:
    """A message as a file.

    name  of the header "dataset" or "subject", and the beginning of its SHA-256
    """

    name: str
    data: bytes
    headers: dict[str, str]
    asked_at: datetime
    _acknowledge: Callable[[], bool] = field(repr=False)

    def kept(self) -> bool:
        """Tell the broker that it need not come again. False when the broker is gone: then it does."""
        return self._acknowledge()


def batches(
    queue_name: str, settings: Settings, most: int | None = None, ended: threading.Event | None = None
) -> Iterator[list[Message] | Failure]:
    """The messages of a queue as they come, until it has been quiet for a while, `most` have come, or `ended` is set.

    At most 100 come at once. What is not said to be kept before the next are asked for may come again when
    the iterator ends or is closed.
    """
    link: _Link | None = None
    came: list[Message] = []
    try:
        try:
            link = _Link(queue_name, settings)
            count, quiet_since = 0, time.monotonic()
            while (most is None or count < most) and not (ended and ended.is_set()):
                frame = link.next(PAUSE)
                if frame is not None:
                    count, quiet_since = count + 1, time.monotonic()
                    came.append(link.message(frame, queue_name))
                if came and (frame is None or len(came) == AHEAD or count == most):
                    yield came
                    came = []
                elif time.monotonic() - quiet_since > settings.queue.quiet:
                    return
        except _Lost as error:
            if came:
                yield came
            yield _failure(queue_name, settings, str(error))
    finally:
        if link:
            link.close()


def answers(came: list[Message], queue_name: str) -> list[Answer]:
    """Messages as what comes back from a source."""
    asked = Question("", queue_name, (), f"queue {queue_name}")
    return [Answer(asked, one.name, one.data, queue_name, one.asked_at, kept=one.kept) for one in came]


class _Lost(Exception):
    """The broker does not answer, or no more."""


class _Link:
    """A STOMP 1.2 connection with heartbeats, subscribed to one queue. Raises _Lost."""

    def __init__(self, queue_name: str, settings: Settings) -> None:
        import stomp
        from stomp.exception import StompException

        # Its warnings tell of losses that are told as findings here.
        logging.getLogger("stomp.py").setLevel(logging.CRITICAL)
        self._errors = (OSError, StompException)
        said = settings.queue
        password = settings.secrets.get("queue_password") if said.user else None
        self._events: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._stomp = stomp.Connection12(
            [(said.host, said.port)],
            prefer_localhost=False,
            try_loopback_connect=False,
            reconnect_attempts_max=1,
            timeout=settings.limits.connect,
            heartbeats=(HEARTBEAT_MS, HEARTBEAT_MS),
            auto_decode=False,  # a message is bytes, whatever they are
        )
        self._stomp.set_listener("events", _listener(self._events))
        try:
            self._stomp.connect(said.user or None, password.get_secret_value() if password else None)
            self._first(settings.limits.connect)
            self._stomp.subscribe(
                f"/queue/{queue_name}", "1", "client-individual", {"activemq.prefetchSize": str(AHEAD)}
            )
        except self._errors as error:
            self._drop()
            raise _Lost(f"{type(error).__name__}: {error}".removesuffix(": ")) from None

    def _first(self, within: float) -> None:
        try:
            kind, said = self._events.get(timeout=within)
        except queue.Empty:
            kind, said = "lost", "no answer to CONNECT"
        if kind != "connected":
            self._drop()
            raise _Lost(str(said))

    def next(self, within: float) -> Any | None:
        """The next message; None when none came within so many seconds."""
        try:
            kind, said = self._events.get(timeout=within)
        except queue.Empty:
            return None
        if kind != "message":
            raise _Lost(str(said))
        return said

    def message(self, frame: Any, queue_name: str) -> Message:
        headers = dict(frame.headers)
        data: bytes = frame.body if isinstance(frame.body, bytes) else str(frame.body).encode()
        return Message(
            _name(headers, data, queue_name),
            data,
            headers,
            datetime.now(UTC),
            lambda: self._acknowledge(headers["ack"]),
        )

    def _acknowledge(self, number: str) -> bool:
        try:
            self._stomp.ack(number)
        except self._errors:
            return False
        return True

    def close(self) -> None:
        """Say goodbye, so that the broker has taken every acknowledgement, and leave."""
        with contextlib.suppress(*self._errors):
            self._stomp.disconnect()
            until = time.monotonic() + 1
            while self._stomp.is_connected() and time.monotonic() < until:
                time.sleep(0.005)
        self._drop()

    def _drop(self) -> None:
        # The reading thread may take the socket away between stomp.py's look and its use of it.
        with contextlib.suppress(AttributeError):
            self._stomp.transport.disconnect_socket()


def _listener(events: queue.SimpleQueue[tuple[str, Any]]) -> stomp.ConnectionListener:
    import stomp

    class Listener(stomp.ConnectionListener):  # type: ignore[misc]
        """Only puts down what came: it runs in the thread that reads the socket."""

        def on_connected(self, frame: Any) -> None:
            events.put(("connected", ""))

        def on_message(self, frame: Any) -> None:
            events.put(("message", frame))

        def on_error(self, frame: Any) -> None:
            body = frame.body.decode("utf-8", "replace") if isinstance(frame.body, bytes) else str(frame.body)
            events.put(("lost", " ".join((frame.headers.get("message") or body).split())[:200]))

        def on_disconnected(self) -> None:
            events.put(("lost", "a connection that broke or fell silent"))

    return Listener()


def _name(headers: dict[str, str], data: bytes, queue_name: str) -> str:
    """A file name that no header can lead elsewhere, the same whenever the message comes."""
    said = next((headers[name] for name in NAMES if headers.get(name)), queue_name)
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", said).lstrip(".")
    ending = _ENDING.search(plain)
    stem = plain[: ending.start()] if ending else plain
    return f"{stem or 'queue'}_message_{hashlib.sha256(data).hexdigest()[:12]}{ending.group() if ending else '.json'}"


def _failure(queue_name: str, settings: Settings, found: str) -> Failure:
    finding = Finding(
        f"queue {queue_name}",
        0,
        "",
        found,
        "a STOMP broker that answers",
        "Look at the broker and at the settings of the queue; what was not said to be kept comes again.",
    )
    address = f"stomp://{settings.queue.host}:{settings.queue.port}/{queue_name}"
    return Failure(Question("", queue_name, (), finding.file), finding.file, finding, address, datetime.now(UTC))
