"""Published files as they were found, loaded whole: counted again another way, by the plain text of the file."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from loaders import load, store

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the shared folder of published files is not beside the repository"
)


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    """All folders that hold feeds, in one workspace, and what became of each file."""
    home = tmp_path_factory.mktemp("real")
    opened = store.open(home)
    folders = [
        "wind-curtailment",
        "nuravolt",
        "bmrs-api",
        "gridskew",
        "grid2poster",
        "gb-grid-margin",
        "price-diver-spread-radar",
    ]
    files = {file.file: file for name in folders for file in load(DATA / name, home, store=opened).files}
    return opened, files


def text_of(path: str) -> str:
    data = (DATA / path).read_bytes()
    data = gzip.decompress(data) if path.endswith(".gz") else data
    return data.decode("latin-1")


def lines_of(path: str) -> list[str]:
    return text_of(path).splitlines()


def test_every_notification_and_acceptance_of_the_legacy_file_is_kept_and_the_rest_counted(taken):
    opened, files = taken
    path = "wind-curtailment/PhysicalData_20220319_27.csv.gz"
    counted = Counter(line.split(",")[0] for line in lines_of(path))
    day = date(2022, 3, 19)

    file = files["PhysicalData_20220319_27.csv.gz"]

    assert int(lines_of(path)[-1].split(",")[1]) == sum(counted[k] for k in ("PN", "QPN", "MEL", "MIL", "BOALF"))
    assert opened.rows("physical_notifications", day).num_rows == counted["PN"] == 1540
    assert opened.rows("acceptances", day).num_rows == counted["BOALF"] == 121
    assert file.not_kept == {kind: counted[kind] for kind in ("QPN", "MEL", "MIL")}
    assert file.refused == 0


def test_a_legacy_file_has_arrived_for_its_period_only(taken):
    opened, _ = taken
    day = date(2022, 3, 19)

    for dataset in ("physical_notifications", "acceptances", "bid_offer_data"):
        assert [(a.settlement_period, a.empty) for a in opened.arrivals(dataset, day)] == [(27, False)]
        assert opened.incomplete(dataset, day) == []
    assert opened.arrivals("adjustment_actions", day) == []


def test_every_value_of_the_legacy_bid_offer_file_stands_in_the_line_it_names(taken):
    opened, _ = taken
    lines = lines_of("wind-curtailment/BidOfferData_20220605_1122.csv.gz")
    rows = opened.rows("bid_offer_data", date(2022, 3, 19)).to_pylist()

    assert len(rows) == len(lines) - 2 == 2562
    for row in rows:
        unit, pair, start, level, end, level_to, bid, offer = lines[row["source_row"] - 1].split(",")[1:]
        assert (unit, int(pair)) == (row["bm_unit"], row["pair"])
        assert (float(level), float(level_to)) == (row["level_from_mw"], row["level_to_mw"])
        assert (float(bid), float(offer)) == (row["bid_price"], row["offer_price"])
        assert [datetime.strptime(t, "%Y%m%d%H%M%S").timetuple()[:6] for t in (start, end)] == [
            row[name].timetuple()[:6] for name in ("time_from", "time_to")
        ]


def test_every_line_of_the_price_files_is_in_force_or_replaced_by_a_later_file(taken):
    opened, files = taken
    older, newer = "wind-curtailment/sspsbpniv.csv.gz", "price-diver-spread-radar/sspsbp_20250609.to-2024-12-31.csv.gz"
    known: dict[tuple[date, int], tuple[float, ...]] = {}
    for path in (older, newer):
        for line in lines_of(path)[1:]:
            day, period, *figures = line.split(",")
            known[datetime.strptime(day, "%d/%m/%Y").date(), int(period)] = tuple(map(float, figures))
    margin = 0
    for year in (2016, 2017, 2018, 2026):
        margin += len(lines_of(f"gb-grid-margin/system_price_{year}.csv.gz")) - 1

    rows = opened.rows("price_history").to_pylist()

    assert len(rows) == len(known) + margin
    assert files["sspsbpniv.csv.gz"].rows_read == 54912
    figures = ("system_sell_price", "system_buy_price", "net_imbalance_volume_mwh")
    found = {(r["settlement_date"], r["settlement_period"]): tuple(r[f] for f in figures) for r in rows}
    assert {key: found[key] for key in known} == known


def test_the_older_vintage_is_still_there_at_its_version(taken):
    opened, _ = taken
    version = next(p.version for p in opened.parts("price_history", date(2022, 3, 19)))

    row = next(
        r for r in opened.rows("price_history", date(2022, 3, 19), version).to_pylist() if r["settlement_period"] == 27
    )

    assert (row["system_sell_price"], row["net_imbalance_volume_mwh"]) == (-90.32, -1194.7878)


def test_the_market_index_of_2024_is_whole(taken):
    opened, files = taken
    table = csv.reader(io.StringIO(text_of("price-diver-spread-radar/0000036990_MID_2024.csv.gz")))
    next(table)
    wanted = {
        (datetime.strptime(day, "%d %B %Y").date(), int(period), provider.strip()): (float(price), float(volume))
        for day, period, provider, volume, price in table
    }

    rows = [r for r in opened.rows("market_index").to_pylist() if r["settlement_date"].year == 2024]

    assert files["0000036990_MID_2024.csv.gz"].job == "market_index_history"
    assert len(wanted) == 35136
    found = {(r["settlement_date"], r["settlement_period"], r["provider"]): (r["price"], r["volume_mwh"]) for r in rows}
    assert found == wanted


def test_the_short_day_of_march_2026_has_its_46_price_records(taken):
    opened, _ = taken
    wanted = json.loads((DATA / "bmrs-api/march_bst.json").read_text())["data"]
    rows = opened.rows("system_prices", date(2026, 3, 29)).to_pylist()

    assert [r["settlement_period"] for r in rows] == list(range(1, 47))
    for row in rows:
        said = wanted[row["source_row"] - 1]
        assert row["settlement_period"] == said["settlementPeriod"]
        assert row["system_sell_price"] == said["systemSellPrice"]
        assert row["net_imbalance_volume_mwh"] == said["netImbalanceVolume"]
        assert row["total_system_tagged_adjustment_sell_volume_mwh"] is None


def test_the_cut_stack_of_july_2026_keeps_its_sides_and_empty_cells(taken):
    opened, _ = taken
    rows = opened.rows("settlement_stack", date(2026, 7, 20)).to_pylist()
    said = [
        (side, record)
        for side, name in (("buy", "offer"), ("sell", "bid"))
        for record in json.loads((DATA / f"nuravolt/elexon_stack_{name}_2026-07-20_sp15_partial.json").read_text())[
            "data"
        ]
    ]

    assert len(rows) == len(said) == 8
    for row, (side, record) in zip(rows, said, strict=True):
        assert (row["side"], row["sequence_number"]) == (side, record["sequenceNumber"])
        assert (row["volume_mwh"], row["niv_adjusted_volume_mwh"], row["cadl_flag"]) == (
            record["volume"],
            record["nivAdjustedVolume"],
            record["cadlFlag"],
        )
    assert [(a.settlement_period, a.side) for a in opened.arrivals("settlement_stack", date(2026, 7, 20))] == [
        (15, "sell"),
        (15, "buy"),
    ]


def test_units_with_an_elexon_id_are_kept_once(taken):
    opened, files = taken
    said = json.loads(gzip.decompress((DATA / "grid2poster/elexon_bmu_units.json.gz").read_bytes()))
    ids = [record["elexonBmUnit"] for record in said]
    file = files["elexon_bmu_units.json.gz"]

    assert file.rows_read == len(ids) == 2997
    assert file.not_kept == {"without bm_unit": ids.count(None)}
    assert [name for name, count in Counter(ids).items() if name and count > 1] == ["T_WLNYO-4"]
    assert file.refused == 1
    assert set(opened.rows("bm_units").column("bm_unit").to_pylist()) == set(ids) - {None}


def test_streams_of_notifications_limits_and_outturn_load(taken):
    _, files = taken
    streams = {name: file.outcome for name, file in files.items() if name.endswith("_stream.json")}

    assert set(streams.values()) == {"kept"}
    assert set(streams) == {f"{name}_stream.json" for name in ("pn", "mels", "mils", "qpn", "b1610")}
