"""The relay carries every message of the outbox to a real broker, in order, and marks what the broker has."""

from __future__ import annotations

import importlib.util
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from loaders import store
from publish.feed import broker as brokers
from publish.feed import relay
from publish.feed.errors import AlreadyRunning, NoBroker, NotLoopback, NoWorkspace

_spec = importlib.util.spec_from_file_location("feed_fixtures", Path(__file__).with_name("feed_fixtures.py"))
given = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(given)


@pytest.fixture
def home(tmp_path):
    store.open(tmp_path / "workspace")
    return tmp_path / "workspace"


@pytest.fixture
def wire(broker):
    wire = given.Wire(broker.port)
    yield wire
    wire.close()


@pytest.fixture
def working_relay(home, wire):
    """A relay at work over the wire, in a thread; ended after the test."""
    stop = threading.Event()
    done = []
    thread = threading.Thread(target=lambda: done.append(relay.run(home, port=wire.port, stop=stop)))
    thread.start()
    yield done
    stop.set()
    wire.let_answers_through()
    thread.join(20)
    assert done, "the relay ended with an error"


def test_a_changed_price_arrives_after_the_old_one_and_names_it(home, broker):
    given.keep_prices(home, {1: "64.10", 2: "-5"})
    given.keep_prices(home, {1: "64.10", 2: "-5.25"})

    done = relay.run(home, port=broker.port, once=True)

    messages = given.raw_messages(broker.port, "sub.traders.bsc.prices")
    ids = [row["message_id"] for row in given.outbox(home)]
    day = {"settlement_date": "2024-01-15", "run": "IP"}
    assert [body for _, body in messages] == [
        {"id": ids[0], "sequence": 1, "previous": None, "supersedes": None, "settlement_period": 1, "value": "64.10"}
        | day,
        {"id": ids[1], "sequence": 2, "previous": None, "supersedes": None, "settlement_period": 2, "value": "-5"}
        | day,
        {"id": ids[2], "sequence": 3, "previous": 2, "supersedes": ids[1], "settlement_period": 2, "value": "-5.25"}
        | day,
    ]
    assert [(h["message_id"], h["sequence"]) for h, _ in messages] == list(zip(ids, "123", strict=True))
    assert {(h["content-type"], h["persistent"]) for h, _ in messages} == {("application/json", "true")}
    assert not any("content-length" in headers for headers, _ in messages)  # with one, Java clients get bytes, not text
    assert done.sent == 3


def test_messages_of_many_transactions_keep_the_order_of_the_outbox(home, broker):
    given.keep_many(home, 1050)

    done = relay.run(home, port=broker.port, once=True)

    bodies = [body for _, body in given.raw_messages(broker.port, "sub.traders.bsc.prices")]
    assert [(body["sequence"], body["value"]) for body in bodies] == [
        (sequence, given.synthetic_value(sequence)) for sequence in range(1, 1051)
    ]
    assert (done.sent, done.transactions) == (1050, 11)
    assert given.unsent(home) == 0


def test_a_second_relay_run_sends_nothing(home, broker):
    given.keep_many(home, 30)
    relay.run(home, port=broker.port, once=True)

    again = relay.run(home, port=broker.port, once=True)

    assert again.sent == 0
    assert len(given.raw_messages(broker.port, "sub.traders.bsc.prices")) == 30


def test_a_message_is_marked_only_when_its_receipt_is_here(home, broker, wire, working_relay):
    given.keep_many(home, 1)
    given.until(lambda: given.unsent(home) == 0)  # the relay is at work
    wire.hold_answers()
    given.keep_many(home, 40, first=40)

    arrived = given.raw_messages(broker.port, "sub.traders.bsc.prices", at_least=41)
    time.sleep(1)  # in which a relay that marks by itself would have done so

    assert len(arrived) == 41  # the broker has them all, but the relay cannot know
    assert given.unsent(home) == 40
    wire.let_answers_through()
    given.until(lambda: given.unsent(home) == 0)


def test_what_lost_its_receipt_is_sent_again_with_the_same_id_and_sequence(home, broker, wire, working_relay):
    given.keep_many(home, 1)
    given.until(lambda: given.unsent(home) == 0)
    wire.hold_answers()
    given.keep_many(home, 40, first=40)
    first = given.raw_messages(broker.port, "sub.traders.bsc.prices", at_least=41)[1:]

    wire.cut()
    wire.let_answers_through()
    given.until(lambda: given.unsent(home) == 0)

    again = given.raw_messages(broker.port, "sub.traders.bsc.prices")
    assert len(first) == 40
    assert [body for _, body in again] == [body for _, body in first]


def test_a_broker_that_falls_silent_is_noticed_by_its_heartbeat(home, broker):
    given.keep_many(home, 1)
    said, stop = [], threading.Event()
    thread = threading.Thread(target=lambda: relay.run(home, port=broker.port, stop=stop, tell=said.append))
    thread.start()
    given.until(lambda: given.unsent(home) == 0)

    os.kill(broker.pid, signal.SIGSTOP)
    try:
        given.until(lambda: said, within=10)
    finally:
        os.kill(broker.pid, signal.SIGCONT)
    given.keep_many(home, 40, first=40)
    given.until(lambda: given.unsent(home) == 0)
    stop.set()
    thread.join(20)

    assert "broke or fell silent" in said[0]
    assert "is back" in said[-1]


def test_a_broker_without_room_is_given_up_after_the_receipt_time(home, broker, wire, monkeypatch):
    monkeypatch.setattr(relay, "RECEIPT_WITHIN", 1.0)
    given.keep_many(home, 1)
    said, stop = [], threading.Event()

    def heard(sentence):
        said.append(sentence)
        stop.set()

    look = relay.Outbox.unsent
    monkeypatch.setattr(relay.Outbox, "unsent", lambda box, limit: wire.hold_answers() or look(box, limit))

    done = relay.run(home, port=wire.port, stop=stop, tell=heard)

    assert "no receipt for messages 1-1 within 1 s" in said[0]
    assert (done.sent, done.lost, given.unsent(home)) == (0, 1, 1)


def test_a_relay_with_nobody_to_send_to_says_so_and_marks_nothing(home):
    given.keep_many(home, 3)

    with pytest.raises(NoBroker, match="bsc feed broker"):
        relay.run(home, port=1, once=True)

    assert given.unsent(home) == 3


def test_a_relay_that_is_not_in_a_hurry_waits_for_the_broker(home, tmp_path):
    given.keep_many(home, 3)
    with brokers.start(tmp_path / "broker", 0, ["traders"]) as running:
        port = running.port
    said, stop = [], threading.Event()
    thread = threading.Thread(target=lambda: relay.run(home, port=port, stop=stop, tell=said.append))
    thread.start()
    given.until(lambda: said)

    with brokers.start(tmp_path / "broker", port):
        given.until(lambda: given.unsent(home) == 0)
        stop.set()
        thread.join(20)
        arrived = given.raw_messages(port, "sub.traders.bsc.prices")

    assert [body["sequence"] for _, body in arrived] == [1, 2, 3]
    assert "no answer" in said[0] and "is back" in said[1]


def test_two_relays_on_one_workspace_would_mix_the_order_so_the_second_is_refused(home, broker, wire, working_relay):
    given.keep_many(home, 1)
    given.until(lambda: given.unsent(home) == 0)

    with pytest.raises(AlreadyRunning, match="one at work already, process"):
        relay.run(home, port=broker.port, once=True)


def test_the_relay_speaks_to_no_other_machine(home):
    with pytest.raises(NotLoopback, match="no keys yet"):
        relay.run(home, host="192.0.2.7", once=True)


def test_a_slip_in_the_workspace_name_makes_no_empty_workspace(tmp_path):
    with pytest.raises(NoWorkspace):
        relay.run(tmp_path / "wrokspace", once=True)

    assert not (tmp_path / "wrokspace").exists()
