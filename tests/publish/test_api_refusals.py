"""What cannot be answered is a problem that says where, what was found, what was wanted, what to do."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from settlement.engine import quantities
from settlement.inputs import INPUTS

_spec = importlib.util.spec_from_file_location("api_fixtures", Path(__file__).with_name("api_fixtures.py"))
given = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(given)

DAY = f"/v1/prices/{given.DAY}"


@pytest.fixture(scope="module")
def described(client):
    return client.get("/openapi.json").json()


@pytest.mark.parametrize(
    ("path", "status", "found"),
    [
        ("/v1/prices/2024-01-16", 404, "no settled day"),
        ("/v1/prices/9999-12-31/50", 404, "no settled day"),
        (f"{DAY}/49", 404, "49"),
        (f"{DAY}/51", 422, "51"),
        (f"{DAY}/0", 422, "0"),
        (f"{DAY}/nine", 422, "nine"),
        ("/v1/prices/2024-02-30", 422, "2024-02-30"),
        ("/v1/prices/1705276800", 422, "1705276800"),
        (f"{DAY}?run=XX", 422, "XX"),
        (f"{DAY}?run={'0' * 64}", 404, "no settled day"),
        (f"{DAY}?fromat=csv", 422, "csv"),
        (f"{DAY}?format=xml", 422, "xml"),
        ("/v1/nothing", 404, "/v1/nothing"),
    ],
)
def test_a_question_without_an_answer_is_told_what_is_wrong(client, path, status, found):
    answer = client.get(path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert found in problem["found"]
    assert all(problem[part] for part in ("where", "wanted", "todo", "detail"))


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("application/json;q=0.2, text/csv;q=0.9", "text/csv"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "application/json"),
        ("text/csv;q=0, */*", "application/json"),
    ],
)
def test_the_accept_header_chooses_the_form(client, accept, form):
    answer = client.get(DAY, headers={"Accept": accept})

    assert answer.headers["content-type"].startswith(form)


@pytest.mark.parametrize("accept", ["application/xml", "text/html", "application/json;q=0"])
def test_other_forms_are_not_acceptable(client, accept):
    answer = client.get(DAY, headers={"Accept": accept})

    assert answer.status_code == 406
    assert answer.json()["where"] == "header Accept"


def test_nothing_can_be_written(client):
    answer = client.post(DAY, json={})

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_page_from_elsewhere_that_points_its_name_here_reads_nothing(client):
    answer = client.get(DAY, headers={"Host": "prices.example"})

    assert answer.status_code == 421
    assert "127.0.0.1" in answer.json()["wanted"]


def test_every_endpoint_says_its_owner_and_how_fresh_it_is(described):
    operations = {path: item["get"] for path, item in described["paths"].items()}

    assert {path for path in operations if path.startswith("/v1/")} == {
        "/v1/prices/{date}", "/v1/prices/{date}/{period}", "/v1/prices/{date}/{period}/stack",
        "/v1/prices/{date}/{period}/explain",
    }  # fmt: skip
    for path, operation in operations.items():
        assert operation["x-owner"] and operation["x-freshness"] and operation["x-since"], path
        if path.startswith("/v1/"):
            assert operation["x-licence"] and "SYNTHETIC" in operation["x-synthetic"], path
            assert set(operation["responses"]) == {"200", "304", "404", "406", "421", "422", "500"}, path


def test_every_figure_names_its_unit_and_it_is_the_engines(described):
    units = {name: one.unit for name, one in {**INPUTS, **quantities("published stack", True)}.items()}
    rows = [described["components"]["schemas"][name] for name in ("PricesOfDayRow", "StackOfPeriodRow")]
    figures = {
        name: column
        for row in rows
        for name, column in row["properties"].items()
        if any(kind.get("pattern") for kind in [column, *column.get("anyOf", [])])
    }

    assert len(figures) == 10 + 11  # of a price, of an action
    for name, column in figures.items():
        unit = column["x-unit"]
        assert unit == "1" or name.endswith(unit.lower().replace("/", "_per_")), name
        if "x-quantity" in column:
            assert unit == units[column["x-quantity"]], name


def test_the_catalogue_lists_every_endpoint_and_asks_nobody_else(client, described):
    page = client.get("/")

    assert page.headers["content-type"].startswith("text/html")
    for path in described["paths"]:
        assert path in page.text
    assert page.text.count("<dt>Owner</dt>") == page.text.count("<dt>Freshness</dt>") == 4
    assert "<script" not in page.text
    assert not re.findall(r"""(?:src|href)=["'](?!/)""", page.text)


def test_links_of_the_catalogue_lead_to_answers(client):
    links = set(re.findall(r'href="(/[^"]*)"', client.get("/").text.replace("&amp;", "&")))

    assert len(links) >= 9
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_pages_that_load_scripts_from_elsewhere_are_not_there(client):
    assert [client.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]


def test_the_server_says_that_it_is_well(client):
    answer = client.get("/health")

    assert answer.json()["status"] == "good"
    assert answer.json()["store_version"] > 0
