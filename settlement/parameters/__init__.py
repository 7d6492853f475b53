"""Dated values (PAR, CADL, alpha ...), each with the source of every value.

One YAML a theme stands beside this reader. A change is one new line with the date it
starts; nothing is edited or removed. An entry without a source does not load.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from settlement.errors import NoValueOnDate, WrongInput

EVIDENCE = ("verified", "secondary", "recollection", "derived")


@dataclass(frozen=True)
class DatedValue:
    """A value and the days it holds."""

    since: date
    until: date | None
    value: Any
    source: str
    evidence: str


@dataclass(frozen=True)
class Parameter:
    """A named parameter with all its values, the earliest first."""

    name: str
    symbol: str
    unit: str
    clause: str
    values: tuple[DatedValue, ...]

    def on(self, settlement_date: date) -> DatedValue:
        """The value in force on a Settlement Date.

        Raises NoValueOnDate where there is none.
        """
        for value in reversed(self.values):
            if value.since <= settlement_date and (value.until is None or settlement_date <= value.until):
                return value
        first = f"its first value starts {self.values[0].since}" if self.values else "it has no dated value at all"
        raise NoValueOnDate(
            f"{self.name} ({self.symbol}, {self.clause}) has no value on {settlement_date}: {first}. "
            "Add a dated value to settlement/parameters, or settle another day."
        )


@cache
def every() -> dict[str, Parameter]:
    """All parameters by name."""
    import yaml

    found: dict[str, Parameter] = {}
    for file in sorted(files(__package__).iterdir(), key=lambda path: path.name):
        if file.name.endswith(".yaml"):
            for name, entry in yaml.safe_load(file.read_text(encoding="utf-8")).items():
                found[name] = _read(file.name, name, entry)
    return found


def on(settlement_date: date) -> dict[str, DatedValue]:
    """Every parameter that has a value on the day, by name."""
    values = {}
    for name, parameter in every().items():
        try:
            values[name] = parameter.on(settlement_date)
        except NoValueOnDate:
            continue
    return values


def value(name: str, settlement_date: date) -> Any:
    """One parameter's value on the day; NoValueOnDate where there is none."""
    try:
        return every()[name].on(settlement_date).value
    except KeyError as error:
        raise WrongInput(
            f"settlement/parameters has no parameter {name!r}. Correct the name or add the entry."
        ) from error


def _read(file: str, name: str, entry: dict[str, Any]) -> Parameter:
    starts = sorted(entry.get("values") or {})
    values = []
    for position, start in enumerate(starts):
        one = entry["values"][start]
        missing = [key for key in ("value", "source", "evidence") if key not in one]
        if missing or one["evidence"] not in EVIDENCE:
            raise WrongInput(
                f"{file}, {name}, {start}: found {sorted(one)}, wanted value, source and evidence "
                f"(one of {', '.join(EVIDENCE)}). Complete the line."
            )
        last = position == len(starts) - 1
        until = one.get("end") or (entry.get("end") if last else starts[position + 1] - timedelta(days=1))
        values.append(DatedValue(start, until, one["value"], one["source"], one["evidence"]))
    return Parameter(name, entry["symbol"], entry.get("unit", ""), entry.get("clause", ""), tuple(values))
