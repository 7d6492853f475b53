"""The tables of a span of days: every period of the settled ones, the days that are not, the reports of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports.twins.day import tables_of_day
from reports.twins.table import Column, Table, table

if TYPE_CHECKING:
    from reports.price_conformance import Conformance

_DATE = Column("settlement_date", "date")


def tables_of_conformance(found: Conformance) -> list[Table]:
    """Prices by period over the span, and each day with its counts."""
    import pyarrow as pa

    views = [one.view for one in found.settled if one.view is not None]
    verdicts = list(found.counts)
    days = table(
        "days", "Days of the span by verdict",
        [_DATE, Column("run", about="absent: not settled"), *(Column(_word(one), "count") for one in verdicts)],
        ((one.settlement_date, None if one.view is None else one.view.run,
          *(None if one.view is None else one.counts[verdict] for verdict in verdicts)) for one in found.days),
    )  # fmt: skip
    made = []
    for view in views:
        one = next(held for held in tables_of_day(view) if held.name == "periods")
        dated = [pa.array([view.settlement_date] * one.rows, pa.date32()), pa.array([view.run] * one.rows, pa.string())]
        data = pa.table([*dated, *one.data.columns], names=["settlement_date", "run", *one.data.column_names])
        made.append(Table(one.name, one.title, (_DATE, Column("run"), *one.columns), data, one.note))
    if not made:
        return [days]
    whole = pa.concat_tables([one.data for one in made])
    return [Table("periods", made[0].title, made[0].columns, whole, made[0].note), days]


def tables_of_batch(runs: list[dict[str, Any]]) -> list[Table]:
    """The runs of a batch as its index has them."""
    names = ["settlement_date", "run", "run_id", "state", "key", "output"]
    verdicts = list(dict.fromkeys(name for one in runs for name in one.get("verdicts") or {}))
    columns = [*(Column(name) for name in names), *(Column(_word(one), "count") for one in verdicts)]
    rows = ((*(_said(one.get(name)) for name in names), *((one.get("verdicts") or {}).get(v) for v in verdicts))
            for one in runs)  # fmt: skip
    return [table("reports", "Reports of the batch", columns, rows)]


def _word(verdict: str) -> str:
    return verdict.replace(" ", "_")


def _said(value: Any) -> str | None:
    return None if value is None else str(value)
