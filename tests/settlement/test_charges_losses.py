"""Transmission losses are shared to the last megawatt-hour: the worked case, small systems by hand, and the balance."""

from __future__ import annotations

import csv

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from settlement import settle
from settlement.errors import WrongInput, ZeroDenominator
from settlement.grains import full_grain

WANTED = ("total_losses", "tlmo_plus", "tlmo_minus", "transmission_loss_multiplier", "loss_adjusted_metered_volume")
ALPHA = 0.45
# bm_unit: (trading unit, interconnector, TLF, QM of each period). In the first, 100 - 90 - 6 leaves 4 MWh of losses.
SMALL = {
    "T_GEN-1": ("GEN-1", False, 0.0, [100.0]),
    "2__ASUP1": ("BASE-A", False, 0.0, [-90.0]),
    "I_EXP-1": ("I_EXP-1", True, 0.0, [-6.0]),
}


def system(units, periods=(21,), share=False):
    """What the engine is given for a system of units."""
    trading_unit = [one[0] for one in units.values()]
    unit_periods = full_grain(settlement_period=periods, bm_unit=list(units)).mapped(
        "bm_unit", trading_unit=trading_unit
    )
    across = range(len(periods))
    return {
        "settlement_periods": full_grain(settlement_period=periods),
        "unit_periods": unit_periods,
        "trading_unit_periods": full_grain(settlement_period=periods, trading_unit=sorted(set(trading_unit))),
        "metered_volume": unit_periods.array([one[3][at] for at in across for one in units.values()]),
        "transmission_loss_factor": unit_periods.array([one[2] for _ in across for one in units.values()]),
        "interconnector_flag": unit_periods.array([one[1] for _ in across for one in units.values()]),
        "delivering_share_of_losses": ALPHA,
        "interconnectors_share_losses": share,
    }


def shared_out(units, periods=(21,), share=False, wanted=WANTED, **more):
    return settle(system(units, periods, share), wanted, losses="metered", **more)


def by_unit(result):
    return dict(zip(result["bm_unit"].to_numpy().tolist(), result.to_numpy()[0].tolist(), strict=True))


@pytest.fixture
def worked_case(shared):
    folder = shared / "rules/cases/charges/transmission-losses"
    if not folder.is_dir():
        pytest.skip("../shared/rules/cases/charges/transmission-losses is not there, so it cannot be settled")
    return lambda name: list(csv.DictReader((folder / name).open(newline="", encoding="utf-8")))


def test_the_worked_case_of_nine_units_comes_out_as_expected(worked_case):
    units = {
        row["bm_unit"]: (
            row["trading_unit"], row["interconnector"] == "true", float(row["tlf"]), [float(row["qm_mwh"])],
        )
        for row in worked_case("given_units.csv")
    }  # fmt: skip
    wanted = [*WANTED, "trading_unit_metered_volume", "delivering_flag"]

    found = shared_out(units, wanted=wanted)

    (period,) = worked_case("expected_tlmo.csv")
    assert found["total_losses"].item() == pytest.approx(float(period["total_losses_mwh"]), abs=1e-6)
    assert found["tlmo_plus"].item() == pytest.approx(float(period["tlmo_plus"]), abs=1e-6)
    assert found["tlmo_minus"].item() == pytest.approx(float(period["tlmo_minus"]), abs=1e-6)
    for row in worked_case("expected_tlm.csv"):
        multiplier, scaled = (by_unit(found[name])[row["bm_unit"]] for name in WANTED[-2:])
        assert multiplier == pytest.approx(float(row["tlm"]), abs=1e-6), row
        assert scaled == pytest.approx(float(row["qm_tlm_mwh"]), abs=1e-6), row
    for row in worked_case("expected_trading_units.csv"):
        label = {"settlement_period": 21, "trading_unit": row["trading_unit"]}
        volume = found["trading_unit_metered_volume"].sel(label).item()
        assert volume == pytest.approx(float(row["qm_mwh"]), abs=1e-6)
        assert found["delivering_flag"].sel(label).item() is (row["status"] == "delivering")


def test_an_interconnector_unit_has_a_multiplier_of_1_since_p278_and_shared_the_losses_before():
    since, before = shared_out(SMALL), shared_out(SMALL, share=True)

    rest = 0.55 * 4  # MWh, on the offtaking side
    assert by_unit(since["transmission_loss_multiplier"]) == pytest.approx(
        {"T_GEN-1": 1 - 0.45 * 4 / 100, "2__ASUP1": 1 + rest / 90, "I_EXP-1": 1.0}, abs=1e-12
    )
    assert by_unit(before["transmission_loss_multiplier"]) == pytest.approx(
        {"T_GEN-1": 1 - 0.45 * 4 / 100, "2__ASUP1": 1 + rest / 96, "I_EXP-1": 1 + rest / 96}, abs=1e-12
    )


def test_losses_counted_without_interconnectors_are_another_total_and_do_not_balance():
    found = shared_out(SMALL, options={"losses_total": "without interconnectors"})

    assert found["total_losses"].item() == 10.0
    assert found["tlmo_plus"].item() == pytest.approx(-0.45 * 10 / 100, abs=1e-12)
    assert found["loss_adjusted_metered_volume"].to_numpy().sum() == pytest.approx(-6.0, abs=1e-12)
    # Before P278 there is nobody to leave out.
    before = shared_out(SMALL, share=True, options={"losses_total": "without interconnectors"})
    assert before["total_losses"].item() == 4.0


@pytest.mark.parametrize(("choice", "delivers"), [("offtaking", False), ("delivering", True)])
def test_a_trading_unit_in_exact_balance_has_the_status_that_the_option_says(choice, delivers):
    # 0.1 + 0.2 - 0.3 is not 0 in binary figures, but it is in megawatt-hours.
    units = SMALL | {
        "T_A-1": ("A", False, 0.0, [0.1]), "T_A-2": ("A", False, 0.0, [0.2]), "T_A-3": ("A", False, 0.0, [-0.3]),
    }  # fmt: skip

    found = shared_out(units, wanted=["unit_delivering_flag"], options={"balanced_trading_unit": choice})

    status = by_unit(found["unit_delivering_flag"])
    assert [status[unit] for unit in ("T_A-1", "T_A-2", "T_A-3")] == [delivers] * 3
    assert status["T_GEN-1"]
    assert not status["2__ASUP1"]


def test_a_trading_unit_may_deliver_in_one_period_and_offtake_in_the_next():
    units = {"T_GEN-1": ("GEN-1", False, 0.0, [100.0, -5.0]), "2__ASUP1": ("BASE-A", False, 0.0, [-97.0, 6.0])}

    found = shared_out(units, (21, 22), wanted=["unit_delivering_flag"])

    assert found["unit_delivering_flag"].to_numpy().tolist() == [[True, False], [False, True]]


@pytest.mark.parametrize(
    ("side", "wanted", "first", "second"),
    [
        ("delivering", "tlmo_plus", [100.0, -3.0], [-97.0, -97.0]),
        ("offtaking", "tlmo_minus", [100.0, 100.0], [-97.0, 2.0]),
    ],
)
def test_a_period_without_a_side_to_bear_losses_is_refused_by_its_number(side, wanted, first, second):
    units = {"T_GEN-1": ("GEN-1", False, 0.0, first), "2__ASUP1": ("BASE-A", False, 0.0, second)}

    with pytest.raises(
        ZeroDenominator, match=rf"periods \[22\]: found 0 MWh over all {side}.*published transmission_loss_multiplier"
    ) as told:
        shared_out(units, (21, 22), wanted=[wanted])

    assert isinstance(told.value, WrongInput)


def test_published_tlmo_stands_in_for_a_system_that_is_only_partly_known():
    periods = full_grain(settlement_period=(21,))
    published = {"tlmo_plus": periods.array([-0.0125]), "tlmo_minus": periods.array([0.01])}
    units = {"T_GEN-1": ("GEN-1", False, -0.01, [100.0])}

    found = shared_out(units, wanted=["transmission_loss_multiplier"], published=published)

    assert found["transmission_loss_multiplier"].item() == pytest.approx(0.9775, abs=1e-12)


def test_the_estimated_multiplier_goes_by_production_status_and_spares_interconnectors():
    units = {
        "T_GEN-1": ("GEN-1", False, -0.01, [-1.0]), "2__ASUP1": ("BASE-A", False, 0.012, [5.0]),
        "I_EXP-1": ("I_EXP-1", True, 0.0, [1.0]),
    }  # fmt: skip
    inputs = system(units) | {"estimated_tlmo_plus": -0.01612, "estimated_tlmo_minus": 0.01068}
    inputs["production_flag"] = inputs["unit_periods"].array([True, False, True])
    for name in ("metered_volume", "trading_unit_periods"):
        del inputs[name]  # ahead of metering there is none

    found = settle(inputs, ["transmission_loss_multiplier"], losses="estimated")

    assert by_unit(found["transmission_loss_multiplier"]) == pytest.approx(
        {"T_GEN-1": 0.97388, "2__ASUP1": 1.02268, "I_EXP-1": 1.0}, abs=1e-12
    )


volumes = st.integers(-500_000, 500_000).map(lambda kilowatt_hours: kilowatt_hours / 1000)
factors = st.integers(-200, 200).map(lambda parts: parts / 10_000)
members = st.tuples(st.sampled_from(["A", "B", "C", "D"]), factors, volumes)


@settings(max_examples=40)
@given(st.lists(members, min_size=3, max_size=8), st.lists(volumes, max_size=2))
def test_scaled_volumes_balance_and_each_side_bears_its_share_of_the_losses(own, interconnectors):
    units = {f"T_{at}": (of, False, factor, [volume]) for at, (of, factor, volume) in enumerate(own)}
    units |= {f"I_{at}": (f"I_{at}", True, 0.0, [volume]) for at, volume in enumerate(interconnectors)}
    net = {of: sum(volume for one, _, volume in own if one == of) for of, _, _ in own}
    sides = [[(unit, one) for unit, one in units.items() if not one[1] and (net[one[0]] > 1e-6) is side]
             for side in (True, False)]  # fmt: skip
    # A side of a few kilowatt-hours would bear losses of any size, and noise of the same.
    assume(all(abs(sum(one[3][0] for _, one in side)) > 1 for side in sides))

    scaled = by_unit(shared_out(units)["loss_adjusted_metered_volume"])

    size = sum(abs(one[3][0]) for one in units.values())
    losses = sum(one[3][0] for one in units.values())
    assert sum(scaled.values()) == pytest.approx(0.0, abs=1e-9 * size)
    for side, share in zip(sides, (ALPHA, 1 - ALPHA), strict=True):
        borne = sum(scaled[unit] - one[3][0] for unit, one in side)
        assert borne == pytest.approx(-share * losses, abs=1e-9 * size)
