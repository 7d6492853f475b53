"""What is asked: one question a day, period, side or window, and the name under which its answer is kept."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest
import yaml

from loaders import all_jobs
from loaders.declared import FOLDER, family, read_job
from loaders.errors import NotALoadJob
from loaders.job_fetch import Fetch
from loaders.sources.folder import NameScope, named_by, scope_of
from loaders.sources.questions import questions

DAY = date(2024, 1, 15)
SPRING, AUTUMN = date(2024, 3, 31), date(2024, 10, 27)


def asking(name="system_prices", **fetch):
    """A declared job with another fetch."""
    job = all_jobs()[name]
    said = {"from": "insights", "file_names": job.fetch.file_names, "path": "/x"} | fetch
    return job.model_copy(update={"fetch": Fetch.model_validate(said)})


def test_a_day_is_asked_for_once_in_its_path():
    path = "/balancing/settlement/system-prices/{settlementDate}"

    asked = questions(asking(path=path, covers="settlement day"), DAY, date(2024, 1, 17))

    assert [one.path.rpartition("/")[2] for one in asked] == ["2024-01-15", "2024-01-16", "2024-01-17"]
    assert [one.name for one in asked] == [f"system_prices_2024-01-{day}.json" for day in (15, 16, 17)]


@pytest.mark.parametrize(("day", "count"), [(DAY, 48), (SPRING, 46), (AUTUMN, 50)])
def test_each_period_of_the_day_is_asked_for_on_both_sides(day, count):
    path = "/balancing/settlement/stack/all/{bidOffer}/{settlementDate}/{settlementPeriod}"

    asked = questions(asking("settlement_stack", path=path, covers="settlement period"), day, day)

    assert Counter(one.side for one in asked) == {"bid": count, "offer": count}
    assert {one.settlement_period for one in asked} == set(range(1, count + 1))
    assert asked[0].path == f"/balancing/settlement/stack/all/bid/{day}/1"
    assert asked[-1].name == f"settlement_stack_offer_{day}_{count}.json"


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (DAY, "2024-01-15T00:00Z", "2024-01-16T00:00Z"),
        (SPRING, "2024-03-31T00:00Z", "2024-03-31T23:00Z"),
        (date(2024, 7, 1), "2024-06-30T23:00Z", "2024-07-01T23:00Z"),
        (AUTUMN, "2024-10-26T23:00Z", "2024-10-28T00:00Z"),
    ],
)
def test_a_day_is_asked_for_from_local_midnight_to_local_midnight(day, start, end):
    job = asking(asks={"from": "start", "to": "end"}, covers="settlement day")

    (asked,) = questions(job, day, day)

    assert asked.query == (("from", start), ("to", end))


def test_a_question_by_dates_and_periods_names_the_last_period_of_its_day():
    asks = {
        "from": "first date",
        "to": "last date",
        "settlementPeriodFrom": "first period",
        "settlementPeriodTo": "last period",
        "dataProviders": "=N2EX",
    }

    said = [dict(one.query) for one in questions(asking(asks=asks, covers="settlement day"), SPRING, SPRING)]

    assert said == [
        {
            "from": "2024-03-31",
            "to": "2024-03-31",
            "settlementPeriodFrom": "1",
            "settlementPeriodTo": "46",
            "dataProviders": "N2EX",
        }
    ]


def test_a_question_about_a_period_names_that_period_alone():
    asks = {"a": "first period", "b": "last period", "from": "start", "to": "end"}

    asked = questions(asking(asks=asks, covers="settlement period"), SPRING, SPRING)

    # 01:00 to 02:00 does not exist on the clock face; the third period starts at 01:00 UTC, which is 02:00.
    assert dict(asked[2].query) == {"a": "3", "b": "3", "from": "2024-03-31T01:00Z", "to": "2024-03-31T01:30Z"}


def test_windows_of_publishing_follow_each_other_without_gap_or_overlap():
    job = asking("lolpdrm", asks={"f": "start", "t": "publish time"}, covers="publish window", longest="12 hours")

    asked = questions(job, AUTUMN, AUTUMN)  # 25 hours

    assert [dict(one.query) for one in asked] == [
        {"f": "2024-10-26T23:00Z", "t": "2024-10-27T11:00Z"},
        {"f": "2024-10-27T11:00Z", "t": "2024-10-27T23:00Z"},
        {"f": "2024-10-27T23:00Z", "t": "2024-10-28T00:00Z"},
    ]


def test_a_window_of_publishing_bears_no_settlement_date_in_its_name():
    job = asking("lolpdrm", covers="publish window", longest="7 days")

    (asked,) = questions(job, DAY, date(2024, 1, 15))

    assert asked.name == "lolpdrm_published_20240115T0000_20240116T0000.json"
    assert scope_of(asked.name) == NameScope(window=True)
    assert asked.settlement_date is None


def test_a_triad_season_is_asked_for_once_from_november_to_february():
    job = asking(path="/demand/peak/{triadSeason}/{triadSeasonStartYear}", covers="season")

    asked = questions(job, date(2024, 10, 31), date(2025, 2, 28))

    assert [one.path for one in asked] == ["/demand/peak/2023-2024/2023", "/demand/peak/2024-2025/2024"]
    assert asked[1].name == "system_prices_season_2024-2025.json"
    assert (asked[1].start, asked[1].end) == (datetime(2024, 11, 1, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC))


def test_what_covers_all_time_is_asked_for_once_whatever_the_days():
    asked = questions(asking("bm_units", path="/reference/bmunits/all"), DAY, date(2024, 2, 15))

    assert [(one.name, one.start) for one in asked] == [("bm_units_all.json", None)]


def test_a_file_of_the_portal_keeps_its_ending():
    asked = questions(asking("price_history", **{"from": "portal", "path": "MID_2024.xls"}), DAY, DAY)

    assert asked[0].name == "price_history_all.xls"


def test_days_in_the_wrong_order_are_refused():
    with pytest.raises(ValueError, match="wanted 2024-01-15 or later"):
        questions(asking(), DAY, date(2024, 1, 14))


@pytest.mark.parametrize("name", sorted(name for name in all_jobs() if family(name) == "insights"))
def test_the_name_of_an_answer_says_its_job_day_period_and_side(name):
    path = "/x/{bidOffer}/{settlementDate}/{settlementPeriod}"
    job = asking(name, path=path, covers="settlement period")

    asked = questions(job, DAY, DAY)[13]

    assert scope_of(asked.name) == NameScope(DAY, 7, "offer")
    assert named_by(job, asked.name)


@pytest.mark.parametrize(
    ("fetch", "fault"),
    [
        ({"due": "every ten minutes"}, "minute, hour, day, month and weekday"),
        ({"late_after": "soon"}, "wanted a number of minutes"),
        ({"longest": "1 day"}, "wanted 'covers: publish window'"),
        ({"asks": {"from": "noon"}}, "asks.from: found 'noon'"),
        ({"asks": {"from": "start"}}, "a question about all time has no start"),
        ({"path": "/x/{settlementPeriod}", "covers": "settlement day"}, "has no {settlementPeriod}"),
        ({"path": "/x/{colour}"}, "has no {colour}"),
        ({"path": ""}, "path: needed by 'from: insights'"),
        ({"covers": "a year"}, "covers: Input should be"),
    ],
)
def test_a_fetch_that_cannot_be_asked_is_refused(tmp_path, fetch, fault):
    said = yaml.safe_load((FOLDER / "insights" / "market_index.yaml").read_text())
    said["fetch"] = {"from": "insights", "file_names": "mid", "path": "/x"} | fetch
    path = tmp_path / "market_index.yaml"
    path.write_text(yaml.safe_dump(said))

    with pytest.raises(NotALoadJob) as told:
        read_job(path)

    assert fault in str(told.value)
