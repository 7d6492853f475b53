"""A kill after any step of keeping: before the commit nothing is visible, after it all; a second run completes it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from loaders import load, store
from loaders.store import PriceResult, RunToKeep
from loaders.store.files import FileLayer

DAY = date(2024, 1, 15)
NAME = "SYNTHETIC_DISBSAD_2024-01-15.json"

# One process imports everything and forks, before it has a second thread; its child dies by SIGKILL after the step
# whose number it is given. Reads lines "deed|home|step|database", and says how the child ended.
PARENT = """
import os, signal, sys
from pathlib import Path
import loaders.loading, loaders.store.session, loaders.store.parts, loaders.store.reading, alembic.command, pandas
import loaders.store.mariadb
from loaders import all_jobs, load, store
from loaders.store.files import FileLayer
sys.path.insert(0, sys.argv[1])
import test_keeping_survives_a_crash as here
from loaders.sources.folder import job_named
job_named(all_jobs().values(), "a name, so that each child need not compile what names look like")
# Arrow's allocator has a thread that it takes through a fork by itself; any other would be lost in it, with its locks.
threads = [Path(f"/proc/self/task/{name}/comm").read_text().strip() for name in os.listdir("/proc/self/task")]
assert len([name for name in threads if name != "jemalloc_bg_thd"]) == 1, threads

class Deadly(FileLayer):
    def __init__(self, left):
        self.left = left
    def step(self, name):
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

for line in sys.stdin:
    deed, home, left, database = line.rstrip("\\n").split("|")
    child = os.fork()
    if not child:
        if database:
            os.environ["BSC_DATABASE"] = database
        here.DEEDS[deed](store.open(Path(home), Deadly(int(left))))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Recording(FileLayer):
    """Notes the steps in their order, with the file they are about."""

    def __init__(self):
        self.steps: list[str] = []

    def step(self, name):
        self.steps.append(name)


def rows(cost):
    row = {
        "dataset": "DISBSAD",
        "settlementDate": str(DAY),
        "settlementPeriod": 7,
        "id": 1,
        "cost": cost,
        "volume": 10.0,
    }
    return [
        row
        | {
            "soFlag": False,
            "storFlag": False,
            "partyId": None,
            "assetId": None,
            "isTendered": None,
            "service": "SYNTHETIC",
        }
    ]


def load_a_file(opened):
    folder = opened.home.parent / "inbox"
    folder.mkdir(exist_ok=True)
    (folder / NAME).write_text(json.dumps(rows(500.0)))
    return load(folder, opened.home, store=opened)


def keep_a_run(opened):
    return opened.keep_run(a_run("first", ["1.00", "2.00"]))


def a_run(name, prices):
    return RunToKeep(
        run_id=hashlib.sha256(name.encode()).hexdigest(),
        settlement_date=DAY,
        run_type="IP",
        store_version=0,
        parts=["a"],
        parameters={"PAR": 1},
        options={},
        published={},
        code_hash="c" * 64,
        assumed=None,
        details={"way": "stack"},
        tables={"settlement_period": pa.table({"settlement_period": [1, 2], "price": [float(p) for p in prices]})},
        prices=[PriceResult(number, value) for number, value in enumerate(prices, start=1)],
    )


DEEDS = {"load": load_a_file, "run": keep_a_run}


def seen(opened, deed):
    """What a reader sees of the deed: all of it, nothing, or something between, which must not be."""
    if deed == "load":
        return (
            opened.rows("adjustment_actions", DAY).num_rows,
            len(opened.arrivals("adjustment_actions", DAY)),
            len(opened.landings()),
            opened.version(),
        )
    return (
        len(opened.runs()),
        len(opened.outbox()),
        len(opened.run_tables(hashlib.sha256(b"first").hexdigest())),
        opened.version(),
    )


NOTHING = {"load": (0, 0, 0, 0), "run": (0, 0, 0, 0)}
ALL = {"load": (1, 1, 1, 1), "run": (1, 2, 1, 1)}
STEPS = {
    "load": ["write", "fsync", "rename", "fsync folder"] * 2 + ["before commit", "commit"],
    "run": ["write", "fsync", "rename", "fsync folder", "before commit", "commit"],
}


@pytest.mark.parametrize("deed", DEEDS)
def test_files_last_before_the_commit_that_names_them(deed, tmp_path):
    layer = Recording()

    DEEDS[deed](store.open(tmp_path / "home", layer))

    assert layer.steps == STEPS[deed]


@pytest.fixture(scope="module")
def dies():
    """Does a deed in a process that dies after so many steps, and gives how it ended."""
    environ = {name: value for name, value in os.environ.items() if name != "BSC_DATABASE"}
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(Path(__file__).parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environ | {"OPENBLAS_NUM_THREADS": "1"},
    )

    def child(deed, home, survived):
        parent.stdin.write(f"{deed}|{home}|{survived}|{os.environ.get('BSC_DATABASE', '')}\n")
        parent.stdin.flush()
        return int(parent.stdout.readline())

    yield child
    parent.stdin.close()
    parent.wait()


@pytest.mark.parametrize(("deed", "survived"), [(deed, n) for deed in DEEDS for n in range(len(STEPS[deed]))])
def test_a_kill_leaves_nothing_or_all_and_the_next_run_completes_it(deed, survived, database, dies, in_memory):
    if database == "mariadb" and survived not in (0, len(STEPS[deed]) - 2, len(STEPS[deed]) - 1):
        pytest.skip("the steps between write files, which are the same with either database")
    home = in_memory / "home"
    store.open(home).close()

    assert dies(deed, home, survived) == -signal.SIGKILL

    after = seen(store.open(home), deed)
    DEEDS[deed](store.open(home))

    assert after == (ALL[deed] if survived == len(STEPS[deed]) - 1 else NOTHING[deed])
    assert seen(store.open(home), deed) == ALL[deed]


def test_what_a_kill_left_behind_gets_its_name_once(tmp_path, request, database):
    """The half-written file of a dead process is never taken for the part."""
    home = tmp_path / "home"
    opened = store.open(home)
    load_a_file(opened)
    part = next((home / "parts").glob("*.parquet"))
    whole = part.read_bytes()
    part.write_bytes(whole[:10])
    os.utime(part)
    opened.engine.dispose()
    for name in ("workspace.sqlite", "workspace.sqlite-wal", "workspace.sqlite-shm"):
        (home / name).unlink(missing_ok=True)
    if database == "mariadb":
        request.getfixturevalue("mariadb").forget()

    load_a_file(store.open(home))

    assert part.read_bytes() == whole
