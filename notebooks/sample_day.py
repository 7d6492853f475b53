"""The workspaces that the notebooks are kept with: SYNTHETIC days, loaded and settled.

The tutorial has the day of Great Britain in two runs, data_quality two small days in which something is wrong; what
shows charges or a change has the small day with charges in runs II, SF and R1, batch_index a batch of one report,
dispute_pack a dispute, every other notebook the small sample day. Each notebook finds its workspace in BSC_HOME, as
under `bsc lab`.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

SAMPLE_DAY = date(2024, 1, 15)
MARKET_RUNS = ("II", "SF")


def workspace_of(notebook: str, folder: Path) -> Path:
    """The workspace that a notebook is kept with, made below a folder when a notebook first asks for it."""
    made = {
        "tutorial.ipynb": settle_market_day,
        "data_quality.ipynb": load_days_with_faults,
        "batch_index.ipynb": report_in_a_batch,
        "dispute_pack.ipynb": raise_a_dispute,
        **dict.fromkeys(("period_detail.ipynb", "party_statement.ipynb", "run_variance.ipynb"), settle_charged_day),
    }
    make = made.get(notebook, settle_sample_day)
    below = folder / make.__name__
    return below / "workspace" if below.exists() else make(below)


def settle_sample_day(folder: Path) -> Path:
    """Write, load and settle the sample day below a folder; gives the workspace."""
    import loaders
    from loaders.sample_market import write_day
    from reports.day_settlement import settle_day

    feeds, home = folder / "feeds", folder / "workspace"
    feeds.mkdir(parents=True)
    write_day(feeds, SAMPLE_DAY)
    loaders.load(feeds, home)
    settle_day(SAMPLE_DAY, home=home)
    return home


def settle_market_day(folder: Path) -> Path:
    """The same for the day of Great Britain: runs II and SF, each with what it had; about a minute."""
    import loaders
    from loaders.sample_market import write_market
    from reports.day_settlement import settle_day

    feeds, home = folder / "feeds", folder / "workspace"
    write_market(feeds, SAMPLE_DAY)
    for run in MARKET_RUNS:
        loaders.load(feeds / run, home)
        settle_day(SAMPLE_DAY, run, home=home)
    return home


def settle_charged_day(folder: Path) -> Path:
    """The small day with charges of the tests of `reports`, in runs II, SF and R1; about ten seconds."""
    import loaders
    from loaders.sample_market import write_day
    from reports.day_settlement import settle_day

    charged = _charged_day()
    feeds, home = folder / "feeds", folder / "workspace"
    market = feeds / "market"
    market.mkdir(parents=True)
    write_day(market, SAMPLE_DAY)
    for stack in market.glob("*_stack_*"):  # so that volumes follow from acceptances
        stack.unlink()
    charged.write_loss_of_load(market)
    loaders.load(market, home)
    charged.write(feeds / "II", charged.first())
    charged.write(feeds / "SF", charged.final(), "SF")
    charged.write_correction(feeds / "SF")
    charged.write_notice(feeds / "R1")
    for run in ("II", "SF", "R1"):
        loaders.load(feeds / run, home)
        settle_day(SAMPLE_DAY, run, home=home)
    return home


def report_in_a_batch(folder: Path) -> Path:
    """The sample day with a batch of its report."""
    from loaders import store as stores
    from reports.batch.planning import plan
    from reports.batch.whole_batch import run_batch

    home = settle_sample_day(folder)
    store = stores.open(home)
    try:
        run_batch(store, plan(store, "settlement_day", [(SAMPLE_DAY, None)], home / "batches" / "settlement_day"))
    finally:
        store.close()
    return home


def raise_a_dispute(folder: Path) -> Path:
    """The sample day with a dispute over its period 12, whose price was made from an earlier stack."""
    from reports.day_settlement import settle_day
    from reports.disputes import cases
    from reports.disputes.records import Said

    home = settle_sample_day(folder)
    settle_day(SAMPLE_DAY, "SF", home=home)
    said = Said(
        raising_party="SYNBIG1", contact_name="Ann", contact_address="ann@example.org", dispute_type="general",
        reason="An accepted offer is left out", breached="Section T 4.4", effect="5000", effect_basis="by hand",
    )  # fmt: skip
    at = datetime(2024, 3, 5, 12, tzinfo=UTC)
    made = cases.new(home, "system_price", [SAMPLE_DAY], run="SF", periods=[12], said=said, by="Ann", now=at)
    cases.raise_case(home, made.number, "Ann", now=at)
    return home


def _charged_day() -> ModuleType:
    """The makers of that day, which lie with the tests of this checkout."""
    import reports

    name = "charged_day"
    path = Path(reports.__file__).resolve().parents[1] / "tests" / "reports" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None, path
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look for their module there
    spec.loader.exec_module(module)
    return module


def load_days_with_faults(folder: Path) -> Path:
    """Write and load the sample day and the one before it, with faults such as senders make."""
    import loaders
    from loaders.sample_market import write_day

    feeds, home = folder / "feeds", folder / "workspace"
    before = date(2024, 1, 14)
    for day in (before, SAMPLE_DAY):
        write_day(feeds, day)
    for fault in _faults(feeds, before, SAMPLE_DAY):
        fault()
    loaders.load(feeds, home)
    return home


def _faults(feeds: Path, before: date, day: date) -> list[Callable[[], Any]]:
    """A file that was never sent, one that breaks off, wrong cells, periods left out, an empty answer, a new column."""

    def file(name: str) -> Path:
        return feeds / f"SYNTHETIC_{name}.json"

    def change(name: str, rows: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
        said = json.loads(file(name).read_text(encoding="utf-8"))
        said = rows(said) if isinstance(said, list) else said | {"data": rows(said["data"])}
        file(name).write_text(json.dumps(said, indent=1), encoding="utf-8")

    def cell(name: str, row: int, field: str, value: Any) -> None:
        change(name, lambda rows: [one | {field: value} if at == row else one for at, one in enumerate(rows, 1)])

    cut = file(f"DISBSAD_{before}")
    return [
        file(f"market-index_{before}").unlink,
        lambda: cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2]),
        lambda: cell(f"system-prices_{day}", 12, "systemSellPrice", "1,5"),
        lambda: cell(f"PN_{day}", 40, "levelTo", None),
        lambda: cell(f"PN_{day}", 41, "settlementPeriod", 49),
        lambda: cell(f"DISBSAD_{day}", 2, "volume", "n/a"),
        lambda: cell(f"BOALF_{day}", 5, "settlementDate", "15/01/2024"),
        lambda: change(f"market-index_{day}", lambda rows: [one for one in rows if one["settlementPeriod"] < 47]),
        lambda: change(f"stack_offer_{day}_33", lambda rows: []),
        lambda: change(f"BOD_{day}", lambda rows: [one | {"carbonIntensity": 51} for one in rows]),
    ]
