"""The SQL side of a workspace: one engine, its settings, its migrations."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from loaders.store.migrations import HEAD

NAME = "workspace.sqlite"


def connect(home: Path) -> sa.Engine:
    """The engine of a workspace, brought to the present tables."""
    engine = sa.create_engine(
        f"sqlite:///{home / NAME}",
        connect_args={"timeout": 60},
        json_serializer=lambda said: json.dumps(said, default=str),
    )
    sa.event.listen(engine, "connect", _settings)
    sa.event.listen(engine, "begin", _begin)
    if _revision(engine) != HEAD:
        _migrate(engine, home)
    return engine


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that sees one state of the store throughout."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """The one writer: others wait from the first statement on. Commits at the end, or nothing of it happens."""
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        yield connection


def _settings(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # the driver shall not begin by itself: _begin does
    cursor = raw.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _revision(engine: sa.Engine) -> str | None:
    with reading(engine) as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(engine: sa.Engine, home: Path) -> None:
    """Take the steps that are missing; two processes that open a new workspace at once do it one after the other."""
    from alembic import command
    from alembic.config import Config

    with (home / ".migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _revision(engine) == HEAD:
            return
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with writing(engine) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
