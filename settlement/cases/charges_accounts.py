"""What a charges case gives of Energy Accounts, Parties, contracts and reallocations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from settlement.cases.bindings_charges import CHARGES
from settlement.cases.charges_blocks import Block, Readers, Rows, known_columns, labelled, rows_of
from settlement.cases.reading import Table, number
from settlement.errors import WrongCase
from settlement.grains import Grain, full_grain

ACCOUNTS = "given_accounts.csv"
_STANDING_IN = CHARGES["expected_accounts.csv"].columns
_OF_DAY = {
    "rr_gbp": "replacement_reserve_cashflow",
    "rrdev_gbp": "replacement_reserve_deviation_cashflow",
    "compensation_paid_gbp": "supplier_compensation_paid",
    "compensation_charged_gbp": "supplier_compensation_charged",
}


def account_inputs(given: Mapping[str, Table], block: Block, inputs: dict[str, Any]) -> dict[str, Any]:
    """Add grains of accounts and Parties, and rows of contracts and reallocations, where a case has accounts.

    Gives the figures by account that stand in for a rule's. Raises WrongCase for an account that no row of
    given_accounts.csv names.
    """
    table = given.get(ACCOUNTS)
    if table is None:
        return {}
    party_of = _party_of(table)
    accounts, parties = sorted(party_of), sorted(set(party_of.values()))
    unit_periods: Grain = inputs["unit_periods"]
    lead = unit_periods.labels("account")
    for unit, account in zip(block.units, lead, strict=True):
        _known(account, party_of, f"given_units.csv, lead_account of {unit}")
    inputs["unit_periods"] = unit_periods.mapped("bm_unit", party=[party_of[one] for one in lead])
    inputs["account_periods"] = full_grain(settlement_period=list(block.periods), account=accounts).mapped(
        "account", party=[party_of[one] for one in accounts]
    )
    inputs["party_periods"] = full_grain(settlement_period=list(block.periods), party=parties)
    inputs["parties"] = full_grain(party=parties)
    _contracts(given, block, party_of, inputs)
    _reallocations(given, block, party_of, inputs)
    _amounts_of_day(given, block, inputs)
    return _standing_in(table, given, block, inputs["account_periods"])


def _party_of(table: Table) -> dict[str, str]:
    found: dict[str, str] = {}
    told = zip(table.column("account", str), table.column("party", str), strict=True)
    for at, (account, party) in enumerate(told, start=2):
        if found.setdefault(account, party) != party:
            raise WrongCase(
                f"{table.name}, row {at}: found {account} of {party}, wanted {found[account]} as before. Correct one."
            )
    return found


def _known(account: str, accounts: Collection[str], where: str) -> None:
    if account not in accounts:
        raise WrongCase(f"{where}: found {account or 'none'!r}, wanted an account of {ACCOUNTS}. Add it there.")


def _standing_in(table: Table, given: Mapping[str, Table], block: Block, grain: Grain) -> dict[str, Any]:
    """Figures by account and period; a column of them must be there for every account in every period."""
    columns = [column for column in table.columns if column in _STANDING_IN]
    if not columns:
        known_columns(table, ("account", "party"))
        return {}
    must: Readers = {"account": str, "party": str, **dict.fromkeys(columns, number)}
    rows = rows_of(table, block, given, must, beyond=True)
    by_key = {(row["settlement_period"], row["account"]): row for row in rows}
    keys = list(zip(grain.column("settlement_period"), grain.column("account"), strict=True))
    if missing := [key for key in keys if key not in by_key]:
        raise WrongCase(f"{table.name}: found no row of {missing[0][1]} in period {missing[0][0]}. Add it.")
    return {_STANDING_IN[one]: grain.array(np.array([by_key[key][one] for key in keys], float)) for one in columns}


def _contracts(
    given: Mapping[str, Table], block: Block, party_of: Mapping[str, str], inputs: dict[str, Any]
) -> None:  # fmt: skip
    """Each contract as two rows, sold above zero and bought below; no file: there are none (section 10)."""
    rows: Rows = []
    must: Readers = {"seller_account": str, "buyer_account": str, "volume_mwh": number}
    for row in rows_of(given.get("given_contracts.csv"), block, given, must):
        for account, way, sign in ((row["seller_account"], "sold", 1), (row["buyer_account"], "bought", -1)):
            _known(account, party_of, f"given_contracts.csv, row {row['at']}")
            contract = f"row {row['at']:06d} {way}"
            rows.append({**row, "account": account, "contract": contract, "volume": sign * row["volume_mwh"]})
    keys = ("settlement_period", "account", "contract")
    rows.sort(key=lambda row: tuple(row[key] for key in keys))
    grain = labelled("contract_row", keys, rows)
    inputs["contract_rows"] = grain
    inputs["contract_volume"] = grain.array(np.array([row["volume"] for row in rows], float))


def _reallocations(
    given: Mapping[str, Table], block: Block, party_of: Mapping[str, str], inputs: dict[str, Any]
) -> None:  # fmt: skip
    """Reallocations to subsidiary accounts; what is left out of one is 0 % and 0 MWh (section 10)."""
    must = {"bm_unit": str, "subsidiary_account": str}
    may = {"percentage": (number, 0.0), "fixed_mwh": (number, 0.0)}
    rows = rows_of(given.get("given_reallocations.csv"), block, given, must, may)
    for row in rows:
        row["account"] = row["subsidiary_account"]
        _known(row["account"], party_of, f"given_reallocations.csv, row {row['at']}, subsidiary_account")
    keys = ("settlement_period", "bm_unit", "account")
    rows.sort(key=lambda row: tuple(row[key] for key in keys))
    grain = labelled("reallocation_row", keys, rows)
    inputs["reallocation_rows"] = grain
    inputs["reallocation_percentage"] = grain.array(np.array([row["percentage"] for row in rows], float))
    inputs["reallocation_fixed_volume"] = grain.array(np.array([row["fixed_mwh"] for row in rows], float))


def _amounts_of_day(given: Mapping[str, Table], block: Block, inputs: dict[str, Any]) -> None:
    """Replacement reserve and supplier compensation of a day: 0 where a case says nothing of them (section 10)."""
    parties: Grain = inputs["parties"]
    may = dict.fromkeys(_OF_DAY, (number, 0.0))
    told: dict[str, Any] = {}
    for row in rows_of(given.get("given_parties.csv"), block, given, {"party": str}, may, of_day=True):
        if row["party"] in told or row["party"] not in parties.indexes[0]:
            found = "twice on one day" if row["party"] in told else f"none of {ACCOUNTS}"
            raise WrongCase(f"given_parties.csv, row {row['at']}, party: found {row['party']}, {found}. Correct it.")
        told[row["party"]] = row
    for column, name in _OF_DAY.items():
        amounts = [told[party][column] if party in told else 0.0 for party in parties.indexes[0]]
        inputs[name] = parties.array(np.array(amounts, float))
