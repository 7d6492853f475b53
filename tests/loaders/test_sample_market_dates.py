"""What the sample market takes from the date: parameters, losses, and what it may import."""

import ast
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from loaders.sample_market import tables
from loaders.sample_market.dated_values import dated_values
from loaders.sample_market.exact_price import price
from loaders.sample_market.exact_volumes import Piece, accepted_volumes
from loaders.sample_market.market_day import market_day

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "loaders" / "sample_market"
PARAMETERS = ROOT.parent / "shared" / "rules" / "parameters.yaml"
SEED = 20240115


@pytest.mark.parametrize(
    "on",
    [date(2015, 11, 5), date(2018, 10, 31), date(2018, 11, 1), date(2019, 3, 31), date(2019, 4, 1), date(2026, 7, 20)],
    ids=str,
)
def test_values_by_date_are_those_of_the_rules(on):
    if not PARAMETERS.is_file():
        pytest.skip(f"no parameters at {PARAMETERS}")
    rules = {
        entry["symbol"]: entry["values"] for entry in yaml.safe_load(PARAMETERS.read_text(encoding="utf-8")).values()
    }

    def in_force(symbol):
        return Fraction(str([v["value"] for start, v in sorted(rules[symbol].items()) if start <= on][-1]))

    values = dated_values(on)

    got = {
        "DMAT": values.de_minimis_threshold,
        "CADL": values.cadl_minutes,
        "PAR": values.price_average_reference,
        "RPAR": values.replacement_price_average_reference,
        "VoLL": values.value_of_lost_load,
    }
    assert got == {symbol: in_force(symbol) for symbol in got}


@pytest.mark.parametrize(
    ("on", "offset"),
    [
        (date(2016, 3, 27), None),
        (date(2024, 10, 27), {"P": Fraction(0), "C": Fraction(0)}),
        (date(2026, 7, 20), {"P": Fraction("-0.01612"), "C": Fraction("0.01068")}),
    ],
    ids=str,
)
def test_loss_multipliers_follow_the_date(on, offset):
    """No zonal losses before April 2018 (offset None): every TLM is 1; estimated offsets only where they are known."""
    day = market_day(on, SEED)

    units = {row["bm_unit"]: row for row in tables.day_tables(day)["bm_units"]}
    seen = {a.id: a.tlm for market in day.periods.values() for a in market.actions if not a.is_adjustment}
    assert len(seen) > 30
    for unit, tlm in seen.items():
        if offset is None:
            assert (tlm, units[unit]["tlf"]) == (1, 0)
        else:
            flag = units[unit]["production_or_consumption"]
            assert float(tlm) == pytest.approx(1 + units[unit]["tlf"] + float(offset[flag]), abs=1e-12)


@pytest.mark.parametrize("on", [date(2016, 3, 27), date(2018, 10, 28)], ids=str)
def test_an_old_day_settles_with_its_own_parameters(on):
    day = market_day(on, SEED)

    for market in day.periods.values():
        par = sum(abs(row.par_adjusted_volume) for row in market.result.rows)
        assert par == min(dated_values(on).price_average_reference, abs(market.result.net_imbalance_volume))


def test_scarcity_prices_leave_the_price_as_it_is_without_them():
    day = market_day(date(2024, 1, 15), SEED)
    scarce = [m for m in day.periods.values() if m.parameters.reserve_scarcity_price > 0]

    lifted = [row for m in scarce for row in m.result.rows if row.ranking_price != row.action.price]

    assert lifted, "at least one STOR action is lifted"
    for market in scarce:
        parameters = replace(market.parameters, reserve_scarcity_price=Fraction(0))
        assert price(market.actions, parameters, market.market_index).system_price == market.result.system_price


def test_the_offsets_of_a_year_are_not_carried_into_the_next():
    assert dated_values(date(2027, 3, 31)).estimated_tlmo
    assert not dated_values(date(2027, 4, 1)).estimated_tlmo
    assert not dated_values(date(2026, 3, 31)).estimated_tlmo


def test_what_ran_over_midnight_puts_no_volume_on_the_next_day():
    evening, morning = (market_day(date(2024, 1, 15) + timedelta(days=days), SEED) for days in (0, 1))
    end = Fraction(48 * 30)
    over = [a for a in evening.acceptances if a.last > end]
    carried = [
        replace(a, pieces=tuple(Piece(p.time_from - end, p.level_from, p.time_to - end, p.level_to) for p in a.pieces))
        for a in over
    ]

    for acceptance in carried:
        lines, bands = morning.notifications[acceptance.bm_unit], morning.pairs[acceptance.bm_unit][1]
        volumes = accepted_volumes((Fraction(0), Fraction(30)), lines, bands, [acceptance])
        assert volumes and all(v.offer == v.bid == 0 for v in volumes.values())
    assert len(carried) == 1


def test_a_day_as_tables_has_one_row_a_key():
    keys = {
        "settlement_stack": ("settlement_date", "settlement_period", "side", "sequence_number"),
        "system_prices": ("settlement_date", "settlement_period"),
        "market_index": ("settlement_date", "settlement_period", "provider"),
        "physical_notifications": ("settlement_date", "settlement_period", "bm_unit", "time_from"),
        "bid_offer_data": ("settlement_date", "settlement_period", "bm_unit", "pair", "time_from"),
        "acceptances": ("settlement_date", "bm_unit", "acceptance_number", "time_from"),
        "adjustment_actions": ("settlement_date", "settlement_period", "adjustment_id"),
        "bm_units": ("bm_unit",),
    }

    given = tables.day_tables(market_day(date(2024, 3, 31), SEED))

    assert given.keys() == keys.keys()
    for dataset, columns in keys.items():
        seen = [tuple(row[column] for column in columns) for row in given[dataset]]
        assert seen and len(set(seen)) == len(seen), dataset
        assert all(None not in key for key in seen), dataset


def test_the_check_imports_nothing_of_what_it_checks():
    allowed = {"settlement.calendar"}
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in names:
                room = name.split(".")[0]
                if room in {"settlement", "reports", "publish", "dashboards"}:
                    assert name in allowed, f"{path.name} imports {name}"
                if room == "loaders":
                    assert name.startswith("loaders.sample_market"), f"{path.name} imports {name}"
