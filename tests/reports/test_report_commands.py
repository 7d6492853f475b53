"""The verbs of the reports room, as their user types them; two of them in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Ask = Callable[..., subprocess.CompletedProcess[str]]
BSC = [str(Path(sys.executable).with_name("bsc"))]


def typed(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*BSC, *words, "--home", str(home)], capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def bsc(bsc: Callable[..., tuple[int, str, str]]) -> Ask:
    """The same in this process."""
    return lambda *words, home: subprocess.CompletedProcess(words, *bsc(*words, home=home))


def test_settle_says_what_it_reused(settled_home: Path) -> None:
    told = typed("settle", "2024-01-15", home=settled_home)

    assert told.returncode == 0, told.stderr
    assert "settled before: reused, 0 messages" in told.stdout


def test_compare_has_one_entry_for_every_period_and_exit_code_1_when_something_is_wrong(
    bsc: Ask, settled_home: Path
) -> None:
    told = bsc("compare", "2024-01-15", "--json", home=settled_home)

    entries = json.loads(told.stdout)
    assert told.returncode == 1
    assert [one["settlement_period"] for one in entries] == list(range(1, 49))
    assert entries[6]["class"] == "unexplained" and entries[6]["difference"] == "0.50000"
    assert entries[19]["own"] is None and entries[19]["published"] is not None
    assert {
        "settlement_date", "settlement_period", "own", "published", "difference", "class", "reason",
        "net_imbalance_volume",
    } <= set(entries[0])  # fmt: skip


def test_explain_ends_in_file_hash_and_row(bsc: Ask, settled_home: Path) -> None:
    told = bsc("explain", "system_price", "--date", "2024-01-15", "--period", "9", "--json", home=settled_home)

    def ends(node: dict) -> list[dict]:
        return [end for child in node["inputs"] for end in ends(child)] if "inputs" in node else [node]

    assert told.returncode == 0, told.stderr
    rows = [end for end in ends(json.loads(told.stdout)) if "source_row" in end]
    assert rows
    assert all(len(end["sha256"]) == 64 and end["file"].startswith("SYNTHETIC") for end in rows)


def test_a_date_that_is_none_is_asked_wrongly(settled_home: Path) -> None:
    told = typed("settle", "2024-02-30", home=settled_home)

    assert told.returncode == 2
    assert "2024-02-30" in told.stderr and "Traceback" not in told.stderr


def test_a_day_before_single_pricing_is_refused(bsc: Ask, settled_home: Path) -> None:
    told = bsc("settle", "2015-11-04", home=settled_home)

    assert told.returncode == 2
    assert "two prices" in told.stderr


def test_a_day_of_which_nothing_came_says_what_to_do(bsc: Ask, settled_home: Path) -> None:
    told = bsc("settle", "2023-05-05", home=settled_home)

    assert told.returncode == 1
    assert "bsc load --from" in told.stderr and "Traceback" not in told.stderr


def test_a_wrong_assumption_names_file_row_and_column(bsc: Ask, settled_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "assumed.csv"
    file.write_text(
        "settlement_date,settlement_period,volume_mwh,price_gbp_per_mwh,so_flag\n2024-01-15,51,-10,20,false\n"
    )

    told = bsc("settle", "2024-01-15", "--assume", str(file), home=settled_home)

    assert told.returncode == 2
    assert "assumed.csv, row 2, settlement_period: found 51, wanted 1 to 48" in told.stderr


def test_an_assumption_is_said_wherever_the_figures_are(bsc: Ask, settled_home: Path, tmp_path: Path) -> None:
    import shutil

    home = Path(shutil.copytree(settled_home, tmp_path / "workspace"))
    file = tmp_path / "assumed.csv"
    file.write_text("settlement_date,settlement_period,volume_mwh,price_gbp_per_mwh,so_flag\n")

    settled = bsc("settle", "2024-01-15", "--assume", str(file), home=home)
    compared = json.loads(bsc("compare", "2024-01-15", "--json", home=home).stdout)

    assert "ASSUMED" in settled.stdout
    assert all(one["assumed"] == "assumed.csv" for one in compared)
    assert "ASSUMED" in compared[0]["reason"]


def test_a_report_is_written_in_the_forms_that_are_asked_for(bsc: Ask, settled_home: Path, tmp_path: Path) -> None:
    told = bsc("report", "2024-01-15", "--no-tables", "--out", str(tmp_path), "--json", home=settled_home)

    assert told.returncode == 0, told.stderr
    said = json.loads(told.stdout)
    assert [Path(one).name for one in said["beside"]] == ["settlement-2024-01-15-IP-SYNTHETIC.pdf"]
    assert {one.suffix for one in tmp_path.iterdir()} == {".html", ".json", ".pdf"}
    assert bsc("verify", said["beside"][0], home=settled_home).returncode == 0


def test_a_batch_of_unknown_formats_is_asked_wrongly(bsc: Ask, settled_home: Path) -> None:
    told = bsc("batch", "settlement_day", "--dates", "2024-01-15", "--formats", "html,docx", home=settled_home)

    assert told.returncode == 2
    assert "--formats: found docx, wanted one or more of html, tables, pdf" in told.stderr
