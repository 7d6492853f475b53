"""What a charges case gives of Energy Accounts, Parties, contracts and reallocations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from settlement.cases.reading import Table, day, number
from settlement.errors import WrongCase
from settlement.grains import Grain, full_grain, row_grain

_OF_DAY = {
    "rr_gbp": "replacement_reserve_cashflow",
    "rrdev_gbp": "replacement_reserve_deviation_cashflow",
    "compensation_paid_gbp": "supplier_compensation_paid",
    "compensation_charged_gbp": "supplier_compensation_charged",
}


def account_inputs(given: Mapping[str, Table], settlement_date: date, inputs: dict[str, Any]) -> None:
    """Add the grains of accounts and Parties, and the rows of contracts and reallocations, where a case has accounts.

    Raises WrongCase for an account that no row of given_accounts.csv names.
    """
    table = given.get("given_accounts.csv")
    if table is None:
        return
    party_of = dict(zip(table.column("account", str), table.column("party", str), strict=True))
    accounts, parties = sorted(party_of), sorted(set(party_of.values()))
    unit_periods: Grain = inputs["unit_periods"]
    lead = unit_periods.labels("account")
    known(lead, party_of, "lead_account")
    periods = unit_periods.indexes[0]
    inputs["unit_periods"] = unit_periods.mapped("bm_unit", party=[party_of[one] for one in lead])
    inputs["account_periods"] = full_grain(settlement_period=periods, account=accounts).mapped(
        "account", party=[party_of[one] for one in accounts]
    )
    inputs["party_periods"] = full_grain(settlement_period=periods, party=parties)
    inputs["parties"] = full_grain(party=parties)
    _contracts(given.get("given_contracts.csv"), settlement_date, party_of, inputs)
    _reallocations(given.get("given_reallocations.csv"), settlement_date, party_of, inputs)
    _amounts_of_day(given.get("given_parties.csv"), settlement_date, inputs)


def known(accounts: Any, party_of: Mapping[str, str], column: str) -> None:
    """Raise WrongCase for the first account that is none of the file's."""
    if odd := [one for one in accounts if one not in party_of]:
        raise WrongCase(f"{column}: found {odd[0]!r}, wanted an account of given_accounts.csv. Add it there.")


def _contracts(table: Table | None, settlement_date: date, party_of: Mapping[str, str], inputs: dict[str, Any]) -> None:
    rows: list[tuple[int, str, str, float]] = []
    if table is not None:
        columns = (
            table.column("settlement_date", day), table.column("settlement_period", int),
            table.column("seller_account", str), table.column("buyer_account", str), table.column("volume_mwh", number),
        )  # fmt: skip
        for at, (one, period, seller, buyer, volume) in enumerate(zip(*columns, strict=True), start=2):
            known((seller, buyer), party_of, f"{table.name}, row {at}")
            if one == settlement_date:
                rows += [(period, seller, f"row {at} sold", volume), (period, buyer, f"row {at} bought", -volume)]
    rows.sort()
    grain = _rows("contract_row", ("settlement_period", "account", "contract"), rows)
    inputs["contract_rows"] = grain
    inputs["contract_volume"] = grain.array(np.array([row[3] for row in rows], float))


def _reallocations(
    table: Table | None, settlement_date: date, party_of: Mapping[str, str], inputs: dict[str, Any]
) -> None:
    rows: list[tuple] = []
    if table is not None:
        columns = (
            table.column("settlement_date", day), table.column("settlement_period", int), table.column("bm_unit", str),
            table.column("subsidiary_account", str), table.column("percentage", number, default=0.0),
            table.column("fixed_mwh", number, default=0.0),
        )  # fmt: skip
        rows = sorted(row[1:] for row in zip(*columns, strict=True) if row[0] == settlement_date)
        known([row[2] for row in rows], party_of, "subsidiary_account")
    grain = _rows("reallocation_row", ("settlement_period", "bm_unit", "account"), rows)
    inputs["reallocation_rows"] = grain
    inputs["reallocation_percentage"] = grain.array(np.array([row[3] for row in rows], float))
    inputs["reallocation_fixed_volume"] = grain.array(np.array([row[4] for row in rows], float))


def _amounts_of_day(table: Table | None, settlement_date: date, inputs: dict[str, Any]) -> None:
    """Replacement reserve and supplier compensation of a day: 0 where a case says nothing of them (section 10)."""
    parties: Grain = inputs["parties"]
    for column, name in _OF_DAY.items():
        told: dict[str, float] = {}
        if table is not None and column in table.columns:
            rows = zip(
                table.column("settlement_date", day), table.column("party", str),
                table.column(column, number, default=0.0), strict=True,
            )  # fmt: skip
            told = {party: value for one, party, value in rows if one == settlement_date}
        inputs[name] = parties.array([told.get(str(party), 0.0) for party in parties.indexes[0]])


def _rows(dim: str, keys: tuple[str, ...], rows: list[Any]) -> Grain:
    kinds = [np.int64 if key == "settlement_period" else object for key in keys]
    return row_grain(dim, {key: np.array([row[at] for row in rows], kinds[at]) for at, key in enumerate(keys)})
