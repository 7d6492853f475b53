"""Settings and secrets: where they are found, and that a secret is shown nowhere."""

from __future__ import annotations

import copy
import pickle

import pytest

from loaders.errors import WrongSettings
from loaders.sources.secrets import Secrets
from loaders.sources.settings import Settings, read_settings

WORD = "SYNTHETIC-sesame"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "secrets"
    place.mkdir(mode=0o700)
    return place


def put(folder, name, text=WORD + "\n", mode=0o600):
    path = folder / name
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_secret_is_the_text_of_its_file_without_the_last_line_end(folder):
    put(folder, "portal_key")

    assert Secrets(folder, {}).get("portal_key").get_secret_value() == WORD


def test_the_folder_is_named_by_the_environment(folder):
    put(folder, "queue_password")

    assert Secrets(environ={"BSC_SECRETS": str(folder)}).get("queue_password").get_secret_value() == WORD


def test_a_variable_comes_before_the_file(folder):
    put(folder, "portal_key", "other")

    assert Secrets(folder, {"BSC_PORTAL_KEY": WORD}).get("portal_key").get_secret_value() == WORD


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o666])
@pytest.mark.parametrize("name", ["portal_key", "sftp_key"])
def test_a_file_that_every_user_can_read_or_write_is_refused(folder, mode, name):
    path = put(folder, name, mode=mode)

    with pytest.raises(WrongSettings, match=f"chmod 600 {path}") as told:
        Secrets(folder, {}).path(name)
    with pytest.raises(WrongSettings):
        Secrets(folder, {}).get(name)

    assert WORD not in str(told.value)


def test_a_file_of_the_user_and_the_group_will_do(folder):
    put(folder, "portal_key", mode=0o440)

    assert Secrets(folder, {}).get("portal_key").get_secret_value() == WORD


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_file_is_refused(folder, text):
    put(folder, "portal_key", text)

    with pytest.raises(WrongSettings, match="an empty file"):
        Secrets(folder, {}).get("portal_key")


def test_a_secret_that_is_not_there_is_none(folder):
    assert Secrets(folder, {}).get("portal_key") is None
    assert Secrets(environ={}).get("portal_key") is None


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(WrongSettings, match="found no folder"):
        Secrets(environ={"BSC_SECRETS": str(tmp_path / "away")}).get("portal_key")


def test_a_secret_that_nobody_needs_is_refused_by_name(folder):
    with pytest.raises(WrongSettings, match="wanted one of portal_key"):
        Secrets(folder, {}).get("../passwd")


def test_no_secret_is_shown_by_printing_what_holds_it(folder):
    put(folder, "portal_key")
    secrets = Secrets(folder, {"BSC_SFTP_PASSWORD": WORD})
    settings = Settings(secrets=secrets)
    found = secrets.get("portal_key")

    shown = [repr(secrets), str(secrets), repr(settings), str(settings), repr(found), str(found), f"{found}"]

    assert not [text for text in shown if WORD in text]
    assert WORD not in settings.model_dump_json()


def test_settings_without_a_file_are_those_of_the_public_addresses(tmp_path):
    found = read_settings(tmp_path, {})

    assert found.insights.url == "https://data.elexon.co.uk/bmrs/api/v1"
    assert found.limits.largest_answer == 1_000_000_000


def test_the_environment_comes_before_the_file_and_the_file_before_the_rest(tmp_path):
    (tmp_path / "settings.toml").write_text(
        '[insights]\nurl = "https://example.org/a"\nrequests_a_minute = 30\n[limits]\nattempts = 2\n'
    )

    found = read_settings(tmp_path, {"BSC_INSIGHTS_URL": "http://127.0.0.1:8080/b", "BSC_SFTP_PORT": "2222"})

    assert found.insights.url == "http://127.0.0.1:8080/b"
    assert (found.insights.requests_a_minute, found.limits.attempts, found.sftp.port) == (30, 2, 2222)
    assert found.limits.question == read_settings(tmp_path / "away", {}).limits.question


@pytest.mark.parametrize(
    ("written", "environ", "fault"),
    [
        ("[insights]\npace = 3\n", {}, "insights.pace"),
        ("[insights]\nrequests_a_minute = 0\n", {}, "insights.requests_a_minute"),
        ("insights = 3\n", {}, "insights"),
        ("[insights\n", {}, "wanted TOML"),
        ("", {"BSC_LIMITS_READ": "soon"}, "limits.read (or BSC_LIMITS_READ)"),
        ("", {"BSC_INSIGHTS_URL": "ftp://example.org"}, "insights.url"),
        ("", {"BSC_INSIGHTS_URL": "https://me:word@example.org"}, "insights.url"),
        ("", {"BSC_PORTAL_URL": "https://example.org/?key=1"}, "portal.url"),
        ('[secrets]\nfolder = "x"\n', {}, "found secrets"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_with_its_name(tmp_path, written, environ, fault):
    (tmp_path / "settings.toml").write_text(written)

    with pytest.raises(WrongSettings) as told:
        read_settings(tmp_path, environ)

    assert fault in str(told.value)


def test_a_secret_among_the_settings_is_refused_and_not_repeated(tmp_path):
    (tmp_path / "settings.toml").write_text(f'[portal]\nkey = "{WORD}"\n')

    with pytest.raises(WrongSettings, match=r"portal\.key") as told:
        read_settings(tmp_path, {})

    assert WORD not in str(told.value)
    assert str(pickle.loads(pickle.dumps(told.value))) == str(told.value)


def test_settings_are_frozen_and_can_be_copied():
    settings = Settings()

    with pytest.raises(Exception, match="frozen"):
        settings.insights.url = "https://example.org"
    assert copy.copy(settings) == settings
