"""A file too large to be held is kept day by day: the store is that of an undivided load, and memory stays small."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from loaders import all_jobs, keeping, large_files, load, store
from loaders.candidates import Incoming, Manner
from loaders.errors import StoreMoved
from loaders.formats import pieces
from loaders.lineage import lineage
from loaders.loading import take
from loaders.replaying import replay
from loaders.store import tables as sql
from loaders.store.database import reading
from loaders.store.files import FileLayer, OnDisk
from settlement import calendar

FIRST = date(2024, 1, 15)
DAYS = [FIRST + timedelta(days=n) for n in range(5)]
MIB = 2**20


@pytest.fixture
def divided(monkeypatch):
    """Small files are large ones; undone and done again by its two methods."""

    class Divided:
        def on(self):
            monkeypatch.setattr(large_files, "LARGE_BYTES", 100)
            monkeypatch.setattr(pieces, "PIECE_BYTES", 3000)
            monkeypatch.setattr(pieces, "HEAD_BYTES", 1000)
            monkeypatch.setattr(keeping, "HELD_ROWS", 30)

        def off(self):
            monkeypatch.undo()

    return Divided()


def as_csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def notifications(desk) -> list[dict[str, Any]]:
    rows = []
    for n in range(150):
        day = DAYS[n % 5]
        start = calendar.period_start(day, 7)
        times = {"timeFrom": f"{start:%Y-%m-%dT%H:%M:%SZ}", "timeTo": f"{start + calendar.PERIOD:%Y-%m-%dT%H:%M:%SZ}"}
        rows.append(desk.pn_row(f"T_SYN-{n // 5}", 0, 30, settlementDate=str(day), **times))
    return rows


def prices(desk) -> list[dict[str, Any]]:
    rows = []
    for n in range(200):
        day, period = DAYS[n // 40], n % 40 + 1
        start = calendar.period_start(day, period)
        rows.append(desk.price_row(period, 50.0 + n, settlementDate=str(day), startTime=f"{start:%Y-%m-%dT%H:%M:%SZ}"))
    return rows


def actions(desk) -> list[dict[str, Any]]:
    return [desk.adjustment_row(n % 7, n % 48 + 1, settlementDate=str(DAYS[n % 5])) for n in range(160)]


def faulty(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = [dict(row) for row in rows]
    rows[31]["settlementDate"] = "no day"
    rows[62]["settlementPeriod"] = 51
    rows[90] = dict(rows[5])
    return rows


def files(desk) -> dict[str, str]:
    rows = {"PN": notifications(desk), "system_prices": prices(desk), "DISBSAD": actions(desk)}
    said = {f"SYNTHETIC_{name}.json": json.dumps(of) for name, of in rows.items()}
    envelope = {"metadata": {"datasets": ["DISEBSP"]}, "data": faulty(rows["system_prices"])}
    return said | {
        "SYNTHETIC_faulty_PN.json": json.dumps(faulty(rows["PN"])),
        "SYNTHETIC_faulty.json": json.dumps(envelope),
        "SYNTHETIC_cut_DISBSAD_2024-01-15.json": json.dumps(faulty(rows["DISBSAD"]))[:-700],
        "SYNTHETIC_PN.csv": as_csv(rows["PN"]),
        "SYNTHETIC_faulty_PN.csv": as_csv(faulty(rows["PN"])) + 'PN,"torn\n',
    }


def kept(home: Path) -> dict[str, Any]:
    """All that a store holds, but for times, the order of writing, and how rows are packed into files."""
    opened = store.open(home)
    found: dict[str, Any] = {}
    left_out = {"id", "sha256", "kept_at", "run_id", "seconds", "started_at"}
    with reading(opened.engine) as connection:
        for table in (
            sql.parts,
            sql.arrivals,
            sql.incomplete,
            sql.quarantine,
            sql.warnings,
            sql.landings,
            sql.job_runs,
        ):
            rows = connection.execute(sa.select(table)).all()
            found[table.name] = sorted(
                str({k: v for k, v in row._mapping.items() if k not in left_out}) for row in rows
            )
    for job in ("pn", "system_prices", "disbsad"):
        dataset = all_jobs()[job].tables[""].dataset
        found[dataset] = opened.rows(dataset).to_pylist()
    opened.close()
    return found


def test_a_store_is_the_same_after_a_load_by_days(desk, divided, tmp_path):
    homes = {}
    for way in ("whole", "by days"):
        homes[way] = tmp_path / way
        divided.on() if way == "by days" else divided.off()
        reports = []
        # One after the other: the later ones change, repeat or withdraw what the earlier ones brought.
        for place, (name, said) in enumerate([*files(desk).items(), *list(files(desk).items())[:1]]):
            path = tmp_path / f"{way} {place}" / name
            path.parent.mkdir()
            path.write_text(said, newline="")
            reports += load([path], homes[way]).files
        homes[way, "reports"] = reports
    assert homes["by days", "reports"] == homes["whole", "reports"]
    assert homes["whole", "reports"][-1].outcome == "repeated"
    by_days, whole = kept(homes["by days"]), kept(homes["whole"])
    for name, rows in whole.items():
        assert by_days[name] == rows, name
    assert len(whole["quarantine"]) > 10


def test_a_row_leads_back_to_its_record_in_the_large_file(desk, divided):
    divided.on()
    desk.load_files({"SYNTHETIC_PN.json": notifications(desk)})

    opened = desk.store
    dataset = store_dataset("pn")
    key = {"settlement_date": DAYS[3], "bm_unit": "T_SYN-20"}
    told = lineage(opened, dataset, key, opened.version()).keys[0].told[0]

    assert json.loads(told.record)["bmUnit"] == "T_SYN-20"
    assert told.source_row == 20 * 5 + 3 + 1


def store_dataset(job: str):
    from loaders.declared import dataset_named

    return dataset_named(all_jobs()[job].tables[""].dataset)


def test_large_and_small_files_of_one_job_are_kept_together(desk, divided, monkeypatch):
    divided.on()
    large = notifications(desk)
    small = [{**large[0], "levelFrom": 7, "levelTo": 7}]
    monkeypatch.setattr(large_files, "LARGE_BYTES", 1000)

    came = desk.load_files({"SYNTHETIC_PN_a.json": large, "SYNTHETIC_PN_b.json": small})

    assert [(file.outcome, file.new, file.older) for file in came.files] == [("kept", 149, 1), ("kept", 1, 0)]
    assert desk.store.version() == 1
    assert [row["level_from_mw"] for row in desk.rows("physical_notifications") if row["bm_unit"] == "T_SYN-0"] == [7]


def test_a_replay_reads_a_large_landing_by_days_and_changes_nothing(desk, divided):
    divided.on()
    desk.load_files({"SYNTHETIC_PN.json": notifications(desk)})
    before = desk.store.rows("physical_notifications")

    again = replay(desk.home, ["pn"], again=True)

    assert [(file.outcome, file.new, file.unchanged) for file in again.files] == [("kept", 0, 150)]
    assert desk.store.rows("physical_notifications").equals(before)


def test_nothing_is_kept_of_a_large_file_that_is_only_looked_at(desk, divided, tmp_path):
    divided.on()
    path = tmp_path / "SYNTHETIC_PN.json"
    path.write_text(json.dumps(notifications(desk)))
    said: list[str] = []

    dry = load([path], desk.home, told=said.append, manner=Manner(dry=True))
    some = load([path], desk.home, manner=Manner(rows=3))

    assert [(file.outcome, file.new) for file in (*dry.files, *some.files)] == [
        ("would be kept", 150),
        ("would be kept", 3),
    ]
    assert said[0] == path.name
    assert said[-1] == f"100% of {path.name}"
    assert desk.store.version() == 0
    assert not list((desk.home / "landings").iterdir())
    assert not list((desk.home / "parts").iterdir())


class Altered(OnDisk):
    """A file to which its sender goes on writing: it has another end each time that it is read."""

    def chunks(self, step: int = 1000):
        yield from super().chunks(step)
        with self.path.open("ab") as file:
            file.write(b" ")


def test_a_file_that_changes_while_it_is_read_is_refused_and_nothing_of_it_kept(desk, divided, monkeypatch, tmp_path):
    divided.on()
    monkeypatch.setattr(large_files, "OnDisk", Altered)

    came = desk.load_files({"SYNTHETIC_PN.json": notifications(desk), "SYNTHETIC_small.json": "[]"})

    (finding,) = came.files[0].findings
    assert (came.files[0].outcome, finding.found) == ("refused", "bytes that changed while they were read")
    assert not list((desk.home / "landings").glob("?" * 64))
    assert desk.store.rows("physical_notifications").num_rows == 0


def test_a_file_that_changes_before_it_is_copied_is_refused_and_its_neighbour_kept(desk, divided, tmp_path):
    divided.on()

    class Late(FileLayer):
        def copy(self, path: Path, source: OnDisk) -> str:
            if "changes" in source.path.name:
                source.path.write_bytes(b"[]")
            return super().copy(path, source)

    rows = notifications(desk)
    for name, some in (("changes", rows[:75]), ("stays", rows[75:])):
        (tmp_path / f"SYNTHETIC_PN_{name}.json").write_text(json.dumps(some))
    opened = store.open(desk.home, Late())
    offered = [Incoming.of_path(path) for path in sorted(tmp_path.glob("*.json"))]

    came = take(opened, offered)

    assert [file.outcome for file in came.files] == ["refused", "kept"]
    assert opened.rows("physical_notifications").num_rows == 75


def test_bytes_last_before_the_commit_that_names_them(desk, divided, tmp_path):
    divided.on()
    steps: list[str] = []

    class Recording(FileLayer):
        def step(self, name: str) -> None:
            steps.append(name)

    path = tmp_path / "SYNTHETIC_PN.json"
    path.write_text(json.dumps(notifications(desk)))
    load([path], desk.home, store=store.open(desk.home, Recording()))

    written = ["write", "fsync", "rename", "fsync folder"]
    assert steps[:4] == written
    assert steps[-3:] == ["touch", "before commit", "commit"] or steps[-2:] == ["before commit", "commit"]
    assert steps.count("before commit") == steps.count("commit") == 1
    assert len(steps) > 8


def test_a_load_that_came_between_is_compared_with_anew(desk, divided, monkeypatch, tmp_path):
    divided.on()
    rows = notifications(desk)
    path = tmp_path / "SYNTHETIC_PN.json"
    path.write_text(json.dumps(rows))
    opened = store.open(desk.home)
    keep, refused = opened.keep_load, []

    def once(wanted):
        if not refused:
            refused.append(wanted)
            raise StoreMoved("another load")
        return keep(wanted)

    monkeypatch.setattr(opened, "keep_load", once)
    came = load([path], desk.home, store=opened)

    assert (came.files[0].new, opened.rows("physical_notifications").num_rows) == (150, 150)


CHILD = """
import sys, tempfile
from pathlib import Path
from loaders import load
with tempfile.TemporaryDirectory() as home:
    (file,) = load(sys.argv[1], home).files
# Not ru_maxrss: that of a child begins with what its parent held when it was forked.
(most,) = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(file.rows_read, file.new, file.refused, int(most) // 1024)
"""


def written(path: Path, size: int, days: int) -> int:
    """A SYNTHETIC file of notifications of about so many bytes; gives how many rows it has."""
    rows = 0
    names = "dataset,settlementDate,settlementPeriod,timeFrom,timeTo,levelFrom,levelTo,nationalGridBmUnit,bmUnit"
    with path.open("w", encoding="utf-8") as file:
        file.write("[" if path.suffix == ".json" else names + "\n")
        for n in range(days):
            day, end = FIRST + timedelta(days=n), file.tell() + size // days
            unit = 0
            while file.tell() < end:
                lines = [
                    f'"PN","{day}",{p},"{day}T{(p - 1) // 2:02d}:{p % 2 ^ 1}0:00Z"'.replace(":10:", ":30:")
                    + f',"{day}T{p // 2:02d}:{p % 2}0:00Z"'.replace(":10:", ":30:")
                    + f',{unit % 500},{unit % 500 + 0.5},"SYN-{unit}","T_SYN-{unit}"'
                    for p in range(1, 41)
                ]
                if path.suffix == ".json":
                    lines = [
                        "{"
                        + ",".join(f'"{k}":{v}' for k, v in zip(names.split(","), line.split(","), strict=True))
                        + "}"
                        for line in lines
                    ]
                    file.write(("," if rows else "") + ",".join(lines))
                else:
                    file.write("\n".join(lines).replace('"', "") + "\n")
                rows, unit = rows + 40, unit + 1
        file.write("]" if path.suffix == ".json" else "")
    return rows


def peak(path: Path, rows: int) -> int:
    """MB that a process takes at its highest which loads a file, and keeps all rows of it."""
    child = subprocess.run([sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True)
    read, new, refused, most = map(int, child.stdout.split())
    assert (read, new, refused) == (rows, rows, 0)
    return most


def test_sixty_megabytes_of_ten_days_take_no_more_memory_than_of_two_days(tmp_path, monkeypatch):
    monkeypatch.setitem(
        globals(), "CHILD", "from loaders import large_files\nlarge_files.LARGE_BYTES = 1_000_000\n" + CHILD
    )
    most = {}
    for days in (2, 10):
        path = tmp_path / f"SYNTHETIC_PN_{days}_days.json"
        most[days] = peak(path, written(path, 6_000_000 * days, days))

    assert most[10] < 450
    assert most[10] < most[2] + 60


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_gigabyte_loads_in_less_than_five_hundred_megabytes(form, tmp_path):
    path = tmp_path / f"SYNTHETIC_PN.{form}"

    assert peak(path, written(path, 1_000_000_000, 40)) < 500
