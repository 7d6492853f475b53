"""Non-delivery: BSC Section T4.8.

Takes back the gain of a BM Unit on accepted volume that it did not deliver: where its Offer Price lies above the
imbalance price it pays on the shortfall, or its Bid Price below the one it is paid for the spill. The price of an
offer is held against SBP_j, that of a bid against SSP_j. Non-delivery changes no other volume, cashflow or price.

Reads    expected_metered_volume, metered_volume, accepted_offer_volume, accepted_bid_volume, offer_price, bid_price,
         system_buy_price, system_sell_price, transmission_loss_multiplier
Gives    non_delivered_offer_volume, non_delivered_bid_volume, the same by pair, offer_non_delivery_charge,
         bid_non_delivery_charge, non_delivery_charge, total_system_non_delivery_charge
Rules    volumes-and-charges.md, section 7
"""

from __future__ import annotations

import xarray as xr
from hamilton.function_modifiers import tag

from settlement.grains import Grain, positions, spread, total


@tag(
    symbol="QNDO_ij", clause="T4.8~", unit="MWh", dims="settlement_period bm_unit", form="kernel",
    scope="settlement_period bm_unit", evidence="recollection", rule="volumes-and-charges.md 7.1",
)  # fmt: skip
def non_delivered_offer_volume(
    expected_metered_volume: xr.DataArray,
    metered_volume: xr.DataArray,
    accepted_offer_volume: xr.DataArray,
    unit_periods: Grain,
) -> xr.DataArray:
    """The shortfall of a BM Unit, as far as offers were accepted from it; zero or more, before losses.

    QNDO_ij = min{ max{QME_ij - QM_ij, 0}, Σ_n QAO^n_ij }
    """
    shortfall = (expected_metered_volume - metered_volume).clip(min=0.0)
    accepted = total(accepted_offer_volume, onto=unit_periods)
    return xr.where(shortfall < accepted, shortfall, accepted)


@tag(
    symbol="QNDB_ij", clause="T4.8~", unit="MWh", dims="settlement_period bm_unit", form="kernel",
    scope="settlement_period bm_unit", evidence="recollection", rule="volumes-and-charges.md 7.1",
)  # fmt: skip
def non_delivered_bid_volume(
    expected_metered_volume: xr.DataArray,
    metered_volume: xr.DataArray,
    accepted_bid_volume: xr.DataArray,
    unit_periods: Grain,
) -> xr.DataArray:
    """The surplus of a BM Unit, as far as bids were accepted from it; zero or less, before losses.

    QNDB_ij = max{ min{QME_ij - QM_ij, 0}, Σ_n QAB^n_ij }
    """
    surplus = (expected_metered_volume - metered_volume).clip(max=0.0)
    accepted = total(accepted_bid_volume, onto=unit_periods)
    return xr.where(surplus > accepted, surplus, accepted)


@tag(
    symbol="QNDO^n_ij", clause="T4.8~", unit="MWh", dims="pair_row", form="kernel",
    scope="settlement_period bm_unit", evidence="recollection", rule="volumes-and-charges.md 7.2",
)  # fmt: skip
def non_delivered_offer_volume_by_pair(
    non_delivered_offer_volume: xr.DataArray,
    accepted_offer_volume: xr.DataArray,
    offer_price: xr.DataArray,
    non_delivery_order: str,
    unit_periods: Grain,
    pair_rows: Grain,
) -> xr.DataArray:
    """What each pair is deemed to have missed of its offers: the dearest offer first.

    QNDO^u_ij = min{ QAO^u_ij, QNDO_ij - Σ_{w<u} QNDO^w_ij }, u = 1 the highest PO^n_ij
    """
    from settlement.kernels.non_delivery import allocated

    rank_by = offer_price if non_delivery_order == "cheapest offer first" else -offer_price
    missed = allocated(
        positions(unit_periods, pair_rows), pair_rows.column("pair"), rank_by.to_numpy(),
        accepted_offer_volume.to_numpy(), non_delivered_offer_volume.to_numpy().reshape(-1),
    )  # fmt: skip
    return pair_rows.array(missed)


@tag(
    symbol="QNDB^n_ij", clause="T4.8~", unit="MWh", dims="pair_row", form="kernel",
    scope="settlement_period bm_unit", evidence="recollection", rule="volumes-and-charges.md 7.2",
)  # fmt: skip
def non_delivered_bid_volume_by_pair(
    non_delivered_bid_volume: xr.DataArray,
    accepted_bid_volume: xr.DataArray,
    bid_price: xr.DataArray,
    non_delivery_order: str,
    unit_periods: Grain,
    pair_rows: Grain,
) -> xr.DataArray:
    """What each pair is deemed to have missed of its bids, zero or less: the cheapest bid first.

    QNDB^v_ij = max{ QAB^v_ij, QNDB_ij - Σ_{w<v} QNDB^w_ij }, v = 1 the lowest PB^n_ij
    """
    from settlement.kernels.non_delivery import allocated

    rank_by = -bid_price if non_delivery_order == "cheapest offer first" else bid_price
    missed = allocated(
        positions(unit_periods, pair_rows), pair_rows.column("pair"), rank_by.to_numpy(),
        -accepted_bid_volume.to_numpy(), -non_delivered_bid_volume.to_numpy().reshape(-1),
    )  # fmt: skip
    return pair_rows.array(0.0 - missed)  # a plain minus would write "-0" where nothing was missed


@tag(
    symbol="CNDO^n_ij", clause="T4.8~", unit="GBP", dims="pair_row", form="kernel",
    scope="settlement_period bm_unit pair", evidence="recollection", rule="volumes-and-charges.md 7.3",
)  # fmt: skip
def offer_non_delivery_charge(
    non_delivered_offer_volume_by_pair: xr.DataArray,
    offer_price: xr.DataArray,
    system_buy_price: xr.DataArray,
    transmission_loss_multiplier: xr.DataArray,
    pair_rows: Grain,
) -> xr.DataArray:
    """Charged for undelivered offers of a pair, a debit above zero; none at or below the System Buy Price.

    CNDO^n_ij = QNDO^n_ij × max{ PO^n_ij - SBP_j, 0 } × TLM_ij
    """
    gain = (offer_price - spread(system_buy_price, onto=pair_rows)).clip(min=0.0)
    return non_delivered_offer_volume_by_pair * gain * spread(transmission_loss_multiplier, onto=pair_rows)


@tag(
    symbol="CNDB^n_ij", clause="T4.8~", unit="GBP", dims="pair_row", form="kernel",
    scope="settlement_period bm_unit pair", evidence="recollection", rule="volumes-and-charges.md 7.3",
)  # fmt: skip
def bid_non_delivery_charge(
    non_delivered_bid_volume_by_pair: xr.DataArray,
    bid_price: xr.DataArray,
    system_sell_price: xr.DataArray,
    transmission_loss_multiplier: xr.DataArray,
    pair_rows: Grain,
) -> xr.DataArray:
    """Charged for undelivered bids of a pair, a debit above zero; none at or above the System Sell Price.

    CNDB^n_ij = QNDB^n_ij × min{ PB^n_ij - SSP_j, 0 } × TLM_ij
    """
    gain = (spread(system_sell_price, onto=pair_rows) - bid_price).clip(min=0.0)
    return abs(non_delivered_bid_volume_by_pair) * gain * spread(transmission_loss_multiplier, onto=pair_rows)


@tag(
    symbol="CND_ij", clause="T4.8~", unit="GBP", dims="settlement_period bm_unit", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 7.3",
)  # fmt: skip
def non_delivery_charge(
    offer_non_delivery_charge: xr.DataArray, bid_non_delivery_charge: xr.DataArray, unit_periods: Grain
) -> xr.DataArray:
    """Charged to a BM Unit in a period for all that it did not deliver, a debit above zero.

    CND_ij = Σ_n (CNDO^n_ij + CNDB^n_ij)
    """
    return total(offer_non_delivery_charge + bid_non_delivery_charge, onto=unit_periods)


@tag(
    symbol="TCND_j", clause="T4.8~", unit="GBP", dims="settlement_period", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 7.3",
)  # fmt: skip
def total_system_non_delivery_charge(non_delivery_charge: xr.DataArray, settlement_periods: Grain) -> xr.DataArray:
    """Charged to all BM Units in a period for non-delivery.

    TCND_j = Σ_i CND_ij
    """
    return total(non_delivery_charge, onto=settlement_periods)
