"""What losses, imbalances and charges need beside the price: metered volumes, registrations, contracts.

A settlement run needs all of a period: losses and the residual are shared over the whole system, so one BM Unit
without a metered volume leaves nobody's charges settled. Such a period is set aside, with the unit named.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from reports.day_inputs import contracts, registrations
from reports.day_inputs.gathered import Gathered, told
from reports.views import Default
from settlement.calendar import RUN_TYPES
from settlement.grains import full_grain

RULE = "volumes-and-charges.md 10"
BY_UNIT = {
    "applicable_balancing_services_volume": "applicable balancing services volumes (QAS)",
    "replacement_reserve_volume": "replacement reserve volumes",
    "supplier_delivered_volume": "delivered volumes of suppliers' customers (QBSD)",
    "supplier_non_bm_volume": "volumes outside the Balancing Mechanism (SNBABSVD)",
}
BY_PARTY = {
    "replacement_reserve_cashflow": "replacement reserve cashflows",
    "replacement_reserve_deviation_cashflow": "replacement reserve deviation cashflows",
    "supplier_compensation_paid": "supplier compensation",
    "supplier_compensation_charged": "supplier compensation charges",
}
SCALARS = ("delivering_share_of_losses", "interconnectors_share_losses", "information_imbalance_price")


def metered_volumes(day: Gathered) -> pd.DataFrame | None:
    """Metered volumes of the run, or of the last run before it that brought any; None where there are none."""
    reading = day.reading.of("metered_volumes")
    if reading.run_type == RUN_TYPES[0] or not day.has("metered_volumes"):
        return None
    frame = of_run(day.rows("metered_volumes"), reading.run_type)
    if frame.empty:
        return None
    if (run := frame["run"].iloc[0]) != reading.run_type:
        day.warnings.append(f"metered volumes are those of run {run}: run {reading.run_type} brought none")
    return frame


def of_run(frame: pd.DataFrame, run_type: str) -> pd.DataFrame:
    """Metered volumes of a run, or of the last before it that brought any, whole: two runs are never mixed."""
    upto = RUN_TYPES[1 : RUN_TYPES.index(run_type) + 1]
    found = [run for run in upto if (frame["run"] == run).any()]
    return frame[frame["run"] == (found[-1] if found else "")].reset_index(drop=True)


def register(day: Gathered, metered: pd.DataFrame) -> None:
    """Note the BM Units of the day, and set aside what cannot be settled for want of a registration or a reading."""
    known = registrations.frame(day)
    day.units = known.index.tolist()
    day.note_incomplete("metered_volumes")
    strangers = sorted(set(metered["bm_unit"]) - set(day.units))
    of_strangers = metered.loc[metered["bm_unit"].isin(strangers), "settlement_period"]
    _leave(day, of_strangers.unique(), strangers, "metered, but not registered: load the register of BM Units")
    contracts.leave_out_strangers(day)
    if not day.units:
        return
    read = metered.loc[metered["metered_volume_mwh"].notna(), ["settlement_period", "bm_unit"]]
    unit_at, period_at = (
        pd.Index(day.units).get_indexer(pd.Index(read["bm_unit"])),
        read["settlement_period"].to_numpy() - 1,
    )
    placed = (unit_at >= 0) & (period_at >= 0) & (period_at < len(day.periods))
    missing = np.ones((len(day.units), len(day.periods)), dtype=bool)
    missing[unit_at[placed], period_at[placed]] = False
    for at in np.flatnonzero(missing.any(axis=0)):
        units = [day.units[unit] for unit in np.flatnonzero(missing[:, at])]
        _leave(day, [day.periods[at]], units, "no metered volume arrived: bring it, it is never taken as 0")


def gather(day: Gathered, metered: pd.DataFrame) -> None:
    """Add metering, registrations, contracts and what is 0 by rule, on the units and periods of the day."""
    unit_periods = registrations.gather(day)
    volumes = metered.set_index(["settlement_period", "bm_unit"])
    ordered = volumes.reindex(pd.MultiIndex.from_product(unit_periods.indexes)).reset_index()
    day.given["metered_volume"] = unit_periods.array(ordered["metered_volume_mwh"].to_numpy(float))
    day.source_of("settlement_period bm_unit", ordered)
    for name, what in BY_UNIT.items():
        day.given[name] = unit_periods.array(np.zeros(unit_periods.size))
        _default(day, name, what)
    parties = contracts.gather(day)
    for name, what in BY_PARTY.items():
        day.given[name] = parties.array(np.zeros(parties.size))
        _default(day, name, what)
    day.given["settlement_dates"] = full_grain(settlement_date=[day.settlement_date.isoformat()])
    for name in SCALARS:
        value = day.parameter(name)
        day.given[name] = value if isinstance(value, bool) else float(value)


def _default(day: Gathered, name: str, what: str) -> None:
    day.notes[name] = f"did not arrive: 0 by default ({RULE})"
    day.defaults.append(Default(RULE, f"{what} did not arrive: 0 for all", of_charges=True))


def _leave(day: Gathered, periods: Iterable[int], units: list[str], why: str) -> None:
    for period in periods if units else ():
        day.leave_out(int(period), f"{told(units)}: {why}")
