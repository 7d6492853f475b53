"""A folder as one zip with one form only: names in order, fixed times, so that equal files give equal bytes."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from reports.found_wrong import FETCH, Wrong
from reports.verification import FolderVerdict, NothingToVerify, verify_folder

_TIME = (1980, 1, 1, 0, 0, 0)
_NAME = re.compile(r"[^/\\\x00-\x1f]+/[^/\\\x00-\x1f]+")


def zipped(name: str, files: Mapping[str, bytes]) -> bytes:
    """The bytes of a zip that holds files in one folder of a name."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for file in sorted(files):
            entry = zipfile.ZipInfo(f"{name}/{file}", _TIME)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, files[file], zipfile.ZIP_DEFLATED, 6)
    return held.getvalue()


def verify_zip(path: Path, keys: Sequence[Path] = (), revoked: Path | None = None) -> FolderVerdict:
    """Check every report of a zipped folder, and that the zip itself is what was written.

    Raises NothingToVerify for a zip that holds no report.
    """
    content = path.read_bytes()
    files, told = _files(path.name, content)
    if files is None:
        return FolderVerdict(path, (), told)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "pack"
        folder.mkdir()
        for file, held in files.items():
            (folder / file.split("/")[1]).write_bytes(held)
        try:
            verdict = verify_folder(folder, keys, revoked)
        except NothingToVerify:
            raise NothingToVerify(
                f"{path}: found no manifest in it, wanted a dispute pack. Correct the path."
            ) from None
    first = next(iter(files)).split("/")[0]
    wrong = list(verdict.wrong)
    if zipped(first, {name.split("/")[1]: held for name, held in files.items()}) != content:
        wrong.append(Wrong(path.name, "another order, time or packing than written", "the zip as written", FETCH))
    return replace(verdict, folder=path, wrong=tuple(wrong))


def _files(name: str, content: bytes) -> tuple[dict[str, bytes] | None, tuple[Wrong, ...]]:
    """Files of a zip by their path in it; None, and why, where it cannot be read."""
    found: dict[str, bytes] = {}
    member = ""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                member = entry.filename
                folders = {one.split("/")[0] for one in [*found, member]}
                if _NAME.fullmatch(member) is None or ".." in member.split("/") or len(folders) > 1 or member in found:
                    return None, (Wrong(name, f"the entry {member!r}", "files of one folder, each once", FETCH),)
                found[member] = archive.read(entry)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        where = f" at {member}" if member else ""
        return None, (Wrong(name, f"no readable zip{where} ({error})", "the zip as written", FETCH),)
    if not found:
        return None, (Wrong(name, "an empty zip", "the zip as written", FETCH),)
    return found, ()
