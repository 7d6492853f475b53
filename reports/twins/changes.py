"""The tables of a change between two runs: every label by cause, exactly, and every row that changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from reports.twins.table import Column, Table, table
from reports.variance.words import decimals_of

if TYPE_CHECKING:
    from reports.variance.parts import Variance


def tables_of_changes(found: Mapping[str, Variance]) -> list[Table]:
    """A table a quantity, a row a label that moved; and one of the rows of files behind them."""
    return [*(_moved(one) for one in found.values()), _changed(found)]


def _moved(found: Variance) -> Table:
    places = decimals_of(found)

    def figure(name: str, about: str) -> Column:
        return Column(name, "figure", found.unit, places, about=about)

    causes = [part.cause for part in found.parts]
    columns = [
        *(Column(key, "count" if key == "settlement_period" else "text") for key in found.keys),
        figure("before", "in the earlier run; absent: it has none"),
        figure("after", "in the later run; absent: it has none"), figure("change", "after less before"),
        *(figure(f"by_{cause.replace(' ', '_').replace('-', '_')}", "the part of this cause") for cause in causes),
    ]  # fmt: skip
    said = "The parts of a row add up to its change exactly; as floats in a file, to the last digits of one."
    return table(f"{found.quantity}_moved", f"{found.quantity.replace('_', ' ')} by cause", columns,
                 _labels(found), said)  # fmt: skip


def _labels(found: Variance) -> Iterator[tuple[Any, ...]]:
    for label in found.labels():
        before, after = found.before.get(label), found.after.get(label)
        yield (
            *(int(part) if key == "settlement_period" else str(part)
              for key, part in zip(found.keys, label, strict=True)),
            None if before is None else float(before), None if after is None else float(after),
            float(found.change(label)), *(float(part.by_label.get(label, 0)) for part in found.parts),
        )  # fmt: skip


def _changed(found: Mapping[str, Variance]) -> Table:
    """The rows are those of the causes, which are the same for every quantity of one settlement."""
    parts = next(iter(found.values())).parts
    columns = [Column("cause"), Column("row", about="dataset, key, from and to, with file, row and hash")]
    rows = [(part.cause, row.in_words()) for part in parts for row in part.rows]
    return table("rows_changed", "Rows of files that changed", columns, rows)
