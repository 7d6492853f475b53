"""The published records beside the checkout, taken in through the project's own loaders, as frames by data set.

What no job reads (a table transcribed from a page, an extract reshaped by somebody) is
read as it is. A record that was copied out of its answer is put back in the answer's
form, so that the job of the feed reads it.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from loaders import load, store

LOADED = (
    "wind-curtailment", "bmrs-api", "nuravolt", "gridskew", "grid2poster", "gb-grid-margin",
    "price-diver-spread-radar",
)  # fmt: skip
DAYS_2019_2024 = (date(2019, 1, 1), date(2024, 12, 31))


@dataclass(frozen=True)
class World:
    """Frames by name and data set; a frame put in by hand stands before the one that was loaded."""

    data: Path
    home: Path
    read: dict[tuple[str, str], Callable[[], pd.DataFrame]]
    kept: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict)

    def frame(self, name: str, data_set: str) -> pd.DataFrame:
        if (name, data_set) not in self.kept:
            self.kept[name, data_set] = self.read[name, data_set]()
        return self.kept[name, data_set]

    def with_frame(self, name: str, data_set: str, frame: pd.DataFrame) -> World:
        return replace(self, kept={**self.kept, (name, data_set): frame})


def load_world(data: Path, home: Path) -> World:
    """Load every folder that holds feeds into one workspace, the older price history first."""
    opened = store.open(home)
    older = None
    for name in LOADED:
        load(data / name, home, store=opened)
        older = opened.version() if name == "wind-curtailment" else older
    load(_as_answers(data, home.parent / "answers"), home, store=opened)
    names = {sha: row.file for sha, row in opened.landings().items()}

    def of(dataset: str, data_set: str, version: int | None = None) -> Callable[[], pd.DataFrame]:
        files = {file.name for file in (data / data_set).iterdir()} | set(_ANSWERS.get(data_set, ()))
        return lambda: _of_files(opened.rows(dataset, version=version).to_pandas(), names, files)

    def newer() -> pd.DataFrame:
        frame = opened.rows("price_history").to_pandas()
        first, last = DAYS_2019_2024
        return frame[(frame["settlement_date"] >= first) & (frame["settlement_date"] <= last)].reset_index(drop=True)

    def plain(reader: Callable[..., pd.DataFrame], path: str, **how: Any) -> Callable[[], pd.DataFrame]:
        return lambda: reader(data / path, **how)

    read: dict[tuple[str, str], Callable[[], pd.DataFrame]] = {
        **{("system_prices", name): of("system_prices", name) for name in ("bmrs-api", "nuravolt", "gridskew")},
        **{("settlement_stack", name): of("settlement_stack", name) for name in ("nuravolt", *_ANSWERS)},
        ("price_history", "price-diver-spread-radar"): newer,
        ("price_history", "wind-curtailment"): of("price_history", "wind-curtailment", older),
        ("price_history", "gb-grid-margin"): of("price_history", "gb-grid-margin"),
        ("market_index", "price-diver-spread-radar"): of("market_index", "price-diver-spread-radar"),
        ("market_index", "nuravolt"): of("market_index", "nuravolt"),
        ("bm_units", "grid2poster"): of("bm_units", "grid2poster"),
        ("detsysprices", "elexon-data-portal"): plain(
            pd.read_csv, "elexon-data-portal/detsysprices-2020-01-01-p1-partial.csv"
        ),
        ("ebocf", "gb-power-dashboard"): plain(
            pd.read_csv, "gb-power-dashboard/ebocf-t_thurb-1-2026-07-20-p20-bid.csv"
        ),
        ("acceptances_seab", "grid-mysteries"): plain(
            pd.read_csv, "grid-mysteries/t_seab-1-acceptances-2026-08-12.csv"
        ),
        ("volumes_seab", "grid-mysteries"): plain(
            pd.read_csv, "grid-mysteries/t_seab-1-accepted-offer-volume-2026-08-12.csv"
        ),
        ("acceptances_laryw", "grid-mysteries"): lambda: pd.DataFrame(_case_report(data)["boalf_sp29_both_units"]),
        **{
            (f"wind_{name}", "wind-curtailment"): plain(
                pd.read_parquet, f"wind-curtailment/wind-20220101-{name}.parquet"
            )
            for name in ("boal", "bod", "fpn")
        },
    }
    return World(data, home, read)


_ANSWERS = {
    "show-me-the-money": ("stack_bid_2026-07-10_20.json",),
    "grid-mysteries": ("stack_bid_2026-08-06_29.json",),
}


def _as_answers(data: Path, folder: Path) -> Path:
    """Stack rows that were copied out of their answers, in the form of the answers again."""
    one = json.loads((data / "show-me-the-money/ispstack-e_litrb-1-2026-07-10-p20.json").read_text())
    folder.mkdir(parents=True)
    for data_set, rows in (
        ("show-me-the-money", [one]),
        ("grid-mysteries", _case_report(data)["bid_stack_sp29_accepted_unit"]),
    ):
        (folder / _ANSWERS[data_set][0]).write_text(json.dumps({"metadata": {"datasets": ["ISPSTACK"]}, "data": rows}))
    return folder


def _case_report(data: Path) -> dict[str, Any]:
    return json.loads((data / "grid-mysteries/case-report-2026-08-06-p29.json").read_text())


def _of_files(frame: pd.DataFrame, names: dict[str, str], files: set[str]) -> pd.DataFrame:
    return frame[frame["landing"].map(names).isin(files)].reset_index(drop=True)


def plain_lines(path: Path) -> list[str]:
    """The lines of a text file, unpacked: for checks that go past the loaders."""
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("latin-1").splitlines()
