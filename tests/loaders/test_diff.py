"""What changed between two moments, as the verb diff tells it: small files, and published ones of two vintages."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from loaders import commands_history, load, store
from settlement.command_line import AskedWrongly

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
DAY = date(2024, 1, 15)


@pytest.fixture
def bsc():
    app = typer.Typer()
    app.command("diff")(commands_history.diff)
    app.command("lineage")(commands_history.lineage)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def prices(*rows: str) -> str:
    return "settlement_date,settlement_period,system_sell_price\n" + "".join(f"2024-01-15,{row}\n" for row in rows)


@pytest.fixture
def priced(desk):
    """Three periods; then one has another price, one a price by rounding, and one is new."""
    desk.load_files({"SYNTHETIC_system_price_a.csv": prices("1,50", "2,60.003", "3,70")})
    desk.load_files({"SYNTHETIC_system_price_b.csv": prices("1,50", "2,60", "3,70.5", "4,80")})
    return desk


def test_diff_tells_what_moved_from_which_row_of_which_file(bsc, priced):
    words = ("price_history", "--from", 1, "--to", 2, "--date", DAY, "--home", priced.home)

    answer = bsc("diff", *words, "--json")

    found = json.loads(answer.output)
    assert answer.exit_code == 0
    assert found["counts"] == {"added": 1, "removed": 0, "changed": 2}
    change = found["changed"][1]
    assert change["key"] == {"settlement_date": "2024-01-15", "settlement_period": 3}
    assert change["columns"] == {"system_sell_price": {"from": 70.0, "to": 70.5}}
    origins = [(change[end]["file"], change[end]["source_row"]) for end in ("from", "to")]
    assert origins == [("SYNTHETIC_system_price_a.csv", 4), ("SYNTHETIC_system_price_b.csv", 4)]
    assert found["added"][0]["values"]["system_sell_price"] == 80.0
    text = bsc("diff", *words).output
    assert "system_sell_price 70.0 -> 70.5" in text
    assert "SYNTHETIC_system_price_a.csv row 4 -> SYNTHETIC_system_price_b.csv row 4" in text
    assert text.splitlines()[-1] == "2 rows changed, 1 added, 0 removed"


def test_diff_the_other_way_round_takes_back_what_was_added(bsc, priced):
    answer = bsc("diff", "sell_price_history", "--from", 2, "--to", 1, "--home", priced.home, "--json")

    found = json.loads(answer.output)
    assert [row["key"]["settlement_period"] for row in found["removed"]] == [4]
    assert found["added"] == []


def test_no_difference_ends_with_0_too(bsc, priced):
    answer = bsc("diff", "price_history", "--from", 2, "--to", 2, "--home", priced.home)

    assert answer.exit_code == 0
    assert answer.output.splitlines()[-1] == "0 rows changed, 0 added, 0 removed"


@pytest.mark.parametrize(
    ("more_than", "periods"), [("0", [2, 3]), ("0.0029", [2, 3]), ("0.003", [3]), ("0.49999", [3]), ("0.5", [])]
)
def test_a_column_that_moved_by_no_more_than_asked_is_left_out(bsc, priced, more_than, periods):
    words = ("--column", "system_sell_price", "--more-than", more_than, "--home", priced.home, "--json")

    found = json.loads(bsc("diff", "price_history", "--from", 1, "--to", 2, *words).output)

    assert [change["key"]["settlement_period"] for change in found["changed"]] == periods


def test_a_price_that_was_not_there_before_has_moved(bsc, desk):
    desk.load_files({"SYNTHETIC_system-prices_2024-01-15.json": [desk.price_row(9, 50.0)]})
    later = {"replacementPrice": 40.0, "createdDateTime": "2024-01-17T00:00:00Z"}
    desk.load_files({"SYNTHETIC_system-prices_2024-01-15.json": [desk.price_row(9, 50.0, **later)]})
    words = ("--column", "replacement_price", "--more-than", "100", "--home", desk.home, "--json")

    found = json.loads(bsc("diff", "system_prices", "--from", 1, "--to", 2, *words).output)

    assert found["changed"][0]["columns"]["replacement_price"] == {"from": None, "to": 40.0}


def test_a_long_difference_is_cut_in_text_and_whole_in_json(bsc, desk):
    desk.load_files({"SYNTHETIC_system_price_a.csv": prices(*(f"{period},50" for period in range(1, 31)))})
    words = ("diff", "price_history", "--from", 0, "--to", 1, "--home", desk.home)

    text = bsc(*words).output.splitlines()

    assert sum(line.startswith("added ") for line in text) == 20
    assert "and 10 more: --json has them all" in text
    assert len(json.loads(bsc(*words, "--json").output)["added"]) == 30


def test_diff_by_the_clock_of_the_sender(bsc, desk):
    name = "SYNTHETIC_system-prices_2024-01-15.json"
    for day, price in ((16, 50.0), (18, 55.0)):
        desk.load_files({name: [desk.price_row(9, price, createdDateTime=f"2024-01-{day}T04:45:00Z")]})
    words = ("diff", "system_prices", "--published", "--home", desk.home, "--json")

    spans = [("2024-01-16", "2024-01-17"), ("2024-01-17", "2024-01-18T04:45Z"), ("2024-01-18T04:44Z", "2024-01-18")]
    found = [json.loads(bsc(*words, "--from", a, "--to", b).output)["counts"] for a, b in spans]

    wanted = [(1, 0), (0, 1), (0, 0)]
    assert [(counts["added"], counts["changed"]) for counts in found] == wanted


def test_moments_of_our_clock_may_be_instants(bsc, desk):
    before = datetime.now(UTC).isoformat()
    desk.load_files({"SYNTHETIC_system_price_a.csv": prices("1,50")})
    answer = bsc("diff", "price_history", "--from", before, "--to", datetime.now(UTC).isoformat(), "--home", desk.home)

    assert "from store version 0" in answer.output
    assert "0 rows changed, 1 added, 0 removed" in answer.output


@pytest.mark.parametrize(
    "words",
    [
        ("nothing", "--from", "0", "--to", "1"),
        ("physical_data", "--from", "0", "--to", "1"),
        ("price_history", "--from", "0", "--to", "99"),
        ("price_history", "--from", "yesterday", "--to", "1"),
        ("price_history", "--from", "2024-01-15T12:00", "--to", "1"),
        ("price_history", "--from", "0", "--to", "1", "--published"),
        ("price_history", "--from", "0", "--to", "1", "--date", "15 January"),
        ("price_history", "--from", "0", "--to", "1", "--date", "2024-01-16..2024-01-15"),
        ("price_history", "--from", "0", "--to", "1", "--column", "price"),
        ("price_history", "--from", "0", "--to", "1", "--more-than", "1"),
        ("price_history", "--from", "0", "--to", "1", "--column", "system_sell_price", "--more-than", "-1"),
        ("price_history", "--from", "0", "--to", "1", "--column", "settlement_date", "--more-than", "1"),
        ("bm_units", "--from", "0", "--to", "1", "--date", "2024-01-15"),
    ],
)
def test_a_question_that_cannot_be_answered_is_asked_wrongly(bsc, priced, words):
    assert isinstance(bsc("diff", *words, "--home", priced.home).exception, AskedWrongly)


def test_a_workspace_that_is_not_there_is_asked_wrongly_and_not_made(bsc, tmp_path):
    answer = bsc("diff", "price_history", "--from", 0, "--to", 0, "--home", tmp_path / "nowhere")

    assert isinstance(answer.exception, AskedWrongly)
    assert not (tmp_path / "nowhere").exists()


OLDER, NEWER = "wind-curtailment/sspsbpniv.csv.gz", "price-diver-spread-radar/sspsbp_20250609.to-2024-12-31.csv.gz"


def lines_of(path: str) -> dict[tuple[date, int], tuple[str, ...]]:
    with gzip.open(DATA / path, "rt", encoding="latin-1", newline="") as text:
        lines = csv.reader(text)
        next(lines)
        return {(datetime.strptime(day, "%d/%m/%Y").date(), int(period)): tuple(rest) for day, period, *rest in lines}


@pytest.fixture(scope="module")
def vintages(tmp_path_factory):
    """The price history of May 2022, then that of June 2025; moments before, between and after."""
    if not DATA.is_dir():
        pytest.skip("the shared folder of published files is not beside the repository")
    home = tmp_path_factory.mktemp("vintages")
    times = [datetime.now(UTC)]
    for path in (OLDER, NEWER):
        assert load(DATA / path, home).good
        times.append(datetime.now(UTC))
    return home, times


def test_each_moment_gives_the_vintage_that_was_there(vintages):
    home, times = vintages
    older, newer = lines_of(OLDER), lines_of(NEWER)
    opened = store.open(home)

    tables = [opened.rows("price_history", version=opened.version_at(time)) for time in times]

    for table, lines in zip(tables, [{}, older, older | newer], strict=True):
        day, period, *figures = (table.column(name).to_pylist() for name in table.column_names[:5])
        found = dict(zip(zip(day, period, strict=True), zip(*figures, strict=True), strict=True))
        assert found == {key: tuple(map(float, row)) for key, row in lines.items()}


def test_diff_finds_the_57_periods_whose_price_moved_by_more_than_half_a_penny(bsc, vintages):
    home, times = vintages
    older, newer = lines_of(OLDER), lines_of(NEWER)
    moved = {
        key: (older[key][0], newer[key][0])
        for key in older.keys() & newer.keys()
        if abs(Decimal(older[key][0]) - Decimal(newer[key][0])) > Decimal("0.005")
    }
    words = ("--from", times[1].isoformat(), "--to", times[2].isoformat(), "--home", home, "--json")

    answer = bsc("diff", "price_history", *words, "--column", "system_sell_price", "--more-than", "0.005")

    changed = json.loads(answer.output)["changed"]
    found = {
        (date.fromisoformat(one["key"]["settlement_date"]), one["key"]["settlement_period"]): tuple(
            one["columns"]["system_sell_price"].values()
        )
        for one in changed
    }
    assert len(moved) == 57
    assert found == {key: tuple(map(float, both)) for key, both in moved.items()}


def test_diff_of_one_day_is_that_days_share(bsc, vintages):
    home, _ = vintages
    words = ("--from", 1, "--to", 2, "--home", home, "--column", "system_sell_price", "--more-than", "0.005", "--json")

    counts = [
        json.loads(bsc("diff", "price_history", "--date", days, *words).output)["counts"]["changed"]
        for days in ("2022-05-10", "2022-05-11", "2021-04-13", "2022-05-01..2022-05-25", "2019-04-08..2022-05-25")
    ]

    older, newer = lines_of(OLDER), lines_of(NEWER)
    moved = [k[0] for k in older if abs(Decimal(older[k][0]) - Decimal(newer[k][0])) > Decimal("0.005")]
    assert counts == [
        moved.count(date(2022, 5, 10)),
        moved.count(date(2022, 5, 11)),
        moved.count(date(2021, 4, 13)),
        sum(day >= date(2022, 5, 1) for day in moved),
        len(moved),
    ]
    assert counts[:3] == [1, 0, 3]
