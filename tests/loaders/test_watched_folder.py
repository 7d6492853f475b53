"""A folder that others write into: a file is given when it stands still, and once for each content."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager

from loaders.errors import Finding
from loaders.sources.watch import settled_files

STILL = 0.5


class Watched:
    """What a watch has given so far."""

    def __init__(self, folder):
        self.folder = folder
        self.given = []
        self.at = {}
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        for found in settled_files(self.folder, STILL, every=0.02, ended=self.ended):
            self.given += found
            self.at |= {getattr(one, "name", None): time.monotonic() for one in found}

    def names(self):
        return [found.name for found in self.given]

    def until(self, count, within=5.0):
        end = time.monotonic() + within
        while len(self.given) < count and time.monotonic() < end:
            time.sleep(0.01)
        return self.names()

    def later(self):
        """What has been given after more than time enough."""
        time.sleep(3 * STILL)
        return self.names()


@contextmanager
def watching(folder):
    own = Watched(folder)
    own._thread.start()
    try:
        yield own
    finally:
        own.ended.set()
        own._thread.join(5)


def test_a_file_is_given_once(tmp_path):
    (tmp_path / "a.json").write_text("[]")

    with watching(tmp_path) as watch:
        assert watch.until(1) == ["a.json"]
        assert watch.later() == ["a.json"]


def test_a_file_that_grows_is_waited_for(tmp_path):
    with watching(tmp_path) as watch, (tmp_path / "slow.json").open("w") as file:
        for _ in range(15):
            file.write("x")
            file.flush()
            time.sleep(STILL / 10)
        assert watch.given == []
        done = time.monotonic()

        assert watch.until(1) == ["slow.json"]

    assert watch.at["slow.json"] - done > STILL / 2


def test_a_new_content_under_the_same_name_is_given_again(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("[1]")
    with watching(tmp_path) as watch:
        watch.until(1)

        path.write_text("[2]")

        assert watch.until(2) == ["a.json", "a.json"]


def test_a_new_time_of_change_with_the_same_content_is_not_given_again(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("[1]")
    with watching(tmp_path) as watch:
        watch.until(1)

        os.utime(path, (1, 1))

        assert watch.later() == ["a.json"]


def test_a_file_taken_away_and_put_back_is_not_given_again(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("[1]")
    with watching(tmp_path) as watch:
        watch.until(1)
        path.unlink()
        time.sleep(0.1)

        path.write_text("[1]")

        assert watch.later() == ["a.json"]


def test_nothing_in_the_folder_is_moved_or_written(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("[1]")
    before = path.stat().st_mtime_ns

    with watching(tmp_path) as watch:
        watch.until(1)

    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]
    assert path.stat().st_mtime_ns == before


def test_a_folder_that_comes_later_is_watched_when_it_is_there(tmp_path):
    with watching(tmp_path / "share") as watch:
        time.sleep(0.1)
        (tmp_path / "share").mkdir()
        (tmp_path / "share" / "a.json").write_text("[]")

        assert watch.until(1) == ["a.json"]


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_given(tmp_path):
    (tmp_path / "a.json").symlink_to("/proc/self/mem")  # it opens, and its first byte cannot be read by any user
    (tmp_path / "b.json").write_text("[]")

    with watching(tmp_path) as watch:
        end = time.monotonic() + 5
        while len(watch.given) < 2 and time.monotonic() < end:
            time.sleep(0.01)

    told = [found for found in watch.given if isinstance(found, Finding)]
    assert [(found.file, found.found) for found in told] == [("a.json", "OSError")]
    assert tmp_path / "b.json" in watch.given
