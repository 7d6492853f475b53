"""Continuous Acceptance Durations: how long a unit was under acceptances without a break.

Reads    exact_volumes
Gives    continuous_minutes
Rules    price.md, section 4.2
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from loaders.sample_market.exact_volumes import Acceptance


def continuous_minutes(acceptances: Iterable[Acceptance]) -> dict[tuple[str, int], Fraction]:
    """Minutes of the continuous interval that each acceptance belongs to, by unit and acceptance number.

    Acceptances of one unit that overlap or abut share one interval, over period and day boundaries. An
    acceptance is CADL-flagged when its minutes are strictly less than CADL.
    """
    by_unit: dict[str, list[Acceptance]] = {}
    for acceptance in acceptances:
        by_unit.setdefault(acceptance.bm_unit, []).append(acceptance)
    minutes: dict[tuple[str, int], Fraction] = {}
    for bm_unit, given in by_unit.items():
        for joined in _joined(sorted(given, key=lambda acceptance: acceptance.first)):
            length = max(a.last for a in joined) - joined[0].first
            minutes.update({(bm_unit, a.number): length for a in joined})
    return minutes


def _joined(in_order: list[Acceptance]) -> list[list[Acceptance]]:
    chains: list[list[Acceptance]] = []
    for acceptance in in_order:
        if chains and acceptance.first <= max(a.last for a in chains[-1]):
            chains[-1].append(acceptance)
        else:
            chains.append([acceptance])
    return chains
