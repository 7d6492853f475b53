"""What is wrong or missing in the inputs of charges is said, with unit and period, and the rest of the day settles."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date

import pytest

import loaders
import reports
from loaders import store
from loaders.sample_market.great_britain.trading import Contract, Reallocation
from reports.day_inputs import Reading, gather_day
from reports.day_settlement import settle_day
from settlement.errors import NotSettled

GAS = "T_SYNGAS-5"
EVERY = set(range(1, 49))
# Periods of the one broken day, and what is wrong in each.
(
    NO_READING, STRANGER_METERED, GHOST_SELLS, ONE_SIDE, GHOST_TAKES, STRANGER_GIVES, OVER, NO_GENERATION, NO_DEMAND,
    STRANGER_NOTIFIES,
) = range(4, 14)  # fmt: skip
ASIDE = {
    NO_READING, STRANGER_METERED, GHOST_SELLS, GHOST_TAKES, STRANGER_GIVES, NO_GENERATION, NO_DEMAND, STRANGER_NOTIFIES,
}  # fmt: skip


@pytest.fixture
def load(charged, charged_market_home, tmp_path):
    """Load the charges' feeds of the day, spoiled, into a fresh workspace; gives the workspace."""

    def made(spoil):
        home = shutil.copytree(charged_market_home, tmp_path / "workspace")
        folder = charged.write(tmp_path / "feeds", charged.first())
        spoil(folder)
        loaders.load(folder, home)
        return home

    return made


def broken_charges(charged):
    """The charges with one thing wrong in each of some periods; the notifications still stand in every period.

    All day long, a Party that leads units is not on the roll.
    """
    good = charged.first()
    readings = dict(good.readings)
    for (unit, period), volume in good.readings.items():
        if (period == NO_GENERATION and volume > 0) or (period == NO_DEMAND and volume < 0):
            readings[unit, period] = 0
    readings["T_SYNNEW-1", STRANGER_METERED] = 1000
    contracts = [
        Contract("SYNA901", "GHOSTSELLS", ("SYNGHOST", "P"), ("SYNA", "C"), {GHOST_SELLS: 5000}),
        Contract("SYNA902", "ONESIDE", ("SYNA", "P"), ("", ""), {ONE_SIDE: 5000}),
    ]
    lead, other = ("SYNA", "C"), ("SYNBIG2", "C")
    reallocations = [
        Reallocation("SYNM901", "GHOSTTAKES", "E_SYNWND-1", lead, ("SYNGHOST", "C"), 10, 0),
        Reallocation("SYNM902", "STRANGERGIVES", "E_SYNNEW-1", lead, other, 10, 0),
        Reallocation("SYNM903", "OVER", "E_SYNWND-1", lead, other, 70, 0),
    ]
    whole = replace(
        good,
        readings=readings,
        contracts=[*good.contracts, *contracts],
        reallocations=[*good.reallocations, *reallocations],
        parties=[party for party in good.parties if party != "SYNX"],
    )
    return whole.without_reading(GAS, NO_READING)


@pytest.fixture(scope="module")
def broken(charged, charged_market_home, tmp_path_factory):
    """The run of a day in which every one of those periods has its own fault."""
    folder, home = tmp_path_factory.mktemp("broken") / "feeds", tmp_path_factory.mktemp("broken-home") / "workspace"
    charged.write(folder, broken_charges(charged))
    for reference, period in (
        ("GHOSTSELLS", GHOST_SELLS), ("ONESIDE", ONE_SIDE), ("GHOSTTAKES", GHOST_TAKES),
        ("STRANGERGIVES", STRANGER_GIVES), ("OVER", OVER),
    ):  # fmt: skip
        charged.amend_flow(next(folder.glob("*E0141*")), charged.only_in(period, reference))
    charged.set_cell(folder, "T_SYNGAS-1", "Trading Unit Name", "")
    notified = {
        "dataset": "PN", "settlementDate": str(charged.DAY), "settlementPeriod": STRANGER_NOTIFIES,
        "timeFrom": f"{charged.DAY}T06:00:00Z", "timeTo": f"{charged.DAY}T06:30:00Z", "levelFrom": 10, "levelTo": 10,
        "nationalGridBmUnit": "SYNNEW-2", "bmUnit": "T_SYNNEW-2",
    }  # fmt: skip
    (folder / f"SYNTHETIC_PN_{charged.DAY}_more.json").write_text(json.dumps([notified]))
    shutil.copytree(charged_market_home, home)
    report = loaders.load(folder, home)
    settle_day(charged.DAY, "II", home=home)
    return reports.open_day(charged.DAY, "II", home), report, folder


def why(broken, period):
    return "; ".join(broken[0].row.details["set_aside"][str(period)])


def test_every_period_without_a_fault_settles_beside_the_broken_ones(broken):
    day = broken[0]

    settled = set(day.array("system_price")["settlement_period"].to_numpy().tolist())
    assert settled == EVERY - ASIDE
    assert {int(period) for period in day.row.details["set_aside"]} == ASIDE
    assert set(day.array("party_period_net_due")["settlement_period"].to_numpy().tolist()) == EVERY - ASIDE


def test_a_metered_volume_that_is_missing_is_never_zero_in_silence(broken):
    assert why(broken, NO_READING) == f"{GAS}: no metered volume arrived: bring it, it is never taken as 0"


def test_a_metered_unit_that_nobody_registered_sets_its_period_aside(broken):
    assert why(broken, STRANGER_METERED).startswith("T_SYNNEW-1: metered, but not registered: load the register")


def test_a_contract_of_an_unknown_party_sets_its_period_aside(broken):
    told = "Party SYNGHOST of notification GHOSTSELLS is not on the roll of Parties: correct either"
    assert why(broken, GHOST_SELLS) == told


def test_a_reallocation_to_an_unknown_party_sets_its_period_aside(broken):
    assert "Party SYNGHOST of notification GHOSTTAKES is not on the roll" in why(broken, GHOST_TAKES)


def test_a_reallocation_of_a_unit_that_nobody_registered_sets_its_period_aside(broken):
    assert why(broken, STRANGER_GIVES) == "E_SYNNEW-1 of reallocation STRANGERGIVES is not registered: correct either"


def test_a_contract_with_one_side_is_refused_by_row_and_its_period_marked_incomplete(broken):
    day, report, folder = broken

    refused = [one for one in report.findings if one.weight == "refused"]
    lines = next(folder.glob("*E0141*")).read_text().splitlines()
    assert {one.column for one in refused} == {"party_2"}
    assert ["ONESIDE" in lines[one.row - 1] for one in refused] == [True]
    doubted = day.row.details["doubtful_charges"]
    assert set(doubted) == {str(ONE_SIDE)}
    assert doubted[str(ONE_SIDE)] == ["contracts is incomplete: 1 fault in what has come"]
    volumes = day.array("contract_volume").to_series().groupby("settlement_period").sum()
    assert volumes.abs().max() < 1e-9


def test_shares_over_a_hundred_per_cent_are_settled_as_notified_and_said_with_the_rule(broken):
    day = broken[0]

    said = [one for one in day.row.details["warnings"] if "over 100 %" in one]
    assert len(said) == 1
    assert said[0].startswith(f"period {OVER}: 120 % of E_SYNWND-1") and "volumes-and-charges.md 8.3" in said[0]
    lead = float(day.array("lead_credited_energy_volume").sel(settlement_period=OVER, bm_unit="E_SYNWND-1"))
    scaled = float(day.array("loss_adjusted_metered_volume").sel(settlement_period=OVER, bm_unit="E_SYNWND-1"))
    assert lead == pytest.approx(-0.2 * scaled, rel=1e-9) and scaled != 0


@pytest.mark.parametrize(("period", "side"), [(NO_GENERATION, "delivering"), (NO_DEMAND, "offtaking")])
def test_losses_with_nothing_to_be_shared_over_set_that_period_aside(broken, period, side):
    told = why(broken, period)

    assert f"settlement periods [{period}]: found 0 MWh over all {side} BM Units" in told
    assert "Bring the metered volumes" in told


def test_a_unit_that_notifies_and_is_not_registered_sets_aside_its_own_period_only(broken):
    said = "T_SYNNEW-2: notified or accepted, but not registered: load the register of BM Units"
    assert why(broken, STRANGER_NOTIFIES) == said


def test_every_set_aside_period_names_what_to_do(broken):
    remedies = ("bring it", "load the register", "correct either", "Bring the metered volumes")

    for period in ASIDE:
        assert any(remedy in why(broken, period) for remedy in remedies), why(broken, period)


def test_what_is_set_aside_is_no_price_for_anybody(broken):
    day = broken[0]

    told = {message.settlement_period for message in store.open(day._home).outbox(day.row.settlement_date)}
    assert not told & ASIDE
    assert day.price["own price"].isna()[sorted(ASIDE)].all()


UNREGISTERED = {
    "T_SYNGAS-5": (
        "Prod/Cons Status",
        "",
        "is registered without Production or Consumption status, which is never gue",
    ),
    "T_SYNGAS-6": ("Prod/Cons Status", "X", "found status 'X', wanted P or C"),
    "T_SYNGAS-7": ("TLF", "", "is registered without Transmission Loss Factor: its zone is unknown"),
    "T_SYNGAS-8": ("Party ID", "", "is registered without lead Party"),
}


@pytest.fixture(scope="module")
def unregistered(charged, charged_market_home, tmp_path_factory):
    """The run of a day whose register lacks something of four units, and its workspace."""
    folder = charged.write(tmp_path_factory.mktemp("unregistered") / "feeds", charged.first())
    for unit, (heading, found, _) in UNREGISTERED.items():
        charged.set_cell(folder, unit, heading, found)
    home = shutil.copytree(charged_market_home, tmp_path_factory.mktemp("unregistered-home") / "workspace")
    loaders.load(folder, home)
    return settle_day(charged.DAY, "II", home=home).run, home


@pytest.mark.parametrize("unit", UNREGISTERED)
def test_a_registration_that_lacks_what_nothing_stands_in_for_stops_the_day_and_names_the_unit(unregistered, unit):
    aside = unregistered[0].details["set_aside"]

    assert {int(period) for period in aside} == EVERY
    for reasons in aside.values():
        mine = [one for one in reasons if unit in one]
        assert len(mine) == 1
        assert UNREGISTERED[unit][2] in mine[0] and mine[0].endswith(": correct the register")


def test_a_run_whose_every_period_is_set_aside_leaves_with_1_and_says_why(unregistered, charged, bsc):
    code, out, _ = bsc("settle", str(charged.DAY), "--run", "II", home=unregistered[1])

    assert code == 1
    assert "period 1 set aside: T_SYNGAS-8 is registered without lead Party: correct the register; T_SYNGAS-5" in out


def test_a_unit_without_a_trading_unit_has_a_sole_one_and_the_run_says_so(broken):
    day = broken[0]

    said = [one for one in day.row.details["defaults"] if "Trading Unit" in one["what"]]
    assert [one["what"] for one in said] == ["no Trading Unit registered: a sole one for T_SYNGAS-1"]
    assert said[0]["rule"] == "volumes-and-charges.md 10"
    assert day.units.loc["T_SYNGAS-1", "trading_unit"] == "T_SYNGAS-1"
    assert day.units.loc["T_SYNGAS-2", "trading_unit"] == "station 1"
    own = day.array("trading_unit_metered_volume").sel(trading_unit="T_SYNGAS-1").to_numpy()
    assert (own == day.array("metered_volume").sel(bm_unit="T_SYNGAS-1").to_numpy()).all()


def test_a_lead_party_that_is_not_on_the_roll_is_settled_as_registered_and_said(broken):
    day = broken[0]

    said = [one for one in day.row.details["defaults"] if "roll" in one["what"]]
    assert [(one["bm_unit"], one["of_charges"]) for one in said] == [("I_SYN1DSYNX", True)]
    assert said[0]["what"].startswith("Party SYNX leads BM Units and is not on the roll")
    # Its contracts are notified by a Party that leads units: they stand.
    assert "SYNX" in day.parties.index
    assert float(abs(day.array("account_bilateral_contract_volume").sel(account="SYNX-P")).sum()) > 100


def test_before_losses_were_zonal_a_unit_without_a_factor_has_zero_and_that_is_said(charged, load):
    home = load(lambda folder: charged.set_cell(folder, GAS, "TLF", ""))

    held = store.open(home)
    day = gather_day(held, charged.DAY, Reading(held.version(), "II", rules_of=date(2018, 3, 31)))

    said = [one.what for one in day.defaults if "Transmission Loss Factor" in one.what]
    assert len(said) == 1 and said[0].endswith(f"0 for {GAS}")
    assert (day.given["transmission_loss_factor"].sel(bm_unit=GAS) == 0).all()
    assert day.set_aside == {}


def test_notifications_that_never_came_are_zero_by_rule_and_every_period_of_the_run_is_marked(charged, load):
    home = load(lambda folder: next(folder.glob("*E0141*")).unlink())
    run = settle_day(charged.DAY, "II", home=home).run

    said = {one["what"] for one in run.details["defaults"] if one["rule"] == "volumes-and-charges.md 10"}
    assert {
        "contracts did not arrive: no contract of any account",
        "reallocations did not arrive: nothing reallocated",
    } <= said
    assert run.details["doubtful_charges"] == {
        str(period): ["contracts did not arrive", "reallocations did not arrive"] for period in EVERY
    }
    assert float(abs(reports.open_day(charged.DAY, "II", home).array("account_bilateral_contract_volume")).sum()) == 0


def test_two_runs_are_never_mixed_where_a_later_one_lacks_a_unit(charged, load):
    home = load(lambda folder: charged.write(folder, charged.final().without_reading(GAS, 4, 5), "SF"))
    run = settle_day(charged.DAY, "SF", home=home).run

    said = f"{GAS}: no metered volume arrived: bring it, it is never taken as 0"
    assert run.details["set_aside"] == {"4": [said], "5": [said]}
    metered = reports.open_day(charged.DAY, "SF", home).array("metered_volume").sel(bm_unit=charged.LATE_UNIT)
    final = charged.final().readings
    for period in charged.LATE_PERIODS:  # where II said something else
        assert float(metered.sel(settlement_period=period)) == final[charged.LATE_UNIT, period] / 1000


@pytest.fixture(scope="module")
def torn(charged, charged_market, tmp_path_factory):
    """The run of a day whose notifications have a gap (period 10), an overlap (12), and a unit that is not there (14).

    The three units were accepted in those periods. Gives the run, its units by period, and the units and periods of
    the rows that the load refused.
    """
    folder = shutil.copytree(charged_market, tmp_path_factory.mktemp("torn") / "feeds")
    path = next(folder.glob("*_PN_*"))
    rows = json.loads(path.read_text())
    accepted = json.loads(next(folder.glob("*_BOALF_*")).read_text())["data"]
    units = {}
    for period in (10, 12, 14):
        within = [r for r in accepted if r["settlementPeriodFrom"] == r["settlementPeriodTo"] == period]
        units[period] = next(r["bmUnit"] for r in within if r["bmUnit"] not in units.values())
        mine = [r for r in rows if (r["bmUnit"], r["settlementPeriod"]) == (units[period], period)]
        if period == 10:
            mine[-1]["timeTo"] = mine[-1]["timeTo"].replace("05:00:00Z", "04:55:00Z")
        elif period == 12:
            rows.append({**mine[0], "timeFrom": mine[0]["timeFrom"].replace(":30:00Z", ":40:00Z")})
        else:
            rows = [r for r in rows if r not in mine]
    path.write_text(json.dumps(rows))
    charged.write(folder, charged.first())
    home = tmp_path_factory.mktemp("torn-home") / "workspace"
    refused = [rows[one.row - 1] for one in loaders.load(folder, home).findings if one.weight == "refused"]
    settle_day(charged.DAY, "II", home=home)
    day = reports.open_day(charged.DAY, "II", home)
    return day, units, {(row["bmUnit"], row["settlementPeriod"]) for row in refused}


def test_a_profile_with_a_gap_or_an_overlap_is_refused_and_its_period_marked_incomplete(torn):
    day, units, refused = torn

    assert refused == {(units[period], period) for period in (10, 12)}
    for period in (10, 12):
        doubted = day.row.details["doubtful"][str(period)]
        assert any(one.startswith("physical_notifications is incomplete: ") for one in doubted)
    assert day.row.details["set_aside"] == {}


@pytest.mark.parametrize("period", [10, 12, 14])
def test_a_unit_without_a_notification_that_was_accepted_has_fpn_zero_by_rule_and_is_named(torn, period):
    day, units, _ = torn

    default = {
        "rule": "volumes-and-charges.md 10", "what": "no notification: FPN 0", "settlement_period": period,
        "bm_unit": units[period], "of_charges": False,
    }  # fmt: skip
    assert default in day.row.details["defaults"]
    assert any(units[period] in one for one in day.row.details["doubtful"][str(period)])
    assert float(day.array("notified_volume").sel(settlement_period=period, bm_unit=units[period])) == 0


def test_the_periods_with_whole_profiles_are_not_marked_by_the_torn_ones(torn):
    marked = {
        int(period) for period, reasons in torn[0].row.details["doubtful"].items()
        if any("notification" in one for one in reasons)
    }  # fmt: skip
    assert marked == {10, 12, 14}


@pytest.mark.parametrize("day", [date(2009, 11, 4), date(2015, 11, 4)])
def test_a_day_before_the_rules_reach_is_refused_with_the_reason(charged_market_home, bsc, day):
    with pytest.raises(NotSettled, match=f"{day}: days before .* Settle a later day"):
        settle_day(day, "II", home=charged_market_home)

    code, _, error = bsc("settle", str(day), "--run", "II", home=charged_market_home)
    assert code == 2 and str(day) in error
