"""One connection to the broker, used until it fails and then replaced.

stomp.py does not come back after a broker's restart, sends no heartbeats by default,
leaves Nagle's algorithm on (80 ms against 5 ms a transaction) and lets a sender wait
for ever. A Link sets all four right and turns whatever happens on the wire into
events of one queue, so that relay and subscriber stay plain loops.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import random
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import stomp
from stomp.exception import StompException

from publish.feed.errors import FeedFinding, LinkLost, NoBroker

HEARTBEAT_MS = 2000
ANSWER_WITHIN = 5.0  # seconds for a CONNECT to be answered
_SEND_WITHIN = 10  # seconds for the system to take what is sent: a blocked broker is silent

# Its warnings tell of losses that the supervisor handles and reports itself.
logging.getLogger("stomp.py").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Event:
    """What came over the wire: `kind` is connected, receipt, message or lost."""

    kind: str
    text: str = ""  # receipt: its id; message: the body; lost: the reason
    headers: dict[str, str] = field(default_factory=dict)


class _Listener(stomp.ConnectionListener):
    """Only puts down what came: it runs in the thread that reads the socket."""

    def __init__(self, events: queue.SimpleQueue[Event]) -> None:
        self._events = events

    def on_connected(self, frame: Any) -> None:
        self._events.put(Event("connected"))

    def on_receipt(self, frame: Any) -> None:
        self._events.put(Event("receipt", frame.headers["receipt-id"]))

    def on_message(self, frame: Any) -> None:
        self._events.put(Event("message", frame.body, dict(frame.headers)))

    def on_error(self, frame: Any) -> None:
        said = " ".join((frame.headers.get("message") or frame.body or "an error without a word").split())
        self._events.put(Event("lost", f"the broker refused: {said}"))

    def on_disconnected(self) -> None:
        # Also when heartbeats stay away: stomp.py then cuts the connection itself.
        self._events.put(Event("lost", "a connection that broke or fell silent"))


class Link:
    """A STOMP 1.2 connection with heartbeats and TCP_NODELAY.

    Raises NoBroker when nobody answers as a broker at the address.
    """

    def __init__(self, host: str, port: int, answer_within: float = ANSWER_WITHIN) -> None:
        self.address = f"{host}:{port}"
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._stomp = stomp.Connection12(
            [(host, port)],
            prefer_localhost=False,
            try_loopback_connect=False,
            reconnect_attempts_max=1,
            timeout=answer_within,
            heartbeats=(HEARTBEAT_MS, HEARTBEAT_MS),
            auto_content_length=False,  # with a length, Java sees bytes in place of text
        )
        self._stomp.set_listener("events", _Listener(self._events))
        try:
            self._stomp.connect()
            self._set_socket()
            first = self._events.get(timeout=answer_within)
        except (OSError, StompException, queue.Empty) as error:
            self._drop()
            raise self._no_broker("no answer to a STOMP CONNECT") from error
        if first.kind != "connected":
            self._drop()
            raise self._no_broker(first.text)

    def event(self, within: float) -> Event | None:
        """The next event, or None when none came within so many seconds. Raises LinkLost."""
        try:
            event = self._events.get(timeout=within) if within > 0 else self._events.get_nowait()
        except queue.Empty:
            return None
        if event.kind == "lost":
            raise self.lost(event.text)
        return event

    def lost(self, reason: str) -> LinkLost:
        """The error that says this connection is of no more use."""
        return LinkLost(
            FeedFinding(
                where=f"broker at {self.address}",
                found=reason,
                wanted="a broker that answers",
                todo='Start it again with "bsc feed broker"; relay and subscribers come back by themselves.',
            )
        )

    def transact(self, transaction: str, messages: Iterable[tuple[str, str, dict[str, str]]]) -> None:
        """Send (destination, body, headers) of each message as one transaction; its receipt bears its name.

        Raises LinkLost. The receipt comes as an event later, once all of them are on the broker's disk.
        """
        with self._wire():
            self._stomp.begin(transaction)
            for destination, body, headers in messages:
                self._stomp.send(
                    destination, body, content_type="application/json", headers=headers, transaction=transaction
                )
            self._stomp.commit(transaction, receipt=transaction)

    def subscribe(self, queue_name: str, ahead: int) -> None:
        """Ask for the messages of a queue, up to `ahead` before the first is acknowledged. Raises LinkLost."""
        with self._wire():
            self._stomp.subscribe(
                f"/queue/{queue_name}", "1", "client-individual", {"activemq.prefetchSize": str(ahead)}
            )

    def acknowledge(self, message: Event) -> None:
        """Tell the broker that a message need not come again. Raises LinkLost."""
        with self._wire():
            self._stomp.ack(message.headers["ack"])

    def refuse(self, message: Event) -> None:
        """Let the broker put a message among the queue's dead letters. Raises LinkLost."""
        with self._wire():
            self._stomp.nack(message.headers["ack"])

    def close(self) -> None:
        """Say goodbye, so that the broker has taken every acknowledgement, and leave."""
        with contextlib.suppress(OSError, StompException):  # it may be gone already
            # Without a receipt of our own: with one, stomp.py waits for it for ever.
            self._stomp.disconnect()
            until = time.monotonic() + 1
            while self._stomp.is_connected() and time.monotonic() < until:
                time.sleep(0.005)
        self._drop()

    def _drop(self) -> None:
        # The reading thread may take the socket away between stomp.py's look and its use of it.
        with contextlib.suppress(AttributeError):
            self._stomp.transport.disconnect_socket()

    @contextlib.contextmanager
    def _wire(self) -> Iterator[None]:
        try:
            yield
        except (OSError, StompException) as error:
            raise self.lost(f"{type(error).__name__} on sending") from error

    def _set_socket(self) -> None:
        connected = self._stomp.transport.socket
        if connected is None:
            raise ConnectionResetError
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", _SEND_WITHIN, 0))

    def _no_broker(self, found: str) -> NoBroker:
        return NoBroker(
            FeedFinding(
                where=f"broker at {self.address}",
                found=found,
                wanted="a running ActiveMQ",
                todo='Start one with "bsc feed broker", or name its port with --port.',
            )
        )


def pauses(first: float = 0.05, most: float = 1.0) -> Iterator[float]:
    """Seconds to wait before each new attempt: doubling up to `most`, each shortened by chance to half at least."""
    longest = first
    while True:
        yield random.uniform(longest / 2, longest)
        longest = min(most, longest * 2)
