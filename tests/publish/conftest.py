"""What the tests of this room share and only ask: one server of the settled day, one running broker."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from publish.feed import broker as brokers

NAMES = ["traders", "away", "people", "machines"]


def _beside(name: str) -> Any:
    """A module of this folder; tests are no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def address(settled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where `bsc serve api` answers for the settled day, started once."""
    with _beside("api_fixtures").served(settled_home, tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture(scope="session")
def client(address: str) -> Iterator[httpx.Client]:
    """Asks that server."""
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[brokers.Broker]:
    """A broker, started once: a JVM takes seconds to start. Tests that kill theirs start one of their own."""
    with brokers.start(tmp_path_factory.mktemp("broker"), 0, NAMES, openwire_port=0) as running:
        yield running


@pytest.fixture
def broker(running: brokers.Broker) -> brokers.Broker:
    """That broker, with nothing waiting from the test before."""
    emptied = _beside("feed_fixtures").emptied
    for name in NAMES:
        emptied(running.port, f"sub.{name}.bsc.prices")
    return running
