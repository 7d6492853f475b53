"""The tables of a Party's statement: what the page shows, whole, and of others only in the staff's copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from reports.statement import CHARGES, OF_PERIODS, StatedDay, Statement
from reports.twins.table import Column, Table, table

if TYPE_CHECKING:
    import pandas as pd

_DUE = "above zero: due to the Party; below: due by it"
_DATE, _RUN = Column("settlement_date", "date"), Column("run")
_PERIOD = Column("settlement_period", "count", about="1 to 46, 48 or 50")


def _money(words: str, symbol: str = "") -> Column:
    name = words.lower().replace(" ", "_").replace("-", "_")
    return Column(name, "figure", "GBP", 2, _DUE, quantity=symbol)


def tables_of_statement(found: Statement) -> list[Table]:
    """The tables of a statement, a day below the other; of a table without a row, its columns."""
    charges = [*(_money(words, quantity) for words, quantity, _ in CHARGES), _money("Net due", "daily_party_net_due")]
    made = [
        table("charges", "Charges by day", [_DATE, _RUN, *charges], (
            (one.view.settlement_date, one.view.run, *one.charges.values(), one.net) for one in found.days
        )),
        table("periods", "Charges by period", [
            _DATE, _RUN, _PERIOD, *(_money(words, quantity) for words, quantity, _ in OF_PERIODS),
        ], _rows(found, lambda one: one.periods.reset_index())),
        _frames("units", "BM Units over the day", found, lambda one: one.units.reset_index()),
        _frames("accounts", "Energy Accounts over the day", found, lambda one: one.accounts.reset_index()),
        _frames("contracts", "Contract volumes notified", found, lambda one: one.contracts),
        _frames("reallocations", "Metered volumes reallocated", found, lambda one: one.reallocations),
        table("payments", "Amounts by payment date", [
            _DATE, _RUN, _money("Net due"), Column("run_before"), _money("Net due before"), _money("Amount"),
            Column("payment_date", "date", about="absent: the settlement calendar has not come"), Column("why"),
        ], ((one.settlement_date, one.run, one.net, one.before, one.net_before, one.amount, one.payment_date, one.why)
            for one in found.payments)),
        table("not_settled", "Days without charges", [_DATE, Column("why")], found.not_settled),
    ]  # fmt: skip
    if not found.own_copy:
        others = [_DATE, _RUN, Column("party"), *charges]
        made.append(table("others", "The other Parties", others, _rows(found, _of_others)))
    return made


def _of_others(one: StatedDay) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame() if one.others is None else one.others.reset_index()


def _rows(found: Statement, of: Callable[[StatedDay], pd.DataFrame]) -> list[tuple[Any, ...]]:
    return [
        (one.view.settlement_date, one.view.run, *row)
        for one in found.days
        for row in of(one).itertuples(index=False, name=None)
    ]


def _frames(name: str, title: str, found: Statement, of: Callable[[StatedDay], pd.DataFrame]) -> Table:
    """A table of columns as the engine calls them; its unit and sign are those of the quantity."""
    frames = [of(one) for one in found.days]
    names = [str(one) for one in frames[0].columns]
    numbers = {str(one) for frame in frames for one in frame.select_dtypes("number").columns}
    return table(name, title, [_DATE, _RUN, *_columns(names, numbers, found)], _rows(found, of))


def _columns(names: Sequence[str], numbers: set[str], found: Statement) -> list[Column]:
    from settlement.engine import quantities

    known = quantities(found.days[0].view.way, losses="metered")
    made = []
    for name in names:
        quantity = known.get(name)
        if name == "settlement_period":
            made.append(_PERIOD)
        elif name not in numbers:
            made.append(Column(name))
        elif quantity is None:  # an input, as it was received
            made.append(Column(name, "figure", "%" if name.endswith("percentage") else "MWh", quantity=name))
        else:
            made.append(Column(name, "figure", quantity.unit, symbol=quantity.symbol, quantity=name,
                               clause=quantity.clause, about=quantity.about.split("\n")[0]))  # fmt: skip
    return made
