"""Days of the real data, settled as they are and compared: what the page and the tests say of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from published_world import DAYS_2019_2024, World

from loaders import load, store
from reports.comparison import compare_day
from reports.settle_day import settle_day
from settlement.options import OPTIONS

RAW_DAY, RAW_PERIOD = date(2022, 3, 19), 27
HEADING = "settlement_date,settlement_period,volume_mwh,price_gbp_per_mwh,so_flag\n"
SELL = -496.0  # MWh, the adjustment actions that no feed brought
CLASSES = ("exact", "rounding", "vintage", "unexplained", "not comparable")
WAYS = {"published stack": "stack", "own stack": "acceptances"}
DAYS = (
    ("bmrs-api", date(2026, 3, 29)),
    ("nuravolt", date(2026, 7, 20)),
    ("gridskew", date(2026, 8, 1)),
    ("show-me-the-money", date(2026, 7, 10)),
    ("grid-mysteries", date(2026, 8, 6)),
    ("price-diver-spread-radar", date(2024, 10, 27)),
    ("gb-grid-margin", date(2018, 10, 31)),
)


@dataclass(frozen=True)
class Compared:
    """One settled day of a data set: classes of its periods, and why those are not exact."""

    data_set: str
    day: date
    what: str
    way: str
    entries: tuple[Mapping[str, Any], ...]

    @property
    def classes(self) -> Counter:
        return Counter(entry["class"] for entry in self.entries)

    def entry(self, period: int) -> Mapping[str, Any]:
        return next(one for one in self.entries if one["settlement_period"] == period)

    def first_stages(self) -> list[str]:
        """Reasons of the periods whose difference nothing explains: each names the first stage that differs."""
        return [f"P{one['settlement_period']}: {one['reason']}" for one in self.entries if one["class"] == "unexplained"]


def assume_file(folder: Path, name: str, *rows: str) -> Path:
    """A file of assumed adjustment actions of the raw period; no row says there were none."""
    path = folder / name
    path.write_text(HEADING + "".join(f"{RAW_DAY},{RAW_PERIOD},{row}\n" for row in rows))
    return path


def settled(home: Path, data_set: str, day: date, what: str, **how: Any) -> Compared:
    """Settle a day and compare it."""
    run = settle_day(day, home=home, **how).run
    way = WAYS[run.details["way"]]
    return Compared(data_set, day, what, way, tuple(compare_day(day, "IP", home)))


def all_days(world: World, folder: Path) -> list[Compared]:
    """Every day that some data set could be settled for; the raw period with what is assumed of it."""
    home = raw_home(world, folder)
    assume = assume_file(folder, "sell-496.csv", f"{SELL:g},50,false")
    none = assume_file(folder, "none.csv")
    name = "wind-curtailment"
    raw = [
        settled(home, name, RAW_DAY, "nothing assumed"),
        settled(home, name, RAW_DAY, "assumed: there were no adjustment actions", assume=none),
        settled(home, name, RAW_DAY, "assumed: one adjustment sell of 496 MWh", assume=assume),
        settled(world.home, name, RAW_DAY, "the same, against the price of the 2025 vintage", assume=assume),
    ]
    return raw + [settled(world.home, data_set, day, "as it is") for data_set, day in DAYS]


def raw_home(world: World, folder: Path) -> Path:
    """A workspace with the folder of the raw period alone, as a user loads it."""
    home = folder / "raw"
    if not home.exists():
        load(world.data / "wind-curtailment", home)
    return home


def raw_figures(home: Path, **how: Any) -> tuple[float, float]:
    """Own NIV and price of the raw period."""
    run = settle_day(RAW_DAY, home=home, **how).run
    rows = store.open(home).run_tables(run.run_id)["settlement_period"].to_pylist()
    row = next(one for one in rows if one["key.settlement_period"] == RAW_PERIOD)
    return row["net_imbalance_volume"], row["system_price"]


def by_adjustment_price(home: Path, folder: Path) -> list[tuple[str, str, float, float]]:
    """Own NIV and price of the raw period for prices of the assumed sell, flagged and not."""
    found = []
    for price in ("", "-500", "-90.33", "-90.32", "-90.31", "0", "209", "500"):
        for flag in ("false", "true"):
            path = assume_file(folder, f"sell-496-at{price}-{flag}.csv", f"{SELL:g},{price},{flag}")
            found.append((price, flag, *raw_figures(home, assume=path)))
    return found


def by_option(home: Path, folder: Path) -> list[tuple[str, str, str, float, float]]:
    """Own NIV and price of the raw period under every choice of every open doubt, sell of 496 MWh assumed."""
    path = assume_file(folder, "sell-496.csv", f"{SELL:g},50,false")
    return [
        (name, option.rule, choice, *raw_figures(home, assume=path, options={name: choice}))
        for name, option in OPTIONS.items()
        for choice in option.choices
    ]


def without_inputs(world: World) -> list[tuple[str, str, int, int]]:
    """Data sets of prices alone: first and last day, periods with a price, periods with anything to settle from."""
    opened = store.open(world.home)
    fed = set()
    for dataset in ("settlement_stack", "acceptances"):
        rows = opened.rows(dataset).select(["settlement_date"]).to_pydict()["settlement_date"]
        fed |= set(rows)
    found = []
    for data_set in ("price-diver-spread-radar", "wind-curtailment", "gb-grid-margin"):
        days = world.frame("price_history", data_set)["settlement_date"]
        found.append((data_set, f"{days.min()} to {days.max()}", len(days), int(days.isin(fed - {RAW_DAY}).sum())))
    return found


__all__ = ["CLASSES", "DAYS_2019_2024", "Compared", "all_days", "by_adjustment_price", "by_option", "without_inputs"]
