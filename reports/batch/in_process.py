"""A papermill engine that runs the cells in this very process: no kernel is started, and no port or pipe.

A kernel takes two seconds to start and to import everything again. A process that has been forked for one run, or a
command that does nothing else, is as much a process of its own as a kernel is. What a cell shows is kept as a kernel
would send it: streams, displays, the result of its last line, and an error with its traceback.
"""

from __future__ import annotations

import asyncio
import atexit
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from papermill.engines import Engine, papermill_engines
from traitlets import Type
from traitlets.config import Config

NAME = "in this process"


class _Result(DisplayHook):
    """The value of the last line of a cell, as an output."""

    shell: Shell

    def start_displayhook(self) -> None:
        pass

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        self.shell.show("execute_result", data=format_dict, metadata=md_dict or {},
                        execution_count=self.shell.count)  # fmt: skip

    def finish_displayhook(self) -> None:
        pass


class _Displayed(DisplayPublisher):
    """What a cell displays while it runs, as outputs."""

    shell: Shell

    def publish(self, data: dict[str, Any], metadata: dict[str, Any] | None = None, *_: Any, **__: Any) -> None:
        self.shell.show("display_data", data=data, metadata=metadata or {})


class Shell(InteractiveShell):
    """IPython without a terminal and without history, which adds what a cell shows to a list."""

    displayhook_class = Type(_Result)
    display_pub_class = Type(_Displayed)
    shown: list[Any]
    count = 0  # of the cell that runs; IPython's own is that of the next one by then

    def show(self, kind: str, **said: Any) -> None:
        """Add an output; text of one stream goes on where it left off."""
        from nbformat.v4 import new_output

        last = self.shown[-1] if self.shown else None
        if kind == "stream" and last is not None and last.get("name") == said["name"]:
            last["text"] += said["text"]
        else:
            self.shown.append(new_output(kind, **said))

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self.show("error", ename=etype.__name__, evalue=str(evalue), traceback=stb)


class _Stream(io.TextIOBase):
    def __init__(self, shell: Shell, name: str) -> None:
        self._shell, self._name = shell, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._shell.show("stream", name=self._name, text=text)
        return len(text)


def free() -> bool:
    """Whether cells can be run here: no other IPython lives in this process, and no event loop runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return not InteractiveShell.initialized()
    return False  # a cell that awaits needs the loop for itself


@contextmanager
def _shell() -> Iterator[Shell]:
    """A shell for one notebook; what it puts into the process is taken out again."""
    main = sys.modules.get("__main__")
    shell = Shell.instance(config=Config({"HistoryManager": {"enabled": False}}), user_ns={})
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Stream(shell, "stdout"), _Stream(shell, "stderr")
    try:
        yield shell
    finally:
        sys.stdout, sys.stderr = before
        shell.restore_sys_module_state()
        atexit.unregister(shell.atexit_operations)
        shell.builtin_trap.deactivate()
        Shell.clear_instance()
        if main is not None:
            sys.modules["__main__"] = main


class InThisProcess(Engine):  # type: ignore[misc]
    """Runs a notebook cell by cell until one fails."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **_: Any) -> None:
        """Run every code cell; the one that fails keeps its error, and those after it are not run."""
        with _shell() as shell:
            for index, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, index)
                failed = cell.cell_type == "code" and not _ran(shell, cell)
                if failed:
                    nb_man.cell_exception(cell, cell_index=index, exception=None)
                nb_man.cell_complete(cell, cell_index=index)
                if failed:
                    return


def _ran(shell: Shell, cell: Any) -> bool:
    shell.shown, shell.count = [], shell.execution_count
    result = shell.run_cell(cell.source, store_history=True)
    cell.execution_count, cell.outputs = shell.count, shell.shown
    return bool(result.success)


papermill_engines.register(NAME, InThisProcess)
