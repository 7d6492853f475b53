"""A kept run settled again with something decided otherwise; nothing is kept, and only what changed is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from reports.day_inputs import Gathered, gather_day
from reports.settling import losses_of, settle_gathered, settled
from reports.variance.path import reading_of
from settlement import parameters
from settlement.errors import WrongInput
from settlement.options import chosen
from settlement.settled import Settled

SHOWN = ("system_price", "net_imbalance_volume", "total_system_bm_cashflow", "daily_party_net_due")


@dataclass(frozen=True, repr=False)
class WhatIf:
    """What would have been: the run as it is kept, the same day with the change, and what was changed."""

    settlement_date: date
    run: str
    changed: dict[str, Any]
    kept: Settled
    imagined: Settled

    def changes(self, quantity: str) -> pd.DataFrame:
        """Rows of a quantity that came out otherwise: labels, as kept, as imagined, change; in its own unit.

        A row that only one of the two has shows the other as missing. Raises WrongInput for a quantity neither holds.
        """
        frames = []
        for side, name in ((self.kept, "kept"), (self.imagined, "imagined")):
            if quantity not in side.arrays:
                raise WrongInput(f"quantity: found {quantity!r}, wanted one of {', '.join(sorted(self.kept.arrays))}.")
            grain = side.grain(quantity)
            frame = pd.DataFrame({key: grain.column(key) for key in grain.keys})
            frames.append(frame.assign(**{name: side.values(quantity).astype(float)}))
        keys = [name for name in frames[0].columns if name != "kept"]
        both = frames[0].merge(frames[1], on=keys, how="outer")
        both["change"] = both["imagined"] - both["kept"]
        same = (both["kept"] == both["imagined"]) | (both["kept"].isna() & both["imagined"].isna())
        moved = both[~same]
        order = np.argsort(-moved["change"].abs().fillna(np.inf).to_numpy(), kind="stable")
        return moved.iloc[order].reset_index(drop=True)

    def __repr__(self) -> str:
        said = ", ".join(f"{name} {value}".strip() for name, value in self.changed.items())
        return f"<{self.settlement_date} {self.run}, if {said}>"

    def _repr_html_(self) -> str:
        from reports.figures import figures, table
        from reports.sections.shown import Shown
        from settlement.engine import quantities

        known = quantities(self.kept.way, self.kept.single_price, self.kept.losses)
        said = ", ".join(f"{name} {value}".strip() for name, value in self.changed.items())
        parts = [f"<p>{self.settlement_date} {self.run}, if {said}: nothing of this is kept.</p>"]
        for name in SHOWN:
            frame = self.changes(name) if name in self.kept.arrays else pd.DataFrame()
            if len(frame):
                unit = dict.fromkeys(("kept", "imagined", "change"), known[name].unit)
                keys = [key for key in frame.columns if key not in unit]
                parts.append(f"<p><b>{name.replace('_', ' ')}</b></p>{table(figures(frame.set_index(keys), unit))}")
        return Shown("what-if", "".join(parts) if len(parts) > 1 else parts[0] + "<p>Nothing moves.</p>")._repr_html_()

    def moved(self) -> dict[str, pd.DataFrame]:
        """Every quantity that came out otherwise, with the rows that did, the rules in order."""
        from settlement.engine import quantities

        known = quantities(self.kept.way, self.kept.single_price, self.kept.losses)
        both = [name for name in known if name in self.kept.arrays and name in self.imagined.arrays]
        differing = (name for name in both if not self.kept.arrays[name].equals(self.imagined.arrays[name]))
        frames = {name: self.changes(name) for name in differing}
        return {name: frame for name, frame in frames.items() if len(frame)}


def what_if(
    settlement_date: date,
    run: str | None = None,
    *,
    home: Path,
    parameters_as: Mapping[str, float] | None = None,
    rules_of: date | None = None,
    options: Mapping[str, str] | None = None,
    without: frozenset[tuple[str, int]] = frozenset(),
    published: Mapping[str, Mapping[Any, float]] | None = None,
) -> WhatIf:
    """Settle a kept run again with another parameter, other dates' parameters, other options, or an acceptance less.

    parameters_as  dated parameters by name, in the parameter's own unit
    rules_of       take every parameter as it was on another date
    options        decisions of open doubts
    without        acceptances left out: BM Unit and number
    published      figures that stand in for computed ones, by quantity and by Settlement Period, or by Settlement
                   Period and BM Unit: {"transmission_loss_multiplier": {(35, "T_A-1"): 0.99, ...}}

    Raises NoSuchRun, and WrongInput for a parameter, option, acceptance or quantity that does not exist.
    """
    from loaders import store as stores
    from reports.open_view import open_run

    if unknown := sorted(set(parameters_as or {}) - parameters.every().keys()):
        known = ", ".join(sorted(parameters.every()))
        raise WrongInput(f"parameter: found {unknown[0]!r}, wanted one of {known}.")
    row, kept, store = open_run(settlement_date, run, home)
    store.close()
    _there(without, kept)
    picked = chosen({**row.options, **(options or {})})
    store = stores.open(home)
    try:
        reading = reading_of(row).but(decided=dict(parameters_as or {}), rules_of=rules_of, removed=without)
        day = gather_day(store, settlement_date, reading, way=row.details["way"])
        for name, values in (published or {}).items():
            day.published[name] = _stand_in(day, name, values)
        results = settle_gathered(day, picked)
        changed: dict[str, Any] = {
            **{name: value for name, value in (parameters_as or {}).items()},
            **({"rules of": rules_of} if rules_of else {}),
            **dict(options or {}),
            **{f"without acceptance {number} of {unit}": "" for unit, number in sorted(without)},
            **{f"{name} as published": f"{len(values)} figures" for name, values in (published or {}).items()},
        }
        return WhatIf(settlement_date, row.run_type, changed, kept, settled(day, results, picked))
    finally:
        store.close()


def _stand_in(day: Gathered, name: str, values: Mapping[Any, float]) -> xr.DataArray:
    """A figure for every row of its quantity: the one given, which must be there for each of them."""
    from settlement.engine import quantities

    known = quantities(day.way, True, losses_of(day))
    grains = {("settlement_period",): "settlement_periods", ("settlement_period", "bm_unit"): "unit_periods"}
    if name not in known or known[name].dims not in grains:
        can = ", ".join(one.name for one in known.values() if one.dims in grains)
        raise WrongInput(f"published: found {name!r}, wanted a quantity by period, or by period and unit: {can}.")
    grain = day.given[grains[known[name].dims]]
    columns = [grain.column(key).tolist() for key in grain.keys]
    labels = list(zip(*columns, strict=True)) if len(columns) > 1 else columns[0]
    if lacking := [label for label in labels if label not in values]:
        raise WrongInput(
            f"{name}, as published: found no figure at {lacking[0]}, wanted one at each of {len(labels)}. Give all."
        )
    return grain.array([float(values[label]) for label in labels])


def _there(without: frozenset[tuple[str, int]], kept: Settled) -> None:
    """An acceptance that is left out must be one of the run."""
    name = "continuous_acceptance_duration"
    if not without or name not in kept.arrays:
        return
    grain = kept.grain(name)
    there = set(zip(grain.column("bm_unit").tolist(), grain.column("acceptance_number").tolist(), strict=True))
    for unit, number in sorted(without - there):
        raise WrongInput(
            f"acceptance {number} of {unit}: found none in the run, wanted one of its acceptances. Correct the number."
        )
