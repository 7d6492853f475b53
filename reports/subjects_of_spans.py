"""Prices over a month or a year, and a folder of reports, as subjects of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports import manifest
from reports.sections import words
from reports.subjects import BATCH_INDEX, PRICE_CONFORMANCE, Entry, Subject

if TYPE_CHECKING:
    from reports.price_conformance import Conformance
    from reports.twins import Table

OF_CONFORMANCE = (
    Entry("cover", "Cover and verdict"), Entry("heat-map", "Calendar"), Entry("trend", "Trend"),
    Entry("unexplained", "Unexplained, by worth"), Entry("not-settled", "Days not settled"),
)  # fmt: skip
OF_BATCH = (Entry("calendar", "Calendar"), Entry("failed", "What needs a person"), Entry("reports", "Reports"))


def of_conformance(found: Conformance) -> Subject:
    """The subject of a month or a year: its content hash is over every period of every settled day, as reported."""
    views = [one.view for one in found.settled if one.view is not None]
    stamps = tuple(dict.fromkeys(stamp for view in views for stamp in words.stamps(view)))
    landings = {one.job + one.sha256: one for view in views for one in view.landings}
    dated = {(one.name, one.since): one for view in views for one in view.parameters}
    run = f"run {found.run}" if found.run else "the run of each day asked for last"
    results: tuple[dict[str, Any], ...] = tuple(
        {"settlement_date": view.settlement_date.isoformat(), "run": view.run, "run_id": view.run_id,
         "periods": [manifest.result(period) for period in view.periods]}
        for view in views
    )  # fmt: skip
    without = [one.settlement_date.isoformat() for one in found.days if one.view is None]
    results = ({"span": found.span, "not_settled": without}, *results)
    return Subject(
        kind=PRICE_CONFORMANCE, stem="-".join(filter(None, ["conformance", found.span, found.run, *stamps])),
        title=", ".join([f"Prices of {found.span}", run, *stamps]), stamps=stamps, entries=OF_CONFORMANCE,
        run_ids=tuple(view.run_id for view in views), results=results, landings=tuple(landings.values()),
        parameters=tuple(dated.values()), given={"span": found.span, "run": found.run or ""}, verdicts=found.counts,
        made_from={"synthetic": any(view.synthetic for view in views)},
        dated=max((view.settled_at for view in views), default=None), tables=lambda: _of_days(found),
    )  # fmt: skip


def _of_days(found: Conformance) -> list[Table]:
    from reports.twins import tables_of_conformance

    return tables_of_conformance(found)


def _of_runs(runs: list[dict[str, Any]]) -> list[Table]:
    from reports.twins import tables_of_batch

    return tables_of_batch(runs)


def of_batch(index: dict[str, Any]) -> Subject:
    """The subject of a folder of reports: its content hash is over its index."""
    runs = index["runs"]
    verdicts: dict[str, int] = {}
    for one in runs:
        for verdict, count in one.get("verdicts", {}).items():
            verdicts[verdict] = verdicts.get(verdict, 0) + count
    synthetic = any("SYNTHETIC" in (one.get("output") or "") for one in runs)
    stamps = ("SYNTHETIC",) if synthetic else ()
    days = f"{runs[0]['settlement_date']} to {runs[-1]['settlement_date']}" if runs else "no day"
    troubles = any(one["state"] != "done" for one in runs)
    reports = any(one["state"] == "done" for one in runs)
    kept = {"calendar": True, "failed": troubles, "reports": reports}
    return Subject(
        kind=BATCH_INDEX, stem="-".join(["batch", index["notebook"], *stamps]), stamps=stamps,
        title=", ".join([f"Batch of {index['notebook'].replace('_', ' ')}", days, *stamps]),
        entries=(Entry("cover", "Cover"), *(one for one in OF_BATCH if kept[one.anchor])),
        run_ids=tuple(one["run_id"] for one in runs if one.get("run_id")), results=tuple(runs), verdicts=verdicts,
        given={"notebook": index["notebook"]}, style="batch", made_from={"synthetic": synthetic},
        tables=lambda: _of_runs(runs),
    )  # fmt: skip
