"""Tasks are done exactly once by however many workers, on either database; a dead worker's lease runs out."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from loaders import store
from loaders.duty import claims, needs
from loaders.duty.schedule import Due
from loaders.store import database, watermarks
from loaders.store import tables as sql
from loaders.store.database import reading, writing

NOW = datetime(2024, 1, 16, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def a_due(job="feed", number=0, tick=NOW):
    first = NOW - timedelta(days=400 - number)
    return Due(job, f"question {number}", tick, first, first + timedelta(days=1))


@pytest.fixture
def engine(tmp_path):
    opened = store.open(tmp_path / "home")
    yield opened.engine
    opened.close()


def states(engine):
    with reading(engine) as connection:
        rows = connection.execute(sa.select(sql.job_tasks).order_by(sql.job_tasks.c.id)).all()
    return [(row.question, row.state, row.attempts) for row in rows]


def _work(home, worker, said):
    """Claim, note and do, until nothing is left. A task whose job runs elsewhere makes it wait."""
    engine = database.connect(home)
    while True:
        task = claims.claim(engine, worker, datetime.now(UTC))
        if task is None:
            with reading(engine) as connection:
                left = connection.execute(sa.select(sql.job_tasks.c.id).where(sql.job_tasks.c.state != "done")).first()
            if left is None:
                break
            time.sleep(0.002)
            continue
        said.append((task.job, task.question, worker, time.monotonic(), "start"))
        time.sleep(0.002)
        said.append((task.job, task.question, worker, time.monotonic(), "end"))
        assert claims.done(engine, task, datetime.now(UTC))
    engine.dispose()
    return worker


def test_eight_workers_do_two_hundred_tasks_once_each_and_no_job_twice_at_once(tmp_path, engine):
    """Each worker has connections of its own, so that only the database stands between them."""
    dues = [a_due(f"job {number % 20}", number) for number in range(200)]
    assert claims.plan(engine, dues) == 200
    said: list[tuple[str, str, str, float, str]] = []
    names = [f"worker {number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        ended = list(pool.map(lambda name: _work(tmp_path / "home", name, said), names))

    assert ended == names
    starts = Counter((job, question) for job, question, *_, what in said if what == "start")
    assert starts == {(due.job, due.question): 1 for due in dues}
    assert len({worker for _, _, worker, *_ in said}) > 1
    # Of one job, each end comes before the next start.
    for job in {due.job for due in dues}:
        order = sorted((at, what) for name, _, _, at, what in said if name == job)
        assert [what for _, what in order] == ["start", "end"] * 10


def _die(home):
    claims.claim(store.open(home).engine, "doomed", NOW)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_that_dies_leaves_a_lease_that_runs_out(tmp_path):
    home = tmp_path / "home"
    engine = store.open(home).engine
    claims.plan(engine, [a_due()])
    doomed = multiprocessing.get_context("spawn").Process(target=_die, args=(home,))
    doomed.start()
    doomed.join()

    assert doomed.exitcode == -signal.SIGKILL
    assert claims.claim(engine, "other", NOW + claims.LEASE - MINUTE) is None
    task = claims.claim(engine, "other", NOW + claims.LEASE)
    assert (task.question, task.attempts, task.claimed_by) == ("question 0", 2, "other")
    assert claims.done(engine, task, NOW + claims.LEASE + MINUTE)
    assert claims.claim(engine, "other", NOW + timedelta(days=1)) is None


def test_a_renewed_lease_holds_and_one_that_was_lost_counts_no_more(engine):
    claims.plan(engine, [a_due()])
    slow = claims.claim(engine, "slow", NOW)
    assert claims.renew(engine, slow, NOW + 9 * MINUTE)
    assert claims.claim(engine, "quick", NOW + 18 * MINUTE) is None

    quick = claims.claim(engine, "quick", NOW + 19 * MINUTE)

    assert quick.question == slow.question
    assert not claims.renew(engine, slow, NOW + 20 * MINUTE)
    assert not claims.done(engine, slow, NOW + 20 * MINUTE)
    assert not claims.failed(engine, slow, "too late", NOW + 20 * MINUTE)
    assert claims.done(engine, quick, NOW + 20 * MINUTE)
    assert states(engine) == [("question 0", "done", 2)]


def test_the_oldest_question_goes_first_and_one_of_a_running_job_waits(engine):
    claims.plan(engine, [a_due("a", 3), a_due("a", 1), a_due("b", 2)])

    first = claims.claim(engine, "one", NOW)
    second = claims.claim(engine, "two", NOW)

    assert (first.job, first.question) == ("a", "question 1")
    assert (second.job, second.question) == ("b", "question 2")
    assert claims.claim(engine, "three", NOW) is None
    assert claims.done(engine, first, NOW)
    assert claims.claim(engine, "three", NOW).question == "question 3"


def test_a_task_that_is_given_back_has_not_been_tried(engine):
    claims.plan(engine, [a_due()])

    assert claims.give_back(engine, claims.claim(engine, "one", NOW))

    assert states(engine) == [("question 0", "waiting", 0)]
    assert claims.claim(engine, "two", NOW).attempts == 1


def test_a_task_that_fails_waits_longer_each_time_and_is_given_up_at_last(engine):
    claims.plan(engine, [a_due()])
    now = NOW
    for minutes in (1, 2, 4, 8):
        assert claims.failed(engine, claims.claim(engine, "one", now), "no answer", now)
        assert claims.claim(engine, "one", now + minutes * MINUTE - timedelta(seconds=1)) is None
        now += minutes * MINUTE
    assert claims.failed(engine, claims.claim(engine, "one", now), "no answer", now)

    assert states(engine) == [("question 0", "failed", 5)]
    assert claims.claim(engine, "one", now + timedelta(days=9)) is None


def test_a_task_that_kills_its_workers_is_given_up_too(engine):
    claims.plan(engine, [a_due()])
    for number in range(5):
        assert claims.claim(engine, "doomed", NOW + number * claims.LEASE)

    assert claims.expire(engine, NOW + 5 * claims.LEASE) == 1

    assert states(engine) == [("question 0", "failed", 5)]


def test_what_cannot_go_better_is_not_tried_again(engine):
    claims.plan(engine, [a_due()])

    claims.failed(engine, claims.claim(engine, "one", NOW), "the key was refused", NOW, again=False)

    assert states(engine) == [("question 0", "failed", 1)]


def test_the_same_tick_is_put_down_once_and_a_waiting_question_is_not_doubled(engine):
    assert claims.plan(engine, [a_due()]) == 1
    assert claims.plan(engine, [a_due(), a_due(tick=NOW + 10 * MINUTE), a_due(number=1)]) == 1
    assert claims.done(engine, claims.claim(engine, "one", NOW), NOW)
    assert claims.plan(engine, [a_due()]) == 0
    assert claims.plan(engine, [a_due(tick=NOW + 10 * MINUTE)]) == 1
    assert claims.last_runs(engine) == {"feed": NOW + 10 * MINUTE}


def test_a_question_that_needs_another_waits_and_others_go_past_it(engine):
    claims.plan(engine, [a_due("stack", 1), a_due("other", 2)])

    task = claims.claim(engine, "one", NOW, ready=lambda _connection, due: due.job != "stack")

    assert task.job == "other"
    assert claims.claim(engine, "two", NOW, ready=lambda _connection, due: due.job != "stack") is None
    assert claims.claim(engine, "two", NOW).job == "stack"


def test_a_watermark_never_goes_back(engine):
    with writing(engine) as connection:
        assert watermarks.move(connection, "feed", NOW, NOW) == NOW
        assert watermarks.move(connection, "feed", NOW - MINUTE, NOW) == NOW
        assert watermarks.move(connection, "feed", NOW + MINUTE, NOW) == NOW + MINUTE
    with reading(engine) as connection:
        assert watermarks.all_of(connection) == {"feed": NOW + MINUTE}


def test_jobs_that_need_each_other_in_a_circle_are_refused():
    from loaders.declared import all_jobs
    from loaders.errors import NotALoadJob

    jobs = all_jobs()

    def with_needs(**said):
        return jobs | {name: jobs[name].model_copy(update={"needs": needed}) for name, needed in said.items()}

    order = needs.in_order(with_needs(boalf=("bm_units",), pn=("boalf",)))
    assert order.index("bm_units") < order.index("boalf") < order.index("pn")
    with pytest.raises(NotALoadJob, match="needs: found a circle"):
        needs.in_order(with_needs(boalf=("pn",), pn=("boalf",)))
    with pytest.raises(NotALoadJob, match="needs: found nothing_such"):
        needs.in_order(with_needs(boalf=("nothing_such",)))
