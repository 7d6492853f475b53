"""Carries the outbox of the store to the broker, each message at least once, in order.

Messages go in transactions of up to 100 with one receipt each, four under way at a
time. A row is marked sent when the receipt of its transaction is here and all before
it are marked. Whatever breaks (broker, connection, relay itself), the next attempt
begins at the lowest row not marked: a repeat has the id and the sequence it had
before, and the subscriber drops it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from publish.feed import names
from publish.feed.claim import Claim, workspace
from publish.feed.errors import LinkLost, NoBroker
from publish.feed.link import Link, pauses
from publish.feed.message import Message
from reports.outbox import Outbox

if TYPE_CHECKING:
    from reports.outbox import OutboxRow

TRANSACTION = 100  # messages; more gain little and make repeats longer
UNDER_WAY = 4  # transactions sent before the receipt of the first is here
RECEIPT_WITHIN = 15.0  # seconds: a broker without room blocks in silence
_WINDOW = 20 * TRANSACTION
_BUSY_POLL, _IDLE_POLL = 0.005, 0.05  # seconds between two looks into the outbox


@dataclass
class Relayed:
    """What a relay has done: messages marked sent, and how often the broker was lost."""

    sent: int = 0
    transactions: int = 0
    lost: int = 0


@dataclass(frozen=True)
class _UnderWay:
    receipt: str
    sequences: list[int]
    since: float


def run(
    home: Path,
    host: str = names.HOST,
    port: int = names.PORT,
    once: bool = False,
    *,
    stop: threading.Event | None = None,
    tell: Callable[[str], None] | None = None,
) -> Relayed:
    """Send what the outbox of a workspace holds, and go on as it fills.

    once  end when nothing is left, and raise NoBroker when nobody answers;
          otherwise go on until `stop` is set, and wait for a broker that is away
    tell  is given a sentence when the broker is lost and when it is back

    Raises NoWorkspace, AlreadyRunning, NotLoopback, and with `once` NoBroker.
    """
    names.loopback(host)
    outbox = Outbox(workspace(home))
    claim = Claim(home / "feed" / "relay", "feed relay")
    try:
        return _Relay(outbox, host, port, stop or threading.Event(), tell or (lambda _: None)).run(once)
    finally:
        claim.release()


class _Relay:
    def __init__(
        self, outbox: Outbox, host: str, port: int, stop: threading.Event, tell: Callable[[str], None]
    ) -> None:
        self._outbox = outbox
        self._host, self._port = host, port
        self._stop = stop
        self._tell = tell
        self._done = Relayed()

    def run(self, once: bool) -> Relayed:
        waits, told = pauses(), ""
        while not self._stop.is_set():
            before = self._done.sent
            try:
                link = Link(self._host, self._port)
            except NoBroker as error:
                if once:
                    raise
                if not told:
                    told = str(error)
                    self._tell(told)
                self._stop.wait(next(waits))
                continue
            if told:
                self._tell(f"The broker at {link.address} is back.")
            try:
                self._carry(link, once)
                break
            except LinkLost as error:
                self._done.lost += 1
                told = str(error)
                self._tell(told)
            finally:
                link.close()
            if self._done.sent > before:
                waits = pauses()
            # A broker that takes the connection and then refuses must not be asked without a pause.
            self._stop.wait(next(waits))
        return self._done

    def _carry(self, link: Link, once: bool) -> None:
        """Send and mark over one connection, until nothing is left (`once`) or `stop` is set."""
        waiting: deque[OutboxRow] = deque()
        under_way: deque[_UnderWay] = deque()
        poll = _BUSY_POLL
        while under_way or not self._stop.is_set():
            if not waiting and not under_way:
                waiting.extend(self._outbox.unsent(_WINDOW))
                if not waiting:
                    if once:
                        return
                    link.event(within=poll)  # nothing is due: only a loss can come
                    poll = min(_IDLE_POLL, poll * 1.1)
                    continue
                poll = _BUSY_POLL
            while waiting and len(under_way) < UNDER_WAY and not self._stop.is_set():
                batch = [waiting.popleft() for _ in range(min(TRANSACTION, len(waiting)))]
                under_way.append(_send(link, batch))
            if under_way:
                self._mark(_receipted(link, under_way))

    def _mark(self, receipted: list[_UnderWay]) -> None:
        sequences = [sequence for transaction in receipted for sequence in transaction.sequences]
        self._outbox.mark_sent(sequences, datetime.now(UTC))
        self._done.sent += len(sequences)
        self._done.transactions += len(receipted)


def _send(link: Link, batch: list[OutboxRow]) -> _UnderWay:
    """One transaction with all messages of the batch; the receipt is asked of its COMMIT."""
    transaction = f"{batch[0].sequence}-{batch[-1].sequence}"
    messages = [(names.topic(row.destination), _message(row)) for row in batch]
    link.transact(transaction, ((topic, message.body(), message.headers()) for topic, message in messages))
    return _UnderWay(transaction, [row.sequence for row in batch], time.monotonic())


def _message(row: OutboxRow) -> Message:
    return Message(
        id=row.message_id,
        sequence=row.sequence,
        previous=row.previous,
        supersedes=row.supersedes,
        settlement_date=row.settlement_date,
        settlement_period=row.settlement_period,
        run=row.run,
        value=row.value,
    )


def _receipted(link: Link, under_way: deque[_UnderWay]) -> list[_UnderWay]:
    """Wait for the receipt that is due, then take all that are here too; they leave `under_way`.

    Raises LinkLost when the receipt is late or another came first.
    """
    receipted: list[_UnderWay] = []
    while under_way:
        due = under_way[0]
        event = link.event(within=0 if receipted else max(0.001, due.since + RECEIPT_WITHIN - time.monotonic()))
        if event is None:
            if receipted:
                break
            raise link.lost(f"no receipt for messages {due.receipt} within {RECEIPT_WITHIN:g} s")
        if event.kind != "receipt" or event.text != due.receipt:
            raise link.lost(f"{event.kind} {event.text!r} where the receipt of messages {due.receipt} was due")
        receipted.append(under_way.popleft())
    return receipted
