"""A large file is read in pieces and held to its job day by day: it says what it says when it is read whole.

The whole walk is the other way of working: whatever the pieces give must come out of it too, row and word.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import all_jobs
from loaders.errors import UnreadableFile
from loaders.formats import pieces
from loaders.sources.folder import scope_of
from loaders.steps.check import Checked, check
from loaders.steps.check_days import DividedTable, check_days
from loaders.steps.read import of_jobs, read, read_as
from loaders.steps.read_alike import Alike
from loaders.steps.read_pieces import Divided, read_divided
from loaders.store.files import OnDisk, sha256
from loaders.store.parts import rows_hash


def _beside(name: str) -> Any:
    """A module of this folder; tests are no package."""
    spec = importlib.util.spec_from_file_location(f"in_pieces_{name}", Path(__file__).parent / f"{name}.py")
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


def nobody(_dataset: str) -> frozenset[str]:
    """Some units are known: the others are told of."""
    return frozenset({"T_SYN-1"})


def whole(file: str, data: bytes) -> tuple[str, Checked] | str | None:
    try:
        raw = read(file, data)
        found = [(job, read_as(job, file, data, part)) for job, part in of_jobs(all_jobs().values(), file, raw)]
        return (found[0][0].job, check(file, *found[0], scope_of(file), nobody)) if len(found) == 1 else None
    except UnreadableFile as error:
        return str(error.args[0])


def in_pieces(file: str, data: bytes, size: int) -> tuple[str, Checked] | str | None:
    """The same of a file in pieces of a size; None where it is left to be read whole."""
    before = pieces.PIECE_BYTES, pieces.HEAD_BYTES
    pieces.PIECE_BYTES, pieces.HEAD_BYTES = size, max(size, 600)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "file").write_bytes(data)
            source = OnDisk(folder / "file", len(data))
            found = read_divided(Alike(all_jobs().values()), file, source, sha256(data), scope_of(file), folder)
            assert isinstance(found, Divided)
            if found.stopped:
                return str(found.stopped)
            checked = check_days(file, found, scope_of(file), nobody, folder)
            (table,) = checked.tables
            assert isinstance(table, DividedTable)
            days = [table.of_day(day) for day in sorted(table.days)]
            lost = [one for _, one in sorted(table.lost_of.items())]
            table.rows, table.gone = (
                (pa.concat_tables([table.rows, *some]) for some in zip(*((d.rows, d.gone) for d in days), strict=True))
                if days
                else (table.rows, table.gone)
            )
            table.lost = pa.concat_tables([table.lost, *lost])
            assert table.count == table.rows.num_rows
            return found.job.job, checked
    except pieces.NotCut:
        return None
    except UnreadableFile as error:
        return str(error.args[0])
    finally:
        pieces.PIECE_BYTES, pieces.HEAD_BYTES = before


def plain(said: tuple[str, Checked] | str) -> Any:
    """What is said of a file, to be compared: rows to the last bit, and all that is told of them."""
    if isinstance(said, str):
        return said
    job, checked = said
    (one,) = checked.tables
    lost = one.lost.to_pylist()
    tables = {
        "rows": [
            (rows_hash(rows), rows.column("source_row").to_pylist())
            for rows in (some.sort_by("source_row") for some in (one.rows, one.gone))
        ],
        # Rows without a day are in no partition: nothing is asked of them.
        "lost": sorted(str(row) for row in lost if row.get("settlement_date")),
        "torn": one.torn,
        "newest": one.newest,
        **{name: getattr(one, name) for name in ("marks", "arrivals", "speaks_for", "mended")},
    }
    told = (checked.refusals, checked.findings, checked.not_kept, checked.rows_read, checked.rows_refused)
    return job, tables, told


def hold_alike(file: str, data: bytes, *sizes: int) -> int:
    """Both ways say the same; gives how many sizes of pieces there were that the file could be cut to."""
    cut, wanted = 0, None
    for size in sizes:
        said = in_pieces(file, data, size)
        if said is not None:
            wanted = wanted or plain(whole(file, data) or "no job")
            assert plain(said) == wanted, (file, size, data[:2000])
            cut += 1
    return cut


def sample_files() -> list[tuple[str, bytes]]:
    files = [path for job in samples.JOBS for path in samples.raw_files(job) if path.suffix in (".json", ".csv")]
    broken = [path for job in samples.JOBS for path in sorted((samples.SAMPLES / job).glob("broken*"))]
    return [(path.name, path.read_bytes()) for path in [*files, *broken] if path.suffix in (".json", ".csv")]


def test_a_sample_of_a_dated_feed_says_the_same_in_pieces_of_any_size(seed):
    some = random.Random(f"{seed} samples").sample(sample_files(), 60)

    cut = sum(hold_alike(name, data, 1, 700, 5000) > 0 for name, data in some)

    assert cut > 20, seed


@pytest.mark.long
def test_every_sample_of_a_dated_feed_says_the_same_in_pieces_of_any_size():
    cut = sum(hold_alike(name, data, 1, 700, 5000) > 0 for name, data in sample_files())

    assert cut > 150


def hold_damaged(mutation: str, count: int, seed: int) -> None:
    rng = random.Random(f"{seed} {mutation} pieces")
    for name, data in rng.sample(sample_files(), count):
        try:
            changed = mutations.LIGHT[mutation](rng, data)
        except (TypeError, AttributeError, IndexError, ValueError):  # it wants records with fields, and there are none
            continue
        if changed is not None and len(changed) < 200_000:
            hold_alike(name, changed, rng.randrange(1, 3000))


@pytest.mark.parametrize("mutation", sorted(mutations.LIGHT))
def test_a_damaged_sample_says_the_same_in_pieces(mutation, seed):
    hold_damaged(mutation, 5, seed)


@pytest.mark.long
@pytest.mark.parametrize("mutation", sorted(mutations.LIGHT))
def test_twenty_damaged_samples_say_the_same_in_pieces(mutation, seed):
    hold_damaged(mutation, 20, seed)


def notifications(count: int, *changes: tuple[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """Units of several days in turn, with changes to some of them."""
    records = []
    for n in range(count):
        day = date(2024, 1, 15) + timedelta(days=n % 4)
        at = {"settlementDate": f"{day}", "timeFrom": f"{day}T03:00:00Z", "timeTo": f"{day}T03:30:00Z"}
        records.append(PN | at | {"bmUnit": f"T_SYN-{n // 4}"})
    for place, change in changes:
        records[place] = records[place] | change
    return records


def as_csv(records: Sequence[dict[str, Any]], ends: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for one in records for name in one)), lineterminator=ends)
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode()


FAULTS: dict[str, list[tuple[int, dict[str, Any]]]] = {
    "nothing": [],
    "a row without a day": [(17, {"settlementDate": "some day"})],
    "an empty day": [(18, {"settlementDate": ""})],
    "a key again, far away": [(38, {"bmUnit": "T_SYN-0", "settlementDate": "2024-01-15"} | {
        "timeFrom": "2024-01-15T03:00:00Z", "timeTo": "2024-01-15T03:30:00Z"})],
    "a profile torn": [(21, {"timeTo": "2024-01-16T03:20:00Z"})],
    "a line over midnight": [(22, {"timeTo": "2024-01-18T09:30:00Z"})],
    "a new field in the middle": [(20, {"somethingNew": 5})],
    "an object in the middle": [(20, {"levelFrom": {"low": 1, "high": "a, ] } b"}})],
    "a line break in a text": [(20, {"bmUnit": "T_SYN\n-5,\r\n"}), (25, {"bmUnit": '"', "levelTo": "x"})],
    "escapes": [(20, {"bmUnit": '\\"}],[{\\'}), (21, {"bmUnit": "é\\u00e9\\"}), (23, {"bmUnit": "]"})],
    "no field": [(20, {"levelFrom": None})],
    "a level that is a word": [(n, {"levelFrom": "high"}) for n in (3, 30)],
}  # fmt: skip


NAMES = ["SYNTHETIC_PN.txt", "SYNTHETIC_PN_2024-01-15.txt", "SYNTHETIC_PN_2024-01-15_07.txt"]


def written(fault: str) -> list[bytes]:
    """The records with a fault in every form that a file may have, whole and torn."""
    records = notifications(40, *FAULTS[fault])
    compact = json.dumps(records, separators=(",", ":"), ensure_ascii=False).encode()
    return [
        json.dumps(records).encode(),
        compact,
        json.dumps({"metadata": {"datasets": ["PN"]}, "data": records}, indent=1).encode().replace(b"\n", b"\r\n"),
        compact[: len(compact) * 2 // 3],
        compact.replace(b"},{", b"},,{", 1),
        b"\xef\xbb\xbf" + compact,
        as_csv(records, "\n"),
        as_csv(records, "\r\n"),
        b"\xef\xbb\xbf" + as_csv(records, "\n") + b'PN,"torn\n',
        b"SYNTHETIC,by hand\n\n"[10:] + as_csv(records, "\r\n")[:-30],
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_of_as_in_the_whole_file(fault, seed):
    """Two forms of each name, drawn anew each time."""
    rng = random.Random(f"{seed} {fault}")
    for name in NAMES:
        for data in rng.sample(written(fault), 2):
            assert hold_alike(name, data, 300, 1000, 2500) == 3, (seed, data[:300])


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", NAMES)
def test_a_fault_is_told_of_as_in_the_whole_file_in_every_form(fault, name):
    for data in written(fault):
        assert hold_alike(name, data, 300, 1000, 2500) == 3, data[:300]


def test_a_record_that_cannot_be_read_ends_the_file_in_pieces_too():
    data = json.dumps(notifications(40)).encode()
    torn = [
        data.replace(b'"T_SYN-5"', b'"T_SYN-"5"', 1),
        data.replace(b'"T_SYN-5"', b'"T_SYN-5', 1),
        data.replace(b'"T_SYN-5"}', b'"T_SYN-5"', 1),
        data.replace(b'"T_SYN-5"}', b'"T_SYN-5"}}', 1),
        data.replace(b'"T_SYN-5"}, ', b'"T_SYN-5"} ', 1),
        data.replace(b'"T_SYN-5"}, ', b'"T_SYN-5"}, nonsense, ', 1),
        data.replace(b'"T_SYN-5"}, ', b'"T_SYN-5"}, null, "word", ', 1),
        data[:-1] + b",]",
        data + b"more",
        data[:-1],
    ]

    assert sum(hold_alike("SYNTHETIC_PN.json", one, 300, 900) for one in torn) >= 12


def hold_random(size: int, faults: Any, form: str, end: int | None, text: str) -> None:
    changes = [(place, change) for place, fault in faults for _, change in FAULTS[fault]]
    records = notifications(40, *changes, (11, {"bmUnit": text}))
    if form == "csv":
        data = as_csv(records, "\n")
    else:
        said = records if form == "json" else {"metadata": {"datasets": ["PN"]}, "data": records}
        data = json.dumps(said, ensure_ascii=size % 2 == 0).encode()

    hold_alike("SYNTHETIC_PN.txt", data[:end], size)


def hold_quotes(text: str, size: int) -> None:
    data = as_csv(notifications(4), "\n") + text.encode() + b"\n" + as_csv(notifications(8), "\n").split(b"\n", 1)[1]

    hold_alike("SYNTHETIC_PN.csv", data, size)


of_any_size = given(
    st.integers(1, 4000),
    st.lists(st.tuples(st.integers(0, 39), st.sampled_from(sorted(FAULTS))), max_size=3),
    st.sampled_from(["json", "enveloped", "csv"]),
    st.none() | st.integers(200, 9000),
    st.text(st.sampled_from('",\n\r\\]}{x é'), max_size=8),
)
with_quotes = given(st.text(st.sampled_from('",\n\rx'), max_size=60), st.integers(1, 300))


@settings(max_examples=25, deadline=None)
@of_any_size
def test_pieces_of_any_size_say_the_same(size, faults, form, end, text):
    hold_random(size, faults, form, end, text)


@pytest.mark.long
@settings(max_examples=200, deadline=None)
@of_any_size
def test_pieces_of_any_size_say_the_same_two_hundred_times(size, faults, form, end, text):
    hold_random(size, faults, form, end, text)


@settings(max_examples=35, deadline=None)
@with_quotes
def test_quotes_at_random_places_of_a_csv_cost_the_same_lines(text, size):
    hold_quotes(text, size)


@pytest.mark.long
@settings(max_examples=300, deadline=None)
@with_quotes
def test_quotes_at_random_places_of_a_csv_cost_the_same_lines_three_hundred_times(text, size):
    hold_quotes(text, size)
