"""Files for the benchmarks of loading, as the Insights API answers them: stacks, notifications, acceptances.

Everything is SYNTHETIC, made by numpy from a seed. Text is compact, as the API writes it: no blanks, one line. A day of
stacks is 96 files of 100 rows; notifications and acceptances are 48 files and 1, 150,000 rows, 41 MB.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from settlement import calendar

DAY = date(2024, 1, 15)
STACK_ROWS = 100
UNITS, ACCEPTANCES, POINTS = 2800, 5000, 3
ENVELOPE = '{{"metadata":{{"datasets":["{}"],"note":"SYNTHETIC"}},"data":[{}]}}'

STACK = (
    '{{"settlementDate":"{day}","settlementPeriod":{period},"startTime":"{start}","createdDateTime":"{made}",'
    '"sequenceNumber":{number},"id":"T_SYN-{unit}","acceptanceId":{acceptance},"bidOfferPairId":{pair},'
    '"cadlFlag":{cadl},"soFlag":{so},"storProviderFlag":false,"repricedIndicator":false,'
    '"reserveScarcityPrice":0.0,"originalPrice":{price},"volume":{v},"dmatAdjustedVolume":{v},'
    '"arbitrageAdjustedVolume":{v},"nivAdjustedVolume":{niv},"parAdjustedVolume":{par},"finalPrice":{price},'
    '"transmissionLossMultiplier":{tlm},"tlmAdjustedVolume":{tv},"tlmAdjustedCost":{cost}}}'
)
NOTIFICATION = (
    '{{"dataset":"PN","settlementDate":"{day}","settlementPeriod":{period},"timeFrom":"{start}","timeTo":"{end}",'
    '"levelFrom":{low},"levelTo":{high},"nationalGridBmUnit":"SYN-{unit}","bmUnit":"T_SYN-{unit}"}}'
)
ACCEPTANCE = (
    '{{"dataset":"BOALF","settlementDate":"{day}","settlementPeriodFrom":{period},"settlementPeriodTo":{period},'
    '"timeFrom":"{start}","timeTo":"{end}","levelFrom":{low},"levelTo":{high},"acceptanceNumber":{number},'
    '"acceptanceTime":"{made}","deemedBoFlag":false,"soFlag":{so},"amendmentFlag":"ORI","storFlag":false,'
    '"rrFlag":false,"nationalGridBmUnit":"SYN-{unit}","bmUnit":"T_SYN-{unit}"}}'
)


def iso(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def truth(flag: bool) -> str:
    return "true" if flag else "false"


def write_stacks(
    folder: Path, day: date = DAY, seed: int = 1, rows: int = STACK_ROWS, sides: tuple[str, ...] = ("bid", "offer")
) -> list[Path]:
    """A file a side of every period of a day."""
    draw = np.random.default_rng([seed, day.toordinal()])
    return [
        _stack(folder, draw, day, period, side, rows)
        for period in range(1, calendar.period_count(day) + 1)
        for side in sides
    ]


def _stack(folder: Path, draw: np.random.Generator, day: date, period: int, side: str, count: int) -> Path:
    start = calendar.period_start(day, period)
    said = {"day": day, "period": period, "start": iso(start), "made": iso(start + timedelta(minutes=50))}
    volumes = draw.uniform(0.1, 60, count) * (-1 if side == "bid" else 1)
    prices, losses = draw.uniform(-80, 250, count), draw.uniform(0.98, 1.02, count)
    rows = ",".join(
        STACK.format(
            **said, number=n + 1, unit=draw.integers(400), acceptance=draw.integers(10_000, 90_000),
            pair=n % 9 - 4 or 5, cadl=truth(n % 7 == 0), so=truth(n % 3 == 0), price=round(prices[n], 2), v=volumes[n],
            niv=volumes[n] * (n % 2), par=0.0, tlm=losses[n], tv=volumes[n] * losses[n], cost=volumes[n] * prices[n],
        )
        for n in range(count)
    )  # fmt: skip
    path = folder / f"SYNTHETIC_stack_{side}_{day}_{period:02d}.json"
    path.write_text(ENVELOPE.format("ISPSTACK", rows), encoding="utf-8")
    return path


def write_notifications_and_acceptances(folder: Path, day: date = DAY, seed: int = 2) -> list[Path]:
    """A file of notifications a period, and one of acceptances for the day."""
    draw = np.random.default_rng(seed)
    written = []
    for period in range(1, calendar.period_count(day) + 1):
        path = folder / f"SYNTHETIC_pn_{day}_{period:02d}.json"
        path.write_text("[" + ",".join(notifications(draw, day, period, UNITS)) + "]", encoding="utf-8")
        written.append(path)
    path = folder / f"SYNTHETIC_boalf_{day}.json"
    path.write_text(ENVELOPE.format("BOALF", ",".join(_acceptances(draw, day))), encoding="utf-8")
    return [*written, path]


def notifications(draw: np.random.Generator, day: date, period: int, units: int) -> Iterator[str]:
    """A line over the whole period for each unit."""
    start = calendar.period_start(day, period)
    said = {"day": day, "period": period, "start": iso(start), "end": iso(start + timedelta(minutes=30))}
    levels = draw.integers(0, 700, (units, 2)).tolist()
    for unit, (low, high) in enumerate(levels):
        yield NOTIFICATION.format(**said, low=low, high=high, unit=unit)


def _acceptances(draw: np.random.Generator, day: date) -> Iterator[str]:
    opens = calendar.day_start(day)
    for number in range(ACCEPTANCES):
        period, unit = int(draw.integers(1, 47)), int(draw.integers(450))
        begins = opens + timedelta(minutes=30 * (period - 1) + int(draw.integers(0, 10)))
        levels = [*draw.integers(0, 500, POINTS).tolist(), 0]
        for n in range(POINTS):
            yield ACCEPTANCE.format(
                day=day, period=period, start=iso(begins + timedelta(minutes=5 * n)), number=number + 1, unit=unit,
                end=iso(begins + timedelta(minutes=5 * n + 5)), low=levels[n], high=levels[n + 1],
                made=iso(begins - timedelta(minutes=8)), so=truth(number % 2 == 0),
            )  # fmt: skip
