"""The broker is Debian's ActiveMQ, started as a process of our own on loopback."""

from __future__ import annotations

import importlib.util
import os
import pickle
import shutil
import signal
import socket
from pathlib import Path

import pytest

from publish.feed import broker as brokers
from publish.feed.errors import AlreadyRunning, BadName, BrokerNotInstalled, BrokerNotStarted, PortTaken
from publish.feed.link import Link

_spec = importlib.util.spec_from_file_location("feed_fixtures", Path(__file__).with_name("feed_fixtures.py"))
given = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(given)


def send(port, destination, *bodies):
    link = Link("127.0.0.1", port)
    link.transact("t", [(f"/topic/{destination}", body, {"persistent": "true"}) for body in bodies])
    receipt = link.event(within=10)
    link.close()
    assert receipt.kind == "receipt"


def test_what_was_sent_before_the_first_visit_is_kept_for_named_subscribers_only(broker):
    send(broker.port, "bsc.prices", "1", "2")

    kept = {name: given.raw_messages(broker.port, f"sub.{name}.bsc.prices") for name in ("away", "traders", "late")}

    assert {name: [body for _, body in taken] for name, taken in kept.items()} == {
        "away": [1, 2],
        "traders": [1, 2],
        "late": [],
    }


def test_a_broker_killed_and_started_again_still_has_what_it_gave_a_receipt_for(tmp_path):
    with brokers.start(tmp_path, 0, ["away"]) as broker:
        send(broker.port, "bsc.prices", "1")
        os.kill(broker.pid, signal.SIGKILL)
        broker.process.wait()

        with brokers.start(tmp_path, broker.port) as again:  # and the queue is there without being named again
            send(again.port, "bsc.prices", "2")
            kept = given.raw_messages(again.port, "sub.away.bsc.prices")

    assert [body for _, body in kept] == [1, 2]


def test_one_subscriber_that_is_away_does_not_stop_the_publisher(tmp_path):
    away = [f"away-{number}" for number in range(30)]
    transaction = ['"' + "x" * 100_000 + '"'] * 10

    with brokers.start(tmp_path, 0, [*away, "traders"]) as broker:
        for _ in range(10):  # 10 MB for each of 31 queues, more than the broker has memory
            send(broker.port, "bsc.prices", *transaction)
        kept = given.raw_messages(broker.port, "sub.traders.bsc.prices")

    shutil.rmtree(tmp_path)  # pytest would keep these 300 MB
    assert len(kept) == 100


def test_the_broker_listens_on_loopback_only(running):
    listening = {
        line.split()[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{running.pid}/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    }

    ours = {f"{port:04X}" for port in (running.port, running.openwire_port)}
    addresses = {place.rpartition(":")[0] for place in listening if place.rpartition(":")[2] in ours}
    assert len(ours) == 2
    assert addresses <= {"0100007F", "0000000000000000FFFF00000100007F"}  # 127.0.0.1 and the same as IPv6
    assert addresses


def test_a_second_broker_on_a_taken_port_is_refused_and_the_first_lives_on(running, tmp_path):
    with pytest.raises(PortTaken, match=f"port {running.port} of 127.0.0.1.*Address already in use"):
        brokers.start(tmp_path / "second", running.port)

    assert running.process.poll() is None


def test_a_broker_beaten_to_its_port_does_not_pass_for_the_one_that_answers(running, tmp_path, monkeypatch):
    monkeypatch.setattr(brokers, "_free", lambda port: port)  # both looked while the port was free

    with pytest.raises(BrokerNotStarted, match="Address already in use"):
        brokers.start(tmp_path / "second", running.port)


def test_a_second_broker_on_one_workspace_is_refused_and_told_which_runs(running):
    workspace = running.base.parents[1]

    with pytest.raises(AlreadyRunning, match=f"process {running.pid}"):
        brokers.start(workspace, 0)


def test_without_activemq_the_debian_package_is_named(tmp_path):
    with pytest.raises(BrokerNotInstalled, match="apt-get install activemq"):
        brokers.start(tmp_path, 0, activemq_home=tmp_path)


def test_without_java_the_debian_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)

    with pytest.raises(BrokerNotInstalled, match="default-jre-headless"):
        brokers.start(tmp_path, 0)


@pytest.mark.parametrize("name", ["a.b", "*", "", "a>", "ä", "a" * 65])
def test_a_name_that_would_reach_into_other_queues_is_refused(tmp_path, name):
    with pytest.raises(BadName):
        brokers.start(tmp_path, 0, [name])


def test_a_workspace_with_spaces_and_marks_in_its_name_will_do(tmp_path):
    with brokers.start(tmp_path / 'B&B <ü> "\'" $x', 0, ["away"]) as broker:
        send(broker.port, "bsc.prices", "1")


def test_small_transactions_are_not_held_back_by_the_socket(running):
    link = Link("127.0.0.1", running.port)
    wire = link._stomp.transport.socket

    assert wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    link.close()


def test_an_error_of_the_feed_survives_the_way_between_processes(tmp_path):
    with pytest.raises(BrokerNotInstalled) as caught:
        brokers.start(tmp_path, 0, activemq_home=tmp_path)

    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
