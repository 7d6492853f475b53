"""The load jobs that are declared, and the datasets that follow from them.

A dataset has the columns of the jobs that feed it; they must agree on types, units and
keys. Nothing is listed by hand: a new YAML file is a new job.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from pydantic import ValidationError

from loaders.errors import NotALoadJob, UnknownDataset
from loaders.job import Column, Job

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = Path(__file__).parent / "jobs"


@dataclass(frozen=True)
class Dataset:
    """A table of the store, as its jobs declare it."""

    name: str
    keys: tuple[str, ...]
    columns: dict[str, Column]
    jobs: tuple[str, ...]

    @property
    def dated(self) -> bool:
        """Whether its rows belong to Settlement Dates; reference data does not."""
        return "settlement_date" in self.columns

    @property
    def schema(self) -> pa.Schema:
        """The columns of the feed, typed."""
        return arrow_schema(self.columns)

    @property
    def stored_schema(self) -> pa.Schema:
        """The columns of the feed, then where each row came from."""
        import pyarrow as pa

        return pa.schema([*self.schema, pa.field("landing", pa.string()), pa.field("source_row", pa.int64())])


def arrow_schema(columns: dict[str, Column]) -> pa.Schema:
    """The types that columns have in the store."""
    import pyarrow as pa

    types = {
        "date": pa.date32(),
        "instant": pa.timestamp("us", tz="UTC"),
        "text": pa.string(),
        "integer": pa.int64(),
        "decimal": pa.float64(),
        "flag": pa.bool_(),
    }
    return pa.schema([pa.field(name, types[column.type]) for name, column in columns.items()])


def read_job(path: Path) -> Job:
    """The job in a file. Raises NotALoadJob with all that is wrong with it."""
    try:
        # The compiled reader: eight times as fast, and every command reads all jobs.
        said = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        job = Job.model_validate(said)
    except ValidationError as error:
        faults = [f"  {'.'.join(str(p) for p in fault['loc']) or 'job'}: {fault['msg']}" for fault in error.errors()]
        raise NotALoadJob("\n".join([f"{path.name} is not a load job:", *faults])) from None
    except yaml.YAMLError as error:
        raise NotALoadJob(f"{path.name} is not a load job:\n  not YAML: {error}") from None
    if job.job != path.stem:
        raise NotALoadJob(f"{path.name} is not a load job:\n  job: found {job.job!r}, wanted {path.stem!r} as the file")
    return job


@lru_cache(maxsize=1)
def _jobs() -> dict[str, tuple[Job, str, Path]]:
    found = {}
    for path in sorted(FOLDER.rglob("*.yaml")):
        job = read_job(path)
        if job.job in found:
            raise NotALoadJob(f"{path.name} is not a load job:\n  job: {job.job!r} is declared twice")
        found[job.job] = (job, hashlib.sha256(path.read_bytes()).hexdigest(), path)
    return found


def all_jobs() -> dict[str, Job]:
    """Every declared job, by name."""
    return {name: job for name, (job, _, _) in _jobs().items()}


def read_anew() -> None:
    """Read the jobs from their files again, as after one was corrected while a server runs.

    Raises NotALoadJob, and then the jobs stay as they were read before.
    """
    _jobs.__wrapped__()
    _jobs.cache_clear()
    datasets.cache_clear()


def job_hash(name: str) -> str:
    """SHA-256 of the job's file: a file that was read by an older job is read again."""
    return _jobs()[name][1]


def family(name: str) -> str:
    """The folder that a job lies in."""
    return _jobs()[name][2].parent.name


def job_file(name: str) -> Path:
    """The file that declares a job."""
    return _jobs()[name][2]


@lru_cache(maxsize=1)
def datasets() -> dict[str, Dataset]:
    """Every dataset, by name."""
    found: dict[str, Dataset] = {}
    for name, job in all_jobs().items():
        for table in job.tables.values():
            known = found.get(table.dataset)
            if known is None:
                found[table.dataset] = Dataset(table.dataset, table.keys, dict(table.columns), (name,))
                continue
            _agree(known, name, table.keys, table.columns)
            new = {column: said for column, said in table.columns.items() if column not in known.columns}
            found[table.dataset] = Dataset(table.dataset, known.keys, known.columns | new, (*known.jobs, name))
    return found


def _agree(known: Dataset, job: str, keys: tuple[str, ...], columns: dict[str, Column]) -> None:
    if keys != known.keys:
        raise NotALoadJob(
            f"{job}.yaml is not a load job:\n  keys: found {keys}, wanted {known.keys} as {known.jobs[0]}"
        )
    for name, column in columns.items():
        other = known.columns.get(name)
        if other and (other.type, other.unit) != (column.type, column.unit):
            raise NotALoadJob(
                f"{job}.yaml is not a load job:\n  columns.{name}: found {column.type} {column.unit}, "
                f"wanted {other.type} {other.unit} as {known.jobs[0]}"
            )


def dataset_named(name: str) -> Dataset:
    """A dataset. Raises UnknownDataset when no job feeds it."""
    found = datasets().get(name)
    if found is None:
        raise UnknownDataset(
            f"dataset: found {name!r}, wanted one of {', '.join(sorted(datasets()))}. Correct the name."
        )
    return found
