"""What an answer may be asked by: day, period, run, form; each written once, with its description."""

from __future__ import annotations

import datetime
import re
from functools import cached_property
from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from publish.api.formats import wanted_form
from publish.api.problems import Refused
from reports import access
from reports.views import DayView, PeriodView
from settlement import calendar

RUN_PATTERN = rf"^({'|'.join(calendar.RUN_TYPES)}|[0-9a-f]{{64}})$"
EXAMPLE_DAY = "2024-01-15"


def _written_out(text: Any) -> Any:
    """pydantic also reads a count of seconds as a day; an address shall not."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(text), re.ASCII):
        raise ValueError("a day as yyyy-mm-dd")
    return text


SettlementDate = Annotated[
    datetime.date,
    BeforeValidator(_written_out),
    Path(alias="date", description="Settlement Date, a local day in London.", examples=[EXAMPLE_DAY]),
]
PeriodNumber = Annotated[
    int,
    Path(
        alias="period", ge=1, le=50, examples=[9],
        description="Settlement Period: 1 to 48; to 46 or 50 on the days the clocks change.",
    ),
]  # fmt: skip


class Asked(BaseModel):
    """The part of the address after the question mark; a name that is not here is refused."""

    model_config = ConfigDict(extra="forbid")

    run: str = Field(
        default="IP", pattern=RUN_PATTERN, examples=["IP"],
        description="Run type (the latest run kept of it), or the id of the very run.",
    )  # fmt: skip
    format: Literal["json", "csv"] | SkipJsonSchema[None] = Field(
        default=None, description="Stands above the Accept header.", examples=["json"]
    )


def _asked(query: Annotated[Asked, Query()]) -> Asked:
    return query


FromAddress = Annotated[Asked, Depends(_asked)]


def _form(asked: FromAddress, request: Request) -> str:
    return wanted_form(asked.format, request.headers.get("accept"))


Form = Annotated[str, Depends(_form)]


class KeptRun:
    """A run that the viewer may see; its figures are opened when they are first needed."""

    def __init__(self, reader: access.Access, viewer: access.Viewer, seen: access.SeenRun) -> None:
        self._reader, self._viewer, self.seen = reader, viewer, seen

    @cached_property
    def day(self) -> DayView:
        return self._reader.day(self._viewer, self.seen)

    def explained(self, quantity: str, period: PeriodView) -> Any:
        """How a value of a period came about."""
        key = {"settlement_period": period.settlement_period}
        return self._reader.explanation(self._viewer, self.seen, quantity, key)


def _kept_run(date: SettlementDate, asked: FromAddress, _form: Form, request: Request) -> KeptRun:
    reader: access.Access = request.app.state.access
    viewer = access.THIS_MACHINE
    return KeptRun(reader, viewer, reader.run(viewer, date, asked.run))


FromRun = Annotated[KeptRun, Depends(_kept_run)]


class AskedPeriod:
    """A period that the day has; its view is looked up when it is first needed."""

    def __init__(self, run: KeptRun, number: int) -> None:
        self.run, self.number = run, number

    @property
    def view(self) -> PeriodView:
        return self.run.day.period(self.number)


def _asked_period(run: FromRun, period: PeriodNumber) -> AskedPeriod:
    day, last = run.seen.settlement_date, calendar.period_count(run.seen.settlement_date)
    if period > last:
        raise Refused(
            404, f"{day}, settlement period", str(period), f"1 to {last}", "Correct the period or the day."
        )  # fmt: skip
    return AskedPeriod(run, period)


FromPeriod = Annotated[AskedPeriod, Depends(_asked_period)]
