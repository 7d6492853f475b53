"""A full disk, a database that is held or may not be written, a clock set back, two loads at once.

Each is told in words, nothing is lost, and loading again mends all. What is real: the full
disk of a child is a limit of the system on the size of files (RLIMIT_FSIZE); the one in the
middle of a load is a file layer that says what a full disk says (ENOSPC), as a small
filesystem of its own needs rights that a test has not. The rest is as it happens.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from loaders import load, store
from loaders.errors import LoadError, StoreUnavailable
from loaders.store import runs
from loaders.store.files import FileLayer

DAY = date(2024, 1, 15)
NAME = "SYNTHETIC_DISBSAD_2024-01-15.json"
BSC = "import sys; from settlement.command_line import main; sys.argv = ['bsc', *sys.argv[1:]]; main()"


def folder_of(path: Path, *files: tuple[str, Any]) -> Path:
    path.mkdir()
    for name, said in files:
        (path / name).write_text(json.dumps(said))
    return path


def bsc(*words: Any, **limits: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BSC, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **limits)


def ids(home: Path) -> list[int]:
    return [row["adjustment_id"] for row in store.open(home).rows("adjustment_actions", DAY).to_pylist()]


class FullDisk(FileLayer):
    """Says what a full disk says, from one write on."""

    def __init__(self, room: int):
        self.room = room

    def write(self, path: Path, data: bytes) -> None:
        self.room -= 1
        if self.room < 0:
            path.write_bytes(data[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().write(path, data)


@pytest.mark.parametrize("room", [0, 1])
def test_a_full_disk_is_told_and_leaves_nothing_behind(desk, tmp_path, room):
    folder = folder_of(tmp_path / "in", (NAME, [desk.adjustment_row(1)]))
    opened = store.open(desk.home, FullDisk(room))

    with pytest.raises(StoreUnavailable, match=r"No space left on device.*Make room"):
        load(folder, desk.home, store=opened)

    assert opened.version() == 0
    assert not list(desk.home.rglob("*.tmp"))
    assert load(folder, desk.home).good
    assert ids(desk.home) == [1]


def test_a_full_disk_ends_the_command_with_a_sentence_and_loading_again_mends_it(desk, tmp_path):
    rows = [desk.adjustment_row(number, assetId=f"SYN-{number}", period=1 + number % 48) for number in range(3000)]
    folder = folder_of(tmp_path / "in", (NAME, rows))
    store.open(desk.home).close()
    most = 400_000  # bytes of one file: room for the tables of the workspace, not for the file received

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    full = bsc("load", "--from", folder, "--home", desk.home, preexec_fn=small_files)

    assert (folder / NAME).stat().st_size > most
    assert full.returncode == 1
    assert "Traceback" not in full.stderr
    assert "File too large" in full.stderr
    assert store.open(desk.home).version() == 0
    assert bsc("load", "--from", folder, "--home", desk.home).returncode == 0
    assert len(ids(desk.home)) == 3000


def test_a_database_held_for_a_while_is_waited_for(desk, tmp_path):
    folder = folder_of(tmp_path / "in", (NAME, [desk.adjustment_row(1)]))
    opened = store.open(desk.home)
    holder = sqlite3.connect(desk.home / "workspace.sqlite", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    threading.Timer(1.5, lambda: holder.execute("COMMIT")).start()
    begun = time.monotonic()

    report = load(folder, desk.home, store=opened)

    assert time.monotonic() - begun > 1.0
    assert report.good
    assert ids(desk.home) == [1]


def test_a_database_held_too_long_is_told_and_loading_again_mends_it(desk, tmp_path):
    folder = folder_of(tmp_path / "in", (NAME, [desk.adjustment_row(1)]))
    opened = store.open(desk.home)
    with opened.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 200")  # in the place of a minute
    holder = sqlite3.connect(desk.home / "workspace.sqlite", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    with pytest.raises(StoreUnavailable, match=r"locked.*wait until that has ended"):
        load(folder, desk.home, store=opened)

    holder.execute("COMMIT")
    assert load(folder, desk.home, store=opened).good
    assert ids(desk.home) == [1]


def test_a_database_that_may_not_be_written_is_told(desk, tmp_path):
    folder = folder_of(tmp_path / "in", (NAME, [desk.adjustment_row(1)]))
    opened = store.open(desk.home)
    with opened.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")  # root may write any file, whatever its rights

    with pytest.raises(StoreUnavailable, match=r"readonly.*right to write"):
        load(folder, desk.home, store=opened)

    assert load(folder, desk.home).good
    assert ids(desk.home) == [1]


@pytest.mark.parametrize("damage", ["no database", "a folder"])
def test_a_workspace_that_is_none_ends_the_command_with_a_sentence(desk, tmp_path, damage):
    folder = folder_of(tmp_path / "in", (NAME, [desk.adjustment_row(1)]))
    desk.home.mkdir()
    place = desk.home / "workspace.sqlite"
    place.mkdir() if damage == "a folder" else place.write_bytes(b"this is no database " * 500)

    told = bsc("load", "--from", folder, "--home", desk.home)

    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    assert str(place) in told.stderr


def test_a_workspace_in_the_place_of_a_file_is_told(desk, tmp_path):
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(LoadError, match="right to write"):
        load(folder_of(tmp_path / "in", (NAME, [desk.adjustment_row(1)])), tmp_path / "file")


def test_a_file_that_goes_before_it_is_read_is_a_finding_and_the_others_load(desk, tmp_path):
    gone = "SYNTHETIC_PN_2024-01-15.json"
    folder = folder_of(tmp_path / "in", (NAME, [desk.adjustment_row(1)]), (gone, [desk.pn_row("T_SYN-1", 0, 30)]))

    report = load(folder, desk.home, told=lambda name: (folder / gone).unlink() if name == gone else None)

    assert [(f.file, f.found, f.weight) for f in report.findings] == [(gone, "No such file or directory", "refused")]
    assert desk.marks("physical_notifications") == [(None, None)]
    assert ids(desk.home) == [1]


def test_a_file_whose_name_is_not_utf_8_loads(desk, tmp_path):
    folder = folder_of(tmp_path / "in")
    path = os.fsencode(folder) + b"/caf\xe9_" + NAME.encode()
    Path(os.fsdecode(path)).write_text(json.dumps([desk.adjustment_row(1)]))

    report = load(folder, desk.home)

    assert report.good
    assert [file.file for file in report.files] == ["caf\\xe9_" + NAME]
    assert ids(desk.home) == [1]


def test_a_clock_that_is_set_back_leaves_the_order_of_versions(desk, monkeypatch):
    class Clock(datetime):
        at = datetime(2026, 1, 1, 12, tzinfo=UTC)

        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return cls.at

    monkeypatch.setattr(runs, "datetime", Clock)
    for number, hours in ((1, 0), (2, -5), (3, -5), (4, 1)):
        Clock.at = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(hours=hours)
        desk.load_files({NAME: [desk.adjustment_row(number)]})

    with sqlite3.connect(desk.home / "workspace.sqlite") as connection:
        kept = [text for (text,) in connection.execute("SELECT kept_at FROM versions ORDER BY version")]
    assert kept == [
        "2026-01-01T12:00:00.000000Z",
        "2026-01-01T12:00:00.000001Z",
        "2026-01-01T12:00:00.000002Z",
        "2026-01-01T13:00:00.000000Z",
    ]
    as_of = desk.store.version_at(datetime(2026, 1, 1, 12, tzinfo=UTC))
    assert [row["adjustment_id"] for row in desk.rows("adjustment_actions", version=as_of)] == [1]


LOADER = """
import sys
from pathlib import Path
from loaders import load, store
import loaders.loading, loaders.store.reading
opened = store.open(Path(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
report = load(Path(sys.argv[1]), Path(sys.argv[2]), store=opened)
print(sorted((file.file, file.outcome in ("kept", "repeated")) for file in report.files), report.good)
"""


def at_once(home: Path, *folders: Path) -> list[str]:
    """What loads in processes of their own say, all begun as soon as the last is ready."""
    store.open(home).close()
    children = [
        subprocess.Popen(
            [sys.executable, "-c", LOADER, str(f), str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for f in folders
    ]
    assert [child.stdout.readline() for child in children if child.stdout] == ["ready\n"] * len(children)
    for child in children:
        assert child.stdin
        child.stdin.write("\n")
        child.stdin.flush()
    said = [child.communicate()[0].strip() for child in children]
    assert [child.returncode for child in children] == [0] * len(children)
    return said


def test_two_loads_of_the_same_files_at_once_keep_them_once(desk, tmp_path):
    files = [
        (NAME, [desk.adjustment_row(1), desk.adjustment_row(2, cost="?")]),
        ("SYNTHETIC_PN_2024-01-15.json", []),
        ("SYNTHETIC_PN_2024-01-16.json", [desk.pn_row("T_SYN-1", 0, 29)]),
    ]
    one, other = folder_of(tmp_path / "one", *files), folder_of(tmp_path / "other", *files)

    at_once(desk.home, one, other)

    assert ids(desk.home) == [1]
    opened = desk.store
    assert len(opened.arrivals("adjustment_actions", DAY)) == 1
    assert len(opened.arrivals("physical_notifications", DAY)) == 2  # the empty day, and the day in a row of the other
    assert sorted((q.file, q.row) for q in opened.quarantine()) == [
        (NAME, 2),
        ("SYNTHETIC_PN_2024-01-16.json", 1),
    ]


def test_the_same_file_read_by_two_loads_is_kept_by_the_first(desk, tmp_path):
    """The second has found the file to be new, and keeps after the first: without chance."""
    files = [(NAME, [desk.adjustment_row(1, cost="?")])]
    one, other = folder_of(tmp_path / "one", *files), folder_of(tmp_path / "other", *files)
    store.open(desk.home).close()

    class Overtaken(FileLayer):
        done = False

        def write(self, path: Path, data: bytes) -> None:
            if not self.done:
                self.done = True
                load(one, desk.home)
            super().write(path, data)

    load(other, desk.home, store=store.open(desk.home, Overtaken()))

    assert [q.row for q in desk.store.quarantine()] == [1]
    assert len(desk.store.arrivals("adjustment_actions", DAY)) == 1
    assert desk.marks("adjustment_actions") == [(7, None)]
    assert desk.store.version() == 1


def test_two_loads_of_different_files_at_once_keep_both(desk, tmp_path):
    one = folder_of(tmp_path / "one", (NAME, [desk.adjustment_row(1)]), ("SYNTHETIC_PN_2024-01-15.json", []))
    second = [desk.adjustment_row(2, settlementDate="2024-01-16")]
    other = folder_of(
        tmp_path / "other",
        ("SYNTHETIC_DISBSAD_2024-01-16.json", second),
        ("SYNTHETIC_PN_2024-01-15.json", [desk.pn_row("T_SYN-1", 0, 30)]),
    )

    said = at_once(desk.home, one, other)

    assert all(line.endswith("True") for line in said)
    assert [row["adjustment_id"] for row in desk.rows("adjustment_actions", None)] == [1, 2]
    assert len(desk.store.arrivals("physical_notifications", DAY)) == 2
