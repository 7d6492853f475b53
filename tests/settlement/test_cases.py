"""Every worked case comes out as expected, and a case that does not is told by file, row and column."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from settlement.cases import find_cases, run_case
from settlement.command_line import build
from settlement.errors import WrongCase

OWN = Path(__file__).parent / "cases"
RULES = Path(__file__).resolve().parents[3] / "shared/rules/cases"
CHARGES = (
    "chained-acceptances-undo", "credit-cover", "fpn-ramp-crossings", "imbalance-and-residual", "non-delivery-bids",
    "non-delivery-offers", "run-differences", "settlement-calendar", "single-acceptance-ramp", "transmission-losses",
)  # fmt: skip
PRICE = (
    "cadl-durations", "dmat-and-arbitrage", "flagged-repriced-short", "guidance-stack", "long-all-flagged",
    "niv-below-par", "par50-year2017", "stor-rsvp", "thin-unflagged", "zero-niv",
)  # fmt: skip
FROM_RULES = [*(f"price/{name}" for name in PRICE), *(f"charges/{name}" for name in CHARGES)]
THIN = OWN / "rerank-cheap-unflagged"


def bsc_case(*folders):
    return CliRunner().invoke(build(), ["case", *map(str, folders)])


def rewritten(folder, name, change):
    """The file of a case with one change made to its rows, heading included."""
    with (folder / name).open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    change(rows)
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


@pytest.fixture
def copied(tmp_path):
    return Path(shutil.copytree(THIN, tmp_path / THIN.name))


@pytest.mark.parametrize("case", sorted(path.name for path in OWN.iterdir()))
def test_an_own_case_comes_out_as_expected(case):
    assert [str(one) for one in run_case(OWN / case)] == []


@pytest.mark.parametrize("case", FROM_RULES)
def test_a_case_of_the_rules_comes_out_as_expected(case):
    if not RULES.is_dir():
        pytest.skip("../shared/rules is not beside this checkout, so its worked cases cannot be read")

    assert [str(one) for one in run_case(RULES / case)] == []


@pytest.mark.parametrize(("family", "listed"), [("price", PRICE), ("charges", CHARGES)])
def test_every_case_of_the_rules_is_in_the_lists_above(family, listed):
    if not RULES.is_dir():
        pytest.skip("../shared/rules is not beside this checkout, so its worked cases cannot be read")

    assert {path.name for path in find_cases([RULES / family])} == set(listed)


def test_an_own_case_says_synthetic_and_how_its_figures_were_found():
    for folder in OWN.iterdir():
        told = (folder / "README.md").read_text(encoding="utf-8")
        assert "SYNTHETIC" in told
        assert "by hand" in told


@pytest.mark.parametrize(
    ("name", "row", "column", "wanted", "got"),
    [
        ("expected_rows.csv", 4, "tlm_adjusted_cost", "-33.946", "-33.936"),
        ("expected_rows.csv", 2, "par_adjusted_volume", "-0.300002", "-0.3"),
        ("expected_rows.csv", 4, "second_stage_flagged", "false", "true"),
        ("expected_rows.csv", 3, "sequence_number", "2", "1"),
        ("expected_rows.csv", 5, "final_price", "90", "nothing"),
        ("expected_rows.csv", 3, "final_price", "", "60.0"),
        ("expected_price.csv", 5, "SBP", "39.83566", "39.835671342"),
    ],
)  # fmt: skip
def test_one_changed_cell_is_named_by_file_row_and_column(copied, name, row, column, wanted, got):
    def change(rows):
        place = rows[0].index("value" if column == "SBP" else column)
        rows[row - 1][place] = wanted

    rewritten(copied, name, change)

    (difference,) = run_case(copied)
    told = bsc_case(copied)

    assert Path(difference.file).name == name
    assert (difference.row, difference.column, difference.wanted) == (row, column, wanted)
    assert f"{name}, row {row}, {column}" in str(difference)
    assert f"wanted {wanted or 'nothing'}, got {got}" in str(difference)
    assert told.exit_code == 1
    assert str(difference) in told.output
    assert told.output.strip().splitlines()[-1] == "0 passed, 1 failed"


def test_a_failed_case_among_good_ones_is_counted_and_the_exit_code_is_one(copied):
    rewritten(copied, "expected_price.csv", lambda rows: rows[1].__setitem__(1, "-13.4"))

    told = bsc_case(OWN / "emergency-flag", copied, OWN / "unpriced-action")

    assert told.exit_code == 1
    assert told.output.strip().splitlines()[-1] == "2 passed, 1 failed"
    assert "expected_price.csv, row 2, NIV (NIV): wanted -13.4, got -13.3" in told.output


def test_cases_that_all_pass_leave_exit_code_zero_and_json_counts_them():
    told = CliRunner().invoke(build(), ["case", str(OWN), "--json"])

    assert told.exit_code == 0
    assert json.loads(told.output)["passed"] == len(list(OWN.iterdir()))
    assert bsc_case(OWN).output.strip().splitlines()[-1] == f"{len(list(OWN.iterdir()))} passed, 0 failed"


def test_a_column_that_no_rule_gives_is_an_error_that_names_it(copied):
    rewritten(
        copied, "expected_rows.csv",
        lambda rows: [row.append("x" if at else "tlm_cost") for at, row in enumerate(rows)],
    )  # fmt: skip

    with pytest.raises(WrongCase, match=r"expected_rows\.csv: column 'tlm_cost' is none that a rule gives"):
        run_case(copied)
    assert bsc_case(copied).exit_code == 1


def test_a_file_that_no_rule_gives_is_an_error(copied):
    (copied / "expected_weather.csv").write_text("row_id,rain\n1,2\n", encoding="utf-8")

    with pytest.raises(WrongCase, match=r"expected_weather\.csv: no rule gives this file"):
        run_case(copied)


def test_a_symbol_that_no_rule_gives_is_an_error(copied):
    rewritten(copied, "expected_price.csv", lambda rows: rows.append(["XYZ", "1"]))

    with pytest.raises(WrongCase, match=r"expected_price\.csv, row 7, symbol: found 'XYZ'"):
        run_case(copied)


@pytest.mark.parametrize("text", ["", "abc", "nan", "1,250"])
def test_a_missing_or_unreadable_number_is_an_error_at_its_cell(copied, text):
    rewritten(copied, "given_stack.csv", lambda rows: rows[2].__setitem__(rows[0].index("volume"), text))

    with pytest.raises(WrongCase, match=rf"given_stack\.csv, row 3, volume: found '{text}', wanted a number"):
        run_case(copied)


@pytest.mark.parametrize("text", ["", "nan", "abc"])
def test_an_expected_number_that_is_no_number_never_passes(copied, text):
    rewritten(copied, "expected_rows.csv", lambda rows: rows[2].__setitem__(rows[0].index("niv_adjusted_volume"), text))

    (difference,) = run_case(copied)

    assert (difference.row, difference.column) == (3, "niv_adjusted_volume")


def test_an_expected_row_that_the_engine_does_not_have_is_a_difference(copied):
    rewritten(copied, "expected_rows.csv", lambda rows: rows.append(["9", *rows[-1][1:]]))

    found = run_case(copied)

    assert {one.row for one in found} == {6}
    assert all(one.got == "" for one in found)


def test_a_parameter_left_out_of_a_case_is_an_error_that_names_it(copied):
    rewritten(copied, "given_parameters.csv", lambda rows: rows.remove(["PAR", "1"]))

    told = bsc_case(copied)

    assert told.exit_code == 1
    assert "price_average_reference_volume (PAR, MWh" in told.output


def test_a_folder_without_a_case_was_asked_wrongly(tmp_path):
    told = CliRunner().invoke(build(), ["case", str(tmp_path)])

    assert told.exit_code != 0
    assert "holds no case" in str(told.exception)
