"""The notebook runs in a process of its own and gives the same report as the same figures beside it."""

from __future__ import annotations

import os
import textwrap

import nbformat
import pytest

from reports import manifest
from reports.batch import execute, notebook_path, run_report
from reports.render import NotRendered
from reports.verification import verify


@pytest.fixture
def synthetic_kernel(tmp_path, monkeypatch, request):
    """Kernels that find the SYNTHETIC day where a store would be: the start-up file of Python puts it there."""
    here = request.path.parent
    (tmp_path / "sitecustomize.py").write_text(
        textwrap.dedent(f"""
            import sys
            sys.path.insert(0, {str(here)!r})
            import reports

            def open_day_view(day, run, home):
                import synthetic_day
                return synthetic_day.build(day)

            reports.open_day_view = open_day_view
            """)
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))


def template(tmp_path, *cells):
    path = tmp_path / "t.ipynb"
    parameters = nbformat.v4.new_code_cell('settlement_date = ""', metadata={"tags": ["parameters"]})
    notebook = nbformat.v4.new_notebook(cells=[parameters, *map(nbformat.v4.new_code_cell, cells)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path


def test_the_notebook_gives_a_report_that_verifies(synthetic_kernel, day, tmp_path):
    made = run_report("2026-10-14", "IP", tmp_path / "home", tmp_path / "out", view=day)

    assert made.html_path.name == "settlement-2026-10-14-IP-SYNTHETIC.html"
    assert made.content_hash == manifest.content_hash(day)
    assert verify(made.html_path).good
    text = made.html_path.read_text("utf-8")
    assert all(f'id="period-{number}"' in text for number in range(1, 49))
    assert all(
        f'id="{part}"' in text for part in ("cover", "look", "how", "verdicts", "evidence", "not-covered", "made")
    )


def test_a_kernel_is_another_process_and_opens_no_port(tmp_path):
    path = template(
        tmp_path,
        "import os\nos.getpid()",
        "from ipykernel.kernelapp import IPKernelApp\nIPKernelApp.instance().transport",
    )

    done = execute(path, {"settlement_date": "2026-10-14"})

    shown = [cell.outputs[0]["data"]["text/plain"] for cell in done.cells if cell.get("outputs")]
    assert int(shown[0]) != os.getpid()
    assert shown[1] == "'ipc'"


def test_a_cell_that_fails_names_itself_and_its_error(tmp_path):
    with pytest.raises(NotRendered, match="found ZeroDivisionError: division by zero, wanted every cell to run"):
        execute(template(tmp_path, "1 / 0"), {})


def test_the_notebook_only_presents():
    notebook = nbformat.read(notebook_path(), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1 and {"settlement_date", "run", "home"} <= set(tagged[0].source.split())
    source = "\n".join(cell.source for cell in code)
    assert len(source.splitlines()) < 60
    assert not any(word in source for word in ("def ", "for ", "merge", "import pandas"))
