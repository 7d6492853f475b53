"""Settles a day: inputs of one reading, the graph, results, run row and messages kept in one step.

A run's id is a hash of what it was made from: parts read, parameters, options, published
values put in, assumptions, and the source of `settlement`. The same id is the same run,
so a second call settles nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from reports.code_version import source_hash
from reports.day_inputs import Gathered, Reading, gather_day
from reports.day_inputs.adjustments import read_assumed
from reports.run_tables import to_tables
from reports.settling import losses_of, scalars, settle_gathered, settled
from settlement.compare import PRICE_DECIMALS, reported

if TYPE_CHECKING:
    from loaders.store.records import PartRow, PriceResult, RunRow
    from loaders.store.session import Store


@dataclass(frozen=True)
class Settlement:
    """What became of a call: the run, and whether it was made now or found."""

    run: RunRow
    new: bool
    messages: int


def settle_day(
    settlement_date: date,
    run_type: str = "IP",
    *,
    home: Path,
    as_of: datetime | None = None,
    assume: Path | None = None,
    way: str | None = None,
    options: Mapping[str, str] | None = None,
) -> Settlement:
    """Settle one day and keep the run; a run that is there already is given back as it is.

    as_of    settle from the data held at that instant; such a run sends no message
    assume   a file of adjustment actions that no feed brought; such a run sends no message either
    """
    from loaders import store as stores
    from settlement.options import OPTIONS, chosen

    store = stores.open(home)
    version = store.version() if as_of is None else store.version_at(as_of)
    reading = Reading(version, run_type)
    day = gather_day(store, settlement_date, reading, way=way, assumed=None if assume is None else read_assumed(assume))
    # A run of prices names the doubts that bear on a price, and what its caller decided.
    bears = {name for name, one in OPTIONS.items() if day.charged or one.document == "price.md"}
    picked = {name: value for name, value in chosen(options).items() if name in bears or name in (options or {})}
    parts = [named(part) for part in parts_read(store, day)]
    run_id = _run_id(day, run_type, parts, picked)
    analysis = as_of is not None or assume is not None
    if (kept := store.run(run_id)) is not None:
        told = [] if analysis else _prices_of(store, kept)
        return Settlement(kept, False, store.call_run(kept, told))
    results = settle_gathered(day, picked)
    whole = settled(day, results, picked)
    tables = to_tables(whole.arrays, whole.grains, whole.sources)
    prices = _prices(results["system_price"])
    from loaders.store.records import RunToKeep

    told = [] if analysis else _to_tell(prices, day.doubtful)
    kept_run = store.keep_run(
        RunToKeep(
            run_id, settlement_date, run_type, version, parts, scalars(day), dict(picked), told_of(day.published),
            code_hash(), None if day.assumed is None else day.assumed.file, details_of(day, as_of), tables, prices,
        ),
        told,
    )  # fmt: skip
    kept = store.run(run_id)
    if kept is None:
        raise RuntimeError(f"run {run_id} was kept and is not there")
    return Settlement(kept, kept_run.new, kept_run.messages)


def _to_tell(prices: list[PriceResult], doubtful: Mapping[Any, Any]) -> list[PriceResult]:
    """The prices that rest on all their inputs; one that lacks an input is shown, and told to nobody."""
    lacking = {int(period) for period in doubtful}
    return [price for price in prices if price.settlement_period not in lacking]


def _prices_of(store: Store, run: RunRow) -> list[PriceResult]:
    """The prices of a kept run that may be told."""
    from reports.run_tables import from_tables

    tables = {name: table for name, table in store.open_run_tables(run.run_id).items() if name == "settlement_period"}
    kept = from_tables(
        tables, settlement_date=run.settlement_date, way=run.details["way"], parameters=run.parameters,
        options=run.options,
    )  # fmt: skip
    return _to_tell(_prices(kept.arrays["system_price"]), run.details["doubtful"])


def _prices(price: xr.DataArray) -> list[PriceResult]:
    from loaders.store.records import PriceResult

    return [
        PriceResult(int(period), str(reported(value, PRICE_DECIMALS)))
        for period, value in zip(price["settlement_period"].to_numpy(), price.to_numpy(), strict=True)
    ]


def parts_read(store: Store, day: Gathered) -> list[PartRow]:
    """The parts that a gathered day was read from, in a fixed order."""
    by_day: dict[date | None, list[str]] = {}
    for dataset, of in day.read:
        by_day.setdefault(of, []).append(dataset)
    return [part for of, names in sorted(by_day.items(), key=str) for part in store.parts(names, of, day.version)]


def named(part: PartRow) -> str:
    """A part as runs and manifests name it: by what its rows say, not by the file they lie in."""
    return f"{part.dataset}:{part.kind}:{part.rows_hash}"


def _run_id(day: Gathered, run_type: str, parts: list[str], options: Mapping[str, str]) -> str:
    made_of = {
        "settlement_date": str(day.settlement_date),
        "run": run_type,
        "way": day.way,
        "losses": losses_of(day),
        "parts": sorted(parts),
        "parameters": scalars(day),
        "options": dict(options),
        "published": told_of(day.published),
        "assumed": None if day.assumed is None else day.assumed.sha256,
        "code": code_hash(),
    }
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


def told_of(published: Mapping[str, xr.DataArray]) -> dict[str, Any]:
    """Published figures that stood in for computed ones, by quantity and period."""
    return {
        name: {
            str(period): float(value)
            for period, value in zip(array.indexes["settlement_period"], array.to_numpy(), strict=True)
        }
        for name, array in published.items()
    }


def details_of(day: Gathered, as_of: datetime | None) -> dict[str, Any]:
    """What a run says of itself beyond its figures: what was set aside, doubted, taken by rule, read."""
    return {
        "way": day.way,
        "losses": losses_of(day),
        "as_of": None if as_of is None else as_of.isoformat(),
        "assumed_sha256": None if day.assumed is None else day.assumed.sha256,
        "set_aside": {str(period): reasons for period, reasons in day.set_aside.items()},
        "doubtful": {str(period): reasons for period, reasons in day.doubtful.items()},
        "doubtful_charges": {str(period): reasons for period, reasons in day.doubtful_charges.items()},
        "defaults": [vars(default) for default in day.defaults],
        "warnings": day.warnings,
        "notes": day.notes,
        "read": [[dataset, None if of is None else str(of)] for dataset, of in day.read],
    }


def code_hash() -> str:
    """Hash of the source of `settlement`: every module and parameter file, by name."""
    return source_hash("settlement")


__all__ = ["Settlement", "code_hash", "settle_day"]
