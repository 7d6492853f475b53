"""Files of an SFTP server: those of a folder that a job's pattern names and that are not kept already.

Nothing is written, moved or removed there. The host must be in the file of known hosts:
an unknown or changed key is refused, with its fingerprint, before a password is sent.
"""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from loaders.errors import Finding
from loaders.job import Job
from loaders.sources.answers import Answer, Failure
from loaders.sources.folder import named_by
from loaders.sources.questions import Question
from loaders.sources.settings import Settings
from loaders.sources.sftp_server import NoEntry, Server

if TYPE_CHECKING:
    import paramiko

PART = 1 << 20  # bytes read between two looks at the clock


@dataclass(frozen=True)
class RemoteFile:
    """A file as the server lists it; `changed` is its time of change in seconds since 1970."""

    name: str
    size: int
    changed: int


def files(
    job: Job,
    settings: Settings,
    met: Callable[[RemoteFile], bool] = lambda _: False,
    told: Callable[[str], None] | None = None,
) -> Iterator[Answer | Failure]:
    """The files of the job's folder that have not been met, oldest first, or why one did not come.

    met   says whether a file is kept already; such a file is not fetched
    told  called with the name of each file before it is fetched
    Raises WrongSettings when the server, its user or its known hosts are not named.
    """
    folder = PurePosixPath(job.fetch.path)
    with Server(settings) as server:
        try:
            listed = server.attempt(lambda sftp: _listed(sftp, job, folder))
        except NoEntry as error:
            yield _failure(job, server, str(folder), f"{job.job}_listing", error)
            return
        for remote in sorted(listed, key=lambda one: (one.changed, one.name)):
            if met(remote):
                continue
            if told:
                told(remote.name)
            yield _taken(job, server, folder / remote.name, remote)


def _listed(sftp: paramiko.SFTPClient, job: Job, folder: PurePosixPath) -> list[RemoteFile]:
    found = []
    for entry in sftp.listdir_attr(str(folder)):
        # A name becomes the name of a file here, so none may lead elsewhere.
        if entry.filename.startswith(".") or "/" in entry.filename or "\\" in entry.filename:
            continue
        if not named_by(job, entry.filename):
            continue
        said = entry
        if stat.S_ISLNK(entry.st_mode or 0):
            said = sftp.stat(str(folder / entry.filename))
        if stat.S_ISREG(said.st_mode or 0):
            found.append(RemoteFile(entry.filename, said.st_size or 0, int(said.st_mtime or 0)))
    return found


def _taken(job: Job, server: Server, path: PurePosixPath, remote: RemoteFile) -> Answer | Failure:
    asked_at = datetime.now(UTC)
    try:
        data = server.attempt(lambda sftp: _read(sftp, path, remote, server.settings))
    except NoEntry as error:
        return _failure(job, server, str(path), remote.name, error)
    return Answer(
        question=Question(job.job, str(path), (), remote.name),
        name=remote.name,
        data=data,
        address=f"{server.address}{path}",
        asked_at=asked_at,
        published_at=datetime.fromtimestamp(remote.changed, UTC),
    )


def _read(sftp: paramiko.SFTPClient, path: PurePosixPath, remote: RemoteFile, settings: Settings) -> bytes:
    """The bytes of a file that stood still while it was read. Raises NoEntry."""
    limits = settings.limits
    if remote.size > limits.largest_answer:
        raise NoEntry(f"{remote.size:,} bytes", f"{limits.largest_answer:,} at most", "Ask the sender to divide it.")
    ends = time.monotonic() + limits.question
    parts: list[bytes] = []
    size = 0
    with sftp.open(str(path), "rb") as file:
        file.prefetch(remote.size)
        while part := file.read(PART):
            parts.append(part)
            size += len(part)
            if time.monotonic() > ends or size > limits.largest_answer:
                raise NoEntry("no end of the file in time", f"a file within {limits.question:g} s", "Ask again later.")
    after = sftp.stat(str(path))
    if (size, int(after.st_mtime or 0)) != (remote.size, remote.changed) or after.st_size != remote.size:
        raise NoEntry(
            f"{size:,} bytes of a file listed with {remote.size:,}, or changed since",
            "a file that stands still",
            "It is still being written: it is fetched the next time.",
        )
    return b"".join(parts)


def _failure(job: Job, server: Server, path: str, name: str, error: NoEntry) -> Failure:
    finding = Finding(name, 0, "", error.found, error.wanted, error.todo)
    question = Question(job.job, path, (), name)
    return Failure(question, name, finding, f"{server.address}{path}", datetime.now(UTC))
