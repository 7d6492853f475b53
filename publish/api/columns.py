"""Columns of an answer: declared once, they give the rows, the CSV heading, and the schema with units.

A figure is decimal text, so that no reader's floating point rounds it on the way. None
is "not there" (JSON null, an empty CSV cell); a zero is a true zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from settlement.naming import column_name

Cell = str | int | bool | None
_KINDS: dict[str, type] = {"text": str, "decimal": str, "whole": int, "flag": bool, "instant": datetime, "date": date}


@dataclass(frozen=True)
class Column:
    """One column of an answer, and where in the record its value stands."""

    name: str
    about: str
    take: Callable[[Any], Any]
    kind: str = "text"
    unit: str = ""
    quantity: str = ""  # of the engine, where it is one
    decimals: int | None = None  # None: as many as the value has
    always: bool = False  # never null

    def cell(self, record: Any) -> Cell:
        """The value as it is told: decimal text, ISO instants in UTC, or None."""
        value = self.take(record)
        if value is None or self.kind in ("whole", "flag", "text"):
            return value
        return decimal_text(value) if self.kind == "decimal" else _time_text(value)

    def field(self) -> tuple[Any, Any]:
        """Type and description for the schema."""
        said: dict[str, Any] = {}
        if self.unit:
            said["x-unit"] = self.unit
        if self.quantity:
            said["x-quantity"] = self.quantity
        pattern = None
        if self.kind == "decimal":
            places = r"(\.\d+)?" if self.decimals is None else rf"\.\d{{{self.decimals}}}"
            pattern = rf"^-?\d+{places}$"
        kind = Annotated[_KINDS[self.kind], Field(pattern=pattern)] if pattern else _KINDS[self.kind]
        return (kind if self.always else kind | None), Field(description=self.about, json_schema_extra=said or None)


def figure(
    label: str, unit: str, quantity: str, about: str, take: Callable[[Any], Any], decimals: int | None = None,
    always: bool = False,
) -> Column:  # fmt: skip
    """A column of figures, named by its label and unit.

    >>> figure("SBP_j", "GBP/MWh", "system_price", "The price.", lambda row: row.own, 5).name
    'sbp_gbp_per_mwh'
    """
    return Column(column_name(label, unit), about, take, "decimal", unit, quantity, decimals, always)


def decimal_text(value: float | Decimal) -> str:
    """A figure without an exponent and without loss: the shortest text that reads back as the same number.

    >>> decimal_text(1e-7), decimal_text(-0.0), decimal_text(Decimal("22.89000"))
    ('0.0000001', '0.0', '22.89000')
    """
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return f"{exact if exact else abs(exact):f}"


def _time_text(value: date) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat()


def rows_of(columns: Sequence[Column], records: Sequence[Any]) -> list[dict[str, Cell]]:
    """One row a record, its cells under the names of the columns."""
    return [{column.name: column.cell(record) for column in columns} for record in records]


def row_model(name: str, columns: Sequence[Column]) -> type[BaseModel]:
    """The schema of a row."""
    fields: dict[str, Any] = {column.name: column.field() for column in columns}
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
