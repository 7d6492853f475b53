"""19 March 2022, period 27, through the command line: from notifications, pairs and acceptances to NIV and price."""

from __future__ import annotations

import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from settled_against_published import HEADING, assume_file

DAY = "2022-03-19"
PUBLISHED_VOLUME = -1194.7878


@pytest.fixture(scope="module")
def home(raw_loaded, tmp_path_factory):
    folder = tmp_path_factory.mktemp("chain")
    shutil.copytree(raw_loaded, folder / "home")
    return folder / "home"


def compared(bsc, home, code=1):
    """Period 27, and the others, of `bsc compare --json`; 1 because 47 periods have no inputs."""
    entries = bsc("compare", DAY, "--home", home, "--json", code=code)
    assert [one["settlement_period"] for one in entries] == list(range(1, 49))
    return entries[26], entries[:26] + entries[27:]


def test_without_adjustment_actions_the_figures_are_shown_and_not_comparable(bsc, raw_loaded, tmp_path):
    home = shutil.copytree(raw_loaded, tmp_path / "home")

    settled = bsc("settle", DAY, "--home", home, "--json")
    period, others = compared(bsc, home)

    assert (settled["way"], settled["assumed"]) == ("own stack", None)
    assert sorted(map(int, settled["set_aside"])) == [one for one in range(1, 49) if one != 27]
    assert period["class"] == "not comparable"
    assert period["reason"].startswith("Adjustment actions did not arrive.")
    assert float(period["own"]) == -90.32 == float(period["published"])
    assert float(period["net_imbalance_volume"]) == pytest.approx(PUBLISHED_VOLUME + 496, abs=0.001)
    assert {(one["class"], one["own"], one["net_imbalance_volume"]) for one in others} == {
        ("not comparable", None, None)
    }
    assert {one["reason"] for one in others} == {
        "Physical notifications did not arrive; bid-offer data did not arrive; acceptances did not arrive."
    }
    assert all(one["published"] is not None for one in others)


def test_with_the_sell_assumed_volume_and_price_are_the_published_ones_and_everything_says_assumed(bsc, home, tmp_path):
    assume = assume_file(tmp_path, "desk-note-496.csv", "-496,-90.32,true")

    settled = bsc("settle", DAY, "--home", home, "--assume", assume, "--json")
    said = bsc("settle", DAY, "--home", home, "--assume", assume)
    period, others = compared(bsc, home)
    report = bsc("report", DAY, "--home", home, "--json")

    assert (settled["assumed"], settled["messages"]) == ("desk-note-496.csv", 0)
    assert "ASSUMED" in said
    assert "desk-note-496.csv" in said
    assert float(period["net_imbalance_volume"]) == pytest.approx(PUBLISHED_VOLUME, abs=0.001)
    assert (period["own"], period["class"], period["assumed"]) == ("-90.32000", "exact", "desk-note-496.csv")
    assert "ASSUMED adjustment actions of desk-note-496.csv" in period["reason"]
    assert {one["class"] for one in others} == {"not comparable"}
    html = Path(report["report"]).read_text(encoding="utf-8")
    title = unescape(re.search(r"<title>(.*?)</title>", html, re.S).group(1))
    assert "ASSUMED" in title
    assert "desk-note-496.csv" in html
    assert "ASSUMED" in report["report"].rsplit("/", 1)[1].upper()


def test_a_file_of_a_heading_alone_says_that_there_were_none(bsc, raw_loaded, tmp_path):
    home = shutil.copytree(raw_loaded, tmp_path / "home")
    nothing = tmp_path / "none.csv"
    nothing.write_text(HEADING)

    settled = bsc("settle", DAY, "--home", home, "--assume", nothing, "--json")
    period, _ = compared(bsc, home)

    assert settled["assumed"] == period["assumed"] == "none.csv"
    assert "did not arrive: none. No TLM" in period["reason"]
    assert "djustment actions did not arrive" not in period["reason"]
    assert float(period["net_imbalance_volume"]) == pytest.approx(PUBLISHED_VOLUME + 496, abs=0.001)


def test_any_price_of_the_sell_from_the_published_one_to_209_gives_the_published_price(facts):
    within = [row for row in facts.adjustment if row[0] and -90.32 <= float(row[0]) <= 209]

    assert {flag for _, flag, *_ in within} == {"true", "false"}
    assert len(within) == 4
    for _, _, volume, price in within:
        assert volume == pytest.approx(PUBLISHED_VOLUME, abs=0.001)
        assert price == -90.32


def test_a_dearer_or_unpriced_sell_gives_another_price(facts):
    beyond = [price for at, _, _, price in facts.adjustment if at in ("", "-500", "-90.33")]

    assert len(beyond) == 4
    assert -90.32 not in beyond


def test_pairs_summed_meet_the_published_volume_and_rows_tested_alone_do_not(facts):
    volumes = {choice: volume for name, _, choice, volume, _ in facts.options if name == "de_minimis_level"}

    assert volumes["pair"] == volumes["unit"] == pytest.approx(PUBLISHED_VOLUME, abs=0.001)
    assert volumes["row"] == volumes["acceptance"] == pytest.approx(PUBLISHED_VOLUME - 0.0122, abs=0.0002)
