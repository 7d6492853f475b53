"""A settlement report (S0142) beside a run: what agrees, what differs and where, and what only one of the two has."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, time

import pytest

import loaders
import reports
from loaders.sample_market.great_britain.idd_form import flow_of
from reports.charges_comparison import compare_charges
from reports.errors import NothingArrived


def fields(count, told):
    """Fields of a record, blank where nothing is told, each closed by a pipe."""
    return "".join(f"{told.get(place, '')}|" for place in range(1, count + 1))


def plain(value, decimals=3):
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".") or "0"


@pytest.fixture(scope="module")
def asked(charged_home, charged, tmp_path_factory):
    """A workspace with a report of run II in which one Party is told of: three figures of it are not the run's own."""
    home = shutil.copytree(charged_home, tmp_path_factory.mktemp("with-report") / "workspace")
    day = reports.open_day(charged.DAY, "II", home)
    unit = day.units.index[0]
    charged_of = day.array("account_energy_imbalance_cashflow").sel(settlement_period=1)
    account = str(abs(charged_of).idxmax("account").item())
    party, status = account[:-2], account[-1]

    def of_unit(name):
        return float(day.array(name).sel(settlement_period=1, bm_unit=unit))

    def of_account(name):
        return float(day.array(name).sel(settlement_period=1, account=account))

    told = {
        1: unit, 4: plain(of_unit("notified_volume") + 0.5), 8: plain(of_unit("metered_volume")),
        12: plain(of_unit("transmission_loss_multiplier"), 7),
    }  # fmt: skip
    of_party = float(day.parties.loc[party, "BM cashflow"])
    date = f"{charged.DAY:%Y%m%d}"
    records = [
        f"SRH|{date}|II|1|1|{date}|1|1|SYNTHNG|",
        f"BPH|{date}|II|1|1|{date}|1|1|{party}|",
        f"APC|{fields(12, {2: plain(of_party, 2)})}",
        "SP7|1|",
        f"BP7|{fields(25, told)}",
        f"BP7|{fields(25, {1: 'T_NOBODY-1', 8: '5'})}",
        f"APD|{fields(14, {1: status, 3: plain(-of_account('account_energy_imbalance_cashflow'), 2), 8: '1000000'})}",
    ]
    folder = tmp_path_factory.mktemp("report")
    created = datetime.combine(charged.DAY, time(20), tzinfo=UTC)
    text = flow_of("S0142013", "SA|UKDC", "PB|PORTAL", created, records)
    (folder / f"SYNTHETIC_S0142_{date}_II.txt").write_text(text)
    loaded = loaders.load(folder, home)
    assert not [finding for finding in loaded.findings if finding.weight == "refused"]
    return home, unit, account, party


@pytest.fixture(scope="module")
def compared(asked, charged):
    return {one.quantity: one for one in compare_charges(charged.DAY, "II", asked[0])}


def test_figures_that_agree_to_the_last_decimal_of_the_report_are_equal(compared):
    for quantity in ("metered_volume", "transmission_loss_multiplier", "daily_party_bm_cashflow"):
        one = compared[quantity]
        assert (one.compared, one.equal, one.differing) == (1, 1, 0), quantity


def test_a_figure_that_differs_is_named_with_its_place_and_by_how_much(compared, asked):
    one = compared["notified_volume"]

    assert (one.compared, one.equal, one.differing) == (1, 0, 1)
    assert one.largest == pytest.approx(0.5, abs=0.001)
    assert one.where == {"settlement_period": 1, "bm_unit": asked[1]}


def test_a_figure_of_the_other_sign_is_said_to_be_that(compared):
    one = compared["account_energy_imbalance_cashflow"]

    assert (one.compared, one.other_sign, one.differing) == (1, 1, 0)


def test_what_only_the_report_has_is_counted_and_not_compared(compared):
    assert compared["metered_volume"].not_own == 1
    assert compared["metered_volume"].not_published > 1000


def test_blank_figures_of_the_report_are_not_compared(compared):
    assert compared["expected_metered_volume"].compared == 0
    assert compared["daily_party_residual_cashflow"].compared == 0


def test_the_command_tells_it_and_leaves_with_1_where_figures_differ(asked, charged, bsc):
    code, said, _ = bsc("compare", str(charged.DAY), "--run", "II", "--charges", "--json", home=asked[0])

    assert code == 1
    found = {one["quantity"]: one for one in json.loads(said)}
    assert found["account_energy_imbalance_volume"]["differing"] == 1
    assert (
        "account_energy_imbalance_volume"
        in bsc("compare", str(charged.DAY), "--run", "II", "--charges", home=asked[0])[1]
    )


def test_a_day_without_a_report_says_what_to_load(charged_home, charged):
    with pytest.raises(NothingArrived, match=r"no settlement report \(S0142\).*bsc load"):
        compare_charges(charged.DAY, "II", charged_home)
