"""Markets written as plain lists, laid out as the flat arrays that the volume kernels take."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate, pairwise

import numpy as np
import pytest

from settlement.kernels.accepted_volumes import AcceptedVolumes, Lines, accepted_volumes


@dataclass
class Unit:
    """Lines are (time_from, time_to, level_from, level_to), in seconds and MW; notifications and bands by period."""

    notifications: dict = field(default_factory=dict)  # period: lines
    bands: dict = field(default_factory=dict)  # period: {pair: lines}
    acceptances: list = field(default_factory=list)  # (number, lines), in order of acceptance


@dataclass
class Volumes:
    """Answers by label: (period, unit, acceptance number, pair) gives (QAO, QAB)."""

    rows: dict
    energy: dict  # (period, unit): MWh
    answer: AcceptedVolumes
    unit_periods: list  # (period, unit) by index
    acceptances: list  # (unit, number) by index


def lines(groups):
    flat = [line for group in groups for line in group]
    kinds = (np.int64, np.int64, np.float64, np.float64)
    columns = [np.array([line[column] for line in flat], kind) for column, kind in enumerate(kinds)]
    return Lines(np.array([0, *accumulate(len(group) for group in groups)], np.int64), *columns)


def settle(periods, units):
    """Runs the kernel over periods [(start, end)] and units {name: Unit}."""
    unit_periods = [(period, name) for period in range(len(periods)) for name in units]
    places = {name: place for place, name in enumerate(units)}
    bands = [sorted(units[name].bands.get(period, {}).items()) for period, name in unit_periods]
    acceptances = [(name, number) for name, unit in units.items() for number, _ in unit.acceptances]
    pair_rows = [pair for group in bands for pair, its_lines in group for _ in its_lines]
    answer = accepted_volumes(
        np.array([start for start, _ in periods], np.int64),
        np.array([end for _, end in periods], np.int64),
        np.array([period for period, _ in unit_periods], np.int64),
        np.array([places[name] for _, name in unit_periods], np.int64),
        lines([units[name].notifications.get(period, []) for period, name in unit_periods]),
        np.array(pair_rows, np.int64),
        lines([[line for _, its_lines in group for line in its_lines] for group in bands]),
        np.array([0, *accumulate(len(unit.acceptances) for unit in units.values())], np.int64),
        lines([its_lines for unit in units.values() for _, its_lines in unit.acceptances]),
    )
    keys = [
        (*unit_periods[at], acceptances[taken][1], pair_rows[row])
        for at, taken, row in zip(answer.unit_period, answer.acceptance, answer.pair_row, strict=True)
    ]
    assert len(set(keys)) == len(keys), "a row came twice"
    order = list(zip(answer.unit_period, answer.acceptance, answer.pair_row, strict=True))
    assert all(before < after for before, after in pairwise(order)), "rows out of order"
    figures = zip(answer.accepted_offer_volume.tolist(), answer.accepted_bid_volume.tolist(), strict=True)
    return Volumes(
        dict(zip(keys, figures, strict=True)),
        dict(zip(unit_periods, answer.notified_energy.tolist(), strict=True)),
        answer,
        unit_periods,
        acceptances,
    )


@pytest.fixture(scope="session")
def unit_of():
    return Unit


@pytest.fixture(scope="session")
def settle_volumes():
    return settle
