"""On a Dask cluster a batch comes to what it comes to here, also when a worker is killed midway."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing

import pytest

from loaders import store as stores
from loaders.store import batch_leases

pytestmark = pytest.mark.long


@pytest.fixture
def cluster(tmp_path, batches):
    """A scheduler and two workers as processes on loopback: address and workers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    path = os.pathsep.join([str(batches.ROOT), os.environ.get("PYTHONPATH", "")])
    said = (tmp_path / "dask.txt").open("wb")

    def dask(program, *words):
        command = [sys.executable, "-m", f"distributed.cli.dask_{program}", *words, "--no-dashboard"]
        env = {**os.environ, "PYTHONPATH": path}
        return subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True, env=env, cwd=tmp_path)

    processes = [dask("scheduler", "--host", "127.0.0.1", "--port", str(port))]
    words = (address, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1", "--local-directory", str(tmp_path))
    processes += [dask("worker", *words) for _ in range(2)]
    yield address, processes[1:]
    for process in processes:
        process.kill()
        process.wait()


def test_two_workers_one_killed_come_to_the_index_of_the_local_batch(
    batches, batch_home, light_notebook, undisturbed, cluster, tmp_path
):
    address, workers = cluster
    home = shutil.copytree(batch_home, tmp_path / "workspace")
    engine = stores.open(home).engine

    process = batches.start(home, light_notebook, tmp_path / "out", cluster=address)
    until = time.monotonic() + 120
    while len(batch_leases.held(engine)) < 2 and time.monotonic() < until and process.poll() is None:
        time.sleep(0.02)
    working = len(batch_leases.held(engine))
    workers[0].send_signal(signal.SIGKILL)
    said, errors = process.communicate(timeout=200)

    assert working == 2, errors
    assert process.returncode == 0, said + errors
    assert undisturbed[2]["index_sha256"] in said
    assert (tmp_path / "out/batch_index.html").read_bytes() == (undisturbed[1] / "batch_index.html").read_bytes()
