"""`bsc serve api` stays on this machine and says why it does not start."""

from __future__ import annotations

import importlib.util
import io
import socket
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import httpx
import pytest
import typer

from publish.api.commands import api
from settlement import command_line

_spec = importlib.util.spec_from_file_location("api_fixtures", Path(__file__).with_name("api_fixtures.py"))
given = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(given)


def build():
    """`bsc` with this verb alone, without asking which entry points are installed."""
    app = typer.Typer(pretty_exceptions_enable=False)
    serve = typer.Typer()
    for group in (app, serve):
        group.callback()(lambda: None)
    serve.command("api")(api)
    app.add_typer(serve, name="serve")
    return app


def called(*arguments):
    """The command called in this process, to its end."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(command_line, "build", build)
        patch.setattr(sys, "argv", ["bsc", *arguments])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
    return subprocess.CompletedProcess(arguments, ended.value.code or 0, out.getvalue(), err.getvalue())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "prices.example"])
def test_an_address_beyond_this_machine_is_refused_with_the_reason(settled_home, host):
    ended = called("serve", "api", "--home", str(settled_home), "--host", host, "--port", "0")

    assert ended.returncode == 2
    assert host in ended.stderr
    assert "no keys yet" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_folder_without_a_workspace_is_refused_and_left_alone(tmp_path):
    nowhere = tmp_path / "nowhere"

    ended = called("serve", "api", "--home", str(nowhere), "--port", "0")

    assert ended.returncode == 2
    assert "found no workspace" in ended.stderr
    assert not nowhere.exists()


def test_a_port_in_use_is_named(settled_home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        ended = called("serve", "api", "--home", str(settled_home), "--port", port)

    assert ended.returncode == 2
    assert port in ended.stderr


def test_the_verb_is_found_and_shows_an_example(tmp_path):
    ended = given.command(tmp_path, "serve", "api", "--help")

    assert ended.returncode == 0
    assert "Example: bsc serve api" in ended.stdout
    assert "api" in given.command(tmp_path, "serve", "--help").stdout


def test_an_answer_is_not_held_back_by_the_socket(client):
    taken = [client.get("/health").elapsed.total_seconds() for _ in range(20)]

    assert min(taken) < 0.035  # Nagle's algorithm would add 0.04 to each


@pytest.mark.parametrize("host", ["localhost", "::1"])
def test_the_other_names_of_this_machine_answer(settled_home, tmp_path, host):
    with given.served(settled_home, tmp_path, host) as address:
        answer = httpx.get(f"{address}/health", timeout=20)

    assert answer.json()["status"] == "good"
