"""The feed: each changed price, from the outbox of the store to whoever subscribed.

from publish import feed

feed.broker.start(home)                       a broker on this machine
feed.relay.run(home)                          the outbox to the broker
feed.Subscriber("traders").run(print)         the messages kept for one subscriber
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["Message", "Subscriber", "broker", "relay"]


def __getattr__(name: str) -> Any:
    # On first use, so that `import publish` loads no network client.
    if name in ("broker", "relay"):
        return import_module(f"{__name__}.{name}")
    if name == "Subscriber":
        return import_module(f"{__name__}.subscriber").Subscriber
    if name == "Message":
        return import_module(f"{__name__}.message").Message
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
