"""The figures for Prometheus, read back by Prometheus' own parser; the alert rules; the lines of the log."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import yaml
from prometheus_client.parser import text_string_to_metric_families

from loaders.declared import all_jobs
from loaders.duty import claims, logs, metrics
from loaders.duty.schedule import Due, looked_after
from loaders.duty.status import STATES
from loaders.duty.walk import Walk
from loaders.store import tables as sql
from loaders.store.database import reading

NOW = datetime(2024, 1, 16, 6, tzinfo=UTC)
DISBSAD = "SYNTHETIC_DISBSAD_2024-01-15.json"


def figures(desk, now=NOW, jobs=None):
    text = metrics.text(desk.store.engine, jobs or looked_after({"disbsad": all_jobs()["disbsad"]}, {}), now)
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_files_rows_and_bytes_are_counted_as_they_were_sent(desk):
    good = json.dumps([desk.adjustment_row(n) for n in (1, 2, 3)]).encode()
    odd = json.dumps([desk.adjustment_row(1), desk.adjustment_row(2, cost="ten")]).encode()
    desk.load_files({DISBSAD: good})
    desk.load_files({DISBSAD: odd})
    desk.load_files({DISBSAD: odd})

    said = figures(desk)

    assert said["bsc_load_files_total", "disbsad", "kept"] == 2
    assert said["bsc_load_files_total", "disbsad", "repeated"] == 1
    assert said["bsc_load_rows_total", "disbsad"] == 3 + 2
    assert said["bsc_load_rows_refused_total", "disbsad"] == 1
    assert said["bsc_load_bytes_total", "disbsad"] == len(good) + 2 * len(odd)
    assert said["bsc_load_places_incomplete", "disbsad"] == 1


def test_stations_are_timed_and_an_error_in_one_is_counted_and_goes_on(desk):
    engine = desk.store.engine
    walk = Walk(engine, "disbsad", parent="p" * 32)
    with walk.station("read") as passed:
        passed.rows_out, passed.bytes = 7, 120
    with pytest.raises(ZeroDivisionError), walk.station("check"):
        1 / 0  # noqa: B018
    with pytest.raises(ValueError, match="wanted one of fetch, land"):
        walk.station("wash").__enter__()

    said = figures(desk)
    with reading(engine) as connection:
        rows = connection.execute(sa.select(sql.steps).order_by(sql.steps.c.id)).all()

    assert said["bsc_load_runs_total", "disbsad"] == 1
    assert said["bsc_load_errors_total", "check", "disbsad"] == 1
    assert said["bsc_load_errors_total", "disbsad", "read"] == 0
    assert said["bsc_load_seconds_total", "disbsad", "read"] == pytest.approx(rows[0].seconds)
    assert [(r.station, r.rows_out, r.bytes, r.parent, r.error) for r in rows] == [
        ("read", 7, 120, "p" * 32, None),
        ("check", 0, 0, "p" * 32, "ZeroDivisionError: division by zero"),
    ]


def test_a_job_is_in_one_state_and_one_that_never_answered_has_no_age(desk):
    said = figures(desk)
    assert [state for state in STATES if said["bsc_load_state", *sorted(("disbsad", state))]] == ["never"]
    assert ("bsc_load_last_answer_age_seconds", "disbsad") not in said

    desk.load_files({DISBSAD: [desk.adjustment_row(1)]})
    said = figures(desk, datetime.now(UTC) + timedelta(hours=1))

    assert [state for state in STATES if said["bsc_load_state", *sorted(("disbsad", state))]] == ["fresh"]
    assert 3600 <= said["bsc_load_last_answer_age_seconds", "disbsad"] < 3700


def test_lateness_is_in_seconds_since_the_answer_should_have_come(desk):
    job = all_jobs()["disbsad"]
    fetch = job.fetch.model_copy(update={"due": "30 5 * * *", "late_after": "1 hour", "covers": "all time"})
    jobs = {"disbsad": job.model_copy(update={"fetch": fetch})}

    assert figures(desk, datetime(2024, 1, 16, 7, 0, tzinfo=UTC), jobs)["bsc_load_lateness_seconds", "disbsad"] == 1800


def test_every_metric_that_an_alert_names_is_there(desk):
    """Each alert's expression is taken apart: its metric is given by the loads, and a state it names is a state."""
    desk.load_files({DISBSAD: [desk.adjustment_row(1)]})
    claims.plan(desk.store.engine, [Due("disbsad", "2024-01-15", NOW, NOW, NOW)])
    there = {name for name, *_ in figures(desk)}
    rules = [r for group in yaml.safe_load(metrics.ALERTS.read_text())["groups"] for r in group["rules"]]

    named = {rule["alert"]: set(re.findall(r"\bbsc_\w+", rule["expr"])) for rule in rules}
    states = {state for rule in rules for state in re.findall(r'bsc_load_state\{state="(\w+)"', rule["expr"])}

    assert len(named) == len(rules) >= 5
    assert all(names and names <= there for names in named.values()), named
    assert states <= set(STATES)
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("info", "warning", "critical")
        assert set(rule["annotations"]) == {"summary", "description"}


def test_a_line_of_the_log_is_json_with_its_run_and_without_secrets():
    stream = io.StringIO()
    log = logs.opened("r" * 32, job="boalf", stream=stream, api_key="hidden")
    log.debug("not written")
    log.info("kept", rows=1200, monkey="shown")

    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)

    assert (said["run_id"], said["job"], said["event"], said["rows"], said["level"]) == (
        "r" * 32,
        "boalf",
        "kept",
        1200,
        "info",
    )
    assert (said["api_key"], said["monkey"]) == ("***", "shown")
    assert datetime.fromisoformat(said["at"]).tzinfo is not None


def test_units_of_systemd_name_no_machine_and_start_the_command_by_its_name():
    folder = metrics.ALERTS.with_name("systemd")
    units = {path.name: path.read_text() for path in folder.iterdir()}

    assert set(units) == {"bsc-load.service", "bsc-load-due.service", "bsc-load-due.timer"}
    for name, text in units.items():
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert all(re.fullmatch(r"\[\w+\]|\w+=.+", line) for line in lines), name
        assert not re.search(r"/(home|root|opt)/", text), name
    started = {line for text in units.values() for line in text.splitlines() if line.startswith("ExecStart=")}
    assert started == {"ExecStart=/usr/bin/env bsc load --watch", "ExecStart=/usr/bin/env bsc load --due"}
