"""`pytest --nbval notebooks/` runs each notebook on its SYNTHETIC day and compares with what is kept in it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
FOLDER = pytest.StashKey[Path]()
sys.path.insert(0, str(HERE))


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("nbval", default=False):
        return
    config.option.nbval_sanitize_with = str(HERE / "sanitize.cfg")
    folder = config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix="bsc-notebooks-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A notebook's kernel starts with its first cell, after this, and takes BSC_HOME from here."""
    if item.path.suffix != ".ipynb" or FOLDER not in item.config.stash:
        return
    from sample_day import workspace_of

    os.environ["BSC_HOME"] = str(workspace_of(item.path.name, item.config.stash[FOLDER]))
