"""A case as one zip: page, paper, workbook, record, inputs as received, manifest with all hashes, signature.

The files lie in a folder of their own beside the zip, so that a pack made again is the same pack: a manifest is signed
once. What a licence does not let out is named by hash, with the reason. Nothing of a pack follows a clock but the
signature.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loaders.store.files import at_disk
from reports import code_version, manifest
from reports.disputes import dated, deadline, evidence, money
from reports.disputes.cases import today
from reports.disputes.page import page
from reports.disputes.records import Case, FigureRow, Input
from reports.disputes.words import judged
from reports.disputes.workbook import workbook
from reports.disputes.zipped import zipped
from reports.outputs import RECEIVED, output_of
from reports.paper import pdf_of_page
from reports.signing.chain import FILE as CHAIN
from reports.signing.whole_files import alone, put
from settlement.command_line import AskedWrongly

if TYPE_CHECKING:
    from datetime import date

    from reports.disputes.evidence import Evidence
    from reports.signing.keys import SigningKey


@dataclass(frozen=True)
class Packed:
    """A pack as it lies on disk; `files` by name with SHA-256, `by_hash` what is only named, `said` what to know."""

    zip: Path
    sha256: str
    files: dict[str, str]
    by_hash: tuple[Input, ...]
    signed: bool
    said: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "zip": str(self.zip), "sha256": self.sha256, "signed": self.signed, "files": self.files,
            "by_hash_only": [one.model_dump() for one in self.by_hash], "said": list(self.said),
        }  # fmt: skip

    def __str__(self) -> str:
        lines = [f"{self.zip}: {len(self.files)} files, SHA-256 {self.sha256}"]
        return "\n".join([*lines, *self.said])


def received_name(one: Input) -> str:
    """Name of an input in a pack: the head of its hash, then the name it came under."""
    plain = re.sub(r"[/\\\x00-\x1f]", "_", one.file)[:150]
    return f"{one.sha256[:12]}-{plain}{RECEIVED}"


def pack(home: Path, case: Case, out: Path, key: SigningKey | None, keys: Path) -> Packed:
    """Write the pack of a case into a folder.

    key   None: the pack is not signed, and says so
    keys  the folder of keys

    Raises StoreDamaged where an input is gone or altered, NoSuchRun for a run that is not kept any more, NotSigned,
    and StoreUnavailable when the disk is full or refuses.
    """
    from reports.signing.signing import sign

    folder = out / case.name
    if key is None and (folder / CHAIN).is_file():
        raise AskedWrongly(f"{folder}: found a signed pack, wanted none. Sign this one too, or name another --out.")
    day = judged_on(case)
    worth, end = money.of_case(case), deadline.of_case(case, day)
    shown = evidence.of_case(home, case, worth)
    with at_disk(out):
        folder.mkdir(parents=True, exist_ok=True)
    files = _inputs(home, case)
    results = [result(row) for row in case.figures]
    run_id = run_of(case)
    content = manifest.hash_of_results(run_id, results)
    html = page(case, worth, end, shown, day, run_id, content)
    files |= {
        f"{case.name}.record.json": manifest.canonical(_record(case, day, shown)),
        f"{case.name}.xlsx": workbook(case, worth, end, shown),
    }
    files[f"{case.name}.pdf"] = pdf_of_page(html, case.events[-1].at)
    with alone(folder):
        put(
            {folder / name: data for name, data in files.items()} | {folder / f"{case.name}.html": html.encode("utf-8")}
        )
        outputs = [output_of(folder / name) for name in sorted(files)]
        described = _manifest(case, html.encode("utf-8"), outputs, run_id, results, content)
        put({folder / f"{case.name}.manifest.json": manifest.canonical(described)})
        _clear(folder, {*files})
    said = []
    if key is not None:
        said.append(sign(folder / f"{case.name}.manifest.json", key, keys).said)
    else:
        said.append("Not signed: who made it is not proven.")
    held = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if not path.name.startswith(".")}
    whole = zipped(case.name, held)
    put({out / f"{case.name}.zip": whole})
    kept_back = tuple(one for one in all_inputs(case) if not dated.licence(one.licence).in_pack)
    if kept_back:
        said.append(f"{len(kept_back)} files are named by hash only: {', '.join(one.file for one in kept_back)}.")
    hashes = {name: manifest.sha256(data) for name, data in held.items()}
    return Packed(out / f"{case.name}.zip", manifest.sha256(whole), hashes, kept_back, key is not None, tuple(said))


def judged_on(case: Case) -> date:
    """The day a pack judges its case on: when it was raised, else when it was last changed."""
    return case.raised_on or today(case.events[-1].at)


def run_of(case: Case) -> str:
    """The run id of a case of one day; of several, the hash of them all."""
    ids = [day.run_id for day in case.subject.days]
    return ids[0] if len(ids) == 1 else manifest.sha256(manifest.canonical(ids))


def all_inputs(case: Case) -> list[Input]:
    """Every input once, in order of job and name."""
    every = {one.sha256: one for day in case.subject.days for one in day.inputs}
    return sorted(every.values(), key=lambda one: (one.job, one.file, one.sha256))


def _inputs(home: Path, case: Case) -> dict[str, bytes]:
    from loaders import store as stores

    store = stores.open(home)
    try:
        return {
            received_name(one): store.landing_bytes(one.sha256)
            for one in all_inputs(case)
            if dated.licence(one.licence).in_pack
        }
    finally:
        store.close()


def result(row: FigureRow) -> dict[str, Any]:
    """A disputed figure as the manifest states it; decimals as text."""
    said = {name: getattr(row, name) for name in ("own", "published", "difference")}
    return {
        "settlement_date": row.settlement_date.isoformat(), "settlement_period": row.settlement_period,
        **{name: None if value is None else f"{value:f}" for name, value in said.items()},
    }  # fmt: skip


def _record(case: Case, day: date, shown: Evidence) -> dict[str, Any]:
    """The whole case for machines, with its explanations and variances."""
    import json

    from reports.variance.words import as_dict

    data = {
        **case.model_dump(mode="json"), "name": case.name, **judged(case, day),
        "explanations": [
            {"value": one.figure.where, "tree": None if one.tree is None else one.tree.as_dict(), "said": one.said}
            for one in shown.explained
        ],
        "variances": [
            {"settlement_date": one.day.settlement_date.isoformat(), "said": one.said,
             "variance": None if one.variance is None else as_dict(one.variance)}
            for one in shown.moved
        ],
        "left_out": list(shown.left_out), "not_known": dated.rules().not_known,
    }  # fmt: skip
    plain: dict[str, Any] = json.loads(json.dumps(data, default=str))
    return plain


def _manifest(
    case: Case, html: bytes, outputs: list[Any], run_id: str, results: list[dict[str, Any]], content: str
) -> dict[str, Any]:  # fmt: skip
    days = [
        {
            "settlement_date": day.settlement_date.isoformat(), "run": day.run, "run_id": day.run_id,
            "code_hash": day.code_hash, "store_version": day.store_version,
            "published_store_version": day.published_store_version, "parts": list(day.parts), "options": day.options,
            "parameters": [one.model_dump(mode="json") for one in day.parameters],
        }
        for day in case.subject.days
    ]  # fmt: skip
    landings: list[Mapping[str, Any]] = [
        {**one.model_dump(), "in_pack": dated.licence(one.licence).in_pack, "why": dated.licence(one.licence).said}
        for one in all_inputs(case)
    ]
    return manifest.sealed(
        {
            "form": manifest.FORM,
            "report": {"file": f"{case.name}.html", "sha256": manifest.sha256(html), "bytes": len(html)},
            "outputs": [one.as_dict() for one in outputs],
            "dispute": {"number": case.number, "state": case.state, "events": len(case.events)},
            "settlement_date": case.subject.days[0].settlement_date.isoformat(), "run": case.subject.runs,
            "run_id": run_id, "days": days, "landings": landings, "code": code_version.code(),
            "packages": code_version.packages(), "results": results, "content_hash": content,
        }
    )  # fmt: skip


def _clear(folder: Path, wanted: set[str]) -> None:
    """Take away what an earlier pack of the case left and this one does not hold; a chain of signatures stays."""
    for path in folder.iterdir():
        of_pack = path.name.endswith((RECEIVED, ".pdf", ".xlsx", ".record.json"))
        if of_pack and path.name not in wanted:
            path.unlink()
