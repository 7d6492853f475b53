"""What a charges case gives of pairs and of the period: accepted volumes, offer and bid prices, system figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from settlement.cases.bindings_charges import CHARGES
from settlement.cases.charges import volume_inputs
from settlement.cases.charges_blocks import Block, Rows, labelled, rows_of
from settlement.cases.reading import Table, number, number_or_none
from settlement.errors import WrongCase
from settlement.grains import Grain

PAIRS = "given_pairs.csv"
FROM_NOTIFICATIONS = ("given_fpn.csv", "given_bid_offer_pairs.csv", "given_acceptances.csv")
_ACCEPTED = {"qao_n_mwh": "accepted_offer_volume", "qab_n_mwh": "accepted_bid_volume"}
_PRICED = {"offer_price": "qao_n_mwh", "bid_price": "qab_n_mwh"}
_SYSTEM_PRICES = {"sbp": "system_buy_price", "ssp": "system_sell_price"}
_SYSTEM = CHARGES["expected_system.csv"].columns


def from_notifications(block: Block, given: Mapping[str, Table]) -> dict[str, Any]:
    """Notifications, pairs and acceptances of a block as inputs, where a case has them; nothing else."""
    if not any(name in given for name in FROM_NOTIFICATIONS):
        return {}
    if block.settlement_date is None or PAIRS in given:
        found = PAIRS if PAIRS in given else "no settlement_date"
        raise WrongCase(
            f"given_fpn.csv: found {found} beside it, wanted accepted volumes by one way. Correct the case."
        )
    return volume_inputs(given, block.settlement_date, block)


def pair_inputs(block: Block, given: Mapping[str, Table]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Accepted volumes and prices of pairs; without a file nothing was accepted.

    A volume that is left out is 0. A price may be left out where its volume is 0, or its whole column, for a case of
    volumes alone.
    """
    table = given.get(PAIRS)
    rows = rows_of(
        table, block, given, {"bm_unit": str, "pair": int},
        {**dict.fromkeys(_ACCEPTED, (number, 0.0)), **dict.fromkeys(_PRICED, (number_or_none, ""))},
    )  # fmt: skip
    rows.sort(key=lambda row: (row["settlement_period"], row["bm_unit"], row["pair"]))
    unpriced = [name for name, of in _PRICED.items() if any(row[name] == "" and row[of] != 0 for row in rows)]
    for row in rows:
        for price, volume in _PRICED.items():
            if table is not None and price in table.columns and row[price] == "" and row[volume] != 0:
                raise WrongCase(
                    f"{table.name}, row {row['at']}, {price}: found none beside {volume} {row[volume]:g}, "
                    "wanted a price. Add it."
                )
    grain = labelled("pair_row", ("settlement_period", "bm_unit", "pair"), rows)
    prices = {
        name: grain.array(np.array([row[name] or 0.0 for row in rows], float))
        for name in _PRICED
        if name not in unpriced
    }
    volumes = {name: grain.array(np.array([row[c] for row in rows], float)) for c, name in _ACCEPTED.items()}
    return {"pair_rows": grain, **prices}, volumes


def system_figures(block: Block, given: Mapping[str, Table], rows: Rows, periods: Grain) -> dict[str, Any]:
    """System prices and other figures of the period that stand in for a rule's.

    From given_prices.csv and given_system.csv, or from the price columns of the units.
    """
    told: dict[tuple[str, int], float] = {}
    for file in ("given_prices.csv", "given_system.csv"):
        table = given.get(file)
        columns = {} if table is None else {one: number for one in (*_SYSTEM_PRICES, *_SYSTEM) if one in table.columns}
        for row in rows_of(table, block, given, columns, beyond=True):
            for one in columns:
                key = (one, row["settlement_period"])
                if told.setdefault(key, row[one]) != row[one]:
                    raise WrongCase(f"{file}, row {row['at']}, {one}: found a second figure. Keep one a period.")
    for row in rows:
        told |= {(one, row["settlement_period"]): row[one] for one in _SYSTEM_PRICES if one in row}
    found = {}
    for one, name in {**_SYSTEM_PRICES, **_SYSTEM}.items():
        at = [period for period in block.periods if (one, period) in told]
        if at and len(at) < len(block.periods):
            missing = next(period for period in block.periods if period not in at)
            raise WrongCase(f"{one}: found none in period {missing}, but one in period {at[0]}. Add the row.")
        if at:
            found[name] = periods.array([told[one, period] for period in block.periods])
    return found
