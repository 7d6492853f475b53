"""The published credit assessment capabilities of every BM Unit are its load factor times its capacities."""

from __future__ import annotations

import gzip
import json
from fractions import Fraction

import pytest

from settlement import settle
from settlement.grains import full_grain

HALF = Fraction(1, 2000)  # MW: the capabilities are published to three decimals
FIELDS = (
    "generationCapacity", "demandCapacity",
    "{}CreditAssessmentExportCapability", "{}CreditAssessmentImportCapability",
)  # fmt: skip

# One capacity of each is so small that a thousandth of a MW moves the ratio by more than a thousandth.
ODD_ON_BOTH = {
    "E_CLAC-1", "E_GDSTW-1", "M_SLOY-1", "T_ERRO-1", "T_FASN-2", "T_GLEND-1", "T_KILSD-2", "T_KILSD-4",
    "T_PEHE-1", "T_SLOY-2", "T_SLOY-3", "T_WISTW-2",
}  # fmt: skip
ODD = {
    "workingDay": {*ODD_ON_BOTH, "2__PSMAE003"},
    "nonWorkingDay": {*ODD_ON_BOTH, "2__DHPOW000"},
}
BELOW_ZERO_WORKING_DAYS = 15
KINDS = pytest.mark.parametrize("kind", ["workingDay", "nonWorkingDay"])


@pytest.fixture(scope="module")
def records(shared):
    """Rows of the BM Unit reference that state capacities."""
    packed = (shared / "data/grid2poster/elexon_bmu_units.json.gz").read_bytes()
    return [row for row in json.loads(gzip.decompress(packed)) if row["generationCapacity"] is not None]


def figures(records, kind):
    """(unit, GC, DC, export capability, import capability) of each row, in MW as published."""
    names = [name.format(kind) for name in FIELDS]
    return [(row["elexonBmUnit"], *(Fraction(row[name]) for name in names)) for row in records]


def of_both_capacities(records, kind):
    return [row for row in figures(records, kind) if row[1] and row[2]]


@KINDS
def test_the_two_ratios_agree_within_a_thousandth_but_for_thirteen_units(records, kind):
    rows = of_both_capacities(records, kind)
    odd = [unit for unit, most, least, exported, imported in rows if abs(exported / most - imported / least) > 2 * HALF]

    assert len(rows) == 790
    assert len(rows) - len(odd) == 777
    assert set(odd) == ODD[kind]
    # Walney 4 stands in the file twice, under two EICs and otherwise alike.
    assert len({unit for unit, *_ in rows}) == 789


@KINDS
def test_one_load_factor_gives_both_capabilities_as_rounded_of_every_unit_the_thirteen_included(records, kind):
    for unit, most, least, exported, imported in of_both_capacities(records, kind):
        by_export = ((exported - HALF) / most, (exported + HALF) / most)
        by_import = ((imported + HALF) / least, (imported - HALF) / least)
        assert max(by_export[0], by_import[0]) <= min(by_export[1], by_import[1]), unit


def test_the_load_factor_of_some_units_is_below_zero_so_their_export_capability_is(records):
    below = [unit for unit, _, _, exported, imported in figures(records, "workingDay") if exported < 0 < imported]

    assert len(below) == BELOW_ZERO_WORKING_DAYS
    assert "T_GLEND-1" in below


@KINDS
def test_the_rules_give_back_the_published_capabilities_of_every_unit(records, kind):
    # The factor is read off the larger capacity, so the other capability is foretold and not put in.
    rows = {unit: told for unit, *told in figures(records, kind)}
    factors = {
        unit: (imported / least if -least > most else exported / most) if most or least else Fraction(0)
        for unit, (most, least, exported, imported) in rows.items()
    }
    units = full_grain(bm_unit=list(rows))

    results = settle(
        {
            "units": units,
            "credit_assessment_load_factor": units.array([float(one) for one in factors.values()]),
            "generation_capacity": units.array([float(most) for most, *_ in rows.values()]),
            "demand_capacity": units.array([float(told[1]) for told in rows.values()]),
        },
        ["credit_assessment_export_capability", "credit_assessment_import_capability"],
    )

    # Half a thousandth of rounding in the figure, and at most as much again in the factor.
    both = [results[name].to_numpy() for name in results]
    for unit, exported, imported in zip(rows, *both, strict=True):
        assert exported == pytest.approx(float(rows[unit][2]), abs=float(2 * HALF) + 1e-9), unit
        assert imported == pytest.approx(float(rows[unit][3]), abs=float(2 * HALF) + 1e-9), unit
    assert len(rows) == 2908
