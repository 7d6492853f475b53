"""Settles a day: inputs at one store version, the graph, results, run row and messages kept in one step.

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
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from reports.day_inputs import OWN, Gathered, gather_day
from reports.day_inputs.adjustments import read_assumed
from reports.day_inputs.set_aside import take_out
from reports.run_tables import grains_of, to_tables
from reports.volume_warnings import warn_of_volumes
from settlement.compare import PRICE_DECIMALS, reported
from settlement.grains import Grain

if TYPE_CHECKING:
    from loaders.store.records import PriceResult, RunRow
    from loaders.store.session import Store

WANTED = (
    "rank", "ranking_price", "expense", "first_stage_flag", "de_minimis_adjusted_volume", "arbitrage_adjusted_volume",
    "dearest_unflagged_price", "second_stage_flag", "net_imbalance_volume", "net_imbalance_adjusted_volume",
    "market_index_price", "replacement_price", "replacement_price_reference_volume", "market_index_price_needed",
    "repriced_flag", "final_price", "price_average_adjusted_volume", "loss_adjusted_volume", "loss_adjusted_cost",
    "price_adjustment", "system_price", "system_buy_price", "system_sell_price", "reserve_scarcity_price",
)  # fmt: skip
WANTED_OWN = (
    "action_rows", "priced_rows", "action_volume", "original_price", "so_flag", "cadl_flag", "emergency_flag",
    "stor_flag", "action_loss_multiplier", "accepted_offer_volume_by_acceptance", "accepted_bid_volume_by_acceptance",
    "accepted_offer_volume", "accepted_bid_volume", "accepted_volume", "notified_volume", "offer_cashflow",
    "bid_cashflow", "bm_unit_cashflow", "total_system_bm_cashflow", "continuous_acceptance_duration",
    "acceptance_cadl_flag", "adjustment_price", "accepted_rows",
)  # fmt: skip


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
    day = gather_day(store, settlement_date, version, way=way, assumed=None if assume is None else read_assumed(assume))
    # A run of prices names the doubts that bear on a price, and what its caller decided.
    picked = {n: v for n, v in chosen(options).items() if OPTIONS[n].document == "price.md" or n in (options or {})}
    parts = [f"{part.dataset}:{part.kind}:{part.rows_hash}" for part in _parts(store, day)]
    run_id = _run_id(day, run_type, parts, picked)
    analysis = as_of is not None or assume is not None
    if (kept := store.run(run_id)) is not None:
        told = [] if analysis else _prices_of(store, kept)
        return Settlement(kept, False, store.call_run(kept, told))
    results = _settle(day, picked)
    tables = _tables(day, results)
    prices = _prices(results["system_price"])
    from loaders.store.records import RunToKeep

    told = [] if analysis else _to_tell(prices, day.doubtful)
    kept_run = store.keep_run(
        RunToKeep(
            run_id, settlement_date, run_type, version, parts, _scalars(day), dict(picked), _told(day.published),
            code_hash(), None if day.assumed is None else day.assumed.file, _details(day, as_of), tables, prices,
        ),
        told,
    )  # fmt: skip
    kept = store.run(run_id)
    if kept is None:
        raise RuntimeError(f"run {run_id} was kept and is not there")
    return Settlement(kept, kept_run.new, kept_run.messages)


def _settle(day: Gathered, options: Mapping[str, str]) -> dict[str, Any]:
    """Settle what can be; periods whose price needs a market index price that did not come are set aside first."""
    from settlement.engine import settle

    without = set(day.settled_periods) - set(day.given["market_index_rows"].column("settlement_period").tolist())
    if without:  # else nothing can be wanting, and the graph need not run for the question
        asked = settle(day.given, ["market_index_price_needed"], published=day.published, options=options, way=day.way)
        rows = asked["market_index_price_needed"]
        for period in without & set(rows["settlement_period"].to_numpy()[rows.to_numpy()].tolist()):
            day.leave_out(period, "the price rests on the market index price, which did not arrive")
        take_out(day, set(day.set_aside))
    wanted = [*WANTED, *(WANTED_OWN if day.way == OWN else ())]
    wanted = [name for name in wanted if name not in day.published]
    results = settle(day.given, wanted, published=day.published, options=options, way=day.way)
    if day.way == OWN:
        warn_of_volumes(day, results.pop("accepted_rows"))
    return results | {name: value for name, value in day.published.items()}


def _tables(day: Gathered, results: Mapping[str, Any]) -> dict[str, Any]:
    arrays = {name: value for name, value in day.given.items() if isinstance(value, xr.DataArray)}
    arrays |= {name: value for name, value in results.items() if isinstance(value, xr.DataArray)}
    grains = grains_of({**day.given, **{k: v for k, v in results.items() if isinstance(v, Grain)}}, arrays)
    return to_tables(arrays, grains, day.sources)


def _to_tell(prices: list[PriceResult], doubtful: Mapping[Any, Any]) -> list[PriceResult]:
    """The prices that rest on all their inputs; one that lacks an input is shown, and told to nobody."""
    lacking = {int(period) for period in doubtful}
    return [price for price in prices if price.settlement_period not in lacking]


def _prices_of(store: Store, run: RunRow) -> list[PriceResult]:
    """The prices of a kept run that may be told."""
    from reports.run_tables import from_tables

    tables = {name: table for name, table in store.run_tables(run.run_id).items() if name == "settlement_period"}
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


def _parts(store: Store, day: Gathered) -> list[Any]:
    by_day: dict[date | None, list[str]] = {}
    for dataset, of in day.read:
        by_day.setdefault(of, []).append(dataset)
    return [part for of, names in sorted(by_day.items(), key=str) for part in store.parts(names, of, day.version)]


def _run_id(day: Gathered, run_type: str, parts: list[str], options: Mapping[str, str]) -> str:
    made_of = {
        "settlement_date": str(day.settlement_date),
        "run": run_type,
        "way": day.way,
        "parts": sorted(parts),
        "parameters": _scalars(day),
        "options": dict(options),
        "published": _told(day.published),
        "assumed": None if day.assumed is None else day.assumed.sha256,
        "code": code_hash(),
    }
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


def _scalars(day: Gathered) -> dict[str, Any]:
    return {name: value for name, value in day.given.items() if isinstance(value, (int, float, str, bool))}


def _told(published: Mapping[str, xr.DataArray]) -> dict[str, Any]:
    return {
        name: {
            str(period): float(value)
            for period, value in zip(array.indexes["settlement_period"], array.to_numpy(), strict=True)
        }
        for name, array in published.items()
    }


def _details(day: Gathered, as_of: datetime | None) -> dict[str, Any]:
    return {
        "way": day.way,
        "as_of": None if as_of is None else as_of.isoformat(),
        "set_aside": {str(period): reasons for period, reasons in day.set_aside.items()},
        "doubtful": {str(period): reasons for period, reasons in day.doubtful.items()},
        "defaults": [vars(default) for default in day.defaults],
        "warnings": day.warnings,
        "notes": day.notes,
        "read": [[dataset, None if of is None else str(of)] for dataset, of in day.read],
    }


@cache
def code_hash() -> str:
    """Hash of the source of `settlement`: every module and parameter file, by name."""
    digest = hashlib.sha256()

    def add(folder: Traversable, path: str) -> None:
        for item in sorted(folder.iterdir(), key=lambda one: one.name):
            name = f"{path}/{item.name}"
            if item.is_dir() and item.name != "__pycache__":
                add(item, name)
            elif item.name.endswith((".py", ".yaml")):
                digest.update(name.encode() + b"\0" + item.read_bytes() + b"\0")

    add(files("settlement"), "settlement")
    return digest.hexdigest()


__all__ = ["Settlement", "code_hash", "settle_day"]
