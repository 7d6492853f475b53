"""What must be given to settle: name, symbol, unit, dims, and which dataset brings it.

An input is an array of one grain. `grains` of the same call say the labels: a name
ending in `_rows` or `_periods` is a `Grain`, and so are `units`, `parties` and
`settlement_dates`. The dataset named here is where `reports.day_inputs` finds the rows;
the engine never looks.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Input:
    """One array that is given, not worked out."""

    symbol: str
    unit: str
    dims: str
    dataset: str
    about: str


INPUTS: dict[str, Input] = {
    # --- the published stack, one row an action ---
    "action_volume": Input("Q", "MWh", "action_row", "settlement_stack", "buys above zero, sells below"),
    "original_price": Input("P", "GBP/MWh", "priced_row", "settlement_stack", "as submitted; no row: unpriced"),
    "so_flag": Input("SO-Flag", "flag", "action_row", "settlement_stack", "set for transmission constraints"),
    "cadl_flag": Input("CADL Flag", "flag", "action_row", "settlement_stack", "acceptance shorter than CADL"),
    "emergency_flag": Input("emergency", "flag", "action_row", "settlement_stack", "emergency instruction"),
    "stor_flag": Input("STOR", "flag", "action_row", "settlement_stack", "by a STOR provider"),
    "action_loss_multiplier": Input("TLM_ij", "1", "action_row", "settlement_stack", "1 for adjustment actions"),
    # --- the period ---
    "loss_of_load_probability": Input("LoLP_j", "1", "settlement_period", "loss_of_load", "final value"),
    "buy_price_adjustment": Input("BPA_j", "GBP/MWh", "settlement_period", "system_prices", "added when short"),
    "sell_price_adjustment": Input("SPA_j", "GBP/MWh", "settlement_period", "system_prices", "added when long"),
    "market_index_price_by_provider": Input("PXP_sj", "GBP/MWh", "market_index_row", "market_index", "one provider"),
    "market_index_volume_by_provider": Input("QXP_sj", "MWh", "market_index_row", "market_index", "one provider"),
    "period_start": Input("t_j", "s", "settlement_period", "calendar", "seconds since 1970, UTC"),
    # --- notifications, pairs, acceptances, adjustment actions ---
    "notification_time_from": Input("FPN from", "s", "notification_row", "physical_notifications", "seconds, UTC"),
    "notification_time_to": Input("FPN to", "s", "notification_row", "physical_notifications", "seconds, UTC"),
    "notification_level_from": Input("FPN_ij(t)", "MW", "notification_row", "physical_notifications", "export above 0"),
    "notification_level_to": Input("FPN_ij(t)", "MW", "notification_row", "physical_notifications", "export above 0"),
    "pair_time_from": Input("qBO from", "s", "pair_row", "bid_offer_data", "seconds, UTC"),
    "pair_time_to": Input("qBO to", "s", "pair_row", "bid_offer_data", "seconds, UTC"),
    "pair_level_from": Input("qBO^n_ij(t)", "MW", "pair_row", "bid_offer_data", ">= 0 for n > 0, <= 0 for n < 0"),
    "pair_level_to": Input("qBO^n_ij(t)", "MW", "pair_row", "bid_offer_data", ">= 0 for n > 0, <= 0 for n < 0"),
    "offer_price": Input("PO^n_ij", "GBP/MWh", "pair_row", "bid_offer_data", "two decimals"),
    "bid_price": Input("PB^n_ij", "GBP/MWh", "pair_row", "bid_offer_data", "two decimals"),
    "acceptance_time": Input("acceptance time", "s", "acceptance_row", "acceptances", "seconds, UTC"),
    "acceptance_so_flag": Input("SO-Flag", "flag", "acceptance_row", "acceptances", "for transmission constraints"),
    "acceptance_stor_flag": Input("STOR", "flag", "acceptance_row", "acceptances", "by a STOR provider"),
    "acceptance_emergency_flag": Input("emergency", "flag", "acceptance_row", "acceptances", "emergency instruction"),
    "point_time_from": Input("qA from", "s", "acceptance_point_row", "acceptances", "seconds, UTC"),
    "point_time_to": Input("qA to", "s", "acceptance_point_row", "acceptances", "seconds, UTC"),
    "point_level_from": Input("qA_kij(t)", "MW", "acceptance_point_row", "acceptances", "export above 0"),
    "point_level_to": Input("qA_kij(t)", "MW", "acceptance_point_row", "acceptances", "export above 0"),
    "adjustment_volume": Input("QBSA^m_j", "MWh", "adjustment_row", "adjustment_actions", "buys above zero"),
    "adjustment_cost": Input("BSAC^m_j", "GBP", "costed_adjustment_row", "adjustment_actions", "no row: unpriced"),
    "adjustment_so_flag": Input("SO-Flag", "flag", "adjustment_row", "adjustment_actions", "for constraints"),
    "adjustment_stor_flag": Input("STOR", "flag", "adjustment_row", "adjustment_actions", "by a STOR provider"),
    "transmission_loss_multiplier": Input(
        "TLM_ij", "1", "settlement_period bm_unit", "bm_units", "scales volume for losses"
    ),
    # --- metering, losses, balancing services ---
    "metered_volume": Input("QM_ij", "MWh", "settlement_period bm_unit", "metered_volumes", "export above zero"),
    "applicable_balancing_services_volume": Input(
        "QAS_ij", "MWh", "settlement_period bm_unit", "balancing_services", "extra export above zero; missing is 0"
    ),
    "replacement_reserve_volume": Input(
        "RRA_ij", "MWh", "settlement_period bm_unit", "replacement_reserve", "offers and bids of all quarters; 0"
    ),
    "supplier_delivered_volume": Input(
        "QBSD_ij", "MWh", "settlement_period bm_unit", "balancing_services", "by third parties; missing is 0"
    ),
    "supplier_non_bm_volume": Input(
        "SNBABSVD_ij", "MWh", "settlement_period bm_unit", "balancing_services", "outside the BM; missing is 0"
    ),
    "transmission_loss_factor": Input("TLF_ij", "1", "settlement_period bm_unit", "loss_factors", "by zone and season"),
    "interconnector_flag": Input("interconnector", "flag", "settlement_period bm_unit", "bm_units", "TLM 1 since P278"),
    "supplier_flag": Input("supplier", "flag", "settlement_period bm_unit", "bm_units", "a Supplier BM Unit"),
    "production_flag": Input("P/C", "flag", "settlement_period bm_unit", "bm_units", "set: P, else C; never guessed"),
    # --- contracts and reallocations ---
    "contract_volume": Input("QABC^c_aj", "MWh", "contract_row", "contracts", "sold above zero, bought below"),
    "reallocation_percentage": Input("QMPR_izj", "%", "reallocation_row", "reallocations", "of metered less balancing"),
    "reallocation_fixed_volume": Input("QMFR_izj", "MWh", "reallocation_row", "reallocations", "before losses"),
    # --- amounts given for a Party and day ---
    "replacement_reserve_cashflow": Input("RR_p", "GBP", "party", "replacement_reserve", "a credit above zero; 0"),
    "replacement_reserve_deviation_cashflow": Input(
        "RRdev_p", "GBP", "party", "replacement_reserve", "a credit above zero; 0"
    ),
    "supplier_compensation_paid": Input("SCP_p", "GBP", "party", "settlement_report", "a credit above zero; 0"),
    "supplier_compensation_charged": Input("SCC_p", "GBP", "party", "settlement_report", "a debit above zero; 0"),
    "net_due_by_run": Input("Net_pr", "GBP", "party_run_row", "runs", "due to the Party by one run"),
    # --- credit cover ---
    "credit_cover_lodged": Input("CC_p", "GBP", "party", "credit_cover", "lodged with the funds administrator"),
    "credit_assessment_price": Input("CAP_p", "GBP/MWh", "party", "parameters", "one for the market, by notice"),
    "credit_assessed_indebtedness": Input("CEI_p", "MWh", "party", "runs", "over periods without an II run"),
    "metered_indebtedness": Input("MEI_p", "MWh", "party", "runs", "over periods with II and no SF run"),
    "unpaid_net_payable": Input("Unpaid_p", "GBP", "party", "runs", "over days with SF, not yet paid; owed above 0"),
    "credit_assessment_load_factor": Input("CALF_i", "1", "bm_unit", "load_factors", "by unit and BSC Season"),
    "generation_capacity": Input("GC_i", "MW", "bm_unit", "bm_units", "zero or more"),
    "demand_capacity": Input("DC_i", "MW", "bm_unit", "bm_units", "zero or less"),
    # --- parameters, by date ---
    "value_of_lost_load": Input("VoLL", "GBP/MWh", "", "parameters", "dated"),
    "de_minimis_threshold": Input("DMAT", "MWh", "", "parameters", "dated"),
    "continuous_acceptance_duration_limit": Input("CADL", "min", "", "parameters", "dated"),
    "price_average_reference_volume": Input("PAR", "MWh", "", "parameters", "dated"),
    "replacement_price_average_reference_volume": Input("RPAR", "MWh", "", "parameters", "dated"),
    "delivering_share_of_losses": Input("alpha", "1", "", "parameters", "0.45: share of losses for delivering units"),
    "interconnectors_share_losses": Input("P278", "flag", "", "parameters", "set before P278"),
    "information_imbalance_price": Input("IIP", "GBP/MWh", "", "parameters", "0 so far"),
    "settlement_period_duration": Input("SPD", "h", "", "parameters", "half an hour"),
    "estimated_tlmo_plus": Input("ETLMO+", "1", "", "parameters", "indicative multipliers only"),
    "estimated_tlmo_minus": Input("ETLMO-", "1", "", "parameters", "indicative multipliers only"),
    "credit_default_level_1": Input("CCP_level1", "%", "", "parameters", "80"),
    "credit_default_level_2": Input("CCP_level2", "%", "", "parameters", "90"),
}
