"""Read clean JSON files many at a time, each straight to the columns of its job.

The job is found by the head of a file, by the rules of `steps.read`. A file that is not clean, or not written as its
first record is, is left for the reader that looks at each record.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace

from loaders.formats.json_columns import Plan, plan_for, read_alike, said_by
from loaders.formats.json_head import END, Head, head_of
from loaders.formats.raw import RawFile
from loaders.job import Job
from loaders.sources.folder import job_named, scope_of
from loaders.steps.read import find_job

# Below so many bytes of JSON, to bring in the compiled loops takes longer than to look at each record.
WORTH_IT = 4_000_000
_COMPILED = "loaders.formats.json_records"
_MOST_HEADS, _MOST_NAMES = 64, 5000  # a service meets files for ever
_DATED = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d([_-]\d\d?)?(?!\d)")


def undated(file: str) -> str:
    """A file name with zeros for its date and period: no job's names are told apart by these.

    >>> undated("SYNTHETIC_stack_bid_2024-01-15_07.json")
    'SYNTHETIC_stack_bid_0000-00-00_00.json'
    """
    return _DATED.sub(lambda found: re.sub(r"\d", "0", found.group()), file)


_MET = threading.local()


class Alike:
    """What is known of the heads and names of files met so far."""

    @classmethod
    def of(cls, jobs: Iterable[Job]) -> Alike:
        """What this thread knows of files of these jobs already."""
        wanted = list(jobs)
        known: Alike | None = getattr(_MET, "alike", None)
        if known is None or list(map(id, known.jobs)) != list(map(id, wanted)):
            known = _MET.alike = cls(wanted)
        return known

    def __init__(self, jobs: Iterable[Job]):
        self.jobs = list(jobs)
        self._heads: list[tuple[bytes, Head]] = []
        self._named: dict[str, Job | None] = {}
        self._found: dict[tuple[object, ...], Job | None] = {}
        self._plans: dict[tuple[object, ...], Plan | None] = {}

    def named(self, file: str) -> Job | None:
        """The job that a file name says, or None."""
        plain = undated(file)
        if plain not in self._named:
            if len(self._named) >= _MOST_NAMES:
                self._named.clear()
            self._named[plain] = job_named(self.jobs, file)
        return self._named[plain]

    def read(self, files: Sequence[tuple[str, bytes]]) -> list[tuple[Job, RawFile] | None]:
        """The job and the columns of each file; None for one that is to be read record by record."""
        found: list[tuple[Job, RawFile] | None] = [None] * len(files)
        size = sum(len(data) for _, data in files if data[:64].lstrip()[:1] in (b"[", b"{"))
        if size < WORTH_IT and _COMPILED not in sys.modules:
            return found
        heads = [self._head(data) for _, data in files]
        left = self._read(files, heads, found, range(len(files)))
        # One that begins as another and goes on otherwise may still be written alike in itself.
        own = {n: head_of(files[n][1]) for n in left}
        anew = [n for n in left if (mine := own[n]) and (before := heads[n]) and mine.shape != before.shape]
        self._read(files, [own.get(n) for n in range(len(files))], found, anew)
        return found

    def _read(
        self,
        files: Sequence[tuple[str, bytes]],
        heads: Sequence[Head | None],
        found: list[tuple[Job, RawFile] | None],
        places: Iterable[int],
    ) -> list[int]:
        """Read the files at some places; gives those that were not written as their head."""
        groups: dict[tuple[object, ...], list[int]] = {}
        for place in places:
            head, file = heads[place], files[place][0]
            job = self._job(file, head) if head else None
            # A side that only the volumes tell is told by looking at each.
            if head is None or job is None or (job.arrives_for == "period and side" and scope_of(file).side is None):
                continue
            groups.setdefault((job.job, head.shape), []).append(place)
        left = []
        for key, group in groups.items():
            some = [head for n in group if (head := heads[n])]
            plan = self._plan(key, str(key[0]), some[0])
            if plan is None:
                continue
            for n, raw in zip(group, read_alike(plan, some, [files[n][1] for n in group]), strict=True):
                found[n] = (plan.job, raw) if raw else None
                left += [] if raw else [n]
        return left

    def _plan(self, key: tuple[object, ...], job: str, head: Head) -> Plan | None:
        if key not in self._plans:
            self._plans[key] = plan_for(next(one for one in self.jobs if one.job == job), head)
        return self._plans[key]

    def _job(self, file: str, head: Head) -> Job | None:
        key = undated(file), head.says, head.fields
        if key not in self._found:
            if len(self._found) >= _MOST_NAMES:
                self._found.clear()
                self._plans.clear()
            self._found[key] = find_job(self.jobs, file, said_by(head))
        return self._found[key]

    def _head(self, data: bytes) -> Head | None:
        """The head of a file: as that of one that begins alike, where there is one."""
        for number, (start, known) in enumerate(self._heads):
            if data.startswith(start) and (end := END.search(data, max(0, len(data) - 64))):
                if bool(end.group(2)) != start.lstrip().startswith(b"{"):
                    return None
                self._heads.insert(0, self._heads.pop(number))
                return replace(known, end=end.start(1))
        head = head_of(data)
        if head:
            del self._heads[_MOST_HEADS:]
            self._heads.insert(0, (data[: head.begin + len(head.literals[0])], head))
        return head
