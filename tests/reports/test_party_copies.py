"""A Party's copy holds nothing of the others that is not public. The search that says so finds it in the staff's."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace

import pyarrow.parquet as pq
import pypdf
import pytest
from python_calamine import CalamineWorkbook

from reports import audit
from reports.access import THIS_MACHINE, Access, Viewer
from reports.batch.notebook_report import run_notebook
from reports.errors import NotShown
from reports.formats import FORMATS
from reports.look import numbers
from reports.public_values import PUBLIC_QUANTITIES, is_public, seen_rows

PARTY = "SYNA"
ENDINGS = (".html", ".pdf", ".xlsx", ".tables.json", ".parquet")
OURS = Viewer(PARTY, "party", PARTY)
DECIMALS = {"GBP": 2, "MWh": 3, "1": 7, "%": 5}
_NUMBER = re.compile(r"[\d,]*\d\.\d+")


@pytest.fixture(scope="module")
def day(charged, charged_home):
    return audit.open_day(charged.DAY, "SF", charged_home)


def written(day, quantity, rows, sums=True):
    """The values of rows as they are written, without signs: of a quantity by period, and over the day by label."""
    series = day.array(quantity).to_series()[rows]
    if series.dtype.kind != "f":
        return set()
    decimals = DECIMALS[day.array(quantity).attrs["units"]]
    values = [*series.tolist()]
    labels = [name for name in series.index.names if name != "settlement_period"]
    if sums and labels and "settlement_period" in series.index.names:
        values += series.groupby(level=labels).sum().tolist()
    found = {numbers.written(abs(value), decimals) for value in values}
    # Of a short figure another may well have the same by chance: what counts has six digits and more.
    return {one for one in found if len(re.sub(r"\D", "", one).lstrip("0")) >= 6}


@pytest.fixture(scope="module")
def secrets(day):
    """Values of others that are not public, and that are not also values of ours or of everyone."""
    theirs, ours = set(), set()
    for quantity in day.settled.arrays:
        seen = seen_rows(day.settled, quantity, PARTY)
        if day.settled.arrays[quantity].dtype.kind == "f" and day.array(quantity).attrs["units"] in DECIMALS:
            theirs |= written(day, quantity, ~seen)
            ours |= written(day, quantity, seen)
    return theirs - ours


@pytest.fixture(scope="module")
def ids(day):
    """Accounts and contracts of others."""
    accounts = {str(one) for one in day.settled.grains["settlement_period account"].labels("account")}
    contracts = day.array("contract_volume").to_series().reset_index()
    own = {f"{PARTY}-{status}" for status in "CP"}
    kept = set(contracts.loc[contracts["account"].isin(own), "contract"])
    return (accounts - own) | (set(contracts["contract"]) - kept)


def read(path):
    """All that a file says: figures of tables at every number of decimals that a page writes."""
    if path.suffix == ".pdf":
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    if path.suffix not in (".parquet", ".xlsx"):
        return path.read_text("utf-8")
    if path.suffix == ".parquet":
        held = pq.read_table(path)
        places = [int((field.metadata or {}).get(b"decimals", b"0")) for field in held.schema]
        cells = [(cell, at) for column, at in zip(held.columns, places, strict=True) for cell in column.to_pylist()]
        return "\n".join([str(held.schema.metadata), *(said(cell, (at,)) for cell, at in cells)])
    book = CalamineWorkbook.from_path(path)
    rows = (row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python())
    return "\n".join(said(cell, (2, 3)) for row in rows for cell in row)


def said(cell, places):
    """A cell as a page would write it; a sheet holds figures as they are reported, without zeros at the end."""
    if not isinstance(cell, float):
        return str(cell)
    there = len(repr(cell).partition(".")[2])
    return " ".join(numbers.written(abs(cell), at if len(places) == 1 else max(at, there)) for at in places)


def found_in(folder, secrets, ids):
    """Which of them stand in any file of a folder: figures as whole numbers, ids anywhere."""
    figures, names = set(), set()
    for path in folder.rglob("*"):
        if path.is_file():
            text = read(path)
            told = set(_NUMBER.findall(text))
            plain = {one.replace(",", "") for one in told}
            figures |= {one for one in secrets if one in told or one.replace(",", "") in plain}
            names |= {one for one in ids if one in text}
    return figures, names


@pytest.fixture(scope="module")
def copies(charged, charged_home, tmp_path_factory):
    made = {}
    for copy in ("party", "staff"):
        made[copy] = tmp_path_factory.mktemp(copy)
        given = {"settlement_date": charged.DAY, "run": "SF", "party": PARTY, "copy_for": copy}
        run_notebook("party_statement", given, charged_home, made[copy], FORMATS)
    return made


def by_ending(folder):
    return {ending: [one for one in folder.iterdir() if one.name.endswith(ending)] for ending in ENDINGS}


def test_a_copy_is_written_in_every_form(copies):
    assert all(by_ending(copies[copy])[ending] for copy in copies for ending in ENDINGS)


def test_no_file_of_a_partys_copy_holds_a_figure_or_an_id_of_another(copies, secrets, ids):
    assert len(secrets) > 2000 and len(ids) > 20  # there is something to look for

    assert found_in(copies["party"], secrets, ids) == (set(), set())


def test_the_same_search_finds_every_other_partys_net_due_in_the_staffs_copy(copies, secrets, ids, day):
    figures, _ = found_in(copies["staff"], secrets, ids)

    due = day.array("daily_party_net_due").to_series().drop(PARTY)
    wanted = {numbers.written(abs(value), 2) for value in due} & secrets
    assert len(wanted) >= 8 and wanted <= figures


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_search_finds_them_in_each_form_of_the_staffs_copy(copies, secrets, ids, day, ending, tmp_path):
    for one in by_ending(copies["staff"])[ending]:
        shutil.copy(one, tmp_path)
    figures, _ = found_in(tmp_path, secrets, ids)

    due = day.array("daily_party_net_due").to_series().drop(PARTY)
    assert {numbers.written(abs(value), 2) for value in due} & secrets <= figures


def test_a_leaked_reading_or_account_would_be_found(copies, secrets, ids, tmp_path):
    page = next(copies["party"].glob("*.html")).read_text("utf-8")
    secret, name = sorted(secrets)[7], sorted(ids)[0]
    (tmp_path / "leak.html").write_text(page.replace("</main>", f"<p>{secret} of {name}</p></main>"), "utf-8")

    assert found_in(tmp_path, secrets, ids) == ({secret}, {name})


def test_a_party_sees_of_each_quantity_its_own_rows_or_those_of_everyone(day, charged, charged_home):
    access = Access(charged_home)
    seen = access.run(OURS, charged.DAY, "SF")
    owner = {one.unit.bm_unit: one.unit.party for one in charged.of_day().register}

    metered = access.values(OURS, seen, "metered_volume")
    assert set(metered.index.get_level_values("bm_unit")) == {unit for unit, party in owner.items() if party == PARTY}
    assert set(access.values(OURS, seen, "contract_volume").index.get_level_values("account")) == {"SYNA-C", "SYNA-P"}
    assert access.values(OURS, seen, "daily_party_net_due").index.tolist() == [PARTY]
    assert len(access.values(OURS, seen, "notified_volume")) == len(
        access.values(THIS_MACHINE, seen, "notified_volume")
    )
    assert len(access.values(Viewer("somebody", "party"), seen, "metered_volume")) == 0
    access.close()


def test_what_nobody_declared_public_is_closed(day):
    of_parties = [name for name in day.settled.arrays
                  if {"party", "account", "trading_unit"} & set(day.settled.grain(name).columns())
                  and name not in PUBLIC_QUANTITIES]  # fmt: skip

    assert {"metered_volume", "account_bilateral_contract_volume", "daily_party_net_due"} <= set(of_parties)
    assert not [name for name in of_parties if is_public(day.settled, name)]


def test_an_explanation_is_cut_at_what_is_anothers(charged, charged_home):
    access = Access(charged_home)
    seen = access.run(OURS, charged.DAY, "SF")

    with pytest.raises(NotShown, match="found a value that belongs to another than SYNA"):
        access.explanation(OURS, seen, "daily_party_net_due", {"party": "SYNB"})
    own = access.explanation(OURS, seen, "daily_party_net_due", {"party": PARTY})
    assert own.with_numbers and len(own.leaves()) > 5
    public = {"settlement_period": 37}
    whole = access.explanation(THIS_MACHINE, seen, "total_losses", public)
    cut = access.explanation(OURS, seen, "total_losses", public)
    own_units = {one.unit.bm_unit for one in charged.of_day().register if one.unit.party == PARTY}
    of_all, of_ours = (
        {leaf.key["bm_unit"] for leaf in one.leaves() if leaf.quantity == "metered_volume"} for one in (whole, cut)
    )
    assert len(of_all - own_units) > 20 and of_ours == of_all & own_units != set()
    assert "values of other Parties are not shown" in cut.not_shown and cut.with_numbers == ""
    access.close()


def test_a_party_is_not_given_the_statement_of_another(charged, charged_home):
    access = Access(charged_home)
    with pytest.raises(NotShown, match="found SYNB, wanted SYNA"):
        access.statement(OURS, "SYNB", charged.DAY, run="SF")
    with pytest.raises(NotShown):
        access.statement(replace(OURS, party=None), "SYNB", charged.DAY, run="SF")
    access.close()
