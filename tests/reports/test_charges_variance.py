"""What moved between two runs is split by what was planted between them; what would have been is kept nowhere."""

from __future__ import annotations

import json
import shutil
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

import loaders
import reports
from loaders import store
from loaders.sample_market.market_day import market_day
from reports.day_settlement import settle_day
from reports.errors import NoSuchRun
from reports.variance import variance
from reports.variance.words import waterfall
from reports.what_if import WhatIf, what_if
from reports.what_if_words import as_text
from settlement.engine import dependencies
from settlement.errors import WrongInput

PLANTED = {"metered volumes", "contracts", "acceptances"}


@pytest.fixture(scope="module")
def split(charged, charged_home):
    """Splits a change of the day between two of its runs."""
    return lambda earlier, later, **asked: variance(charged.DAY, earlier, later, home=charged_home, **asked)


@pytest.fixture(scope="module")
def moved(split):
    """What every Party is due, from II to SF."""
    return split("II", "SF")


@pytest.fixture(scope="module")
def withdrawn(charged):
    return next(one for one in charged.of_day().contracts if one.reference == charged.WITHDRAWN)


def assert_telescopes(found):
    """The parts of every label add up to its change in fractions, worked out here from both ends."""
    assert found.labels()
    for label in found.before.keys() | found.after.keys():
        parts = sum((part.by_label.get(label, Fraction(0)) for part in found.parts), Fraction(0))
        assert parts == found.after[label] - found.before[label]


def named(found):
    return {part.cause for part in found.causes()}


def test_the_parts_of_every_party_add_up_exactly_and_begin_and_end_at_the_two_runs(moved, charged, charged_home):
    assert_telescopes(moved)
    assert moved.adds_up()
    for run, side in (("II", moved.before), ("SF", moved.after)):
        due = reports.open_day(charged.DAY, run, charged_home).parties["net due"]
        assert {label[0]: float(value) for label, value in side.items()} == due.to_dict()


def test_only_what_was_planted_is_a_cause_with_its_rows(moved, charged, withdrawn):
    causes = {part.cause: part.rows for part in moved.causes()}

    assert set(causes) == PLANTED
    late = {row.settlement_period: row for row in causes["metered volumes"]}
    assert set(late) == set(charged.LATE_PERIODS)
    final = charged.final().readings
    for period, row in late.items():
        assert row.key["bm_unit"] == charged.LATE_UNIT
        read = final[charged.LATE_UNIT, period] / 1000
        assert row.after["metered_volume_mwh"] == read
        assert row.before["metered_volume_mwh"] == pytest.approx(read - 30, abs=1e-9)
        assert (row.source_before.file[-6:-4], row.source_after.file[-6:-4]) == ("II", "SF")
    assert {row.key["reference"] for row in causes["contracts"]} == {charged.WITHDRAWN}
    assert {row.settlement_period: row.before["contract_volume_mwh"] for row in causes["contracts"]} == {
        period: volume / 1000 for period, volume in withdrawn.volumes.items()
    }
    assert all(row.after == {} and row.source_after is None for row in causes["contracts"])


def test_the_corrected_acceptance_is_told_by_its_levels_and_its_file(moved, charged, tmp_path):
    corrected = charged.write_correction(tmp_path)
    rows = next(part.rows for part in moved.causes() if part.cause == "acceptances")

    assert {(row.key["bm_unit"], row.key["acceptance_number"]) for row in rows} == {corrected}
    assert all(row.source_after.file.endswith("_SF.json") for row in rows)
    assert any("level_from_mw" in row.after or "level_to_mw" in row.after for row in rows)


def test_reading_the_same_code_again_moves_nothing(moved):
    code = next(part for part in moved.parts if part.cause == "code")

    assert not any(code.by_label.values())


def test_a_withdrawn_contract_moves_its_two_sides_by_as_much_and_nobody_else(moved, charged, withdrawn):
    part = next(part for part in moved.parts if part.cause == "contracts").by_label

    one, other = (withdrawn.seller[0],), (withdrawn.buyer[0],)
    assert float(part[one]) == pytest.approx(-float(part[other]), abs=1e-6) and abs(part[one]) > 100
    rest = {label: float(value) for label, value in part.items() if label not in (one, other)}
    assert rest == pytest.approx(dict.fromkeys(rest, 0.0), abs=1e-6)


def test_the_imbalance_of_a_side_moves_by_what_it_had_sold_in_each_period(split, withdrawn):
    account = "-".join(withdrawn.seller)
    found = split("II", "SF", quantity="account_energy_imbalance_volume", key={"account": account})

    assert_telescopes(found)
    part = next(part for part in found.parts if part.cause == "contracts").by_label
    assert {label[0]: float(value) for label, value in part.items()} == pytest.approx(
        {period: volume / 1000 for period, volume in withdrawn.volumes.items()}, abs=1e-9
    )


def test_the_change_of_one_party_is_a_waterfall_to_the_penny(moved):
    for label in moved.labels():
        steps = waterfall(moved, label)
        begin = steps[0][2] - steps[0][1]
        assert sum((change for _, change, _ in steps), begin) == steps[-1][2]
        assert abs(steps[-1][2] - Decimal(float(moved.after[label]))) <= Decimal("0.005")


def test_a_total_of_the_system_is_split_too(split):
    found = split("II", "SF", quantity="daily_system_operator_bm_cashflow")

    assert_telescopes(found)
    assert (found.unit, found.keys) == ("GBP", ("settlement_date",))
    # A contract is no affair of the system operator: it is named for its rows, and moved nothing.
    assert named(found) == PLANTED
    assert next(part for part in found.parts if part.cause == "contracts").size() == 0


def test_a_price_is_split_and_only_the_periods_of_late_readings_and_of_the_acceptance_move(split, charged):
    found = split("II", "SF", quantity="system_price")

    assert_telescopes(found)
    by_cause = {
        part.cause: {period for (period,), value in part.by_label.items() if abs(value) > 1e-9}
        for part in found.causes()
    }
    assert by_cause["metered volumes"] <= set(charged.LATE_PERIODS)
    assert by_cause["contracts"] == set()


def test_the_other_order_adds_up_too_and_names_the_same_causes(split, moved):
    turned = split("II", "SF", reverse=True)

    assert_telescopes(turned)
    assert (turned.before, turned.after) == (moved.before, moved.after)
    assert named(turned) == PLANTED
    order = [part.cause for part in moved.parts][:-1]
    assert [part.cause for part in turned.parts] == [*reversed(order), "code"]


def test_a_parameter_announced_later_is_the_only_cause_of_what_moved_after_it(split, charged):
    found = split("SF", "R1")

    assert_telescopes(found)
    assert named(found) == {"parameters"}
    (row,) = found.causes()[0].rows
    assert row.key["parameter"] == charged.PARAMETER[0] and row.after["value"] == float(charged.PARAMETER[1])
    assert row.source_after.file == "SYNTHETIC_parameter_notices_R1.csv" and row.source_after.source_row == 2


def test_the_later_parameter_charges_each_unit_for_how_far_it_strayed(charged, charged_home):
    day = reports.open_day(charged.DAY, "R1", charged_home)

    strayed = abs(day.array("information_imbalance_volume")).to_series().groupby("bm_unit").sum()
    of_party = strayed.groupby(day.units["party"]).sum() * float(charged.PARAMETER[1])
    charge = day.parties["information imbalance charge"]
    assert charge[of_party.index].to_dict() == pytest.approx(of_party.to_dict(), rel=1e-9)
    assert of_party.sum() > 0


def test_runs_of_different_ways_and_runs_on_assumptions_are_no_two_ends_of_a_path(
    charged, charged_home, synthetic_folder, tmp_path
):
    home = shutil.copytree(charged_home, tmp_path / "workspace")
    loaders.load(sorted(synthetic_folder.glob("*_stack_*_01.json")), home)
    settle_day(charged.DAY, "IP", home=home)
    assumed = tmp_path / "assumed.csv"
    assumed.write_text("settlement_date,settlement_period,volume_mwh,price_gbp_per_mwh,so_flag\n")
    guessed = settle_day(charged.DAY, "II", home=home, assume=assumed).run

    with pytest.raises(WrongInput, match="IP and II: found one from published stack and one from own stack"):
        kept = store.open(home).latest_run(charged.DAY, "II", plain=True)
        variance(charged.DAY, "IP", kept.run_id, home=home, quantity="system_price")
    with pytest.raises(NoSuchRun, match="found a run on assumptions"):
        variance(charged.DAY, guessed.run_id, "SF", home=home)


def test_the_command_tells_parts_and_rows_for_machines(charged, charged_home, bsc):
    words = ("variance", str(charged.DAY), "--from", "SF", "--to", "R1", "--party", "SYNA")

    code, out, _ = bsc(*words, "--json", home=charged_home)

    told = json.loads(out)
    assert code == 0 and told["adds_up_exactly"] is True
    assert [one["cause"] for one in told["causes"] if one["moved"]] == ["parameters"]
    (change,) = told["changes"]
    assert change["party"] == "SYNA" and change["parts"] == {"parameters": change["change"]}


# What is decided otherwise, and what then must and must not move.
OTHERWISE = {
    "PAR": (["--set", "price_average_reference_volume=50"], {"system_price"}, {"net_imbalance_volume", "tlmo_plus"}),
    "CADL": (["--set", "continuous_acceptance_duration_limit=60"], {"acceptance_cadl_flag"}, {"accepted_volume"}),
    "DMAT": (["--set", "de_minimis_threshold=5"], {"de_minimis_adjusted_volume"}, {"action_volume"}),
    "VoLL": (["--set", "value_of_lost_load=3000"], {"reserve_scarcity_price"}, {"accepted_volume", "tlmo_plus"}),
    "rules": (["--rules-of", "2018-10-31"], {"system_price", "reserve_scarcity_price"}, {"accepted_volume"}),
    "option": (
        ["--option", "non_delivery_order=cheapest offer first"], {"non_delivery_charge", "daily_party_net_due"},
        {"system_price", "non_delivered_offer_volume"},
    ),
}  # fmt: skip
READ_BY = {
    "PAR": "price_average_reference_volume", "CADL": "continuous_acceptance_duration_limit",
    "DMAT": "de_minimis_threshold", "VoLL": "value_of_lost_load",
}  # fmt: skip


def downstream(name):
    """Every node of the graph that an input bears on."""
    needs = dependencies("own stack", True, "metered")
    found = {name}
    while more := {node for node, read in needs.items() if node not in found and found & set(read)}:
        found |= more
    return found


@pytest.mark.parametrize("what", OTHERWISE)
def test_what_would_have_been_shows_what_changed_and_is_kept_nowhere(charged, charged_home, bsc, what):
    words, must, must_not = OTHERWISE[what]
    before = (store.open(charged_home).version(), [run.run_id for run in store.open(charged_home).runs(charged.DAY)])

    code, out, error = bsc("whatif", str(charged.DAY), "--run", "SF", *words, "--json", home=charged_home)

    assert code == 0, error
    moved = json.loads(out)["moved"]
    assert must <= set(moved) and not must_not & set(moved)
    assert all(row["kept"] != row["imagined"] for rows in moved.values() for row in rows)
    if what in READ_BY:
        assert set(moved) <= downstream(READ_BY[what])
    if what == "VoLL":  # half of it halves the Reserve Scarcity Price of each period that has one
        scarce = {one["settlement_period"]: one for one in moved["reserve_scarcity_price"]}
        prices = {
            p: m.parameters.reserve_scarcity_price for p, m in market_day(charged.DAY, charged.SEED).periods.items()
        }
        assert {int(p): one["kept"] for p, one in scarce.items()} == pytest.approx(
            {period: float(price) for period, price in prices.items() if price}, rel=1e-12
        )
        assert all(one["imagined"] == pytest.approx(one["kept"] / 2, rel=1e-12) for one in scarce.values())
    after = (store.open(charged_home).version(), [run.run_id for run in store.open(charged_home).runs(charged.DAY)])
    assert after == before


def test_a_removed_acceptance_takes_back_what_it_moved_of_its_unit_only(charged, charged_home):
    found = what_if(charged.DAY, "SF", home=charged_home, without=frozenset({("T_SYNBAT-5", 390003)}))

    moved = found.changes("accepted_volume")
    assert set(moved["bm_unit"]) == {"T_SYNBAT-5"}
    volumes = (
        found.kept.arrays["accepted_offer_volume_by_acceptance"]
        + found.kept.arrays["accepted_bid_volume_by_acceptance"]
    )
    gone = volumes.to_series().xs(("T_SYNBAT-5", 390003), level=("bm_unit", "acceptance_number"))
    by_period = gone.groupby("settlement_period").sum()
    assert -moved.set_index("settlement_period")["change"].sum() == pytest.approx(by_period.sum(), abs=1e-9)
    # All that is not shown is as it was kept.
    same = set(found.kept.arrays) & set(found.imagined.arrays) - set(found.moved())
    assert {"metered_volume", "transmission_loss_multiplier", "contract_volume"} <= same
    assert not {"daily_party_net_due", "balancing_services_volume"} & same
    for name in same & {"metered_volume", "notified_volume", "transmission_loss_multiplier", "contract_volume"}:
        assert found.kept.arrays[name].equals(found.imagined.arrays[name])


def test_the_rules_of_another_date_are_all_of_that_date(charged, charged_home):
    found = what_if(charged.DAY, "SF", home=charged_home, rules_of=date(2018, 10, 31))

    told = {name: found.imagined.parameters[name] for name in READ_BY.values()}
    assert told == dict(zip(READ_BY.values(), (50, 15, 1, 3000), strict=True))


def test_no_change_is_said_as_such(charged, charged_home):
    kept = reports.open_day(charged.DAY, "SF", charged_home).settled

    found = WhatIf(charged.DAY, "SF", {"value_of_lost_load": 6000}, kept, kept)

    assert as_text(found).endswith("Nothing would have changed.") and "Nothing moves." in found._repr_html_()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["whatif", "--set", "price_avarage=50"], 2, "parameter: found 'price_avarage', wanted one of "),
        (["whatif", "--set", "value_of_lost_load=lots"], 2, "found 'lots', wanted a number"),
        (["whatif", "--set", "value_of_lost_load"], 2, "wanted name=value"),
        (["whatif", "--option", "tie_rule=whim"], 2, "found 'whim', wanted 'pro rata' or 'rank'"),
        (["whatif", "--rules-of", "someday"], 2, "wanted a day as yyyy-mm-dd"),
        (["whatif", "--without", "T_SYNBAT-5=1"], 2, "acceptance 1 of T_SYNBAT-5: found none in the run"),
        (["whatif"], 2, "found nothing to decide otherwise"),
        (["whatif", "--run", "RF", "--set", "value_of_lost_load=1"], 1, "run RF was not settled"),
        (["variance", "--from", "II", "--to", "RF"], 1, "run RF was not settled"),
        (["variance", "--from", "II", "--to", "SF", "--quantity", "party_debt"], 2, "quantity: found 'party_debt'"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_a_bad_question_is_answered_with_what_was_wanted(charged, charged_home, bsc, words, code, said):
    verb, *rest = words

    left, _, error = bsc(verb, str(charged.DAY), *rest, home=charged_home)

    assert (left, said in error) == (code, True), error
