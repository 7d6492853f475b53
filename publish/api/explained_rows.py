"""How a value came about, as a tree for JSON and as rows for CSV: the same nodes, the same cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from publish.api.columns import decimal_text
from settlement.naming import column_name

if TYPE_CHECKING:
    from reports.views import PeriodView
    from settlement.explanation import Explanation

_UNIT = "decimal text in the unit of the node; null: not there, never 0"


class Node(BaseModel):
    """One value, and the values it was made from."""

    model_config = ConfigDict(extra="forbid")

    place: str = Field(description="Where in the tree: 1 is the value asked for, 1.2 its second input.")
    quantity: str
    column: str = Field(description="The name this quantity has as a column.")
    symbol: str
    unit: str
    key: dict[str, str | int] = Field(description="The labels of the value.")
    value: str | int | bool | None = Field(description=_UNIT)
    clause: str
    evidence: str
    rule: str
    form: str = Field(description="Only `sum` claims that the inputs add up to the value.")
    about: str
    formula: str
    with_numbers: str
    file: str
    sha256: str
    source_row: int | None
    source: str
    not_shown: str = Field(description="What was left out below, or why there is no value.")
    inputs: list[Node]


COLUMNS = [name for name in Node.model_fields if name != "inputs"]


def tree(explanation: Explanation, place: str = "1") -> dict[str, Any]:
    """An explanation as the plain data of a Node."""
    value = explanation.value
    return {
        "place": place,
        "quantity": explanation.quantity,
        "column": column_name(explanation.symbol or explanation.quantity, explanation.unit),
        "symbol": explanation.symbol,
        "unit": explanation.unit,
        "key": explanation.key,
        "value": decimal_text(value) if isinstance(value, float) else value,
        "clause": explanation.clause,
        "evidence": explanation.evidence,
        "rule": explanation.rule,
        "form": explanation.form,
        "about": explanation.about,
        "formula": explanation.formula,
        "with_numbers": explanation.with_numbers,
        "file": explanation.file,
        "sha256": explanation.sha256,
        "source_row": explanation.source_row,
        "source": explanation.source,
        "not_shown": explanation.not_shown,
        "inputs": [tree(child, f"{place}.{at}") for at, child in enumerate(explanation.inputs, 1)],
    }


def set_aside(period: PeriodView) -> dict[str, Any]:
    """The tree of a price that is not there: one node that says why."""
    plain = dict.fromkeys(COLUMNS, "")
    return {
        **plain,
        "place": "1",
        "quantity": "system_price",
        "column": column_name("SBP_j", "GBP/MWh"),
        "symbol": "SBP_j",
        "unit": "GBP/MWh",
        "key": {"settlement_period": period.settlement_period},
        "value": None,
        "form": "not settled",
        "source_row": None,
        "not_shown": f"Set aside. {period.reason} {period.todo}.",
        "inputs": [],
    }


def flat(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes of a tree from the top down, keys written out."""
    key = "; ".join(f"{name}={label}" for name, label in node["key"].items())
    yield {name: key if name == "key" else node[name] for name in COLUMNS}
    for child in node["inputs"]:
        yield from flat(child)
