"""Transmission Loss Multipliers on the way from notifications, where no settlement run's TLM has come.

1 + TLF + ETLMO where both are known, else 1 + TLF, else 1 (price.md 16a); each is a
recorded default.
"""

from __future__ import annotations

import numpy as np

from reports.day_inputs.gathered import Gathered
from reports.views import Default
from settlement.errors import NoValueOnDate
from settlement.grains import Grain


def gather(day: Gathered, unit_periods: Grain) -> None:
    """Add a multiplier for every unit and period, and say where it came from."""
    units = unit_periods.indexes[1].tolist()
    reference = day.rows("bm_units").set_index("bm_unit").reindex(units)
    factor = reference["tlf"].to_numpy(float)
    if not day.parameter("loss_factors_zonal"):
        factor = np.where(np.isnan(factor), factor, 0.0)  # before P350 every unit's factor was 0
    status = [str(one) for one in reference["production_or_consumption"]]
    of_status = {one: _estimated(day, one) for one in set(status)}
    estimated = np.array([of_status[one] for one in status], float)
    multiplier = np.where(np.isnan(factor), 1.0, 1.0 + np.nan_to_num(factor) + np.nan_to_num(estimated))
    day.given["transmission_loss_multiplier"] = unit_periods.array(np.tile(multiplier, len(unit_periods.indexes[0])))
    day.notes["transmission_loss_multiplier"] = "a default from the BM Unit reference (price.md 16a)"
    kinds = (
        ("TLM estimated as 1 + TLF + ETLMO", ~np.isnan(factor) & ~np.isnan(estimated)),
        ("TLM estimated as 1 + TLF (no ETLMO of the day)", ~np.isnan(factor) & np.isnan(estimated)),
        ("no TLM, no TLF: TLM 1", np.isnan(factor)),
    )
    for what, where in kinds:
        if where.any():
            day.defaults.append(Default("price.md 16a", f"{what}, for {int(where.sum())} BM Units"))


def _estimated(day: Gathered, status: str) -> float:
    name = {"P": "estimated_tlmo_plus", "C": "estimated_tlmo_minus"}.get(status)
    if name is None:
        return float("nan")
    try:
        return float(day.parameter(name))
    except NoValueOnDate:
        return float("nan")
