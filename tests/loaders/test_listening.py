"""What comes by itself: messages of a real queue, and a folder that others write into, by the commands as run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import stomp

from loaders import after_load, commands_load, store
from loaders.listening import from_queue
from loaders.sources.queue import batches
from loaders.sources.secrets import Secrets
from loaders.sources.settings import Limits, Queue, Settings
from publish.feed import broker as brokers


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with brokers.start(tmp_path_factory.mktemp("broker"), 0) as own:
        yield own


def settings(port):
    return Settings(queue=Queue(port=port, quiet=0.5), limits=Limits(connect=5), secrets=Secrets(environ={}))


def send(broker, queue, *bodies, **headers):
    link = stomp.Connection12([("127.0.0.1", broker.port)])
    link.connect(wait=True)
    for body in bodies:
        link.send(f"/queue/{queue}", json.dumps(body), headers={"persistent": "true"} | headers)
    link.disconnect(receipt="sent")
    time.sleep(0.2)


def taken(desk, broker, queue):
    with_store = store.open(desk.home)
    try:
        return from_queue(with_store, queue, settings(broker.port))
    finally:
        with_store.close()


def run(*said, **environment):
    return subprocess.Popen(
        [sys.executable, "-c", "from settlement.command_line import main; main()", *said],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )


def until(true, within=30.0):
    end = time.monotonic() + within
    while not true() and time.monotonic() < end:
        time.sleep(0.1)
    return true()


def test_each_message_of_a_queue_finds_its_job_and_does_not_come_again(desk, broker):
    send(broker, "all", desk.pn_row("T_SYN-1", 0, 30), [desk.acceptance_row("T_SYN-1", 1, 0, 5)])

    first, second = taken(desk, broker, "all"), taken(desk, broker, "all")

    assert first.findings == []
    assert sorted(file.job for file in first.files) == ["boalf", "pn"]
    assert second.files == []
    assert [row["bm_unit"] for row in desk.rows("physical_notifications")] == ["T_SYN-1"]


def test_two_messages_of_one_period_stand_beside_each_other_and_a_whole_answer_takes_back_what_it_lacks(desk, broker):
    send(broker, "beside", [desk.adjustment_row(1)], [desk.adjustment_row(2)], dataset="DISBSAD")

    report = taken(desk, broker, "beside")
    numbers = [row["adjustment_id"] for row in desk.rows("adjustment_actions")]
    desk.load_files({"disbsad_2024-01-15.json": [desk.adjustment_row(2)]})

    assert (report.findings, report.withdrawn) == ([], 0)
    assert numbers == [1, 2]
    assert [row["adjustment_id"] for row in desk.rows("adjustment_actions")] == [2]


def test_a_message_named_as_iris_names_it_stands_beside_others_too(desk):
    for number in (1, 2):
        name = f"DISBSAD_202401150741_NGET-EMFIP-DISBSAD-0068916{number}-1.json"
        desk.load_files({name: [desk.adjustment_row(number)]})

    assert [row["adjustment_id"] for row in desk.rows("adjustment_actions")] == [1, 2]


def test_a_later_message_changes_the_row_of_an_earlier_one(desk, broker):
    send(broker, "later", [desk.adjustment_row(1)], dataset="DISBSAD")
    taken(desk, broker, "later")
    send(broker, "later", [desk.adjustment_row(1, volume=12.0)], dataset="DISBSAD")
    taken(desk, broker, "later")

    assert [row["volume_mwh"] for row in desk.rows("adjustment_actions")] == [12.0]


def test_a_message_that_no_job_knows_lies_in_the_workspace_and_is_not_sent_again(desk, broker):
    said = {"dataset": "NEWDATA", "newValue": 50.02}
    send(broker, "strange", said, dataset="NEWDATA")

    first, second = taken(desk, broker, "strange"), taken(desk, broker, "strange")

    assert [file.outcome for file in first.files] == ["unknown"]
    assert second.files == []
    (kept,) = (desk.home / "unclaimed").iterdir()
    assert kept.name.startswith("NEWDATA_message_")
    assert json.loads(kept.read_bytes()) == said


def test_a_message_that_was_kept_but_not_said_to_be_comes_again_and_changes_nothing(desk, broker):
    send(broker, "twice", desk.pn_row("T_SYN-1", 0, 30))
    waits = batches("twice", settings(broker.port))
    (message,) = next(waits)
    desk.load_files({message.name: message.data})  # and then the machine fails
    waits.close()

    report = taken(desk, broker, "twice")

    assert [file.outcome for file in report.files] == ["repeated"]
    assert desk.store.version() == 1


def test_the_command_takes_a_queue_and_says_what_came(desk, broker):
    send(broker, "command", desk.pn_row("T_SYN-1", 0, 30))

    done = run("load", "--queue", "command", "--home", str(desk.home), "--json",
               BSC_QUEUE_PORT=str(broker.port), BSC_QUEUE_QUIET="0.5")  # fmt: skip
    out, err = done.communicate(timeout=60)

    assert (done.returncode, err) == (0, "")
    assert [(file["job"], file["new"]) for file in json.loads(out)["files"]] == [("pn", 1)]


def test_the_service_takes_what_comes_by_a_queue_until_it_is_told_to_end(desk, broker):
    service = run("load", "--queue", "service", "--watch", "--home", str(desk.home), BSC_QUEUE_PORT=str(broker.port))
    send(broker, "service", desk.pn_row("T_SYN-1", 0, 30))
    assert until(lambda: desk.home.exists() and desk.rows("physical_notifications"))

    service.send_signal(signal.SIGTERM)

    assert service.wait(20) == 0


def test_the_service_takes_what_comes_into_a_folder_until_it_is_told_to_end(desk, tmp_path):
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "first.json").write_text(json.dumps(desk.pn_row("T_SYN-1", 0, 30)))
    service = run("load", "--from", str(folder), "--watch", "--home", str(desk.home))
    assert until(lambda: desk.home.exists() and len(desk.rows("physical_notifications")) == 1)
    (folder / "second.json").write_text(json.dumps(desk.pn_row("T_SYN-2", 0, 30)))
    assert until(lambda: len(desk.rows("physical_notifications")) == 2)

    service.send_signal(signal.SIGTERM)

    assert service.wait(20) == 0
    assert "2 answers" not in service.communicate()[0]


def test_a_broker_that_is_not_there_is_said_in_words(desk, unused_port):
    done = run("load", "--queue", "away", "--home", str(desk.home), BSC_QUEUE_PORT=str(unused_port))
    out, _ = done.communicate(timeout=60)

    assert done.returncode == 1
    assert "wanted a STOMP broker that answers" in out


@pytest.mark.parametrize("also", [("--due",), ("--fetch", "pn"), ("--queue", "a", "--from", ".")])
def test_watching_does_not_go_with_other_ways(also):
    done = run("load", "--watch", *also)
    _, err = done.communicate(timeout=60)

    assert done.returncode == 2
    assert "wanted one of --from" in err


def test_other_rooms_are_called_for_the_first_at_once_and_once_for_all_that_came_after_it(
    tmp_path, monkeypatch, capsys
):
    calls = []
    monkeypatch.setattr(after_load, "after_load", lambda home: calls.append(home) or [f"call {len(calls)}"])
    monkeypatch.setattr(commands_load, "AFTERWARDS_EACH", 0.5)
    come = commands_load._Come(tmp_path)

    come.told("1 file")
    assert until(lambda: len(calls) == 1)
    for number in range(2, 5):
        come.told(f"{number} files")
    assert calls == [tmp_path] and until(lambda: len(calls) == 2)
    come.told("5 files")
    come.afterwards()  # told to end: what was put off is done

    assert calls == [tmp_path] * 3
    come.afterwards()
    assert len(calls) == 3
    assert capsys.readouterr().err.split("\n")[:3] == ["call 1", "call 2", "call 3"]
