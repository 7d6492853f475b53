"""`bsc sign` and `bsc verify` as their user types them."""

from __future__ import annotations

import json
import re
import shutil
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest
from typer.testing import CliRunner

from settlement import command_line


@pytest.fixture
def bsc(monkeypatch):
    """The whole command with the verb `sign`, also where the package was installed before it had one."""
    held = [point for point in entry_points(group="bsc.commands") if point.name != "sign"]
    mine = EntryPoint("sign", "reports.commands_sign:sign", "bsc.commands")
    monkeypatch.setattr(command_line, "entry_points", lambda group: [*held, mine])
    for name in ("BSC_SIGN_KEYS", "BSC_SIGN_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    return lambda *words: CliRunner().invoke(command_line.build(), [str(word) for word in words])


@pytest.fixture
def copied(report, tmp_path):
    return Path(shutil.copytree(report.html_path.parent, tmp_path / "out")) / report.html_path.name


def test_make_a_key_sign_and_verify(bsc, copied, tmp_path):
    home = tmp_path / "workspace"
    made = bsc("sign", "keys", "--holder", "Settlement desk", "--home", home, "--json")
    public = json.loads(made.stdout)["public_record"]
    signed = bsc("sign", copied, "--home", home)
    again = bsc("sign", copied.parent, "--home", home)
    verified = bsc("verify", copied, "--key", public)
    folder = bsc("verify", copied.parent, "--key", public, "--json")

    assert made.exit_code == signed.exit_code == again.exit_code == 0, signed.output
    assert "signed by Settlement desk" in signed.stdout and "nothing changed" in again.stdout
    assert verified.exit_code == 0 and "Signed by Settlement desk" in verified.stdout
    assert json.loads(folder.stdout)["reports"][0]["signature"]["state"] == "holds"
    pem = next((home / "keys").glob("*.pem")).read_text().splitlines()[1]
    assert not any(pem in one.output for one in (made, signed, again, verified, folder))


def test_a_revoked_key_is_on_a_list_that_verify_takes(bsc, copied, tmp_path):
    home = tmp_path / "workspace"
    first = json.loads(bsc("sign", "keys", "--holder", "Desk", "--home", home, "--json").stdout)
    bsc("sign", copied, "--home", home)
    told = bsc("sign", "revoke", first["key_id"], "--reason", "Lost", "--home", home)
    held = bsc("verify", copied, "--key", first["public_record"], "--revoked", home / "keys" / "revoked.json")
    refused = bsc("sign", copied.parent, "--home", home)

    assert told.exit_code == 0 and "give it to all who verify" in told.stdout
    assert held.exit_code == 0, held.output  # signed before
    assert "nothing changed" in refused.output


def test_an_unsigned_report_leaves_with_1_for_who_gave_a_key(bsc, copied, tmp_path):
    public = json.loads(bsc("sign", "keys", "--holder", "Desk", "--home", tmp_path, "--json").stdout)["public_record"]

    told = bsc("verify", copied, "--key", public)

    assert told.exit_code == 1 and f"{copied.stem}.signature.json: found no such file" in told.stdout
    assert bsc("verify", copied).exit_code == 0


def test_without_a_key_the_question_is_wrong(bsc, copied, tmp_path):
    told = bsc("sign", copied, "--home", tmp_path)

    assert isinstance(told.exception, command_line.AskedWrongly) and "bsc sign keys" in str(told.exception)


@pytest.mark.parametrize("verb", ["report", "keys", "revoke"])
def test_every_verb_of_sign_shows_an_example(bsc, verb):
    assert re.search(r"Example:\s+bsc sign ", bsc("sign", verb, "--help").output)


def test_the_report_says_where_its_signature_is_and_how_to_verify(copied):
    foot = copied.read_text("utf-8").rpartition("<footer>")[2]

    assert f"{copied.stem}.signature.json" in foot and f"bsc verify {copied.name} --key" in foot


def test_a_report_is_signed_as_it_is_made(bsc, settled_home, tmp_path, monkeypatch):
    monkeypatch.setenv("BSC_SIGN_KEYS", str(tmp_path / "keys"))
    refused = bsc("report", "2024-01-15", "--sign", "--home", settled_home, "--out", tmp_path / "out")
    public = json.loads(bsc("sign", "keys", "--holder", "Desk", "--json").stdout)["public_record"]
    made = bsc("report", "2024-01-15", "--sign", "--home", settled_home, "--out", tmp_path / "out", "--json")

    assert isinstance(refused.exception, command_line.AskedWrongly)
    assert made.exit_code == 0, made.output
    told = bsc("verify", json.loads(made.stdout)["report"], "--key", public, "--rerun", "--home", settled_home)
    assert told.exit_code == 0 and told.stdout == "same\n"
