"""Laws that accepted volumes keep on any market, and equality with the calculator in exact fractions.

Markets are random, in whole minutes, with steps: levels that jump where two lines meet.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.sample_market import exact_volumes

PERIODS = [(0, 1800), (1800, 3600)]
LEVEL = st.integers(-120, 120)
UP, DOWN = (1, 2, 3), (-3, -2, -1)


@st.composite
def profiles(draw, first, last, levels=LEVEL):
    """Lines that abut from one minute to another, in seconds; a level may jump where two meet."""
    cuts = draw(st.sets(st.integers(first, last), max_size=3)) | {first, last}
    return [(60 * a, 60 * b, draw(levels), draw(levels)) for a, b in pairwise(sorted(cuts))]


@st.composite
def acceptance_lists(draw, most=4, holes=False):
    taken = []
    for number in range(1, draw(st.integers(1, most)) + 1):
        first = draw(st.integers(-20, 58))
        its_lines = draw(profiles(first, draw(st.integers(first + 1, 80))))
        if holes and len(its_lines) > 2 and draw(st.booleans()):
            del its_lines[1]
        taken.append((number, its_lines))
    return taken


@st.composite
def bands(draw, changing=False):
    """Constant bands by period, or also ramps, steps and silent parts."""
    numbers = draw(st.sets(st.sampled_from(UP + DOWN), max_size=6))
    by_period = {}
    for period, (start, end) in enumerate(PERIODS):
        by_period[period] = {}
        for pair in numbers:
            sign = 1 if pair > 0 else -1
            levels = st.integers(0, 60).map(lambda level, sign=sign: sign * level)
            level = draw(levels)
            its_lines = [(start, end, level, level)]
            if changing and draw(st.booleans()):
                its_lines = draw(profiles(start // 60, end // 60, levels))
                its_lines = its_lines[: draw(st.integers(1, len(its_lines)))]
            by_period[period][pair] = its_lines
    return by_period


@st.composite
def units(draw, unit_of, changing=False, most=4):
    notified = {period: draw(profiles(start // 60, end // 60)) for period, (start, end) in enumerate(PERIODS)}
    return unit_of(notified, draw(bands(changing)), draw(acceptance_lists(most, holes=changing)))


def close(left, right, scale):
    return abs(left - right) <= 1e-9 * scale + 1e-12


def volume(rows):
    return sum(abs(offer) + abs(bid) for offer, bid in rows.values())


def pieces(its_lines):
    return tuple(exact_volumes.Piece(*(Fraction(x) for x in (a / 60, p, b / 60, q))) for a, b, p, q in its_lines)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_the_engine_gives_what_exact_fractions_give(data, unit_of, settle_volumes):
    market = {name: data.draw(units(unit_of, changing=True)) for name in "AB"}

    volumes = settle_volumes(PERIODS, market)

    exact = {}
    for period, (start, end) in enumerate(PERIODS):
        window = (Fraction(start, 60), Fraction(end, 60))
        for name, unit in market.items():
            found = exact_volumes.accepted_volumes(
                window,
                pieces(unit.notifications[period]),
                [
                    exact_volumes.PairBand(n, pieces(its), Fraction(0), Fraction(0))
                    for n, its in unit.bands[period].items()
                ],
                [exact_volumes.Acceptance(name, n, Fraction(n), pieces(its)) for n, its in unit.acceptances],
            )
            exact |= {(period, name, *key): (value.offer, value.bid) for key, value in found.items()}
            energy = exact_volumes.period_volume(window, pieces(unit.notifications[period]))
            assert close(volumes.energy[period, name], float(energy), abs(energy))
    assert set(volumes.rows) == set(exact)
    scale = float(sum(offer - bid for offer, bid in exact.values()))
    for key, wanted in exact.items():
        assert all(close(own, float(value), scale) for own, value in zip(volumes.rows[key], wanted, strict=True)), key


def level_at(its_lines, time):
    a, b, p, q = next(line for line in its_lines if line[0] < time < line[1])
    return p + (q - p) * (time - a) / Fraction(b - a)


def last_profile(unit, period, acceptances, time):
    """Rule 2.6 read aloud: the latest acceptance that holds at this time, else the notification."""
    for _, its_lines in reversed(acceptances):
        if its_lines[0][0] < time < its_lines[-1][1]:
            return level_at(its_lines, time)
    return level_at(unit.notifications[period], time)


def movement_inside(unit, period, low, high, acceptances):
    """Integral of the profile held between FPN + low and FPN + high, less the lower of 0: MWh above FPN, signed."""
    start, end = PERIODS[period]
    cuts = {start, end} | {t for _, its in acceptances for line in its for t in line[:2] if start < t < end}
    cuts |= {t for line in unit.notifications[period] for t in line[:2]}
    total = Fraction(0)
    for a, b in pairwise(sorted(cuts)):
        quarter = Fraction(b - a, 4)
        one, three = (
            last_profile(unit, period, acceptances, t) - level_at(unit.notifications[period], t)
            for t in (a + quarter, b - quarter)
        )
        slope = (three - one) / (2 * quarter)
        left = one - slope * quarter
        edges = {a, b} | {a + (edge - left) / slope for edge in (low, high) if slope != 0}
        inside = sorted(t for t in edges if a <= t <= b)
        for c, d in pairwise(inside):
            middle = left + slope * ((c + d) / Fraction(2) - a)
            total += min(max(middle, low), high) * (d - c)
    return float(total / 3600)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_the_chain_of_acceptances_adds_up_to_the_last_profile_held_inside_each_band(data, unit_of, settle_volumes):
    unit = data.draw(units(unit_of))

    rows = settle_volumes(PERIODS, {"U": unit}).rows

    scale = volume(rows)
    for period, (start, end) in enumerate(PERIODS):
        levels = {pair: its_lines[0][2] for pair, its_lines in unit.bands[period].items()}
        lowest, highest = (sum(v for n, v in levels.items() if n * sign > 0) for sign in (-1, 1))
        mine = {key: sum(value) for key, value in rows.items() if key[0] == period}
        assert close(sum(mine.values()), movement_inside(unit, period, lowest, highest, unit.acceptances), scale)
        for pair, level in levels.items():
            inner = sum(v for n, v in levels.items() if n * pair > 0 and abs(n) < abs(pair))
            low, high = sorted((inner, inner + level))
            whole = movement_inside(unit, period, low, high, unit.acceptances)
            whole -= inner * (end - start) / 3600
            net = sum(value for key, value in mine.items() if key[3] == pair)
            assert close(net, whole, scale)
            depth = level * (end - start) / 3600
            room = 1e-9 * scale + 1e-12  # MWh: where nothing moves, the scale itself is a rounding
            assert min(depth, 0) - room <= net <= max(depth, 0) + room


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_no_acceptance_moves_more_than_a_band_holds_and_offers_are_up_and_bids_down(data, unit_of, settle_volumes):
    unit = data.draw(units(unit_of))

    rows = settle_volumes(PERIODS, {"U": unit}).rows

    for (period, _, _, pair), (offer, bid) in rows.items():
        depth = abs(unit.bands[period][pair][0][2]) * 0.5
        assert offer >= 0 >= bid
        assert offer - bid <= depth * (1 + 1e-9)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_a_line_cut_in_two_changes_nothing(data, unit_of, settle_volumes):
    unit = data.draw(units(unit_of))
    cut = 60 * data.draw(st.integers(-20, 80))

    def split(its_lines):
        for a, b, p, q in its_lines:
            if a < cut < b:
                middle = p + (q - p) * (cut - a) / (b - a)
                yield from [(a, cut, p, middle), (cut, b, middle, q)]
            else:
                yield a, b, p, q

    cut_up = unit_of(
        {period: list(split(its)) for period, its in unit.notifications.items()},
        {period: {n: list(split(its)) for n, its in group.items()} for period, group in unit.bands.items()},
        [(number, list(split(its))) for number, its in unit.acceptances],
    )

    whole, parts = (settle_volumes(PERIODS, {"U": each}).rows for each in (unit, cut_up))

    assert set(whole) == set(parts)
    for key, value in whole.items():
        assert all(close(a, b, volume(whole)) for a, b in zip(value, parts[key], strict=True)), key


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_an_acceptance_that_repeats_the_profile_before_it_changes_nothing(data, unit_of, settle_volumes):
    unit = data.draw(units(unit_of))
    place = data.draw(st.integers(0, len(unit.acceptances) - 1))
    repeated = list(unit.acceptances)
    repeated.insert(place + 1, (99, unit.acceptances[place][1]))

    before = settle_volumes(PERIODS, {"U": unit}).rows
    after = settle_volumes(PERIODS, {"U": unit_of(unit.notifications, unit.bands, repeated)}).rows

    assert {key: value for key, value in after.items() if key[2] != 99} == before
    assert volume({key: value for key, value in after.items() if key[2] == 99}) == 0


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_a_band_cut_in_two_gives_the_same_sum(data, unit_of, settle_volumes):
    unit = data.draw(units(unit_of))
    pair = data.draw(st.sampled_from(UP + DOWN))
    outward = 1 if pair > 0 else -1
    apart = {}
    for period, group in unit.bands.items():
        apart[period] = {n + outward if n * outward > pair * outward else n: its for n, its in group.items()}
        if pair in group:
            [(a, b, level, _)] = group[pair]
            inner = outward * data.draw(st.integers(0, abs(level)))
            apart[period] |= {pair: [(a, b, inner, inner)], pair + outward: [(a, b, level - inner, level - inner)]}

    whole = settle_volumes(PERIODS, {"U": unit}).rows
    parts = settle_volumes(PERIODS, {"U": unit_of(unit.notifications, apart, unit.acceptances)}).rows

    sums = defaultdict(lambda: [0.0, 0.0])
    for (period, name, number, n), value in parts.items():
        old = n - outward if n * outward > pair * outward else n
        for side in range(2):
            sums[period, name, number, old][side] += value[side]
    for key, value in whole.items():
        assert all(close(a, b, volume(whole)) for a, b in zip(value, sums[key], strict=True)), key


@pytest.mark.parametrize("direction", [1, -1])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_an_acceptance_that_only_raises_has_no_bids_and_one_that_only_lowers_no_offers(
    direction, data, unit_of, settle_volumes
):
    unit = data.draw(units(unit_of, most=1))
    [(_, its_lines)] = unit.acceptances
    shifts = st.integers(0, 50).map(lambda shift: shift * direction)
    moved = [(a, b, p + data.draw(shifts), q + data.draw(shifts)) for a, b, p, q in its_lines]
    unit.acceptances.append((2, moved))

    rows = settle_volumes(PERIODS, {"U": unit}).rows

    against = [bid if direction > 0 else offer for (_, _, number, _), (offer, bid) in rows.items() if number == 2]
    assert all(value == 0 for value in against)
