"""The published records, taken in once a session for this folder, whose modules import each other by name."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
BSC = Path(sys.executable).with_name("bsc")


def pytest_configure(config):
    config.addinivalue_line("markers", "xdist_group(name): tests that one worker runs, so that records load once")


@pytest.fixture(scope="session")
def bsc():
    """The command line as a user has it: gives the exit code and what was printed, read as JSON if that was asked."""

    def run(*words, code=0):
        done = subprocess.run([BSC, *map(str, words)], capture_output=True, text=True, check=False)
        assert done.returncode == code, (
            f"bsc {' '.join(map(str, words))} gave {done.returncode}:\n{done.stdout}{done.stderr}"
        )
        return json.loads(done.stdout) if "--json" in words else done.stdout

    return run


@pytest.fixture(scope="session")
def records(shared):
    if not (shared / "data").is_dir():
        pytest.skip("../shared/data is not beside this checkout, so the published records cannot be read")
    return shared / "data"


@pytest.fixture(scope="session")
def raw_loaded(records, bsc, tmp_path_factory):
    """A workspace with the folder of the raw period, loaded by the command line and left as it is."""
    home = tmp_path_factory.mktemp("loaded") / "home"
    bsc("load", "--from", records / "wind-curtailment", "--home", home)
    return home


@pytest.fixture(scope="session")
def world(records, raw_loaded, tmp_path_factory):
    from published_world import load_world

    home = tmp_path_factory.mktemp("world") / "home"
    shutil.copytree(raw_loaded, home)
    return load_world(records, home)


@pytest.fixture(scope="session")
def facts(world, raw_loaded, tmp_path_factory):
    """All that the page is made of."""
    from conformance_page import gather

    folder = tmp_path_factory.mktemp("raw-period")
    shutil.copytree(raw_loaded, folder / "raw")
    return gather(world, folder)
