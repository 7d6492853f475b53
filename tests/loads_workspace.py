"""A small SYNTHETIC workspace of loads with every state in it, written by hand so that what a test expects can be read.

indo              15 January: periods 10 and 11 are not in the file, the row of period 34 says "high"
                  16 January: the row of period 20 said "high", and was sent again rightly
settlement_stack  15 January: period 7 whole, period 8 empty, of period 9 one side, the rest has not come
itsdo             15 January: whole, with a column that no job knows
fuelhh            15 January: a file that breaks off
bm_units          of all time
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

DAY, NEXT = date(2024, 1, 15), date(2024, 1, 16)
SAMPLES = Path(__file__).resolve().parent / "loaders/samples"


def make(home: Path, folder: Path) -> None:
    """Write the files below a folder and load them, the correction after what it corrects."""
    import loaders

    first, second = folder / "first", folder / "second"
    first.mkdir(parents=True)
    second.mkdir()
    demand = half_hours("INDO", DAY, leave_out=(10, 11))
    demand[31]["demand"] = "high"  # ten and eleven are left out: the 32nd is of period 34
    write(first / "SYNTHETIC_INDO_2024-01-15.json", demand)
    wrong = half_hours("INDO", NEXT)
    wrong[19]["demand"] = "high"
    write(first / "SYNTHETIC_INDO_2024-01-16.json", wrong)
    write(second / "SYNTHETIC_INDO_2024-01-16.json", half_hours("INDO", NEXT))
    write(
        first / "SYNTHETIC_ITSDO_2024-01-15.json", [one | {"carbonIntensity": 51} for one in half_hours("ITSDO", DAY)]
    )
    stack = json.loads((SAMPLES / "settlement_stack/SYNTHETIC_stack_bid_2024-01-15_07.json").read_text())["data"]
    for name, rows in {"bid_2024-01-15_07": stack, "offer_2024-01-15_07": [], "bid_2024-01-15_08": [],
                       "offer_2024-01-15_08": [], "offer_2024-01-15_09": []}.items():  # fmt: skip
        write(first / f"SYNTHETIC_stack_{name}.json", rows)
    whole = next((SAMPLES / "fuelhh").glob("SYNTHETIC_*.json")).read_text()
    (first / "SYNTHETIC_FUELHH_2024-01-15.json").write_text(whole[: len(whole) // 2])
    for path in (SAMPLES / "bm_units").glob("SYNTHETIC_*.json"):
        shutil.copy(path, first)
    loaders.load(first, home)
    loaders.load(second, home)


def half_hours(dataset: str, day: date, leave_out: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    """A row for each period of a winter day: 30,000 MW and the number of the period."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return [
        {
            "dataset": dataset,
            "publishTime": f"{midnight + timedelta(minutes=30 * period):%Y-%m-%dT%H:%M:%SZ}",
            "startTime": f"{midnight + timedelta(minutes=30 * (period - 1)):%Y-%m-%dT%H:%M:%SZ}",
            "settlementDate": day.isoformat(),
            "settlementPeriod": period,
            "demand": 30_000 + period,
        }
        for period in range(1, 49)
        if period not in leave_out
    ]


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """Rows as the API answers."""
    path.write_text(json.dumps({"metadata": {"note": "SYNTHETIC"}, "data": rows}, indent=1), encoding="utf-8")
