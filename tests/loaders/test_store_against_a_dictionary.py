"""Whatever files come, in whatever order: the store says what a plain dictionary says, at every version."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from loaders import load, store

DAY = date(2024, 1, 15)
SHARED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]  # one folder for all examples

keys = some.tuples(some.integers(1, 3), some.integers(1, 3))
answers = some.dictionaries(keys, some.integers(-2, 2).map(float), max_size=6)
# A file of the whole day, or (the stream without a date in its name) of the periods that it holds.
files = some.lists(some.tuples(some.booleans(), answers), min_size=1, max_size=5)


def adjustment(period, number, cost):
    return {
        "dataset": "DISBSAD",
        "settlementDate": str(DAY),
        "settlementPeriod": period,
        "id": number,
        "cost": cost,
        "volume": 1.0,
        "soFlag": False,
        "storFlag": False,
        "partyId": None,
        "assetId": None,
        "isTendered": None,
        "service": "SYNTHETIC",
    }


@pytest.fixture
def homes(in_memory, request):
    def new():
        if os.environ.get("BSC_DATABASE"):
            request.getfixturevalue("mariadb").forget()
        return Path(tempfile.mkdtemp(dir=in_memory))

    return iter(new, None)


def written(folder, sent):
    """The files as they are sent, one after the other by name; an empty stream says of nothing that it is empty."""
    for number, (whole_day, answer) in enumerate(sent):
        if whole_day or answer:
            name = f"{number}_DISBSAD_{DAY}.json" if whole_day else f"{number}_DISBSAD_stream.json"
            # Blanks make the bytes of each file its own: the same bytes again would be a repeat.
            (folder / name).write_text(
                json.dumps([adjustment(*key, cost) for key, cost in answer.items()]) + " " * number
            )
            yield folder / name, whole_day, answer


def after(model, whole_day, answer):
    periods = {period for period, _ in answer}
    return {k: v for k, v in model.items() if not whole_day and k[0] not in periods} | answer


def said(opened, version=None):
    rows = opened.rows("adjustment_actions", DAY, version).to_pylist()
    found = {(r["settlement_period"], r["adjustment_id"]): r["cost_gbp"] for r in rows}
    assert len(found) == len(rows)
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=SHARED)
@given(files)
def test_files_one_by_one_give_what_a_dictionary_says_at_every_version(homes, sent):
    folder = next(homes)
    opened = store.open(folder / "home")
    model: dict[tuple[int, int], float] = {}
    seen = {0: model}
    for path, whole_day, answer in written(folder, sent):
        report = load(path, folder / "home", store=opened)
        model = after(model, whole_day, answer)
        seen[report.version] = model

    assert {version: said(opened, version) for version in seen} == seen
    opened.close()


@settings(max_examples=25, deadline=None, suppress_health_check=SHARED)
@given(files)
def test_files_all_at_once_end_where_one_by_one_ends(homes, sent):
    folder = next(homes)
    opened = store.open(folder / "home")
    model: dict[tuple[int, int], float] = {}
    paths = []
    for path, whole_day, answer in written(folder, sent):
        paths.append(path)
        model = after(model, whole_day, answer)

    load(paths, folder / "home", store=opened)

    assert said(opened) == model
    opened.close()
