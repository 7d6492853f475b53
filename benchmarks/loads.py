"""Loading a day of files: ours against polars and duckdb, by turns in one process.

    python benchmarks/loads.py [--json] [--rounds 9]

The files are SYNTHETIC (`synthetic_feeds.py`): 96 of settlement stacks, 100 rows each; 49 of notifications and
acceptances, 150,000 rows. "Typed" is from files to Arrow columns of the job's types. "Whole" is hash, types, every
check of the job, what has changed, and Parquet. "Kept" is a load: whole, and what a load promises besides, each file as
received on disk, fsync of all that is written, and the commit that makes it visible. The peers read, and of whole and
kept write one Parquet file a feed, and check nothing: polars by `read_json`, file by file, the faster of inferred and
given types; duckdb by one `read_json` of all files of a feed with types that it finds itself (given ones were slower),
written by COPY. polars is no package of the project: where it is not installed, its rows are left out and said to be.
Memory is that of a process of its own above what a small load before it left.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import synthetic_feeds

from loaders import all_jobs, keeping, load
from loaders import store as stores
from loaders.candidates import Incoming, Manner, candidates
from loaders.steps import read_alike
from loaders.steps.keep import FileRows, difference
from loaders.store.files import FileLayer
from loaders.store.loads import write_deltas

POLARS = importlib.util.find_spec("polars") is not None
FEEDS = {"stacks": {"stack": "settlement_stack"}, "notifications": {"pn": "pn", "boalf": "boalf"}}
WRITTEN = {
    "stacks": synthetic_feeds.write_stacks,
    "notifications": synthetic_feeds.write_notifications_and_acceptances,
}
WANTED = {
    ("typed", "stacks", "polars"): 0.75,
    ("typed", "notifications", "polars"): 0.75,
    ("whole", "stacks", "polars"): 1.2,
    ("whole", "notifications", "polars"): 1.05,
    ("whole", "stacks", "duckdb"): 1 / 1.25,
    ("whole", "notifications", "duckdb"): 1 / 2.2,
}


def by_feed(day: str, files: list[Path]) -> dict[str, list[Path]]:
    """The files of each feed, by the words in their names."""
    return {word: [file for file in files if f"_{word}_" in file.name] for word in FEEDS[day]}


class WithoutSync(FileLayer):
    """Writes as the peers do, who leave it to the system when bytes reach the disk."""

    def write(self, path: Path, data: bytes) -> None:
        path.write_bytes(data)

    def sync_folder(self, folder: Path) -> None:
        pass


class Ours:
    """One workspace a round: a file that was met before would not be read."""

    def __init__(self, day: str, files: list[Path], folder: Path):
        self.files, self.folder = files, folder

    def fresh(self) -> None:
        self.home = tempfile.TemporaryDirectory(dir=self.folder)
        self.store = stores.open(Path(self.home.name))
        self.store.rows("bm_units")  # a workspace in use: its questions were asked before

    def done(self) -> None:
        self.store.close()
        self.home.cleanup()

    def typed(self) -> int:
        files = [(file.name, file.read_bytes()) for file in self.files]
        found = read_alike.Alike(all_jobs().values()).read(files)
        return sum(len(one[1].tables[""]) for one in found if one)

    def whole(self) -> int:
        offered = [Incoming.of_path(file) for file in self.files]
        waiting: dict[str, list] = {}
        for one in candidates(self.store, offered, Manner(dry=True)):
            waiting.setdefault(one.job.job if one.job else "", []).append(one)
        rows = 0
        for job, batch in waiting.items():
            checked = keeping.check_all(self.store, all_jobs()[job], batch)
            found = difference(
                self.store, [FileRows(one.landing, said.tables[0]) for one, said in zip(batch, checked, strict=True)]
            )
            write_deltas(WithoutSync(), self.store.parts_folder, found.deltas)
            rows += sum(one.rows_read for one in checked)
        return rows

    def kept(self) -> int:
        report = load(self.files, Path(self.home.name), store=self.store)
        return sum(one.rows_read for one in report.files)


class Polars:
    given = False  # whether it is told the types

    def __init__(self, day: str, files: list[Path], folder: Path):
        import polars

        self.polars, self.folder, self.feeds = polars, folder, by_feed(day, files)
        # An answer in an envelope has its records in a list; the schema is that of its first file.
        self.schemas = {word: polars.read_json(files[0]).schema for word, files in self.feeds.items()}

    def fresh(self) -> None:
        pass

    def done(self) -> None:
        pass

    def _read(self, word: str, file: Path):
        frame = self.polars.read_json(file, schema=self.schemas[word] if self.given else None)
        return frame.explode("data").unnest("data") if "data" in frame.columns else frame

    def _frames(self):
        return {
            word: self.polars.concat([self._read(word, file) for file in files]) for word, files in self.feeds.items()
        }

    def typed(self) -> int:
        return sum(one.height for one in self._frames().values())

    def whole(self) -> int:
        frames = self._frames()
        for word, frame in frames.items():
            frame.write_parquet(self.folder / f"polars-{word}.parquet")
        return sum(one.height for one in frames.values())


class PolarsGiven(Polars):
    given = True


class DuckDB:
    def __init__(self, day: str, files: list[Path], folder: Path):
        self.folder, self.feeds, self.connection = folder, by_feed(day, files), duckdb.connect()

    def fresh(self) -> None:
        pass

    def done(self) -> None:
        pass

    def _query(self, word: str) -> str:
        files = self.feeds[word]
        names = ", ".join(f"'{file}'" for file in files)
        source = f"read_json([{names}], maximum_object_size=200000000)"
        if files[0].read_bytes()[:1] == b"{":
            return f"select unnest(r) from (select unnest(data) r from {source})"
        return f"select * from {source}"

    def typed(self) -> int:
        tables: list[pa.Table] = [self.connection.sql(self._query(word)).to_arrow_table() for word in self.feeds]
        return sum(table.num_rows for table in tables)

    def whole(self) -> int:
        rows = 0
        for word in self.feeds:
            target = self.folder / f"duckdb-{word}.parquet"
            copied = self.connection.execute(f"copy ({self._query(word)}) to '{target}' (format parquet)").fetchone()
            rows += copied[0] if copied else 0
        return rows


WAYS = {"ours": Ours, "duckdb": DuckDB} | ({"polars": Polars, "polars, given types": PolarsGiven} if POLARS else {})


def clocked(day: str, files: list[Path], folder: Path, rounds: int) -> dict[tuple[str, str], list[float]]:
    """Seconds of each work by each way, in turns; the first turn warms up and is not counted."""
    ways = {name: way(day, files, folder) for name, way in WAYS.items()}
    taken: dict[tuple[str, str], list[float]] = {(work, name): [] for work in ("typed", "whole") for name in ways}
    taken["kept", "ours"] = []
    for turn in range(rounds + 1):
        rows: set[int] = set()
        for (work, name), times in taken.items():
            ways[name].fresh()
            gc.collect()
            began = time.perf_counter()
            rows.add(getattr(ways[name], work)())
            seconds = time.perf_counter() - began
            ways[name].done()
            if turn:
                times.append(seconds)
        if len(rows) > 1:
            raise SystemExit(f"{day}: the ways do not agree on the number of rows: {rows}.")
    return taken


def compared(day: str, taken: dict[tuple[str, str], list[float]]) -> list[dict]:
    """Ratios of medians; of two ways to ask a peer the faster counts."""
    median = {key: statistics.median(times) for key, times in taken.items()}
    rows = []
    for work in ("typed", "whole", "kept"):
        for peer in ("polars", "duckdb"):
            same = "whole" if work == "kept" else work
            times = [median[same, name] for name in WAYS if name.startswith(peer)]
            if not times:
                continue
            ratio, wanted = median[work, "ours"] / min(times), WANTED.get((work, day, peer))
            rows.append(
                {"work": f"{work}, {day}", "peer": peer, "ratio": ratio, "wanted": wanted,
                 "met": None if wanted is None else ratio <= wanted}
            )  # fmt: skip
    return rows


def memory(files: list[Path], folder: Path) -> float:
    """MiB above its imports that a load takes at its highest, in a process of its own; a first small load is before."""
    child = subprocess.run(
        [sys.executable, __file__, "--peak", str(folder), str(len(files))],
        input="\n".join(map(str, files)), capture_output=True, text=True, check=True, env=os.environ,
    )  # fmt: skip
    return float(child.stdout)


def peak(folder: Path, files: list[Path]) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as home:
        store = stores.open(Path(home))
        before_it = Path(home) / "first"
        before_it.mkdir()
        import loaders.formats.json_records  # noqa: F401

        # A small load first: what it imports, and the jobs, are no part of what files take.
        load(synthetic_feeds.write_stacks(before_it, synthetic_feeds.DAY - timedelta(days=1))[:2], home, store=store)
        gc.collect()
        before = held("VmRSS")
        # What stood highest so far is forgotten, as imports are not part of it.
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        load(files, Path(home), store=store)
        print(held("VmHWM") - before)


def held(what: str) -> float:
    """MiB of memory, as the system says."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


def measured(rounds: int) -> dict:
    rows, seconds = [], {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for day, write in WRITTEN.items():
            inbox = folder / day
            inbox.mkdir()
            files = write(inbox)
            taken = clocked(day, files, folder, rounds)
            seconds |= {f"{work}, {day}, {way}": sorted(times) for (work, way), times in taken.items()}
            rows += compared(day, taken)
            most = max(file.stat().st_size for file in files) / 2**20
            bound, mib = 2.5 * most + 100, memory(files, folder)
            rows.append(
                {"work": f"memory, {day}", "peer": "2.5 x largest file + 100 MiB", "ratio": mib / bound, "wanted": 1.0,
                 "met": mib <= bound}
            )  # fmt: skip
    return {"rows": rows, "seconds": seconds, "load_average": os.getloadavg(), "polars": POLARS}


def main() -> None:
    asked = argparse.ArgumentParser(description="Loading a SYNTHETIC day of files.")
    asked.add_argument("--json", action="store_true", help="print one object instead of a table")
    asked.add_argument("--rounds", type=int, default=9)
    asked.add_argument("--peak", nargs=2, metavar=("FOLDER", "FILES"), help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.peak:
        peak(Path(options.peak[0]), [Path(line) for line in sys.stdin.read().split("\n")])
        return
    found = measured(options.rounds)
    if options.json:
        print(json.dumps(found))
        return
    if not POLARS:
        print("polars is not installed: pip install polars brings it, and its rows into this table")
    for name, times in found["seconds"].items():
        print(f"  {name:<44}{statistics.median(times):>9.4f} s   {times[0]:.4f} to {times[-1]:.4f}")
    print(f"{'work':<24}{'peer':<30}{'ratio':>8}{'wanted':>9}  met")
    for row in found["rows"]:
        wanted = f"<= {row['wanted']:.2f}" if row["wanted"] else "told"
        said = "" if row["met"] is None else "yes" if row["met"] else "no"
        print(f"{row['work']:<24}{row['peer']:<30}{row['ratio']:>8.2f}{wanted:>9}  {said}".rstrip())


if __name__ == "__main__":
    main()
