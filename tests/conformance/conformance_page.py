"""docs/conformance.md, made from what the identities and the settled days give: facts and counts, no rows."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import price_history_identities
import price_record_identities
import settled_against_published as settled
import stack_fragment_identities
import unit_volume_identities
from conformance_identity import IDENTITIES, Found, Identity
from published_world import World, load_world
from wind_unit_counts import WindCounts, wind_counts

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "conformance.md"
MODULES = (price_record_identities, price_history_identities, stack_fragment_identities, unit_volume_identities)
MOST_LISTED = 14
NOTHING = 1e-9  # a miss below this is the last bits of a double
PUBLISHED_VOLUME, PUBLISHED_PRICE = -1194.7878, -90.32
HEAD = """# Conformance

What published records say of the rules, and own prices against published ones. Made by `scripts/conformance` from the
identities in `tests/conformance`; a test fails when this page is stale. The records lie in `../shared/data`, each in a
folder named after the repository it was copied from; rules are those of `../shared/rules`.

Contains BMRS data © Elexon Limited copyright and database right 2026.

The BM Unit reference (grid2poster) has no identity of its own: its loss factors stand behind those of TLM.

`checked` counts rows, periods, days or figures; `agree` those that keep the sentence; `worst` is the largest miss among
all checked, 0 where it is below 1e-9. A sentence that only counts has no exceptions listed.
"""


@dataclass(frozen=True)
class Facts:
    """Everything the page says."""

    found: tuple[tuple[Identity, Found], ...]
    compared: tuple[settled.Compared, ...]
    alone: tuple[tuple[str, str, int, int], ...]
    adjustment: tuple[tuple[str, str, float, float], ...]
    options: tuple[tuple[str, str, str, float, float], ...]
    wind: WindCounts


def gather(world: World, folder: Path) -> Facts:
    """Hold every identity and settle every day."""
    compared = settled.all_days(world, folder)
    home = settled.raw_home(world, folder)
    return Facts(
        tuple((one, one.found(world)) for one in IDENTITIES),
        tuple(compared),
        tuple(settled.without_inputs(world)),
        tuple(settled.by_adjustment_price(home, folder)),
        tuple(settled.by_option(home, folder)),
        wind_counts(world),
    )


def text(facts: Facts) -> str:
    """The page."""
    parts = [HEAD, "## Identities\n"]
    for data_set in dict.fromkeys(one.data_set for one, _ in facts.found):
        rows = [_identity(one, found) for one, found in facts.found if one.data_set == data_set]
        parts += [f"### {data_set}\n", table(("identity", "rule", "checked", "agree", "worst", "exceptions"), rows)]
    parts += [
        "## Own against published\n",
        _compared(facts),
        "## 19 March 2022, period 27, and the open doubts\n",
        _raw(facts),
    ]
    parts += ["## Wind units, 1 and 2 January 2022 (wind-curtailment, parquet)\n", _wind(facts.wind)]
    return "\n".join(parts).rstrip() + "\n"


def table(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [f"| {' | '.join(heading)} |"]
    lines.append("|" + " --- |" * (lines[0].count("|") - 1))
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _identity(one: Identity, found: Found) -> tuple[object, ...]:
    worst = "" if found.worst is None else f"{_number(found.worst)} {one.unit}".removesuffix(" 1").strip()
    listed = ", ".join(found.exceptions[:MOST_LISTED])
    more = len(found.exceptions) - MOST_LISTED
    return (
        one.name,
        one.rule,
        f"{found.checked:,}",
        f"{found.agree:,}",
        worst,
        listed + (f" and {more} more" if more > 0 else ""),
    )


def _number(value: float) -> str:
    return "0" if abs(value) < NOTHING else f"{value:.4g}"


def _compared(facts: Facts) -> str:
    rows = []
    for one in facts.compared:
        counts = [one.classes[name] for name in settled.CLASSES]
        stages = "; ".join(one.first_stages()) or "none"
        rows.append((one.data_set, one.day, one.what, one.way, len(one.entries), *counts, stages))
    heading = ("data set", "day", "what", "way", "periods", *settled.CLASSES, "first stage that differs")
    parts = [table(heading, rows), "Why periods are not comparable:\n"]
    why = []
    for one in facts.compared:
        reasons: dict[str, list[str]] = {}
        for entry in one.entries:
            if entry["class"] == "not comparable":
                reasons.setdefault(str(entry["reason"]), []).append(f"P{entry['settlement_period']}")
        why += [(one.data_set, one.what, reason, len(periods)) for reason, periods in reasons.items()]
    parts += [table(("data set", "what", "reason", "periods"), why)]
    parts.append(
        "Sets of prices, counted and not settled day by day. A period without a stack, and without notifications,\n"
        "pairs and acceptances, is not comparable; the one that has them is the period settled above:\n"
    )
    parts.append(
        table(("data set", "days", "periods with a price", "of these with all inputs of one way"), facts.alone)
    )
    return "\n".join(parts)


def _raw(facts: Facts) -> str:
    head = (
        f"Published: NIV {PUBLISHED_VOLUME:,.4f} MWh, price {PUBLISHED_PRICE:.2f} GBP/MWh. Settled from "
        "notifications, pairs and "
        "acceptances of every BM Unit. Adjustment actions are not in the data set: one sell of 496 MWh is assumed.\n"
    )
    without = table(
        ("what", "own NIV, MWh", "own price", "class"),
        [
            (one.what, f"{float(entry['net_imbalance_volume']):,.4f}", f"{float(entry['own']):.2f}", entry["class"])
            for one in facts.compared
            if one.data_set == "wind-curtailment"
            for entry in [one.entry(settled.RAW_PERIOD)]
        ],
    )
    prices = [
        (price or "none (unpriced)", flag, f"{volume:,.4f}", f"{own:.2f}", _met(volume, own))
        for price, flag, volume, own in facts.adjustment
    ]
    options = [
        (name, rule, choice, f"{volume:,.4f}", _number(abs(volume - PUBLISHED_VOLUME)), f"{own:.2f}", _met(volume, own))
        for name, rule, choice, volume, own in facts.options
    ]
    return "\n".join(
        [
            head,
            "A class speaks of the price alone: with no adjustment action the price is met and the NIV is not.\n",
            without,
            table(
                ("price of the assumed sell, GBP/MWh", "SO-flagged", "own NIV, MWh", "own price", "as published"),
                prices,
            ),
            "The same period under each choice of each open doubt (sell at 50, not flagged); a doubt is decided here "
            "only "
            "where its choices differ:\n",
            table(("doubt", "price.md", "choice", "own NIV, MWh", "miss, MWh", "own price", "as published"), options),
        ]
    )


def _met(volume: float, price: float) -> str:
    met = abs(volume - PUBLISHED_VOLUME) <= 0.001 and abs(price - PUBLISHED_PRICE) <= 0.01
    return "yes" if met else "no"


def _wind(wind: WindCounts) -> str:
    rows = [
        ("units with acceptances", wind.units),
        ("acceptances", f"{wind.acceptances:,}"),
        ("acceptances with volume rows on 1 January", f"{wind.acceptances_of_the_day:,}"),
        ("accepted offer volume of 1 January, MWh", f"{wind.offer_mwh:,.3f}"),
        ("accepted bid volume of 1 January, MWh", f"{wind.bid_mwh:,.3f}"),
        ("acceptance and period, 1 January: moved beyond all bands", wind.beyond_bands),
        ("volume beyond the bands, neither paid nor counted, MWh", f"{wind.beyond_bands_mwh:,.3f}"),
        ("acceptances that end off the profile with none to follow", wind.off_profile),
        ("unit and period with an acceptance and without a notification", wind.periods_without_notification),
    ]
    said = (
        "Counts only: the extract holds one fuel and no published total to hold a volume against. "
        "Pairs are there for 1 January.\n"
    )
    return "\n".join([said, table(("what", "count"), rows)])


def main() -> None:
    """Write the page, or with --check say whether it is stale."""
    asked = argparse.ArgumentParser(description="Write docs/conformance.md from the published records.")
    asked.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of published records")
    data = asked.parse_args().data
    with tempfile.TemporaryDirectory() as folder:
        page = text(gather(load_world(data, Path(folder) / "world" / "home"), Path(folder)))
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
