"""What charges need beside a market of notifications and acceptances: SYNTHETIC metering, accounts, contracts, runs."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from settlement.grains import Grain, full_grain, row_grain

PARTIES = 12
RUNS = ("II", "SF", "R1", "R2")


def add_charges(inputs: dict[str, Any], seed: int) -> dict[str, Any]:
    """The inputs, with every array that the rules of losses, charges and credit cover read; drawn by seed."""
    chance = random.Random(f"charges {seed}")
    periods, units = (index.tolist() for index in inputs["unit_periods"].indexes)
    parties = [f"PTY{number:02d}" for number in range(PARTIES)]
    party_of = {unit: parties[at % PARTIES] for at, unit in enumerate(units)}
    accounts = {f"{party}-{kind}": party for party in parties for kind in "CP"}
    unit_periods = full_grain(settlement_period=periods, bm_unit=units).mapped(
        "bm_unit",
        trading_unit=[f"TU{at % (len(units) // 2 + 1):02d}" for at in range(len(units))],
        account=[f"{party_of[unit]}-{'PC'[at % 2]}" for at, unit in enumerate(units)],
        party=[party_of[unit] for unit in units],
    )
    trading_units = sorted(set(unit_periods.labels("trading_unit")))

    def drawn(grain: Grain, low: float, high: float) -> Any:
        return grain.array([chance.uniform(low, high) for _ in range(grain.size)])

    grains = {
        "unit_periods": unit_periods,
        "trading_unit_periods": full_grain(settlement_period=periods, trading_unit=trading_units),
        "account_periods": full_grain(settlement_period=periods, account=list(accounts)).mapped(
            "account", party=list(accounts.values())
        ),
        "party_periods": full_grain(settlement_period=periods, party=parties),
        "parties": full_grain(party=parties),
        "units": full_grain(bm_unit=units),
        "settlement_dates": full_grain(settlement_date=["2024-01-15"]),
    }
    by_unit, by_party = grains["units"], grains["parties"]
    # Trading Units by turns deliver and take off, so that both sides share losses; in each a unit goes the other way.
    count = len(trading_units)
    delivers = [at % count % 2 == 0 for at in range(len(units))]
    metered = [
        chance.uniform(60, 90) * (1 if delivers[at] else -1) * (1 if at < count else -0.3)
        for _ in periods
        for at in range(len(units))
    ]
    flags = {
        name: unit_periods.array(np.tile([chance.random() < 0.2 for _ in units], len(periods)))
        for name in ("supplier_flag", "production_flag")
    }
    flags["interconnector_flag"] = unit_periods.array(np.tile([at % 9 == 8 for at in range(len(units))], len(periods)))
    arrays = {
        "metered_volume": unit_periods.array(metered),
        "transmission_loss_factor": drawn(unit_periods, -0.02, 0.02),
        **{
            name: drawn(unit_periods, -2, 2)
            for name in (
                "applicable_balancing_services_volume", "replacement_reserve_volume", "supplier_delivered_volume",
                "supplier_non_bm_volume",
            )
        },
        **{
            name: drawn(by_party, 0, 50)
            for name in (
                "replacement_reserve_cashflow", "replacement_reserve_deviation_cashflow", "supplier_compensation_paid",
                "supplier_compensation_charged",
            )
        },
        "credit_cover_lodged": drawn(by_party, 5000, 9000),
        "credit_assessment_price": drawn(by_party, 40, 60),
        "credit_assessed_indebtedness": drawn(by_party, -50, 90),
        "metered_indebtedness": drawn(by_party, -50, 90),
        "unpaid_net_payable": drawn(by_party, -500, 900),
        "credit_assessment_load_factor": drawn(by_unit, 0, 1),
        "generation_capacity": drawn(by_unit, 0, 500),
        "demand_capacity": drawn(by_unit, -90, 0),
    }  # fmt: skip
    scalars = {
        "delivering_share_of_losses": 0.45, "interconnectors_share_losses": False, "information_imbalance_price": 1.5,
        "settlement_period_duration": 0.5, "credit_default_level_1": 80.0, "credit_default_level_2": 90.0,
        "estimated_tlmo_plus": -0.016, "estimated_tlmo_minus": 0.011,
    }  # fmt: skip
    rows = _contracts(chance, periods, list(accounts)) | _reallocations(chance, periods, units, list(accounts))
    return inputs | grains | flags | arrays | scalars | rows | _runs(chance, parties)


def _contracts(chance: random.Random, periods: list[int], accounts: list[str]) -> dict[str, Any]:
    """Three contracts a period: each a sale of one account and a purchase of another, of the same volume."""
    rows = []
    for period in periods:
        for number in range(3):
            seller, buyer = chance.sample(accounts, 2)
            volume = float(chance.randint(1, 900)) / 8
            rows += [(period, seller, f"{number}", volume), (period, buyer, f"{number}", -volume)]
    rows.sort()
    grain = _rows("contract_row", ("settlement_period", "account", "contract"), rows)
    return {"contract_rows": grain, "contract_volume": grain.array([row[3] for row in rows])}


def _reallocations(chance: random.Random, periods: list[int], units: list[str], accounts: list[str]) -> dict[str, Any]:
    """Two units a period, of which parts go to two other accounts, over 100 % in sum now and then."""
    rows = sorted(
        (period, unit, account, chance.choice((0.0, 30.0, 70.0)), float(chance.randint(-8, 8)))
        for period in periods
        for unit in chance.sample(units, min(2, len(units)))
        for account in chance.sample(accounts, 2)
    )
    grain = _rows("reallocation_row", ("settlement_period", "bm_unit", "account"), rows)
    return {
        "reallocation_rows": grain,
        "reallocation_percentage": grain.array([row[3] for row in rows]),
        "reallocation_fixed_volume": grain.array([row[4] for row in rows]),
    }


def _runs(chance: random.Random, parties: list[str]) -> dict[str, Any]:
    rows = [(party, number, run) for party in parties for number, run in enumerate(RUNS, start=1)]
    grain = row_grain(
        "party_run_row",
        {"party": np.array([row[0] for row in rows], object), "run_number": np.array([row[1] for row in rows])},
        {"run": np.array([row[2] for row in rows], object)},
    )
    return {"party_run_rows": grain, "net_due_by_run": grain.array([chance.uniform(-900, 900) for _ in rows])}


def _rows(dim: str, keys: tuple[str, ...], rows: list[tuple]) -> Grain:
    kinds = [np.int64 if key == "settlement_period" else object for key in keys]
    return row_grain(dim, {key: np.array([row[at] for row in rows], kinds[at]) for at, key in enumerate(keys)})
