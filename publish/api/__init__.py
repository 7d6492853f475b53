"""Answers for machines: the governed catalogue of what a workspace tells, over HTTP.

application(home)   the FastAPI application of a workspace folder
app                 the same for BSC_HOME (or ./workspace), as `uvicorn publish.api:app` wants it
Endpoints           declares answers, each with its promise on it

Names load on first use: the command line imports this package for its verb alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {"application": "publish.api.serving", "app": "publish.api.serving", "Endpoints": "publish.api.endpoints"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'publish.api' has no attribute {name!r}")
