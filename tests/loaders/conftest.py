"""A desk for the tests of this room: files as senders write them, a workspace, and what came of it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pymysql
import pytest

from loaders import load, store
from settlement import calendar

DAY = date(2024, 1, 15)
# What the store promises holds in either database: these tests run on both.
ON_BOTH = ("test_store_", "test_keeping_survives_a_crash", "test_claims")


def pytest_generate_tests(metafunc):
    if "database" in metafunc.fixturenames and metafunc.module.__name__.split(".")[-1].startswith(ON_BOTH):
        # One worker of several takes all tests of MariaDB, so that one server does.
        mariadb = pytest.param("mariadb", marks=pytest.mark.xdist_group("mariadb"))
        metafunc.parametrize("database", ["sqlite", mariadb], indirect=True)


class MariaDB:
    """A server of its own on a loopback port; it forgets everything when it stops."""

    def __init__(self, folder: Path):
        self.folder = folder
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        # Written anew for each test: a kill of a client takes nothing from a server that goes on.
        quick = [
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-doublewrite=0",
            "--innodb-flush-method=nosync",
            "--skip-sync-frm",
        ]
        small = ["--innodb-buffer-pool-size=32M", "--innodb-log-file-size=32M", "--performance-schema=off"]
        data = [f"--datadir={folder}/data", *(["--user=root"] if os.geteuid() == 0 else [])]
        say = (folder / "said.txt").open("wb")
        subprocess.run(
            [
                "mariadb-install-db",
                "--no-defaults",
                *data,
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
            check=True,
            stdout=say,
            stderr=say,
        )
        listens = [
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            f"--socket={folder}/s",
            f"--pid-file={folder}/pid",
        ]
        self.process = subprocess.Popen(
            [PROGRAM, "--no-defaults", *data, *listens, *quick, *small, "--innodb-file-per-table=OFF"],
            stdout=say,
            stderr=say,
        )
        end = time.monotonic() + 60
        while True:
            try:
                self.ask("SELECT 1")
                return
            except pymysql.err.OperationalError:
                assert self.process.poll() is None and time.monotonic() < end, (folder / "said.txt").read_text()
                time.sleep(0.1)

    @property
    def url(self) -> str:
        """One database for all tests: to make its tables anew for each would take most of their time."""
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/bsc_tests"

    def ask(self, *questions: str) -> Any:
        link = pymysql.connect(host="127.0.0.1", port=self.port, user="root", autocommit=True, ssl_disabled=True)
        with closing(link) as connection:
            cursor = connection.cursor()
            for question in questions:
                cursor.execute(question)
            return cursor.fetchall()

    def forget(self) -> None:
        """Leave the tables, and nothing in them but what a new workspace has."""
        tables = self.ask("SELECT table_name FROM information_schema.tables WHERE table_schema = 'bsc_tests'")
        keep = {"counters": " WHERE name <> 'writer'", "alembic_version": " WHERE FALSE"}
        self.ask(*(f"DELETE FROM bsc_tests.`{name}`{keep.get(name, '')}" for (name,) in tables), "SELECT 1")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


PROGRAM = shutil.which("mariadbd") or "/usr/sbin/mariadbd"


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory) -> Iterator[MariaDB]:
    if not Path(PROGRAM).exists():
        pytest.fail("MariaDB is not installed: scripts/services brings it")
    server = MariaDB(tmp_path_factory.mktemp("mariadb"))
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def database(request) -> Iterator[str]:
    """Where new workspaces keep their records: SQLite, or, for the tests that run on both, MariaDB."""
    name = getattr(request, "param", "sqlite")
    before = os.environ.pop("BSC_DATABASE", None)
    if name == "mariadb":
        server = request.getfixturevalue("mariadb")
        os.environ["BSC_DATABASE"] = server.url
    yield name
    os.environ.pop("BSC_DATABASE", None)
    if before is not None:
        os.environ["BSC_DATABASE"] = before
    if name == "mariadb":
        server.forget()


def iso(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


class Desk:
    """Files to be loaded, and the workspace they go to."""

    day = DAY

    def __init__(self, folder: Path):
        self.inbox = folder / "inbox"
        self.home = folder / "home"
        self.inbox.mkdir()
        self.loads = 0

    def load_files(self, files: dict[str, Any]):
        self.loads += 1
        folder = self.inbox / str(self.loads)
        folder.mkdir()
        for name, said in files.items():
            data = said if isinstance(said, bytes) else (said if isinstance(said, str) else json.dumps(said)).encode()
            (folder / name).write_bytes(data)
        return load(folder, self.home)

    @property
    def store(self):
        return store.open(self.home)

    def rows(self, dataset: str, day: date | None = DAY, version: int | None = None) -> list[dict[str, Any]]:
        return self.store.rows(dataset, day, version).to_pylist()

    def marks(self, dataset: str, day: date | None = DAY) -> list[tuple[int | None, str | None]]:
        return [(mark.settlement_period, mark.side) for mark in self.store.incomplete(dataset, day)]

    def stack(self, *rows: dict[str, Any]) -> dict[str, Any]:
        return {"metadata": {"datasets": ["ISPSTACK"], "note": "SYNTHETIC"}, "data": list(rows)}

    def stack_row(self, sequence: int, **other: Any) -> dict[str, Any]:
        period = other.pop("period", 7)
        start = calendar.period_start(DAY, min(max(period, 1), 48))
        return {
            "settlementDate": str(DAY),
            "settlementPeriod": period,
            "startTime": iso(start),
            "createdDateTime": iso(start + timedelta(hours=24, minutes=45)),
            "sequenceNumber": sequence,
            "id": f"T_SYN-{sequence}",
            "acceptanceId": 100 + sequence,
            "bidOfferPairId": 1,
            "cadlFlag": False,
            "soFlag": False,
            "storProviderFlag": False,
            "repricedIndicator": False,
            "reserveScarcityPrice": 0.0,
            "originalPrice": 50.0 + sequence,
            "volume": 10.0,
            "dmatAdjustedVolume": 10.0,
            "arbitrageAdjustedVolume": 10.0,
            "nivAdjustedVolume": 10.0,
            "parAdjustedVolume": 0.0,
            "finalPrice": 50.0 + sequence,
            "transmissionLossMultiplier": 1.0,
            "tlmAdjustedVolume": 0.0,
            "tlmAdjustedCost": 0.0,
        } | other

    def pn_row(self, unit: str, start: int, end: int, period: int = 7, **other: Any) -> dict[str, Any]:
        """A notification from minute to minute of a period."""
        begins = calendar.period_start(DAY, period)
        return {
            "dataset": "PN",
            "settlementDate": str(DAY),
            "settlementPeriod": period,
            "timeFrom": iso(begins + timedelta(minutes=start)),
            "timeTo": iso(begins + timedelta(minutes=end)),
            "levelFrom": 100,
            "levelTo": 100,
            "nationalGridBmUnit": unit[2:],
            "bmUnit": unit,
        } | other

    def acceptance_row(self, unit: str, number: int, start: int, end: int, **other: Any) -> dict[str, Any]:
        """A line of an acceptance, in minutes after 03:00."""
        begins = calendar.period_start(DAY, 7)
        return {
            "dataset": "BOALF",
            "settlementDate": str(DAY),
            "settlementPeriodFrom": 7,
            "settlementPeriodTo": 7,
            "timeFrom": iso(begins + timedelta(minutes=start)),
            "timeTo": iso(begins + timedelta(minutes=end)),
            "levelFrom": 100,
            "levelTo": 120,
            "acceptanceNumber": number,
            "acceptanceTime": iso(begins - timedelta(minutes=5)),
            "deemedBoFlag": False,
            "soFlag": False,
            "amendmentFlag": "ORI",
            "storFlag": False,
            "rrFlag": False,
            "nationalGridBmUnit": unit[2:],
            "bmUnit": unit,
        } | other

    def adjustment_row(self, number: int, period: int = 7, **other: Any) -> dict[str, Any]:
        return {
            "dataset": "DISBSAD",
            "settlementDate": str(DAY),
            "settlementPeriod": period,
            "id": number,
            "cost": 500.0,
            "volume": 10.0,
            "soFlag": False,
            "storFlag": False,
            "partyId": "SYNTHETIC Party",
            "assetId": "SYN-1",
            "isTendered": False,
            "service": "Energy",
        } | other

    def price_row(self, period: int, price: Any, **other: Any) -> dict[str, Any]:
        start = calendar.period_start(DAY, min(period, 48))
        totals = ("AcceptedOffer", "AcceptedBid", "AdjustmentSell", "AdjustmentBuy")
        return (
            {
                "settlementDate": str(DAY),
                "settlementPeriod": period,
                "startTime": iso(start),
                "createdDateTime": iso(start + timedelta(hours=24, minutes=45)),
                "systemSellPrice": price,
                "systemBuyPrice": price,
                "bsadDefaulted": False,
                "priceDerivationCode": "P",
                "reserveScarcityPrice": 0.0,
                "netImbalanceVolume": 100.0,
                "sellPriceAdjustment": 0.0,
                "buyPriceAdjustment": 0.0,
                "replacementPrice": None,
                "replacementPriceReferenceVolume": None,
            }
            | {f"total{name}Volume": 1.0 for name in totals}
            | {f"totalSystemTagged{name}Volume": None for name in totals}
            | other
        )


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """A folder of the system's memory, where it has one with a gigabyte to spare.

    For tests that write hundreds of small workspaces: each file that is kept waits for the disk (fsync), which shows
    nothing after a kill of a process, since the system goes on; that the steps are there, and their order, other tests
    show.
    """
    memory = Path("/dev/shm")
    if not (memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="SYNTHETIC-", dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def unused_port() -> int:
    """A loopback port that nobody listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
        return port
