"""What each notebook may be given: declared once here, checked before anything is started.

Parameters stand in the report in clear, so a secret is never one of them.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from reports.views import RUN_ID_LENGTH
from settlement.calendar import RUN_TYPES
from settlement.command_line import AskedWrongly


class WrongParameters(AskedWrongly):
    """A notebook was asked for with parameters that it does not have; its one argument lists the right ones."""


def _a_run(text: str | None) -> str | None:
    if text is None:
        return None
    if text not in RUN_TYPES and not (len(text) == RUN_ID_LENGTH and set(text) <= set("0123456789abcdef")):
        raise ValueError(f"wanted one of {', '.join(RUN_TYPES)}, or the id of a run")
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


NOTEBOOKS: dict[str, type[Parameters]] = {
    "settlement_day": SettlementDayParameters,
    "data_quality": DataQualityParameters,
}


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
    """The notebooks that a batch may run: those of one settled run."""
    return [name for name, model in NOTEBOOKS.items() if {"settlement_date", "run"} <= set(model.model_fields)]


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
        kind = {"date": "date", "Path": "folder"}.get(_type_name(field.annotation), "text")
        need = "needed" if field.is_required() else "may be left out"
        example = f", for example {field.examples[0]}" if field.examples else ""
        lines.append(f"  {name:<16} {kind}, {need}: {field.description}{example}")
    return "\n".join(lines)


def _type_name(annotation: Any) -> str:
    inner = [one for one in getattr(annotation, "__args__", (annotation,)) if one is not type(None)]
    return getattr(inner[0], "__name__", "str")
