"""No keys yet, so nobody but this machine: neither as listener nor by a name that a web page made up."""

from __future__ import annotations

import ipaddress

from starlette.types import ASGIApp, Receive, Scope, Send

from publish.api.problems import Refused, problem

WHY = "there are no keys yet, so whoever reaches the server reads everything"


def is_this_machine(host: str) -> bool:
    """Whether a host name or address can only mean the machine itself.

    >>> [is_this_machine(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "example.org")]
    [True, True, True, False, False]
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class OnlyThisMachine:
    """Refuses a request whose Host is another name.

    A page from elsewhere can have its own name point to 127.0.0.1 and would then read
    answers as if they were its own; its requests still carry that name.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = next((value.decode("latin-1") for name, value in scope.get("headers", []) if name == b"host"), "")
        if scope["type"] != "http" or is_this_machine(_name(host)):
            await self.app(scope, receive, send)
            return
        refused = Refused(
            421, "header Host", ascii(host)[1:-1][:200], "127.0.0.1, [::1] or localhost", f"Use one of these: {WHY}."
        )
        await problem(scope["path"], refused)(scope, receive, send)


def _name(host: str) -> str:
    """The name without port and brackets.

    >>> _name("[::1]:8000"), _name("localhost:8000"), _name("127.0.0.1")
    ('::1', 'localhost', '127.0.0.1')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()
