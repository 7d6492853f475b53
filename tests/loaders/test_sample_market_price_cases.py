"""The exact price calculator comes out at the worked price cases, cell by cell."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from loaders.sample_market.dated_values import dated_values
from loaders.sample_market.errors import CannotPrice, CannotWriteDay
from loaders.sample_market.exact_durations import continuous_minutes
from loaders.sample_market.exact_market import Action, Adjusters, MarketIndex, PriceParameters
from loaders.sample_market.exact_price import price
from loaders.sample_market.exact_volumes import Acceptance, Piece

CASES = Path(__file__).parents[3] / "shared" / "rules" / "cases" / "price"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"no worked cases at {CASES}")
STACK_CASES = sorted(folder for folder in CASES.glob("*/") if (folder / "given_stack.csv").exists())
PRICE_TOLERANCE, VOLUME_TOLERANCE = 1e-5, 1e-6


def read(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def number(text):
    return Fraction(text) if text else None


def actions_of(folder):
    return [
        Action(
            id=row["id"],
            volume=Fraction(row["volume"]),
            price=number(row["original_price"]),
            acceptance_number=int(row["acceptance_number"]) if row["acceptance_number"] else None,
            pair=int(row["pair"]) if row["pair"] else None,
            so_flag=row["so_flag"] == "true",
            cadl_flag=row["cadl_flag"] == "true",
            stor_flag=row["stor_provider_flag"] == "true",
            tlm=Fraction(row["tlm"]),
        )
        for row in read(folder / "given_stack.csv")
    ]


def settled(folder, actions=None):
    given = {row["symbol"]: Fraction(row["value"]) for row in read(folder / "given_parameters.csv")}
    market_index = [MarketIndex("one", given.get("MIP", Fraction(0)), Fraction(1))]
    if (folder / "given_market_index.csv").exists():
        market_index = [
            MarketIndex(row["provider"], Fraction(row["price"]), Fraction(row["volume"]))
            for row in read(folder / "given_market_index.csv")
        ]
    parameters = PriceParameters(given["DMAT"], given["PAR"], given["RPAR"], given["VoLL"] * given["LoLP"])
    adjusters = Adjusters(given["BPA"], given["SPA"])
    return price(actions or actions_of(folder), parameters, market_index, adjusters)


def assert_close(got, wanted, tolerance, where):
    if wanted is None:
        assert got is None, f"{where}: wanted nothing, got {got}"
    else:
        assert got is not None and abs(got - wanted) <= tolerance, f"{where}: wanted {float(wanted)}, got {got}"


@pytest.mark.parametrize("folder", STACK_CASES, ids=lambda folder: folder.name)
def test_every_price_of_a_case_comes_out(folder):
    result = settled(folder)

    got = {
        "MIP": result.market_index_price,
        "RSVP": result.reserve_scarcity_price,
        "NIV": result.net_imbalance_volume,
        "RP": result.replacement_price,
        "SBP": result.system_price,
        "SSP": result.system_price,
    }
    for row in read(folder / "expected_price.csv"):
        assert_close(got[row["symbol"]], number(row["value"]), PRICE_TOLERANCE, f"{folder.name} {row['symbol']}")


@pytest.mark.parametrize("folder", STACK_CASES, ids=lambda folder: folder.name)
def test_every_row_of_a_case_comes_out_at_every_stage(folder):
    result = settled(folder)

    expected = read(folder / "expected_rows.csv")
    assert len(expected) == len(result.rows)
    for wanted, row in zip(expected, result.rows, strict=True):
        where = f"{folder.name} row {wanted['row_id']}"
        for column in (
            "dmat_adjusted_volume",
            "arbitrage_adjusted_volume",
            "niv_adjusted_volume",
            "par_adjusted_volume",
            "tlm_adjusted_volume",
            "tlm_adjusted_cost",
        ):
            assert_close(getattr(row, column), number(wanted[column]), VOLUME_TOLERANCE, f"{where} {column}")
        assert_close(row.final_price, number(wanted["final_price"]), PRICE_TOLERANCE, f"{where} final_price")
        flagged = {"true": True, "false": False, "": None}[wanted["second_stage_flagged"]]
        assert row.second_stage_flagged is flagged, f"{where} second_stage_flagged"
        assert row.repriced is (wanted["repriced"] == "true"), f"{where} repriced"


def test_there_are_nine_stack_cases_at_least():
    assert len(STACK_CASES) >= 9


def test_cadl_durations_join_overlapping_and_abutting_acceptances():
    folder = CASES / "cadl-durations"
    given = read(folder / "given_acceptances.csv")
    origin = datetime(2019, 1, 1, tzinfo=UTC)

    def minute(text):
        return Fraction(round((datetime.fromisoformat(text) - origin).total_seconds()), 60)

    acceptances = [
        Acceptance(
            row["bm_unit"],
            int(row["acceptance_number"]),
            minute(row["time_from"]),
            (Piece(minute(row["time_from"]), Fraction(0), minute(row["time_to"]), Fraction(0)),),
        )
        for row in given
    ]

    minutes = continuous_minutes(acceptances)

    days = {row["acceptance_number"]: date.fromisoformat(row["time_from"][:10]) for row in given}
    for wanted in read(folder / "expected_flags.csv"):
        got = minutes[wanted["bm_unit"], int(wanted["acceptance_number"])]
        limit = dated_values(days[wanted["acceptance_number"]]).cadl_minutes
        assert (got, limit) == (int(wanted["continuous_minutes"]), int(wanted["cadl_minutes"]))
        assert (got < limit) is (wanted["cadl_flag"] == "true")


@pytest.mark.parametrize(("level", "kept"), [("pair", ["1", "2", "4"]), ("row", ["4"]), ("acceptance", ["4"])], ids=str)
def test_de_minimis_can_be_read_at_three_levels(level, kept):
    """In dmat-and-arbitrage rows 1 and 2 are 0.06 and 0.05 MWh of one pair, from two acceptances."""
    actions = actions_of(CASES / "dmat-and-arbitrage")
    parameters = PriceParameters(Fraction("0.1"), Fraction(1), Fraction(1), de_minimis_level=level)

    result = price(actions, parameters, [MarketIndex("one", Fraction(60), Fraction(1))])

    survived = {str(n) for n, row in enumerate(result.rows, start=1) if row.dmat_adjusted_volume != 0}
    assert survived & {"1", "2", "3", "4"} == set(kept)


def test_an_emergency_instruction_counts_as_flagged():
    folder = CASES / "flagged-repriced-short"
    plain = settled(folder)
    actions = [replace(a, so_flag=False, emergency_flag=a.so_flag) for a in actions_of(folder)]

    assert settled(folder, actions).system_price == plain.system_price
    unflagged = [replace(a, so_flag=False) for a in actions_of(folder)]
    assert settled(folder, unflagged).system_price != plain.system_price


def test_an_unpriced_action_is_repriced_even_where_it_is_the_only_one():
    actions = [Action("1", Fraction(5), None)]
    parameters = PriceParameters(Fraction("0.1"), Fraction(1), Fraction(1), Fraction(900))

    result = price(actions, parameters, [MarketIndex("one", Fraction(70), Fraction(2))])

    assert result.system_price == 70
    assert result.rows[0].repriced and result.replacement_price_reference_volume == 0


def test_no_market_index_volume_prices_an_empty_period_at_zero():
    parameters = PriceParameters(Fraction("0.1"), Fraction(1), Fraction(1))

    result = price([], parameters, [MarketIndex("one", Fraction(70), Fraction(0))])

    assert (result.system_price, result.priced_at_market_index) == (0, True)


def test_an_action_without_volume_is_refused():
    with pytest.raises(CannotPrice, match="found volume 0"):
        price([Action("1", Fraction(0), Fraction(5))], PriceParameters(Fraction(1), Fraction(1), Fraction(1)), [])


def test_an_unknown_de_minimis_level_is_refused():
    with pytest.raises(CannotPrice, match="'unit'"):
        price([], PriceParameters(Fraction(1), Fraction(1), Fraction(1), de_minimis_level="unit"), [])


def test_days_of_two_prices_are_refused():
    with pytest.raises(CannotWriteDay, match="2015-11-05 or later"):
        dated_values(date(2015, 11, 4))
