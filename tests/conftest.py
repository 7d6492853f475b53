"""What holds for every test: a ceiling on the time of each room, and a changing, printed seed."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Seconds a room's tests may take, setups included, in the short tier. A whole run is to stay within fifteen minutes
# of two cores; the ceilings are twice what a quiet machine takes, since a busy one took 2.7 times as long over the same
# tests, without one of them being slower.
CEILINGS = {
    "settlement": 140,
    "loaders": 680,
    "reports": 650,
    "publish": 170,
    "dashboards": 270,
    "promises": 45,
    "conformance": 100,
}

# For every broker that a test starts: half the work of a start. One that runs for days is better off without.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("house")

_spent: dict[str, float] = defaultdict(float)
# Set once, in the environment, so that every worker process of one run has the same.
SEED = int(os.environ.setdefault("BSC_SEED", str(random.SystemRandom().randrange(10**6))))


@pytest.fixture(scope="session")
def seed() -> int:
    """A number that changes from run to run and is printed at its head."""
    return SEED


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of rules and real data beside the checkout; tests that need it are skipped where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "rules").is_dir():
        pytest.skip("../shared is not beside this checkout, so its rules and published data cannot be read")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _tables_are_made_once() -> Iterator[None]:
    """A new SQLite workspace gets its tables as a copy of the first one of this process: migrations take 0.1 s each."""
    import sqlite3

    from loaders.store import database

    migrate, first = database._migrate, []

    def copied(engine: Any, home: Path) -> None:
        if engine.dialect.name != "sqlite" or database._revision(engine) is not None:
            migrate(engine, home)
            return
        path = home / database.address.SQLITE
        if not first:
            migrate(engine, home)
            with sqlite3.connect(path) as made:
                plain = bytearray(made.serialize())
            plain[18:20] = b"\x01\x01"  # not in the journal mode of a file, which memory does not have
            first.append(bytes(plain))
            return
        source, target = sqlite3.connect(":memory:"), sqlite3.connect(path)
        source.deserialize(first[0])
        source.backup(target)
        source.close()
        target.close()

    database._migrate = copied
    yield
    database._migrate = migrate


# Tests that share a server, a broker or a long set-up run on one worker, so that it is made once. By the beginning of
# their ids: the marks of `--dist loadgroup` are lost between pytest 9.2 and xdist 3.8, which read an id by other names.
GROUPS = {
    "tests/conformance/": "conformance",
    "tests/dashboards/": "dashboards",
    "tests/publish/test_api": "api",
    "tests/publish/test_feed": "feed",
    "tests/loaders/test_market_of_great_britain": "great britain",
    "tests/reports/test_settled_great_britain": "great britain",
    "tests/reports/test_batch_": "batches",
    "tests/reports/test_dispute": "batches",
    "tests/reports/test_charges_": "charged day",
    "tests/reports/test_party_copies": "charged day",
    "tests/reports/test_report_kinds": "charged day",
    "tests/reports/test_settlement_report_compared": "charged day",
    "tests/reports/test_twins": "charged day",
    "tests/reports/test_verify_rerun_charges": "charged day",
    "tests/reports/test_volumes_compared": "charged day",
    "tests/reports/test_paper": "rendered day",
    "tests/reports/test_render.py": "rendered day",
}


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A scheduler that keeps a group together, and hands out every other test by itself."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((name for start, name in GROUPS.items() if nodeid.startswith(start)), nodeid)

    return ByGroup(config, log)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _spent[Path(report.nodeid.split("::")[0]).parts[1]] += report.duration


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput") or _long_tier(session.config):
        return
    over = {room: spent for room, spent in _spent.items() if spent > CEILINGS.get(room, 60)}
    if over and session.exitstatus == 0:
        session.exitstatus = 1


def _long_tier(config: pytest.Config) -> bool:
    return "long" in (config.option.markexpr or "").split(" or ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.section("seed, and time of each room")
    terminalreporter.write_line(f"seed {SEED} (BSC_SEED={SEED} makes the run again)")
    for room, spent in sorted(_spent.items()):
        ceiling = CEILINGS.get(room, 60)
        over = "  OVER" if spent > ceiling and not _long_tier(config) else ""
        terminalreporter.write_line(f"{room:<12} {spent:6.1f} s of {ceiling}{over}")


@pytest.fixture(scope="session")
def synthetic_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SYNTHETIC day 2024-01-15 as the Insights API answers, written once."""
    from datetime import date

    from loaders.sample_market import write_day

    folder = tmp_path_factory.mktemp("SYNTHETIC") / "2024-01-15"
    folder.mkdir()
    write_day(folder, date(2024, 1, 15))
    return folder


@pytest.fixture(scope="session")
def settled_home(synthetic_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which that day is loaded and settled; tests that change it take a copy."""
    from datetime import date

    import loaders
    from reports.day_settlement import settle_day

    home = tmp_path_factory.mktemp("settled") / "workspace"
    loaders.load(synthetic_folder, home)
    settle_day(date(2024, 1, 15), home=home)
    return home


@pytest.fixture(scope="session")
def great_britain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SYNTHETIC day of Great Britain in its three vintages, written once.

    Half a minute: modules that need it stand in GROUPS, so that one worker writes it.
    """
    from datetime import date

    from loaders.sample_market import write_market

    folder = tmp_path_factory.mktemp("great-britain")
    write_market(folder, date(2024, 1, 15))
    return folder


@pytest.fixture(scope="session")
def great_britain_home(great_britain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which the runs II, SF and R1 of that day are loaded and settled, each after the one before."""
    from datetime import date

    import loaders
    from reports.day_settlement import settle_day

    home = tmp_path_factory.mktemp("great-britain-settled") / "workspace"
    for run in ("II", "SF", "R1"):
        loaders.load(great_britain / run, home)
        settle_day(date(2024, 1, 15), run, home=home)
    return home


@pytest.fixture(scope="session")
def loads_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of `tests/loads_workspace.py`: loads that are refused, missing, mended and drifting."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("loads_workspace", Path(__file__).parent / "loads_workspace.py")
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    folder = tmp_path_factory.mktemp("loads")
    made.make(folder / "workspace", folder / "files")
    return folder / "workspace"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window, one for all rooms; it must be there, a missing browser is a failure."""
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-background-networking"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def _kept_tabs() -> dict[Any, list[Any]]:
    """Tabs that no test has before it, by the options of their contexts."""
    return {}


@pytest.fixture
def open_tab(browser: Any, _kept_tabs: dict[Any, list[Any]]) -> Iterator[Callable[..., Any]]:
    """An empty tab of a context with these options, which notes in `asked` and `complaints` what it asks and complains.

    A new tab costs a process, as much as a page in it: an empty one is kept for the next test that wants its like,
    without what the last one left in its store. Of the options a test may change the colour scheme, no other.
    """
    taken = []

    def opened(**options: Any) -> Any:
        like = _kept_tabs.setdefault(repr(sorted(options.items())), [])
        tab = like.pop() if like else _new_tab(browser, options)
        taken.append((like, tab))
        tab.asked, tab.complaints = [], []
        tab.emulate_media(color_scheme=options.get("color_scheme"))
        return tab

    yield opened
    for like, tab in taken:
        tab.context.clear_cookies()
        tab.goto("about:blank")
        like.append(tab)


def _new_tab(browser: Any, options: dict[str, Any]) -> Any:
    tab = browser.new_context(**options).new_page()
    tab.context.set_default_timeout(20_000)
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.on("websocket", lambda socket: tab.asked.append(socket.url))
    tab.on("console", lambda said: tab.complaints.append(said.text) if said.type == "error" else None)
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    return tab
