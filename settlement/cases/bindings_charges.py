"""Which quantity each column of the expected files of losses, charges, Parties and credit means: data, in one place."""

from __future__ import annotations

from settlement.cases.expected import PERIOD, UNIT_PERIOD, Expected

CHARGES: dict[str, Expected] = {
    "expected_tlm.csv": Expected(
        keys=UNIT_PERIOD,
        columns={"tlm": "transmission_loss_multiplier", "qm_tlm_mwh": "loss_adjusted_metered_volume"},
    ),
    "expected_tlmo.csv": Expected(
        keys=PERIOD,
        columns={"total_losses_mwh": "total_losses", "tlmo_plus": "tlmo_plus", "tlmo_minus": "tlmo_minus"},
    ),
    "expected_trading_units.csv": Expected(
        keys={**PERIOD, "trading_unit": "trading_unit"},
        columns={"qm_mwh": "trading_unit_metered_volume", "status": "trading_unit_status"},
    ),
    "expected_units.csv": Expected(
        keys=UNIT_PERIOD,
        columns={
            "qbs_mwh": "balancing_services_volume",
            "qme_mwh": "expected_metered_volume",
            "qii_mwh": "information_imbalance_volume",
            "cii_gbp": "information_imbalance_cashflow",
            "qndo_mwh": "non_delivered_offer_volume",
            "qndb_mwh": "non_delivered_bid_volume",
            "cnd_gbp": "non_delivery_charge",
            "tlm": "transmission_loss_multiplier",
            "qm_tlm_mwh": "loss_adjusted_metered_volume",
            "delivering": "unit_delivering_flag",
        },
    ),
    "expected_allocation.csv": Expected(
        keys={**UNIT_PERIOD, "side": "side", "pair": "pair"},
        columns={"non_delivered_mwh": "non_delivered_volume", "charge_gbp": "non_delivery_charge_by_pair"},
    ),
    "expected_credited_energy.csv": Expected(
        keys={**UNIT_PERIOD, "account": "account"}, columns={"qce_mwh": "credited_energy_volume"}
    ),
    "expected_accounts.csv": Expected(
        keys={**PERIOD, "account": "account"},
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
        keys=PERIOD,
        columns={
            "tqei_mwh": "total_system_energy_imbalance_volume",
            "tcei_gbp": "total_system_energy_imbalance_cashflow",
            "tcnd_gbp": "total_system_non_delivery_charge",
            "tcii_gbp": "total_system_information_imbalance_cashflow",
            "tcbm_gbp": "total_system_bm_cashflow",
            "trc_gbp": "total_system_residual_cashflow",
            "rcrp_denominator_mwh": "residual_reallocation_denominator",
            "csobm_gbp": "system_operator_bm_cashflow",
        },
        of_day={"csobm_gbp": "daily_system_operator_bm_cashflow"},
    ),
    "expected_day.csv": Expected(
        keys={"settlement_date": "settlement_date"}, columns={"csobm_gbp": "daily_system_operator_bm_cashflow"}
    ),
    "expected_parties.csv": Expected(
        keys={**PERIOD, "party": "party"},
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
