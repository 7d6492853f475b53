"""Answers kept as ready bytes, under what they were made from; the oldest asked for go first."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from starlette.responses import Response

MOST_BYTES = 64 * 1024 * 1024

# run id, store version, path, form
Key = tuple[str, int, str, str]


@dataclass(frozen=True)
class Ready:
    """An answer as it goes out; its strong ETag is a hash of its bytes."""

    body: bytes
    content_type: str
    headers: Mapping[str, str]
    etag: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "etag", f'"{hashlib.sha256(self.body).hexdigest()[:32]}"')

    def response(self, if_none_match: str | None) -> Response:
        """The answer, or 304 to whoever holds these very bytes."""
        headers = {**self.headers, "ETag": self.etag}
        if _held(if_none_match, self.etag):
            return Response(None, 304, headers)
        return Response(self.body, 200, {**headers, "Content-Type": self.content_type})


def _held(if_none_match: str | None, etag: str) -> bool:
    if if_none_match is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or "*" in tags


class ReadyAnswers:
    """A bounded store of answers; safe to use from many threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held: OrderedDict[Key, Ready] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: Key) -> Ready | None:
        """The answer of a key, if it is held."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def keep(self, key: Key, answer: Ready) -> None:
        """Hold an answer, and let go of the oldest beyond the bound."""
        with self._lock:
            before = self._held.pop(key, None)
            self._bytes += len(answer.body) - (0 if before is None else len(before.body))
            self._held[key] = answer
            while self._bytes > self._most and self._held:
                _, gone = self._held.popitem(last=False)
                self._bytes -= len(gone.body)
