"""One period of a settled day: its figures, its stages, and every action with what is left of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from reports.views import Action, Source, Stage
from settlement.engine import quantities
from settlement.grains import Grain
from settlement.settled import RowSources, Settled

# number, name, quantity; the clause is that of the quantity
STAGES = (
    ("3", "Ranked sets", "action_volume"),
    ("4a", "De Minimis", "de_minimis_adjusted_volume"),
    ("4b", "Arbitrage", "arbitrage_adjusted_volume"),
    ("6", "NIV tagging", "net_imbalance_adjusted_volume"),
    ("8", "PAR tagging", "price_average_adjusted_volume"),
)
RANKED = ("T4.4~, Annex T-1 Part 1~", "secondary")  # the order of the stages, price.md 1
# Field of an Action -> quantity that every action has, and those that only some have.
_WHOLE = {
    "volume": "action_volume",
    "rank": "rank",
    "so_flag": "so_flag",
    "cadl_flag": "cadl_flag",
    "emergency_flag": "emergency_flag",
    "stor_flag": "stor_flag",
    "first_stage_flag": "first_stage_flag",
    "de_minimis_adjusted_volume": "de_minimis_adjusted_volume",
    "arbitrage_adjusted_volume": "arbitrage_adjusted_volume",
    "net_imbalance_adjusted_volume": "net_imbalance_adjusted_volume",
    "price_average_adjusted_volume": "price_average_adjusted_volume",
    "repriced": "repriced_flag",
    "loss_multiplier": "action_loss_multiplier",
    "loss_adjusted_volume": "loss_adjusted_volume",
    "loss_adjusted_cost": "loss_adjusted_cost",
}
_PARTIAL = ("original_price", "ranking_price", "second_stage_flag", "final_price")


@dataclass(frozen=True)
class Figures:
    """The single figures of a period, unrounded."""

    system_price: float
    net_imbalance_volume: float
    price_adjustment: float
    reserve_scarcity_price: float | None
    replacement_price: float | None
    replacement_price_reference_volume: float | None
    market_index_price: float | None
    dearest_unflagged_price: dict[str, float]
    stages: tuple[Stage, ...]

    def shown(self) -> dict[str, Any]:
        """As the fields of a PeriodView."""
        named = {one.name: getattr(self, one.name) for one in fields(self)}
        del named["net_imbalance_volume"]
        return named


def period_figures(settled: Settled, period: int) -> Figures | None:
    """Figures of a period; None where it was set aside."""
    price = _at(settled, "system_price", period)
    net = _at(settled, "net_imbalance_volume", period)
    if price is None or net is None:
        return None
    sides = settled.grain("dearest_unflagged_price")
    dearest = settled.values("dearest_unflagged_price")
    there = np.flatnonzero(sides.column("settlement_period") == period)
    return Figures(
        price,
        net,
        _at(settled, "price_adjustment", period) or 0.0,
        _at(settled, "reserve_scarcity_price", period),
        _at(settled, "replacement_price", period),
        _at(settled, "replacement_price_reference_volume", period),
        _at(settled, "market_index_price", period),
        {str(sides.column("side")[at]): float(dearest[at]) for at in there},
        _stages(settled, period),
    )


def _stages(settled: Settled, period: int) -> tuple[Stage, ...]:
    known = quantities(settled.way, settled.single_price)
    grain = settled.grains["action_row"]
    rows = grain.column("settlement_period") == period
    buys = rows & (grain.column("side") == "buy")
    found = []
    for number, name, quantity in STAGES:
        left = settled.values(quantity)
        clause, evidence = RANKED if number == "3" else (known[quantity].clause, known[quantity].evidence)
        found.append(Stage(number, name, float(left[buys].sum()), float(left[rows & ~buys].sum()), clause, evidence))
    return tuple(found)


def actions_by_period(settled: Settled) -> dict[int, tuple[Action, ...]]:
    """Every action of the day by period, buys then sells, cheapest first."""
    grain = settled.grains["action_row"]
    whole = {field: settled.values(quantity).tolist() for field, quantity in _WHOLE.items()}
    partial = {name: _sparse(settled, name, grain) for name in _PARTIAL}
    labels = {name: grain.column(name).tolist() for name in (*grain.keys, *grain.maps)}
    sources = _sources(settled, grain)
    found: dict[int, list[Action]] = {}
    for row in np.lexsort((whole["rank"], grain.column("side").astype(str), grain.column("settlement_period"))):
        acceptance = int(labels["acceptance_number"][row])
        action = Action(
            side=labels["side"][row],
            action=labels["action"][row],
            bm_unit=labels["bm_unit"][row],
            acceptance_number=acceptance or None,
            pair=int(labels["pair"][row]) or None,
            source=sources[row],
            assumed=acceptance == 0 and labels["action"][row].startswith("adjustment assumed"),
            **{field: values[row] for field, values in whole.items()},
            **{field: values[row] for field, values in partial.items()},
        )
        found.setdefault(int(labels["settlement_period"][row]), []).append(action)
    return {period: tuple(actions) for period, actions in found.items()}


def _sparse(settled: Settled, name: str, grain: Grain) -> list[Any]:
    """Values of a sub-grain in the row order of its grain; None where it has no row."""
    index, values = settled.grain(name).indexes[0], settled.values(name).tolist()
    return [None if at < 0 else values[at] for at in index.get_indexer(grain.indexes[0])]


def _sources(settled: Settled, grain: Grain) -> list[Source | None]:
    """The row of the stack, or on the own way the first row of the acceptance or adjustment action."""
    if "action_row" in settled.sources:
        return [_source(settled.sources["action_row"], row) for row in range(grain.size)]
    number, unit = grain.column("acceptance_number").astype(np.int64), grain.column("bm_unit")
    found: list[Source | None] = [None] * grain.size
    for dims, rows, labels in (
        ("acceptance_row", number != 0, [unit, number]),
        ("adjustment_row", number == 0, [grain.column("settlement_period"), unit]),
    ):
        if dims not in settled.sources or not rows.any():
            continue
        wanted = pd.MultiIndex.from_arrays([label[rows] for label in labels])
        for row, at in zip(np.flatnonzero(rows), settled.grains[dims].indexes[0].get_indexer(wanted), strict=True):
            found[row] = None if at < 0 else _source(settled.sources[dims], int(at))
    return found


def _source(sources: RowSources, row: int) -> Source:
    return Source(str(sources.file[row]), str(sources.sha256[row]), int(sources.source_row[row]))


def _at(settled: Settled, name: str, period: int) -> float | None:
    if name not in settled.arrays:
        return None
    at = np.flatnonzero(settled.grain(name).column("settlement_period") == period)
    return float(settled.values(name)[at[0]]) if len(at) else None
