"""Names on the feed: destinations, queues, addresses.

A message goes to a topic and waits in a queue for each subscriber:
`/topic/bsc.prices` is kept in `/queue/sub.NAME.bsc.prices`.
"""

from __future__ import annotations

import ipaddress
import re

from publish.feed.errors import BadName, FeedFinding, NotLoopback

HOST = "127.0.0.1"
PORT = 61613  # the port STOMP brokers use when nothing else is said
PRICES = "bsc.prices"

# A dot would start a new level of the queue's name; * and > are wildcards of the broker.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def topic(destination: str) -> str:
    """Where the relay sends.

    >>> topic("bsc.prices")
    '/topic/bsc.prices'
    """
    return f"/topic/{destination}"


def queue(subscriber: str, destination: str = PRICES) -> str:
    """Where what was sent to `destination` waits for one subscriber, as the broker names it.

    Raises BadName.

    >>> queue("traders")
    'sub.traders.bsc.prices'
    """
    if not _NAME.fullmatch(subscriber):
        raise BadName(
            FeedFinding(
                where="subscriber",
                found=repr(subscriber),
                wanted="1 to 64 letters, digits, - or _",
                todo="Choose a name of these; it becomes part of the queue's name.",
            )
        )
    return f"sub.{subscriber}.{destination}"


def loopback(host: str) -> str:
    """The host as given, when it is this machine.

    Raises NotLoopback: the feed has no keys yet, so whoever reaches it may read and write.

    >>> loopback("127.0.0.1")
    '127.0.0.1'
    """
    if host == "localhost" or _is_loopback(host):
        return host
    raise NotLoopback(
        FeedFinding(
            where=f"host {host!r}",
            found="an address outside this machine",
            wanted="127.0.0.1, ::1 or localhost",
            todo="The feed has no keys yet, so it stays on this machine: use 127.0.0.1.",
        )
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
