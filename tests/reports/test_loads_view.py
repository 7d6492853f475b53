"""What a viewer may know of the loads of a workspace; the workspace is `tests/loads_workspace.py`, read by hand."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from reports.access import THIS_MACHINE, Access, Viewer
from reports.charts.arrivals_chart import arrivals_chart
from reports.errors import NotShown
from reports.loads_records import CELLS, STATES, JobLoads, Line, Matrix, Wall, days_of_month
from reports.sections import loads_words
from reports.sections.loads import matrix_table, picture, refused_by, refused_table

DAY, NEXT = date(2024, 1, 15), date(2024, 1, 16)


@pytest.fixture(scope="module")
def loads(loads_home):
    return Access(loads_home).loads(THIS_MACHINE)


def line(matrix, dataset):
    return next(one for one in matrix.lines if one.dataset == dataset)


def test_a_party_sees_nothing_of_the_loads(loads_home):
    with pytest.raises(NotShown, match="SYNP001"):
        Access(loads_home).loads(Viewer("SYNP001", "party"))


def test_every_declared_job_stands_on_the_wall_once_and_the_worst_come_first(loads):
    from loaders.declared import all_jobs

    wall = loads.wall()

    assert sorted(one.job for one in wall.jobs) == sorted(all_jobs())
    places = [STATES.index(one.state) for one in wall.jobs]
    assert places == sorted(places)
    assert wall.counts() == {
        "failing": 0, "quarantined": 2, "late": 0, "drifting": 1, "fresh": 2, "never": len(wall.jobs) - 5,
    }  # fmt: skip
    assert [one.job for one in wall.of_state("quarantined")] == ["fuelhh", "indo"]
    assert wall.synthetic and not wall.fetches


def test_the_wall_says_of_each_job_its_newest_day_and_what_came_of_it(loads):
    wall = loads.wall()

    assert wall.job("indo").day == NEXT
    assert wall.job("indo").refused == 1  # that of the sixteenth was sent again rightly
    stack = wall.job("settlement_stack")
    assert stack.day == DAY
    assert dict(stack.cells) == {"rows": 1, "empty": 1, "incomplete": 1, "missing": 45, "to come": 0}
    assert wall.job("bm_units").day is None
    with pytest.raises(KeyError):
        wall.job("no_such_job")


def test_the_five_states_of_a_place_are_told_apart(loads):
    matrix = loads.day(DAY)
    stack, demand = line(matrix, "settlement_stack"), line(matrix, "initial_national_demand")

    assert [stack.cells[period] for period in (7, 8, 9, 10)] == ["rows", "empty", "incomplete", "missing"]
    assert "side has not arrived" in stack.notes[9]
    assert demand.numbers("empty") == [10, 11]
    assert demand.numbers("incomplete") == [34]
    assert demand.count("rows") == 45
    assert 34 not in demand.rows
    assert set(line(matrix, "fuel_type_generation").cells.values()) == {"incomplete"}
    half_past_noon = datetime(2024, 1, 15, 12, 30, tzinfo=UTC)
    later = line(loads.day(DAY, "settlement_stack", half_past_noon), "settlement_stack")
    assert [later.cells[period] for period in (25, 26, 48)] == ["missing", "to come", "to come"]


def test_rows_are_counted_as_they_are_in_force(loads):
    matrix = loads.day(DAY)

    assert line(matrix, "initial_national_demand").total == 45
    assert line(matrix, "settlement_stack").rows == {7: 2}
    assert line(matrix, "settlement_stack").total == 2


def test_datasets_of_which_nothing_came_are_counted_and_not_drawn(loads):
    from loaders.declared import datasets

    matrix = loads.day(DAY)

    assert [one.dataset for one in matrix.lines] == [
        "fuel_type_generation", "initial_national_demand", "settlement_stack", "initial_transmission_demand",
    ]  # fmt: skip
    assert matrix.silent == sum(one.dated for one in datasets().values()) - 4


def test_a_day_of_a_month_is_as_good_as_the_worst_of_its_periods(loads):
    month = loads.month(NEXT)

    demand = line(month, "initial_national_demand")
    assert (demand.cells[15], demand.cells[16], demand.cells[17]) == ("incomplete", "rows", "missing")
    assert line(month, "settlement_stack").notes[15]
    assert month.numbers == list(range(1, 32))
    assert month.first == date(2024, 1, 1)


@pytest.mark.parametrize(
    "first, days", [((2024, 2, 1), 29), ((2023, 2, 9), 28), ((2024, 12, 31), 31), ((2024, 4, 1), 30)]
)
def test_a_month_has_the_days_of_the_calendar(first, days):
    assert days_of_month(date(*first)) == days


@pytest.mark.parametrize("day, periods", [(date(2024, 3, 31), 46), (date(2024, 10, 27), 50)])
def test_a_day_the_clocks_change_has_the_periods_of_the_calendar(loads, day, periods):
    matrix = loads.day(day, "settlement_stack")

    assert len(matrix.numbers) == periods
    assert line(matrix, "settlement_stack").count("missing") == periods
    assert arrivals_chart(matrix).count("P4") == 1 + (periods > 48)  # P43 always, P49 where there is one


def test_a_refused_row_stands_with_its_remedy_and_the_record_as_received(loads, loads_home):
    found = loads.refused("indo")

    assert found.count == 2
    stands, mended = found.rows
    assert (stands.settlement_date, stands.row, stands.column, stands.found) == (DAY, 32, "demand_mw", "high")
    assert (stands.mended, mended.mended) == (False, True)
    assert stands.wanted and stands.todo
    received = json.loads((loads_home / "landings" / stands.landing).read_text())
    assert json.loads(stands.record) == received["data"][31]
    assert json.loads(stands.record)["settlementPeriod"] == 34


def test_refused_rows_are_given_a_page_at_a_time(loads):
    first, second = loads.refused(most=2), loads.refused(most=2, skip=2)

    assert first.count == second.count == 3
    assert [(one.job, one.row) for one in (*first.rows, *second.rows)] == [
        (one.job, one.row) for one in loads.refused().rows
    ]
    assert [one.settlement_date for one in loads.refused(settlement_date=NEXT).rows] == [NEXT]


def test_a_file_that_breaks_off_says_that_there_is_no_line_to_show(loads):
    (cut,) = loads.refused("fuelhh").rows

    assert cut.record is None
    assert "The landing gives no line for this row." in refused_table([cut])


def test_a_new_column_comes_with_the_lines_that_take_it_in(loads):
    (drift,) = loads.drifts("itsdo")

    assert (drift.field, drift.example) == ("carbonIntensity", "51")
    assert "from: carbonIntensity" in drift.draft
    assert loads.drifts("indo") == ()


def test_the_table_says_the_same_as_the_picture(loads):
    matrix = loads.day(DAY)
    said = matrix_table(matrix)

    assert "period 9: the" in said
    assert "periods 1 to 6, 10 to 48" in said
    svg = picture(matrix)
    assert "4 datasets, 48 periods" in svg
    assert all(f"{matrix.count(cell):,} " in svg for cell in CELLS[:4])


def test_no_state_is_drawn_by_colour_alone(loads):
    svg = arrivals_chart(loads.day(DAY))

    assert all(shape in svg for shape in ("c-dash", "c-cross", "missing", "c-rows"))


def test_refusals_add_up_by_job_and_by_kind(loads):
    rows = loads.refused().rows

    for what in ("job", "kind"):
        assert '<tr><th scope="row">Sum</th><td class="n">3</td><td class="n">1</td>' in refused_by(rows, what)


def test_what_a_sender_wrote_cannot_become_part_of_the_page(loads):
    from dataclasses import replace

    row = replace(loads.refused("indo").rows[0], found="<script>x</script>", record="<img src=x>", file="<b>.json")

    assert not [tag for tag in ("<script>", "<img", "<b>.") if tag in refused_table([row])]
    assert "&lt;script&gt;" in refused_table([row])


def test_a_row_that_is_refused_again_by_a_replay_is_told_once(loads_home, tmp_path):
    home = Path(shutil.copytree(loads_home, tmp_path / "workspace"))
    loads = Access(home).loads(THIS_MACHINE)
    taken = []

    report = loads.replay("fuelhh", taken.append)

    assert taken == ["SYNTHETIC_FUELHH_2024-01-15.json"]
    assert not report.good
    (cut,) = loads.refused("fuelhh").rows
    assert not cut.mended
    assert loads.wall().job("fuelhh").refused == 1


def test_the_notebook_shows_each_refusal_of_a_day_and_adds_them_up(loads_home):
    from reports import data_quality

    quality = data_quality.open_loads(loads_home)
    refused = quality.refused("2024-01-15").fragment

    assert refused.count("As received") == 2
    assert "SYNTHETIC_INDO_2024-01-16" not in refused
    assert '<th scope="row">Sum</th><td class="n">2</td>' in quality.refused_by_kind("2024-01-15").fragment
    assert "Nothing was refused" in quality.refused("2024-01-17").fragment
    assert "carbonIntensity" in quality.new_columns().fragment
    assert repr(quality) == "<loads, newest day 2024-01-16>"
    for shown in (quality.day(DAY), quality.missing(DAY), quality.month(DAY), quality.missing_in_month(DAY)):
        assert "settlement stack" in shown.fragment


def test_a_workspace_without_anything_says_so(tmp_path):
    from loaders import store
    from reports import data_quality

    store.open(tmp_path).close()
    quality = data_quality.open_loads(tmp_path)

    assert repr(quality) == "<loads, nothing has come>"
    assert "No dataset with days has come" in quality.day(DAY).fragment
    assert "Nothing was refused" in quality.refused_by_job(DAY).fragment


def wall_of(*states, fetches=True):
    jobs = tuple(
        JobLoads(f"job_{i}", "", "", "", (), state, None, "", None, None, None, {}, 0, 0, 0)
        for i, state in enumerate(states)
    )
    return Wall(jobs, None, False, fetches)


@pytest.mark.parametrize(
    "states, said",
    [
        (("late", "late", "quarantined", "fresh"),
         "1 of 4 jobs has rows or files in quarantine, 2 are late."),
        (("late", "late", "late"), "3 of 3 jobs are late."),
        (("fresh", "never"), "None of 2 jobs is late, failing, refused or drifting. Of 1 nothing has ever come."),
        (("failing", "drifting"), "1 of 2 jobs is failing, 1 drifts."),
    ],
)  # fmt: skip
def test_the_first_sentence_says_the_whole(states, said):
    assert loads_words.lead_sentence(wall_of(*states)) == said


def test_where_nothing_is_fetched_it_is_said_that_nothing_can_be_late():
    assert "none can be late" in loads_words.lead_sentence(wall_of("fresh", fetches=False))


def test_a_day_on_which_all_came_is_said_to_be_whole():
    cells = dict.fromkeys(range(1, 49), "rows")
    whole = Matrix("period", DAY, (Line("one", cells, {}, {}, 96, False), Line("two", cells, {}, {}, 48, False)), 0)

    assert loads_words.finding(whole) == "All 2 datasets came whole"
    assert loads_words.finding(Matrix("period", DAY, (), 5)) == "Nothing has come"
