"""The outbox of the store, for the relay alone.

Everyone who shows results reads through `reports.access` with a viewer. The relay is
a machine of the house: it moves messages that were written in the transaction which
made their results visible, and decides nothing about them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loaders.store.records import OutboxRow


class Outbox:
    """What the store of a workspace has to send."""

    def __init__(self, home: Path) -> None:
        from loaders import store

        self._store = store.open(home)

    def unsent(self, limit: int) -> list[OutboxRow]:
        """The first `limit` messages that are not marked sent, in order of sequence."""
        return list(self._store.outbox_unsent(limit))

    def mark_sent(self, sequences: Sequence[int], sent_at: datetime) -> None:
        """Mark messages that the broker has given a receipt for."""
        self._store.mark_sent(sequences, sent_at)
