"""Accepted volumes against worked cases, published records, and what a reader of the rules expects."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest

from settlement.errors import WrongInput
from settlement.kernels import band_volumes
from settlement.kernels.accepted_volumes import Lines, accepted_volumes

HALF_HOUR = 1800
WORKED = ("single-acceptance-ramp", "chained-acceptances-undo", "fpn-ramp-crossings")
UPPER_BANDS = {0: {1: [(0, HALF_HOUR, 50, 50)], 2: [(0, HALF_HOUR, 30, 30)]}}


def seconds(text):
    return int(datetime.fromisoformat(text).timestamp())


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def line(row):
    return (
        seconds(row["time_from"]),
        seconds(row["time_to"]),
        float(row["level_from_mw"]),
        float(row["level_to_mw"]),
    )


@pytest.mark.parametrize("case", WORKED)
def test_a_worked_case_comes_out_as_calculated_in_exact_fractions(case, shared, unit_of, settle_volumes):
    folder = shared / "rules/cases/charges" / case
    notified = table(folder / "given_fpn.csv")
    start, end = seconds(notified[0]["time_from"]), seconds(notified[-1]["time_to"])
    name = notified[0]["bm_unit"]
    points = defaultdict(list)
    for row in table(folder / "given_acceptances.csv"):
        points[row["acceptance_time"], int(row["acceptance_number"])].append(line(row))
    bands = {
        int(row["pair"]): [(start, end, float(row["level_mw"]), float(row["level_mw"]))]
        for row in table(folder / "given_bid_offer_pairs.csv")
    }
    unit = unit_of({0: [line(row) for row in notified]}, {0: bands}, [(key[1], points[key]) for key in sorted(points)])

    volumes = settle_volumes([(start, end)], {name: unit})

    expected = {
        (0, name, int(row["acceptance_number"]), int(row["pair"])): (float(row["qao_kn_mwh"]), float(row["qab_kn_mwh"]))
        for row in table(folder / "expected_volumes_by_acceptance.csv")
    }
    assert set(volumes.rows) == set(expected)
    for key, wanted in expected.items():
        assert volumes.rows[key] == pytest.approx(wanted, abs=1e-6), key
    expected_unit = table(folder / "expected_unit.csv")[0]
    assert volumes.energy[0, name] == pytest.approx(float(expected_unit["fpn_mwh"]), abs=1e-6)
    total = sum(offer + bid for offer, bid in volumes.rows.values())
    assert total == pytest.approx(float(expected_unit["sum_accepted_mwh"]), abs=1e-6)


def test_london_array_steps_back_to_the_profile_before_when_an_acceptance_ends_below_its_notification(
    shared, unit_of, settle_volumes
):
    report = json.loads((shared / "data/grid-mysteries/case-report-2026-08-06-p29.json").read_text())
    points = defaultdict(list)
    for row in report["boalf_sp29_both_units"]:
        key = (row["acceptanceTime"], row["acceptanceNumber"])
        points[key].append((seconds(row["timeFrom"]), seconds(row["timeTo"]), row["levelFrom"], row["levelTo"]))
    start = seconds("2026-08-06T13:00:00Z")
    end = start + HALF_HOUR
    # Neither is in the report: 23 MW is the only notification that fits both rows, and the band holds all 23 MW.
    bands = {-1: [(start, end, -200, -200)]}
    unit = unit_of({0: [(start, end, 23, 23)]}, {0: bands}, [(key[1], sorted(points[key])) for key in sorted(points)])

    volumes = settle_volumes([(start, end)], {"T_LARYW-1": unit})

    published = {row["acceptanceId"]: float(row["volume"]) for row in report["bid_stack_sp29_accepted_unit"]}
    assert published == pytest.approx({52013: -10.1667, 52014: -1.3333}, abs=1e-4)
    for number, wanted in published.items():
        assert volumes.rows[0, "T_LARYW-1", number, -1] == (0, pytest.approx(wanted, abs=1e-9))


def test_the_published_imbalance_of_19_march_2022_period_27_follows_from_notifications_pairs_and_acceptances(
    shared, unit_of, settle_volumes
):
    def records(name, kind):
        with gzip.open(shared / "data/wind-curtailment" / name, "rt") as file:
            return [row for row in csv.reader(file) if row[0] == kind]

    def instant(text):
        return seconds(f"{text[:8]}T{text[8:]}Z")

    start, physical = instant("20220319130000"), "PhysicalData_20220319_27.csv.gz"
    units = defaultdict(lambda: unit_of({0: []}, {0: {}}, []))
    for _, name, _, time_from, level_from, time_to, level_to in records(physical, "PN"):
        units[name].notifications[0].append((instant(time_from), instant(time_to), float(level_from), float(level_to)))
    for _, name, pair, time_from, level_from, time_to, level_to, *_ in records(
        "BidOfferData_20220605_1122.csv.gz", "BOD"
    ):
        level = (instant(time_from), instant(time_to), float(level_from), float(level_to))
        units[name].bands[0][int(pair)] = [level]
    points = defaultdict(list)
    for row in records(physical, "BOALF"):
        key = (row[1], row[3], int(row[2]))
        points[key].append((instant(row[9]), instant(row[11]), float(row[10]), float(row[12])))
    for name, accepted_at, number in sorted(points):
        units[name].acceptances.append((number, sorted(points[name, accepted_at, number])))
    for unit in units.values():
        unit.notifications[0].sort()

    volumes = settle_volumes([(start, start + HALF_HOUR)], dict(units))

    of_pair_and_side = defaultdict(float)
    for (_, name, _, pair), (offer, bid) in volumes.rows.items():
        of_pair_and_side[name, pair, "offer"] += offer
        of_pair_and_side[name, pair, "bid"] += bid
    counted = sum(volume for volume in of_pair_and_side.values() if abs(volume) >= 0.1)
    adjustment_sell = -496.0
    assert counted + adjustment_sell == pytest.approx(-1194.7878, abs=0.001)
    assert not len(volumes.answer.notification_gaps)
    with gzip.open(shared / "data/wind-curtailment/sspsbpniv.csv.gz", "rt") as file:
        published = next(row for row in csv.reader(file) if row[:2] == ["19/03/2022", "27"])
    assert counted + adjustment_sell == pytest.approx(float(published[4]), abs=0.001)


def test_movement_beyond_the_bands_is_counted_nowhere_and_named(unit_of, settle_volumes):
    unit = unit_of({0: [(0, HALF_HOUR, 100, 100)]}, UPPER_BANDS, [(1, [(0, HALF_HOUR, 200, 200)])])

    volumes = settle_volumes([(0, HALF_HOUR)], {"U": unit})

    assert volumes.rows == {(0, "U", 1, 1): (25, 0), (0, "U", 1, 2): (15, 0)}
    assert volumes.answer.beyond_bands_volume == pytest.approx([10])
    assert (volumes.answer.beyond_bands_unit_period.tolist(), volumes.answer.beyond_bands_acceptance.tolist()) == (
        [0],
        [0],
    )


def test_an_acceptance_without_any_pair_has_no_volume_and_is_named(unit_of, settle_volumes):
    unit = unit_of({0: [(0, HALF_HOUR, 100, 100)]}, {}, [(1, [(0, HALF_HOUR, 60, 60)])])

    volumes = settle_volumes([(0, HALF_HOUR)], {"U": unit})

    assert volumes.rows == {}
    assert volumes.answer.beyond_bands_volume == pytest.approx([20])


def test_a_unit_that_notified_nothing_stands_at_zero_and_is_named(unit_of, settle_volumes):
    unit = unit_of({}, UPPER_BANDS, [(1, [(0, HALF_HOUR, 20, 20)])])

    volumes = settle_volumes([(0, HALF_HOUR)], {"silent": unit, "other": unit_of({0: [(0, HALF_HOUR, 8, 8)]})})

    assert volumes.rows[0, "silent", 1, 1] == (10, 0)
    assert volumes.energy == {(0, "silent"): 0, (0, "other"): 4}
    assert volumes.answer.notification_defaulted.tolist() == [0]


@pytest.mark.parametrize(
    ("rows", "energy"),
    [
        ([(0, 600, 60, 60), (1200, 1800, 120, 120)], 10 + 15 + 20),
        ([(600, 1800, 60, 60)], 30),
        ([(0, 900, 60, 30)], 11.25 + 7.5),
    ],
)
def test_a_hole_in_a_notification_is_bridged_and_named(rows, energy, unit_of, settle_volumes):
    volumes = settle_volumes([(0, HALF_HOUR)], {"U": unit_of({0: rows})})

    assert volumes.energy[0, "U"] == pytest.approx(energy)
    assert volumes.answer.notification_gaps.tolist() == [0]


def test_rows_that_reach_beyond_their_period_leave_no_gap(unit_of, settle_volumes):
    unit = unit_of({0: [(-600, 900, 0, 100), (900, 2400, 100, 100)]})

    volumes = settle_volumes([(0, HALF_HOUR)], {"U": unit})

    assert volumes.energy[0, "U"] == pytest.approx((40 + 100) / 2 / 4 + 25)
    assert not len(volumes.answer.notification_gaps)


def test_a_pair_that_is_silent_for_part_of_the_period_gives_no_band_there_and_is_named(unit_of, settle_volumes):
    bands = {0: {1: [(0, 900, 50, 50)]}}
    unit = unit_of({0: [(0, HALF_HOUR, 0, 0)]}, bands, [(1, [(0, HALF_HOUR, 40, 40)])])

    volumes = settle_volumes([(0, HALF_HOUR)], {"U": unit})

    assert volumes.rows[0, "U", 1, 1] == (pytest.approx(10), 0)
    assert volumes.answer.beyond_bands_volume == pytest.approx([10])
    assert volumes.answer.pair_gaps.tolist() == [0]


def test_a_band_whose_level_changes_is_crossed_where_it_is_crossed(unit_of, settle_volumes):
    # The band opens from 0 to 60 MW: 40 MW are inside it after 20 of 30 minutes.
    unit = unit_of({0: [(0, HALF_HOUR, 0, 0)]}, {0: {1: [(0, HALF_HOUR, 0, 60)]}}, [(1, [(0, HALF_HOUR, 40, 40)])])

    volumes = settle_volumes([(0, HALF_HOUR)], {"U": unit})

    assert volumes.rows[0, "U", 1, 1] == (pytest.approx((20 * 20 + 10 * 40) / 60), 0)


@pytest.mark.parametrize(
    ("acceptances", "named"),
    [
        ([(1, [(0, 600, 40, 40)])], [(0, 30)]),
        ([(1, [(0, 600, 40, 10)])], []),
        ([(1, [(0, 600, 40, 40)]), (2, [(300, 900, 40, 10)])], []),
        ([(1, [(0, 600, 40, 40)]), (2, [(600, 900, 40, 10)])], []),
        ([(1, [(0, HALF_HOUR, 40, 40)]), (2, [(300, 600, 40, 25)])], [(0, 30), (1, -15)]),
        ([(1, [(0, HALF_HOUR, 40, 10)]), (2, [(HALF_HOUR, 3600, 10, 20)])], []),
        ([(1, [(0, 4000, 40, 40)])], []),
    ],
    ids=["off", "on", "follow-on", "abutting", "earlier goes on", "after the last period", "ends later"],
)
def test_an_acceptance_that_ends_off_the_profile_before_it_is_named(acceptances, named, unit_of, settle_volumes):
    unit = unit_of({0: [(0, HALF_HOUR, 10, 10)]}, UPPER_BANDS, acceptances)

    answer = settle_volumes([(0, HALF_HOUR)], {"U": unit}).answer

    assert list(zip(answer.ends_off_profile.tolist(), answer.ends_off_profile_by.tolist(), strict=True)) == named


def test_an_acceptance_of_the_evening_before_is_the_profile_before_the_next(unit_of, settle_volumes):
    acceptances = [(1, [(-7200, 900, 40, 40)]), (2, [(0, HALF_HOUR, 60, 60)]), (3, [(-9000, -3600, 7, 7)])]
    unit = unit_of({0: [(0, HALF_HOUR, 10, 10)]}, UPPER_BANDS, acceptances)

    rows = settle_volumes([(0, HALF_HOUR)], {"U": unit}).rows

    assert {key[2:]: value for key, value in rows.items()} == {
        (1, 1): (7.5, 0),
        (1, 2): (0, 0),
        (2, 1): (pytest.approx(5 + 12.5), 0),
        (2, 2): (0, 0),
    }


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        (({0: [(0, 900, 1, 1), (600, 1800, 1, 1)]}, UPPER_BANDS, []), "notifications, time_from, row 1"),
        (({0: [(900, 0, 1, 1)]}, UPPER_BANDS, []), "notifications, time_from, row 0"),
        (({0: [(0, 1800, float("nan"), 1)]}, UPPER_BANDS, []), "notifications, level, row 0"),
        (({}, {0: {1: [(0, 1800, -5, -5)]}}, []), "pairs, row 0: found a level on the wrong side"),
        (({}, {0: {0: [(0, 1800, 5, 5)]}}, []), "pairs, row 0: found a level on the wrong side"),
        (({}, UPPER_BANDS, [(1, [(600, 900, 1, 1), (0, 600, 1, 1)])]), "points, time_from, row 1"),
    ],
)
def test_rows_that_contradict_each_other_are_refused_by_name(unit, said, unit_of, settle_volumes):
    with pytest.raises(WrongInput) as error:
        settle_volumes([(0, HALF_HOUR)], {"U": unit_of(*unit)})

    assert said in str(error.value)


def test_an_acceptance_in_a_period_without_its_unit_is_refused():
    none, half_hour = np.array([], np.int64), np.array([0, HALF_HOUR])
    nothing = Lines(np.array([0]), none, none, none, none)
    points = Lines(np.array([0, 1]), half_hour[:1], half_hour[1:], np.array([5.0]), np.array([5.0]))

    with pytest.raises(WrongInput, match="acceptances, row 0: found one in a period without its unit"):
        accepted_volumes(half_hour[:1], half_hour[1:], none, none, nothing, none, nothing, np.array([0, 1]), points)


def test_read_only_and_strided_columns_settle_without_compiling_anew(unit_of, settle_volumes):
    unit = unit_of({0: [(0, HALF_HOUR, 0, 0)]}, UPPER_BANDS, [(1, [(0, HALF_HOUR, 40, 40)])])
    settle_volumes([(0, HALF_HOUR)], {"U": unit})
    compiled = len(band_volumes.volumes.signatures)
    table = np.array([[0.0, 40.0]])
    table.flags.writeable = False
    one, half_hour = np.array([0, 1]), np.array([0, HALF_HOUR], np.int32)
    rows = (half_hour[:1], half_hour[1:])
    answer = accepted_volumes(
        *rows,
        one[:1],
        one[:1],
        Lines(one, *rows, table[:, 0], table[:, 0]),
        one[1:],
        Lines(one, *rows, table[:, 1], table[:, 1]),
        one,
        Lines(one, *rows, table[:, 1], table[:, 1]),
    )

    assert answer.accepted_offer_volume.tolist() == [20]
    assert len(band_volumes.volumes.signatures) == compiled


def test_the_order_of_periods_and_units_does_not_move_a_bit(unit_of, settle_volumes):
    periods = [(n * HALF_HOUR, (n + 1) * HALF_HOUR) for n in range(3)]
    units = {}
    for place, name in enumerate("ABC"):
        fpn = {n: [(start, end, 10 * place + n, 12 - n)] for n, (start, end) in enumerate(periods)}
        bands = {n: {1: [(start, end, 9, 9)], -1: [(start, end, -4, -4)]} for n, (start, end) in enumerate(periods)}
        units[name] = unit_of(fpn, bands, [(1, [(500, 4000, 3, 40)]), (2, [(1000, 2900, 17, 0)])])

    together = settle_volumes(periods, units).rows

    assert len(together) == 3 * 2 * 3 * 2 - 3 * 2  # the second acceptance is over before the third period
    for first, second in pairwise("ABCA"):
        apart = settle_volumes(periods, {first: units[first], second: units[second]}).rows
        assert {key: together[key] for key in apart} == apart
