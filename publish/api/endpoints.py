"""An endpoint is a function with its promise on it; forms, ETag, headers and errors are added here.

The function says which records answer; what it is declared with says their columns. Its
first docstring line is the summary in the catalogue.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Protocol, get_type_hints

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.json_schema import SkipJsonSchema
from starlette.responses import Response

from publish.api.asked import Form, KeptRun
from publish.api.columns import Column, row_model, rows_of
from publish.api.formats import CONTENT_TYPES, csv_bytes, json_bytes
from publish.api.price_rows import marks
from publish.api.problems import documented
from publish.api.ready import Ready, ReadyAnswers
from reports.views import DayView

LICENCE = "BMRS data terms for what was received; figures of our own are free to use"
MARKS = "X-Marks"
IfNoneMatch = Annotated[
    str | SkipJsonSchema[None], Header(description="ETags of the answers held; 304 when one of them still holds.")
]


@dataclass(frozen=True)
class Promise:
    """What whoever runs an endpoint stands for."""

    path: str
    owner: str
    since: str
    freshness: str
    quantity: str
    licence: str
    summary: str
    about: str
    columns: Sequence[tuple[str, str, str]]  # name, unit, what it is

    def extensions(self) -> dict[str, str]:
        """The promise as the operation carries it in OpenAPI."""
        said = {
            "x-owner": self.owner, "x-since": self.since, "x-freshness": self.freshness, "x-licence": self.licence,
            "x-synthetic": f"SYNTHETIC and ASSUMED stand in the header {MARKS} and in `marks` of the answer",
        }  # fmt: skip
        return said | ({"x-quantity": self.quantity} if self.quantity else {})


class About(BaseModel):
    """Which run the figures are of, and how much they may be trusted."""

    model_config = ConfigDict(extra="forbid")

    settlement_date: date
    run: str = Field(description="Run type.")
    run_id: str
    marks: list[str] = Field(description="SYNTHETIC, ASSUMED; empty where neither holds.")
    synthetic: bool = Field(description="Made-up data is among what was read.")
    assumed: str | None = Field(description="File of the adjustment actions that no feed brought.")
    way: str = Field(description="published stack, or own stack.")
    store_version: int = Field(description="Of the store, when the run read it.")
    data_as_of: datetime = Field(description="When the newest file read was kept.")
    settled_at: datetime
    code_hash: str = Field(description="Of the source that settled it.")
    owner: str
    freshness: str
    licence: str


class Shape(Protocol):
    """How records become an answer."""

    def model(self, name: str) -> tuple[str, Any]: ...

    def columns(self) -> list[tuple[str, str, str]]: ...

    def told(self, records: Any) -> tuple[str, Any]: ...

    def table(self, told: Any) -> tuple[Sequence[str], Iterable[dict[str, Any]]]: ...


@dataclass(frozen=True)
class Rows:
    """An answer of rows: one a record."""

    of: Sequence[Column]

    def model(self, name: str) -> tuple[str, Any]:
        return "rows", list[row_model(f"{name}Row", self.of)]  # type: ignore[misc]

    def columns(self) -> list[tuple[str, str, str]]:
        return [(column.name, column.unit, column.about) for column in self.of]

    def told(self, records: Any) -> tuple[str, Any]:
        return "rows", rows_of(self.of, list(records))

    def table(self, told: Any) -> tuple[Sequence[str], Iterable[dict[str, Any]]]:
        return [column.name for column in self.of], told


class Endpoints:
    """The declared endpoints of one family, with the routes made of them."""

    def __init__(self) -> None:
        self.router = APIRouter()
        self.promises: list[Promise] = []

    def endpoint(
        self, path: str, *, answer: Shape, owner: str, since: str, freshness: str, quantity: str = "",
        licence: str = LICENCE,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # fmt: skip
        """Declare an answer: the function gives its records, `answer` their shape, the rest is the promise."""

        def declare(query: Callable[..., Any]) -> Callable[..., Any]:
            summary, _, about = (inspect.getdoc(query) or "").partition("\n")
            promise = Promise(
                path, owner, since, freshness, quantity, licence, summary, about.strip(), answer.columns()
            )
            self.promises.append(promise)
            name = "".join(word.capitalize() for word in query.__name__.split("_"))
            part, model = answer.model(name)
            fields: dict[str, Any] = {"about": (About, ...), part: (model, ...)}
            self.router.add_api_route(
                path, _answering(query, answer, promise), methods=["GET"], name=query.__name__, summary=summary,
                description=promise.about or summary, response_class=JSONResponse,
                response_model=create_model(name, __config__=ConfigDict(extra="forbid"), **fields),
                responses=_responses(promise), openapi_extra=promise.extensions(),
            )  # fmt: skip
            return query

        return declare


def _answering(query: Callable[..., Any], answer: Shape, promise: Promise) -> Callable[..., Response]:
    """The function that a route calls: what the query wants, and what every endpoint wants."""

    def answering(request: Request, asked_form: Form, if_none_match: IfNoneMatch = None, **wanted: Any) -> Response:
        run: KeptRun = wanted["run"]
        held: ReadyAnswers = request.app.state.ready
        key = (run.seen.run_id, run.seen.read_at_version, request.url.path, asked_form)
        ready = held.get(key)
        if ready is None:
            ready = _made(query(**wanted), run.day, answer, promise, asked_form, request.url.path)
            held.keep(key, ready)
        return ready.response(if_none_match)

    hints = get_type_hints(query, include_extras=True)
    own = [one for one in inspect.signature(answering, eval_str=True).parameters.values() if one.name != "wanted"]
    theirs = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=hints[name])
        for name in inspect.signature(query).parameters
    ]
    answering.__signature__ = inspect.Signature([*own, *theirs])  # type: ignore[attr-defined]
    return answering


def _made(records: Any, day: DayView, answer: Shape, promise: Promise, form: str, path: str) -> Ready:
    part, told = answer.told(records)
    body = csv_bytes(*answer.table(told)) if form == "csv" else json_bytes({"about": _about(day, promise), part: told})
    said = marks(day)
    name = "_".join([*said, *path.strip("/").split("/")[1:]])
    headers = {
        # Whoever holds an answer asks whether it still holds: a later run or price may come at any time.
        "Cache-Control": "private, no-cache",
        "Vary": "Accept",
        "Content-Disposition": f'inline; filename="{name}.{form}"',
        "X-Run": day.run,
        "X-Run-Id": day.run_id,
        "X-Data-As-Of": day.data_as_of.isoformat(),
        **({MARKS: ", ".join(said)} if said else {}),
    }
    return Ready(body, CONTENT_TYPES[form], headers)


def _about(day: DayView, promise: Promise) -> dict[str, Any]:
    about = About(
        settlement_date=day.settlement_date, run=day.run, run_id=day.run_id, marks=marks(day), synthetic=day.synthetic,
        assumed=day.assumed, way=day.way, store_version=day.store_version, data_as_of=day.data_as_of,
        settled_at=day.settled_at, code_hash=day.code_hash, owner=promise.owner, freshness=promise.freshness,
        licence=promise.licence,
    )  # fmt: skip
    return about.model_dump(mode="json")


def _responses(promise: Promise) -> dict[int | str, dict[str, Any]]:
    def header(about: str) -> dict[str, Any]:
        return {"description": about, "schema": {"type": "string"}}

    headers = {
        "ETag": header("Strong: a hash of the bytes."),
        "Cache-Control": header("Ask again with If-None-Match."),
        MARKS: header("SYNTHETIC, ASSUMED; left out where neither holds."),
        "X-Run": header("Run type."),
        "X-Run-Id": header("The very run."),
        "X-Data-As-Of": header("When the newest file read was kept."),
    }
    table = {"schema": {"type": "string"}, "x-columns": [name for name, _, _ in promise.columns]}
    return {
        200: {"description": "The answer.", "headers": headers, "content": {"text/csv": table}},
        304: {"description": "What is held still holds.", "headers": {"ETag": headers["ETag"]}},
        **documented(404, 406, 421, 422, 500),
    }
