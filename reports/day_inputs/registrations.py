"""BM Units as they are registered: Trading Unit, lead Party and Energy Account, status, loss factor, kind."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports.day_inputs.gathered import Gathered, told
from reports.views import Default
from settlement.grains import Grain, full_grain

RULE = "volumes-and-charges.md 10"
SUPPLIER_TYPES = ("G", "S")
WANTED = {
    "lead_party": "lead Party",
    "production_or_consumption": "Production or Consumption status, which is never guessed",
    "tlf": "Transmission Loss Factor: its zone is unknown",
}


def frame(day: Gathered) -> pd.DataFrame:
    """Registrations by BM Unit, in order; a unit that lacks what nothing stands in for sets the day aside."""
    known = day.rows("bm_unit_registrations").set_index("bm_unit").sort_index()
    without = known.index[known["tlf"].isna()].tolist()
    if without and not day.parameter("loss_factors_zonal"):  # before P350 every unit's factor was 0
        known["tlf"] = known["tlf"].fillna(0.0)
        _default(day, f"no Transmission Loss Factor, and none was zonal on this day: 0 for {told(without)}")
    for column, what in WANTED.items():
        for unit in known.index[known[column].isna()]:
            for period in day.periods:
                day.leave_out(period, f"{unit} is registered without {what}: correct the register")
    for status in sorted(set(known["production_or_consumption"].dropna()) - {"P", "C"}):
        units = known.index[known["production_or_consumption"] == status].tolist()
        for period in day.periods:
            day.leave_out(period, f"{units[0]}: found status {status!r}, wanted P or C: correct the register")
    return known


def gather(day: Gathered) -> Grain:
    """Units with their maps, flags and loss factors for every period; gives the grain of units and periods."""
    units = day.given["unit_periods"].indexes[1]
    known = frame(day).reindex(units)
    trading_unit = known["trading_unit"].fillna("").to_numpy(object)
    sole = trading_unit == ""
    trading_unit = np.where(sole, np.asarray(units, object), trading_unit)
    if sole.any():
        _default(day, f"no Trading Unit registered: a sole one for {told(units[sole].tolist())}")
    party = known["lead_party"].fillna("").to_numpy(object)  # without one, the day is set aside
    account = [f"{one}-{status}" for one, status in zip(party, known["production_or_consumption"], strict=True)]
    unit_periods: Grain = day.given["unit_periods"].mapped(
        "bm_unit", trading_unit=trading_unit, account=np.array(account, object), party=party
    )
    day.given["unit_periods"] = unit_periods
    periods = unit_periods.indexes[0]
    day.given["trading_unit_periods"] = full_grain(
        settlement_period=periods.tolist(), trading_unit=sorted(set(trading_unit.tolist()))
    )
    flags = {
        "interconnector_flag": known["interconnector"].fillna("").to_numpy(object) != "",
        "supplier_flag": known["bm_unit_type"].isin(SUPPLIER_TYPES).to_numpy(bool),
        "production_flag": (known["production_or_consumption"] == "P").to_numpy(bool),
        "transmission_loss_factor": known["tlf"].to_numpy(float),
    }
    for name, values in flags.items():
        day.given[name] = unit_periods.array(np.tile(values, len(periods)))
        day.notes[name] = "@bm_unit"
    day.given["units"] = full_grain(bm_unit=units.tolist())
    day.source_of("bm_unit", known.reset_index())
    return unit_periods


def _default(day: Gathered, what: str) -> None:
    if (default := Default(RULE, what)) not in day.defaults:
        day.defaults.append(default)


__all__ = ["frame", "gather"]
