"""A dispute is raised only whole, in time and above the threshold; every reason against it is told at once."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reports.disputes import cases, money, open_cases
from reports.disputes.records import Case, FigureRow, Said, SourceRow
from settlement import command_line

DAY = date(2024, 1, 15)
# SF of 15 January 2024: 16 Working Days on is 6 February, 20 more is 5 March (no bank holiday between), by hand.
LAST = date(2024, 3, 5)
IN_TIME = datetime(2024, 3, 5, 12, tzinfo=UTC)
FULL = {
    "raising_party": "SYNBIG1", "contact_name": "Ann", "contact_address": "ann@example.org", "dispute_type": "general",
    "reason": "An accepted offer is left out", "breached": "Section T 4.4",
}  # fmt: skip


@pytest.fixture(scope="module")
def kept(batch_home, tmp_path_factory):
    """The SYNTHETIC day with runs IP, II, SF and R1, and no case."""
    return Path(shutil.copytree(batch_home, tmp_path_factory.mktemp("disputes") / "workspace"))


@pytest.fixture
def home(kept, tmp_path):
    return Path(shutil.copytree(kept, tmp_path / "workspace"))


@pytest.fixture
def bsc(monkeypatch, home):
    held = [point for point in entry_points(group="bsc.commands") if point.name != "dispute"]
    mine = EntryPoint("dispute", "reports.commands_dispute:dispute", "bsc.commands")
    monkeypatch.setattr(command_line, "entry_points", lambda group: [*held, mine])
    return lambda *words: CliRunner().invoke(
        command_line.build(), ["dispute", *[str(word) for word in words], "--home", str(home)]
    )


def draft(home, run="SF", periods=(12,), **said):
    return cases.new(home, "system_price", [DAY], run=run, periods=periods, said=Said(**said), by="Ann", now=IN_TIME)


def whats(refused):
    return [one.what for one in refused.value.reasons]


def test_every_missing_field_and_the_small_sum_are_told_at_once(home):
    case = draft(home)

    with pytest.raises(cases.NotRaised) as refused:
        cases.raise_case(home, case.number, "Ann", now=IN_TIME)

    assert whats(refused) == [*FULL, "materiality"]
    assert all(f"{name}: found nothing, wanted" in str(refused.value) for name in FULL)
    assert cases.case_numbered(home, case.number).state == "draft"


def test_one_day_late_is_out_of_time_and_the_last_day_is_not(home):
    case = draft(home, effect="5000", effect_basis="as metered", **FULL)
    late = datetime(2024, 3, 6, 12, tzinfo=UTC)

    with pytest.raises(cases.NotRaised) as refused:
        cases.raise_case(home, case.number, "Ann", now=late)
    raised = cases.raise_case(home, case.number, "Ann", on=LAST, now=late)

    assert whats(refused) == ["deadline"]
    for part in ("2024-03-06, 1 Working Days after", "2024-03-05 or earlier", "20 Working Days after 2024-02-06"):
        assert part in str(refused.value)
    assert (raised.state, raised.raised_on) == ("raised", LAST)


def test_a_statement_of_exceptional_circumstances_lets_a_late_case_through(home):
    case = draft(home, effect="5000", effect_basis="as metered", exceptional="The error was not visible", **FULL)

    assert cases.raise_case(home, case.number, "Ann", now=datetime(2026, 1, 5, tzinfo=UTC)).state == "raised"


def test_the_sum_is_held_to_the_threshold_to_the_penny(home):
    """|37.71 - 22.91| x 121.1586 MWh = 1,793.147, by hand; a stated 2,999.99 is too little and 3,000.00 is not."""
    case = draft(home, **FULL)
    with pytest.raises(cases.NotRaised, match=r"1,793\.15 GBP .*wanted 3,000\.00 GBP or more") as refused:
        cases.raise_case(home, case.number, "Ann", now=IN_TIME)
    assert whats(refused) == ["materiality"] and "upper measure" in str(refused.value)

    cases.complete(home, case.number, {"effect": Decimal("-2999.99"), "effect_basis": "by hand"}, "Ann")
    with pytest.raises(cases.NotRaised) as refused:
        cases.raise_case(home, case.number, "Ann", now=IN_TIME)
    assert whats(refused) == ["materiality"]

    cases.complete(home, case.number, {"effect": Decimal("-3000")}, "Ann")
    assert cases.raise_case(home, case.number, "Ann", now=IN_TIME).state == "raised"


def test_an_indicative_run_and_an_equal_value_are_refused(home):
    case = draft(home, run="IP", periods=[3], run_date="2024-03-01", **FULL)

    with pytest.raises(cases.NotRaised) as refused:
        cases.raise_case(home, case.number, "Ann", now=IN_TIME)

    assert whats(refused) == ["run", "difference", "materiality"]


def test_a_run_that_no_calendar_dates_must_be_dated_by_the_party(home):
    case = draft(home, run="IP", **FULL)

    with pytest.raises(cases.NotRaised) as refused:
        cases.raise_case(home, case.number, "Ann", now=IN_TIME)

    assert "run_date" in whats(refused)


def test_a_stated_run_date_does_not_override_the_settlement_calendar(home):
    from reports.disputes import conditions, deadline
    from reports.disputes.records import RunDate

    case = draft(home, run_date="2024-06-01", **FULL)
    dates = {**case.subject.days[0].dates, "run": RunDate(day=date(2024, 2, 6), source="settlement calendar")}
    days = (case.subject.days[0].model_copy(update={"dates": dates}),)
    dated = case.model_copy(update={"subject": case.subject.model_copy(update={"days": days})})

    end = deadline.of_case(dated, LAST)

    assert end.last_day == LAST and end.certain
    assert "run_date" in [one.what for one in conditions.failed(dated, LAST)]


def test_periods_left_out_are_those_that_differ(home):
    assert [row.settlement_period for row in draft(home, periods=()).figures] == [7, 12, 31]


def test_a_case_stays_as_it_was_when_its_workspace_gets_other_prices(home, tmp_path):
    import loaders

    case = draft(home)
    [path] = [one for one in home.glob("landings/*") if one.name == case.figures[0].published_source.sha256]
    told = json.loads(path.read_text())
    for row in told["data"]:
        row["systemSellPrice"] = row["systemBuyPrice"] = row["systemSellPrice"] + 1
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "SYNTHETIC_system-prices_2024-01-15.json").write_text(json.dumps(told))
    loaders.load(tmp_path / "in", home)

    again = cases.case_numbered(home, case.number)

    assert again.figures == case.figures and again.figures[0].published == Decimal("22.91000")
    assert draft(home).figures[0].published == Decimal("23.91000")


def test_what_was_raised_is_not_changed_and_a_decision_needs_a_raised_case(home):
    case = draft(home, effect="5000", effect_basis="by hand", **FULL)
    with pytest.raises(command_line.AskedWrongly, match="wanted raised"):
        cases.close(home, case.number, "upheld", "Decision", "Ann")
    cases.raise_case(home, case.number, "Ann", now=IN_TIME)
    with pytest.raises(command_line.AskedWrongly, match="wanted a draft"):
        cases.complete(home, case.number, {"reason": "another"}, "Ann")

    closed = cases.close(home, case.number, "upheld", "Decision", "Bob")

    assert [one.kind for one in closed.events] == ["draft", "raised", "upheld"]
    with pytest.raises(command_line.AskedWrongly):
        cases.close(home, case.number, "withdrawn", "Too late", "Ann")


def test_open_cases_stand_by_money_for_each_day_left(home):
    """1,000 with 1 day left weighs less than 9,000 with 5, and more than 600 with 5; out of time comes last."""
    on = date(2024, 2, 27)  # 5 Working Days before 5 March
    small = draft(home, effect="600", dispute_type="general")
    large = draft(home, effect="9000", dispute_type="general")
    soon = draft(home, effect="1000", dispute_type="general", run_date="2024-01-31")  # last day 28 February
    past = draft(home, effect="99999", dispute_type="market_domain_data")
    gone = draft(home, effect="99999")
    cases.close(home, gone.number, "withdrawn", "Mended in R1", "Ann")

    found = open_cases(home, on)

    assert [one.number for one in found] == [large.number, soon.number, small.number, past.number]
    assert [one.days_left for one in found] == [5, 1, 5, -29]
    assert open_cases(home, on, every=True)[-1].number == gone.number


def figure(own, published, **other):
    return FigureRow(
        settlement_date=DAY, settlement_period=other.pop("period", 7), own=Decimal(own), published=Decimal(published),
        own_source=SourceRow(said="here"), published_source=None, **{k: Decimal(v) for k, v in other.items()},
    )  # fmt: skip


def worth(home, unit, key, *figures, quantity="system_price") -> money.Money:
    case = draft(home)
    subject = case.subject.model_copy(
        update={"quantity": quantity, "unit": unit, "key": key, "figures": figures, "symbol": "X"}
    )
    return money.of_case(Case(**{**dict(case), "subject": subject}))


def test_a_price_is_worth_its_difference_times_the_imbalance_of_the_party_period_by_period(home):
    """(30 - 50) x -10 = +200; (40 - 39.5) x 3 = +1.50; (1 - 1.001) x 5 = -0.005, a penny away from zero: 201.49."""
    found = worth(
        home, "GBP/MWh", {"party": "SYNP"}, figure("30", "50", party_volume="-10", market_volume="900"),
        figure("40", "39.5", party_volume="3", period=8), figure("1", "1.001", party_volume="5", period=9),
    )  # fmt: skip

    assert [one.amount for one in found.effects] == [Decimal("200.00"), Decimal("1.50"), Decimal("-0.01")]
    assert found.total == Decimal("201.49") == sum(one.amount for one in found.effects)
    assert found.effects[0].with_numbers == "(30.00000 − 50.00000) × (−10.000) MWh"


def test_without_a_party_it_is_an_upper_measure_and_says_so(home):
    found = worth(home, "GBP/MWh", {}, figure("30", "50", market_volume="-100"), figure("50", "30", market_volume="9"))

    assert found.total == Decimal("2180.00") and found.formula.startswith("upper measure")
    assert "NO PARTY IS NAMED" in found.basis


def test_a_stated_effect_does_not_stand_in_for_one_that_can_be_reckoned(home):
    """A party states 4,000 where its imbalance makes 200: 200 counts. Of the market, both are told."""
    case = draft(home, effect="4000", effect_basis="by hand")
    figures = (figure("30", "50", party_volume="-10", market_volume="-100"),)
    of_party = case.subject.model_copy(update={"key": {"party": "SYNP"}, "figures": figures})
    of_market = case.subject.model_copy(update={"figures": figures})
    party, market = (money.of_case(case.model_copy(update={"subject": one})) for one in (of_party, of_market))

    assert party.total == Decimal("200.00") and "states +4,000.00 GBP; that is set aside" in party.basis
    assert market.total == Decimal("4000.00") and "upper measure over the whole market is 2,000.00 GBP" in market.basis


def test_money_is_its_difference_and_a_volume_is_priced_at_the_run(home):
    assert worth(home, "GBP", {}, figure("10.10", "-5"), quantity="bm_unit_cashflow").total == Decimal("15.10")
    volume = figure("10", "12", price="50.5")
    assert worth(home, "MWh", {"bm_unit": "U"}, volume, quantity="metered_volume").total == Decimal("-101.00")


def test_a_party_without_an_imbalance_volume_has_no_effect_that_is_guessed(home):
    found = worth(home, "GBP/MWh", {"party": "SYNP"}, figure("30", "50", market_volume="-100"))

    assert found.total is None and "no imbalance volume of the party" in found.missing[0]


def test_the_command_makes_completes_refuses_and_raises(bsc):
    made = bsc("new", "system_price", "--date", DAY, "--run", "SF", "--period", 12, "--json")
    number = json.loads(made.stdout)["number"]
    refused = bsc("raise", number, "--on", LAST, "--json")
    full = [word for name, value in FULL.items() for word in (f"--{name.replace('_', '-')}", value)]
    bsc("set", number, *full, "--effect", "-4000", "--effect-basis", "by hand", "--by", "Bob")
    raised = bsc("raise", number, "--on", LAST)
    listed = bsc("list", "--json")

    assert made.exit_code == raised.exit_code == 0, raised.output
    assert refused.exit_code == 1
    assert [one["what"] for one in json.loads(refused.stdout)["reasons"]] == [*FULL, "materiality"]
    assert [(one["state"], one["effect"]) for one in json.loads(listed.stdout)] == [("raised", "-4000.00")]


@pytest.mark.parametrize(
    "words",
    [
        ("show", 99),
        ("new", "system_price", "--date", "2024-01-15", "--run", "SF", "--period", 49),
        ("new", "bm_unit_price", "--date", "2024-01-15", "--run", "SF"),
        ("new", "system_price", "--date", "2024-01-15", "--run", "SF", "--dispute-type", "metering"),
        ("new", "system_price", "--date", "2024-01-15", "--run", "SF", "--period", 12, "--own", "2024-01-15 P3=1"),
        ("new", "system_price", "--date", "2024-01-15", "--run", "SF", "--period", 12, "--effect", "much"),
    ],
)
def test_a_wrong_question_is_told_and_makes_no_case(bsc, home, words):
    told = bsc(*words)

    assert (isinstance(told.exception, command_line.AskedWrongly) and "wanted" in str(told.exception)) or told.exit_code
    assert cases.all_cases(home) == []
