"""Messages of a STOMP queue, taken from ActiveMQ itself."""

from __future__ import annotations

import re
import time

import pytest
import stomp

from loaders.sources.answers import Failure
from loaders.sources.folder import scope_of
from loaders.sources.queue import Message, batches
from loaders.sources.secrets import Secrets
from loaders.sources.settings import Limits, Queue, Settings
from publish.feed import broker as brokers


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with brokers.start(tmp_path_factory.mktemp("broker"), 0) as own:
        yield own


def settings(port, quiet=5.0):
    return Settings(queue=Queue(port=port, quiet=quiet), limits=Limits(connect=2), secrets=Secrets(environ={}))


def messages(queue, said, most=None):
    """The messages one by one, and the failure where there is one."""
    taken = batches(queue, said, most)
    try:
        for came in taken:
            yield from [came] if isinstance(came, Failure) else came
    finally:
        taken.close()


def send(broker, queue, *bodies, **headers):
    link = stomp.Connection12([("127.0.0.1", broker.port)])
    link.connect(wait=True)
    for body in bodies:
        link.send(f"/queue/{queue}", body, headers={"persistent": "true"} | headers)
    time.sleep(0.1)
    link.disconnect()


def test_each_message_is_a_file_with_its_bytes(broker):
    sent = [b'[{"a": 1}]', "£ in words".encode(), bytes(range(256))]
    send(broker, "one", *sent, dataset="BOALF")

    came = []
    for message in messages("one", settings(broker.port), most=3):
        came.append(message)
        message.kept()

    assert [one.data for one in came] == sent
    assert all(re.fullmatch(r"BOALF_message_[0-9a-f]{12}\.json", one.name) for one in came)
    assert len({one.name for one in came}) == 3


def test_a_message_that_was_kept_does_not_come_again(broker):
    send(broker, "two", "1", "2")

    assert [message.kept() for message in messages("two", settings(broker.port), most=2)] == [True, True]

    assert list(messages("two", settings(broker.port, quiet=1))) == []


def test_a_message_that_was_not_said_to_be_kept_comes_again_under_the_same_name(broker):
    send(broker, "three", "1", "2", "3")
    first = list(messages("three", settings(broker.port), most=3))
    first[1].kept()  # too late: the connection has ended, and with it the broker's trust

    taken = messages("three", settings(broker.port))
    second = [next(taken) for _ in range(3)]
    second[1].kept()
    taken.close()
    third = list(messages("three", settings(broker.port), most=2))

    assert [one.data for one in first] == [one.data for one in second] == [b"1", b"2", b"3"]
    assert [one.name for one in first] == [one.name for one in second]
    assert [one.data for one in third] == [b"1", b"3"]


def test_no_more_come_than_were_asked_for(broker):
    send(broker, "four", "1", "2", "3")

    came = [message.data for message in messages("four", settings(broker.port), most=2) if message.kept()]

    assert came == [b"1", b"2"]
    assert [message.data for message in messages("four", settings(broker.port, quiet=1))] == [b"3"]


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"subject": "BOALF_2024-01-15.json"}, r"BOALF_2024-01-15_message_[0-9a-f]{12}\.json"),
        ({"dataset": "PN", "subject": "other"}, r"PN_message_[0-9a-f]{12}\.json"),
        ({"subject": "../../etc/passwd"}, r"_\.\._etc_passwd_message_[0-9a-f]{12}\.json"),
        ({}, r"five_message_[0-9a-f]{12}\.json"),
    ],
)
def test_the_name_is_that_of_the_header_and_leads_nowhere(broker, headers, name):
    send(broker, "five", "x", **headers)

    (came,) = [message for message in messages("five", settings(broker.port), most=1) if message.kept()]

    assert re.fullmatch(name, came.name)
    assert "/" not in came.name


def test_a_date_in_the_header_stays_readable_in_the_name(broker):
    send(broker, "six", "x", subject="system_prices_2024-01-15")

    (came,) = [message for message in messages("six", settings(broker.port), most=1) if message.kept()]

    assert (str(scope_of(came.name).settlement_date), scope_of(came.name).settlement_period) == ("2024-01-15", None)


def test_a_broker_that_is_not_there_is_a_failure(broker, unused_port):
    (came,) = messages("away", settings(unused_port))

    assert isinstance(came, Failure)
    assert "ConnectFailed" in came.finding.found


def test_a_broker_that_goes_away_is_told_and_what_came_before_stays(tmp_path):
    with brokers.start(tmp_path, 0) as own:
        send(own, "gone", "1")
        taken = messages("gone", settings(own.port, quiet=20))

        first = next(taken)
        own.process.kill()
        own.process.wait()
        rest = list(taken)

    assert isinstance(first, Message)
    assert [type(one) for one in rest] == [Failure]
    assert first.kept() is False
