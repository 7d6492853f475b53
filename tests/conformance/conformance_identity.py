"""An identity is a sentence that published rows keep or break: what it says, which rule, where it was held."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Found:
    """How an identity came out: rows checked, rows that agree, the worst miss, and the rows that do not agree."""

    checked: int
    agree: int
    worst: float | None = None  # in the unit of the identity; None where a row can only agree or not
    exceptions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Identity:
    """A named identity on one data set; `reads` is the frame and the column that it stands or falls with."""

    name: str
    rule: str
    data_set: str
    unit: str
    reads: tuple[str, str]
    check: Callable[[Any, str], Found]

    def found(self, world: Any) -> Found:
        return self.check(world, self.data_set)


IDENTITIES: list[Identity] = []


def identity(name: str, rule: str, *data_sets: str, reads: str, unit: str = "") -> Callable:
    """Declare the function below as an identity on each of the data sets; `reads` is "frame.column"."""

    def declare(check: Callable[[Any, str], Found]) -> Callable[[Any, str], Found]:
        frame, _, column = reads.partition(".")
        IDENTITIES.extend(Identity(name, rule, one, unit, (frame, column), check) for one in data_sets)
        return check

    return declare


def held(labels: Iterable[Any], agree: Any, off: Any = None) -> Found:
    """What was found, from a verdict for each labelled row and, where it is measured, how far each is off."""
    labels, agree = [str(label) for label in labels], np.asarray(agree, bool)
    worst = None if off is None or not len(agree) else float(np.max(np.abs(np.asarray(off, float))))
    broken = tuple(label for label, good in zip(labels, agree, strict=True) if not good)
    return Found(len(agree), int(agree.sum()), worst, broken)


def near(labels: Iterable[Any], off: Any, tolerance: float) -> Found:
    """Rows that are off by no more than the tolerance; a figure that is no number is off."""
    off = np.asarray(off, float)
    return held(labels, np.abs(off) <= tolerance, off)


def by_period(frame: Any, with_date: bool = False) -> list[str]:
    """Labels of rows: P29, or 2024-10-27 P29."""
    periods = [f"P{period:g}" for period in frame["settlement_period"]]
    if not with_date:
        return periods
    return [f"{day} {period}" for day, period in zip(frame["settlement_date"], periods, strict=True)]
