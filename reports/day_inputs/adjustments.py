"""Adjustment actions: as they came, or as a file of the analyst assumes them."""

from __future__ import annotations

import csv
import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reports.day_inputs.gathered import Assumed, Gathered
from reports.errors import WrongAssumption
from settlement import calendar
from settlement.grains import row_grain, sub_grain
from settlement.settled import RowSources

COLUMNS = ["settlement_date", "settlement_period", "volume_mwh", "price_gbp_per_mwh", "so_flag"]


def read_assumed(path: Path) -> Assumed:
    """Adjustment actions that no feed brought, as an analyst writes them; a heading only says there were none.

    Raises WrongAssumption naming file, row and column.
    """
    if not path.is_file():
        raise WrongAssumption(f"{path}: found no file, wanted a CSV of {', '.join(COLUMNS)}. Correct the path.")
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        heading, lines = list(reader.fieldnames or []), list(reader)
    if sorted(heading) != sorted(COLUMNS):
        raise WrongAssumption(f"{path}, heading: found {', '.join(heading)}, wanted {', '.join(COLUMNS)}. Correct it.")
    rows = [_read(path, at, line) for at, line in enumerate(lines, start=2)]
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "source_row"])
    return Assumed(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), frame)


def gather(day: Gathered) -> None:
    """Add the adjustment actions of the settled periods. No feed and nothing assumed: none, and not comparable."""
    if day.assumed is None:
        frame = _as_fed(day)
    else:
        frame = day.assumed.rows[day.assumed.rows["settlement_date"] == day.settlement_date].copy()
        if len(day.assumed.rows) and frame.empty:
            found = ", ".join(sorted({str(one) for one in day.assumed.rows["settlement_date"]}))
            raise WrongAssumption(
                f"{day.assumed.file}, settlement_date: found {found}, wanted rows of {day.settlement_date}, or a "
                "heading only to say that there were none. Correct the dates."
            )
        frame["cost_gbp"] = frame["price_gbp_per_mwh"] * frame["volume_mwh"]
        frame["adjustment"] = [f"assumed {row}" for row in frame["source_row"]]
        frame["stor_flag"] = False
        frame["landing"] = day.assumed.sha256
    frame = frame[frame["settlement_period"].isin(day.settled_periods) & (frame["volume_mwh"] != 0)]
    frame = frame.sort_values(["settlement_period", "adjustment"]).reset_index(drop=True)
    rows = row_grain("adjustment_row", {key: frame[key].to_numpy() for key in ("settlement_period", "adjustment")})
    costed = frame["cost_gbp"].notna().to_numpy(bool)
    costed_rows = sub_grain("costed_adjustment_row", rows, costed)
    day.given["adjustment_rows"], day.given["costed_adjustment_rows"] = rows, costed_rows
    day.given["adjustment_volume"] = rows.array(frame["volume_mwh"].to_numpy(float))
    day.given["adjustment_cost"] = costed_rows.array(frame["cost_gbp"].to_numpy(float)[costed])
    for name in ("so_flag", "stor_flag"):
        day.given[f"adjustment_{name}"] = rows.array(frame[name].fillna(False).to_numpy(bool))
    day.source_of("adjustment_row", frame)
    day.source_of("costed_adjustment_row", frame[costed])
    if day.assumed is not None:
        for name in ("adjustment_row", "costed_adjustment_row"):
            source = day.sources[name]
            file = np.full(len(source.file), day.assumed.file, dtype=object)
            day.sources[name] = RowSources(file, source.sha256, source.source_row)


def _as_fed(day: Gathered) -> pd.DataFrame:
    frame = day.rows("adjustment_actions")
    arrived = set().union(*day.arrived("adjustment_actions").values())
    for period in day.settled_periods:
        if period not in arrived:
            day.doubt(period, "adjustment actions did not arrive")
    day.note_incomplete("adjustment_actions")
    return frame.assign(adjustment=frame["adjustment_id"].map(str))


def _read(path: Path, at: int, line: dict[str, str]) -> dict[str, Any]:
    def cell(name: str, read: Any, wanted: str) -> Any:
        try:
            value = read((line.get(name) or "").strip())
        except (ValueError, KeyError) as error:
            found = line.get(name)
            raise WrongAssumption(
                f"{path}, row {at}, {name}: found {found!r}, wanted {wanted}. Correct the cell."
            ) from error
        return value

    day = cell("settlement_date", date.fromisoformat, "a date, yyyy-mm-dd")
    period = cell("settlement_period", int, "a whole number")
    if period not in calendar.periods(day):
        count = calendar.period_count(day)
        raise WrongAssumption(
            f"{path}, row {at}, settlement_period: found {period}, wanted 1 to {count}. Correct the cell."
        )
    return {
        "settlement_date": day,
        "settlement_period": period,
        "volume_mwh": cell("volume_mwh", _number, "MWh, buys above zero, sells below"),
        "price_gbp_per_mwh": cell("price_gbp_per_mwh", lambda text: np.nan if text == "" else _number(text), "GBP/MWh"),
        "so_flag": cell("so_flag", lambda text: {"true": True, "false": False}[text.lower()], "true or false"),
        "source_row": at,
    }


def _number(text: str) -> float:
    value = float(text)
    if not np.isfinite(value):
        raise ValueError(text)
    return value
