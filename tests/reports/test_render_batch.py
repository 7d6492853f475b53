"""The notebook runs, here or in a kernel, and gives the same report as the same figures beside it."""

from __future__ import annotations

import asyncio
import builtins
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell

import reports
from reports import audit, manifest
from reports.batch import execute, notebook_path, run_report
from reports.batch.execution import CellFailed
from reports.errors import NoSuchRun
from reports.open_view import open_day_view
from reports.render import NotRendered, render
from reports.verification import verify

DAY = date(2024, 1, 15)


@pytest.fixture
def synthetic_store(request, monkeypatch, day):
    """The SYNTHETIC day where a store would be."""
    monkeypatch.setattr(reports, "open_day_view", lambda *_: day)
    monkeypatch.setattr(audit.Day, "charged", None)


def template(tmp_path, *cells):
    path = tmp_path / "t.ipynb"
    parameters = nbformat.v4.new_code_cell('settlement_date = ""', metadata={"tags": ["parameters"]})
    notebook = nbformat.v4.new_notebook(cells=[parameters, *map(nbformat.v4.new_code_cell, cells)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path


def test_the_notebook_gives_a_report_that_verifies(no_loop, synthetic_store, day, tmp_path):
    executed = execute(notebook_path(), {"settlement_date": "2026-10-14", "run": "IP"})
    made = render(executed, day, tmp_path / "out")

    assert made.html_path.name == "settlement-2026-10-14-IP-SYNTHETIC.html"
    assert made.content_hash == manifest.content_hash(day)
    assert verify(made.html_path).good
    text = made.html_path.read_text("utf-8")
    assert all(f'id="period-{number}"' in text for number in range(1, 49))
    assert all(
        f'id="{part}"' in text for part in ("cover", "look", "how", "verdicts", "evidence", "not-covered", "made")
    )


def test_the_report_of_a_workspace_names_the_run_it_is_of_and_no_folder_of_the_machine(no_loop, settled_home, tmp_path):
    made = run_report("2024-01-15", None, settled_home, tmp_path)

    text = made.html_path.read_text("utf-8")
    assert "run = &#34;IP&#34;" in text and str(settled_home) not in text and str(settled_home.parent) not in text


def test_the_id_of_a_run_opens_no_other_day(settled_home):
    run_id = open_day_view(DAY, None, settled_home).run_id

    with pytest.raises(NoSuchRun, match=rf"run {run_id}: found a run of 2024-01-15, wanted one of 2024-01-16"):
        open_day_view(DAY + timedelta(days=1), run_id, settled_home)


def in_a_kernel(*given):
    """Off the main thread no cell is run in this process."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(execute, *given).result()


@pytest.fixture
def no_loop():
    """Playwright keeps its event loop running between tests of a worker; it is set aside for one."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


def test_beside_a_running_event_loop_cells_get_a_kernel(no_loop, tmp_path):
    path = template(tmp_path, "import os\nos.getpid()", "import asyncio\nawait asyncio.sleep(0)\n1")

    async def asked():
        return execute(path, {"settlement_date": "2026-10-14"})

    shown = shown_by(asyncio.run(asked()))

    assert int(shown[2][0]["data"]["text/plain"]) != os.getpid() and shown[3][0]["data"]["text/plain"] == "1"


def shown_by(done):
    """What each cell showed."""
    return [[{**one} for one in cell.outputs] for cell in done.cells if cell.cell_type == "code"]


def test_a_kernel_is_another_process_and_opens_no_port(tmp_path):
    path = template(
        tmp_path,
        "import os\nos.getpid()",
        "from ipykernel.kernelapp import IPKernelApp\nIPKernelApp.instance().transport",
    )

    done = in_a_kernel(path, {"settlement_date": "2026-10-14"})

    shown = [cell.outputs[0]["data"]["text/plain"] for cell in done.cells if cell.get("outputs")]
    assert int(shown[0]) != os.getpid()
    assert shown[1] == "'ipc'"


def test_cells_run_here_where_nothing_else_uses_ipython_and_leave_nothing_behind(no_loop, tmp_path):
    path = template(tmp_path, "import os\nkept = os.getpid()\nkept", "get_ipython().user_ns['kept']")
    before = sys.modules["__main__"], sys.stdout, sys.displayhook, sorted(vars(builtins))

    first, second = (execute(path, {"settlement_date": "2026-10-14"}) for _ in range(2))

    assert [one[0]["data"]["text/plain"] for one in shown_by(first) if one] == [str(os.getpid())] * 2
    assert shown_by(first) == shown_by(second)
    assert (sys.modules["__main__"], sys.stdout, sys.displayhook, sorted(vars(builtins))) == before
    assert not InteractiveShell.initialized()


def test_a_cell_shows_here_what_it_shows_in_a_kernel(no_loop, tmp_path):
    path = template(
        tmp_path,
        "import sys\nprint('one')\nprint('two')\nprint('wrong', file=sys.stderr)",
        "from IPython.display import HTML, display\ndisplay(HTML('<b>shown</b>'))\nsettlement_date",
        "HTML('<i>last</i>')",
        "1 + 1;",
        "import asyncio\nawait asyncio.sleep(0)\n'waited'",
        "{'a': [1, 2]}",
    )

    here, kernel = (run(path, {"settlement_date": "2026-10-14"}) for run in (execute, in_a_kernel))

    assert shown_by(here) == shown_by(kernel) != []
    assert [cell.execution_count for cell in here.cells] == [cell.execution_count for cell in kernel.cells]


def test_a_cell_that_fails_here_is_kept_as_a_kernel_keeps_it(no_loop, tmp_path):
    path = template(tmp_path, "print('before')\n{}['key']", "'not reached'")

    kept = []
    for run in (execute, in_a_kernel):
        with pytest.raises(CellFailed, match="cell 2: found KeyError: 'key'"):
            run(path, {"settlement_date": "2026-10-14"}, tmp_path / "kept.ipynb")
        kept.append(nbformat.read(tmp_path / "kept.ipynb", as_version=4))

    shown = [[(one.output_type, one.get("ename"), one.get("evalue")) for cell in each.cells if cell.cell_type == "code"
              for one in cell.outputs] for each in kept]  # fmt: skip
    assert shown[0] == shown[1] and ("error", "KeyError", "'key'") in shown[0]


def test_a_cell_that_fails_names_itself_and_its_error(tmp_path):
    with pytest.raises(
        NotRendered, match="cell 2: found ZeroDivisionError: division by zero, wanted every cell to run"
    ):
        execute(template(tmp_path, "1 / 0"), {})


def test_the_notebook_only_presents():
    notebook = nbformat.read(notebook_path(), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1 and {"settlement_date", "run", "home"} <= set(tagged[0].source.split())
    source = "\n".join(cell.source for cell in code)
    assert len(source.splitlines()) < 60
    assert not any(word in source for word in ("def ", "for ", "merge", "import pandas"))
