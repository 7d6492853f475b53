"""A load of twenty mixed files, killed anywhere, then loaded again: the workspace is that of a load left in peace.

The children are really killed (SIGKILL): after a step of the file layer, in the middle of a
write, or at a moment of the clock. One process imports everything and forks each of them,
before it has a second thread.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from loaders import all_jobs, load, store
from loaders.store.files import FileLayer

SAMPLES = Path(__file__).parent / "samples"
SHORT, LONG = 20, 200
UNDISTURBED = -1

# Reads lines "home|folder|way|number"; way is "after" or "inside" a step, or "time" in microseconds.
PARENT = """
import os, signal, sys, time
from pathlib import Path
import loaders.loading, loaders.store.session, loaders.store.parts, loaders.store.reading, alembic.command, pandas
from loaders import all_jobs, load, store
from loaders.store.files import FileLayer
from loaders.sources.folder import job_named
job_named(all_jobs().values(), "a name, so that each child need not compile what names look like")
# Arrow's allocator has a thread that it takes through a fork by itself; any other would be lost in it, with its locks.
threads = [Path(f"/proc/self/task/{name}/comm").read_text().strip() for name in os.listdir("/proc/self/task")]
assert len([name for name in threads if name != "jemalloc_bg_thd"]) == 1, threads

class Deadly(FileLayer):
    def __init__(self, way, number):
        self.way, self.left = way, number
    def die(self, way):
        if self.way == way:
            self.left -= 1
            if self.left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    def step(self, name):
        self.die("after")
    def write(self, path, data):
        if self.way == "inside" and self.left == 0:
            path.write_bytes(data[: len(data) // 2])
        self.die("inside")
        super().write(path, data)

for line in sys.stdin:
    home, folder, way, number = line.rstrip("\\n").split("|")
    child = os.fork()
    if not child:
        load(Path(folder), Path(home), store=store.open(Path(home), Deadly(way, int(number))))
        os._exit(0)
    if way == "time":
        time.sleep(int(number) / 1e6)
        os.kill(child, signal.SIGKILL)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Recording(FileLayer):
    """Notes the steps in their order."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def step(self, name: str) -> None:
        self.steps.append(name)


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good and broken files of many jobs, whole periods and empty ones among them."""
    folder = tmp_path_factory.mktemp("twenty")
    for number, job in enumerate(sorted(all_jobs())[:17]):
        path = sorted((SAMPLES / job).glob("broken*" if number % 5 == 4 else "SYNTHETIC*"))[0]
        (folder / f"{number:02}_{path.name}").write_bytes(path.read_bytes())
    (folder / "SYNTHETIC_stack_bid_2024-01-15_07.json").write_text("[]")
    (folder / "SYNTHETIC_PN_2024-01-16.json").write_text("[")
    (folder / "notes.txt").write_text("buy milk\n")
    assert len(list(folder.iterdir())) == 20
    return folder


def what_is_there(home: Path) -> dict[str, Any]:
    """Everything kept but versions and clocks, read without the store; and the rows as the store gives them."""
    clocks = {"id", "version", "kept_at"}
    found: dict[str, Any] = {}
    with sqlite3.connect(home / "workspace.sqlite") as connection:
        for table in ("landings", "parts", "arrivals", "incomplete", "quarantine"):
            cursor = connection.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor]
            found[table] = Counter(tuple(str(row[name]) for name in names if name not in clocks) for row in rows)
        runs = connection.execute("SELECT landing, scope, job, outcome FROM job_runs WHERE outcome <> 'repeated'")
        found["job runs"] = Counter(tuple(row) for row in runs)
        with_parts = [name for (name,) in connection.execute("SELECT DISTINCT dataset FROM parts")]
    opened = store.open(home)
    for name in with_parts:  # of any other dataset there is nothing to give
        found[f"rows of {name}"] = opened.rows(name).to_pylist()
    opened.close()
    return found


def hold_files(home: Path) -> None:
    """A file that bears its name is whole."""
    for path in [*(home / "parts").glob("*.parquet"), *(home / "landings").glob("[0-9a-f]*")]:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name.removesuffix(".parquet")


@pytest.fixture(scope="module")
def in_peace(twenty, tmp_path_factory):
    """What a load left in peace keeps, its steps, and a workspace without anything."""
    root = tmp_path_factory.mktemp("in-peace")
    store.open(root / "fresh").close()
    layer = Recording()
    load(twenty, root / "home", store=store.open(root / "home", layer))
    return what_is_there(root / "home"), layer.steps, root / "fresh"


def test_every_file_lasts_before_the_commit_that_names_it(in_peace):
    _, steps, _ = in_peace
    a_file = "write fsync rename fsync folder "

    assert steps.count("commit") > 10
    assert re.fullmatch(f"(({a_file}|touch )+before commit commit )+", " ".join(steps) + " ")


def points(rng: random.Random, steps: list[str], count: int) -> list[tuple[str, int]]:
    """Where to kill: half after a step, a quarter inside a write, a quarter by the clock."""
    after = [("after", rng.randrange(len(steps))) for _ in range(count // 2)]
    inside = [("inside", rng.randrange(steps.count("write"))) for _ in range(count // 4)]
    return after + inside + [("time", rng.randrange(1, 600_000)) for _ in range(count - len(after) - len(inside))]


def hold(count: int, seed: int, twenty: Path, in_peace: Any, tmp_path: Path) -> None:
    wanted, steps, fresh = in_peace
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    assert parent.stdin
    assert parent.stdout

    def child(home: Path, way: str, number: int) -> int:
        parent.stdin.write(f"{home}|{twenty}|{way}|{number}\n")
        parent.stdin.flush()
        return int(parent.stdout.readline())

    try:
        for number, (way, place) in enumerate(points(random.Random(seed), steps, count)):
            home = tmp_path / str(number) / "home"
            shutil.copytree(fresh, home)
            ended = child(home, way, place)
            about = f"seed {seed}, killed {way} {place}"
            assert ended == -9 or (way == "time" and ended == 0), about
            hold_files(home)
            assert child(home, "never", UNDISTURBED) == 0, about
            hold_files(home)
            assert what_is_there(home) == wanted, about
            shutil.rmtree(home.parent)
    finally:
        parent.stdin.close()
        parent.wait()


def test_twenty_kills_of_a_load_leave_what_a_load_in_peace_leaves(seed, twenty, in_peace, in_memory):
    hold(SHORT, seed, twenty, in_peace, in_memory)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_two_hundred_kills_of_a_load_leave_what_a_load_in_peace_leaves(seed, twenty, in_peace, in_memory):
    hold(LONG, seed, twenty, in_peace, in_memory)
