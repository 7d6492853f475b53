"""One request over HTTP, bounded in size, and what went wrong with it.

What may pass by itself (a broken connection, a timeout, an overloaded sender) is told
from what will not (a wrong address, a refused question), because only the first is
worth another attempt.
"""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from pydantic import SecretStr

from loaders.sources.settings import Limits

if TYPE_CHECKING:
    import httpx2

PASSING = frozenset({429, 500, 502, 503, 504})
SHOWN = 200  # characters of a strange answer that a finding quotes
_ERROR_BYTES = 65_536  # as much of an error page is read


@dataclass(frozen=True)
class Got:
    """A whole answer with status 200; `content_type` without its parameters, in small letters."""

    data: bytes
    content_type: str
    asked_at: datetime
    published_at: datetime | None
    status: int = 200


class NoAnswer(Exception):
    """A request that brought no answer, in the words of a Finding."""

    def __init__(
        self, found: str, wanted: str, todo: str, status: int | None = None, come_again: datetime | None = None
    ) -> None:
        super().__init__(found)
        self.found = found
        self.wanted = wanted
        self.todo = todo
        self.status = status
        self.come_again = come_again


class PassingTrouble(NoAnswer):
    """One that may pass. `come_again` is the time that the sender named."""


@dataclass(frozen=True)
class Request:
    """What is asked. `secret`: parameters that join the query on the wire only and are never shown."""

    address: str
    query: Sequence[tuple[str, str]] = ()
    secret: Sequence[tuple[str, SecretStr]] = field(default=(), repr=False)
    accept: str = "*/*"

    @property
    def shown(self) -> str:
        """The address with its query, for logs and findings."""
        from urllib.parse import urlencode

        return f"{self.address}?{urlencode(self.query)}" if self.query else self.address


def fetch(client: httpx2.Client, request: Request, limits: Limits, given_up: threading.Event) -> Got:
    """The answer to one request. Stops reading when `given_up` is set.

    Raises NoAnswer, or PassingTrouble where another attempt may do.
    """
    import httpx2

    asked_at = datetime.now(UTC)
    timeout = httpx2.Timeout(limits.read, connect=limits.connect)
    try:
        with client.stream(
            "GET",
            request.address,
            params=[*request.query, *((name, key.get_secret_value()) for name, key in request.secret)],
            headers={"Accept": request.accept},
            timeout=timeout,
            follow_redirects=False,
        ) as response:
            if response.status_code != 200:
                raise _refused(response, given_up)
            data = _body(response, limits.largest_answer, given_up)
            return Got(data, _type(response), asked_at, _published(response))
    except (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.InvalidURL) as error:
        raise NoAnswer(_words(error), "an address that can be asked", "Correct the address in the settings.") from None
    except (httpx2.TransportError, httpx2.DecodingError) as error:
        if _is_certificate(error):
            raise NoAnswer(
                _words(error), "a certificate that this machine trusts", "Find out who answers at this address."
            ) from None
        raise PassingTrouble(_words(error), "a whole answer", "Ask again later; look at the network.") from None


def _body(response: httpx2.Response, most: int, given_up: threading.Event) -> bytes:
    """The bytes of an answer, unpacked. A body shorter than its Content-Length is a RemoteProtocolError."""
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > most:
            raise NoAnswer(
                f"more than {most:,} bytes", "an answer of that size at most", "Ask for less at a time.", 200
            )
        if given_up.is_set():
            break
        parts.append(part)
    return b"".join(parts)


def _refused(response: httpx2.Response, given_up: threading.Event) -> NoAnswer:
    status = response.status_code
    if 300 <= status < 400:
        # The new address is not asked: what it answers is not what the settings name. Its query may hold a key.
        place = response.headers.get("Location", "").partition("?")[0]
        return NoAnswer(
            f"status {status}, on to {place or 'nowhere'}",
            "an answer at the address itself",
            "Nothing was asked there. Correct the address in the settings if the sender has moved.",
            status,
        )
    try:
        text = excerpt(_body(response, _ERROR_BYTES, given_up))
    except NoAnswer:
        text = "a long text"
    found = f"status {status}: {text}" if text else f"status {status}"
    if status not in PASSING:
        return NoAnswer(found, "status 200", _todo(status, text), status)
    again = _come_again(response.headers.get("Retry-After"))
    todo = f"Ask again at {again:%Y-%m-%d %H:%M:%S} UTC or later." if again else "Ask again later."
    return PassingTrouble(found, "status 200", todo, status, again)


def _todo(status: int, text: str) -> str:
    if "must not exceed" in text:
        return "Ask for less at a time: shorten what the job's questions cover (fetch: longest)."
    if status in (401, 403):
        return "Look at the key and at what it may ask for."
    if status == 404:
        return "Look at the path of the job and at the address in the settings."
    return "Correct the path or the query of the job."


def _come_again(said: str | None) -> datetime | None:
    """The time of a Retry-After, which is a number of seconds or a date; None for neither."""
    now = datetime.now(UTC)
    if said is None:
        return None
    if said.strip().isdigit():
        return now + timedelta(seconds=min(int(said), 10 * 366 * 86400))
    return _date(said)


def _published(response: httpx2.Response) -> datetime | None:
    """The sender's clock."""
    return _date(response.headers.get("Last-Modified")) or _date(response.headers.get("Date"))


def _date(said: str | None) -> datetime | None:
    try:
        when = parsedate_to_datetime(said) if said else None
    except ValueError:
        return None
    if when is None:
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _type(response: httpx2.Response) -> str:
    said: str = response.headers.get("Content-Type", "")
    return said.partition(";")[0].strip().lower()


def excerpt(data: bytes) -> str:
    """The first characters of a strange answer, on one line."""
    return " ".join(data[: 8 * SHOWN].decode("utf-8", "replace").split())[:SHOWN]


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def _is_certificate(error: BaseException) -> bool:
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, ssl.SSLCertVerificationError):
            return True
        at = at.__cause__ or at.__context__
    return False


class _WithoutQuery(logging.Filter):
    """The client logs each address whole, and the portal takes its key in the query."""

    def filter(self, record: logging.LogRecord) -> bool:
        import httpx2

        if isinstance(record.args, tuple):
            record.args = tuple(
                arg.copy_with(query=None) if isinstance(arg, httpx2.URL) else arg for arg in record.args
            )
        return True


def hide_queries_in_logs() -> None:
    """Keep queries out of what the HTTP client logs."""
    logger = logging.getLogger("httpx2")
    if not any(isinstance(known, _WithoutQuery) for known in logger.filters):
        logger.addFilter(_WithoutQuery())
