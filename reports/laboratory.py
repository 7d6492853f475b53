"""JupyterLab on the notebooks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from reports.batch import notebook_path


def open_lab(home: Path, port: int, browser: bool = True) -> int:
    """Start JupyterLab on loopback in the folder of the notebooks, until Ctrl-C; gives its exit code."""
    environment = {**os.environ, "BSC_HOME": str(home.resolve())}
    command = [
        sys.executable, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={notebook_path().parent}",
    ]  # fmt: skip
    if not browser:
        command.append("--no-browser")
    if os.geteuid() == 0:
        command.append("--allow-root")  # a container or a bare machine has no other user; loopback and token stay
    try:
        return subprocess.call(command, env=environment)
    except KeyboardInterrupt:
        return 0
