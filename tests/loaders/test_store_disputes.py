"""Dispute cases have a number each, and events that are only added, in either database."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest

from loaders import store
from loaders.store import disputes

NOW = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)
SAID = {"own": "30.23000", "words": "ééé 漢字", "nothing": None}

MAKE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from loaders import store
from loaders.store import disputes
opened = store.open(Path(sys.argv[1]))
print(*(disputes.make(opened.engine, {"at": n}, "another", datetime.now(UTC)) for n in range(8)))
"""


@pytest.fixture
def engine(desk):
    opened = store.open(desk.home)
    yield opened.engine
    opened.close()


def test_a_case_is_read_back_as_it_was_written(engine):
    number = disputes.make(engine, SAID, "Ann", NOW)

    [event] = disputes.events_of(engine, number)[number]

    assert (event.kind, event.sequence, event.at, event.by, event.said) == ("draft", 1, NOW, "Ann", SAID)


def test_two_processes_that_make_cases_at_once_get_different_numbers(engine, desk):
    command = [sys.executable, "-c", MAKE, str(desk.home)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    numbers = [int(one) for process in both for one in process.communicate(timeout=60)[0].split()]

    assert len(numbers) == 16 and len(set(numbers)) == 16
    assert set(disputes.events_of(engine)) == set(numbers)


def test_an_event_decided_on_an_older_case_is_not_written(engine):
    number = disputes.make(engine, SAID, "Ann", NOW)
    added = []

    def try_to(kind):
        added.append(disputes.add(engine, number, 1, kind, {}, "Bob", NOW))

    threads = [threading.Thread(target=try_to, args=(kind,)) for kind in ("raised", "withdrawn")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(added) == [False, True]
    assert [event.sequence for event in disputes.events_of(engine, number)[number]] == [1, 2]
