"""A report is verified by its manifest alone: a moved byte is found, and the file is named."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from reports import manifest
from reports.verification import NothingToVerify, verify
from settlement.command_line import AskedWrongly


@pytest.fixture
def copied(report, tmp_path):
    """A copy of the report's folder, away from any workspace."""
    folder = tmp_path / "copied"
    shutil.copytree(report.html_path.parent, folder)
    return folder / report.html_path.name


def test_a_copied_folder_verifies_without_the_workspace(copied, day):
    verdict = verify(copied)

    assert verdict.good and verdict.run_id == day.run_id
    assert verify(verdict.manifest).good  # the manifest may be named as well


@pytest.mark.parametrize("ending", [".html", ".manifest.json"])
def test_any_byte_flipped_is_found_and_its_file_named(copied, ending):
    path = copied.with_name(copied.stem + ending)
    good = path.read_bytes()
    places = [0, len(good) - 1, *random.Random(20261014).sample(range(len(good)), 120)]

    for place in places:
        for bit in (0, 5):
            flipped = bytearray(good)
            flipped[place] ^= 1 << bit
            path.write_bytes(flipped)
            verdict = verify(copied)
            assert not verdict.good, f"byte {place}, bit {bit}"
            assert path.name in {one.file for one in verdict.wrong}, f"byte {place}, bit {bit}"
    path.write_bytes(good)
    assert verify(copied).good


def test_every_byte_of_the_manifest_counts_blanks_too(copied):
    path = copied.with_name(copied.stem + ".manifest.json")
    good = path.read_bytes()

    for changed in (good + b" ", good.replace(b'": ', b'" :', 1), json.dumps(json.loads(good)).encode()):
        path.write_bytes(changed)
        assert [one.file for one in verify(copied).wrong] == [path.name]


def test_results_that_were_changed_with_a_new_seal_do_not_give_the_content_hash(copied):
    path = copied.with_name(copied.stem + ".manifest.json")
    data = json.loads(path.read_bytes())
    data["results"][8]["own"] = "1.00000"
    path.write_bytes(manifest.canonical(manifest.sealed(data)))

    assert "results that do not give its content hash" in str(verify(copied))


def test_a_report_under_another_name_is_told(copied):
    other = copied.with_name("other.html")
    copied.rename(other)
    copied.with_name(copied.stem + ".manifest.json").rename(copied.with_name("other.manifest.json"))

    verdict = verify(other)

    assert [one.file for one in verdict.wrong] == ["other.html"] and copied.name in str(verdict)


def test_without_its_manifest_the_question_is_wrong(copied):
    copied.with_name(copied.stem + ".manifest.json").unlink()

    with pytest.raises(NothingToVerify, match=r"manifest.json: found no such file, wanted the manifest") as caught:
        verify(copied)
    assert isinstance(caught.value, AskedWrongly)


def test_equal_days_give_equal_content_hashes_whatever_the_clock(synthetic, day, make_report, tmp_path):
    later = synthetic.build(settled_at=datetime(2027, 1, 1, tzinfo=UTC))

    first, second = make_report(day, tmp_path / "a"), make_report(later, tmp_path / "b")

    assert first.content_hash == second.content_hash
    assert first.html_path.read_bytes() != second.html_path.read_bytes()


def test_a_price_one_step_off_in_the_fifth_decimal_changes_the_content_hash(day):
    view = day.period(9)
    moved = replace(view, own=view.own + Decimal("0.00001"))
    other = replace(day, periods=tuple(moved if one is view else one for one in day.periods))

    assert manifest.content_hash(other) != manifest.content_hash(day)


def test_the_manifest_names_inputs_parameters_code_and_run(report, day):
    data = json.loads(report.manifest_path.read_bytes())

    assert {one["sha256"] for one in data["landings"]} == {one.sha256 for one in day.landings}
    assert [one["symbol"] for one in data["parameters"]] == ["PAR", "RPAR", "DMAT", "CADL", "VoLL"]
    assert all(one["source"] and one["evidence"] and len(one["sha256"]) == 64 for one in data["parameters"])
    assert (data["run_id"], data["code_hash"], data["store_version"]) == (day.run_id, day.code_hash, 1284)
    assert data["content_hash"] == report.content_hash
    assert data["results"][19] == {
        "settlement_period": 20, "own": None, "published": "96.21740", "difference": None,
        "verdict": "not comparable", "net_imbalance_volume": None,
    }  # fmt: skip
