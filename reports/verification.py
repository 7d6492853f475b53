"""Does a report still say what it said? Needs the HTML and the manifest beside it, nothing else.

The answer names the file that is wrong. It proves that nothing was changed by accident or
by one hand on one file; who wrote both is for a signature to prove.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reports import manifest
from settlement.command_line import AskedWrongly


class NothingToVerify(AskedWrongly):
    """The report or its manifest is not there; its one argument says which and what to do."""


@dataclass(frozen=True)
class Wrong:
    """One thing that does not hold."""

    file: str
    found: str
    wanted: str
    todo: str

    def __str__(self) -> str:
        return f"{self.file}: found {self.found}, wanted {self.wanted}. {self.todo}"


@dataclass(frozen=True)
class Verdict:
    """What was checked, and what is wrong with it."""

    report: Path
    manifest: Path
    run_id: str | None
    content_hash: str | None
    wrong: tuple[Wrong, ...]

    @property
    def good(self) -> bool:
        return not self.wrong

    def as_dict(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "good": self.good,
            "report": str(self.report),
            "manifest": str(self.manifest),
            "run_id": self.run_id,
            "content_hash": self.content_hash,
            "wrong": [asdict(one) for one in self.wrong],
        }

    def __str__(self) -> str:
        if self.good:
            return f"{self.report.name} is as it was made: run {self.run_id}, content {self.content_hash}"
        return "\n".join(str(one) for one in self.wrong)


_FETCH = "Ask the sender for report and manifest again."


def verify(report_path: str | Path) -> Verdict:
    """Check a report against its manifest, and the manifest against itself.

    report_path  the HTML, or the manifest beside it

    Raises NothingToVerify (asked wrongly) where one of the two files is not there.
    """
    report, beside = _pair(Path(report_path))
    data, wrong = _read(beside)
    if data is None:
        return Verdict(report, beside, None, None, tuple(wrong))
    html = report.read_bytes()
    wrong += _against_manifest(report, html, data)
    return Verdict(report, beside, _text(data, "run_id"), _text(data, "content_hash"), tuple(wrong))


def _pair(given: Path) -> tuple[Path, Path]:
    if given.name.endswith(".manifest.json"):
        given = given.with_name(given.name.removesuffix(".manifest.json") + ".html")
    beside = given.with_name(f"{given.stem}.manifest.json")
    for path, what in ((given, "report"), (beside, "manifest")):
        if not path.is_file():
            raise NothingToVerify(
                f"{path}: found no such file, wanted the {what}. A report is verified with its manifest beside it: "
                "name the HTML of a report, and keep both files in one folder."
            )
    return given, beside


def _text(data: dict[str, Any], name: str) -> str | None:
    value = data.get(name)
    return value if isinstance(value, str) else None


def _read(path: Path) -> tuple[dict[str, Any] | None, list[Wrong]]:
    """The manifest, and what is wrong with it; None where nothing can be read from it."""
    content = path.read_bytes()
    try:
        data = json.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        return None, [Wrong(path.name, f"no readable JSON ({error})", "the manifest as written", _FETCH)]
    if not isinstance(data, dict) or not isinstance(data.get("report"), dict):
        return None, [Wrong(path.name, "another document", "the manifest of a report", _FETCH)]
    rest = {name: value for name, value in data.items() if name != manifest.SELF}
    expected = manifest.sha256(manifest.canonical(rest))
    if data.get(manifest.SELF) != expected:
        return data, [Wrong(path.name, f"a content of SHA-256 {expected}", f"the {manifest.SELF} it states", _FETCH)]
    if manifest.canonical(data) != content:
        return data, [Wrong(path.name, "other blanks or order than written", "the bytes as written", _FETCH)]
    if data.get("content_hash") != manifest.hash_of_results(data.get("run_id", ""), data.get("results", [])):
        return data, [
            Wrong(path.name, "results that do not give its content hash", "results and hash of one run", _FETCH)
        ]
    return data, []


def _against_manifest(report: Path, html: bytes, data: dict[str, Any]) -> list[Wrong]:
    wrong = []
    stated = data["report"]
    found = manifest.sha256(html)
    if found != stated.get("sha256"):
        wrong.append(Wrong(report.name, f"SHA-256 {found}", f"{stated.get('sha256')} as the manifest states", _FETCH))
    if report.name != stated.get("file"):
        todo = "Give the report its own name back, or verify it with its own manifest."
        wrong.append(Wrong(report.name, "this name", f"{stated.get('file')} as the manifest states", todo))
    if not wrong:
        for meta, name in ((b"run-id", "run_id"), (b"content-hash", "content_hash")):
            there = re.search(rb'<meta name="' + meta + rb'" content="([^"]*)">', html)
            if there is None or there[1].decode("utf-8", "replace") != data.get(name):
                wrong.append(Wrong(report.name, f"another {name}", f"{data.get(name)} as the manifest states", _FETCH))
    return wrong
