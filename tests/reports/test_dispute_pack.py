"""A pack is the same for the same case, holds only what may be given away, and shows any flipped byte."""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from reports.disputes import cases, dated
from reports.disputes.packing import pack
from reports.disputes.records import Said
from reports.disputes.zipped import verify_zip, zipped
from reports.signing.keys import make_key, signing_key
from reports.verification import verify_folder
from settlement.command_line import AskedWrongly

DAY = date(2024, 1, 15)
NOW = datetime(2024, 3, 5, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(batch_home, tmp_path_factory):
    return Path(shutil.copytree(batch_home, tmp_path_factory.mktemp("packs") / "workspace"))


@pytest.fixture(scope="module")
def case(home):
    said = Said(
        raising_party="SYNBIG1", contact_name="Ann", contact_address="ann@example.org", dispute_type="general",
        reason="An accepted offer is left out", breached="Section T 4.4", effect="5000", effect_basis="by hand",
    )  # fmt: skip
    made = cases.new(home, "system_price", [DAY], run="SF", periods=[12], said=said, by="Ann", now=NOW)
    return cases.raise_case(home, made.number, "Ann", now=NOW)


@pytest.fixture(scope="module")
def packed(home, case, tmp_path_factory):
    """Folder of packs, key folder, public record."""
    out, keys = tmp_path_factory.mktemp("out"), tmp_path_factory.mktemp("keys")
    record = make_key(keys, "Desk")
    pack(home, case, out, signing_key(keys), keys)
    return out, keys, next(keys.glob(f"{record.key_id}*.json"))


@pytest.fixture
def copied(packed, tmp_path):
    return Path(shutil.copytree(packed[0], tmp_path / "out"))


def named(verdict):
    return {one.file for one in verdict.wrong} | {one.file for report in verdict.reports for one in report.wrong}


def test_the_pack_holds_what_it_promises_and_verifies(packed, case, home):
    out, _, public = packed
    with zipfile.ZipFile(out / f"{case.name}.zip") as archive:
        names = {one.split("/")[1] for one in archive.namelist()}
        record = json.loads(archive.read(f"{case.name}/{case.name}.record.json"))
        book = CalamineWorkbook.from_filelike(io.BytesIO(archive.read(f"{case.name}/{case.name}.xlsx")))

    wanted = {
        f"{case.name}{end}" for end in (".html", ".pdf", ".xlsx", ".record.json", ".manifest.json", ".signature.json")
    }
    received = {name for name in names if name.endswith(".received")}
    assert wanted <= names and len(received) == len(case.subject.days[0].inputs)
    assert book.sheet_names == ["case", "money", "explanation", "variance", "inputs"]
    assert record["subject"]["figures"][0]["published"] == "22.91000"
    assert verify_zip(out / f"{case.name}.zip", [public]).good
    assert verify_folder(out / case.name, [public]).reports[0].signature.state == "holds"


def test_every_word_of_the_page_is_on_its_paper(missing_on_paper, packed, case):
    folder = packed[0] / case.name
    html = (folder / f"{case.name}.html").read_text("utf-8")

    assert missing_on_paper(html, (folder / f"{case.name}.pdf").read_bytes()) == []


def test_the_explanation_ends_in_rows_of_files_that_lie_in_the_pack(packed, case):
    folder = packed[0] / case.name
    record = json.loads((folder / f"{case.name}.record.json").read_text())
    held = {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.received")}

    def ends(tree):
        return [leaf for child in tree["inputs"] for leaf in ends(child)] if "inputs" in tree else [tree]

    leaves = [leaf for leaf in ends(record["explanations"][0]["tree"]) if leaf.get("file")]
    assert leaves and all(leaf["source_row"] > 0 and leaf["sha256"] in held for leaf in leaves)


def test_the_same_case_gives_the_same_bytes(packed, home, case, tmp_path):
    out, keys, _ = packed
    before = (out / f"{case.name}.zip").read_bytes()
    pack(home, case, out, signing_key(keys), keys)
    first, second = (pack(home, case, tmp_path / name, None, keys) for name in "ab")

    assert (out / f"{case.name}.zip").read_bytes() == before
    assert first.sha256 == second.sha256 and "Not signed" in str(first)


def test_fifty_flips_over_the_files_each_name_the_file(copied, packed, case, seed):
    chance, folder = random.Random(seed), copied / case.name
    own = sorted(path for path in folder.iterdir() if path.suffix != ".received")
    received = sorted(folder.glob("*.received"))
    for path in [*own, *own, *own, *chance.choices(received, k=50 - 3 * len(own))]:
        good = path.read_bytes()
        place, bit = chance.randrange(len(good)), chance.randrange(8)
        path.write_bytes(good[:place] + bytes([good[place] ^ 1 << bit]) + good[place + 1 :])
        assert path.name in named(verify_folder(folder, [packed[2]])), f"{path.name}, {place}, bit {bit}, seed {seed}"
        path.write_bytes(good)
    assert verify_folder(folder, [packed[2]]).good


def test_a_flip_anywhere_in_the_zip_is_found(copied, packed, case, seed):
    chance, path = random.Random(seed), copied / f"{case.name}.zip"
    good = path.read_bytes()
    tail = len(good) - 3000  # the list of files, where a flip may leave every file readable
    places = [
        *(chance.randrange(len(good)) for _ in range(25)),
        *(chance.randrange(tail, len(good)) for _ in range(25)),
    ]
    for place in places:
        path.write_bytes(good[:place] + bytes([good[place] ^ 1 << chance.randrange(8)]) + good[place + 1 :])
        assert not verify_zip(path, [packed[2]]).good, f"byte {place}, seed {seed}"


def test_a_zip_that_climbs_out_of_its_folder_is_not_unpacked(tmp_path):
    path = tmp_path / "dispute-0001.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../outside.html", "x")

    assert not verify_zip(path).good and not (tmp_path.parent / "outside.html").exists()
    path.write_bytes(zipped("a", {"b": b"c"})[:40])
    assert not verify_zip(path).good


def test_what_may_not_be_redistributed_is_named_by_hash_with_the_reason(home, case, tmp_path):
    day = case.subject.days[0]
    kept_back = day.inputs[0].model_copy(update={"licence": "Elexon P114 terms, derived analysis only"})
    other = day.model_copy(update={"inputs": (kept_back, *day.inputs[1:])})
    changed = case.model_copy(update={"subject": case.subject.model_copy(update={"days": (other,)})})

    done = pack(home, changed, tmp_path, None, tmp_path)

    folder = tmp_path / case.name
    hashes = {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    page = (folder / f"{case.name}.html").read_text()
    assert done.by_hash == (kept_back,) and kept_back.sha256 not in hashes
    assert kept_back.sha256 in page and "may be analysed, not redistributed" in page
    assert "Who may see this" in page and "CONFIDENTIAL" in page
    assert day.inputs[1].sha256 in hashes


def test_an_input_that_was_altered_stops_the_pack_and_leaves_no_zip(home, case, tmp_path):
    from loaders.errors import StoreDamaged

    copy = Path(shutil.copytree(home, tmp_path / "workspace"))
    path = copy / "landings" / case.subject.days[0].inputs[0].sha256
    path.write_bytes(path.read_bytes() + b" ")

    with pytest.raises(StoreDamaged):
        pack(copy, case, tmp_path / "out", None, tmp_path)
    assert not list((tmp_path / "out").rglob("*.zip"))


def test_an_unsigned_pack_does_not_go_over_a_signed_one(copied, home, case, packed):
    with pytest.raises(AskedWrongly, match="signed pack"):
        pack(home, case, copied, None, packed[1])


def test_the_page_asks_for_nothing_and_reads_at_400_pixels(packed, case, open_page):
    for width in (1280, 400):
        page = open_page(packed[0] / case.name / f"{case.name}.html", width)
        assert [one for one in page.asked if not one.startswith("file:")] == []
        assert len(page.asked) == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("h1").count() == 1 and page.locator("#money").is_visible()


def test_what_is_not_known_stands_on_the_page(packed, case):
    page = (packed[0] / case.name / f"{case.name}.html").read_text()

    assert dated.rules().not_known
    assert all(text.replace("'", "&#39;") in page for text in dated.rules().not_known)


def test_a_notebook_shows_the_same_sections_as_the_page(packed, home, case):
    from reports.disputes.shown import open_case

    page = (packed[0] / case.name / f"{case.name}.html").read_text()
    shown = open_case(case.number, home)

    for part in ("cover", "claim", "money", "explanation", "variance", "inputs", "record"):
        html = getattr(shown, part)()._repr_html_()
        assert f'id="{part}"' in html
        assert html.split("</h", 1)[0][-20:] in page
