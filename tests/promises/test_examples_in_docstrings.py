"""What a docstring shows with >>> comes out as it shows."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("settlement", "loaders", "reports", "publish", "dashboards")
SHOWING = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("module", SHOWING)
def test_an_example_comes_out_as_it_is_shown(module):
    found = doctest.testmod(import_module(module))

    assert found.attempted > 0
    assert found.failed == 0
