"""`bsc lab` opens JupyterLab on the notebooks, with the workspace set."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_the_lab_lists_the_notebooks_on_loopback(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    command = [
        str(Path(sys.executable).with_name("bsc")),
        "lab",
        "--no-browser",
        "--port",
        str(port),
        "--home",
        str(tmp_path),
    ]
    with log.open("w") as told:
        lab = subprocess.Popen(command, stdout=told, stderr=told, start_new_session=True)
    try:
        token = None
        for _ in range(120):
            token = re.search(r"token=([0-9a-f]+)", log.read_text())
            if token:
                break
            assert lab.poll() is None, log.read_text()
            time.sleep(0.25)
        assert token is not None, log.read_text()

        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/contents?token={token[1]}", timeout=20) as answer:
            listed = answer.read().decode()
    finally:
        os.killpg(lab.pid, signal.SIGTERM)
        lab.wait(20)

    assert "settlement_day.ipynb" in listed
