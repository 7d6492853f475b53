"""Samples that tell their columns apart: one whose columns are alike would hide a mapping that swaps them.

The values of two columns of one type are swapped in the raw file, as if the job named the
wrong one of two fields; then the rows may not be those expected, or there is a finding.
"""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
import itertools
import json
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from loaders import all_jobs
from loaders.errors import Finding, UnreadableFile
from loaders.formats.pipe_flow import checksum
from loaders.formats.text import plain_name
from loaders.job import Column
from loaders.sources.folder import scope_of
from loaders.steps.check import check
from loaders.steps.read import of_jobs, read
from loaders.steps.read import read_as as samples_read_as

_spec = importlib.util.spec_from_file_location("samples_of_jobs", Path(__file__).parent / "test_job_samples.py")
assert _spec
assert _spec.loader
samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(samples)

JOBS = sorted(all_jobs())
SHORT = 12  # pairs of columns of a job


def pairs(job: str) -> list[tuple[str, str, str]]:
    """Record type and every two columns of one type that have fields of their own."""
    found = []
    for kind, table in all_jobs()[job].tables.items():
        own = {name: column for name, column in table.columns.items() if _has_a_field(column)}
        for _, same in itertools.groupby(sorted(own, key=lambda n: own[n].type), key=lambda n: own[n].type):
            found += [(kind, *pair) for pair in itertools.combinations(same, 2)]
    return found


def _has_a_field(column: Column) -> bool:
    return column.from_the_rows and ":" not in column.names[0]


def swapped(job: str, kind: str, one: Column, other: Column, data: bytes) -> bytes:
    """The file with the values of two columns in each other's place."""
    encoding = all_jobs()[job].read.encoding
    text = data.decode(encoding)
    if text.lstrip()[:1] in "[{":
        said = json.loads(text)
        looks = all_jobs()[job].read.names
        if looks:
            turned = [_swap_parts(looks, one.names[0], other.names[0], name, value) for name, value in said.items()]
            return json.dumps(dict(turned)).encode()
        for record in said if isinstance(said, list) else said.get("data", [said]):
            _swap_fields(record, one.names, other.names)
        return json.dumps(said).encode()
    if kind:
        return _swap_places(kind, int(one.names[0]), int(other.names[0]), text).encode(encoding)
    rows = list(csv.reader(io.StringIO(text)))
    head = next(number for number, row in enumerate(rows) if len(row) > 1)
    a, b = (_place(rows[head], column.names) for column in (one, other))
    for row in rows[head + 1 :]:
        row[a], row[b] = row[b], row[a]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode(encoding)


def _place(headings: list[str], names: tuple[str, ...]) -> int:
    """Where a heading stands: as it is written, or else without case and signs."""
    exact = next((headings.index(name) for name in names if name in headings), None)
    bare = [plain_name(heading) for heading in headings]
    return next(bare.index(plain_name(n)) for n in names if plain_name(n) in bare) if exact is None else exact


def _swap_fields(record: dict[str, Any], one: tuple[str, ...], other: tuple[str, ...]) -> None:
    def place(names: tuple[str, ...]) -> tuple[Any, str]:
        for name in names:
            within, _, last = name.rpartition(".")
            holder = record.get(within) if within else record
            if isinstance(holder, dict) and last in holder:
                return holder, last
        return {}, ""

    (here, a), (there, b) = place(one), place(other)
    if a and b:
        here[a], there[b] = there[b], here[a]


def _swap_parts(looks: str, one: str, other: str, name: str, value: str) -> tuple[str, str]:
    """A name and its value, with two parts of the name, or one and the value, in each other's place."""
    found = re.fullmatch(looks, name)
    assert found
    texts = {"name": name, "value": value} | found.groupdict()
    texts[one], texts[other] = texts[other], texts[one]
    if "name" in (one, other):
        return texts["name"] or "", texts["value"] or ""
    for part in sorted(found.groupdict(), key=found.start, reverse=True):
        if found.start(part) >= 0:
            name = name[: found.start(part)] + (texts[part] or "") + name[found.end(part) :]
    return name, texts["value"] or ""


def _swap_places(kind: str, one: int, other: int, text: str) -> str:
    separator = "|" if text.startswith("AAA|") else ","
    lines = text.splitlines()
    for number, line in enumerate(lines):
        fields = line.split(separator)
        there = len(fields) - (separator == "|")  # an older version is narrower
        if fields[0] == kind and max(one, other) < there:
            fields[one], fields[other] = fields[other], fields[one]
            lines[number] = separator.join(fields)
    if separator == "|":  # else the checksum would tell what the columns should
        count = lines[-1].split("|")[1]
        lines[-1] = f"ZZZ|{count}|{checksum([line.encode() for line in lines[:-1]])}|"
    return "\n".join(lines) + "\n"


def read_as(job: str, kind: str, files: dict[str, bytes]) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Rows of one kind, and findings, of some files; a file that cannot be read is a finding."""
    rows, findings = [], []
    for name, data in files.items():
        try:
            for known, part in of_jobs([all_jobs()[job]], name, read(name, data)):
                raw = samples_read_as(known, name, data, part)
                checked = check(name, known, raw, scope_of(name), lambda _: None)
                rows += checked.tables[list(known.tables).index(kind)].rows.to_pylist()
                findings += checked.findings
        except UnreadableFile as error:
            findings.append(error.args[0])
    return rows, findings


def alike(job: str, some: Sequence[tuple[str, str, str]]) -> list[tuple[str, ...]]:
    """Those of some pairs of columns whose swap nobody would notice."""
    unnoticed = []
    files = {}
    for path in samples.raw_files(job):
        data = path.read_bytes()
        files[path.name.removesuffix(".gz")] = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    wanted = {kind: read_as(job, kind, files) for kind in {kind for kind, _, _ in some}}
    assert all(rows for rows, _ in wanted.values()), "a sample without rows of a kind tells nothing of its columns"
    for kind, one, other in some:
        columns = all_jobs()[job].tables[kind].columns
        turned = {name: swapped(job, kind, columns[one], columns[other], data) for name, data in files.items()}
        if read_as(job, kind, turned) == wanted[kind]:
            unnoticed.append((kind, one, other))
    return unnoticed


@pytest.mark.parametrize("job", JOBS)
def test_a_sample_shows_when_two_columns_are_swapped(job, seed):
    every = pairs(job)
    some = random.Random(f"{seed} {job}").sample(every, min(SHORT, len(every)))

    assert alike(job, some) == [], seed


@pytest.mark.long
@pytest.mark.parametrize("job", JOBS)
def test_a_sample_shows_when_any_two_columns_are_swapped(job):
    assert alike(job, pairs(job)) == []


def test_only_jobs_whose_columns_all_differ_in_type_have_nothing_to_swap():
    alone = [job for job in JOBS if not pairs(job)]

    assert all(len({c.type for c in columns_of(job)}) == len(columns_of(job)) for job in alone)
    assert len(alone) < len(JOBS) / 4


def columns_of(job: str) -> list[Column]:
    return [c for table in all_jobs()[job].tables.values() for c in table.columns.values() if _has_a_field(c)]
