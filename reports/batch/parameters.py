"""What each notebook may be given: declared once here, checked before anything is started.

Parameters stand in the report in clear, so a secret is never one of them.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from reports.views import RUN_ID_LENGTH
from settlement.calendar import RUN_TYPES
from settlement.command_line import AskedWrongly

MOST_DAYS = 370  # of one statement
_SPAN = re.compile(r"(20|19)\d\d(-(0[1-9]|1[0-2]))?")


class WrongParameters(AskedWrongly):
    """A notebook was asked for with parameters that it does not have; its one argument lists the right ones."""


def _a_run(text: str | None) -> str | None:
    if text is None:
        return None
    if text not in RUN_TYPES and not (len(text) == RUN_ID_LENGTH and set(text) <= set("0123456789abcdef")):
        raise ValueError(f"wanted one of {', '.join(RUN_TYPES)}, or the id of a run")
    return text


def _a_run_type(text: str | None) -> str | None:
    if text is not None and text not in RUN_TYPES:
        raise ValueError(f"wanted one of {', '.join(RUN_TYPES)}")
    return text


def _a_span(text: str) -> str:
    if not _SPAN.fullmatch(text):
        raise ValueError("wanted a month as 2024-01 or a year as 2024")
    return text


SettlementDate = Annotated[date, Field(description="Settlement Date, yyyy-mm-dd", examples=["2024-01-15"])]
Run = Annotated[
    str | None,
    AfterValidator(_a_run),
    Field(
        description=f"run type ({', '.join(RUN_TYPES)}) or run id; left out: the run asked for last", examples=["SF"]
    ),
]
Home = Annotated[
    Path | None, Field(description="workspace folder; left out: BSC_HOME, else ./workspace", examples=["workspace"])
]


class Parameters(BaseModel):
    """The base: nothing that is not declared, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SettlementDayParameters(Parameters):
    """Of the report of one settled day."""

    settlement_date: SettlementDate
    run: Run = None
    home: Home = None


class DataQualityParameters(Parameters):
    """Of the page that says what came of a day and of its month."""

    date: SettlementDate
    home: Home = None


class PeriodDetailParameters(SettlementDayParameters):
    """Of the report of one period."""

    settlement_period: Annotated[int, Field(ge=1, le=50, description="Settlement Period", examples=[37])]


class PartyStatementParameters(SettlementDayParameters):
    """Of the statement of a Party."""

    party: Annotated[str, Field(min_length=1, description="id of the Party", examples=["SYNP001"])]
    last_date: Annotated[
        date | None,
        Field(description="last day of the statement; left out: the one day", examples=["2024-01-31"]),
    ] = None
    copy_for: Annotated[
        Literal["party", "staff"],
        Field(description="party: nothing of others that is not public; staff: theirs too", examples=["party"]),
    ] = "party"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_date is not None and not 0 <= (self.last_date - self.settlement_date).days <= MOST_DAYS:
            raise ValueError(f"last_date: wanted one from settlement_date to {MOST_DAYS} days later")
        return self


class RunVarianceParameters(SettlementDayParameters):
    """Of the change between two runs of a day; `run` is the later."""

    earlier: Annotated[
        str | None,
        AfterValidator(_a_run),
        Field(description="the earlier run; left out: the run type kept before it", examples=["II"]),
    ] = None


class PriceConformanceParameters(Parameters):
    """Of prices over a month or a year."""

    span: Annotated[str, AfterValidator(_a_span), Field(description="month or year", examples=["2024-01", "2024"])]
    run: Annotated[
        str | None,
        AfterValidator(_a_run_type),
        Field(description="run type; left out: of each day the run asked for last", examples=["SF"]),
    ] = None
    home: Home = None


class BatchIndexParameters(Parameters):
    """Of the index of a folder of reports."""

    folder: Annotated[
        str, Field(description="a folder that a batch wrote, in the workspace", examples=["batches/settlement_day"])
    ]
    home: Home = None


class DisputePackParameters(Parameters):
    """Of the case of a Trading Dispute."""

    number: Annotated[int, Field(ge=1, description="number of the dispute", examples=[1])]
    home: Home = None


NOTEBOOKS: dict[str, type[Parameters]] = {
    "settlement_day": SettlementDayParameters,
    "data_quality": DataQualityParameters,
    "period_detail": PeriodDetailParameters,
    "party_statement": PartyStatementParameters,
    "run_variance": RunVarianceParameters,
    "price_conformance": PriceConformanceParameters,
    "batch_index": BatchIndexParameters,
    "dispute_pack": DisputePackParameters,
}
LOOKED_AT = ("data_quality", "dispute_pack")  # of a dispute its pack is made, by bsc dispute pack
REPORTED = tuple(name for name in NOTEBOOKS if name not in LOOKED_AT)  # the notebooks that a report is made of


def notebook_name(text: str) -> str:
    """The name under which a notebook is declared: `settlement_day` of "path/settlement_day.ipynb".

    Raises WrongParameters for a notebook that is not declared.
    """
    name = Path(text).name.removesuffix(".ipynb")
    if name not in NOTEBOOKS:
        raise WrongParameters(
            f"NOTEBOOK: found {text!r}, wanted one of {', '.join(NOTEBOOKS)}. A new one is declared with its "
            "parameters in reports/batch/parameters.py."
        )
    return name


def batched() -> list[str]:
    """The notebooks that a batch may run: those of one settled run, which need nothing more than day and run."""
    return [
        name for name, model in NOTEBOOKS.items()
        if {"settlement_date", "run"} <= set(model.model_fields)
        and [one for one, field in model.model_fields.items() if field.is_required()] == ["settlement_date"]
    ]  # fmt: skip


def checked(notebook: str, given: dict[str, Any]) -> Parameters:
    """The parameters of a notebook, of the right types.

    Raises WrongParameters, which lists the right ones with types and an example.
    """
    name = notebook_name(notebook)
    try:
        return NOTEBOOKS[name].model_validate(given)
    except ValidationError as error:
        wrong = []
        for one in error.errors():
            place = ".".join(str(part) for part in one["loc"]) or "parameters"
            if one["type"] == "extra_forbidden":
                wrong.append(f"{place}: found {one['input']!r}, wanted no parameter of this name")
            elif one["type"] == "missing":
                wrong.append(f"{place}: found nothing, wanted a value")
            else:
                said = one["msg"].removeprefix("Value error, ")
                wrong.append(f"{place}: found {one['input']!r}; {said[0].lower()}{said[1:]}")
        raise WrongParameters(f"{name}: {'; '.join(wrong)}. Its parameters:\n{described(name)}") from error


def described(notebook: str) -> str:
    """The parameters of a notebook, a line each: name, type, meaning, example."""
    lines = []
    for name, field in NOTEBOOKS[notebook].model_fields.items():
        kind = {"date": "date", "Path": "folder", "int": "whole number"}.get(_type_name(field.annotation), "text")
        need = "needed" if field.is_required() else "may be left out"
        example = f", for example {field.examples[0]}" if field.examples else ""
        lines.append(f"  {name:<18} {kind}, {need}: {field.description}{example}")
    return "\n".join(lines)


def _type_name(annotation: Any) -> str:
    inner = [one for one in getattr(annotation, "__args__", (annotation,)) if one is not type(None)]
    return getattr(inner[0], "__name__", "str")
