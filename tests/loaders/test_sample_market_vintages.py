"""A synthetic day is the same each time it is written, and a later vintage of it moves one price."""

import json
import os
import subprocess
import sys
from datetime import date

import pytest

from loaders.sample_market import later_vintage, write_day
from loaders.sample_market.errors import CannotWriteDay

DAY = date(2024, 1, 15)
MARKET_INDEX_PERIOD = 6


def data(path):
    return json.loads(path.read_text(encoding="utf-8"))["data"]


def prices(folder):
    return {record["settlementPeriod"]: record for record in data(folder / f"SYNTHETIC_system-prices_{DAY}.json")}


def stack(folder, period):
    return [r for side in ("bid", "offer") for r in data(folder / f"SYNTHETIC_stack_{side}_{DAY}_{period:02d}.json")]


def price_by_rows(rows):
    """Rule 8.2 on the published columns: cost over volume of what PAR left."""
    kept = [row for row in rows if row["tlmAdjustedVolume"]]
    return sum(row["tlmAdjustedCost"] for row in kept) / sum(row["tlmAdjustedVolume"] for row in kept)


@pytest.fixture(scope="module")
def winter_day(tmp_path_factory):
    folder = tmp_path_factory.mktemp("winter")
    write_day(folder, DAY)
    return folder


def test_the_same_date_and_seed_give_the_same_bytes(winter_day, tmp_path):
    """Written again by another process, whose hashes of text are others."""
    script = "import datetime, pathlib, sys; from loaders.sample_market import write_day; "
    script += "write_day(pathlib.Path(sys.argv[1]), datetime.date(2024, 1, 15))"
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, env={**os.environ, "PYTHONHASHSEED": "1"})

    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in winter_day.iterdir()}


def test_another_seed_gives_another_day(winter_day, tmp_path):
    write_day(tmp_path, DAY, seed=7)

    other, here = prices(tmp_path), prices(winter_day)
    assert sum(other[period]["systemSellPrice"] != here[period]["systemSellPrice"] for period in here) > 40


def test_a_later_vintage_moves_one_price_and_only_that(tmp_path):
    write_day(tmp_path, DAY)
    was = prices(tmp_path)

    first = later_vintage(tmp_path, DAY, 9)
    second = later_vintage(tmp_path, DAY, 9)
    other = later_vintage(tmp_path, DAY, 30)

    assert [path.name for path in first] == [
        "SYNTHETIC_stack_bid_2024-01-15_09_later.json",
        "SYNTHETIC_stack_offer_2024-01-15_09_later.json",
        "SYNTHETIC_system-prices_2024-01-15_later-p09.json",
    ]
    for paths, moved in ((first, {9}), (second, {9}), (other, {30})):
        now = {r["settlementPeriod"]: r for r in json.loads(paths[2].read_text(encoding="utf-8"))["data"]}
        changed = {p for p in now if now[p]["systemSellPrice"] != was[p]["systemSellPrice"]}
        assert changed == moved
        period = min(moved)
        rows = [row for path in paths[:2] for row in json.loads(path.read_text(encoding="utf-8"))["data"]]
        assert now[period]["systemSellPrice"] == pytest.approx(price_by_rows(rows), abs=1e-9)
        assert {row["createdDateTime"] for row in rows} == {now[period]["createdDateTime"]}
        assert now[period]["createdDateTime"] > was[period]["createdDateTime"]
        was = now
    old = {
        (r["id"], r["acceptanceId"], r["bidOfferPairId"], r["volume"]): r["originalPrice"] for r in stack(tmp_path, 9)
    }
    new = [row for path in first[:2] for row in json.loads(path.read_text(encoding="utf-8"))["data"]]
    keys = {(r["id"], r["acceptanceId"], r["bidOfferPairId"], r["volume"]): r["originalPrice"] for r in new}
    assert keys.keys() == old.keys()
    assert len({(k[0], k[2]) for k in keys if keys[k] != old[k]}) == 1


@pytest.mark.parametrize("period", [20, MARKET_INDEX_PERIOD, 49])
def test_a_period_that_cannot_be_changed_is_refused(tmp_path, period):
    with pytest.raises(CannotWriteDay, match="Choose another period"):
        later_vintage(tmp_path, DAY, period)


def test_days_of_two_prices_cannot_be_written(tmp_path):
    with pytest.raises(CannotWriteDay, match="2015-11-05 or later"):
        write_day(tmp_path, date(2015, 11, 4))
