"""SYNTHETIC markets as tables of rows, put back into inputs the way `reports.day_inputs` does; and a hash of results.

    python tests/settlement/market_tables.py SEED

prints the hash of everything that the market of a seed settles to: for processes that are started otherwise. No plugin
and no package: a test file loads this module from its own folder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from settlement import quantities, settle
from settlement.compare import reported
from settlement.grains import Grain, full_grain, grain_of, row_grain

HOW: dict[str, Any] = {"way": "own stack", "losses": "metered"}
PERIODS_OF_A_UNIT = 6
# Lines in time are numbered as they come in order of time; the number is no column of a feed.
LINES = {
    "notification_rows": "notification_time_from",
    "pair_level_rows": "pair_time_from",
    "acceptance_point_rows": "point_time_from",
}
# Decimals as reported, by unit: volumes-and-charges.md, section 0.
DECIMALS = {"MWh": 3, "GBP": 2, "GBP/MWh": 5, "1": 7, "%": 5, "MW": 3, "min": 0, "flag": 0}

Tables = dict[str, pd.DataFrame]


def beside(name: str) -> ModuleType:
    """A module of this folder, loaded once however it is asked for."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        if spec is None or spec.loader is None:
            raise ImportError(f"{name}.py: found none beside {__file__}.")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def market(seed: int) -> dict[str, Any]:
    """Inputs of a day, from notifications to charges.

    A unit takes part in six periods that follow one another, and its acceptances reach from each into the next.
    """
    own = beside("own_markets").own_inputs(beside("own_markets").own_day(seed))
    del own["transmission_loss_multiplier"]  # it follows from the metered volumes
    tables = as_tables(own)
    for name, frame in tables.items():
        if "bm_unit" in frame:
            parts = frame["bm_unit"].str.extract(r"T_SYN-(\d+)-(\d+)").astype(int)
            if "acceptance_number" in frame:
                frame["acceptance_number"] += 1000 * parts[0]  # numbers of one unit, in the order of its periods
            frame["bm_unit"] = [f"T_SYN-{period // PERIODS_OF_A_UNIT}-{place}" for period, place in parts.to_numpy()]
        if name == "unit_periods":
            tables[name] = frame.drop_duplicates()
    return beside("charge_inputs").add_charges(inputs(tables, own), seed)


def as_tables(given: Mapping[str, Any]) -> Tables:
    """By the name of each grain its keys, maps and values, a row a row."""
    tables = {}
    for name, grain in given.items():
        if isinstance(grain, Grain):
            tables[name] = grain.frame()
            for value_name, array in given.items():
                if isinstance(array, xr.DataArray) and array.dims == grain.dims:
                    tables[name][value_name] = array.to_numpy().reshape(-1)
    return tables


def inputs(tables: Tables, like: Mapping[str, Any]) -> dict[str, Any]:
    """What the engine is given for tables of rows in any order: labels and rows sorted, lines numbered by time.

    like   says of each grain what is a key, a map or a value; other names are taken over
    """
    made = {name: value for name, value in like.items() if not isinstance(value, (Grain, xr.DataArray))}
    for name, rows in tables.items():
        grain, frame = _grain(name, like[name], rows)
        made[name] = grain
        told = {*grain.columns()}
        made |= {column: grain.array(frame[column].to_numpy()) for column in frame if column not in told}
    return made


def _grain(name: str, like: Grain, frame: pd.DataFrame) -> tuple[Grain, pd.DataFrame]:
    keys = list(like.keys)
    if not like.ragged:
        frame = frame.sort_values(keys, kind="stable")
        grain = full_grain(**{key: sorted(set(frame[key])) for key in keys})
        for column, (dim, _) in like.along.items():
            grain = grain.mapped(dim, **{column: frame.drop_duplicates(dim).sort_values(dim)[column].to_numpy()})
        return grain, frame
    if name in LINES:
        keys.remove("segment")
        frame = frame.sort_values([*keys, LINES[name]], kind="stable")
        frame["segment"] = frame.groupby(keys).cumcount() + 1
        keys.append("segment")
    frame = frame.sort_values(keys, kind="stable")
    maps = {column: frame[column].to_numpy() for column in like.maps}
    return row_grain(like.dims[0], {key: frame[key].to_numpy() for key in keys}, maps), frame


def shuffled(tables: Tables, seed: int) -> Tables:
    """The same rows in another order."""
    draw = np.random.default_rng(seed)
    return {name: frame.iloc[draw.permutation(len(frame))] for name, frame in tables.items()}


def everything(given: Mapping[str, Any]) -> dict[str, xr.DataArray]:
    """Every quantity of the engine."""
    return settle(given, list(quantities(HOW["way"], True, HOW["losses"])), **HOW)


def by_key(array: xr.DataArray) -> dict[tuple, float]:
    """Values by the keys of their rows."""
    grain = grain_of(array)
    columns = [grain.column(name).tolist() for name in grain.keys]
    return dict(zip(zip(*columns, strict=True), array.to_numpy().reshape(-1).tolist(), strict=True))


def hash_of(results: Mapping[str, xr.DataArray]) -> str:
    """SHA-256 over names, keys and reported decimals, in the order of names and keys."""
    digest = hashlib.sha256()
    for name in sorted(results):
        decimals = DECIMALS[results[name].attrs["unit"]]
        for key, value in sorted(by_key(results[name]).items()):
            # The expense of an action without a price is infinite, and is said in no decimals.
            said = reported(value, decimals) if math.isfinite(value) else value
            digest.update(f"{name} {key} {said}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    import numba

    threads = int(os.environ.get("NUMBA_NUM_THREADS", "0"))
    if threads and threads != numba.config.NUMBA_NUM_THREADS:
        raise SystemExit(f"threads of numba: found {numba.config.NUMBA_NUM_THREADS}, wanted {threads}.")
    sys.stdout.write(hash_of(everything(market(int(sys.argv[1])))) + "\n")
