"""Nothing is lost, whoever is killed: relay and broker with -9, while prices keep coming."""

from __future__ import annotations

import importlib.util
import itertools
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from loaders import store
from publish import feed
from publish.feed import broker as brokers

_spec = importlib.util.spec_from_file_location("feed_fixtures", Path(__file__).with_name("feed_fixtures.py"))
given = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(given)

MESSAGES = 2000
KILLED = ["relay", "broker", "relay", "relay", "broker", "relay", "relay"]
RELAY = """
import sys, pathlib
from publish.feed import relay
relay.run(pathlib.Path(sys.argv[1]), port=int(sys.argv[2]))
"""


@pytest.mark.timeout(180)
def test_relay_killed_five_times_and_broker_twice_lose_nothing_and_mix_nothing(tmp_path):
    seed = random.randrange(10**6)
    print(f"kill times from seed {seed}")  # noqa: T201  shown when the test fails
    chance = random.Random(seed)
    home = tmp_path / "workspace"
    store.open(home)
    broker = brokers.start(home, 0, ["away", "witness"])
    relay = start_relay(home, broker.port)
    killed = threading.Event()
    feeding = threading.Thread(target=feed_until, args=(killed, home))
    feeding.start()
    killed_at_work = []

    try:
        for victim in KILLED:
            marked = given.sent(home)
            given.until(lambda marked=marked: given.sent(home) > marked, within=40)  # it is at work since the last kill
            time.sleep(chance.choice([0, chance.uniform(0, 0.3)]))
            killed_at_work.append(feeding.is_alive() or given.unsent(home) > 0)
            if victim == "relay":
                relay.kill()
                relay.wait()
                relay = start_relay(home, broker.port)
            else:
                broker.process.kill()
                broker.process.wait()
                broker = brokers.start(home, broker.port)
    finally:
        killed.set()
    feeding.join()
    given.until(lambda: given.unsent(home) == 0, within=40)
    relay.kill()
    relay.wait()
    taken = []
    with broker:
        reader = feed.Subscriber("away", port=broker.port, last_sequence=0)
        reader.run(taken.append, idle=1.5)
        witness = [body for _, body in given.raw_messages(broker.port, "sub.witness.bsc.prices")]

    kept = [(row["sequence"], row["message_id"], row["value"]) for row in given.outbox(home)]
    assert len(kept) >= MESSAGES
    assert [sequence for sequence, _, _ in kept] == list(range(1, len(kept) + 1))
    assert killed_at_work == [True] * len(KILLED)
    assert [(message.sequence, message.id, message.value) for message in taken] == kept
    assert reader.gaps == ()
    # What came more than once came with the same id, and by itself: never out of order but as a return to the start.
    assert {(body["sequence"], body["id"], body["value"]) for body in witness} == set(kept)
    assert all(after["sequence"] <= before["sequence"] + 1 for before, after in itertools.pairwise(witness))


def start_relay(home, port):
    return subprocess.Popen([sys.executable, "-c", RELAY, str(home), str(port)])


def feed_until(killed, home):
    """New prices all the time, slowly while there are kills to come, and then the rest at once."""
    for first in itertools.count(1, 20):
        if killed.is_set() and first > MESSAGES:
            return
        given.keep_many(home, 20, first=first, a_day=20)
        killed.wait(0.08)
