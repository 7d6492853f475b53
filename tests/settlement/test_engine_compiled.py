"""Each compiled loop keeps all it calls in its own file, so that the compiler's cache never gives an old answer."""

from __future__ import annotations

import ast
import builtins
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import settlement.kernels

KERNELS = Path(settlement.kernels.__file__).parent
ASK = """
import numpy as np
from copied_ranking import arbitrage_left
starts = np.array([0, 2, 3])
expense, volume = np.array([10.0, 10.0, -10.0]), np.array([4.0, 4.0, -4.0])
order = np.array([0, 1, 2])
print(arbitrage_left(expense, volume, order, starts, 1e-9).tolist())
"""


def compiled_functions(tree):
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and any("njit" in ast.unparse(one) for one in node.decorator_list)
    ]


@pytest.mark.parametrize("file", sorted(path.name for path in KERNELS.glob("*.py")))
def test_all_that_a_compiled_loop_calls_stands_in_its_file(file):
    tree = ast.parse((KERNELS / file).read_text(encoding="utf-8"))
    here = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for function in compiled_functions(tree):
        calls = [node.func for part in function.body for node in ast.walk(part) if isinstance(node, ast.Call)]
        called = {call.id for call in calls if isinstance(call, ast.Name)}
        assert called <= here | set(dir(builtins)) | {"prange"}, (file, function.name)


def test_no_compiled_loop_takes_liberties_with_floats():
    for path in KERNELS.glob("*.py"):
        for function in compiled_functions(ast.parse(path.read_text(encoding="utf-8"))):
            assert not any("fastmath" in ast.unparse(one) for one in function.decorator_list), function.name


@pytest.mark.long  # the short tier asks this of another kernel, in test_accepted_volumes_durations.py
def test_an_edited_callee_changes_the_answer_of_the_next_process(tmp_path):
    copied = tmp_path / "copied_ranking.py"
    text = (KERNELS / "price_ranking.py").read_text(encoding="utf-8")
    copied.write_text(text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / "cache")}

    def ask():
        done = subprocess.run(
            [sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True, timeout=120
        )
        return ast.literal_eval(done.stdout)

    first, again = ask(), ask()
    edited = text.replace("    stop = place + 1\n", "    return place + 1\n    stop = place + 1\n")
    assert edited != text
    copied.write_text(edited, encoding="utf-8")
    os.utime(copied, (copied.stat().st_atime, copied.stat().st_mtime + 5))

    assert first == again == [2.0, 2.0, 0.0]
    assert ask() == [0.0, 4.0, 0.0]


def test_long_sides_are_ranked_as_short_ones_are():
    from settlement.kernels.price_ranking import LONG_SIDE, order_by_expense

    draw = np.random.default_rng(5)
    for size in (0, 1, LONG_SIDE - 1, LONG_SIDE, LONG_SIDE + 1, 1000):
        expense = np.where(draw.random(size) < 0.05, np.inf, np.round(draw.normal(50, 20, size)))
        order = order_by_expense(expense, np.array([0, size]))
        assert order.tolist() == sorted(range(size), key=lambda row: expense[row])
