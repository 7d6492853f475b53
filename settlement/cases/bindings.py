"""Which quantity each column of each expected file means: data, in one place.

A column is a key (it says which row), a quantity, or unknown: then the case is refused.
`keys` maps a key column of the file to the key of the quantity's grain.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

PRICE = 1e-5  # GBP/MWh
VOLUME = 1e-6  # MWh, GBP and all else


@dataclass(frozen=True)
class Expected:
    """How the columns of one expected file bind."""

    keys: dict[str, str]
    columns: dict[str, str]
    tolerances: dict[str, float] = field(default_factory=dict)
    symbols: dict[str, str] = field(default_factory=dict)  # for files of symbol,value
    of_day: dict[str, str] = field(default_factory=dict)  # what columns mean in a file without settlement_period

    def quantity(self, column: str, columns: Collection[str]) -> str | None:
        """What a column of a file with these columns means: by period, or over the day; None for none."""
        if "settlement_period" not in columns and column in self.of_day:
            return self.of_day[column]
        return self.columns.get(column)

    def tolerance(self, column: str) -> float:
        return self.tolerances.get(column, VOLUME)


_UNIT_PERIOD = {"settlement_date": "settlement_date", "settlement_period": "settlement_period", "bm_unit": "bm_unit"}

_PERIOD = {"settlement_date": "settlement_date", "settlement_period": "settlement_period"}

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
        keys=_UNIT_PERIOD,
        columns={
            "fpn_mwh": "notified_volume",
            "sum_accepted_mwh": "accepted_volume",
            "cbm_gbp": "bm_unit_cashflow",
        },
    ),
    "expected_volumes_by_acceptance.csv": Expected(
        keys={**_UNIT_PERIOD, "acceptance_number": "acceptance_number", "pair": "pair"},
        columns={
            "qao_kn_mwh": "accepted_offer_volume_by_acceptance",
            "qab_kn_mwh": "accepted_bid_volume_by_acceptance",
        },
    ),
    "expected_volumes_by_pair.csv": Expected(
        keys={**_UNIT_PERIOD, "pair": "pair"},
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
    "expected_tlm.csv": Expected(
        keys=_UNIT_PERIOD,
        columns={"tlm": "transmission_loss_multiplier", "qm_tlm_mwh": "loss_adjusted_metered_volume"},
    ),
    "expected_tlmo.csv": Expected(
        keys=_PERIOD,
        columns={"total_losses_mwh": "total_losses", "tlmo_plus": "tlmo_plus", "tlmo_minus": "tlmo_minus"},
    ),
    "expected_trading_units.csv": Expected(
        keys={**_PERIOD, "trading_unit": "trading_unit"},
        columns={"qm_mwh": "trading_unit_metered_volume", "status": "trading_unit_status"},
    ),
    "expected_units.csv": Expected(
        keys=_UNIT_PERIOD,
        columns={
            "qbs_mwh": "balancing_services_volume",
            "qme_mwh": "expected_metered_volume",
            "qii_mwh": "information_imbalance_volume",
            "cii_gbp": "information_imbalance_cashflow",
            "qndo_mwh": "non_delivered_offer_volume",
            "qndb_mwh": "non_delivered_bid_volume",
            "cnd_gbp": "non_delivery_charge",
            "delivering": "unit_delivering_flag",
        },
    ),
    "expected_allocation.csv": Expected(
        keys={**_UNIT_PERIOD, "side": "side", "pair": "pair"},
        columns={"non_delivered_mwh": "non_delivered_volume", "charge_gbp": "non_delivery_charge_by_pair"},
    ),
    "expected_credited_energy.csv": Expected(
        keys={**_UNIT_PERIOD, "account": "account"}, columns={"qce_mwh": "credited_energy_volume"}
    ),
    "expected_accounts.csv": Expected(
        keys={**_PERIOD, "account": "account"},
        columns={
            "qace_mwh": "account_credited_energy_volume",
            "qabs_mwh": "account_balancing_services_volume",
            "qabc_mwh": "account_bilateral_contract_volume",
            "qaei_mwh": "account_energy_imbalance_volume",
            "caei_gbp": "account_energy_imbalance_cashflow",
            "rcrp": "residual_cashflow_reallocation_proportion",
            "rcrc_gbp": "residual_cashflow",
        },
    ),
    "expected_system.csv": Expected(
        keys=_PERIOD,
        columns={
            "tqei_mwh": "total_system_energy_imbalance_volume",
            "tcei_gbp": "total_system_energy_imbalance_cashflow",
            "tcnd_gbp": "total_system_non_delivery_charge",
            "tcii_gbp": "total_system_information_imbalance_cashflow",
            "trc_gbp": "total_system_residual_cashflow",
            "rcrp_denominator_mwh": "residual_reallocation_denominator",
            "csobm_gbp": "system_operator_bm_cashflow",
        },
    ),
    "expected_day.csv": Expected(
        keys={"settlement_date": "settlement_date"}, columns={"csobm_gbp": "daily_system_operator_bm_cashflow"}
    ),
    "expected_parties.csv": Expected(
        keys={**_PERIOD, "party": "party"},
        columns={
            "cbm_gbp": "party_period_bm_cashflow",
            "cnd_gbp": "party_period_non_delivery_charge",
            "caei_gbp": "party_period_energy_imbalance_cashflow",
            "cii_gbp": "party_period_information_imbalance_charge",
            "rcrc_gbp": "party_period_residual_cashflow",
            "net_due_to_party_gbp": "party_period_net_due",
            "ecc_mwh": "energy_credit_cover",
            "aei_mwh": "unpaid_indebtedness",
            "ei_mwh": "energy_indebtedness",
            "ccp_percent": "credit_cover_percentage",
            "default_level_threshold": "credit_default_level",
        },
        of_day={
            "cbm_gbp": "daily_party_bm_cashflow",
            "cnd_gbp": "daily_party_non_delivery_charge",
            "caei_gbp": "daily_party_energy_imbalance_cashflow",
            "cii_gbp": "daily_party_information_imbalance_charge",
            "rcrc_gbp": "daily_party_residual_cashflow",
            "net_due_to_party_gbp": "daily_party_net_due",
        },
    ),
    "expected_capabilities.csv": Expected(
        keys={"bm_unit": "bm_unit"},
        columns={
            "bmcaec_mw": "credit_assessment_export_capability",
            "bmcaic_mw": "credit_assessment_import_capability",
        },
    ),
    "expected_payments.csv": Expected(
        keys={"settlement_date": "settlement_date", "party": "party", "run": "run"},
        columns={"payment_before_interest_gbp": "payment_before_interest"},
    ),
}
