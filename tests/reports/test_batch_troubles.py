"""What goes wrong in one run of a batch is told with its cell, and the others go on."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
import typer
from typer.testing import CliRunner

from loaders import store as stores
from loaders.store import batch_runs
from reports.batch import child, cluster, performing
from reports.batch.parameters import NOTEBOOKS, WrongParameters, checked
from reports.batch.planning import plan
from reports.batch.process_of_one import Ended, Limits, let_go
from reports.batch.whole_batch import run_batch
from reports.commands_batch import batch as verb
from settlement.command_line import AskedWrongly

STALLS = "import time\ntime.sleep(60 if run == SLOW else 0)"


@pytest.fixture
def home(batch_home, tmp_path):
    return shutil.copytree(batch_home, tmp_path / "workspace")


def run_id(batches, home, run):
    return stores.open(home).latest_run(batches.DAY, run).run_id


def rows_of(home, batch):
    return [
        (row.run, row.state, row.error_kind, row.attempt)
        for row in batch_runs.of_batch(stores.open(home).engine, batch)
    ]


def test_a_cell_that_fails_is_named_with_its_text_and_the_others_go_on(batches, home, tmp_path, warm):
    bad = run_id(batches, home, "II")
    template = batches.notebook(tmp_path / "bad", f"assert run != {bad!r}, 'period 31 has no price'")

    code, summary = batches.run_here(home, template, tmp_path / "out", ("IP", "II"))

    assert (code, summary["done"], summary["failed"]) == (1, 1, 1)
    failed = json.loads((tmp_path / "out/batch_index.json").read_text())["runs"][0]
    assert (failed["state"], failed["kind"], failed["cell"]) == ("failed", "cell", 2)
    assert failed["error"] == "AssertionError: period 31 has no price"
    assert failed["cell_source"].startswith("assert run !=")
    kept = nbformat.read(tmp_path / "out" / failed["output"], as_version=4)
    assert "period 31 has no price" in json.dumps(kept)
    page = (tmp_path / "out/batch_index.html").read_text()
    assert f'href="{failed["output"]}"' in page and "Cell 2" in page
    assert rows_of(home, summary["batch"]).count(("II", "failed", "cell", 1)) == 1


def test_a_run_over_its_time_is_tried_once_more_and_leaves_no_kernel(batches, home, tmp_path, warm):
    template = batches.notebook(tmp_path / "slow", f"import time\n'{tmp_path}'\ntime.sleep(60)")

    code, summary = batches.run_here(home, template, tmp_path / "out", ("IP",), limits=(2, None))

    assert code == 1
    assert rows_of(home, summary["batch"]) == [("IP", "failed", "time-out", 1), ("IP", "failed", "time-out", 2)]
    assert not subprocess.run(
        ["pgrep", "-f", str(tmp_path / "out")], capture_output=True, text=True, check=False
    ).stdout


def test_a_process_that_is_killed_from_outside_is_tried_again_and_its_warm_one_goes_on(batches, home, tmp_path, warm):
    marker = tmp_path / "killed"
    cell = f"import os, pathlib\nif not pathlib.Path({str(marker)!r}).exists():\n"
    cell += f"    pathlib.Path({str(marker)!r}).touch()\n    os.kill(os.getpid(), 9)"
    template = batches.notebook(tmp_path / "killed-once", cell)

    code, summary = batches.run_here(home, template, tmp_path / "out", ("IP",), jobs=1)

    assert (code, summary["done"]) == (0, 1)
    assert rows_of(home, summary["batch"]) == [("IP", "failed", "dead kernel", 1), ("IP", "done", None, 2)]


def test_a_run_ends_with_the_batch_that_is_killed(batches, home, tmp_path):
    marker = tmp_path / "pid"
    cell = f"import os, pathlib, time\npathlib.Path({str(marker)!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
    process = batches.start(home, batches.notebook(tmp_path / "long", cell), tmp_path / "out", ("IP",))
    wait_until(lambda: marker.is_file() and marker.read_text())

    batches.kill(process)

    wait_until(lambda: not Path(f"/proc/{marker.read_text()}").exists())


def wait_until(holds, seconds=30):
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.05)


def test_an_index_that_cannot_be_written_is_told_and_the_one_before_stays(
    batches, home, light_notebook, tmp_path, warm
):
    store, out = stores.open(home), tmp_path / "out"
    first = run_batch(store, plan(store, str(light_notebook), [(batches.DAY, "IP")], out), jobs=1)
    before = (out / "batch_index.html").read_bytes()
    made = plan(store, str(light_notebook), [(batches.DAY, "IP"), (batches.DAY, "II")], out)

    held = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, held[1]))  # a disk with room for 500 letters a file
    try:
        second = run_batch(store, replace(made, to_run=()), jobs=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, held)
        signal.signal(signal.SIGXFSZ, ignored)

    assert (first.exit_code, second.exit_code) == (0, 1)
    [said] = second.errors
    assert "batch_index.json: found 'File too large', wanted to write it." in said
    assert "The index before it stays." in said
    assert (out / "batch_index.html").read_bytes() == before
    assert [one.name for one in out.glob(".batch_index*")] == [".batch_index.lock"]


def test_a_run_over_its_memory_is_told_and_not_tried_again(batches, home, tmp_path, warm):
    template = batches.notebook(tmp_path / "big", "held = bytearray(3_000_000_000)")

    code, summary = batches.run_here(home, template, tmp_path / "out", ("IP",), limits=(100, 1_000_000_000))

    [row] = batch_runs.of_batch(stores.open(home).engine, summary["batch"])
    assert (code, row.error_kind, row.cell) == (1, "memory", 2)
    assert row.error == "MemoryError: ; wanted no more than 1 GB in a process (--limit-memory)"


def test_a_full_disk_is_told_and_leaves_no_half_report(batches, home, light_notebook, tmp_path, monkeypatch):
    # What a child of Python runs first: no file of its own may be longer than the styles of a report alone.
    (tmp_path / "sitecustomize.py").write_text(
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    let_go()  # a warm process that began before has no such limit
    store, out = stores.open(home), tmp_path / "out"

    summary = run_batch(store, plan(store, str(light_notebook), [(batches.DAY, "IP")], out), jobs=1)

    [row] = batch_runs.of_batch(store.engine, summary.batch)
    assert (summary.exit_code, row.error_kind) == (1, "disk")
    assert "File too large" in row.error
    assert not list(out.glob("settlement-*")) and not list(out.rglob("*.part"))


@pytest.fixture
def quick(monkeypatch):
    """A process of one run that takes no time: it leaves files by run, and counts."""
    seen = []

    def run_process(asked, limits, go_on):
        seen.append(asked["parameters"]["run"])
        made = performing.Path(asked["folder"]) / child.MADE
        made.mkdir()
        time.sleep(0.2)
        name = f"{asked['parameters']['run'][:8]}.html"
        (made / name).write_text(asked["parameters"]["run"])
        said = {
            "output": name,
            "outputs": {name: performing.planning.keys.file_hash(made / name)},
            "verdicts": {"exact": 48},
        }
        return Ended(None, 0.2, 0.1, 10**8, said)

    monkeypatch.setattr(performing, "run_process", run_process)
    return seen


def asked(batches):
    return [(batches.DAY, run) for run in batches.RUNS]


def test_two_batches_over_the_same_runs_do_each_of_them_once(batches, home, light_notebook, tmp_path, quick):
    from concurrent.futures import ThreadPoolExecutor

    def one(_):
        store = stores.open(home)
        return run_batch(store, plan(store, str(light_notebook), asked(batches), tmp_path / "out"), jobs=2)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(one, range(2))

    assert sorted(quick) == sorted(set(quick)) and len(quick) == 4
    assert first.done == second.done == 4
    assert first.index_sha256 == second.index_sha256


def test_a_dead_kernel_is_tried_again_and_may_go_well(batches, home, light_notebook, tmp_path, quick, monkeypatch):
    well, calls = performing.run_process, []

    def dies_first(asked, limits, go_on):
        calls.append(1)
        if len(calls) == 1:
            return Ended("dead kernel", 1.0, 1.0, 1, {"error": "found a dead kernel"})
        return well(asked, limits, go_on)

    monkeypatch.setattr(performing, "run_process", dies_first)
    store = stores.open(home)

    summary = run_batch(store, plan(store, str(light_notebook), [(batches.DAY, "IP")], tmp_path / "out"))

    assert (summary.done, summary.failed, len(calls)) == (1, 0, 2)
    assert [row[1] for row in rows_of(home, summary.batch)] == ["failed", "done"]


def test_data_that_come_while_a_run_is_made_make_it_again_under_its_new_key(
    batches, home, light_notebook, tmp_path, quick, monkeypatch
):
    store, fresh = stores.open(home), performing.planning.of_run
    made = plan(store, str(light_notebook), [(batches.DAY, "IP")], tmp_path / "out")
    monkeypatch.setattr(batch_runs, "newest_of_days", lambda engine, days: {batches.DAY: 99})

    summary = run_batch(store, made)

    assert len(quick) == 2 and summary.done == 1
    row = batch_runs.of_batch(store.engine, summary.batch)[-1]
    assert row.run_key == fresh(store, made.notebook, made.template, batches.DAY, made.to_run[0].run_id).run_key
    assert row.run_key != made.to_run[0].run_key


def test_ctrl_c_stops_what_runs_keeps_what_is_done_and_leaves_with_130(batches, home, tmp_path):
    slow = run_id(batches, home, "II")
    template = batches.notebook(tmp_path / "stalls", STALLS.replace("SLOW", repr(slow)))
    process = batches.start(home, template, tmp_path / "out", ("IP", "II"))
    until = time.monotonic() + 100
    while not list((tmp_path / "out").glob("settlement-*.html")) and time.monotonic() < until:
        time.sleep(0.1)

    process.send_signal(signal.SIGINT)
    try:
        said, _ = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)  # where every thread stands is told
        pytest.fail(process.communicate()[1][-4000:])

    summary = json.loads(said)
    assert (process.returncode, summary["stopped"]) == (130, True)
    assert sorted(row[:2] for row in rows_of(home, summary["batch"])) == [("II", "stopped"), ("IP", "done")]
    assert not list((tmp_path / "out").rglob("executed.ipynb"))


def test_wrong_parameters_are_refused_before_anything_starts_and_the_right_ones_listed():
    with pytest.raises(WrongParameters) as told:
        checked("settlement_day", {"settlement_date": "15/01/2024", "run": "XX", "colour": "red"})

    said = str(told.value)
    assert all(part in said for part in ("settlement_date: found '15/01/2024'", "run: found 'XX'", "colour"))
    assert "date, needed: Settlement Date, yyyy-mm-dd, for example 2024-01-15" in said


def test_every_notebook_with_parameters_is_declared_with_the_same_names():
    from reports.batch import notebooks_folder

    found = {}
    for path in notebooks_folder().glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if "parameters" in cell.metadata.get("tags", []):
                found[path.stem] = {line.split(" = ")[0] for line in cell.source.splitlines()}

    assert found == {name: set(model.model_fields) for name, model in NOTEBOOKS.items()}


def command(*words):
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command("batch")(verb)
    return CliRunner().invoke(app, list(words))


def test_the_command_plans_in_words_and_says_an_example(batches, home):
    told = command(
        "settlement_day", "--dates", "2024-01-15..2024-01-17", "--run", "SF", "--dry-run", "--home", str(home)
    )

    assert told.exit_code == 1  # two days were not settled
    assert "3 asked for, 0 there already, 1 to run (1 never made)" in told.output
    assert "2024-01-16 run SF was not settled" in told.output
    assert "Example: bsc batch settlement_day" in command("--help").output


def test_the_command_ends_with_one_line_for_machines(batches, home, tmp_path, quick):
    words = ("settlement_day", "--dates", "2024-01-15", "--json", "--home", str(home), "--out", str(tmp_path / "out"))

    told = command(*words)

    [line] = told.output.splitlines()
    assert told.exit_code == 0, told.output
    assert (json.loads(line)["done"], json.loads(line)["exit_code"]) == (1, 0)


def test_what_is_due_is_made_once_and_the_next_call_of_cron_finds_nothing_to_do(batches, home, tmp_path, quick):
    words = ("settlement_day", "--due", "--json", "--home", str(home), "--out", str(tmp_path / "out"))

    first, second = (json.loads(command(*words).output.splitlines()[-1]) for _ in range(2))

    assert (first["done"], first["cached"], first["exit_code"]) == (len(batches.RUNS), 0, 0)
    assert (second["done"], second["cached"], second["exit_code"]) == (0, len(batches.RUNS), 0)
    assert sorted(quick) == sorted(run_id(batches, home, run) for run in batches.RUNS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["colours", "--dates", "2024-01-15"], "settlement_day, data_quality"),
        (["settlement_day"], "--dates A..B, or --due"),
        (["settlement_day", "--dates", "2024-01-15", "--run", "ZZ"], "wanted one of IP"),
        (["settlement_day", "--dates", "2024-01-15", "--limit-memory", "much"], "2GB"),
        (["data_quality", "--dates", "2024-01-15"], "a day and a run are not enough for"),
        (["settlement_day", "--dates", "2024-01-15", "--cluster", "tcp://127.0.0.1:1"], "--cluster"),
    ],
)
def test_a_wrong_question_is_answered_with_what_was_wanted(home, words, said, monkeypatch):
    monkeypatch.setattr(cluster, "_SECONDS", 1)
    told = command(*words, "--home", str(home))

    assert isinstance(told.exception, AskedWrongly)
    assert said in str(told.exception)


def test_limits_are_read_with_their_units():
    from reports.commands_batch import bytes_of

    assert [bytes_of(text) for text in ("2GB", "512 mb", "1GiB", "7")] == [2 * 10**9, 512 * 10**6, 2**30, 7]
    assert Limits().memory == bytes_of("2GB")
