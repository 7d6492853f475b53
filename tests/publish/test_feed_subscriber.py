"""A subscriber gets each message once and in order, whatever the broker and the relay repeat."""

from __future__ import annotations

import importlib.util
import json
import threading
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from publish import feed
from publish.feed import broker as brokers
from publish.feed.errors import BadName, NotLoopback
from publish.feed.link import Link
from publish.feed.received import Received

_spec = importlib.util.spec_from_file_location("feed_fixtures", Path(__file__).with_name("feed_fixtures.py"))
given = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(given)


def body(sequence, **changed):
    message = {
        "id": f"SYNTHETIC-{sequence}",
        "sequence": sequence,
        "previous": None,
        "supersedes": None,
        "settlement_date": "2024-01-15",
        "settlement_period": 1,
        "run": "IP",
        "value": "1.0",
    }
    return json.dumps(message | changed)


def send(broker, *bodies):
    link = Link(broker.host, broker.port)
    link.transact("t", [("/topic/bsc.prices", text, {"persistent": "true"}) for text in bodies])
    assert link.event(within=10).kind == "receipt"
    link.close()


def read(broker, **told):
    taken = []
    reader = feed.Subscriber("traders", port=broker.port, **told)
    reader.run(taken.append, idle=1)
    return reader, taken


def test_a_message_comes_with_its_date_and_with_every_digit_of_its_value(broker):
    send(broker, body(7, value="64.1000000000000000001", previous=3, supersedes="old"))

    _, taken = read(broker)

    assert taken == [feed.Message("SYNTHETIC-7", 7, 3, "old", date(2024, 1, 15), 1, "IP", "64.1000000000000000001")]


def test_repeats_are_dropped_also_those_of_what_an_earlier_reader_had(broker):
    send(broker, *[body(n) for n in (3, 4, 5, 6, 5, 6, 7)])

    reader, taken = read(broker, last_sequence=4)

    assert [message.sequence for message in taken] == [5, 6, 7]
    assert (reader.last_sequence, reader.repeats, reader.gaps) == (7, 4, ())


def test_a_gap_is_reported_and_what_comes_late_is_not_lost(broker):
    told = []
    send(broker, *[body(n) for n in (1, 2, 6, 4, 7, 4)])

    reader, taken = read(broker, on_gap=lambda first, last: told.append((first, last)))

    assert told == [(3, 5)]
    assert [message.sequence for message in taken] == [1, 2, 6, 4, 7]
    assert reader.gaps == ((3, 3), (5, 5))


def test_a_message_whose_callback_failed_comes_again(broker):
    send(broker, *[body(n) for n in (1, 2, 3)])
    taken = []

    def fails_at_two(message):
        if message.sequence == 2:
            raise ConnectionError("no database")  # not to be taken for a lost broker
        taken.append(message.sequence)

    with pytest.raises(ConnectionError, match="no database"):
        feed.Subscriber("traders", port=broker.port).run(fails_at_two)
    _, rest = read(broker)

    assert taken == [1]
    assert [message.sequence for message in rest] == [2, 3]


def test_what_is_no_message_of_the_feed_goes_to_the_dead_letters_and_the_rest_comes(broker):
    said = []
    send(broker, body(1), "no json", body(2, value="a lot"), body(2, value="NaN"), '{"id": "x"}', "[]", body(2))

    _, taken = read(broker, tell=said.append)

    assert [message.sequence for message in taken] == [1, 2]
    assert len(said) == 5
    assert "sub.traders.bsc.prices: found 'no json'" in said[0]
    link = Link(broker.host, broker.port)
    link.subscribe("DLQ.sub.traders.bsc.prices", 10)
    dead = [link.event(within=5).text for _ in range(5)]
    link.close()
    assert dead[0] == "no json"


def test_a_subscriber_comes_back_when_the_broker_does(tmp_path):
    taken, said = [], []
    with brokers.start(tmp_path, 0, ["traders"]) as first:
        reader = feed.Subscriber("traders", port=first.port, tell=said.append)
        thread = threading.Thread(target=reader.run, args=(taken.append,))
        thread.start()
        send(first, body(1))
        given.until(lambda: len(taken) == 1)
        first.process.kill()
        first.process.wait()
    with brokers.start(tmp_path, first.port) as second:
        send(second, body(2))
        given.until(lambda: len(taken) == 2)
        reader.stop()
        thread.join(10)

    assert [message.sequence for message in taken] == [1, 2]
    assert "broke or fell silent" in said[0]
    assert "is back" in said[-1]


def test_a_stopped_subscriber_ends_and_leaves_the_rest_for_the_next(broker):
    send(broker, *[body(n) for n in range(1, 6)])
    reader = feed.Subscriber("traders", port=broker.port)
    first = []

    handed = reader.run(first.append, at_most=2)
    _, rest = read(broker, last_sequence=reader.last_sequence)

    assert handed == len(first) == 2
    assert [message.sequence for message in rest] == [3, 4, 5]


def test_a_subscriber_has_a_plain_name_and_reads_on_this_machine():
    with pytest.raises(BadName):
        feed.Subscriber("traders.>")
    with pytest.raises(NotLoopback):
        feed.Subscriber("traders", host="192.0.2.7")


@for_all(st.lists(st.integers(1, 12), max_size=40), st.none() | st.integers(0, 6))
def test_every_sequence_after_the_first_is_taken_exactly_once(arriving, last):
    received, seen = Received(last), []
    for sequence in arriving:
        if not received.is_repeat(sequence):
            seen.append(sequence)
            received.take(sequence)

    start = last if last is not None else (arriving[0] - 1 if arriving else 0)
    expected = {sequence for sequence in arriving if sequence > start}
    assert sorted(seen) == sorted(expected)
    missing = set(range(start + 1, max(expected, default=start) + 1)) - expected
    assert missing == {n for first, end in received.gaps for n in range(first, end + 1)}
