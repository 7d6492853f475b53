"""Clean JSON is read at once into columns, any other record by record: both ways say the same of every file.

The reader that looks at each record is the other way of working: whatever the quick one takes must come out of the
check as if it had never been there.
"""

from __future__ import annotations

import importlib.util
import json
import random
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import all_jobs, load, store
from loaders.errors import UnreadableFile
from loaders.sources.folder import scope_of
from loaders.steps import read_alike
from loaders.steps.check import Checked, check
from loaders.steps.check_alike import check_alike
from loaders.steps.read import of_jobs, read, read_as
from loaders.store.parts import rows_hash


def _beside(name: str) -> Any:
    """A module of this folder; tests are no package."""
    spec = importlib.util.spec_from_file_location(f"at_once_{name}", Path(__file__).parent / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


mutations = _beside("mutations")
samples = _beside("test_job_samples")
PN = {
    "dataset": "PN",
    "settlementDate": "2024-01-15",
    "settlementPeriod": 7,
    "timeFrom": "2024-01-15T03:00:00Z",
    "timeTo": "2024-01-15T03:30:00Z",
    "levelFrom": 100,
    "levelTo": 100,
    "nationalGridBmUnit": "SYN-1",
    "bmUnit": "T_SYN-1",
}
FILE = "SYNTHETIC_PN_2024-01-15.json"


@pytest.fixture(autouse=True)
def small_files_too(monkeypatch):
    monkeypatch.setattr(read_alike, "WORTH_IT", 0)


def nobody(_dataset: str) -> None:
    return None


def one_by_one(file: str, data: bytes) -> tuple[str, Checked] | str:
    """The job of a file and what it holds, by the reader of records; or why it cannot be read."""
    try:
        found = [
            (job, read_as(job, file, data, raw)) for job, raw in of_jobs(all_jobs().values(), file, read(file, data))
        ]
        ((job, raw),) = found or [(None, None)]
        return (job.job, check(file, job, raw, scope_of(file), nobody)) if job else "no job"
    except UnreadableFile as error:
        return str(error.args[0])


def at_once(files: Sequence[tuple[str, bytes]]) -> list[tuple[str, Checked] | str | None]:
    """The same of files that are read together; None for one that is left to the reader of records."""
    found = read_alike.Alike(all_jobs().values()).read(files)
    result: list[tuple[str, Checked] | str | None] = [None] * len(files)
    jobs = {one[0].job for one in found if one}
    for job in jobs:
        of_it = [(n, files[n][0], one[1]) for n, one in enumerate(found) if one and one[0].job == job]
        parts = [(file, raw, scope_of(file)) for _, file, raw in of_it]
        for (n, file, raw), checked in zip(of_it, check_alike(all_jobs()[job], parts, nobody), strict=True):
            try:
                result[n] = (job, checked or check(file, all_jobs()[job], raw, scope_of(file), nobody))
            except UnreadableFile as error:
                result[n] = str(error.args[0])
    return result


def plain(said: tuple[str, Checked] | str) -> Any:
    """What is said of a file, to be compared: rows to the last bit, and all that is told of them."""
    if isinstance(said, str):
        return said
    job, checked = said
    tables = [
        {
            "rows": [(rows_hash(rows), rows.column("source_row").to_pylist()) for rows in (one.rows, one.gone)],
            "lost": one.lost.to_pylist(),
            "headed": one.headed.to_pylist(),
            "torn": one.torn,
            **{name: getattr(one, name) for name in ("marks", "arrivals", "speaks_for", "mended")},
        }
        for one in checked.tables
    ]
    told = (checked.refusals, checked.findings, checked.not_kept, checked.rows_read, checked.rows_refused)
    return job, tables, told


def hold_alike(files: Sequence[tuple[str, bytes]]) -> int:
    """Both ways say the same; gives how many files were read at once."""
    quick = at_once(files)
    for (file, data), said in zip(files, quick, strict=True):
        if said is not None:
            assert plain(said) == plain(one_by_one(file, data)), (file, data[:2000])
    return sum(said is not None for said in quick)


def json_samples() -> list[tuple[str, bytes]]:
    files = [path for job in samples.JOBS for path in samples.raw_files(job) if path.suffix == ".json"]
    return [(path.name, path.read_bytes()) for path in files]


def test_every_sample_says_the_same_by_either_way():
    files = json_samples()

    assert hold_alike(files) > len(files) * 0.7


def test_samples_written_compactly_say_the_same_by_either_way():
    files = [(name, json.dumps(json.loads(data), separators=(",", ":")).encode()) for name, data in json_samples()]

    assert hold_alike(files) > len(files) * 0.7


HUGE = ("a hundred thousand fields", "one row a thousand times")  # a few of such take as long as all of others


@pytest.mark.parametrize("mutation", sorted(mutations.LIGHT))
def test_a_damaged_sample_says_the_same_by_either_way(mutation, seed):
    rng = random.Random(f"{seed} {mutation}")
    damaged = []
    files = json_samples()
    for name, data in rng.sample(files, 8 if mutation in HUGE else 30):
        try:
            changed = mutations.LIGHT[mutation](rng, data)
        except (TypeError, AttributeError):  # it wants records with fields, and there is a list of names
            continue
        if changed is not None:
            damaged.append((name, changed))

    hold_alike(damaged)


def answer(*records: dict[str, Any]) -> bytes:
    return json.dumps(records, separators=(",", ":")).encode()


def with_level(token: str) -> bytes:
    return answer(PN, PN | {"bmUnit": "T_SYN-2", "levelFrom": "here"}).replace(b'"here"', token.encode())


def level_of(data: bytes) -> float | None:
    """The level of the second record as it was read at once; None where it was left to the other reader."""
    said = at_once([(FILE, data)])[0]
    return said[1].tables[0].rows.column("level_from_mw")[1].as_py() if isinstance(said, tuple) else None


@settings(max_examples=300, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_decimal_is_the_nearest_double_to_the_last_bit(number):
    found = level_of(with_level(repr(number)))

    assert found is not None
    assert struct.pack("d", found) == struct.pack("d", number)


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True))
def test_a_number_however_written_is_read_as_python_reads_it(token):
    hold_alike([(FILE, with_level(token))])


@pytest.mark.parametrize(
    "token", ["NaN", "Infinity", "-", "+1", ".5", "1.", "01", "-01", "1e", "1e+", "--1", "1.e3", "0x1", "1_000", "tru"]
)
def test_what_is_no_number_is_left_to_the_other_reader(token):
    assert level_of(with_level(token)) is None


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=6), st.booleans())
def test_a_text_is_kept_as_the_other_reader_keeps_it(text, ascii):
    data = json.dumps([PN, PN | {"bmUnit": text}, PN | {"bmUnit": text + "x"}], ensure_ascii=ascii)
    hold_alike([(FILE, data.encode(errors="surrogatepass"))])


FIELDS = sorted(PN)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(FIELDS),
            st.sampled_from(["drop", "null", "twice", "last"]) | st.integers() | st.booleans() | st.text(max_size=3),
        ),
        max_size=3,
    ),
    st.integers(1, 4),
)
def test_records_that_differ_say_the_same_by_either_way(changes, count):
    records = [PN | {"bmUnit": f"T_SYN-{n}"} for n in range(count)]
    texts = []
    for n, record in enumerate(records):
        pairs = list(record.items())
        for field, change in changes if n == count - 1 else ():
            at = next((k for k, (name, _) in enumerate(pairs) if name == field), None)
            if at is None:
                continue
            if change == "drop":
                del pairs[at]
            elif change == "twice":
                pairs.insert(at, pairs[at])
            elif change == "last":
                pairs.append(pairs.pop(at))
            else:
                pairs[at] = (field, None if change == "null" else change)
        texts.append("{" + ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in pairs) + "}")
    hold_alike([(FILE, ("[" + ",".join(texts) + "]").encode())])


@pytest.mark.parametrize(
    "frame",
    ["[%s", "%s]", "[%s]]", "[%s],", "[%s]x", "[%s,]", "[,%s]", '{"data":[%s]}', '{"data":[%s]',
     '{"data":[%s],"data":[]}',
     '{"metadata":{"datasets":["BOD"]},"data":[%s]}', '{"metadata":{"datasets":["PN"]},"data":[%s]}',
     '{"metadata":{},"metadata":{},"data":[%s]}', '{"x":{"data":[%s]},"data":[]}', '{"data":[%s],"more":1}',
     '{"metadata":1,,"data":[%s]}', '{"metadata":1 "data":[%s]}', '{,"data":[%s]}', ' \n[ %s ]\n ', "\x0c[%s]"],
)  # fmt: skip
def test_a_frame_says_the_same_by_either_way(frame):
    hold_alike([(FILE, frame.encode() % answer(PN, PN | {"bmUnit": "T_SYN-2"})[1:-1])])


def test_files_that_break_a_rule_are_told_of_beside_clean_ones_as_if_alone():
    broken = [
        PN | {"settlementPeriod": 49},
        PN | {"timeTo": "2024-01-15T03:20:00Z"},
        PN | {"timeTo": "2024-01-15T02:20:00Z"},
        PN | {"bmUnit": None},
        PN | {"settlementDate": "2024-02-30"},
        PN | {"settlementDate": "1800-01-01"},
    ]
    files = [(f"SYNTHETIC_PN_2024-01-15_07_{n}.json", answer(PN, record)) for n, record in enumerate(broken)]
    # The same key in two files is no fault of either.
    files += [("SYNTHETIC_PN_2024-01-15_07_a.json", answer(PN)), ("SYNTHETIC_PN_2024-01-15_07_b.json", answer(PN))]
    files += [("SYNTHETIC_PN_2024-01-15_08.json", answer(PN)), ("SYNTHETIC_PN.json", answer(PN, PN))]

    assert hold_alike(files) > 3


def test_a_load_keeps_the_same_whichever_way_files_are_read(tmp_path, monkeypatch):
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name, data in json_samples():
        (folder / name).write_bytes(data)
    kept = {}
    for way, least in (("at once", 0), ("one by one", sys.maxsize)):
        monkeypatch.setattr(read_alike, "WORTH_IT", least)
        monkeypatch.setattr(read_alike, "_COMPILED", "no such module" if least else read_alike._COMPILED)
        report = load(folder, tmp_path / way)
        opened = store.open(tmp_path / way)
        datasets = sorted({table.dataset for job in all_jobs().values() for table in job.tables.values()})
        kept[way] = (
            [(one.file, one.outcome, one.job, one.rows_read, one.new, one.findings) for one in report.files],
            {
                name: [(rows_hash(rows), rows["source_row"].to_pylist()) for rows in [opened.rows(name)]]
                for name in datasets
            },
            [(one.file, one.row, one.found) for one in opened.quarantine()],
        )
        opened.close()

    assert kept["at once"] == kept["one by one"]
