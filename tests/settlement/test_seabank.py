"""T_SEAB-1 on 12 August 2026: every acceptance of the day against the accepted offer volume that was published."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date, datetime

import pytest

from settlement.calendar import period_start, periods

DAY = date(2026, 8, 12)
RECORDS_MISSING = [*range(1, 11), 12, 13, 14, 48]


def seconds(text):
    return int(datetime.fromisoformat(text).timestamp())


def test_seabank_comes_out_as_published_but_for_the_periods_whose_records_are_missing(shared, unit_of, settle_volumes):
    folder = shared / "data/grid-mysteries"
    with (folder / "t_seab-1-acceptances-2026-08-12.csv").open() as file:
        points = defaultdict(list)
        for row in csv.DictReader(file):
            key = (row["acceptanceTime"], int(row["acceptanceNumber"]))
            line = (seconds(row["timeFrom"]), seconds(row["timeTo"]), float(row["levelFrom"]), float(row["levelTo"]))
            points[key].append(line)
    with (folder / "t_seab-1-accepted-offer-volume-2026-08-12.csv").open() as file:
        published = {int(row["settlementPeriod"]): row for row in csv.DictReader(file)}
    starts = [int(period_start(DAY, period).timestamp()) for period in periods(DAY)]
    bounds = [(start, start + 1800) for start in starts]
    unit = unit_of(
        {n: [(*bounds[n], *[float(published[n + 1]["pnMW"])] * 2)] for n in range(48)},
        # The depth of pair 1 is not in the files; the station's whole 1,200 MW hold every instructed level.
        {n: {1: [(*bounds[n], 1200.0, 1200.0)]} for n in range(48)},
        [(key[1], sorted(points[key])) for key in sorted(points)],
    )

    volumes = settle_volumes(bounds, {"T_SEAB-1": unit})

    own = defaultdict(float)
    for (period, *_), (offer, _) in volumes.rows.items():
        own[period + 1] += offer
    wanted = {period: float(row["acceptedOfferVolume"]) for period, row in published.items()}
    agree = [period for period in periods(DAY) if own[period] == pytest.approx(wanted[period], abs=1e-6)]
    assert [period for period in periods(DAY) if period not in agree] == RECORDS_MISSING
    assert len([period for period in agree if wanted[period] > 0]) == 17
    assert len([period for period in agree if wanted[period] == 0 and own[period] == 0]) == 17
    assert all(wanted[period] == 0 and own[period] > 0 for period in RECORDS_MISSING)
