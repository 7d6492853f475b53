"""docs/conformance.md says what the code finds now, of every real data set, with its source and nothing copied."""

from __future__ import annotations

import re
from pathlib import Path

from conformance_page import PAGE, text
from unit_volume_identities import LONDON_ARRAY_FPN


def test_the_page_is_what_the_code_writes_now(facts):
    assert PAGE.read_text(encoding="utf-8") == text(facts), "docs/conformance.md is stale: run scripts/conformance"


def test_the_page_names_its_source():
    assert "Contains BMRS data © Elexon Limited copyright and database right 2026." in PAGE.read_text(encoding="utf-8")


def test_every_folder_of_published_records_has_a_part_on_the_page(records):
    page = PAGE.read_text(encoding="utf-8")
    folders = {one.name for one in records.iterdir() if one.is_dir()}

    # Of the BM Unit reference only the loss factors are used: it stands behind the TLM identities.
    assert {name for name in folders if f"| {name} |" not in page and f"### {name}\n" not in page} == {"grid2poster"}


def test_the_page_holds_no_path_of_a_machine_and_no_address():
    page = PAGE.read_text(encoding="utf-8")

    here = re.escape(str(Path(__file__).resolve().parents[3]))
    assert not re.search(rf"https?://|/home/|/tmp/|{here}/", page)


def test_the_classes_of_each_settled_day_add_up_to_its_periods(facts):
    for one in facts.compared:
        assert sum(one.classes.values()) == len(one.entries)
        assert one.classes["unexplained"] == len(one.first_stages()) == 0


def test_prices_alone_are_never_called_more_than_not_comparable(facts):
    alone = {one.data_set: one.classes for one in facts.compared if one.data_set != "wind-curtailment"}

    assert all(set(classes) == {"not comparable"} for classes in alone.values())
    assert [(name, fed) for name, _, _, fed in facts.alone] == [
        ("price-diver-spread-radar", 1), ("wind-curtailment", 1), ("gb-grid-margin", 0),
    ]  # fmt: skip


def test_no_level_near_it_of_london_array_fits_both_published_volumes(world, monkeypatch):
    import unit_volume_identities as units

    fits = []
    for level in range(15, 31):
        monkeypatch.setattr(units, "LONDON_ARRAY_FPN", float(level))
        fits += [level] if units.london_array(world, "grid-mysteries").agree == 2 else []

    assert fits == [LONDON_ARRAY_FPN]


def test_the_wind_extract_is_counted_whole(world, facts):
    rows = world.frame("wind_boal", "wind-curtailment")

    assert facts.wind.acceptances == len({*zip(rows.index, rows["Accept ID"], strict=True)}) == 3_089
    assert facts.wind.units == rows.index.nunique()
    assert facts.wind.bid_mwh < 0 < facts.wind.offer_mwh
    assert 0 < facts.wind.beyond_bands < facts.wind.acceptances_of_the_day
    assert facts.wind.periods_without_notification == 0
