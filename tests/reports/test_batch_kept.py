"""What a batch has made stays, and is made once: after kills, for another batch, and when nothing changed."""

from __future__ import annotations

import json
import random
import shutil
import time

import pytest

from loaders import store as stores
from loaders.store import batch_runs
from reports.batch.planning import plan


def asked(batches):
    return [(batches.DAY, run) for run in batches.RUNS]


def test_a_batch_that_is_there_is_not_run_again(batches, undisturbed, light_notebook):
    home, out, first = undisturbed

    code, again = batches.run_here(home, light_notebook, out)

    assert (first["done"], first["cached"]) == (4, 0)
    assert (code, again["done"], again["cached"]) == (0, 0, 4)
    assert again["index_sha256"] == first["index_sha256"]


def test_the_index_names_each_output_by_its_hash_and_holds_no_clock_and_no_folder(batches, undisturbed):
    home, out, _ = undisturbed
    index = json.loads((out / "batch_index.json").read_text())

    assert [one["run"] for one in index["runs"]] == sorted(batches.RUNS)
    for one in index["runs"]:
        assert set(one["outputs"]) == {one["output"], one["output"].replace(".html", ".manifest.json")}
        assert sum(one["verdicts"].values()) == 48
    text = (out / "batch_index.json").read_text() + (out / "batch_index.html").read_text()
    assert str(home) not in text and "202" in text
    assert not [path for path in out.rglob("*") if path.name == ".running"]


def test_a_report_of_a_batch_names_no_folder_of_the_machine(undisturbed):
    home, out, _ = undisturbed

    for path in out.glob("settlement-*"):
        assert str(home) not in path.read_text("utf-8")


def test_every_run_has_its_row_with_time_and_memory(undisturbed):
    home, _, summary = undisturbed

    rows = batch_runs.of_batch(stores.open(home).engine, summary["batch"])

    assert [(row.state, row.attempt) for row in rows] == [("done", 1)] * 4
    assert all(row.seconds > 0 and row.peak_memory > 50e6 and len(row.output_sha256) == 64 for row in rows)


def test_only_what_is_missing_or_changed_is_planned(batches, undisturbed, light_notebook, tmp_path):
    home, out, _ = undisturbed
    store, copy = stores.open(home), tmp_path / "out"
    shutil.copytree(out, copy)
    (copy / "settlement-2024-01-15-SF-SYNTHETIC.html").write_text("another")
    (copy / "settlement-2024-01-15-II-SYNTHETIC.manifest.json").unlink()

    made = plan(store, str(light_notebook), asked(batches), copy)

    assert [one.run for one in made.to_run] == ["II", "SF"]
    assert made.reasons == {"files missing or changed": 2}
    assert made.seconds(2) > 0


def test_another_notebook_runs_all_but_not_where_only_changed_inputs_count(batches, undisturbed, tmp_path):
    home, out, _ = undisturbed
    other = batches.notebook(tmp_path / "other", "1 + 1")
    store = stores.open(home)

    everything = plan(store, str(other), asked(batches), out)
    changed = plan(store, str(other), asked(batches), out, only_changed=True)

    assert (len(everything.to_run), everything.reasons) == (4, {"code, notebook or style changed": 4})
    assert (len(changed.to_run), changed.unchanged) == (0, 4)


def test_a_day_that_was_not_settled_or_only_half_is_named_with_what_to_do(
    batches, batch_home, light_notebook, tmp_path
):
    home = shutil.copytree(batch_home, tmp_path / "workspace")
    store = stores.open(home)
    row = store.latest_run(batches.DAY, "SF")
    table = next(iter(batch_runs.tables_of(store.engine, [row.run_id])[row.run_id].values()))
    (home / "parts" / f"{table}.parquet").unlink()

    made = plan(store, str(light_notebook), [(batches.DAY, "SF"), (batches.DAY, "RF")], tmp_path / "out")

    assert not made.to_run
    assert [(one.run, one.kind) for one in made.unavailable] == [("RF", "no such run"), ("SF", "half-settled run")]
    assert "bsc settle 2024-01-15 --run RF" in made.unavailable[0].why
    assert "Settle it again" in made.unavailable[1].why


def killed_and_resumed(batches, home, template, out, kills, chance, span, **other):
    """Kill a batch at random moments, then let it end; gives exit code, summary and how many kills hit a batch.

    One that ended before its kill is begun anew with half the time, for how long it takes is known of a busier moment.
    """
    hits = 0
    for _ in range(kills):
        process = batches.start(home, template, out, **other)
        until = time.monotonic() + chance.uniform(0.3, span)
        while process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        if process.poll() is None:
            hits += 1
            batches.kill(process)
        else:
            process.communicate()
            shutil.rmtree(out)
            span /= 2
    return *batches.run(home, template, out, **other), hits


def test_a_batch_killed_at_random_points_comes_to_the_same_index(
    batches, batch_home, light_notebook, undisturbed, tmp_path, seed
):
    home = shutil.copytree(batch_home, tmp_path / "workspace")

    code, summary, hits = killed_and_resumed(
        batches, home, light_notebook, tmp_path / "out", 2, random.Random(seed), undisturbed[2]["seconds"]
    )

    assert (code, summary["failed"], summary["cached"] + summary["done"]) == (0, 0, 4)
    assert hits >= 1
    assert summary["index_sha256"] == undisturbed[2]["index_sha256"]
    for name in ("batch_index.json", "batch_index.html"):
        assert (tmp_path / "out" / name).read_bytes() == (undisturbed[1] / name).read_bytes()
    states = [row.state for row in all_rows(home)]
    assert states.count("done") >= 4 and "running" not in states


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_thirty_days_killed_at_ten_random_points_come_to_the_index_of_an_undisturbed_batch(
    batches, light_notebook, tmp_path, seed
):
    home, runs = batches.settle_days(tmp_path / "settled", 30)
    other = shutil.copytree(home, tmp_path / "workspace")

    _, undisturbed = batches.run(home, light_notebook, tmp_path / "whole", runs=runs)
    code, summary, hits = killed_and_resumed(
        batches, other, light_notebook, tmp_path / "out", 10, random.Random(seed), undisturbed["seconds"] / 5, runs=runs
    )

    assert (undisturbed["done"], code, summary["cached"] + summary["done"]) == (30, 0, 30)
    assert hits >= 3
    assert summary["index_sha256"] == undisturbed["index_sha256"]
    assert (tmp_path / "out/batch_index.html").read_bytes() == (tmp_path / "whole/batch_index.html").read_bytes()


def all_rows(home):
    from sqlalchemy import select

    from loaders.store.database import reading
    from loaders.store.tables import batch_runs as table

    with reading(stores.open(home).engine) as connection:
        return list(connection.execute(select(table)))
