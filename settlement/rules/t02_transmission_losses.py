"""Transmission losses: BSC Section T2.

Shares the energy lost on the transmission system between BM Units, by a multiplier for each of them in
each Settlement Period. Interconnector BM Units have 1 since P278, and were like any other unit before.

Reads    metered_volume, transmission_loss_factor, interconnector_flag, production_flag, delivering_share_of_losses
Gives    trading_unit_metered_volume, delivering_flag, unit_delivering_flag, total_losses, tlmo_plus, tlmo_minus,
         transmission_loss_multiplier, loss_adjusted_metered_volume
Rules    volumes-and-charges.md, section 5
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from hamilton.function_modifiers import config, tag

from settlement.errors import ZeroDenominator
from settlement.grains import Grain, spread, total

NOTHING = 1e-9  # MWh: volumes that cancel out leave noise below this, which is a sum of exactly 0


@tag(
    symbol="QM_rj", clause="T2.1", unit="MWh", dims="settlement_period trading_unit", form="sum",
    evidence="verified", rule="volumes-and-charges.md 5.1",
)  # fmt: skip
def trading_unit_metered_volume(
    metered_volume: xr.DataArray, unit_periods: Grain, trading_unit_periods: Grain
) -> xr.DataArray:
    """Metered volume of all BM Units of a Trading Unit, export above zero.

    QM_rj = Σ_i QM_ij
    """
    return total((unit_periods, metered_volume), onto=trading_unit_periods)


@tag(
    symbol="delivering_rj", clause="T2.1", unit="flag", dims="settlement_period trading_unit", form="kernel",
    scope="settlement_period trading_unit", evidence="recollection", rule="volumes-and-charges.md 5.1",
)  # fmt: skip
def delivering_flag(trading_unit_metered_volume: xr.DataArray, balanced_trading_unit: str) -> xr.DataArray:
    """Whether a Trading Unit delivers in a period, that is exports on balance; else it is offtaking."""
    least = -NOTHING if balanced_trading_unit == "delivering" else NOTHING
    return trading_unit_metered_volume > least


@tag(
    symbol="delivering_ij", clause="T2.1", unit="flag", dims="settlement_period bm_unit", form="kernel",
    scope="settlement_period trading_unit", evidence="recollection", rule="volumes-and-charges.md 5.1",
)  # fmt: skip
def unit_delivering_flag(delivering_flag: xr.DataArray, unit_periods: Grain) -> xr.DataArray:
    """Whether a BM Unit lies in a delivering Trading Unit, whichever way its own volume goes."""
    return spread(delivering_flag, onto=unit_periods)


@tag(
    symbol="Σ_i QM_ij", clause="T2.3.1", unit="MWh", dims="settlement_period", form="kernel",
    scope="settlement_period", evidence="recollection", rule="volumes-and-charges.md 5.4",
)  # fmt: skip
def total_losses(
    metered_volume: xr.DataArray,
    interconnector_flag: xr.DataArray,
    interconnectors_share_losses: bool,
    losses_total: str,
    settlement_periods: Grain,
) -> xr.DataArray:
    """Energy lost in transmission: what all BM Units put in less what they took out, interconnectors included.

    Σ_i QM_ij
    """
    counted = metered_volume
    if losses_total == "without interconnectors":
        counted = metered_volume * _sharing(interconnector_flag, interconnectors_share_losses)
    return total(counted, onto=settlement_periods)


@tag(
    symbol="TLMO+_j", clause="T2.3.1", unit="1", dims="settlement_period", form="kernel",
    scope="settlement_period", evidence="recollection", rule="volumes-and-charges.md 5.3, 5.4, 5.5",
)  # fmt: skip
@config.when(losses="metered")
def tlmo_plus(
    metered_volume: xr.DataArray,
    transmission_loss_factor: xr.DataArray,
    interconnector_flag: xr.DataArray,
    interconnectors_share_losses: bool,
    unit_delivering_flag: xr.DataArray,
    total_losses: xr.DataArray,
    delivering_share_of_losses: float,
    settlement_periods: Grain,
) -> xr.DataArray:
    """What every delivering unit's multiplier is moved by, so that delivering units bear their share of the losses.

    TLMO+_j = -(alpha × Σ_i QM_ij + Σ+ QM_ij × TLF_ij) / Σ+ QM_ij, Σ+ over delivering units that share losses

    Raises ZeroDenominator, naming the periods, where Σ+ QM_ij is 0.
    """
    sharing = _sharing(interconnector_flag, interconnectors_share_losses) & unit_delivering_flag
    volume, zonal = _side(metered_volume * sharing, transmission_loss_factor, settlement_periods, "delivering")
    return -(delivering_share_of_losses * total_losses + zonal) / volume


@tag(
    symbol="TLMO-_j", clause="T2.3.1", unit="1", dims="settlement_period", form="kernel",
    scope="settlement_period", evidence="recollection", rule="volumes-and-charges.md 5.3, 5.4, 5.5",
)  # fmt: skip
@config.when(losses="metered")
def tlmo_minus(
    metered_volume: xr.DataArray,
    transmission_loss_factor: xr.DataArray,
    interconnector_flag: xr.DataArray,
    interconnectors_share_losses: bool,
    unit_delivering_flag: xr.DataArray,
    total_losses: xr.DataArray,
    delivering_share_of_losses: float,
    settlement_periods: Grain,
) -> xr.DataArray:
    """What every offtaking unit's multiplier is moved by, so that offtaking units bear the rest of the losses.

    TLMO-_j = ((alpha - 1) × Σ_i QM_ij - Σ- QM_ij × TLF_ij) / Σ- QM_ij, Σ- over offtaking units that share losses

    Raises ZeroDenominator, naming the periods, where Σ- QM_ij is 0.
    """
    sharing = _sharing(interconnector_flag, interconnectors_share_losses) & ~unit_delivering_flag
    volume, zonal = _side(metered_volume * sharing, transmission_loss_factor, settlement_periods, "offtaking")
    return ((delivering_share_of_losses - 1) * total_losses - zonal) / volume


@tag(
    symbol="TLM_ij", clause="T2.3.1", unit="1", dims="settlement_period bm_unit", form="kernel",
    scope="settlement_period bm_unit", evidence="recollection", rule="volumes-and-charges.md 5.4",
)  # fmt: skip
@config.when(losses="metered")
def transmission_loss_multiplier__metered(
    transmission_loss_factor: xr.DataArray,
    unit_delivering_flag: xr.DataArray,
    tlmo_plus: xr.DataArray,
    tlmo_minus: xr.DataArray,
    interconnector_flag: xr.DataArray,
    interconnectors_share_losses: bool,
    unit_periods: Grain,
) -> xr.DataArray:
    """What scales the volume of a BM Unit for transmission losses, from the metered volumes of the whole system.

    TLM_ij = 1 + TLF_ij + TLMO+_j where delivering, + TLMO-_j where offtaking; 1 where losses are not shared
    """
    plus, minus = spread(tlmo_plus, onto=unit_periods), spread(tlmo_minus, onto=unit_periods)
    shared = 1 + transmission_loss_factor + xr.where(unit_delivering_flag, plus, minus)
    return xr.where(_sharing(interconnector_flag, interconnectors_share_losses), shared, 1.0)


@tag(
    symbol="TLM_ij", clause="T2.3.1", unit="1", dims="settlement_period bm_unit", form="kernel",
    scope="settlement_period bm_unit", evidence="recollection", rule="volumes-and-charges.md 5.4, 5.6",
)  # fmt: skip
@config.when(losses="estimated")
def transmission_loss_multiplier__estimated(
    transmission_loss_factor: xr.DataArray,
    production_flag: xr.DataArray,
    estimated_tlmo_plus: float,
    estimated_tlmo_minus: float,
    interconnector_flag: xr.DataArray,
    interconnectors_share_losses: bool,
) -> xr.DataArray:
    """The indicative multiplier, ahead of metering, by Production or Consumption status; never for a Settlement Run.

    TLM_ij = 1 + TLF_ij + ETLMO+ of a Production unit, + ETLMO- of a Consumption unit; 1 where losses are not shared
    """
    shared = 1 + transmission_loss_factor + xr.where(production_flag, estimated_tlmo_plus, estimated_tlmo_minus)
    return xr.where(_sharing(interconnector_flag, interconnectors_share_losses), shared, 1.0)


@tag(
    symbol="QM_ij × TLM_ij", clause="T2.3.1", unit="MWh", dims="settlement_period bm_unit", form="kernel",
    scope="settlement_period bm_unit", evidence="recollection", rule="volumes-and-charges.md 5.4",
)  # fmt: skip
def loss_adjusted_metered_volume(
    metered_volume: xr.DataArray, transmission_loss_multiplier: xr.DataArray
) -> xr.DataArray:
    """Metered volume of a BM Unit, scaled for transmission losses; over the whole system it sums to zero."""
    return metered_volume * transmission_loss_multiplier


def _sharing(interconnector_flag: xr.DataArray, interconnectors_share_losses: bool) -> xr.DataArray:
    """Which units share the losses: all but interconnectors, and before P278 those too."""
    return ~interconnector_flag | bool(interconnectors_share_losses)


def _side(
    metered: xr.DataArray, loss_factor: xr.DataArray, settlement_periods: Grain, side: str
) -> tuple[xr.DataArray, xr.DataArray]:
    """By period what a side metered, and that scaled by the zonal factors; `metered` is 0 at units of the other."""
    volume = total(metered, onto=settlement_periods)
    periods = volume.indexes["settlement_period"][np.abs(volume.to_numpy()) < NOTHING].tolist()
    if periods:
        raise ZeroDenominator(
            f"metered volume (QM_ij) of settlement periods {periods}: found 0 MWh over all {side} BM Units that share "
            "losses, wanted a volume to share them over. Bring the metered volumes of the whole system, or let the "
            "published transmission_loss_multiplier stand in for the computed one.",
            periods,
        )
    return volume, total(metered * loss_factor, onto=settlement_periods)
