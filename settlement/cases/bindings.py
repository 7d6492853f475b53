"""Which quantity each column of each expected file means: data, in one place, with that of `bindings_charges`.

A column that is neither a key nor bound here is refused.
"""

from __future__ import annotations

from settlement.cases.bindings_charges import CHARGES
from settlement.cases.expected import PRICE, UNIT_PERIOD, Expected

_STAGES = {
    "dmat_adjusted_volume": "de_minimis_adjusted_volume",
    "arbitrage_adjusted_volume": "arbitrage_adjusted_volume",
    "second_stage_flagged": "second_stage_flag",
    "niv_adjusted_volume": "net_imbalance_adjusted_volume",
    "repriced": "repriced_flag",
    "final_price": "final_price",
    "par_adjusted_volume": "price_average_adjusted_volume",
    "tlm_adjusted_volume": "loss_adjusted_volume",
    "tlm_adjusted_cost": "loss_adjusted_cost",
    "first_stage_flagged": "first_stage_flag",
    "ranking_price": "ranking_price",
    "sequence_number": "rank",
}

EXPECTED: dict[str, Expected] = {
    "expected_rows.csv": Expected(
        keys={"settlement_date": "settlement_date", "settlement_period": "settlement_period", "row_id": "action"},
        columns=_STAGES,
        tolerances={"final_price": PRICE, "ranking_price": PRICE},
    ),
    "expected_stack.csv": Expected(
        keys={
            "settlement_date": "settlement_date",
            "settlement_period": "settlement_period",
            "side": "side",
            "action": "action",
        },
        columns={
            **_STAGES,
            "volume": "action_volume",
            "original_price": "original_price",
            "so_flag": "so_flag",
            "cadl_flag": "cadl_flag",
            "emergency_flag": "emergency_flag",
            "stor_provider_flag": "stor_flag",
            "tlm": "action_loss_multiplier",
        },
        tolerances={"final_price": PRICE, "ranking_price": PRICE, "original_price": PRICE},
    ),
    "expected_sides.csv": Expected(
        keys={"settlement_date": "settlement_date", "settlement_period": "settlement_period", "side": "side"},
        columns={"dearest_unflagged_price": "dearest_unflagged_price"},
        tolerances={"dearest_unflagged_price": PRICE},
    ),
    "expected_price.csv": Expected(
        keys={"settlement_date": "settlement_date", "settlement_period": "settlement_period"},
        columns={},
        symbols={
            "MIP": "market_index_price",
            "RSVP": "reserve_scarcity_price",
            "NIV": "net_imbalance_volume",
            "RP": "replacement_price",
            "RPRV": "replacement_price_reference_volume",
            "SBP": "system_buy_price",
            "SSP": "system_sell_price",
            "TCBM": "total_system_bm_cashflow",
            "market_price_needed": "market_index_price_needed",
        },
        tolerances={symbol: PRICE for symbol in ("MIP", "RSVP", "RP", "SBP", "SSP")},
    ),
    "expected_flags.csv": Expected(
        keys={"bm_unit": "bm_unit", "acceptance_number": "acceptance_number"},
        columns={
            "continuous_minutes": "continuous_acceptance_duration",
            "cadl_minutes": "continuous_acceptance_duration_limit",
            "cadl_flag": "acceptance_cadl_flag",
        },
    ),
    "expected_unit.csv": Expected(
        keys=UNIT_PERIOD,
        columns={
            "fpn_mwh": "notified_volume",
            "sum_accepted_mwh": "accepted_volume",
            "cbm_gbp": "bm_unit_cashflow",
        },
    ),
    "expected_volumes_by_acceptance.csv": Expected(
        keys={**UNIT_PERIOD, "acceptance_number": "acceptance_number", "pair": "pair"},
        columns={
            "qao_kn_mwh": "accepted_offer_volume_by_acceptance",
            "qab_kn_mwh": "accepted_bid_volume_by_acceptance",
        },
    ),
    "expected_volumes_by_pair.csv": Expected(
        keys={**UNIT_PERIOD, "pair": "pair"},
        columns={
            "qao_n_mwh": "accepted_offer_volume",
            "qab_n_mwh": "accepted_bid_volume",
            "co_n_gbp": "offer_cashflow",
            "cb_n_gbp": "bid_cashflow",
        },
    ),
    "expected_counts.csv": Expected(keys={"settlement_date": "settlement_date"}, columns={"periods": "period_count"}),
    "expected_starts.csv": Expected(
        keys={"settlement_date": "settlement_date", "settlement_period": "settlement_period"},
        columns={"start_time": "start_time", "local_clock": "local_clock"},
    ),
    **CHARGES,
}
