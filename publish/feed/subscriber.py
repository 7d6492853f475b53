"""A supervised reader of one subscriber's queue.

The broker hands a message out again until it is acknowledged, and the relay sends one
again when it was not sure: so each may come more than once, always with the same id
and sequence, and the reader drops what it has had.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from publish.feed import names
from publish.feed.errors import BadMessage, LinkLost, NoBroker
from publish.feed.link import Event, Link, pauses
from publish.feed.message import Message, read
from publish.feed.received import Received

_AHEAD = 500  # messages the broker hands out before the first is acknowledged
_LOOK_EVERY = 0.2  # seconds between two looks at `stop` while nothing comes


class Subscriber:
    """Reads the messages kept for one subscriber, each once and in order.

    name           whose queue; start the broker with it, or what was sent before
                   the first visit is not there
    last_sequence  the last one that an earlier reader took; None: begin anywhere
    on_gap         is given first and last sequence of what did not come
    tell           is given a sentence when the broker is lost, when it is back,
                   and for a message that is not one of the feed's

    Raises BadName, NotLoopback.
    """

    def __init__(
        self,
        name: str,
        host: str = names.HOST,
        port: int = names.PORT,
        last_sequence: int | None = None,
        *,
        on_gap: Callable[[int, int], None] | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.queue = names.queue(name)
        self.repeats = 0
        self._host, self._port = names.loopback(host), port
        self._received = Received(last_sequence)
        self._on_gap = on_gap or (lambda first, last: None)
        self._tell = tell or (lambda _: None)
        self._stop = threading.Event()

    @property
    def last_sequence(self) -> int | None:
        """The highest sequence taken: give it to the next reader of this queue."""
        return self._received.last

    @property
    def gaps(self) -> tuple[tuple[int, int], ...]:
        """What has not come so far, as (first, last) of each gap; what comes late is still handed on."""
        return self._received.gaps

    def stop(self) -> None:
        """Let `run` end after the message in hand; may be called from another thread or from the callback."""
        self._stop.set()

    def run(self, on_message: Callable[[Message], None], at_most: int | None = None, idle: float | None = None) -> int:
        """Hand each message to `on_message`, and acknowledge it when that has come back.

        at_most  end after so many messages
        idle     end when nothing has come for so many seconds
        gives    how many were handed on

        Whatever `on_message` raises comes out of here: its message is not acknowledged,
        and the next reader gets it again.
        """
        self._stop.clear()
        handed, waits, told = 0, pauses(), False
        quiet_since = time.monotonic()
        while not self._over(handed, at_most, quiet_since, idle):
            try:
                link = Link(self._host, self._port)
            except NoBroker as error:
                if not told:
                    self._tell(str(error))
                    told = True
                self._stop.wait(next(waits))
                continue
            if told:
                self._tell(f"The broker at {link.address} is back.")
            told = False
            try:
                link.subscribe(self.queue, _AHEAD)
                while not self._over(handed, at_most, quiet_since, idle):
                    event = link.event(within=_LOOK_EVERY)
                    if event is not None:
                        quiet_since, waits = time.monotonic(), pauses()
                        handed += self._take(link, event, on_message)
            except LinkLost as error:
                self._tell(str(error))
                told = True
                self._stop.wait(next(waits))
            finally:
                link.close()
        return handed

    def _over(self, handed: int, at_most: int | None, quiet_since: float, idle: float | None) -> bool:
        if self._stop.is_set() or (at_most is not None and handed >= at_most):
            return True
        return idle is not None and time.monotonic() - quiet_since > idle

    def _take(self, link: Link, event: Event, on_message: Callable[[Message], None]) -> bool:
        """Hand one message on and acknowledge it; False for a repeat and for what is no message of the feed."""
        try:
            message = read(event.text, self.queue)
        except BadMessage as error:
            self._tell(str(error))
            link.refuse(event)
            return False
        new = not self._received.is_repeat(message.sequence)
        if new:
            gap = self._received.gap_before(message.sequence)
            if gap:
                self._on_gap(*gap)
            on_message(message)
            self._received.take(message.sequence)
        else:
            self.repeats += 1
        link.acknowledge(event)
        return new
