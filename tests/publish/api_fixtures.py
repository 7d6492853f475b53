"""What the tests of the answers share: the real server in a process of its own.

No plugin and no package: a test file loads this module from its own folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

DAY = date(2024, 1, 15)
NO_STACK = 20
MAIN = "from settlement.command_line import main; main()"


def environment(folder: Path) -> dict[str, str]:
    """One in which the entry points of this part are installed, whatever else is."""
    installed = folder / "serve_for_tests-1.dist-info"
    installed.mkdir(parents=True, exist_ok=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: serve-for-tests\nVersion: 1\n")
    (installed / "entry_points.txt").write_text(
        "[bsc.commands]\nserve = reports.serving:serve\n[bsc.serve]\napi = publish.api.commands:api\n"
    )
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`bsc` with these arguments, to its end."""
    return subprocess.run(
        [sys.executable, "-c", MAIN, *arguments], env=environment(folder), capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


@contextlib.contextmanager
def served(home: Path, folder: Path, host: str = "127.0.0.1") -> Iterator[str]:
    """`bsc serve api` in a process of its own on a free port; gives its address, and ends it."""
    log = (folder / "server.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "serve", "api", "--home", str(home), "--host", host, "--port", "0", "--json"],
        env=environment(folder), stdout=subprocess.PIPE, stderr=log, text=True,
    )  # fmt: skip
    try:
        told = ""
        while not told.rstrip().endswith("}"):
            line = process.stdout.readline()
            if not line:
                log.seek(0)
                raise AssertionError(f"the server did not start: {told}{log.read()}")
            told += line
        yield json.loads(told)["address"]
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        log.close()


def as_csv_cell(value: object) -> str:
    """A JSON cell as CSV writes it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
