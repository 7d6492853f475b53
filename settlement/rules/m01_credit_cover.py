"""Credit cover: BSC Section M.

How much energy the cover that a Party lodged is worth, how much it owes, and the
level of credit default that the two put it in. Nothing here changes a Trading Charge.
Energy owed by the Party is above zero.

Reads    credit_cover_lodged, credit_assessment_price, credit_assessed_indebtedness, metered_indebtedness,
         unpaid_net_payable, credit_default_level_1, credit_default_level_2,
         credit_assessment_load_factor, generation_capacity, demand_capacity
Gives    energy_credit_cover, unpaid_indebtedness, energy_indebtedness, credit_cover_percentage,
         credit_default_level, credit_assessment_export_capability, credit_assessment_import_capability
Rules    volumes-and-charges.md, section 9
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from hamilton.function_modifiers import tag

from settlement.grains import Grain, only, place, sub_grain

# A Party exactly at a threshold is not above it: less than this (in % and MWh) is what floats leave of nothing.
NOTHING = 1e-9


@tag(
    symbol="ECC_p", clause="M2~", unit="MWh", dims="party", form="algebra",
    evidence="verified", rule="volumes-and-charges.md 9.2",
)  # fmt: skip
def energy_credit_cover(credit_cover_lodged: xr.DataArray, credit_assessment_price: xr.DataArray) -> xr.DataArray:
    """Energy that the cover lodged by a Party stands for, at the Credit Assessment Price.

    ECC_p = CC_p / CAP_p
    """
    return credit_cover_lodged / credit_assessment_price


@tag(
    symbol="AEI_p", clause="M1.2~", unit="MWh", dims="party", form="algebra",
    evidence="recollection", rule="volumes-and-charges.md 9.4",
)  # fmt: skip
def unpaid_indebtedness(unpaid_net_payable: xr.DataArray, credit_assessment_price: xr.DataArray) -> xr.DataArray:
    """Energy that the money of days with an SF run, not yet paid, stands for; below zero where the Party is owed.

    AEI_p = Unpaid_p / CAP_p
    """
    return unpaid_net_payable / credit_assessment_price


@tag(
    symbol="EI_p", clause="M1.2~", unit="MWh", dims="party", form="algebra",
    evidence="recollection", rule="volumes-and-charges.md 9.4",
)  # fmt: skip
def energy_indebtedness(
    credit_assessed_indebtedness: xr.DataArray,
    metered_indebtedness: xr.DataArray,
    unpaid_indebtedness: xr.DataArray,
) -> xr.DataArray:
    """Energy that a Party owes: periods assessed, then metered, then settled and not yet paid.

    EI_p = CEI_p + MEI_p + AEI_p
    """
    return credit_assessed_indebtedness + metered_indebtedness + unpaid_indebtedness


def covered_parties(energy_credit_cover: xr.DataArray, parties: Grain) -> Grain:
    """The Parties with cover above zero: of the others no percentage exists."""
    return sub_grain("covered_party", parties, energy_credit_cover.to_numpy() > 0)


@tag(
    symbol="CCP_p", clause="M3~", unit="%", dims="covered_party", form="kernel", scope="party",
    evidence="recollection", rule="volumes-and-charges.md 9.4",
)  # fmt: skip
def credit_cover_percentage(
    energy_indebtedness: xr.DataArray, energy_credit_cover: xr.DataArray, covered_parties: Grain
) -> xr.DataArray:
    """Part of its cover that a Party has used up; a Party without cover has no row.

    CCP_p = 100 × EI_p / ECC_p
    """
    return 100 * only(energy_indebtedness, onto=covered_parties) / only(energy_credit_cover, onto=covered_parties)


@tag(
    symbol="Level_p", clause="M3~", unit="1", dims="party", form="kernel", scope="party",
    evidence="recollection", rule="volumes-and-charges.md 9.4, 9.6",
)  # fmt: skip
def credit_default_level(
    credit_cover_percentage: xr.DataArray,
    energy_indebtedness: xr.DataArray,
    credit_default_level_1: float,
    credit_default_level_2: float,
    covered_parties: Grain,
    parties: Grain,
) -> xr.DataArray:
    """Threshold that a Party exceeds: 0 none, 1 or 2; without cover it is 2 as soon as anything is owed.

    Level_p = 2 where CCP_p > CCP_level2, else 1 where CCP_p > CCP_level1, else 0; 2 where ECC_p is 0 and EI_p > 0
    """
    percentage = credit_cover_percentage.to_numpy()
    above = [percentage - threshold > NOTHING for threshold in (credit_default_level_2, credit_default_level_1)]
    of_covered = covered_parties.array(np.select(above, [2.0, 1.0], 0.0))
    covered = place(covered_parties.array(np.ones(covered_parties.size, bool)), onto=parties, absent=False)
    of_others = np.where(energy_indebtedness.to_numpy() > NOTHING, 2.0, 0.0)
    return parties.array(np.where(covered, place(of_covered, onto=parties, absent=0.0), of_others))


@tag(
    symbol="BMCAEC_i", clause="M1.6~", unit="MW", dims="bm_unit", form="algebra",
    evidence="verified", rule="volumes-and-charges.md 9.5",
)  # fmt: skip
def credit_assessment_export_capability(
    credit_assessment_load_factor: xr.DataArray, generation_capacity: xr.DataArray
) -> xr.DataArray:
    """Export that a BM Unit is assumed to make before it is metered.

    BMCAEC_i = CALF_i × GC_i
    """
    return credit_assessment_load_factor * generation_capacity


@tag(
    symbol="BMCAIC_i", clause="M1.6~", unit="MW", dims="bm_unit", form="algebra",
    evidence="verified", rule="volumes-and-charges.md 9.5",
)  # fmt: skip
def credit_assessment_import_capability(
    credit_assessment_load_factor: xr.DataArray, demand_capacity: xr.DataArray
) -> xr.DataArray:
    """Import that a BM Unit is assumed to make before it is metered; below zero, as demand capacity is.

    BMCAIC_i = CALF_i × DC_i
    """
    return credit_assessment_load_factor * demand_capacity
