"""One thing that does not hold, with the file it is about, what was found and wanted, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

FETCH = "Ask the sender for report and manifest again."


@dataclass(frozen=True)
class Wrong:
    """One thing that does not hold."""

    file: str
    found: str
    wanted: str
    todo: str

    def __str__(self) -> str:
        return f"{self.file}: found {self.found}, wanted {self.wanted}. {self.todo}"
