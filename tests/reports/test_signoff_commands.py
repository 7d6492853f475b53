"""`bsc signoff`, `bsc work` and `bsc verify --home` as their user types them."""

from __future__ import annotations

import json
import shutil
from datetime import date
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest
import sqlalchemy as sa

from loaders import store as stores
from loaders.store.database import writing
from loaders.store.tables import signoff_entries as table
from settlement import command_line

DAY = date(2024, 1, 15)
PRICE = "price-2024-01-15-IP-7"


@pytest.fixture
def ask(bsc, home, monkeypatch):
    """The command with both verbs, also where the package was installed before it had them; answers in JSON."""
    mine = [EntryPoint("signoff", "reports.commands_signoff:signoff", "bsc.commands"),
            EntryPoint("work", "reports.commands_work:work", "bsc.commands")]  # fmt: skip
    held = [one for one in entry_points(group="bsc.commands") if one.name not in ("signoff", "work")]
    monkeypatch.setattr(command_line, "entry_points", lambda group: [*held, *mine])
    for name in ("BSC_SIGN_KEYS", "BSC_SIGN_PASSPHRASE_FILE", "BSC_AS"):
        monkeypatch.delenv(name, raising=False)

    def asked(*words):
        code, said, errors = bsc(*map(str, words), "--json", home=home)
        return code, json.loads(said) if said else None, errors

    return asked


def test_two_people_sign_a_day_off_and_the_chain_is_verified(ask, home):
    assert ask("signoff", "prepare", "2024-01-15", "--as", "Ana Lima", "--comment", "7 is with Ben")[0] == 0
    refused = ask("signoff", "review", "2024-01-15", "--as", "ana lima", "--comment", "looked")
    reviewed = ask("signoff", "review", "2024-01-15", "--run", "IP", "--as", "Ben Ode", "--comment", "looked")
    listed, shown, verified = ask("signoff", "list"), ask("signoff", "show", "2024-01-15"), ask("verify")

    assert (refused[0], "wanted another person" in refused[2]) == (1, True)
    assert (reviewed[0], reviewed[1]["state"], reviewed[1]["number"]) == (0, "reviewed", 2)
    assert [(one["name"], one["state"], one["due"]) for one in listed[1]] == [("2024-01-15 IP", "reviewed", None)]
    assert [one["action"] for one in shown[1]["entries"]] == ["prepare", "review"]
    assert (verified[0], verified[1]["entries"]) == (0, 2)

    opened = stores.open(home)
    with writing(opened.engine) as connection:
        connection.execute(sa.update(table).where(table.c.number == 1).values(body="{}"))
    opened.close()
    code, verdict, _ = ask("verify")
    assert (code, verdict["wrong"][0]["file"]) == (1, "sign-off chain, row 1")


def test_a_report_is_signed_off_by_key_exported_and_verified_offline(ask, home, tmp_path, make_report, monkeypatch):
    import reports

    out = tmp_path / "out"
    report = make_report(reports.open_day_view(DAY, None, home), out)
    _, key, _ = ask("sign", "keys", "--holder", "Ana Lima")
    prepared = ask("signoff", "prepare", report.html_path, "--as", "Ana Lima", "--comment", "x", "--key", "only")
    _, exported, _ = ask("signoff", "export", report.html_path)
    shutil.rmtree(home)
    code, verdict, _ = ask("verify", report.html_path)

    assert prepared[1]["key_id"] == key["key_id"]
    assert prepared[1]["manifest_sha256"] == json.loads(report.manifest_path.read_bytes())["manifest_sha256"]
    assert Path(exported["signoff"]).parent == out and (out / f"{key['key_id']}.public.json").is_file()
    assert code == 0 and "Sign-off: prepared, prepared by Ana Lima" in verdict["signed_off"]


def test_a_report_of_other_figures_is_not_signed_off(ask, report):
    code, _, errors = ask("signoff", "prepare", report.html_path, "--as", "Ana", "--comment", "x")

    assert code == 2
    assert "found a run that this workspace does not hold" in errors


@pytest.mark.parametrize(
    "words, code, said",
    [
        (("signoff", "prepare", "2024-01-17", "--comment", "x"), 1, "found no settled run"),
        (("signoff", "prepare", "2024-01-15", "--comment", " "), 1, "found no comment"),
        (("signoff", "prepare", "2024-01-15", "--comment", "x", "--as", ""), 2, "wanted 1 to 100 signs"),
        (("signoff", "publish", "2024-01-15", "--comment", "x"), 1, "found draft, wanted reviewed"),
        (("signoff", "prepare", "gone.html", "--comment", "x"), 2, "wanted the report"),
        (("signoff", "list", "--state", "done"), 2, "found 'done'"),
        (("work", "list", "--kind", "odd"), 2, "found 'odd'"),
        (("work", "close", "gone-7", "--comment", "x"), 2, "found no such entry"),
    ],
)
def test_what_is_asked_wrongly_is_told(ask, words, code, said):
    left, _, errors = ask(*words)

    assert (left, said in errors) == (code, True), errors


def test_without_a_workspace_nothing_is_made(ask, home):
    shutil.rmtree(home)

    for words in (("signoff", "list"), ("work", "list"), ("verify",)):
        code, _, errors = ask(*words)
        assert (code, "found no workspace" in errors) == (2, True)
    assert not home.exists()


def test_an_entry_is_assigned_commented_and_closed(ask, monkeypatch):
    ask("work", "assign", PRICE, "--to", "Ben Ode", "--as", "Ana Lima")
    ask("work", "comment", PRICE, "--comment", "An SO flag", "--as", "Ben Ode")
    mine = ask("work", "list", "--mine", "--as", "ben ode")[1]["items"]
    monkeypatch.setenv("BSC_AS", "Ben Ode")
    closed = ask("work", "close", PRICE, "--comment", "Explained")[1]
    left = ask("work", "list", "--kind", "price")[1]["items"]
    every = ask("work", "list", "--kind", "price", "--all")[1]["items"]

    assert [(one["id"], one["assigned_to"]) for one in mine] == [(PRICE, "Ben Ode")]
    assert [entry["comment"] for entry in mine[0]["entries"]] == ["", "An SO flag"]
    assert (closed["who"], closed["state"]) == ("Ben Ode", "closed")
    assert PRICE not in [one["id"] for one in left] and every[-1]["id"] == PRICE


def test_a_dispute_is_opened_from_a_price_and_from_nothing_else(ask):
    code, made, _ = ask("work", "dispute", PRICE, "--comment", "An SO flag was left out", "--as", "Ana Lima")
    items = {one["id"]: one for one in ask("work", "list")[1]["items"]}
    again, _, errors = ask("work", "dispute", PRICE, "--comment", " ", "--as", "Ana Lima")

    assert (code, made["state"], made["said"]["reason"]) == (0, "draft", "An SO flag was left out")
    assert items[made["name"]]["title"] == f"{made['name']}: draft"
    assert items[PRICE]["entries"][-1]["comment"] == f"Opened {made['name']}: An SO flag was left out"
    assert (again, "wanted why it is a Settlement Error" in errors) == (2, True)
    code, _, errors = ask("work", "dispute", made["name"], "--comment", "x")
    assert (code, "found an entry of dispute, wanted one of a price" in errors) == (2, True)
