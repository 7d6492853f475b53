"""Does a report still say what it said? Needs the files beside it, and nothing of a workspace.

The answer names the file that is wrong. Hashes prove that nothing was changed by accident
or by one hand on one file; who wrote all of them, a signature proves to a reader who has
the public key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from reports import manifest
from reports.found_wrong import FETCH, Wrong
from reports.outputs import is_output
from reports.signing.checking import Found, check, check_folder, read_lines
from reports.signing.signing import ENDING, MANIFEST
from reports.signing.trust import Trust, trust_of
from reports.signoff.checking import check_beside
from reports.signoff.exporting import ENDING as SIGNED_OFF
from settlement.command_line import AskedWrongly

UNSIGNED = Found("not signed")


class NothingToVerify(AskedWrongly):
    """The report or its manifest is not there; its one argument says which and what to do."""


@dataclass(frozen=True)
class Verdict:
    """What was checked, and what is wrong with it."""

    report: Path
    manifest: Path
    run_id: str | None
    content_hash: str | None
    wrong: tuple[Wrong, ...]
    signature: Found = UNSIGNED
    signed_off: str | None = None  # what the sign-off beside it says; None: no such file, or it is wrong

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
            "signature": asdict(self.signature),
            "signed_off": self.signed_off,
            "wrong": [asdict(one) for one in self.wrong],
        }

    def __str__(self) -> str:
        if self.good:
            same = f"{self.report.name} is as it was made: run {self.run_id}, content {self.content_hash}"
            return "\n".join([same, str(self.signature), *([self.signed_off] if self.signed_off else [])])
        return "\n".join(str(one) for one in self.wrong)


@dataclass(frozen=True)
class FolderVerdict:
    """Every report of a folder, and what only the whole folder shows."""

    folder: Path
    reports: tuple[Verdict, ...]
    wrong: tuple[Wrong, ...]

    @property
    def good(self) -> bool:
        return not self.wrong and all(one.good for one in self.reports)

    def as_dict(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "good": self.good,
            "folder": str(self.folder),
            "reports": [one.as_dict() for one in self.reports],
            "wrong": [asdict(one) for one in self.wrong],
        }

    def __str__(self) -> str:
        lines = [str(one) for one in (*self.reports, *self.wrong)]
        good = sum(one.good for one in self.reports)
        whole = "" if self.good else ": NOT as it was made"
        return "\n".join([*dict.fromkeys("\n".join(lines).split("\n")), f"{good} of {len(self.reports)} good{whole}"])


def verify(report_path: str | Path, keys: Sequence[Path] = (), revoked: Path | None = None) -> Verdict:
    """Check a report against its manifest, the manifest against itself, and its signature where it has one.

    report_path  the HTML, its manifest, its signature, or another of its files
    keys         public keys of those whom the reader trusts; without one no signature is checked
    revoked      a list of revoked keys

    Raises NothingToVerify (asked wrongly) where report or manifest is not there.
    """
    given = Path(report_path)
    lines, broken = read_lines(given.parent)
    trust = trust_of(keys, revoked, given.parent)
    verdict = _one(given, lines, trust)
    return _with(verdict, (*broken, *trust.wrong))


def verify_folder(folder: Path, keys: Sequence[Path] = (), revoked: Path | None = None) -> FolderVerdict:
    """Check every report of a folder, and that its chain is whole. Raises NothingToVerify where it has no report."""
    lines, broken = read_lines(folder)
    trust = trust_of(keys, revoked, folder)
    manifests = sorted(folder.glob(f"*{MANIFEST}"))
    wrong = [*broken, *trust.wrong, *check_folder(folder, lines)]
    reports = []
    for path in manifests:
        try:
            reports.append(_one(path, lines, trust))
        except NothingToVerify:
            html = path.name.removesuffix(MANIFEST) + ".html"
            wrong.append(Wrong(html, "no such file", f"the report of {path.name}", FETCH))
    for page in sorted(folder.glob("*.html")):
        if not (beside := page.with_name(f"{page.stem}{MANIFEST}")).is_file():
            wrong.append(Wrong(beside.name, "no such file", f"the manifest of {page.name}", FETCH))
    for path in sorted(folder.glob(f"*{SIGNED_OFF}")):
        if not (beside := path.with_name(path.name.removesuffix(SIGNED_OFF) + MANIFEST)).is_file():
            wrong.append(Wrong(beside.name, "no such file", f"the manifest that {path.name} is about", FETCH))
    if not (manifests or wrong):
        raise NothingToVerify(f"{folder}: found no manifest, wanted a folder of reports. Correct the path.")
    return FolderVerdict(folder, tuple(reports), tuple(dict.fromkeys(wrong)))


def _one(given: Path, lines: Any, trust: Trust) -> Verdict:
    report, beside = _pair(given)
    data, wrong = _hashes(report, beside)
    signature, about = check(beside, lines, trust)
    signed_off, about_sign_off = check_beside(beside, data, trust)
    run_id, content = (None, None) if data is None else (_text(data, "run_id"), _text(data, "content_hash"))
    return Verdict(report, beside, run_id, content, (*wrong, *about, *about_sign_off), signature, signed_off)


def _with(verdict: Verdict, more: Sequence[Wrong]) -> Verdict:
    return replace(verdict, wrong=tuple(dict.fromkeys([*verdict.wrong, *more])))


def hashes_of(manifest_path: Path) -> list[Wrong]:
    """What is wrong with report, manifest and outputs by their hashes alone. Raises NothingToVerify."""
    return _hashes(*_pair(manifest_path))[1]


def _hashes(report: Path, beside: Path) -> tuple[dict[str, Any] | None, list[Wrong]]:
    data, wrong = _read(beside)
    if data is not None:
        wrong += _against_manifest(report, report.read_bytes(), data)
        wrong += _outputs(report.parent, beside, data)
    return data, wrong


def _outputs(folder: Path, beside: Path, data: dict[str, Any]) -> list[Wrong]:
    """What is wrong with the further files that a manifest names."""
    stated = data.get("outputs", [])
    if not isinstance(stated, list) or not all(is_output(one) for one in stated):
        return [Wrong(beside.name, "outputs that are none", "file, sha256, bytes and kind of each", FETCH)]
    wrong = []
    for one in stated:
        path, wanted = folder / one["file"], f"{one['sha256']} as {beside.name} states"
        if not path.is_file():
            wrong.append(Wrong(one["file"], "no such file", f"the {one['kind']} that {beside.name} names", FETCH))
        elif (found := manifest.sha256(path.read_bytes())) != one["sha256"]:
            wrong.append(Wrong(one["file"], f"SHA-256 {found}", wanted, FETCH))
    return wrong


def _pair(given: Path) -> tuple[Path, Path]:
    """Report and manifest of the file that was named."""
    for ending in (MANIFEST, ENDING, SIGNED_OFF):
        if given.name.endswith(ending):
            given = given.with_name(given.name.removesuffix(ending) + ".html")
    if given.suffix != ".html":
        given = _report_of(given)
    beside = given.with_name(f"{given.stem}{MANIFEST}")
    for path, what in ((given, "report"), (beside, "manifest")):
        if not path.is_file():
            raise NothingToVerify(
                f"{path}: found no such file, wanted the {what}. A report is verified with its manifest beside it: "
                "name the HTML of a report, and keep both files in one folder."
            )
    return given, beside


def _report_of(output: Path) -> Path:
    """The report that one of its further files belongs to, as the manifests beside it say."""
    for path in sorted(output.parent.glob(f"*{MANIFEST}")):
        stated = (_read(path)[0] or {}).get("outputs", [])
        if isinstance(stated, list) and any(is_output(one) and one["file"] == output.name for one in stated):
            return path.with_name(path.name.removesuffix(MANIFEST) + ".html")
    return output


def _text(data: dict[str, Any], name: str) -> str | None:
    value = data.get(name)
    return value if isinstance(value, str) else None


def _read(path: Path) -> tuple[dict[str, Any] | None, list[Wrong]]:
    """The manifest, and what is wrong with it; None where nothing can be read from it."""
    content = path.read_bytes()
    try:
        data = json.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        return None, [Wrong(path.name, f"no readable JSON ({error})", "the manifest as written", FETCH)]
    if not isinstance(data, dict) or not isinstance(data.get("report"), dict):
        return None, [Wrong(path.name, "another document", "the manifest of a report", FETCH)]
    return data, _of_itself(path, content, data)


def _of_itself(path: Path, content: bytes, data: dict[str, Any]) -> list[Wrong]:
    """What is wrong with a manifest held against itself: form, own hash, bytes, results."""
    if data.get("form") not in manifest.FORMS:
        wanted = " or ".join(repr(one) for one in manifest.FORMS)
        return [Wrong(path.name, f"the form {data.get('form')!r}", wanted, "Verify it with a newer workbench.")]
    rest = {name: value for name, value in data.items() if name != manifest.SELF}
    expected = manifest.sha256(manifest.canonical(rest))
    if data.get(manifest.SELF) != expected:
        return [Wrong(path.name, f"a content of SHA-256 {expected}", f"the {manifest.SELF} it states", FETCH)]
    if manifest.canonical(data) != content:
        return [Wrong(path.name, "other blanks or order than written", "the bytes as written", FETCH)]
    if data.get("content_hash") != manifest.hash_of_results(data.get("run_id", ""), data.get("results", [])):
        return [Wrong(path.name, "results that do not give its content hash", "results and hash of one run", FETCH)]
    runs = data.get("run_ids")  # of reports of several runs; older manifests name one only
    if runs is not None and data.get("run_id") != manifest.one_run_id(runs):
        return [Wrong(path.name, "a run id that its runs do not give", "run_id and run_ids of one report", FETCH)]
    return []


def _against_manifest(report: Path, html: bytes, data: dict[str, Any]) -> list[Wrong]:
    wrong = []
    stated = data["report"]
    found = manifest.sha256(html)
    if found != stated.get("sha256"):
        wrong.append(Wrong(report.name, f"SHA-256 {found}", f"{stated.get('sha256')} as the manifest states", FETCH))
    if report.name != stated.get("file"):
        todo = "Give the report its own name back, or verify it with its own manifest."
        wrong.append(Wrong(report.name, "this name", f"{stated.get('file')} as the manifest states", todo))
    if not wrong:
        for meta, name in ((b"run-id", "run_id"), (b"content-hash", "content_hash")):
            there = re.search(rb'<meta name="' + meta + rb'" content="([^"]*)">', html)
            if there is None or there[1].decode("utf-8", "replace") != data.get(name):
                wrong.append(Wrong(report.name, f"another {name}", f"{data.get(name)} as the manifest states", FETCH))
    return wrong
