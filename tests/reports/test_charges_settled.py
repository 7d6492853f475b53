"""A settled run with charges: money and energy add up, it is what exact fractions say, and all of it can be asked."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil

import numpy as np
import pytest

import reports
from loaders import store
from reports.day_settlement import settle_day
from settlement.errors import WrongInput

RUNS = ("II", "SF", "R1")
PERIODS = range(1, 49)


@pytest.fixture(scope="module")
def days(charged_home, charged):
    return {run: reports.open_day(charged.DAY, run, charged_home) for run in RUNS}


@pytest.fixture(scope="module")
def first(days):
    return days["II"]


@pytest.fixture(scope="module")
def exact(charged, charged_exact):
    """Price and charges of every period in fractions."""
    return {period: charged_exact.period_charges(charged, period) for period in PERIODS}


def by_period(day, quantity):
    """A quantity as periods by labels."""
    array = day.array(quantity)
    assert array.indexes["settlement_period"].tolist() == list(PERIODS)
    return array.to_numpy().reshape(len(PERIODS), -1)


def rows_by_period(day, quantity):
    """Sums of a quantity of rows, by period."""
    array = day.array(quantity)
    period = next(iter(array.indexes.values())).get_level_values("settlement_period").to_numpy()
    return np.bincount(period, array.to_numpy(), minlength=49)[1:]


def assert_adds_up(parts, total=0.0):
    """Columns add up to a total in each period at 1e-9 of the sum of absolutes, and over the day to the penny."""
    parts = np.concatenate(parts, axis=1)
    off, size = parts.sum(axis=1) - total, np.abs(parts).sum(axis=1)
    assert (size > 1).any()  # it is no sum of nothing
    assert (np.abs(off) <= 1e-9 * size).all(), np.abs(off).max()
    assert abs(off.sum()) < 0.005


@pytest.mark.parametrize("run", RUNS)
def test_cash_in_is_cash_out_in_every_period(days, run):
    charged = (
        "account_energy_imbalance_cashflow", "non_delivery_charge", "information_imbalance_cashflow",
        "system_operator_bm_cashflow",
    )  # fmt: skip
    paid = ("bm_unit_cashflow", "residual_cashflow")

    assert_adds_up([*(by_period(days[run], one) for one in charged), *(-by_period(days[run], one) for one in paid)])


@pytest.mark.parametrize("run", RUNS)
def test_shares_of_the_residual_add_up_to_one_and_all_of_it_is_shared(days, run):
    assert_adds_up([by_period(days[run], "residual_cashflow_reallocation_proportion"), -np.ones((48, 1))])
    assert_adds_up(
        [by_period(days[run], "residual_cashflow")], by_period(days[run], "total_system_residual_cashflow")[:, 0]
    )


@pytest.mark.parametrize("run", RUNS)
def test_each_side_loses_its_share_of_the_losses_and_energy_then_balances(days, run):
    day = days[run]
    metered, scaled = by_period(day, "metered_volume"), by_period(day, "loss_adjusted_metered_volume")
    delivering, foreign = by_period(day, "unit_delivering_flag"), by_period(day, "interconnector_flag")
    lost = metered.sum(axis=1)

    assert (lost > 0).all()
    assert_adds_up([scaled])
    for side, share in ((delivering & ~foreign, 0.45), (~delivering & ~foreign, 0.55)):
        # Of the size of what is summed: the losses are the small difference of large volumes.
        assert_adds_up([scaled * side, -metered * side], -share * lost)


@pytest.mark.parametrize("run", RUNS)
def test_credited_energy_and_contracts_balance_and_imbalance_is_what_the_system_operator_moved(days, run):
    day = days[run]
    services = by_period(day, "balancing_services_volume") * by_period(day, "transmission_loss_multiplier")

    assert_adds_up([by_period(day, "account_credited_energy_volume")])
    assert_adds_up([by_period(day, "account_bilateral_contract_volume")])
    assert np.abs(rows_by_period(day, "contract_volume")).max() < 1e-9
    assert_adds_up([by_period(day, "account_energy_imbalance_volume"), services])


@pytest.mark.parametrize("run", RUNS)
def test_a_reallocation_gives_to_one_account_what_it_takes_from_another(days, run):
    day = days[run]
    given_away = day.array("subsidiary_credited_energy_volume").to_series().groupby(["settlement_period", "bm_unit"])
    scaled, lead = day.array("loss_adjusted_metered_volume"), day.array("lead_credited_energy_volume")

    sums = given_away.sum()
    assert set(sums.index.get_level_values("bm_unit")) == {"E_SYNWND-1", "E_SYNWND-2", "E_SYNPKR-1"}
    for (period, unit), volume in sums.items():
        at = {"settlement_period": period, "bm_unit": unit}
        assert float(lead.sel(at)) + volume == pytest.approx(float(scaled.sel(at)), abs=1e-9)
    # Of E_SYNWND-2 all is reallocated: what its lead is credited with is what the system operator moved.
    services = day.array("balancing_services_volume") * day.array("transmission_loss_multiplier")
    assert np.allclose(lead.sel(bm_unit="E_SYNWND-2"), services.sel(bm_unit="E_SYNWND-2"), rtol=0, atol=1e-9)


@pytest.mark.parametrize("run", RUNS)
def test_with_one_price_all_imbalance_costs_the_price_times_what_was_moved(days, run):
    day = days[run]
    services = by_period(day, "balancing_services_volume") * by_period(day, "transmission_loss_multiplier")
    price = by_period(day, "system_price")

    assert_adds_up([by_period(day, "account_energy_imbalance_cashflow"), -services * price])


def test_every_price_is_the_exact_one_with_multipliers_from_metering(first, exact):
    own = first.array("system_price").to_series()

    assert {period: own[period] for period in PERIODS} == pytest.approx(
        {period: float(price) for period, (price, _) in exact.items()}, rel=1e-9, abs=1e-9
    )


@pytest.mark.parametrize(
    ("quantity", "part", "sign"),
    [
        ("party_period_bm_cashflow", "bm_cashflow", 1),
        ("party_period_non_delivery_charge", "non_delivery", -1),
        ("party_period_energy_imbalance_cashflow", "imbalance", -1),
        ("party_period_information_imbalance_charge", "information", -1),
        ("party_period_residual_cashflow", "residual", 1),
    ],
)
def test_every_charge_of_every_party_is_that_of_the_exact_calculator(first, exact, quantity, part, sign):
    own = first.array(quantity).to_series()

    wanted = {
        (period, party): float(sign * parts[part])
        for period, (_, found) in exact.items()
        for party, parts in found.party_parts.items()
    }
    assert set(own.index) == set(wanted)
    assert own.to_dict() == pytest.approx(wanted, rel=1e-9, abs=1e-6)
    assert any(wanted.values()) or part == "information"


def test_the_net_due_of_a_party_is_the_exact_sum_of_its_periods(first, exact):
    wanted = {party: float(sum(found.net_due[party] for _, found in exact.values())) for party in first.parties.index}

    assert first.parties["net due"].to_dict() == pytest.approx(wanted, rel=1e-9, abs=1e-6)


def test_settling_the_same_again_is_the_same_run(charged, charged_home, tmp_path):
    home = shutil.copytree(charged_home, tmp_path / "workspace")
    before = store.open(home).runs(charged.DAY)

    again = settle_day(charged.DAY, "R1", home=home)

    assert (again.new, again.run.run_id) == (False, before[-1].run_id)
    assert len(store.open(home).runs(charged.DAY)) == len(before) == 3


def test_a_run_without_readings_of_its_own_takes_the_last_run_whole_and_says_which(days):
    assert "metered volumes are those of run SF: run R1 brought none" in days["R1"].row.details["warnings"]
    assert days["R1"].array("metered_volume").equals(days["SF"].array("metered_volume"))


def test_all_that_parties_are_due_is_what_the_system_operator_pays(first):
    parties = first.parties

    assert set(parties.units) == set(parties.columns) and set(parties.units.values()) == {"GBP"}
    paid = float(first.array("daily_system_operator_bm_cashflow").sum())
    assert parties["net due"].sum() == pytest.approx(paid, abs=0.005)
    owed = parties["non-delivery charge"] + parties["energy imbalance cashflow"]
    rest = parties["BM cashflow"] + parties["residual cashflow"] - parties["information imbalance charge"] - owed
    assert np.allclose(parties["net due"], rest, rtol=0, atol=1e-6)


def test_units_of_the_day_have_what_their_meters_read_and_who_they_belong_to(first, charged):
    units, told = first.units, charged.first()

    assert list(units.index) == [one.unit.bm_unit for one in told.register]
    assert units.units == {
        "metered volume": "MWh", "notified volume": "MWh", "accepted volume": "MWh", "BM cashflow": "GBP",
        "non-delivery charge": "GBP",
    }  # fmt: skip
    for one in told.register:
        name = one.unit.bm_unit
        read = sum(told.readings[name, period] for period in PERIODS) / 1000
        assert units.loc[name, "metered volume"] == pytest.approx(read, abs=1e-6)
        assert units.loc[name, ["party", "account", "trading_unit"]].tolist() == [
            one.unit.party, "-".join(one.account), one.trading_unit,
        ]  # fmt: skip


def test_prices_of_the_day_stand_with_what_was_published(first, exact):
    prices = first.price

    assert prices.units["own price"] == "GBP/MWh" and prices.units["net imbalance volume"] == "MWh"
    assert prices.loc[9, "own price"] == round(float(exact[9][0]), 5)
    assert (prices["published price"].notna()).all()


def test_the_stack_of_a_period_has_its_actions_buys_first(first):
    stack = first.stack(35)

    assert stack.units["volume"] == "MWh" and stack.units["final_price"] == "GBP/MWh"
    assert list(stack.index) == sorted(stack.index)
    assert (stack.loc["buy", "volume"] > 0).all() and (stack.loc["sell", "volume"] < 0).all()
    # Adding the volumes up by unit gives what the unit was moved by: the stack misses no action.
    accepted = stack[stack["acceptance_number"].notna()].groupby("bm_unit")["volume"].sum()
    moved = first.array("accepted_volume").sel(settlement_period=35).to_series()
    assert len(accepted) > 10
    assert accepted.to_dict() == pytest.approx(moved[accepted.index].to_dict(), abs=1e-9)
    assert (moved.drop(accepted.index) == 0).all()
    with pytest.raises(KeyError):
        first.stack(49)


def test_an_array_bears_symbol_unit_and_clause_and_whose_each_unit_is(first):
    array = first.array("account_energy_imbalance_volume")

    assert array.name == "account_energy_imbalance_volume"
    assert (array.attrs["symbol"], array.attrs["units"]) == ("QAEI_aj", "MWh")
    assert array.attrs["clause"].startswith("T4") and array.attrs["evidence"]
    assert first.array("metered_volume").sel(bm_unit="T_SYNGAS-1")["trading_unit"].item() == "station 1"


@pytest.mark.parametrize("what", ["parties", "units", "price"])
def test_tables_show_themselves_with_their_units(first, what):
    shown = getattr(first, what)._repr_html_()

    assert shown.count("<table>") == 1 and ("<small>GBP</small>" in shown or "<small>GBP/MWh</small>" in shown)


def test_a_stack_and_an_explanation_show_themselves(first):
    assert "T_SYN" in first.stack(35)._repr_html_()
    assert "<details open>" in first.explain("daily_party_net_due", party="SYNA", depth=3)._repr_html_()


def test_variance_and_what_if_of_a_day_answer_and_show_themselves(days):
    moved = days["R1"].variance("SF", party="SYNBIG1")
    assert moved.labels() == [("SYNBIG1",)] and "SYNBIG1" in moved._repr_html_()

    imagined = days["SF"].what_if(parameters_as={"delivering_share_of_losses": 0.5})
    assert "delivering_share_of_losses 0.5" in imagined._repr_html_()
    assert len(imagined.changes("tlmo_plus")) == 48


@pytest.fixture(scope="module")
def ends(first, charged_folder):
    """By quantity, the ends of what two Parties are due that stand in a file of charges, with the line of that file."""
    found = {}
    for party in ("SYNA", "SYNX"):
        for leaf in first.explain("daily_party_net_due", party=party, depth=9).tree.leaves():
            path = charged_folder / "II" / leaf.file
            if leaf.file and path.is_file():
                assert leaf.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
                line = path.read_text().splitlines()[leaf.source_row - 1]
                found.setdefault(leaf.quantity, []).append((leaf, line))
    return found


def test_a_party_charge_ends_in_the_row_of_each_meter_reading(ends):
    assert ends["metered_volume"]
    for leaf, line in ends["metered_volume"]:
        code, period, _, volume, way, _ = line.split("|")
        assert (code, int(period)) == ("ABP", leaf.key["settlement_period"])
        assert float(volume) * (-1 if way == "I" else 1) == leaf.value


def test_a_party_charge_ends_in_the_row_of_each_contract(ends):
    assert ends["contract_volume"]
    for leaf, line in ends["contract_volume"]:
        fields = line.split("|")
        assert fields[0] == "ECN" and f"{fields[1]} {fields[2]}" == leaf.key["contract"]
        sold = f"{fields[6]}-{fields[8]}" == leaf.key["account"]
        assert float(fields[3]) * (1 if sold else -1) == leaf.value


def test_a_party_charge_ends_in_the_row_of_each_loss_factor(ends):
    assert ends["transmission_loss_factor"]
    for leaf, line in ends["transmission_loss_factor"]:
        cells = next(csv.reader([line]))
        assert cells[0] == leaf.key["bm_unit"] and float(cells[11]) == leaf.value


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["daily_party_net_due", "--party", "SYNA"], {"party": "SYNA"}),
        (["party_period_net_due", "--party", "SYNA", "--period", "35"], {"party": "SYNA", "settlement_period": 35}),
        (
            ["account_energy_imbalance_volume", "--account", "SYNBIG1-C", "--period", "35"],
            {"account": "SYNBIG1-C", "settlement_period": 35},
        ),
        (
            ["trading_unit_metered_volume", "--trading-unit", "station 1", "--period", "35"],
            {"trading_unit": "station 1", "settlement_period": 35},
        ),
        (
            ["transmission_loss_multiplier", "--unit", "T_SYNGAS-1", "--period", "35"],
            {"bm_unit": "T_SYNGAS-1", "settlement_period": 35},
        ),
        (["accepted_offer_volume", "--unit", "T_SYNBAT-5", "--pair", "1", "--period", "35"], None),
        (["accepted_offer_volume_by_acceptance", "--unit", "T_SYNBAT-5", "--acceptance", "390003", "--pair", "1",
          "--period", "35"], None),
        (["continuous_acceptance_duration", "--unit", "T_SYNBAT-5", "--acceptance", "390003"], None),
        (["contract_volume", "--account", "SYNA-P", "--contract", "SYNA002 SYNC0002", "--period", "35"], None),
        (["reallocation_percentage", "--unit", "E_SYNWND-1", "--account", "SYNBIG1-C", "--period", "35"], None),
        (["net_imbalance_volume", "--period", "35"], {"settlement_period": 35}),
        (["daily_system_operator_bm_cashflow"], {}),
    ],
    ids=lambda one: one[0] if isinstance(one, list) else "",
)  # fmt: skip
def test_the_command_explains_a_quantity_of_each_grain(first, charged, charged_home, bsc, words, key):
    code, out, error = bsc("explain", *words, "--date", str(charged.DAY), "--run", "II", "--json", home=charged_home)

    assert code == 0, error
    told = json.loads(out)
    assert told["quantity"] == words[0] and told["symbol"] and told["unit"]
    if key is not None:
        array = first.array(words[0])
        assert told["value"] == pytest.approx(float(array.sel(key).squeeze() if key else array.squeeze()), rel=1e-12)
    else:
        assert told["value"] != 0 and len(told["key"]) >= 2
    assert told.get("inputs") or told.get("file")


def test_a_quantity_that_does_not_exist_is_a_wrong_question(first, charged, charged_home, bsc):
    with pytest.raises(
        WrongInput, match=r"found 'party_debt', which this run does not hold; wanted one of .*daily_party"
    ):
        first.array("party_debt")

    code, _, error = bsc("explain", "party_debt", "--date", str(charged.DAY), "--party", "SYNA", home=charged_home)
    assert code == 2 and "party_debt" in error and "daily_party_net_due" in error


def test_a_label_that_the_run_does_not_have_is_a_wrong_question(charged, charged_home, bsc):
    words = ("explain", "daily_party_net_due", "--date", str(charged.DAY), "--party", "SYNNOBODY")

    code, _, error = bsc(*words, home=charged_home)

    assert code == 2 and "0 rows" in error and "SYNNOBODY" in error


def test_a_run_that_was_not_settled_is_said_with_what_to_do(charged, charged_home, bsc):
    words = ("explain", "daily_party_net_due", "--date", str(charged.DAY), "--party", "SYNA", "--run", "RF")

    code, _, error = bsc(*words, home=charged_home)

    assert code == 1 and "run RF was not settled" in error and "bsc settle" in error
