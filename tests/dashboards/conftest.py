"""What the tests of this room share: a workspace with SYNTHETIC days, its pages in a process of their own, Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

DAY = date(2024, 1, 15)
LONG_DAY = date(2024, 10, 27)
CHROMIUM = "/usr/bin/chromium"
DASH = "import typer; from dashboards.commands import dash; typer.run(dash)"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the SYNTHETIC day and its report, and a day of fifty periods without a report."""
    import loaders
    from loaders.sample_market import write_day
    from reports.batch import run_report
    from reports.day_settlement import settle_day

    made = tmp_path_factory.mktemp("workspace")
    for day in (DAY, LONG_DAY):
        folder = made / "SYNTHETIC" / day.isoformat()
        folder.mkdir(parents=True)
        write_day(folder, day)
        loaders.load(folder, made)
        settle_day(day, home=made)
    run_report(DAY, "IP", home=made, out_folder=made / "reports")
    return made


@pytest.fixture(scope="session")
def pages(home: Path) -> Iterator[subprocess.Popen[str]]:
    """`dash` in a process of its own; its address is `pages.address`."""
    yield from _served(home)


@pytest.fixture(scope="session")
def faulty_home(loads_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the workspace in which something is refused, since a replay writes to it."""
    return Path(shutil.copytree(loads_home, tmp_path_factory.mktemp("faulty") / "workspace"))


@pytest.fixture(scope="session")
def faulty_pages(faulty_home: Path) -> Iterator[subprocess.Popen[str]]:
    """`dash` on that workspace."""
    yield from _served(faulty_home)


@pytest.fixture(scope="session")
def work_home(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the workspace to sign off in."""
    return Path(shutil.copytree(home, tmp_path_factory.mktemp("work") / "workspace"))


@pytest.fixture(scope="session")
def work_pages(work_home: Path) -> Iterator[subprocess.Popen[str]]:
    """`dash` on that workspace, with Ben Ode before it."""
    yield from _served(work_home, "--as", "Ben Ode")


def _served(home: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", DASH, "--home", str(home), "--port", "0", "--json", *more],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    told = ""
    while not told.rstrip().endswith("}"):
        line = process.stdout.readline()
        assert line, f"the server did not start: {told}"
        told += line
    process.address = json.loads(told)["address"].removesuffix("/day")
    yield process
    process.terminate()
    ended = process.wait(20)
    process.stdout.close()
    assert ended == 0


@dataclass
class Seen:
    """A window on the pages."""

    tab: Any
    address: str

    @property
    def asked(self) -> list[str]:
        """Addresses that it asked for."""
        return self.tab.asked

    @property
    def complaints(self) -> list[str]:
        """What the browser complained of."""
        return self.tab.complaints

    def go(self, where: str) -> None:
        """Open a page and wait until its wire is up."""
        self.tab.goto(self.address + where)
        self.tab.wait_for_selector("html[data-wire=up]", state="attached")

    def arrived(self, where: str) -> None:
        """Wait until the page at an address is in place."""
        self.tab.wait_for_function("where => document.documentElement.dataset.shown === where", arg=where)

    @property
    def where(self) -> str:
        """Path and parts of the address in the browser."""
        return self.tab.url.removeprefix(self.address)

    def open_folds(self, within: str = "") -> None:
        """Unfold what is folded and can be seen."""
        for summary in self.tab.locator(f"{within} details:visible > summary").all():
            if not summary.evaluate("one => one.parentElement.open"):
                summary.click()

    def is_well_made(self, width: int) -> None:
        """In both colour schemes axe-core finds nothing serious, and nothing scrolls sideways.

        One page for both, since the colours of a page follow the reader's scheme by its style sheet alone.
        """
        from axe_playwright_python.sync_playwright import Axe

        for scheme in ("light", "dark"):
            self.tab.emulate_media(color_scheme=scheme)
            found = Axe().run(self.tab)
            serious = [
                (self.where, scheme, one["id"], one["nodes"][0]["html"][:160])
                for one in found.response["violations"]
                if one["impact"] in ("serious", "critical")
            ]
            assert serious == []
            assert found.response["passes"], "axe looked at nothing"
            assert self.tab.evaluate("document.documentElement.scrollWidth") <= width

    def facts(self) -> dict[str, str]:
        """The key figures on the page: name to text."""
        return self.tab.eval_on_selector_all(
            "main .facts > div",
            "rows => Object.fromEntries(rows.map(row => ['dt', 'dd'].map(what => row.querySelector(what).innerText)))",
        )


@pytest.fixture
def window(pages: subprocess.Popen[str], open_tab: Callable[..., Any]) -> Callable[..., Seen]:
    """Opens windows: width in pixels, colour scheme, script on or off."""

    def opened(width: int = 1280, scheme: str = "light", script: bool = True) -> Seen:
        viewport = {"width": width, "height": 900}
        return Seen(open_tab(viewport=viewport, color_scheme=scheme, java_script_enabled=script), pages.address)

    return opened


@pytest.fixture(scope="session")
def day_view(home: Path) -> Any:
    """The day as the reports see it."""
    import reports

    return reports.open_day_view(DAY, "IP", home)
