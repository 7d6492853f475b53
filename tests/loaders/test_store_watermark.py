"""The watermark of a job moves in the transaction that makes its rows visible: with them or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from loaders import store
from loaders.errors import StoreMoved
from loaders.store import tables as sql
from loaders.store import watermarks
from loaders.store.database import reading
from loaders.store.files import FileLayer, sha256
from loaders.store.loads import LandingToKeep, LoadToKeep

UPTO = datetime(2024, 1, 16, 6, tzinfo=UTC)


class Failing(FileLayer):
    """A layer that fails at the last moment before the commit."""

    def step(self, name):
        if name == "before commit":
            raise OSError("no space left")


def a_load(upto=UPTO, compared=0):
    data = b"[]"
    landing = LandingToKeep(
        sha256=sha256(data),
        data=data,
        file="SYNTHETIC_DISBSAD_2024-01-15.json",
        job="disbsad",
        job_hash=None,
        scope="disbsad|2024-01-15||",
        outcome="kept",
        rows_read=0,
        rows_kept=0,
        rows_refused=0,
        synthetic=True,
        run_id="r" * 32,
        seconds=0.25,
    )
    return LoadToKeep("disbsad", compared, [landing], upto=upto)


def marks(opened):
    with reading(opened.engine) as connection:
        return watermarks.all_of(connection)


def test_rows_and_watermark_are_seen_together(tmp_path):
    opened = store.open(tmp_path)

    opened.keep_load(a_load())

    assert (opened.version(), marks(opened)) == (1, {"disbsad": UPTO})
    with reading(opened.engine) as connection:
        (run,) = connection.execute(sa.select(sql.job_runs)).all()
    assert (run.run_id, run.bytes, run.seconds) == ("r" * 32, 2, 0.25)


def test_a_load_that_fails_before_its_commit_moves_no_watermark(tmp_path):
    with pytest.raises(OSError, match="no space left"):
        store.open(tmp_path, Failing()).keep_load(a_load())

    opened = store.open(tmp_path)
    assert (opened.version(), opened.landings(), marks(opened)) == (0, {}, {})


def test_a_load_that_brings_files_by_hand_leaves_the_watermark(tmp_path):
    opened = store.open(tmp_path)
    opened.keep_load(a_load())

    opened.keep_load(replace(a_load(upto=None), again=True))

    assert (opened.version(), marks(opened)) == (2, {"disbsad": UPTO})


def test_a_load_that_was_compared_with_an_older_store_moves_no_watermark(desk):
    desk.load_files({"SYNTHETIC_DISBSAD_2024-01-15.json": [desk.adjustment_row(1)]})

    with pytest.raises(StoreMoved):
        desk.store.keep_load(a_load(compared=0))

    assert marks(desk.store) == {}
