"""A running server notices what is kept after it started."""

from __future__ import annotations

import importlib.util
import shutil
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from loaders import load, store
from loaders.sample_market import later_vintage
from reports.access import THIS_MACHINE, Access, Viewer
from reports.day_settlement import settle_day
from reports.errors import NoSuchRun

_spec = importlib.util.spec_from_file_location("api_fixtures", Path(__file__).with_name("api_fixtures.py"))
given = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(given)

DAY = f"/v1/prices/{given.DAY}"
PARTY = Viewer("a supplier", "party")


@pytest.fixture
def place(synthetic_folder, settled_home, tmp_path):
    """Files and workspace of the settled day, to be changed."""
    return tuple(Path(shutil.copytree(source, tmp_path / source.name)) for source in (synthetic_folder, settled_home))


@pytest.fixture
def client(place, tmp_path):
    with given.served(place[1], tmp_path) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def test_a_later_vintage_changes_the_answer_and_its_etag_but_not_the_earlier_run(client, place):
    files, home = place
    before = client.get(f"{DAY}/9")
    load_only = later_vintage(files, given.DAY, 9)
    load(files, home)
    seen_before_settling = client.get(f"{DAY}/9", headers={"If-None-Match": before.headers["etag"]})

    run = settle_day(given.DAY, home=home).run
    after = client.get(f"{DAY}/9", headers={"If-None-Match": before.headers["etag"]})
    earlier = client.get(f"{DAY}/9", params={"run": before.json()["about"]["run_id"]})

    assert load_only
    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]
    assert after.json()["about"]["run_id"] == run.run_id != before.json()["about"]["run_id"]
    kept = store.open(home).run_tables(run.run_id)["settlement_period"].to_pylist()
    (price,) = [row["system_price"] for row in kept if row["key.settlement_period"] == 9]
    told, told_before = after.json()["rows"][0], before.json()["rows"][0]
    assert float(told["sbp_gbp_per_mwh"]) == pytest.approx(price, abs=5e-6)
    assert told["sbp_gbp_per_mwh"] != told_before["sbp_gbp_per_mwh"]
    # The new published price came with the load, before anything was settled with it.
    assert seen_before_settling.status_code == 200
    moved = seen_before_settling.json()["rows"][0]
    assert moved["sbp_gbp_per_mwh"] == told_before["sbp_gbp_per_mwh"]
    assert Decimal(moved["published_sbp_gbp_per_mwh"]) == Decimal(told["published_sbp_gbp_per_mwh"])
    assert earlier.json()["rows"][0]["sbp_gbp_per_mwh"] == told_before["sbp_gbp_per_mwh"]


def test_a_run_on_assumptions_says_so_and_is_not_for_parties(client, place, tmp_path):
    assumptions = tmp_path / "assumed.csv"
    assumptions.write_text("settlement_date,settlement_period,volume_mwh,price_gbp_per_mwh,so_flag\n")
    arrived = client.get(DAY).json()["about"]["run_id"]
    assumed = settle_day(given.DAY, home=place[1], assume=assumptions, way="own stack").run

    answer = client.get(DAY, params={"run": assumed.run_id})

    assert answer.headers["x-marks"] == "SYNTHETIC, ASSUMED"
    assert answer.json()["about"]["assumed"] == "assumed.csv"
    assert {row["marks"] for row in answer.json()["rows"]} == {"SYNTHETIC, ASSUMED"}
    access = Access(place[1])
    assert [run.run_id for run in access.runs(THIS_MACHINE, given.DAY)] == [arrived, assumed.run_id]
    assert access.run(PARTY, given.DAY).run_id == arrived
    with pytest.raises(NoSuchRun, match="no settled day"):
        access.run(PARTY, given.DAY, assumed.run_id)
    with pytest.raises(NoSuchRun, match="no settled day"):
        access.day(PARTY, access.run(THIS_MACHINE, given.DAY, assumed.run_id))
