"""Charges cases bind by file and column: what is left out, what stands in for a rule, and what is refused."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from settlement.cases import run_case
from settlement.errors import SettlementError, WrongCase, WrongInput

OWN = Path(__file__).parent / "cases"


@pytest.fixture
def copied(tmp_path):
    return lambda name: Path(shutil.copytree(OWN / name, tmp_path / name))


def table(folder, name):
    with (folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(folder, name, rows):
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def with_column(folder, name, column, values):
    rows = table(folder, name)
    write(folder, name, [{**row, column: value} for row, value in zip(rows, values, strict=True)])


def without_column(folder, name, column):
    write(folder, name, [{key: cell for key, cell in row.items() if key != column} for row in table(folder, name)])


def only_expected(folder, *names):
    for path in folder.glob("expected_*.csv"):
        if path.name not in names:
            path.unlink()


def told(folder):
    return [f"{Path(one.file).name} {one.row} {one.column} {one.got}" for one in run_case(folder)]


def test_a_given_multiplier_takes_the_place_of_the_rule(copied):
    case = copied("clock-change-day")
    only_expected(case, "expected_units.csv")
    with_column(case, "given_units.csv", "tlm", ["0.5", "1", "0.9859375", "1"])

    found = told(case)

    assert "expected_units.csv 2 tlm 0.5" in found
    assert "expected_units.csv 2 qm_tlm_mwh 50.0" in found
    assert "expected_units.csv 2 cnd_gbp 150.0" in found, "10 MWh at 30 above the price, halved"


def test_a_file_of_multipliers_says_the_same_as_a_column_of_them(copied):
    case = copied("party-day")
    units = table(case, "given_units.csv")
    keys = ("settlement_date", "settlement_period", "bm_unit", "tlm")
    write(case, "given_tlm.csv", [{key: row[key] for key in keys} for row in units])

    with pytest.raises(WrongCase, match=r"found tlm here and in given_units\.csv"):
        run_case(case)
    without_column(case, "given_units.csv", "tlm")

    assert told(case) == []


def test_a_given_total_takes_the_place_of_the_rule(copied):
    case = copied("residual-over-two-dates")
    only_expected(case, "expected_accounts.csv")
    total = {"settlement_period": "2", "trc_gbp": "100"}
    write(
        case,
        "given_system.csv",
        [{"settlement_date": "2024-01-15", **total}, {"settlement_date": "2024-01-16", **total}],
    )

    assert told(case) == [
        f"expected_accounts.csv {row} rcrc_gbp {value}"
        for row, value in [(2, "40.0"), (3, "40.0"), (4, "20.0"), (5, "25.0"), (7, "75.0")]
    ]


def test_files_that_may_be_left_out_mean_that_there_was_nothing(copied):
    case = copied("clock-change-day")
    only_expected(case, "expected_accounts.csv")
    (case / "given_contracts.csv").unlink()

    found = told(case)

    assert "expected_accounts.csv 2 qabc_mwh 0.0" in found
    assert not any("qace" in one or "qabs" in one for one in found)


def test_the_same_figures_pass_by_period_and_by_day(copied):
    case = copied("party-day")
    only_expected(case)
    by_period = {"settlement_date": "2024-01-15", "settlement_period": "2"}
    write(case, "expected_parties.csv", [{**by_period, "party": "A", "cii_gbp": "6", "rcrc_gbp": "3"}])

    assert told(case) == []


def test_a_day_cannot_be_added_up_where_a_unit_is_missing_from_one_of_its_periods(copied):
    case = copied("party-day")
    write(case, "given_units.csv", table(case, "given_units.csv")[:3])

    with pytest.raises(WrongCase, match=r"of 2024-01-15 cannot be added up: its periods have other units"):
        run_case(case)
    only_expected(case, "expected_units.csv")
    write(case, "expected_units.csv", table(case, "expected_units.csv")[:2])

    assert told(case) == []


def test_a_unit_whose_account_changes_within_the_day_is_credited_to_each(copied):
    case = copied("party-day")
    rows = table(case, "given_units.csv")
    rows[2]["lead_account"], rows[3]["lead_account"] = "B-C", "A-P"
    write(case, "given_units.csv", rows)
    only_expected(case)
    key = {"settlement_date": "2024-01-15"}
    write(
        case,
        "expected_accounts.csv",
        [
            {**key, "settlement_period": "1", "account": "A-P", "qace_mwh": "100"},
            {**key, "settlement_period": "2", "account": "A-P", "qace_mwh": "-100"},
        ],
    )

    assert told(case) == []


def test_no_system_total_is_made_of_units_with_prices_of_their_own(copied):
    case = copied("non-delivery-prices-of-units")
    write(
        case, "expected_system.csv", [{"settlement_date": "2024-03-31", "settlement_period": "46", "tcnd_gbp": "13.5"}]
    )

    with pytest.raises(WrongCase, match="units of one period have prices of their own"):
        run_case(case)


@pytest.mark.parametrize(
    ("period", "wanted"), [("46", "wanted 1 to 46 on 2024-03-31"), ("0", "wanted 1 to 46 on 2024-03-31")]
)
def test_a_period_that_the_day_does_not_have_is_refused_and_its_last_one_is_not(copied, period, wanted):
    case = copied("non-delivery-prices-of-units")
    rows = table(case, "given_units.csv")
    rows[0]["settlement_period"] = "47" if period == "46" else period
    write(case, "given_units.csv", rows)

    with pytest.raises(WrongCase, match=wanted):
        run_case(case)


@pytest.mark.parametrize(
    ("case", "file", "change", "said"),
    [
        ("party-day", "given_units.csv", {"colour": "red"}, "found column 'colour'"),
        ("party-day", "given_contracts.csv", {"note": "x"}, "found column 'note'"),
        ("party-day", "given_accounts.csv", {"note": "x"}, "found column 'note'"),
        ("party-day", "given_prices.csv", {"note": "x"}, "found column 'note'"),
        ("party-day", "given_parties.csv", {"party": "C"}, "row 2, party: found C, none of given_accounts.csv"),
        ("party-day", "given_units.csv", {"lead_account": "C-P"}, "lead_account of T_A-1: found 'C-P'"),
        ("party-day", "given_contracts.csv", {"seller_account": "C-P"}, r"given_contracts.csv, row 2: found 'C-P'"),
        ("party-day", "given_contracts.csv", {"settlement_period": "3"}, "row 2: found no unit in period 3"),
        ("party-day", "given_units.csv", {"settlement_period": "2"}, "row 4: T_A-1 stands twice in period 2"),
        ("party-day", "given_parameters.csv", {"symbol": "XYZ"}, "row 2: found symbol 'XYZ'"),
        ("party-day", "given_parameters.csv", {"value": "two"}, "row 2, value: found 'two', wanted a number"),
        ("party-day", "given_units.csv", {"cbm_gbp": ""}, "row 2, cbm_gbp: found '', wanted a number"),
        ("clock-change-day", "given_fpn.csv", {"bm_unit": "T_Z-9"}, "found T_Z-9 in period 4 of 2024-10-27"),
        ("clock-change-day", "given_acceptances.csv", {"bm_unit": "T_Z-9"}, "found T_Z-9 of 2024-10-27"),
        ("non-delivery-prices-of-units", "given_pairs.csv", {"bm_unit": "T_Z-9"}, "found T_Z-9 in period 45"),
        ("non-delivery-prices-of-units", "given_pairs.csv", {"offer_price": ""}, "row 2, offer_price: found none"),
        ("credit-capabilities", "given_capacities.csv", {"note": "x"}, "found column 'note'"),
        ("credit-capabilities", "given_capacities.csv", {"bm_unit": "2__B001"}, "row 3, bm_unit: found 2__B001 twice"),
    ],
)  # fmt: skip
def test_what_binds_to_nothing_is_refused_by_file_and_place(copied, case, file, change, said):
    folder = copied(case)
    rows = table(folder, file)
    write(folder, file, [{**rows[0], **change}, *({**dict.fromkeys(change, ""), **row} for row in rows[1:])])

    with pytest.raises(WrongCase, match=said):
        run_case(folder)


def test_a_given_file_that_nothing_reads_is_refused(copied):
    case = copied("party-day")
    write(case, "given_weather.csv", [{"rain": "1"}])

    with pytest.raises(WrongCase, match=r"given_weather\.csv: nothing reads it beside given_units\.csv"):
        run_case(case)


def test_a_figure_that_the_given_files_do_not_lead_to_says_what_is_missing(copied):
    case = copied("supplier-delivered-volumes")
    without_column(case, "given_units.csv", "fpn_mwh")

    with pytest.raises(SettlementError, match="is needed for"):
        run_case(case)


def runs(folder, rows, expected):
    folder.mkdir()
    write(
        folder, "given_net_due_to_party.csv", [dict(zip(("party", "run", "net_gbp"), row, strict=True)) for row in rows]
    )
    columns = ("party", "run", "payment_before_interest_gbp")
    write(folder, "expected_payments.csv", [dict(zip(columns, row, strict=True)) for row in expected])
    return folder


def test_runs_of_two_parties_without_a_date_pay_each_its_own_change(tmp_path):
    given = [("A", "SF", "10"), ("B", "SF", "-4"), ("A", "R2", "7.5"), ("B", "II", "9"), ("B", "DF", "1")]
    paid = [("A", "SF", "10"), ("A", "R2", "-2.5"), ("B", "II", "0"), ("B", "SF", "-4"), ("B", "DF", "5")]

    assert told(runs(tmp_path / "runs", given, paid)) == []


def test_a_party_twice_on_one_run_is_refused(tmp_path):
    case = runs(tmp_path / "runs", [("A", "SF", "10"), ("A", "SF", "11")], [("A", "SF", "10")])

    with pytest.raises(WrongCase, match="row 3, run: found SF of A twice"):
        run_case(case)


def test_credit_cover_is_told_of_a_party_on_each_date_and_only_from_what_is_given(tmp_path):
    case = tmp_path / "credit"
    case.mkdir()
    keys = [{"settlement_date": "2024-01-15", "party": "A"}, {"settlement_date": "2024-01-16", "party": "A"}]
    amounts = [{"credit_cover_gbp": "1000", "cap_gbp_per_mwh": price} for price in ("50", "40")]
    write(case, "given_parties.csv", [key | amount for key, amount in zip(keys, amounts, strict=True)])
    write(
        case, "expected_parties.csv", [key | {"ecc_mwh": value} for key, value in zip(keys, ("20", "25"), strict=True)]
    )

    assert told(case) == []
    write(case, "expected_parties.csv", [{**keys[0], "ccp_percent": "1"}])
    with pytest.raises(WrongInput, match="is needed for credit_cover_percentage"):
        run_case(case)
