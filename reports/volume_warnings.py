"""What the accepted volumes of a day leave open: said in the report, changed by nothing."""

from __future__ import annotations

import numpy as np

from reports.day_inputs.gathered import Gathered
from reports.views import Default
from settlement.carried import AcceptedRows

NAMED = 5  # units told by name; the others are counted


def warn_of_volumes(day: Gathered, rows: AcceptedRows) -> None:
    """Movement outside every band, notifications that do not cover their period, and those taken as 0.

    Movement outside all bands belongs to no pair: neither paid nor counted (volumes-and-charges.md 3.3). A unit with
    an acceptance and no notification has FPN 0 by rule (section 10), and its periods cannot be compared.
    """
    periods, units = (index.to_numpy() for index in day.given["unit_periods"].indexes)

    def at(positions: np.ndarray) -> list[tuple[int, str]]:
        return [(int(periods[p // len(units)]), str(units[p % len(units)])) for p in positions]

    for (period, unit), volume in zip(at(rows.beyond_bands), rows.beyond_bands_volume, strict=True):
        said = f"{volume:.3f} MWh of {unit} were accepted outside its bands: unpriced, uncounted"
        day.warnings.append(f"period {period}: {said}")
        day.doubt(period, said)
    _say(day, at(rows.notification_gaps), "notifications do not cover the period and run straight across the gap")
    for period, unit in at(np.intersect1d(rows.notification_defaulted, rows.unit_period)):
        day.defaults.append(Default("volumes-and-charges.md 10", "no notification: FPN 0", period, unit))
        day.doubt(period, f"{unit} was accepted without a notification: FPN 0 by default")


def _say(day: Gathered, found: list[tuple[int, str]], what: str) -> None:
    units = sorted({unit for _, unit in found})
    if units:
        more = f" and {len(units) - NAMED} more" if len(units) > NAMED else ""
        day.warnings.append(f"{', '.join(units[:NAMED])}{more}: {what}")
