"""A quantity of a settled day as a labelled array."""

from __future__ import annotations

import xarray as xr

from settlement.engine import quantities
from settlement.errors import WrongInput
from settlement.inputs import INPUTS
from settlement.settled import Settled


def array(settled: Settled, quantity: str) -> xr.DataArray:
    """The array with its name, symbol, unit and clause, and the maps of its units and accounts as coordinates.

    Raises WrongInput for a quantity that the run does not hold.
    """
    if quantity not in settled.arrays:
        known = ", ".join(sorted(settled.arrays))
        raise WrongInput(f"quantity: found {quantity!r}, which this run does not hold; wanted one of {known}.")
    known_quantity = quantities(settled.way, settled.single_price, settled.losses).get(quantity)
    entry = known_quantity or INPUTS[quantity]
    attributes = {"symbol": entry.symbol, "units": entry.unit, "about": entry.about.split("\n")[0]}
    if known_quantity is not None:
        attributes |= {"clause": known_quantity.clause, "evidence": known_quantity.evidence}
    grain = settled.grain(quantity)
    maps = {name: (dim, grain.labels(name)) for name, (dim, _) in grain.along.items()}
    return settled.arrays[quantity].rename(quantity).assign_attrs(attributes).assign_coords(maps)
