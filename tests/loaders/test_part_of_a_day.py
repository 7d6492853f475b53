"""A file that does not name its day has arrived for the periods that it holds; for the day, if it holds them all."""

from __future__ import annotations

from datetime import date

from settlement import calendar

DAY = date(2024, 1, 15)


def arrivals(desk, dataset="adjustment_actions", day=DAY):
    return [(one.settlement_period, one.empty) for one in desk.store.arrivals(dataset, day)]


def test_half_a_day_has_arrived_for_its_periods_only(desk):
    desk.load_files({"disbsad.json": [desk.adjustment_row(1, period=7), desk.adjustment_row(2, period=9)]})

    assert arrivals(desk) == [(7, False), (9, False)]


def test_all_periods_of_a_day_are_the_day(desk):
    desk.load_files({"disbsad.json": [desk.adjustment_row(p, period=p) for p in calendar.periods(DAY)]})

    assert arrivals(desk) == [(None, False)]


def test_a_file_that_names_its_day_speaks_for_all_of_it(desk):
    desk.load_files({"disbsad_2024-01-15.json": [desk.adjustment_row(1, period=7)]})

    assert arrivals(desk) == [(None, False)]


def test_a_refused_row_has_come_all_the_same(desk):
    desk.load_files({"disbsad.json": [desk.adjustment_row(1, period=7, volume="much")]})

    assert arrivals(desk) == [(7, False)]
    assert desk.marks("adjustment_actions") == [(7, None)]
