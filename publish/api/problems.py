"""What an answer says when it cannot be given: problem+json (RFC 9457) with where, found, wanted, to do."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reports.errors import NoSuchRun

MEDIA_TYPE = "application/problem+json"
CATALOGUE = "The catalogue at / says what there is."


_WANTED = {"extra_forbidden": "no such name: there are run and format"}


class Problem(BaseModel):
    """Why there is no answer, and what to do about it."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="about:blank: the status says what kind of problem it is.")
    title: str
    status: int
    detail: str = Field(description="The sentence of the four parts below.")
    instance: str = Field(description="The path asked for.")
    where: str
    found: str
    wanted: str
    todo: str


class Refused(Exception):
    """A question that has no answer; made into a problem by the application."""

    def __init__(self, status: int, where: str, found: str, wanted: str, todo: str) -> None:
        super().__init__(status, where, found, wanted, todo)
        self.status, self.where, self.found, self.wanted, self.todo = status, where, found, wanted, todo


def problem(path: str, refused: Refused, headers: Mapping[str, str] | None = None) -> Response:
    """A refusal as it goes out."""
    said = Problem(
        type="about:blank", title=HTTPStatus(refused.status).phrase, status=refused.status,
        detail=f"{refused.where}: found {refused.found}, wanted {refused.wanted}. {refused.todo}",
        instance=ascii(path)[1:-1], where=refused.where, found=refused.found, wanted=refused.wanted, todo=refused.todo,
    )  # fmt: skip
    return Response(
        orjson.dumps(said.model_dump()), refused.status, {"Cache-Control": "no-store", **(headers or {})}, MEDIA_TYPE
    )


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These statuses as OpenAPI wants them."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def handle(app: FastAPI) -> None:
    """Make every error of the application a problem."""

    async def refused(request: Request, error: Exception) -> Response:
        return problem(request.url.path, _refusal(request, error), getattr(error, "headers", None))

    for kind in (Refused, NoSuchRun, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, refused)


def _refusal(request: Request, error: Exception) -> Refused:
    if isinstance(error, Refused):
        return error
    if isinstance(error, NoSuchRun):
        day = str(request.path_params.get("date", "the day"))
        run = request.query_params.get("run", "IP")
        return Refused(
            404, f"{day}, run {ascii(run)[1:-1]}", "no settled day", "one that was settled",
            f'Settle it with "bsc settle {day}", or name another day or run.',
        )  # fmt: skip
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        wanted = {404: "a path of the catalogue", 405: "GET"}.get(error.status_code, "a good request")
        return Refused(
            error.status_code, "request", f"{request.method} {ascii(request.url.path)[1:-1]}", wanted, CATALOGUE
        )
    return Refused(
        500, "server", "an error of its own", "an answer", "Tell whoever runs it: its log says what happened."
    )


def _invalid(error: RequestValidationError) -> Refused:
    """The first fault in full, the others by name."""
    faults = {" ".join(str(part) for part in fault["loc"]): fault for fault in error.errors()}
    (where, first), *others = faults.items()
    wanted = _WANTED.get(first["type"], str(first["msg"]).removeprefix("Value error, "))
    also = f" Also wrong: {', '.join(name for name, _ in others)}." if others else ""
    return Refused(
        422, ascii(where)[1:-1][:200], ascii(first.get("input"))[:200], wanted[:300], f"Correct it.{also} {CATALOGUE}",
    )  # fmt: skip
