"""Rows of the sign-off chain are only ever added, one after the other, in either database."""

from __future__ import annotations

import inspect
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from loaders import store
from loaders.errors import StoreDamaged
from loaders.store import signoff_entries
from loaders.store.database import writing
from loaders.store.signoff_entries import SignoffRow, append, counted, rows
from loaders.store.tables import signoff_entries as table


@pytest.fixture
def engine(desk):
    opened = store.open(desk.home)
    yield opened.engine
    opened.close()


def hash_like(number):
    return f"{number:064x}"


def next_row(subject, most=None):
    def made(own, last):
        if most is not None and len(own) >= most:
            raise ValueError("somebody was quicker")
        number = last.number + 1 if last else 1
        previous = last.head_sha256 if last else None
        return SignoffRow(number, subject, previous, "é 😀 'x '\n", hash_like(7), None, hash_like(number))

    return made


def add(engine, subject, count=1):
    for _ in range(count):
        append(engine, subject, next_row(subject))


def test_rows_come_back_as_they_were_written_in_order_and_by_subject(engine):
    add(engine, "a", 2)
    add(engine, "b")

    assert [(one.number, one.subject, one.previous) for one in rows(engine)] == [
        (1, "a", None), (2, "a", hash_like(1)), (3, "b", hash_like(2)),
    ]  # fmt: skip
    assert [one.number for one in rows(engine, "b")] == [3]
    assert rows(engine)[0].body == "é 😀 'x '\n"
    assert counted(engine) == 3


def test_of_eight_at_once_one_wins_and_the_others_are_told(engine):
    def once(_):
        try:
            append(engine, "a", next_row("a", most=1))
        except ValueError:
            return "told"
        return "won"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(once, range(8)))

    assert sorted(outcomes) == ["told"] * 7 + ["won"]
    assert len(rows(engine)) == counted(engine) == 1


def test_eight_who_write_about_other_things_lose_nothing(engine):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda at: add(engine, f"subject {at}", 2), range(8)))

    assert [one.number for one in rows(engine)] == list(range(1, 17))
    assert [one.previous for one in rows(engine)] == [None, *map(hash_like, range(1, 16))]


def test_a_place_in_the_chain_is_taken_once(engine):
    add(engine, "a")
    again = {**vars(rows(engine)[0])}

    for changed in ({}, {"number": 2}):
        with pytest.raises(sa.exc.IntegrityError), writing(engine) as connection:
            connection.execute(sa.insert(table).values(**{**again, **changed}))


def test_nothing_is_added_to_a_chain_whose_end_was_cut_off(engine):
    add(engine, "a", 2)
    with writing(engine) as connection:
        connection.execute(sa.delete(table).where(table.c.number == 2))

    with pytest.raises(StoreDamaged, match="found 1 rows, wanted 2 as counted"):
        add(engine, "a")
    assert len(rows(engine)) == 1 and counted(engine) == 2


def test_no_code_changes_or_takes_out_a_row():
    source = inspect.getsource(signoff_entries)

    assert "sa.insert(table)" in source
    assert "sa.update" not in source and "sa.delete" not in source
