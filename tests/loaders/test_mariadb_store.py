"""MariaDB as the database of a workspace: what is particular to it. What it shares runs on both (conftest)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from loaders import store
from loaders.errors import WrongDatabase
from loaders.store import database, runs, tables
from loaders.store.address import address_of
from loaders.store.migrations import HEAD

pytestmark = pytest.mark.xdist_group("mariadb")
NOW = datetime(2024, 1, 16, tzinfo=UTC)


@pytest.fixture
def server(mariadb):
    """The server, with a database that has no tables yet and is gone afterwards."""
    mariadb.ask("DROP DATABASE IF EXISTS bsc_empty")
    yield mariadb
    mariadb.ask("DROP DATABASE IF EXISTS bsc_empty", "DROP USER IF EXISTS settling@localhost")


def a_home(folder, url, **other):
    folder.mkdir(exist_ok=True)
    said = {"url": url} | other
    (folder / "database.toml").write_text("".join(f'{name} = "{value}"\n' for name, value in said.items()))
    return folder


def url_of(server, name="bsc_empty", user="root"):
    return f"mysql+pymysql://{user}@127.0.0.1:{server.port}/{name}"


def test_migrations_give_the_same_tables_as_in_sqlite(server, tmp_path):
    engine = database.connect(a_home(tmp_path / "home", url_of(server)))

    with engine.connect().execution_options(bare=True) as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, tables.metadata) == []
    collations = server.ask(
        "SELECT DISTINCT table_collation, engine FROM information_schema.tables WHERE table_schema = 'bsc_empty'"
    )
    assert collations == (("utf8mb4_nopad_bin", "InnoDB"),)


def test_migrations_that_were_cut_short_are_taken_up_again(server, tmp_path):
    """Each table is committed by itself: a crash leaves some of them, and an older revision or none."""
    home = a_home(tmp_path / "home", url_of(server))
    database.connect(home).dispose()
    server.ask(
        "DROP TABLE bsc_empty.steps",
        "ALTER TABLE bsc_empty.job_runs DROP COLUMN seconds",
        "DROP TABLE bsc_empty.versions",
        "DELETE FROM bsc_empty.alembic_version",
    )

    engine = database.connect(home)

    with engine.connect().execution_options(bare=True) as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []


def test_a_file_of_three_gigabytes_is_noted_also_where_an_older_form_ended_at_two(server, tmp_path):
    home = a_home(tmp_path / "home", url_of(server))
    database.connect(home).dispose()
    server.ask(
        "ALTER TABLE bsc_empty.landings MODIFY bytes INTEGER NOT NULL",
        "UPDATE bsc_empty.alembic_version SET version_num = '0006'",
    )
    noted = {name: "" for name in ("sha256", "job", "file")} | {
        name: 0 for name in ("rows_kept", "rows_refused", "version")
    }

    with database.writing(database.connect(home)) as connection:
        row = noted | {"bytes": 3_000_000_000, "synthetic": True, "kept_at": NOW}
        connection.execute(sa.insert(tables.landings).values(row))

    assert server.ask("SELECT bytes FROM bsc_empty.landings") == ((3_000_000_000,),)


def test_workspaces_that_are_opened_at_once_are_made_once(server, tmp_path):
    homes = [a_home(tmp_path / str(number), url_of(server)) for number in range(4)]

    with ThreadPoolExecutor(4) as pool:
        engines = list(pool.map(database.connect, homes))

    assert server.ask("SELECT version_num FROM bsc_empty.alembic_version") == ((HEAD,),)
    for engine in engines:
        engine.dispose()


def test_blanks_case_and_microseconds_count(server, tmp_path):
    engine = database.connect(a_home(tmp_path / "home", url_of(server)))
    at = datetime(2024, 1, 16, 12, 0, 0, 123456, tzinfo=UTC)
    with database.writing(engine) as connection:
        for job in ("x", "x ", "X"):
            connection.execute(sa.insert(tables.watermarks).values(job=job, upto=at, moved_at=at))

    with database.reading(engine) as connection:
        found = connection.execute(sa.select(tables.watermarks).where(tables.watermarks.c.job == "x ")).all()

    assert [(row.job, row.upto) for row in found] == [("x ", at)]


def test_a_reader_sees_one_state_while_a_writer_goes_on_and_the_next_writer_sees_all(server, tmp_path):
    engine = database.connect(a_home(tmp_path / "home", url_of(server)))
    versions = sa.select(sa.func.count()).select_from(tables.versions)

    with database.reading(engine) as reader:
        with database.writing(engine) as writer:
            runs.next_version(writer, "one", NOW)
        assert reader.execute(versions).scalar() == 0
    with database.writing(engine) as writer:
        assert writer.execute(versions).scalar() == 1
        assert runs.next_version(writer, "two", NOW) == 2


def test_writers_wait_for_each_other_and_what_is_rolled_back_takes_no_number(server, tmp_path):
    engine = database.connect(a_home(tmp_path / "home", url_of(server)))

    def write(number):
        try:
            with database.writing(engine) as connection:
                version = runs.next_version(connection, str(number), NOW)
                if number % 5 == 0:
                    raise RuntimeError("given up")
                return version
        except RuntimeError:
            return None

    with ThreadPoolExecutor(5) as pool:
        given = [version for version in pool.map(write, range(50)) if version]

    assert sorted(given) == list(range(1, 41))


def test_a_password_comes_from_a_file_and_is_never_shown(server, tmp_path):
    server.ask(
        "CREATE USER settling@localhost IDENTIFIED BY 'very secret'",
        "CREATE DATABASE bsc_empty CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
        "GRANT ALL ON bsc_empty.* TO settling@localhost",
    )
    secret = tmp_path / "secret"
    secret.write_text("very secret\n")
    home = a_home(tmp_path / "home", url_of(server, user="settling"), password_file=secret)

    engine = database.connect(home)
    assert store.open(home).version() == 0
    assert "very secret" not in f"{engine!r} {engine.url!r} {engine.url.render_as_string(hide_password=False)}"

    secret.write_text("wrong secret")
    with pytest.raises(WrongDatabase, match="Access denied") as told:
        database.connect(home)
    assert "wrong secret" not in str(told.value)
    secret.unlink()
    with pytest.raises(WrongDatabase, match="wanted a file that holds the password"):
        database.connect(home)


def test_a_database_in_which_blanks_do_not_count_is_refused(server, tmp_path):
    server.ask("CREATE DATABASE bsc_empty CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")

    with pytest.raises(WrongDatabase, match="found collation utf8mb4_general_ci, wanted utf8mb4_nopad_bin"):
        database.connect(a_home(tmp_path / "home", url_of(server)))


def test_a_server_that_does_not_answer_is_told_of(tmp_path):
    home = a_home(tmp_path / "home", "mysql+pymysql://root@127.0.0.1:1/bsc_empty")

    with pytest.raises(WrongDatabase, match="wanted a MariaDB that answers"):
        database.connect(home)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ('url = "mysql+pymysql://root:hunter2@127.0.0.1/bsc"', "found a password in the url"),
        ('url = "postgresql://127.0.0.1/bsc"', "found postgresql, wanted mysql"),
        ('url = "mysql+pymysql://127.0.0.1"', "found no name of a database"),
        ('url = "hunter2 nonsense"', "found no url"),
        ('colour = "blue"', "found colour, wanted url"),
        ("url = ", "wanted url and password_file as TOML"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_without_showing_a_secret(tmp_path, said, fault):
    (tmp_path / "database.toml").write_text(said)

    with pytest.raises(WrongDatabase, match=fault) as told:
        database.connect(tmp_path)
    assert "hunter2" not in str(told.value)


def test_the_environment_chooses_for_a_new_workspace_only(tmp_path, monkeypatch):
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    database.connect(old).dispose()
    monkeypatch.setenv("BSC_DATABASE", "mysql+pymysql://root@127.0.0.1:1/{workspace}")

    assert database.connect(old).dialect.name == "sqlite"
    with pytest.raises(WrongDatabase):
        database.connect(new)
    monkeypatch.delenv("BSC_DATABASE")
    # Once chosen it stays: without the variable the workspace is not an empty SQLite one.
    with pytest.raises(WrongDatabase):
        database.connect(new)
    assert address_of(new).url.database.startswith("bsc_")
    assert (database.is_workspace(old), database.is_workspace(new), database.is_workspace(tmp_path)) == (
        True,
        True,
        False,
    )


def test_a_lost_writer_row_is_told_of_and_not_written_without(server, tmp_path):
    engine = database.connect(a_home(tmp_path / "home", url_of(server)))
    server.ask("DELETE FROM bsc_empty.counters")

    with pytest.raises(WrongDatabase, match="found no row 'writer'"), database.writing(engine):
        pass
