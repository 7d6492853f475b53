"""The manifest beside a report: what it was made from, by hash.

content_hash      over the reported decimals of every period and the run id; two equal
                  runs agree in it although their clocks differ
report.sha256     over the bytes of the HTML
manifest_sha256   over the manifest itself without this entry; the file is written in one
                  form only, so that a moved blank is found too
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from reports.views import DayView, Parameter, PeriodView

FORM = "settlement-workbench report manifest 1"
SELF = "manifest_sha256"


def file_stem(day: DayView) -> str:
    """Name of the report without its ending: settlement-2026-10-14-IP-SYNTHETIC."""
    marks = ("-SYNTHETIC" if day.synthetic else "") + ("-ASSUMED" if day.assumed is not None else "")
    return f"settlement-{day.settlement_date.isoformat()}-{day.run}{marks}"


def sha256(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def canonical(data: Any) -> bytes:
    """The one way in which a manifest is written: sorted keys, two blanks, UTF-8, one line end."""
    return (json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")


def _decimal(value: Decimal | None, decimals: int) -> str | None:
    return None if value is None else f"{value.quantize(Decimal(1).scaleb(-decimals)):f}"


def result(view: PeriodView) -> dict[str, Any]:
    """What is reported of a period: prices to 5 decimals, NIV to 4, as text."""
    return {
        "settlement_period": view.settlement_period,
        "own": _decimal(view.own, 5),
        "published": _decimal(view.published, 5),
        "difference": _decimal(view.difference, 5),
        "verdict": view.verdict,
        "net_imbalance_volume": _decimal(view.net_imbalance_volume, 4),
    }


def hash_of_results(run_id: str, results: list[dict[str, Any]]) -> str:
    """The content hash of a run and its results."""
    return sha256(canonical({"run_id": run_id, "results": results}))


def content_hash(day: DayView) -> str:
    """The content hash of a day; float bits and clocks have no part in it."""
    return hash_of_results(day.run_id, [result(view) for view in day.periods])


def _parameter(parameter: Parameter) -> dict[str, Any]:
    said = asdict(parameter) | {"since": parameter.since.isoformat()}
    return said | {"sha256": sha256(canonical(said))}


def of_report(day: DayView, file: str, html: bytes, notebook: bytes) -> dict[str, Any]:
    """The manifest of a report whose HTML has these bytes, with its own hash in it."""
    landings = [
        {
            "file": landing.file,
            "job": landing.job,
            "sha256": landing.sha256,
            "rows_kept": landing.rows_kept,
            "rows_refused": landing.rows_refused,
        }
        for landing in day.landings
    ]
    return sealed(
        {
            "form": FORM,
            "report": {"file": file, "sha256": sha256(html), "bytes": len(html)},
            "notebook_sha256": sha256(notebook),
            "settlement_date": day.settlement_date.isoformat(),
            "run": day.run,
            "run_id": day.run_id,
            "way": day.way,
            "synthetic": day.synthetic,
            "assumed": day.assumed,
            "store_version": day.store_version,
            "code_hash": day.code_hash,
            "options": dict(day.options),
            "landings": sorted(landings, key=lambda one: (one["job"], one["file"], one["sha256"])),
            "parameters": [_parameter(parameter) for parameter in day.parameters],
            "results": [result(view) for view in day.periods],
            "content_hash": content_hash(day),
        }
    )


def sealed(data: dict[str, Any]) -> dict[str, Any]:
    """The manifest with its own hash."""
    rest = {name: value for name, value in data.items() if name != SELF}
    return rest | {SELF: sha256(canonical(rest))}
