"""Published volumes, cashflows and loss multipliers beside a run: what agrees, what differs and where."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, time

import pytest

import loaders
import reports
from reports.errors import NothingArrived
from reports.volumes_comparison import compare_volumes

OFFERS = "accepted_offer_volume_by_acceptance"


def record(day, row, **pairs):
    """A record of BOAV: the unit, period and acceptance of an own row, and volumes by pair."""
    period = int(row["settlement_period"])
    return {
        "settlementDate": str(day), "settlementPeriod": period, "startTime": None,
        "createdDateTime": f"{datetime.combine(day, time(20), tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}",
        "bmUnit": row["bm_unit"], "bmUnitType": "T", "leadPartyName": None, "nationalGridBmUnit": None,
        "acceptanceId": int(row["acceptance_number"]), "acceptanceDuration": "L",
        "totalVolumeAccepted": sum(pairs.values()), "pairVolumes": pairs,
    }  # fmt: skip


@pytest.fixture(scope="module")
def asked(charged_home, charged, tmp_path_factory):
    """A workspace with the offers of one period as published: of two, one is 0.5 MWh off; a third nobody knows of."""
    home = shutil.copytree(charged_home, tmp_path_factory.mktemp("with-volumes") / "workspace")
    own = reports.open_day(charged.DAY, "II", home).array(OFFERS).to_series().rename("mwh").reset_index()
    every = own[own["mwh"] > 1e-9]
    own = every[(every["mwh"] > 0.01) & (every["pair"] > 0)]
    period = own.groupby("settlement_period").size().idxmax()
    one, other = own[own["settlement_period"] == period].iloc[[0, -1]].to_dict("records")
    assert one != other
    records = [
        record(charged.DAY, one, **{f"positive{one['pair']}": round(one["mwh"], 4)}),
        record(charged.DAY, other, **{f"positive{other['pair']}": round(other["mwh"] + 0.5, 4)}),
        record(charged.DAY, one | {"bm_unit": "T_NOBODY-1"}, positive1=3.0, positive2=0.0),
    ]
    folder = tmp_path_factory.mktemp("volumes")
    said = {"metadata": {"datasets": ["BOAV"]}, "data": records}
    (folder / f"SYNTHETIC_BOAV_offer_{charged.DAY}_{period:02d}.json").write_text(json.dumps(said))
    loaded = loaders.load(folder, home)
    assert not [finding for finding in loaded.findings if finding.weight == "refused"]
    return home, other, (every["settlement_period"] == period).sum()


@pytest.fixture(scope="module")
def compared(asked, charged):
    return {one.quantity: one for one in compare_volumes(charged.DAY, "II", asked[0])}


def test_equal_volumes_are_equal_and_one_that_differs_is_named_with_its_place(compared, asked):
    one = compared[OFFERS]

    assert (one.compared, one.equal, one.differing) == (2, 1, 1)
    assert one.largest == pytest.approx(0.5, abs=0.001)
    assert one.where == {name: asked[1][name] for name in ("settlement_period", "bm_unit", "acceptance_number", "pair")}


def test_a_published_volume_without_an_own_one_is_counted_and_a_published_0_is_not(compared):
    assert compared[OFFERS].not_own == 1


def test_own_volumes_are_missed_only_in_periods_of_which_something_is_published(compared, asked):
    assert compared[OFFERS].not_published == asked[2] - 2


def test_sides_that_nobody_published_are_not_compared(compared):
    assert "accepted_bid_volume_by_acceptance" not in compared and "offer_cashflow" not in compared


def test_the_command_tells_it_and_leaves_with_1_where_figures_differ(asked, charged, bsc):
    words = ("compare", str(charged.DAY), "--run", "II", "--volumes")
    code, said, _ = bsc(*words, "--json", home=asked[0])

    assert code == 1
    assert {one["quantity"]: one["differing"] for one in json.loads(said)}[OFFERS] == 1
    assert OFFERS in bsc(*words, home=asked[0])[1]


def test_the_two_ways_of_comparing_figures_are_not_asked_for_at_once(asked, charged, bsc):
    code, _, said = bsc("compare", str(charged.DAY), "--volumes", "--charges", home=asked[0])

    assert code == 2 and "wanted one of them" in said


def test_a_day_of_which_nothing_is_published_says_what_to_load(charged, charged_folder, tmp_path):
    folder = shutil.copytree(charged_folder / "II", tmp_path / "II")
    for stack in folder.glob("*stack*"):
        stack.unlink()
    loaders.load(folder, tmp_path / "workspace")
    reports.settle_day(charged.DAY, "II", home=tmp_path / "workspace")

    with pytest.raises(NothingArrived, match=r"none of BOAV, DISPTAV, EBOCF.*bsc load"):
        compare_volumes(charged.DAY, "II", tmp_path / "workspace")
