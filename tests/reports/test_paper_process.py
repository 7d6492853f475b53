"""A PDF that a process of its own sets is the one that is set here, and what it cannot set is said."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime

import psutil
import pytest

from reports.paper import NotPrinted, pdf_of_page
from reports.paper.in_a_process import setter

PAGE = "<html><head><title>A day</title></head><body><main><h1>One day</h1><p>{}</p></main></body></html>"
MOMENT = datetime(2026, 10, 14, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("moment", [MOMENT, None])
def test_a_process_sets_the_same_bytes(moment):
    page = PAGE.format("£ 71.16 — ≥ 中")

    with setter() as pdf:
        made = pdf(page, moment)

    assert made == pdf_of_page(page, moment) and made.startswith(b"%PDF-")


def test_a_page_that_cannot_be_set_says_which_element():
    with setter() as pdf, pytest.raises(NotPrinted, match="page, video: found an element that paper does not know"):
        pdf(PAGE.format("</p><video></video><p>"), None)


def setting():
    """The processes below this one that set paper."""
    return [one for one in psutil.Process().children() if "reports.paper" in one.cmdline()]


def test_a_process_that_is_killed_is_told_and_the_next_one_sets():
    with setter() as pdf:
        (process,) = setting()
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(NotPrinted, match="found its process ended with -9, wanted a PDF"):
            pdf(PAGE.format("x"), None)
    with setter() as pdf:
        assert pdf(PAGE.format("x"), None)


def test_a_page_that_is_never_made_leaves_no_process():
    with pytest.raises(KeyError), setter():
        raise KeyError

    assert setting() == []


def test_a_folder_named_as_a_room_is_not_taken_for_it(tmp_path, monkeypatch):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "__init__.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)

    with setter() as pdf:
        assert pdf(PAGE.format("x"), None)
