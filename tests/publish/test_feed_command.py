"""The verbs of the feed, as a person or a machine calls them."""

from __future__ import annotations

import importlib.util
import io
import json
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from loaders import store
from settlement import command_line

_spec = importlib.util.spec_from_file_location("feed_fixtures", Path(__file__).with_name("feed_fixtures.py"))
given = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(given)

# As the command `bsc` runs it, without asking whether this checkout is installed with its entry points.
BSC = """
import typer
from settlement import command_line
from publish.commands import feed

def build():
    app = typer.Typer(pretty_exceptions_enable=False)
    app.callback()(lambda: None)
    app.add_typer(feed, name="feed")
    return app

command_line.build = build
command_line.main()
"""


def bsc_process(*arguments):
    """The command as a process of its own."""
    command = [sys.executable, "-c", BSC, "feed", *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def bsc(*arguments):
    """The same command in this process: to start Python and load the rooms takes longer than most verbs."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(command_line, "build", command_line.build)  # put back what BSC takes away
        patch.setattr(sys, "argv", ["bsc", "feed", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            exec(BSC, {})
    return subprocess.CompletedProcess(arguments, ended.value.code or 0, out.getvalue(), err.getvalue())


@pytest.fixture
def home(tmp_path):
    store.open(tmp_path / "workspace")
    return tmp_path / "workspace"


def test_relay_and_subscriber_hand_a_price_from_one_command_to_the_other(home, broker):
    given.keep_prices(home, {1: "64.10", 2: "-5"})
    given.keep_prices(home, {1: "64.10", 2: "-5.25"})
    ids = [row["message_id"] for row in given.outbox(home)]
    relayed = bsc_process("relay", "--once", "--json", "--home", home, "--port", broker.port)
    again = bsc("relay", "--once", "--home", home, "--port", broker.port)
    people = bsc_process("subscribe", "people", "--port", broker.port, "--idle", 1)
    machines = bsc("subscribe", "machines", "--port", broker.port, "--at-most", 3, "--json")

    assert json.loads(relayed.stdout) == {"sent": 3, "transactions": 1, "lost": 0}
    assert again.stdout == "0 messages sent, each with the broker's receipt.\n"
    assert people.stdout.splitlines() == [
        "1  2024-01-15 period 1 IP  64.10 GBP/MWh",
        "2  2024-01-15 period 2 IP  -5 GBP/MWh",
        f"3  2024-01-15 period 2 IP  -5.25 GBP/MWh, supersedes {ids[1]}",
    ]
    assert [json.loads(line)["value"] for line in machines.stdout.splitlines()] == ["64.10", "-5", "-5.25"]
    assert {done.returncode for done in (relayed, again, people, machines)} == {0}
    assert {done.stderr for done in (relayed, again, people, machines)} == {""}


def test_a_subscriber_that_missed_something_exits_with_one(home, broker):
    given.keep_prices(home, {1: "1", 2: "2"})
    bsc("relay", "--once", "--home", home, "--port", broker.port)
    given.raw_messages(broker.port, "sub.traders.bsc.prices")  # somebody else took them
    given.keep_prices(home, {3: "3"}, run_type="II")
    bsc("relay", "--once", "--home", home, "--port", broker.port)
    read = bsc("subscribe", "traders", "--port", broker.port, "--idle", 1, "--after", 0)

    assert read.returncode == 1
    assert "Messages 1 to 2 have not come" in read.stderr


def test_relay_once_without_a_broker_says_so_and_exits_with_one(home):
    relayed = bsc("relay", "--once", "--home", home, "--port", 1)

    assert relayed.returncode == 1
    assert "broker at 127.0.0.1:1: found no answer" in relayed.stderr
    assert "bsc feed broker" in relayed.stderr
    assert "Traceback" not in relayed.stderr


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["relay", "--once", "--host", "192.0.2.7"], "no keys yet"),
        (["subscribe", "traders", "--host", "example.org"], "no keys yet"),
        (["subscribe", "a.b"], "letters, digits"),
        (["relay", "--once", "--home", "no-such-folder"], "no such folder"),
        (["relay", "--port", "99999"], "65535"),
    ],
)
def test_a_question_that_cannot_be_is_refused_with_two_and_the_reason(home, asked, told):
    refused = bsc(*asked, *([] if "--home" in asked or "subscribe" in asked else ["--home", home]))

    assert refused.returncode == 2
    assert told in refused.stderr


def test_the_broker_command_prints_its_address_and_ends_on_ctrl_c(home):
    command = [sys.executable, "-c", BSC, "feed", "broker", "--home", str(home), "--port", "0", "--subscriber", "a"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        said = running.stdout.readline()
        port = int(said.split("127.0.0.1:")[1].split(",")[0])
        taken = bsc("broker", "--home", home.parent / "other", "--port", port)
        twice = bsc("broker", "--home", home, "--port", 0)
        running.send_signal(signal.SIGINT)
        _, complained = running.communicate(timeout=20)

    assert said.endswith("keeping messages for: a. Ctrl-C ends it.\n")
    assert (running.returncode, complained) == (0, "")
    assert (taken.returncode, twice.returncode) == (1, 1)
    assert f"port {port} of 127.0.0.1" in taken.stderr
    assert "one at work already" in twice.stderr


def test_a_relay_that_goes_on_ends_on_a_polite_kill_and_says_what_it_sent(home, broker):
    given.keep_prices(home, {1: "1"})
    command = [sys.executable, "-c", BSC, "feed", "relay", "--home", str(home), "--port", str(broker.port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        given.until(lambda: given.unsent(home) == 0)
        running.terminate()
        said, _ = running.communicate(timeout=20)

    assert (running.returncode, said) == (0, "1 message sent, each with the broker's receipt.\n")


@pytest.mark.parametrize("verb", ["broker", "relay", "subscribe"])
def test_each_verb_of_the_feed_explains_itself_with_an_example(verb):
    told = bsc(verb, "--help")

    assert told.returncode == 0
    assert f"Example: bsc feed {verb}" in told.stdout
