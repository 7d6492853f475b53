"""Results of the engine as answers that a case can be held against: values by the text of their keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import xarray as xr

from settlement.cases.checking import Answers
from settlement.grains import grain_of


def as_answers(results: Mapping[str, Any], settlement_date: date | None = None) -> dict[str, tuple]:
    """Arrays as values by the text of their keys, with the date in front where there is one."""
    answers: dict[str, tuple] = {}
    for name, array in results.items():
        if not isinstance(array, xr.DataArray):
            continue
        grain = grain_of(array)
        front = () if settlement_date is None else (str(settlement_date),)
        labels = zip(*(grain.column(key) for key in grain.keys), strict=True)
        values = {
            (*front, *(str(part) for part in label)): value.item()
            for label, value in zip(labels, array.to_numpy().reshape(-1), strict=True)
        }
        keys = grain.keys if settlement_date is None else ("settlement_date", *grain.keys)
        answers[name] = (tuple(keys), values)
    return answers


def merge(parts: Iterable[dict[str, tuple]]) -> Answers:
    """Answers of several days as one."""
    merged: dict[str, tuple[tuple[str, ...], dict]] = {}
    for part in parts:
        for name, (keys, values) in part.items():
            merged.setdefault(name, (keys, {}))[1].update(values)
    return merged
