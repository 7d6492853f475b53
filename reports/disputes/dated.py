"""Dated rules of Trading Disputes, each value with its source: `rules.yaml` beside this reader.

A change is one new line with the date it starts; nothing is edited or removed. A value without source and
evidence does not load.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from settlement.command_line import AskedWrongly
from settlement.errors import NoValueOnDate, WrongInput

Evidence = Literal["verified", "secondary", "recollection", "derived"]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limit(_Form):
    """Until when a dispute of a type may be raised: so many Working Days after a day."""

    counted_from: Literal["run", "R2", "RF", "day"]
    working_days: int = Field(gt=0)
    source: str = Field(min_length=1)
    evidence: Evidence


class DisputeType(_Form):
    """A type of dispute with its limits by the day of raising."""

    title: str
    clause: str
    values: dict[date, Limit] = Field(min_length=1)


class Value(_Form):
    """A value with its source."""

    value: float | str
    source: str = Field(min_length=1)
    evidence: Evidence


class Dated(_Form):
    """A value by the day of raising."""

    unit: str
    clause: str
    values: dict[date, Value] = Field(min_length=1)


class Required(_Form):
    """A field that a case must have."""

    title: str
    source: str = Field(min_length=1)
    evidence: Evidence


class Licence(_Form):
    """Whether files under a licence go into a pack as received, and who may see them."""

    in_pack: bool
    shown_to: str
    said: str


class Rules(_Form):
    """Everything that `rules.yaml` says."""

    dispute_types: dict[str, DisputeType]
    materiality_threshold: Dated
    materiality_measure: Dated
    required_fields: dict[str, Required]
    not_known: list[str]
    licences: dict[str, Licence]


@cache
def rules() -> Rules:
    """The rules. Raises WrongInput for a file that is not of their form, all faults at once."""
    return read(files(__package__).joinpath("rules.yaml").read_text(encoding="utf-8"))


def read(text: str) -> Rules:
    """Rules from the text of a file. Raises WrongInput."""
    try:
        return Rules.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise WrongInput(f"rules.yaml of disputes is not of its form: {faults}. Complete the lines.") from error


def dispute_type(name: str) -> DisputeType:
    """A type by its name. Raises AskedWrongly."""
    known = rules().dispute_types
    if name not in known:
        raise AskedWrongly(f"dispute type: found {name!r}, wanted one of {', '.join(known)}. Correct it.")
    return known[name]


def limit(name: str, raised_on: date) -> Limit:
    """The limit of a type in force on a day. Raises AskedWrongly, NoValueOnDate."""
    found: Limit = _on(name, dispute_type(name).values, raised_on)
    return found


def threshold(raised_on: date) -> Value:
    """The sum, GBP, that an effect must meet. Raises NoValueOnDate."""
    found: Value = _on("materiality_threshold", rules().materiality_threshold.values, raised_on)
    return found


def licence(name: str) -> Licence:
    """What a licence allows; one that is not known allows nothing."""
    unknown = Licence(in_pack=False, shown_to="nobody", said="licence not known: listed by hash")
    return rules().licences.get(name, unknown)


def _on(name: str, values: dict[date, Any], day: date) -> Any:
    begun = [since for since in values if since <= day]
    if not begun:
        raise NoValueOnDate(
            f"{name} has no value on {day}: its first value starts {min(values)}. "
            "Add an earlier value to reports/disputes/rules.yaml, or name a later day."
        )
    return values[max(begun)]
