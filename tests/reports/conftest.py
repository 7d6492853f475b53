"""What the tests of this room share: SYNTHETIC days, the worked price cases, a browser without a network."""

from __future__ import annotations

import importlib.util
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


def _synthetic() -> ModuleType:
    spec = importlib.util.spec_from_file_location("synthetic_day", HERE / "synthetic_day.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def synthetic() -> ModuleType:
    """The builder of hand-worked days."""
    return _synthetic()


@pytest.fixture(scope="session")
def day(synthetic: ModuleType) -> DayView:
    """14 October 2026, SYNTHETIC, with its four planted differences."""
    return synthetic.build()


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
def make_report() -> Callable[[DayView, Path], Report]:
    """Render a day into a folder."""
    return lambda view, folder: render(executed(view), view, folder)


@pytest.fixture(scope="session")
def report(day: DayView, make_report: Callable[..., Report], tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of the SYNTHETIC day."""
    return make_report(day, tmp_path_factory.mktemp("report"))


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a file or HTML in a context without a network; the page remembers what it asked for."""
    contexts = []

    def opened(target: Path | str, width: int = 1280, scheme: str = "light") -> Any:
        context = browser.new_context(
            offline=True, viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        if isinstance(target, Path):
            page.goto(target.as_uri())
        else:
            page.set_content(target)
        return page

    yield opened
    for context in contexts:
        context.close()
