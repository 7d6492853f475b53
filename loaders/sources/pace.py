"""How fast a sender is asked: one pace for each address, shared by all threads of the process."""

from __future__ import annotations

import threading
import time


class Pace:
    """Requests leave one after the other, never closer than the pace allows."""

    def __init__(self, requests_a_minute: float) -> None:
        self._apart = 60 / requests_a_minute
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self, until: float) -> bool:
        """Wait for a turn. False, without waiting, when there is none before `until` (time.monotonic)."""
        with self._lock:
            turn = max(self._next, time.monotonic())
            if turn > until:
                return False
            self._next = turn + self._apart
        time.sleep(max(0.0, turn - time.monotonic()))
        return True


_paces: dict[tuple[str, float], Pace] = {}
_making = threading.Lock()


def pace_of(address: str, requests_a_minute: float) -> Pace:
    """The pace of an address."""
    with _making:
        return _paces.setdefault((address, requests_a_minute), Pace(requests_a_minute))
