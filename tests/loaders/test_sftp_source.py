"""Files of an SFTP server: OpenSSH's own, started on a port of loopback with keys of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import paramiko
import pytest

from loaders import all_jobs
from loaders.errors import WrongSettings
from loaders.job_fetch import Fetch
from loaders.sources.answers import Answer, Failure
from loaders.sources.secrets import Secrets
from loaders.sources.settings import Limits, Settings, Sftp
from loaders.sources.sftp import RemoteFile, files

SSHD = Path("/usr/sbin/sshd")


def key(path: Path, passphrase: str = "") -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path)], check=True)
    return path


class Host:
    """An sshd of this user, and what a client needs of it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.share = folder / "share"
        self.share.mkdir()
        self.host_key = key(folder / "host")
        self.secrets = folder / "secrets"
        self.secrets.mkdir(mode=0o700)
        key(folder / "user").rename(self.secrets / "sftp_key")
        authorised = folder / "authorised"
        authorised.write_text((folder / "user.pub").read_text())
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        config = folder / "sshd_config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.host_key}\nPidFile {folder}/pid\n"
            f"AuthorizedKeysFile {authorised}\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
            "PermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\nUseDNS no\n"
        )
        self.config = config
        self.known_hosts = folder / "known_hosts"
        self.know(folder / "host.pub")
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def know(self, public: Path) -> None:
        kind, code, *_ = public.read_text().split()
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {kind} {code}\n")

    def start(self) -> None:
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # without it sshd refuses to start as root
        self.process = subprocess.Popen(
            [str(SSHD), "-D", "-e", "-f", str(self.config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.02)
            else:
                return

    def children(self) -> list[int]:
        said = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(number) for number in said.split()]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def put(self, name: str, data: bytes = b"[]", changed: int = 1_705_300_000) -> Path:
        path = self.share / name
        path.write_bytes(data)
        os.utime(path, (changed, changed))
        return path

    def settings(self, user: str | None = None, known_hosts: Path | None = None, **limits) -> Settings:
        quick = {"connect": 3, "read": 3, "question": 5, "first_wait": 0.02, "longest_wait": 0.1, "attempts": 2}
        return Settings(
            sftp=Sftp(
                host="127.0.0.1",
                port=self.port,
                user=user or getpass.getuser(),
                known_hosts=known_hosts or self.known_hosts,
            ),
            limits=Limits(**(quick | limits)),
            secrets=Secrets(self.secrets, {}),
        )


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    own = Host(tmp_path_factory.mktemp("sftp"))
    yield own
    own.stop()


@pytest.fixture
def host(server):
    shutil.rmtree(server.share)
    server.share.mkdir()
    server.know(server.folder / "host.pub")
    return server


def job(host, path: Path | None = None):
    said = all_jobs()["system_prices"]
    fetch = {"from": "sftp", "file_names": "system[-_]prices", "path": str(path or host.share)}
    return said.model_copy(update={"fetch": Fetch.model_validate(fetch)})


def test_the_files_that_the_job_names_come_oldest_first_as_they_are(host):
    host.put("system_prices_2024-01-16.json", b"[2]", changed=1_705_400_000)
    host.put("system_prices_2024-01-15.json", bytes(range(256)) * 9000, changed=1_705_300_000)
    host.put("stack_bid_2024-01-15_07.json")
    host.put(".system_prices_hidden.json")
    (host.share / "system_prices_folder").mkdir()
    told = []

    came = list(files(job(host), host.settings(), told=told.append))

    assert [one.name for one in came] == ["system_prices_2024-01-15.json", "system_prices_2024-01-16.json"] == told
    assert [one.data for one in came] == [bytes(range(256)) * 9000, b"[2]"]
    assert came[0].published_at == datetime.fromtimestamp(1_705_300_000, UTC)
    assert came[0].address == f"sftp://127.0.0.1:{host.port}{host.share}/system_prices_2024-01-15.json"


def test_a_file_that_is_kept_already_is_not_fetched(host):
    host.put("system_prices_a.json", b"[1]")
    host.put("system_prices_b.json", b"[12]")
    met = {RemoteFile("system_prices_a.json", 3, 1_705_300_000), RemoteFile("system_prices_b.json", 3, 1_705_300_000)}

    came = list(files(job(host), host.settings(), met=met.__contains__))

    assert [one.name for one in came] == ["system_prices_b.json"]


def test_nothing_on_the_server_is_changed(host):
    path = host.put("system_prices_a.json")
    before = path.stat()

    list(files(job(host), host.settings()))

    assert os.listdir(host.share) == ["system_prices_a.json"]
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (before.st_mtime_ns, before.st_size)


def test_a_link_to_a_file_is_a_file(host):
    host.put("data.bin", b"[3]")
    (host.share / "system_prices_link.json").symlink_to(host.share / "data.bin")

    assert [one.data for one in files(job(host), host.settings())] == [b"[3]"]


def test_a_host_that_is_not_known_is_refused_with_its_fingerprint(host, tmp_path):
    host.put("system_prices_a.json")
    empty = tmp_path / "known_hosts"
    empty.write_text("")

    (came,) = files(job(host), host.settings(known_hosts=empty))

    said = subprocess.run(["ssh-keygen", "-lf", f"{host.host_key}.pub"], check=True, capture_output=True, text=True)
    assert isinstance(came, Failure)
    assert said.stdout.split()[1] in came.finding.found
    assert "ssh-keyscan" in came.finding.todo
    assert empty.read_text() == ""


def test_a_host_whose_key_has_changed_is_refused_with_both_fingerprints(host, tmp_path):
    host.put("system_prices_a.json")
    other = key(tmp_path / "other")
    host.know(other.with_suffix(".pub"))

    (came,) = files(job(host), host.settings())

    assert isinstance(came, Failure)
    assert paramiko.Ed25519Key(filename=str(host.host_key)).fingerprint in came.finding.found
    assert paramiko.Ed25519Key(filename=str(other)).fingerprint in came.finding.wanted


def test_a_user_whom_the_server_does_not_know_is_told(host):
    (came,) = files(job(host), host.settings(user="nobody-of-that-name"))

    assert "no entry for user 'nobody-of-that-name'" in came.finding.found


def test_a_private_key_is_opened_by_its_passphrase_and_asked_for_without_one(host, tmp_path):
    host.put("system_prices_a.json", b"[1]")
    own = tmp_path / "secrets"
    own.mkdir()
    shutil.copy(host.secrets / "sftp_key", own / "sftp_key")
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", "SYNTHETIC", "-f", str(own / "sftp_key")], check=True)
    locked = host.settings().model_copy(update={"secrets": Secrets(own, {})})
    opened = locked.model_copy(update={"secrets": Secrets(own, {"BSC_SFTP_KEY_PASSPHRASE": "SYNTHETIC"})})

    (without,) = files(job(host), locked)
    (came,) = files(job(host), opened)

    assert "sftp_key_passphrase" in without.finding.todo
    assert came.data == b"[1]"


def test_a_folder_that_is_not_there_is_told(host):
    (came,) = files(job(host, host.folder / "away"), host.settings())

    assert came.finding.found == "nothing of that name"


def test_a_file_that_fails_does_not_stop_the_next(host):
    host.put("system_prices_a.json", b"x" * 2000, changed=1)
    host.put("system_prices_b.json", b"[]", changed=2)

    came = list(files(job(host), host.settings(largest_answer=1000)))

    assert [type(one) for one in came] == [Failure, Answer]
    assert came[0].finding.found == "2,000 bytes"


def test_a_file_that_goes_on_growing_is_left_for_the_next_time(host):
    path = host.put("system_prices_a.json", b"[1]")

    def grow(name):
        path.write_bytes(b"[1, 2]")

    (came,) = files(job(host), host.settings(), told=grow)

    assert isinstance(came, Failure)
    assert "still being written" in came.finding.todo
    assert [one.data for one in files(job(host), host.settings())] == [b"[1, 2]"]


def test_a_connection_that_breaks_between_two_files_is_made_again(host):
    host.put("system_prices_a.json", changed=1)
    host.put("system_prices_b.json", b"[2]", changed=2)

    def cut(name):
        if name.endswith("b.json"):  # every connection of this server, not the server itself
            for child in host.children():
                os.kill(child, signal.SIGKILL)

    came = list(files(job(host), host.settings(), told=cut))

    assert [one.data for one in came if isinstance(one, Answer)] == [b"[]", b"[2]"]


def test_nobody_at_the_address_is_told(host):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    away = host.settings()
    away = away.model_copy(update={"sftp": away.sftp.model_copy(update={"port": port})})

    (came,) = files(job(host), away)

    assert isinstance(came, Failure)
    assert "Unable to connect" in came.finding.found


@pytest.mark.parametrize("missing", ["host", "user", "known_hosts"])
def test_without_host_user_or_known_hosts_nothing_is_tried(host, missing):
    said = host.settings()
    without = said.model_copy(update={"sftp": Sftp(**(said.sftp.model_dump(exclude={missing})))})

    with pytest.raises(WrongSettings, match=rf"sftp\.{missing}"):
        list(files(job(host), without))


def test_without_key_and_password_nothing_is_tried(host):
    without = host.settings().model_copy(update={"secrets": Secrets(environ={})})

    with pytest.raises(WrongSettings, match="sftp_password"):
        list(files(job(host), without))


def test_nothing_is_printed(host, capfd):
    list(files(job(host, host.folder / "away"), host.settings(user="nobody")))

    assert capfd.readouterr() == ("", "")
