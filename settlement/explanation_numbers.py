"""The formula of a rule, and the same with the numbers of one value in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from settlement.engine import Quantity
from settlement.settled import Settled

if TYPE_CHECKING:
    from settlement.explanation import Explanation

_FORMULA = re.compile(r"[^\s=]+ = |Σ")


def formula_of(quantity: Quantity) -> str:
    """The formula in the docstring of a rule: lines that begin `SYMBOL = ` or with Σ; empty where there is none."""
    lines = [line.strip() for line in quantity.about.split("\n")[1:]]
    return "\n".join(line for line in lines if _FORMULA.match(line))


def with_numbers(settled: Settled, quantity: Quantity, key: dict[str, Any], inputs: list[Explanation]) -> str:
    """The formula with this value's numbers, in the order of the rows below it; empty where none is written."""
    write = _WRITERS.get(quantity.name)
    if write is not None:
        return write(settled, key)
    rows = [child for child in inputs if child.form != "option"]
    if quantity.form == "sum" and rows:
        shown = " + ".join(_signed(child.value) for child in rows[:40])
        return shown + (f" + {len(rows) - 40} more" if len(rows) > 40 else "")
    if quantity.form == "algebra" and rows:
        text = formula_of(quantity).split("=", 1)[-1].strip()
        for child in sorted(rows, key=lambda one: -len(one.symbol)):
            text = text.replace(child.symbol, _signed(child.value))
        return text
    return ""


def _system_price(settled: Settled, key: dict[str, Any]) -> str:
    grain = settled.grain("loss_adjusted_volume")
    period = grain.column("settlement_period") == key["settlement_period"]
    inside = np.flatnonzero(period & (settled.values("price_average_adjusted_volume") != 0))
    if not len(inside):
        return f"MIP {_market(settled, key)}"
    volume, multiplier = settled.values("price_average_adjusted_volume"), settled.values("action_loss_multiplier")
    scaled, cost = settled.values("loss_adjusted_volume"), settled.values("loss_adjusted_cost")
    above = [f"{_signed(volume[at])} × {_signed(cost[at] / scaled[at])} × {_signed(multiplier[at])}" for at in inside]
    below = [f"{_signed(volume[at])} × {_signed(multiplier[at])}" for at in inside]
    periods = settled.grain("price_adjustment").column("settlement_period")
    added = settled.values("price_adjustment")[np.flatnonzero(periods == key["settlement_period"])[0]]
    return f"({' + '.join(above)}) / ({' + '.join(below)}) + {_signed(added)}"


def _replacement_price(settled: Settled, key: dict[str, Any]) -> str:
    rows = replacement_rows(settled, int(key["settlement_period"]))
    if not rows:
        return f"MIP {_market(settled, key)}"
    above = " + ".join(f"{_signed(volume)} × {_signed(price)}" for volume, price in rows)
    return f"({above}) / ({' + '.join(_signed(volume) for volume, _ in rows)})"


def replacement_rows(settled: Settled, settlement_period: int) -> list[tuple[float, float]]:
    """MWh and GBP/MWh of the unflagged rows behind a Replacement Price, dearest first; none where MIP is used."""
    grain = settled.grain("net_imbalance_adjusted_volume")
    period = grain.column("settlement_period") == settlement_period
    volume, repriced = settled.values("net_imbalance_adjusted_volume"), settled.values("repriced_flag")
    expense = settled.values("expense")
    rows = np.flatnonzero(period & ~repriced & (np.abs(volume) >= 1e-9))
    rows = rows[np.argsort(-expense[rows], kind="stable")]
    wanted = float(settled.parameters["replacement_price_average_reference_volume"])
    found = []
    for at in rows:
        if wanted < 1e-9:
            break
        part = min(abs(volume[at]), wanted)
        wanted -= part
        found.append((float(part), float(expense[at] if volume[at] > 0 else -expense[at])))
    return found


def _market(settled: Settled, key: dict[str, Any]) -> str:
    if "market_index_price" not in settled.arrays:
        return "not there"
    periods = settled.grain("market_index_price").column("settlement_period")
    at = np.flatnonzero(periods == key["settlement_period"])
    return _signed(settled.values("market_index_price")[at[0]]) if len(at) else "not there"


def _signed(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating, np.integer)):
        return str(value)
    text = f"{value:.10g}"
    return f"({text})" if value < 0 else text


_WRITERS: dict[str, Callable[[Settled, dict[str, Any]], str]] = {
    "system_price": _system_price,
    "replacement_price": _replacement_price,
}
