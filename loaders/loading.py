"""The walk of files through the stations: land, read, check, keep.

Files of one job are kept in one step; a file that no job knows, or that cannot be read, is a finding, and the
others load. A bounded number of bytes is in memory at once, whatever is on offer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from loaders import store as stores
from loaders.candidates import Candidate, Incoming, Manner, candidates
from loaders.duty.walk import Walk, new_run_id
from loaders.errors import Finding, LoadError
from loaders.keeping import keep_batch, landing, unknown
from loaders.report import FileReport, LoadReport
from loaders.sources.folder import files_in
from loaders.steps.check import Checked
from loaders.store import archives
from loaders.store.database import writing
from loaders.store.loads import note_run

if TYPE_CHECKING:
    from loaders.store.session import Store

GROUP_BYTES = 64_000_000
GROUP_FILES = 1000
_ORDER_LAST = ("boalf", "physical_data")  # what refers to BM Units comes after them


def load(
    folder_or_files: Path | str | Iterable[Path | str],
    home: Path | str,
    told: Callable[[str], None] | None = None,
    store: Store | None = None,
    manner: Manner | None = None,
) -> LoadReport:
    """Take files into the workspace in folder `home`, and say what became of each.

    told    called with the name of each file as it is taken up, for a progress bar
    store   an open store of that workspace, when there is one
    manner  how: kept, or only said what would be
    Raises LoadError when the folder or a file is not there.
    """
    offered = [Incoming.of_path(path) for path in _paths(folder_or_files)]
    own = store or stores.open(Path(home))
    try:
        return take(own, offered, told, manner or Manner())
    finally:
        if store is None:
            own.close()


def take(
    store: Store,
    offered: Sequence[Incoming],
    told: Callable[[str], None] | None = None,
    manner: Manner | None = None,
    together: bool = False,
    upto: datetime | None = None,
    parent: str | None = None,
) -> LoadReport:
    """Take files on offer into a store.

    together  as one, however many bytes they are: later ones count before earlier ones, and none of them alone
    upto      how far their job has come with them; only of files of one job
    parent    id of the run that this one is part of
    """
    manner = manner or Manner()
    before = store.version()
    run = parent or new_run_id()
    reports: list[list[FileReport]] = [[] for _ in offered]
    withdrawn = 0
    found = candidates(store, offered, manner, told)
    for group in [list(found)] if together else _groups(found):
        waiting: dict[str, list[Candidate]] = {}
        for candidate in group:
            if candidate.archive:
                reports[candidate.place].append(_keep_archive(store, candidate, manner))
            elif candidate.job is None or candidate.repeated:
                reports[candidate.place].append(_set_aside(store, candidate, manner))
            else:
                waiting.setdefault(candidate.job.job, []).append(candidate)
        for name in sorted(waiting, key=lambda job: (job in _ORDER_LAST, job)):
            kept, gone = keep_batch(store, waiting[name], manner, Walk(store.engine, name, run), upto)
            for candidate, report in zip(waiting[name], kept, strict=True):
                reports[candidate.place].append(report)
            withdrawn += gone
            waiting[name].clear()
        group.clear()  # else its bytes would be held while those of the next are read
    told_once = [report for of_file in reports for report in _each_fault_once(of_file)]
    return LoadReport(told_once, withdrawn, before, store.version())


def _each_fault_once(reports: Sequence[FileReport]) -> Iterator[FileReport]:
    """The reports of one file; a fault of the file as a whole stands in the first that has it."""
    told: set[Finding] = set()
    for report in reports:
        yield replace(report, findings=[finding for finding in report.findings if finding not in told])
        told.update(report.findings)


def _paths(place_: Path | str | Iterable[Path | str]) -> list[Path]:
    named = Path(place_) if isinstance(place_, str | Path) else [Path(path) for path in place_]
    for path in [named] if isinstance(named, Path) else named:
        if not path.exists():
            raise LoadError(f"{path}: found nothing, wanted a folder or file. Correct the name.")
    return files_in(named)


def _groups(found: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    """Files that are in memory together."""
    group: list[Candidate] = []
    filled = 0
    for candidate in found:
        group.append(candidate)
        filled += len(candidate.data)
        if filled > GROUP_BYTES or len(group) == GROUP_FILES:
            yield group
            group, filled = [], 0
    if group:
        yield group


def _set_aside(store: Store, candidate: Candidate, manner: Manner) -> FileReport:
    """A repeat is noted and does nothing; a file that no job knows, or that its archive does not give, is a finding."""
    if candidate.repeated:
        noted = landing(candidate, Checked(), "repeated")
        if manner.keeps:
            with writing(store.engine) as connection:
                note_run(connection, noted, None, datetime.now(UTC))
        return FileReport(candidate.name, "repeated", candidate.repeated, candidate.landing, noted.synthetic)
    finding = candidate.stopped or unknown(candidate)
    if candidate.lost:
        return FileReport(candidate.name, "refused", None, candidate.landing, findings=[finding])
    warning = replace(finding, weight="warning")
    return FileReport(candidate.name, "unknown", None, candidate.landing, findings=[warning])


def _keep_archive(store: Store, candidate: Candidate, manner: Manner) -> FileReport:
    received = landing(candidate, Checked(), "unpacked")
    outcome = "unpacked" if not manner.keeps or archives.keep(store, received) else "repeated"
    return FileReport(candidate.name, outcome, None, candidate.landing, received.synthetic)
