"""What was signed in a folder, in which order: `chain.jsonl`, a line a signature, only ever longer.

Each line holds the SHA-256 of the line before and that of its signature file, and the
signature holds number and predecessor of its line: so lines cannot be turned round, taken
out or put in, not even by somebody who works out all the hashes anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import Field

from reports.found_wrong import Wrong
from reports.manifest import sha256
from reports.signing.records import FileName, Hash, Instant, NotAsWritten, Record, parsed

FILE = "chain.jsonl"
_RESTORE = "Restore the chain from a copy; it is only ever made longer, never written anew."


class Line(Record):
    """One signature in the order of signing."""

    number: Annotated[int, Field(ge=1)]
    previous: Hash | None  # SHA-256 of the line before, its line end left out
    file: FileName
    signature_sha256: Hash
    at: Instant
    line_sha256: Hash  # over the line without this entry

    def content(self) -> bytes:
        """The line as it stands in the file, without its line end."""
        return _plain(self.data())


def _plain(data: object) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def next_line(lines: list[Line], file: str, signature: bytes, at: str) -> Line:
    """The line of a signature file with these bytes."""
    number, previous = next_place(lines)
    said = {
        "number": number, "previous": previous, "file": file, "signature_sha256": sha256(signature), "at": at,
    }  # fmt: skip
    return Line.model_validate(said | {"line_sha256": sha256(_plain(said))})


def next_place(lines: list[Line]) -> tuple[int, str | None]:
    """Number and predecessor of the line to come."""
    return len(lines) + 1, sha256(lines[-1].content()) if lines else None


def as_bytes(lines: list[Line]) -> bytes:
    """The file of some lines."""
    return b"".join(line.content() + b"\n" for line in lines)


def read_chain(folder: Path) -> list[Line]:
    """The lines of a folder's chain; none where it has no chain. Raises NotAsWritten."""
    path = folder / FILE
    return lines_of(path.read_bytes()) if path.is_file() else []


def lines_of(content: bytes) -> list[Line]:
    """The lines of a chain, each held to the one before. Raises NotAsWritten."""
    if not content.endswith(b"\n"):
        raise NotAsWritten(Wrong(FILE, "a last line that is cut", "whole lines", _RESTORE))
    lines: list[Line] = []
    for place, raw in enumerate(content[:-1].split(b"\n"), start=1):
        try:
            line = parsed(FILE, raw, Line)
        except NotAsWritten as error:
            wrong = error.wrong
            raise NotAsWritten(Wrong(FILE, f"in line {place} {wrong.found}", wrong.wanted, _RESTORE)) from None
        number, previous = next_place(lines)
        if line.content() != raw or line.line_sha256 != sha256(_plain(line.data("line_sha256"))):
            raise _broken(place, "other bytes than its own hash says")
        if (line.number, line.previous) != (number, previous):
            raise _broken(place, f"number {line.number} and a predecessor that is not the line before it")
        if lines and line.at < lines[-1].at:
            raise _broken(place, f"a time ({line.at}) before that of the line before ({lines[-1].at})")
        lines.append(line)
    return lines


def _broken(place: int, found: str) -> NotAsWritten:
    return NotAsWritten(Wrong(FILE, f"in line {place} {found}", "lines in the order in which they were made", _RESTORE))
