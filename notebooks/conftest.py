"""`pytest --nbval notebooks/` runs each notebook on the sample day and compares with what is kept in it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("nbval", default=False):
        return
    from sample_day import settle_market_day, settle_sample_day

    config.option.nbval_sanitize_with = str(HERE / "sanitize.cfg")
    folder = Path(tempfile.mkdtemp(prefix="bsc-notebooks-"))
    os.environ["BSC_HOME"] = str(settle_sample_day(folder))
    if (HERE / "tutorial.ipynb").exists():
        os.environ["BSC_TUTORIAL_HOME"] = str(settle_market_day(folder))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
