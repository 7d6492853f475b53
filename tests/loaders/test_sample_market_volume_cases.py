"""The exact volumes come out at the worked cases, and at a fine grid on random problems."""

import csv
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from loaders.sample_market.errors import CannotPrice
from loaders.sample_market.exact_volumes import Acceptance, PairBand, Piece, accepted_volumes, period_volume
from loaders.sample_market.random_markets import PERIOD_MINUTES, SETTLEMENT_PERIOD, random_volume_problem

CASES = Path(__file__).parents[3] / "shared" / "rules" / "cases" / "charges"
VOLUME_CASES = ("single-acceptance-ramp", "chained-acceptances-undo", "fpn-ramp-crossings")
TOLERANCE = 1e-6
ORIGIN = datetime(2024, 1, 15, tzinfo=UTC)
START = (SETTLEMENT_PERIOD - 1) * PERIOD_MINUTES


def read(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def minute(text):
    return Fraction(round((datetime.fromisoformat(text) - ORIGIN).total_seconds()), 60)


def piece(row):
    return Piece(
        minute(row["time_from"]), Fraction(row["level_from_mw"]), minute(row["time_to"]), Fraction(row["level_to_mw"])
    )


class Case:
    """One volume case: a unit in a period."""

    def __init__(self, folder):
        self.folder = folder
        unit = read(folder / "expected_unit.csv")[0]
        start = Fraction((int(unit["settlement_period"]) - 1) * 30)
        self.period = (start, start + 30)
        self.notification = [piece(row) for row in read(folder / "given_fpn.csv")]
        self.pairs = [
            PairBand(
                int(row["pair"]),
                (Piece(start, Fraction(row["level_mw"]), start + 30, Fraction(row["level_mw"])),),
                Fraction(row["offer_price"]),
                Fraction(row["bid_price"]),
            )
            for row in read(folder / "given_bid_offer_pairs.csv")
        ]
        lines = read(folder / "given_acceptances.csv")
        self.acceptances = [
            Acceptance(
                bm_unit,
                int(number),
                minute(accepted_at),
                tuple(piece(row) for row in lines if row["acceptance_number"] == number),
            )
            for bm_unit, number, accepted_at in dict.fromkeys(
                (row["bm_unit"], row["acceptance_number"], row["acceptance_time"]) for row in lines
            )
        ]

    def volumes(self):
        return accepted_volumes(self.period, self.notification, self.pairs, self.acceptances)


@pytest.fixture(params=VOLUME_CASES)
def case(request):
    if not CASES.is_dir():
        pytest.skip(f"no worked cases at {CASES}")
    return Case(CASES / request.param)


def test_accepted_volumes_of_a_case_come_out_by_acceptance_and_pair(case):
    got = case.volumes()

    expected = read(case.folder / "expected_volumes_by_acceptance.csv")
    assert len(got) == len(expected)
    for row in expected:
        volume = got[int(row["acceptance_number"]), int(row["pair"])]
        assert abs(volume.offer - Fraction(row["qao_kn_mwh"])) <= TOLERANCE, row
        assert abs(volume.bid - Fraction(row["qab_kn_mwh"])) <= TOLERANCE, row


def test_cashflows_of_a_case_come_out_by_pair(case):
    got = case.volumes()
    tlm = Fraction(read(case.folder / "given_tlm.csv")[0]["tlm"])
    prices = {band.pair: band for band in case.pairs}

    for row in read(case.folder / "expected_volumes_by_pair.csv"):
        pair = int(row["pair"])
        offer = sum(volume.offer for (_, n), volume in got.items() if n == pair)
        bid = sum(volume.bid for (_, n), volume in got.items() if n == pair)
        assert abs(offer - Fraction(row["qao_n_mwh"])) <= TOLERANCE
        assert abs(bid - Fraction(row["qab_n_mwh"])) <= TOLERANCE
        assert abs(offer * prices[pair].offer_price * tlm - Fraction(row["co_n_gbp"])) <= TOLERANCE
        assert abs(bid * prices[pair].bid_price * tlm - Fraction(row["cb_n_gbp"])) <= TOLERANCE


def test_the_period_notification_of_a_case_comes_out(case):
    wanted = Fraction(read(case.folder / "expected_unit.csv")[0]["fpn_mwh"])

    assert period_volume(case.period, case.notification) == wanted


def level_at(pieces, time):
    for line in pieces:
        if line.time_from <= time < line.time_to:
            share = (time - float(line.time_from)) / float(line.time_to - line.time_from)
            return float(line.level_from) + share * float(line.level_to - line.level_from)
    return 0.0


def profile_at(problem, chain, count, time):
    """qA_k(t) by the words of 2.6: the last acceptance, up to the count-th, that has points about t."""
    for acceptance in reversed(chain[:count]):
        if acceptance.first <= time < acceptance.last:
            return level_at(acceptance.pieces, time)
    return level_at(problem.notification, time)


def on_a_grid(problem, steps):
    """Accepted volumes by sampling 3.3 and 3.4 as they stand, in doubles."""
    chain = sorted(problem.acceptances, key=lambda a: (a.accepted_at, a.number))
    volumes = {(a.number, band.pair): [0.0, 0.0] for a in chain for band in problem.pairs}
    for step in range(steps):
        time = START + (step + 0.5) * PERIOD_MINUTES / steps
        fpn = level_at(problem.notification, time)
        widths = {band.pair: level_at(band.pieces, time) for band in problem.pairs}
        for k, acceptance in enumerate(chain, start=1):
            now, before = (profile_at(problem, chain, count, time) for count in (k, k - 1))
            for n in widths:
                upper = fpn + sum(w for m, w in widths.items() if 0 < m <= n)
                inner_upper = fpn + sum(w for m, w in widths.items() if 0 < m < n)
                lower = fpn + sum(w for m, w in widths.items() if n <= m < 0)
                inner_lower = fpn + sum(w for m, w in widths.items() if n < m < 0)
                if n > 0:
                    moved = max(min(now, upper), inner_upper) - max(min(before, upper), inner_upper)
                else:
                    moved = min(max(now, lower), inner_lower) - min(max(before, lower), inner_lower)
                volumes[acceptance.number, n][moved < 0] += moved * 0.5 / steps
    return volumes


@pytest.mark.parametrize("seed", range(20))
def test_exact_volumes_agree_with_a_fine_grid(seed):
    problem = random_volume_problem(seed)

    exact = problem.volumes()

    for (number, pair), (offer, bid) in on_a_grid(problem, steps=900).items():
        volume = exact.get((number, pair))
        if volume is None:
            assert (offer, bid) == (0, 0), "left out, though it has points in the period"
            continue
        assert float(volume.offer) == pytest.approx(offer, abs=0.02)
        assert float(volume.bid) == pytest.approx(bid, abs=0.02)


def test_random_problems_hold_what_is_hard():
    problems = [random_volume_problem(seed) for seed in range(100)]

    stepped = [
        p
        for p in problems
        if any(b.level_to != a.level_from for b, a in zip(p.notification, p.notification[1:], strict=False))
    ]
    reaching_over = [
        p for p in problems if any(a.first < START or a.last > START + PERIOD_MINUTES for a in p.acceptances)
    ]
    both_signs = [p for p in problems if any(v.offer and v.bid for v in p.volumes().values())]
    assert min(len(stepped), len(reaching_over), len(both_signs)) >= 10


def test_outside_its_own_points_an_acceptance_moves_nothing():
    """An acceptance that ends off its notification steps back to it (2.6)."""
    flat = (Piece(Fraction(0), Fraction(50), Fraction(30), Fraction(50)),)
    band = PairBand(1, (Piece(Fraction(0), Fraction(40), Fraction(30), Fraction(40)),), Fraction(80), Fraction(70))
    raised = Acceptance("T_SYN-1", 1, Fraction(0), (Piece(Fraction(6), Fraction(70), Fraction(12), Fraction(70)),))

    volumes = accepted_volumes((Fraction(0), Fraction(30)), flat, [band], [raised])

    assert (volumes[1, 1].offer, volumes[1, 1].bid) == (Fraction(2), 0)


def test_a_gap_in_a_notification_is_not_taken_for_zero():
    half = (Piece(Fraction(0), Fraction(50), Fraction(20), Fraction(50)),)

    with pytest.raises(CannotPrice, match="minute 20 to 30"):
        accepted_volumes((Fraction(0), Fraction(30)), half, [], [])
