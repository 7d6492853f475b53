"""The published records, taken in once a session for this folder, whose modules import each other by name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def world(shared, tmp_path_factory):
    from published_world import load_world

    if not (shared / "data").is_dir():
        pytest.skip("../shared/data is not beside this checkout, so the published records cannot be read")
    return load_world(shared / "data", tmp_path_factory.mktemp("world") / "home")


@pytest.fixture(scope="session")
def raw_folder(tmp_path_factory):
    """Where the workspace of the raw period and the files assumed for it lie."""
    return tmp_path_factory.mktemp("raw-period")


@pytest.fixture(scope="session")
def facts(world, raw_folder):
    """All that the page is made of."""
    from conformance_page import gather

    return gather(world, raw_folder)
