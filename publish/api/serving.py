"""The application of a workspace: the declared endpoints, the catalogue at /, /health, and OpenAPI."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict
from starlette.responses import HTMLResponse

from publish.api import catalogue, prices, problems
from publish.api.endpoints import Endpoints
from publish.api.ready import ReadyAnswers
from publish.api.this_machine import OnlyThisMachine
from reports import access

FAMILIES: tuple[Endpoints, ...] = (prices.family,)
NO_SCRIPT = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
VERSION = "0.1"


class Health(BaseModel):
    """That the server answers, and which state of the store it reads."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["good"]
    store_version: int


def application(home: Path) -> FastAPI:
    """The application that answers from the workspace in `home`.

    Raises reports.access.NoWorkspace where the folder holds none.
    """
    app = FastAPI(
        title="Settlement workbench: answers", version=VERSION, docs_url=None, redoc_url=None,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        description="Imbalance prices of settled days. The figures keep the terms that x-licence names.",
    )  # fmt: skip
    app.state.access = access.Access(home)
    app.state.ready = ReadyAnswers()
    for family in FAMILIES:
        app.include_router(family.router)
    app.add_api_route(
        "/health", _health, methods=["GET"], response_model=Health, summary="Whether the server answers.",
        responses=problems.documented(421, 500),
        openapi_extra={"x-owner": "settlement", "x-since": "0.1", "x-freshness": "at once"},
    )  # fmt: skip
    app.add_api_route("/", _catalogue, methods=["GET"], response_class=HTMLResponse, include_in_schema=False)
    app.add_middleware(OnlyThisMachine)
    problems.handle(app)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


def _health(request: Request) -> Health:
    """Also the version of the store: another one means that answers may have changed."""
    return Health(status="good", store_version=request.app.state.access.version())


def _catalogue(request: Request) -> HTMLResponse:
    promises = [promise for family in FAMILIES for promise in family.promises]
    runs = request.app.state.access.runs(access.THIS_MACHINE)
    return HTMLResponse(catalogue.page(promises, runs), headers={"Content-Security-Policy": NO_SCRIPT})


def _described(app: FastAPI) -> dict[str, Any]:
    """OpenAPI, with the one form that errors have."""
    if app.openapi_schema is None:
        said = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes,
            license_info=app.license_info,
        )  # fmt: skip
        schemas = said["components"]["schemas"]
        schemas["Problem"] = problems.Problem.model_json_schema()
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = said
    return app.openapi_schema


def __getattr__(name: str) -> Any:
    if name == "app":
        from reports import workspace

        return application(workspace())
    raise AttributeError(f"module 'publish.api.serving' has no attribute {name!r}")
