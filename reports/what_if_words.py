"""What would have been, for a terminal and for machines."""

from __future__ import annotations

from typing import Any

import pandas as pd

from reports.look.numbers import written
from reports.what_if import SHOWN, WhatIf
from settlement.engine import quantities

MOST_ROWS = 10
DECIMALS = {"GBP": 2, "GBP/MWh": 5, "MWh": 3, "1": 7}


def as_dict(found: WhatIf) -> dict[str, Any]:
    """Every quantity that came out otherwise, with all its rows that did."""
    return {
        "settlement_date": found.settlement_date,
        "run": found.run,
        "decided_otherwise": found.changed,
        "moved": {
            name: [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
            for name, frame in found.moved().items()
        },
    }


def as_text(found: WhatIf) -> str:
    """How many rows of each quantity moved, and the largest changes of those that people ask for."""
    moved = found.moved()
    known = quantities(found.kept.way, found.kept.single_price, found.kept.losses)
    said = ", ".join(f"{name} {value}".strip() for name, value in found.changed.items())
    lines = [f"{found.settlement_date} {found.run}, if {said}: nothing of this is kept."]
    if not moved:
        return "\n".join([*lines, "Nothing would have changed."])
    lines += ["", f"  {'moved':<48} {'rows':>8} {'largest change':>20}"]
    for name, frame in moved.items():
        unit = known[name].unit
        largest = frame["change"].abs().max()
        told = "" if pd.isna(largest) else f"{written(largest, DECIMALS.get(unit, 3))} {unit}"
        lines.append(f"  {name:<48} {len(frame):>8} {told:>20}")
    for name in SHOWN:
        if name in moved:
            lines += ["", *_rows(name, moved[name], known[name].symbol, known[name].unit)]
    return "\n".join(lines)


def _rows(name: str, frame: pd.DataFrame, symbol: str, unit: str) -> list[str]:
    decimals = DECIMALS.get(unit, 3)
    keys = [column for column in frame.columns if column not in ("kept", "imagined", "change")]
    lines = [f"{name} ({symbol}, {unit})", f"  {' '.join(keys):<28} {'kept':>18} {'imagined':>18} {'change':>18}"]
    for row in frame.head(MOST_ROWS).to_dict("records"):
        label = " ".join(str(row[key]) for key in keys)
        cells = [_cell(row[column], decimals, column == "change") for column in ("kept", "imagined", "change")]
        lines.append(f"  {label:<28} " + " ".join(f"{cell:>18}" for cell in cells))
    if len(frame) > MOST_ROWS:
        lines.append(f"  {len(frame) - MOST_ROWS} smaller changes")
    return lines


def _cell(value: Any, decimals: int, signed: bool) -> str:
    return "none" if pd.isna(value) else written(float(value), decimals, signed=signed)
