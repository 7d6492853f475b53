"""The manifest beside a report: what it was made from, by hash.

kind              what the report is about: the name of its notebook; without it, a settlement day
run_id, run_ids   the runs it was read from; of several, run_id is one hash over their ids
content_hash      over what is reported, as decimals, and the run id; two equal runs agree in
                  it although their clocks differ
report.sha256     over the bytes of the HTML
outputs           the further files of the report, each by name, hash, length and kind
manifest_sha256   over the manifest itself without this entry; the file is written in one
                  form only, so that a moved blank is found too

Form 2 names outputs, code, packages, and what a run was made from beyond its files; form 1 is still read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reports import code_version
from reports.outputs import Output
from reports.views import DayView, Parameter, PeriodView

if TYPE_CHECKING:
    from reports.subjects import Subject

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


def one_run_id(run_ids: Sequence[str]) -> str:
    """The id of the only run; of several, the hash over their ids in order."""
    return run_ids[0] if len(run_ids) == 1 else sha256(canonical(list(run_ids)))


def of_report(
    subject: Subject, file: str, html: bytes, notebook: bytes, outputs: Iterable[Output] = ()
) -> dict[str, Any]:
    """The manifest of a report whose HTML has these bytes, with its own hash in it.

    subject  what the report is about
    outputs  further files of the report, written already, in the same folder
    """
    landings = [
        {
            "file": landing.file,
            "job": landing.job,
            "sha256": landing.sha256,
            "rows_kept": landing.rows_kept,
            "rows_refused": landing.rows_refused,
        }
        for landing in subject.landings
    ]
    return sealed(
        {
            "form": FORM,
            "kind": subject.kind,
            "report": {"file": file, "sha256": sha256(html), "bytes": len(html)},
            "outputs": _listed(outputs),
            "notebook_sha256": sha256(notebook),
            "run_id": subject.run_id,
            "run_ids": list(subject.run_ids),
            "given": dict(subject.given),
            **subject.made_from,
            "code": code_version.code(),
            "packages": code_version.packages(),
            "landings": sorted(landings, key=lambda one: (one["job"], one["file"], one["sha256"])),
            "parameters": [_parameter(parameter) for parameter in subject.parameters],
            "results": [dict(one) for one in subject.results],
            "content_hash": subject.content_hash,
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
