"""Days of the real data, settled as they are and compared: what the page and the tests say of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from published_world import World

from loaders import load, store
from reports.comparison import compare_day
from reports.day_inputs import Reading, gather_day
from reports.day_inputs.adjustments import read_assumed
from reports.day_settlement import settle_day
from settlement import calendar, settle
from settlement.options import OPTIONS

RAW_DAY, RAW_PERIOD = date(2022, 3, 19), 27
HEADING = "settlement_date,settlement_period,volume_mwh,price_gbp_per_mwh,so_flag\n"
SELL = -496.0  # MWh, the adjustment actions that no feed brought
ASSUMED_PRICES = (
    ("", "false"), ("-500", "false"), ("-90.33", "false"), ("-90.33", "true"), ("-90.32", "false"), ("-90.32", "true"),
    ("209", "false"), ("209", "true"), ("500", "false"),
)  # fmt: skip
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
        return [
            f"P{one['settlement_period']}: {one['reason']}" for one in self.entries if one["class"] == "unexplained"
        ]


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


def raw_figures(home: Path, assume: Path, choices: Sequence[Mapping[str, str]] = ({},)) -> list[tuple[float, float]]:
    """Own NIV and price of the raw period, once for each choice of options; the day is gathered once."""
    opened = store.open(home)
    day = gather_day(opened, RAW_DAY, Reading(opened.version()), assumed=read_assumed(assume))
    found = []
    for options in choices:
        wanted = ["net_imbalance_volume", "system_price"]
        results = settle(day.given, wanted, published=day.published, options=options, way=day.way)
        at = list(results[wanted[1]].indexes["settlement_period"]).index(RAW_PERIOD)
        found.append(tuple(float(results[name].to_numpy()[at]) for name in wanted))
    return found


def by_adjustment_price(home: Path, folder: Path) -> list[tuple[str, str, float, float]]:
    """Own NIV and price of the raw period for prices of the assumed sell, flagged and not."""
    found = []
    for price, flag in ASSUMED_PRICES:
        path = assume_file(folder, f"sell-496-at{price}-{flag}.csv", f"{SELL:g},{price},{flag}")
        found.append((price, flag, *raw_figures(home, path)[0]))
    return found


def by_option(home: Path, folder: Path) -> list[tuple[str, str, str, float, float]]:
    """Own NIV and price of the raw period under every choice of every open doubt, sell of 496 MWh assumed."""
    path = assume_file(folder, "sell-496.csv", f"{SELL:g},50,false")
    of_price = {name: option for name, option in OPTIONS.items() if option.document == "price.md"}
    choices = [(name, option.rule, choice) for name, option in of_price.items() for choice in option.choices]
    figures = raw_figures(home, path, [{name: choice} for name, _, choice in choices])
    return [(*choice, *pair) for choice, pair in zip(choices, figures, strict=True)]


def without_inputs(world: World) -> list[tuple[str, str, int, int]]:
    """Data sets of prices: days, periods with a price, and how many of these all inputs of one way have come for."""
    opened = store.open(world.home)
    fed = {
        (day, period)
        for day in {*_days(opened, "settlement_stack"), *_days(opened, "acceptances")}
        for period in _with_all_inputs(opened, day)
    }
    found = []
    for data_set in ("price-diver-spread-radar", "wind-curtailment", "gb-grid-margin"):
        frame = world.frame("price_history", data_set)
        keys = set(zip(frame["settlement_date"], frame["settlement_period"], strict=True))
        days = frame["settlement_date"]
        found.append((data_set, f"{days.min()} to {days.max()}", len(frame), len(keys & fed)))
    return found


def _days(opened: store.Store, dataset: str) -> set[date]:
    return set(opened.rows(dataset).column("settlement_date").to_pylist())


def _with_all_inputs(opened: store.Store, day: date) -> set[int]:
    """Periods of a day for which both sides of the stack, or all feeds before it but adjustment actions, have come."""

    def came(dataset: str, side: str | None = None) -> set[int]:
        there = [one for one in opened.arrivals(dataset, day) if side is None or one.side in (side, None)]
        whole = any(one.settlement_period is None for one in there)
        return set(calendar.periods(day)) if whole else {one.settlement_period for one in there}

    stack = came("settlement_stack", "buy") & came("settlement_stack", "sell")
    return stack | (came("physical_notifications") & came("bid_offer_data") & came("acceptances"))
