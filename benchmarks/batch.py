"""A cached batch of 365 days checked: at most 10 s. CPU of one run of a report.

    python benchmarks/batch.py [--one WORKSPACE DATE]

The rows, runs and files of the 365 days are made directly, each report as long as a real one; what is measured
is the plan with every hash, and the index. Best and worst of five.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from loaders import store as stores
from loaders.store.database import writing
from loaders.store.tables import batch_runs, run_calls, run_tables, runs
from reports import manifest
from reports.batch.planning import plan
from reports.batch.whole_batch import run_batch

DAYS = [date(2024, 1, 1) + timedelta(days=at) for at in range(365)]
REPORT_BYTES, GRAINS = 1_400_000, 8
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def settled_year(store: stores.Store) -> None:
    """Runs of a year whose tables are one small file."""
    name = manifest.sha256(b"")
    (store.parts_folder / f"{name}.parquet").write_bytes(b"")
    with writing(store.engine) as connection:
        for number, day in enumerate(DAYS, 1):
            run_id = manifest.sha256(str(day).encode())
            connection.execute(
                sa.insert(runs).values(
                    run_id=run_id, number=number, settlement_date=day, run_type="SF", store_version=0, version=0,
                    parts=[f"stack:rows:{name}"] * 30, parameters={}, options={}, published={}, code_hash=name,
                    assumed=None, details={"way": "published stack"}, kept_at=NOW,
                )
            )  # fmt: skip
            called = {"run_id": run_id, "settlement_date": day, "run_type": "SF", "called_at": NOW}
            connection.execute(sa.insert(run_calls).values(**called))
            rows = [{"run_id": run_id, "grain": f"g{at}", "sha256": name, "rows": 1} for at in range(GRAINS)]
            connection.execute(sa.insert(run_tables), rows)


def made_year(store: stores.Store, out: Path) -> None:
    """A success and its files for each."""
    out.mkdir()
    content = random.Random(1).randbytes(REPORT_BYTES)
    asked = [(day, "SF") for day in DAYS]
    for one in plan(store, "settlement_day", asked, out).to_run:
        html, beside = f"{one.settlement_date}.html", f"{one.settlement_date}.manifest.json"
        data = str(one.settlement_date).encode() + content
        (out / html).write_bytes(data)
        (out / beside).write_bytes(content[:20_000])
        outputs = {html: manifest.sha256(data), beside: manifest.sha256(content[:20_000])}
        with writing(store.engine) as connection:
            connection.execute(
                sa.insert(batch_runs).values(
                    **vars(one), batch="b", state="done", attempt=1, started_at=NOW, seconds=3.0, output=html,
                    output_sha256=outputs[html], outputs=outputs, verdicts={"exact": 47, "rounding": 1},
                )
            )  # fmt: skip


def cached() -> None:
    """Time of the plan and of the whole batch."""
    with tempfile.TemporaryDirectory(prefix="bsc-") as folder:
        store, out = stores.open(Path(folder) / "workspace"), Path(folder) / "out"
        settled_year(store)
        made_year(store, out)
        spent = []
        for _ in range(5):
            begun = time.perf_counter()
            made = plan(store, "settlement_day", [(day, "SF") for day in DAYS], out)
            summary = run_batch(store, made)
            spent.append(time.perf_counter() - begun)
            assert (len(made.cached), summary.exit_code) == (365, 0)
        print(f"365 cached runs checked, {365 * REPORT_BYTES / 1e6:.0f} MB: {min(spent):.2f} to {max(spent):.2f} s")


def one(home: Path, day: date) -> None:
    """CPU of one report, process start included."""
    from loaders.store.batch_runs import of_batch

    store = stores.open(home)
    with tempfile.TemporaryDirectory(prefix="bsc-") as out:
        for _ in range(3):
            summary = run_batch(store, plan(store, "settlement_day", [(day, None)], Path(out)), jobs=1)
            [row] = of_batch(store.engine, summary.batch)
            print(f"{row.state}: {row.cpu_seconds:.2f} CPU s, {row.seconds:.2f} s, {row.peak_memory / 1e6:.0f} MB")
            for path in Path(out).glob("settlement-*"):
                path.unlink()


if __name__ == "__main__":
    cached()
    if "--one" in sys.argv:
        at = sys.argv.index("--one")
        one(Path(sys.argv[at + 1]), date.fromisoformat(sys.argv[at + 2]))
