"""Every job has a sample as its sender writes it, and a broken one with what is to be said of it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pytest
import xlsxwriter

from loaders import all_jobs, load, store
from loaders.declared import dataset_named
from loaders.errors import Finding
from loaders.report import LoadReport

SAMPLES = Path(__file__).parent / "samples"
JOBS = sorted(all_jobs())
INSIGHTS = sorted(p.stem for p in Path(load.__code__.co_filename).parent.joinpath("jobs/insights").glob("*.yaml"))


def raw_files(job: str) -> list[Path]:
    return sorted(p for p in (SAMPLES / job).iterdir() if p.name.startswith("SYNTHETIC"))


def expected_rows(job: str) -> dict[str, list[dict[str, Any]]]:
    """What the sample says, by dataset, read by the plain csv module."""
    datasets = [table.dataset for table in all_jobs()[job].tables.values()]
    wanted = {}
    for dataset in datasets:
        path = SAMPLES / job / ("expected.csv" if len(datasets) == 1 else f"expected.{dataset}.csv")
        types = {name: column.type for name, column in dataset_named(dataset).columns.items()} | {
            "source_row": "integer"
        }
        with path.open(newline="", encoding="utf-8") as file:
            wanted[dataset] = [
                {name: value_of(text, types[name]) for name, text in row.items()} for row in csv.DictReader(file)
            ]
    return wanted


def value_of(text: str, kind: str) -> Any:
    if text == "":
        return None
    return {
        "text": str,
        "integer": int,
        "decimal": float,
        "flag": lambda t: {"true": True, "false": False}[t],
        "date": date.fromisoformat,
        "instant": lambda t: datetime.strptime(t, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
    }[kind](text)


def found_rows(home: Path, dataset: str) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k != "landing"} for row in store.open(home).rows(dataset).to_pylist()]


def test_every_job_has_a_sample_an_owner_and_a_licence():
    assert sorted(p.name for p in SAMPLES.iterdir()) == JOBS
    for name, job in all_jobs().items():
        assert job.owner, name
        assert job.licence, name
        assert raw_files(name), name
        assert "SYNTHETIC" in (SAMPLES / name / "provenance.txt").read_text(), name


@pytest.mark.parametrize("job", JOBS)
def test_a_sample_comes_out_as_expected_and_leads_back_to_its_bytes(job, tmp_path):
    wanted = expected_rows(job)

    report = load(raw_files(job), tmp_path)

    # A flow of several jobs goes to each; the sample has rows of one of them.
    assert {file.job for file in report.files if file.rows_read} == {job}
    assert report.findings == []
    for dataset, rows in wanted.items():
        assert rows
        assert found_rows(tmp_path, dataset) == rows
    leads_back_to_the_bytes(job, tmp_path)


def leads_back_to_the_bytes(job: str, home: Path) -> None:
    """Every row names the landing that it came from, whose bytes are there and are called synthetic."""
    opened = store.open(home)
    kept = {path.read_bytes() for path in raw_files(job)}
    for table in all_jobs()[job].tables.values():
        landings = set(opened.rows(table.dataset).column("landing").to_pylist())
        assert {opened.landing_bytes(name) for name in landings} <= kept
        assert all(row.synthetic for row in opened.landings(landings).values())


@pytest.mark.parametrize("job", JOBS)
def test_a_broken_sample_is_told_of_as_expected(job, tmp_path):
    with (SAMPLES / job / "findings.csv").open(newline="", encoding="utf-8") as file:
        wanted = [tuple(row.values()) for row in csv.DictReader(file)]
    broken = sorted((SAMPLES / job).glob("broken*"))

    report = load(broken, tmp_path)

    assert [file.job for file in report.files if file.rows_read] == [job]
    found = [(f.weight, str(f.row), f.column, f.found, f.wanted) for f in report.findings]
    assert sorted(found) == sorted(wanted)
    quarantined = store.open(tmp_path).quarantine()
    assert len(quarantined) == len(wanted)
    assert not report.good


def as_csv(records: list[dict[str, Any]], heading) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([heading(name) for name in records[0]])
    said = {True: "True", False: "False", None: ""}
    writer.writerows([[said[v] if v is None or isinstance(v, bool) else v for v in r.values()] for r in records])
    return out.getvalue()


def as_xml(records: list[dict[str, Any]], says: list[str]) -> str:
    def element(name: str, value: Any) -> str:
        if value is None:
            return f'<{name} xsi:nil="true"/>'
        if isinstance(value, dict):
            return f"<{name}>{''.join(element(*part) for part in value.items())}</{name}>"
        return f"<{name}>{str(value).lower() if isinstance(value, bool) else escape(str(value))}</{name}>"

    datasets = "".join(element("string", name) for name in says)
    rows = "".join(element("Row", record) for record in records)
    head = '<Response xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    return f"{head}<metadata><datasets>{datasets}</datasets></metadata><data>{rows}</data></Response>"


def as_workbook(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(place, column, cell, day)
                elif cell is not None:
                    sheet.write(place, column, cell)
    return out.getvalue()


SHAPES = {
    "bare list": lambda records, _: json.dumps(records),
    "under data": lambda records, says: json.dumps({"metadata": {"datasets": says}, "data": records}),
    "csv": lambda records, _: as_csv(records, lambda name: name),
    "csv with capitals": lambda records, _: as_csv(records, lambda name: name[0].upper() + name[1:]),
    "xml": as_xml,
    "excel": lambda records, _: as_workbook([list(records[0]), *(list(record.values()) for record in records)]),
}


def form_of(shape: str) -> str:
    """The form of a file: some feeds answer in one form only."""
    return next((form for form in ("csv", "xml", "excel") if shape.startswith(form)), "json")


# One packing a shape is enough.
PACKED = {
    "bare list": "gzip",
    "under data": "plain",
    "csv": "plain",
    "csv with capitals": "gzip",
    "xml": "zstd",
    "excel": "plain",
}
PACKS = {"plain": bytes, "gzip": gzip.compress, "zstd": lambda data: pa.compress(data, "zstd", asbytes=True)}


@pytest.mark.parametrize(("shape", "packed"), PACKED.items())
def test_answers_say_the_same_in_every_shape(shape, packed, seed, tmp_path):
    others, wanted = [], {}
    # A workbook is read in a process of its own, so that a sample of them has to do.
    jobs = random.Random(seed).sample(INSIGHTS, 20) if shape == "excel" else INSIGHTS
    for job in jobs:
        if form_of(shape) in all_jobs()[job].read.forms and is_flat(job):
            others.append(in_shape(job, shape, packed, tmp_path))
            headed = form_of(shape) in ("csv", "excel")
            wanted[job] = [row | {"source_row": row["source_row"] + headed} for row in rows_of(job)]

    report = load(others, tmp_path / "home")

    assert faults(report) == []
    assert {file.job for file in report.files} == set(wanted)
    for job, rows in wanted.items():
        (dataset,) = (table.dataset for table in all_jobs()[job].tables.values())
        assert found_rows(tmp_path / "home", dataset) == rows, job


def faults(report: LoadReport) -> list[Finding]:
    """Findings but for one: units of one sample are not in the register that is the sample of another job."""
    return [finding for finding in report.findings if not finding.wanted.endswith(" in bm_units")]


def is_flat(job: str) -> bool:
    """Whether an answer is a list of records that hold no list: others come in one shape only."""
    said = json.loads(raw_files(job)[0].read_text())
    records = said if isinstance(said, list) else said.get("data", [])
    return bool(records) and not any(
        isinstance(record, str) or any(isinstance(value, list) for value in record.values()) for record in records
    )


def rows_of(job: str) -> list[dict[str, Any]]:
    ((_, rows),) = expected_rows(job).items()
    return rows


def in_shape(job: str, shape: str, packed: str, folder: Path) -> Path:
    """The sample of a job written anew in another shape."""
    (sample,) = raw_files(job)
    said = json.loads(sample.read_text())
    records = said if isinstance(said, list) else said["data"]
    text = SHAPES[shape](records, list(all_jobs()[job].read.says))
    other = folder / f"{sample.stem}.{form_of(shape)}{'' if packed == 'plain' else '.packed'}"
    other.write_bytes(PACKS[packed](text if isinstance(text, bytes) else text.encode()))
    return other


def test_all_samples_load_at_once_and_a_second_time_write_nothing(tmp_path):
    files = [path for job in JOBS for path in raw_files(job)]

    first = load(files, tmp_path)
    kept = sorted(path.name for path in (tmp_path / "parts").iterdir())
    second = load(files, tmp_path)

    assert faults(first) == []
    # Several jobs feed one dataset: there the keys of all of them stand, and no others.
    wanted: dict[str, dict[tuple[Any, ...], list[Any]]] = defaultdict(dict)
    for job in JOBS:
        for dataset, rows in expected_rows(job).items():
            for row in rows:
                key = tuple(row[name] for name in dataset_named(dataset).keys)
                wanted[dataset].setdefault(key, []).append(row)
    for dataset, by_key in wanted.items():
        found = {tuple(row[name] for name in dataset_named(dataset).keys): row for row in found_rows(tmp_path, dataset)}
        assert found.keys() == by_key.keys(), dataset
        assert all(row in by_key[key] for key, row in found.items()), dataset
    assert {file.outcome for file in second.files} == {"repeated"}
    assert second.version == first.version
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == kept


PORTAL = sorted(job for job in JOBS if "csv" in all_jobs()[job].read.declared and job not in INSIGHTS)


@pytest.mark.parametrize("job", PORTAL)
def test_a_portal_file_says_the_same_as_a_workbook_with_real_dates_and_numbers(job, tmp_path):
    read_by = all_jobs()[job]
    (table,) = read_by.tables.values()
    sample = next(file for file in raw_files(job) if file.suffix == ".csv")
    lines = list(csv.reader(io.StringIO(sample.read_text(encoding=read_by.read.encoding))))
    kinds = {name: column for column in table.columns.values() for name in column.names}
    top = next(number for number, line in enumerate(lines) if len(line) > 1)

    def cell_of(heading: str, text: str) -> Any:
        column = kinds.get(heading)
        if column is None or text == "" or column.values:
            return text or None
        if column.type == "date":
            return date_of(text)
        return float(text) if column.type in ("integer", "decimal") else text

    cells = [[cell_of(*pair) for pair in zip(lines[top], line, strict=True)] for line in lines[top + 1 :]]
    other = tmp_path / f"{sample.stem}.xlsx"
    other.write_bytes(as_workbook([*lines[: top + 1], *cells]))
    load([sample], tmp_path / "csv")

    report = load([other], tmp_path / "excel")

    assert report.findings == []
    rows = found_rows(tmp_path / "excel", table.dataset)
    assert rows
    assert as_a_cell_holds(rows) == as_a_cell_holds(found_rows(tmp_path / "csv", table.dataset))
    assert all(row in as_a_cell_holds(expected_rows(job)[table.dataset]) for row in as_a_cell_holds(rows))


def as_a_cell_holds(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Numbers with the 15 digits that a workbook keeps; a CSV may have more."""
    return [{k: float(f"{v:.14e}") if isinstance(v, float) else v for k, v in row.items()} for row in rows]


def date_of(text: str) -> date:
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y", "%Y%m%d"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise AssertionError(f"{text}: a date in a form that no sample has")


def test_columns_of_a_dataset_are_the_same_whatever_job_feeds_it():
    feeding = defaultdict(dict)
    for name, job in all_jobs().items():
        for table in job.tables.values():
            feeding[table.dataset][name] = list(table.columns)
    for dataset, jobs in feeding.items():
        assert len({tuple(columns) for columns in jobs.values()}) == 1, (dataset, jobs)
