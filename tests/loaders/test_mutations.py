"""Damaged files: no traceback, no row lost in silence, and the workspace is as good afterwards as before."""

from __future__ import annotations

import gzip
import importlib.util
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from loaders import all_jobs, load, store
from loaders.report import FileReport


def _beside(name: str) -> Any:
    """A module of this folder; tests are no package."""
    spec = importlib.util.spec_from_file_location(f"loaders_tests_{name}", Path(__file__).parent / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


mutations = _beside("mutations")
samples = _beside("test_job_samples")

JOBS = sorted(all_jobs())
SHORT, LONG = 5, 50
WITNESS = ("market_index", "lolpdrm")  # a good sample that must load after each damaged one; the other for its own kind


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new workspace to copy: making its tables takes longer than a load."""
    home = tmp_path_factory.mktemp("fresh") / "home"
    store.open(home).close()
    return home


def plain(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def held_rows(job: str, data: bytes) -> list[int] | None:
    """The places of the rows in a damaged file, counted without the loader; None where nobody can count them."""
    try:
        text = (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).decode(errors="surrogateescape")
    except (EOFError, OSError):
        return None
    text = text.removeprefix("\ufeff")
    if text.lstrip()[:1] in ("[", "{"):
        try:
            said = json.loads(text, parse_int=str)  # of any number of digits
        except (ValueError, RecursionError):
            return None
        records = said.get("data", [said]) if isinstance(said, dict) else said
        if "json mapping" in all_jobs()[job].read.forms and isinstance(said, dict):
            records = list(said)
        return list(range(1, len(records) + 1)) if isinstance(records, list) else None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kinds = [kind for kind in all_jobs()[job].tables if kind]
    if kinds:
        return [n for n, line in enumerate(lines, start=1) if line[:3] in kinds or line.split(",")[0] in kinds]
    heading = next((n for n, line in enumerate(lines, start=1) if "," in line), len(lines))
    while heading < len(lines) and "".join(lines[:heading]).count('"') % 2:  # a line end within its quotes
        heading += 1
    return [n for n, line in enumerate(lines, start=1) if n > heading and line.strip()]


def check(job: str, name: str, data: bytes, file: FileReport, opened: Any) -> None:
    """What must hold of one damaged file, whatever was done to it."""
    about = f"{job}, {name}: {data[:2000]!r}\n{file.outcome} {[str(f) for f in file.findings]}"
    for finding in file.findings:
        assert finding.file == file.file, about
        assert finding.wanted, about
        assert finding.todo, about
        assert finding.found or finding.column, about
        assert len(finding.found) <= 500, about
        assert all(len(part) <= 255 for part in (finding.file, finding.column)), about
        json.dumps([finding.found, finding.column, finding.wanted, finding.todo], ensure_ascii=False).encode()
    if file.outcome != "kept":
        assert file.findings, about
        return
    kept: set[int] = set()
    for table in all_jobs()[job].tables.values():
        rows = opened.rows(table.dataset)
        kept |= {r["source_row"] for r in rows.to_pylist() if r["landing"] == file.landing}
    quarantined = {q.row for q in opened.quarantine() if q.landing == file.landing}
    told = {f.row for f in file.findings if f.weight == "refused"}
    assert told == quarantined, about
    if name == "a field twice in a record":  # a plain reader keeps the last of the two: the count would not tell
        assert told, about
    if 0 in told or any("break" in f.found or f.column == "ZZZ" for f in file.findings):
        return  # the file as a whole is told to be damaged
    held = held_rows(job, data)
    if held is None:
        assert told, about
        return
    lost = set(held) - kept - told - gone_rows(job, data) - continued(data, told)
    assert len(lost) <= sum(file.not_kept.values()), (about, lost)
    assert len(kept & told) == 0, about


def continued(data: bytes, told: set[int]) -> set[int]:
    """Lines of a CSV that belong to a row that was told of: a line end inside quotes begins no row."""
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    found: set[int] = set()
    for row in told:
        if lines[row - 1 : row] and lines[row - 1].count(b'"') % 2:
            inside = range(row + 1, len(lines) + 1)
            found |= set(inside[: next((n for n, line in enumerate(inside, 1) if lines[line - 1].count(b'"') % 2), 0)])
    return found


def gone_rows(job: str, data: bytes) -> set[int]:
    """Rows that say that their key is taken back: they are kept as a withdrawal, not as a row."""
    if job != "boalf":
        return set()
    said = json.loads(data.decode(errors="surrogateescape").removeprefix("\ufeff"))
    return {
        n
        for n, record in enumerate(said if isinstance(said, list) else said["data"], start=1)
        if isinstance(record, dict) and record.get("amendmentFlag") == "DEL"
    }


def damage(job: str, count: int, seed: int) -> list[tuple[str, str, bytes]]:
    """Damaged forms of the samples of a job: every mutation comes in its turn, over all jobs."""
    rng = random.Random(f"{seed} {job}")
    names = sorted(mutations.LIGHT)
    random.Random(seed).shuffle(names)
    made: list[tuple[str, str, bytes]] = []
    turn = JOBS.index(job) * SHORT
    paths = samples.raw_files(job)
    while len(made) < count:
        name = names[turn % len(names)]
        turn += 1
        path = rng.choice(paths)
        try:
            data = mutations.LIGHT[name](rng, plain(path))
        except (TypeError, AttributeError):  # it wants records with fields, and there is a list of names
            data = None
        if data is not None and data != plain(path):
            made.append((name, path.name, data))
    return made


def hold(job: str, count: int, seed: int, fresh: Path, tmp_path: Path) -> None:
    """Each damaged file goes into a workspace of its own, and a good file of another job after the first."""
    witness = WITNESS[0] if "market_index" not in job else WITNESS[1]
    ((dataset, wanted),) = samples.expected_rows(witness).items()
    for number, (name, file, data) in enumerate(damage(job, count, seed)):
        home = tmp_path / str(number) / "home"
        shutil.copytree(fresh, home)
        path = home.parent / file
        path.write_bytes(data)
        opened = store.open(home)
        try:
            reports = load([path], home, store=opened).files
            before = opened.version()
            if number == 0:
                load(samples.raw_files(witness), home, store=opened)
        except Exception as error:
            raise AssertionError(f"{job}, {name}, seed {seed}: {error!r}\n{data[:2000]!r}") from error
        assert reports
        if len(reports) == 1:  # what is damaged beyond its job has one report; a flow has one for each of its jobs
            check(reports[0].job or job, name, data, reports[0], opened)
        if number == 0:
            assert opened.version() == before + 1
            rows = [{k: v for k, v in row.items() if k != "landing"} for row in opened.rows(dataset).to_pylist()]
            assert rows == wanted
        opened.close()
        shutil.rmtree(home.parent)


@pytest.mark.parametrize("job", JOBS)
def test_a_damaged_file_loses_no_row_in_silence_and_harms_no_other(job, seed, fresh, tmp_path):
    hold(job, SHORT, seed, fresh, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("job", JOBS)
def test_fifty_damaged_files_lose_no_row_in_silence_and_harm_no_other(job, seed, fresh, tmp_path):
    hold(job, LONG, seed, fresh, tmp_path)


CHILD = """
import resource, sys
from pathlib import Path
from loaders import load, store
import loaders.loading, loaders.store.reading, loaders.store.parts
opened = store.open(Path(sys.argv[2]))
load(Path(sys.argv[3]), Path(sys.argv[2]), store=opened)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
report = load(Path(sys.argv[1]), Path(sys.argv[2]), store=opened)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, not report.good, *[f.outcome for f in report.files])
"""


@pytest.mark.parametrize("name", sorted(mutations.HEAVY))
@pytest.mark.parametrize("job", ["pn", "price_history", "e0141_contracts"])
def test_a_file_that_would_fill_the_memory_is_refused_in_little(job, name, seed, fresh, tmp_path):
    """In a process of its own: at most 150 MB beyond what a good file of the job takes."""
    good = samples.raw_files(job)[-1]
    home = tmp_path / "home"
    shutil.copytree(fresh, home)
    (tmp_path / good.name).write_bytes(mutations.HEAVY[name](random.Random(seed), plain(good)))

    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path / good.name), str(home), str(good)],
        capture_output=True,
        text=True,
        check=True,
    )

    kilobytes, bad, *outcomes = child.stdout.split()
    assert int(kilobytes) < 150_000
    assert set(outcomes) <= {"kept", "refused", "unknown"}
    assert name != "gzip bomb" or (bad, outcomes) == ("True", ["refused"])


@pytest.mark.parametrize("colon", [":", " :", "\n:"])
def test_a_field_that_stands_twice_in_a_record_costs_the_record(desk, colon):
    """Which of the two holds is not guessed at, be there blanks before the colon or not."""
    rows = [desk.pn_row(f"T_SYN-{number}", 0, 30) for number in (1, 2, 3)]
    text = json.dumps(rows).replace('"bmUnit": "T_SYN-2"', f'"bmUnit": "T_SYN-2", "levelTo"{colon} 7')

    report = desk.load_files({"SYNTHETIC_PN_2024-01-15.json": text})

    assert [(f.row, f.column, f.found) for f in report.findings] == [(2, "levelTo", "the field twice: 100 and 7")]
    assert [row["bm_unit"] for row in desk.rows("physical_notifications")] == ["T_SYN-1", "T_SYN-3"]
    assert desk.marks("physical_notifications") == [(None, None)]


def test_an_odd_value_where_others_have_an_object_is_refused_and_not_passed_over(desk):
    """Pair volumes are fields of an object; a number in its place is no empty object."""
    (path,) = samples.raw_files("boav")
    said = json.loads(path.read_text())
    said["data"][1]["pairVolumes"] = 5

    report = desk.load_files({path.name: said})

    assert [f.row for f in report.findings if f.weight == "refused"] == [2]


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1899-12-31"])
def test_a_day_that_no_calendar_tells_the_periods_of_costs_its_row(desk, day):
    rows = [desk.adjustment_row(1), desk.adjustment_row(2, settlementDate=day)]

    report = desk.load_files({"SYNTHETIC_DISBSAD_2024-01-15.json": rows})

    assert [(f.row, f.column, f.found) for f in report.findings] == [(2, "settlement_date", day)]
    assert [row["adjustment_id"] for row in desk.rows("adjustment_actions", None)] == [1]
    assert desk.store.arrivals("adjustment_actions", desk.day)[0].settlement_date == desk.day


def test_a_torn_quote_costs_its_line_and_not_the_lines_after_it(desk):
    head = "parameter,value,unit,effective_from,notice\n"
    lines = [f"credit_price,0.0{number},,2018-11-0{number},notice {number}\n" for number in range(1, 6)]
    lines[1] = lines[1].replace("notice 2", '"notice 2')

    report = desk.load_files({"SYNTHETIC_parameter_notices_SF.csv": head + "".join(lines)})

    assert [f.row for f in report.findings] == [3]
    assert [row["source_row"] for row in desk.rows("parameter_notices", None)] == [2, 4, 5, 6]
