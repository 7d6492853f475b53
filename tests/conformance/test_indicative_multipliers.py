"""Published indicative loss multipliers and bid cashflows, through the whole engine, ahead of metering.

The multipliers of five units stand in rows of published price stacks, that of the sixth in a row of cashflows. Their
loss factors and statuses stand in the BM Unit reference. Files are read here as they are, past the loaders.
"""

from __future__ import annotations

import csv
import gzip
import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from settlement import parameters, settle
from settlement.grains import full_grain, row_grain

STACKS = (
    "nuravolt/elexon_stack_bid_2026-07-20_sp15_partial.json",
    "nuravolt/elexon_stack_offer_2026-07-20_sp15_partial.json",
    "show-me-the-money/ispstack-e_litrb-1-2026-07-10-p20.json",
    "grid-mysteries/case-report-2026-08-06-p29.json",
)
CASHFLOWS = "gb-power-dashboard/ebocf-t_thurb-1-2026-07-20-p20-bid.csv"
REFERENCE = "grid2poster/elexon_bmu_units.json.gz"
STATUSES = {
    "E_BHOLB-1": "P", "E_BLKPB-1": "C", "2__MCMRO002": "C", "E_LITRB-1": "P", "T_LARYW-1": "P", "T_THURB-1": "P",
}  # fmt: skip


class Shown(NamedTuple):
    """A published multiplier: of which unit, when."""

    bm_unit: str
    settlement_date: date
    settlement_period: int
    multiplier: Fraction


def file(records: Path, name: str) -> Path:
    if not (records / name).is_file():
        pytest.skip(f"../shared/data/{name} is not beside this checkout, so its published figures cannot be read")
    return records / name


@pytest.fixture(scope="module")
def reference(records):
    """The BM Unit reference by unit."""
    rows = json.loads(gzip.decompress(file(records, REFERENCE).read_bytes()))
    return {row["elexonBmUnit"]: row for row in rows}


@pytest.fixture(scope="module")
def cashflow_rows(records):
    with file(records, CASHFLOWS).open(newline="") as lines:
        return sorted(csv.DictReader(lines), key=lambda row: int(row["pair"]))


def stack_rows(told):
    """Rows of a stack in any of the files' forms."""
    if isinstance(told, dict):
        told = told.get("bid_stack_sp29_accepted_unit") or told.get("data") or [told]
    return told


@pytest.fixture(scope="module")
def shown(records, cashflow_rows):
    """The six units' multipliers as published, each once."""
    rows = [row for name in STACKS for row in stack_rows(json.loads(file(records, name).read_text(), parse_float=str))]
    found = {
        Shown(
            row["id"], date.fromisoformat(row["settlementDate"]), int(row["settlementPeriod"]),
            round(Fraction(row["transmissionLossMultiplier"]), 7),
        )
        for row in rows
    }  # fmt: skip
    behind = {
        Fraction(row["ebocfBidOfferPairCashflow"])
        / (Fraction(row["disptavOriginalVolumeMWh"]) * Fraction(row["bodBidPrice"]))
        for row in cashflow_rows
    }
    first = cashflow_rows[0]
    of_cashflow = (first["bmUnit"], date.fromisoformat(first["settlementDate"]), int(first["settlementPeriod"]))
    return [*sorted(found), *(Shown(*of_cashflow, one) for one in behind)]


def inputs(reference, units, settlement_date, period, statuses=None):
    """What the engine is given for indicative multipliers of some units in one period."""
    units = sorted(units)
    statuses = statuses or {unit: reference[unit]["productionOrConsumptionFlag"] for unit in units}
    unit_periods = full_grain(settlement_period=[period], bm_unit=units)
    return {
        "settlement_periods": full_grain(settlement_period=[period]),
        "unit_periods": unit_periods,
        "transmission_loss_factor": unit_periods.array(
            [float(reference[unit]["transmissionLossFactor"]) for unit in units]
        ),
        "production_flag": unit_periods.array(np.array([statuses[unit] == "P" for unit in units])),
        "interconnector_flag": unit_periods.array(
            np.array([reference[unit]["interconnectorId"] is not None for unit in units])
        ),
        **{
            name: parameters.value(name, settlement_date)
            for name in ("estimated_tlmo_plus", "estimated_tlmo_minus", "interconnectors_share_losses")
        },
    }  # fmt: skip


def multiplier(reference, one, statuses=None):
    given = inputs(reference, [one.bm_unit], one.settlement_date, one.settlement_period, statuses)
    return settle(given, ["transmission_loss_multiplier"], losses="estimated")["transmission_loss_multiplier"].item()


def test_four_production_and_two_consumption_units_have_a_published_multiplier(reference, shown):
    assert {one.bm_unit: reference[one.bm_unit]["productionOrConsumptionFlag"] for one in shown} == STATUSES
    assert len(shown) == len(STATUSES)


def test_the_indicative_multiplier_of_each_of_the_six_units_is_the_published_one_to_seven_decimals(reference, shown):
    for one in shown:
        found = multiplier(reference, one)
        assert round(found, 7) == float(one.multiplier), one
        assert found == pytest.approx(float(one.multiplier), abs=1e-12), one


def test_the_other_status_gives_no_published_multiplier(reference, shown):
    for one in shown:
        other = {"P": "C", "C": "P"}[STATUSES[one.bm_unit]]
        off = multiplier(reference, one, {one.bm_unit: other}) - float(one.multiplier)
        assert abs(off) == pytest.approx(0.0268, abs=1e-9), one


def cashflows(reference, rows, wanted, **given):
    """Pairs of one unit, from accepted volumes and prices to what is asked for, with the indicative multiplier."""
    first = rows[0]
    period = int(first["settlementPeriod"])
    pairs = row_grain(
        "pair_row",
        {
            "settlement_period": np.full(len(rows), period),
            "bm_unit": np.full(len(rows), first["bmUnit"], object),
            "pair": np.array([int(row["pair"]) for row in rows]),
        },
    )
    whole = inputs(reference, [first["bmUnit"]], date.fromisoformat(first["settlementDate"]), period) | {
        "pair_rows": pairs,
        "bid_price": pairs.array([float(row["bodBidPrice"]) for row in rows]),
        "offer_price": pairs.array([500.0] * len(rows)),
        **given,
    }
    accepted = {
        "accepted_bid_volume": pairs.array([float(row["disptavOriginalVolumeMWh"]) for row in rows]),
        "accepted_offer_volume": pairs.array([0.0] * len(rows)),
    }
    return settle(whole, wanted, published=accepted, way="own stack", losses="estimated")


def test_the_bid_cashflows_of_three_pairs_are_the_published_ones(reference, cashflow_rows):
    found = cashflows(reference, cashflow_rows, ["bid_cashflow"])["bid_cashflow"]

    assert [row["pair"] for row in cashflow_rows] == ["-3", "-2", "-1"]
    for row, own in zip(cashflow_rows, found.to_numpy(), strict=True):
        assert own == pytest.approx(float(row["ebocfBidOfferPairCashflow"]), abs=1e-9), row


def test_the_cashflow_of_the_unit_and_of_the_system_is_the_sum_of_the_three(reference, cashflow_rows):
    summed = sum(Fraction(row["ebocfBidOfferPairCashflow"]) for row in cashflow_rows)

    found = cashflows(reference, cashflow_rows, ["bm_unit_cashflow", "total_system_bm_cashflow"])

    for name in ("bm_unit_cashflow", "total_system_bm_cashflow"):
        assert found[name].item() == pytest.approx(float(summed), abs=1e-9), name


def test_without_the_estimated_offset_no_cashflow_is_met(reference, cashflow_rows):
    found = cashflows(reference, cashflow_rows, ["bid_cashflow"], estimated_tlmo_plus=0.0)["bid_cashflow"]

    for row, own in zip(cashflow_rows, found.to_numpy(), strict=True):
        assert abs(own - float(row["ebocfBidOfferPairCashflow"])) > 1, row
