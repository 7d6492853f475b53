"""Lines of JSON about the loads, each with the id of its run, for whatever gathers logs.

    log = logs.opened(run_id, job="boalf")
    log.info("kept", rows=1200)
    {"run_id": "...", "job": "boalf", "event": "kept", "rows": 1200, "level": "info", "at": "2026-11-27T10:00:00Z"}

What is bound or said under a name that holds a secret is never written out.
"""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

SECRETS = ("password", "token", "secret", "key", "authorization")


def opened(run_id: str, job: str = "", stream: TextIO | None = None, **bound: Any) -> Any:
    """A structlog logger that writes to a stream (stderr, where none is given), with what is bound on each line."""
    import structlog

    return structlog.wrap_logger(
        structlog.PrintLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            _without_secrets,
            structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(20),
        cache_logger_on_first_use=False,
    ).bind(run_id=run_id, **({"job": job} if job else {}), **bound)


def _without_secrets(_logger: Any, _method: str, said: MutableMapping[str, Any]) -> dict[str, Any]:
    return {name: "***" if _is_secret(name) else value for name, value in said.items()}


def _is_secret(name: str) -> bool:
    parts = name.lower().split("_")
    return any(secret in parts for secret in SECRETS)
