"""The manifest beside a report: what it was made from, by hash.

content_hash      over the reported decimals of every period and the run id; two equal
                  runs agree in it although their clocks differ
report.sha256     over the bytes of the HTML
outputs           the further files of the report, each by name, hash, length and kind
manifest_sha256   over the manifest itself without this entry; the file is written in one
                  form only, so that a moved blank is found too

Form 2 names outputs, code, packages, and what a run was made from beyond its files; form 1 is still read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from reports import code_version
from reports.outputs import Output
from reports.views import DayView, Parameter, PeriodView

FORM = "settlement-workbench report manifest 2"
FORMS = ("settlement-workbench report manifest 1", FORM)
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


def of_report(day: DayView, file: str, html: bytes, notebook: bytes, outputs: Iterable[Output] = ()) -> dict[str, Any]:
    """The manifest of a report whose HTML has these bytes, with its own hash in it.

    outputs  further files of the report, written already, in the same folder
    """
    made_from = day.made_from
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
            "outputs": _listed(outputs),
            "notebook_sha256": sha256(notebook),
            "settlement_date": day.settlement_date.isoformat(),
            "run": day.run,
            "run_id": day.run_id,
            "way": day.way,
            "synthetic": day.synthetic,
            "assumed": day.assumed,
            "assumed_sha256": None if made_from is None else made_from.assumed_sha256,
            "store_version": day.store_version,
            "published_store_version": None if made_from is None else made_from.published_version,
            "as_of": None if made_from is None else made_from.as_of,
            "parts": [] if made_from is None else list(made_from.parts),
            "code_hash": day.code_hash,
            "code": code_version.code(),
            "packages": code_version.packages(),
            "options": dict(day.options),
            "landings": sorted(landings, key=lambda one: (one["job"], one["file"], one["sha256"])),
            "parameters": [_parameter(parameter) for parameter in day.parameters],
            "results": [result(view) for view in day.periods],
            "content_hash": content_hash(day),
        }
    )


def with_outputs(data: dict[str, Any], outputs: Iterable[Output]) -> dict[str, Any]:
    """The manifest with further files named in it, sealed again; an output of the same name takes the other's place."""
    held = {one["file"]: one for one in data["outputs"]} | {one.file: one.as_dict() for one in outputs}
    return sealed(data | {"outputs": [held[name] for name in sorted(held)]})


def _listed(outputs: Iterable[Output]) -> list[dict[str, Any]]:
    return sorted((one.as_dict() for one in outputs), key=lambda one: str(one["file"]))


def sealed(data: dict[str, Any]) -> dict[str, Any]:
    """The manifest with its own hash."""
    rest = {name: value for name, value in data.items() if name != SELF}
    return rest | {SELF: sha256(canonical(rest))}
