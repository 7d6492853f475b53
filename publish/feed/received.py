"""Which numbers of a numbered row have come, and which are missing."""

from __future__ import annotations


class Received:
    """The place of a subscriber in a destination: its highest sequence, and the gaps below.

    last  the highest sequence taken so far; None when it has taken none, and then
          whatever comes first is where it begins
    """

    def __init__(self, last: int | None = None) -> None:
        self.last = last
        self._gaps: list[tuple[int, int]] = []

    @property
    def gaps(self) -> tuple[tuple[int, int], ...]:
        """Sequences that have not come, as (first, last) of each gap."""
        return tuple(self._gaps)

    def gap_before(self, sequence: int) -> tuple[int, int] | None:
        """The gap that this sequence would open, as (first, last)."""
        if self.last is None or sequence <= self.last + 1:
            return None
        return self.last + 1, sequence - 1

    def is_repeat(self, sequence: int) -> bool:
        """Whether it was taken before. What is late, because it was missing, is not a repeat."""
        if self.last is None or sequence > self.last:
            return False
        return not any(first <= sequence <= last for first, last in self._gaps)

    def take(self, sequence: int) -> None:
        """Note that it has been taken."""
        opened = self.gap_before(sequence)
        if opened:
            self._gaps.append(opened)
        if self.last is None or sequence > self.last:
            self.last = sequence
            return
        for place, (first, last) in enumerate(self._gaps):
            if first <= sequence <= last:
                self._gaps[place : place + 1] = [
                    gap for gap in ((first, sequence - 1), (sequence + 1, last)) if gap[0] <= gap[1]
                ]
                return
