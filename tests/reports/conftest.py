"""What the tests of this room share: SYNTHETIC days, the worked price cases, a browser without a network."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest

from reports.audit import Day
from reports.render import Report, render
from reports.views import DayView

HERE = Path(__file__).parent
CASES = HERE.parents[2] / "shared/rules/cases/price"
CHROMIUM = Path("/usr/bin/chromium")
SECTIONS = (
    "cover", "needs_a_person", "how_to_read", "own_against_published", "periods_in_detail", "evidence", "not_covered",
)  # fmt: skip


def _support(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look for their module there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def missing_on_paper() -> Callable[[str, bytes], list[str]]:
    """The texts of a page (HTML) that its paper (PDF) does not hold."""
    found: Callable[[str, bytes], list[str]] = _support("paper_words").missing_on_paper
    return found


@pytest.fixture
def home(settled_home: Path, tmp_path: Path) -> Path:
    """A copy of the workspace in which the SYNTHETIC day 2024-01-15 is settled, for one test to change."""
    return Path(shutil.copytree(settled_home, tmp_path / "home"))


@pytest.fixture
def store(home: Path) -> Iterator[Any]:
    """The store of that workspace, or of what a module calls `home`."""
    from loaders import store as stores

    opened = stores.open(home)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def synthetic() -> ModuleType:
    """The builder of hand-worked days."""
    return _support("synthetic_day")


@pytest.fixture(scope="session")
def day(synthetic: ModuleType) -> DayView:
    """14 October 2026, SYNTHETIC, with its four planted differences."""
    return synthetic.build()


@pytest.fixture(scope="session")
def charged() -> ModuleType:
    """The makers and writers of the small SYNTHETIC day with charges."""
    return _support("charged_day")


@pytest.fixture(scope="session")
def charged_exact() -> ModuleType:
    """The same day in fractions."""
    return _support("charged_exact")


@pytest.fixture(scope="session")
def charged_market(charged: ModuleType, synthetic_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Notifications, pairs, acceptances and the rest of the small day, without its published stacks."""
    folder = tmp_path_factory.mktemp("charged") / "market"
    shutil.copytree(synthetic_folder, folder, ignore=shutil.ignore_patterns("*_stack_*"))
    charged.write_loss_of_load(folder)
    return folder


@pytest.fixture(scope="session")
def charged_market_home(charged_market: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which those are loaded, and no feed of charges; tests take a copy."""
    import loaders

    home = tmp_path_factory.mktemp("charged-market") / "workspace"
    loaders.load(charged_market, home)
    return home


@pytest.fixture(scope="session")
def charged_folder(charged: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The charges' feeds of the runs II, SF and R1, a folder each."""
    folder = tmp_path_factory.mktemp("charged-feeds")
    charged.write(folder / "II", charged.first())
    charged.write(folder / "SF", charged.final(), "SF")
    charged.write_correction(folder / "SF")
    charged.write_notice(folder / "R1")
    return folder


@pytest.fixture(scope="session")
def charged_home(
    charged: ModuleType, charged_market_home: Path, charged_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A workspace in which those runs are loaded and settled, each after the one before; tests that write copy it."""
    import loaders
    from reports.day_settlement import settle_day

    home = Path(shutil.copytree(charged_market_home, tmp_path_factory.mktemp("charged-settled") / "workspace"))
    for run in ("II", "SF", "R1"):
        loaders.load(charged_folder / run, home)
        settle_day(charged.DAY, run, home=home)
    return home


@pytest.fixture(scope="session")
def batches() -> ModuleType:
    """The makers of small batches."""
    return _support("batch_days")


@pytest.fixture(scope="session")
def batch_home(batches: ModuleType, settled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with four runs of the SYNTHETIC day; tests that write take a copy."""
    return batches.settle_runs(settled_home, tmp_path_factory.mktemp("batch"))


@pytest.fixture(scope="session")
def light_notebook(batches: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook that shows one section and costs little."""
    return batches.notebook(tmp_path_factory.mktemp("notebook"))


@pytest.fixture(scope="module")
def _kept_warm() -> Iterator[None]:
    from reports.batch import process_of_one

    yield
    process_of_one.let_go()


@pytest.fixture
def warm(_kept_warm: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches in this process leave their warm processes to the next test, as one leaves them from run to run."""
    from reports.batch import whole_batch

    monkeypatch.setattr(whole_batch, "let_go", lambda: None)


@pytest.fixture(scope="session")
def undisturbed(
    batches: ModuleType, batch_home: Path, light_notebook: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, dict[str, Any]]:
    """Workspace, folder and summary of a batch of the four runs that nothing disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    home = Path(shutil.copytree(batch_home, folder / "workspace"))
    code, summary = batches.run(home, light_notebook, folder / "out")
    assert code == 0, summary
    return home, folder / "out", summary


@pytest.fixture
def bsc(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command in this process: what it leaves with, what it said, and what it said of errors."""
    from settlement.command_line import main

    def run(*words: str, home: Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bsc", *words, "--home", str(home)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


@pytest.fixture(scope="session")
def case(synthetic: ModuleType) -> Callable[[str], tuple[Any, dict[str, float]]]:
    """A worked price case by name, as a PeriodView with its parameters."""
    if not CASES.is_dir():
        pytest.skip(f"the worked price cases are not here: {CASES}")
    return lambda name: synthetic.read_case(CASES / name)


def executed(view: DayView) -> Any:
    """A notebook as a kernel would leave it, without starting one."""
    notebook = nbformat.v4.new_notebook()
    for section in SECTIONS:
        cell = nbformat.v4.new_code_cell(f"day.{section}()")
        html = getattr(Day(view), section)()._repr_html_()
        cell.outputs = [nbformat.v4.new_output("execute_result", {"text/html": html}, execution_count=1)]
        notebook.cells.append(cell)
    return notebook


@pytest.fixture(scope="session")
def make_notebook() -> Callable[[DayView], Any]:
    """An executed notebook of a day."""
    return executed


@pytest.fixture(scope="session")
def make_report() -> Callable[[DayView, Path], Report]:
    """Render a day into a folder."""
    return lambda view, folder: render(executed(view), view, folder)


@pytest.fixture(scope="session")
def report(day: DayView, make_report: Callable[..., Report], tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of the SYNTHETIC day."""
    return make_report(day, tmp_path_factory.mktemp("report"))


@pytest.fixture
def open_page(open_tab: Callable[..., Any]) -> Callable[..., Any]:
    """Open a file or HTML in a context without a network; the page remembers what it asked for."""

    def opened(target: Path | str, width: int = 1280, scheme: str = "light") -> Any:
        viewport = {"width": width, "height": 900}
        page = open_tab(offline=True, viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
        if isinstance(target, Path):
            page.goto(target.as_uri())
        else:
            page.set_content(target)
        return page

    return opened
