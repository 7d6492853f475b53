"""Files of signing: one form each, read strictly, every byte counted."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from reports.errors import ReportError
from reports.found_wrong import Wrong

AGAIN = "Ask the sender for the file again, or restore it from a copy."
_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


class NotAsWritten(ReportError):
    """A file of signing that is not what was written; its one argument is the Wrong."""

    @property
    def wrong(self) -> Wrong:
        """What does not hold."""
        found: Wrong = self.args[0]
        return found


def instant(moment: datetime) -> str:
    """A moment in UTC as text of fixed width, so that its order as text is its order in time."""
    return moment.astimezone(UTC).strftime(_INSTANT)


def _real(text: str) -> str:
    if instant(datetime.fromisoformat(text)) != text:
        raise ValueError("no moment as 2024-01-15T12:00:00.000000Z")
    return text


def _plain(text: str) -> str:
    if re.search(r"[/\\\x00-\x1f]", text) or text in ("", ".", ".."):
        raise ValueError("no name of a file without its folder")
    return text


# Lower case only: of a hash there is one way to write it.
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
SignatureText = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]
Instant = Annotated[str, AfterValidator(_real)]
FileName = Annotated[str, AfterValidator(_plain)]


class Record(BaseModel):
    """A file of signing: fields known, no others, each of one type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def data(self, *without: str) -> dict[str, Any]:
        """The fields by name, without some."""
        return self.model_dump(exclude=set(without))


Kind = TypeVar("Kind", bound=Record)


def read(path: Path, kind: type[Kind]) -> Kind:
    """A file as the record it must be. Raises NotAsWritten, and OSError where it cannot be read."""
    from reports.manifest import canonical

    content = path.read_bytes()
    record = parsed(path.name, content, kind)
    if canonical(record.data()) != content:
        raise NotAsWritten(Wrong(path.name, "other blanks or order than written", "the bytes as written", AGAIN))
    return record


def parsed(file: str, content: bytes, kind: type[Kind]) -> Kind:
    """Bytes of a file as the record they must be. Raises NotAsWritten."""
    try:
        data = json.loads(content.decode("utf-8"))
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        found = f"{where} that is not right ({first['msg']})"
        raise NotAsWritten(Wrong(file, found, "the file as written", AGAIN)) from None
    except (ValueError, RecursionError) as error:
        raise NotAsWritten(Wrong(file, f"no readable JSON ({error})", "the file as written", AGAIN)) from None
