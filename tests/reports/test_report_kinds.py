"""Reports about something else than a day: what they add up to, how they are asked for, and that they can be proven."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from html import unescape

import nbformat
import pytest

from reports import audit, manifest, party_statement, price_conformance, run_variance
from reports.batch.parameters import WrongParameters, batched, checked
from reports.render import render
from reports.sections.charged import MOST, charged
from reports.sections.footed import Figure, Line, footed
from reports.sections.tables import Column
from reports.subjects_of_days import of_period
from reports.verification import verify
from settlement.errors import UnknownLabel

MADE = {
    "period_detail": ("cover", "section", "units", "parties", "evidence", "not_covered"),
    "party_statement": (
        "cover",
        "charges",
        "payments",
        "units",
        "contracts",
        "periods",
        "credit",
        "others",
        "evidence",
    ),
    "run_variance": ("cover", "by_cause", "by_party", "by_period", "by_unit", "prices", "rows"),
    "price_conformance": ("cover", "heat_map", "trend", "unexplained", "not_settled"),
}


def text_of(html):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def tables(html):
    """Each table as rows of cells, with what stands in its foot."""
    found = []
    for table in re.findall(r"<table.*?</table>", str(html), re.DOTALL):
        body, _, foot = table.partition("<tfoot>")
        found.append([
            [[text_of(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
             for row in re.findall(r"<tr[^>]*>(.*?)</tr>", part, re.DOTALL)]
            for part in (body, foot)
        ])  # fmt: skip
    return found


def figure(cell):
    return Decimal(cell.replace("−", "-").replace("+", "").replace(",", "")) if cell else Decimal(0)


def assert_foots(html, least=1):
    """The last columns of every table with a foot add up to it, as written: to the last decimal."""
    held = 0
    for body, foot in tables(html):
        if not foot:
            continue
        totals = foot[0][1:]
        for at in range(1, len(totals) + 1):
            if not totals[-at]:
                continue
            column = [figure(row[-at]) for row in body[1:]]
            assert sum(column) == figure(totals[-at]), (body[0], at)
            held += 1
    assert held >= least


@pytest.fixture(scope="module")
def opened(charged, charged_home):
    day = audit.open_day(charged.DAY, "II", charged_home)
    return {
        "period_detail": (day.alone(37), of_period(day.view, 37)),
        "party_statement": (stated := party_statement.open_statement("SYNA", charged.DAY, run="II", home=charged_home),
                            stated.subject),
        "run_variance": (moved := run_variance.open_variance(charged.DAY, "SF", "II", charged_home), moved.subject),
        "price_conformance": (found := price_conformance.open_conformance("2024-01", "II", charged_home),
                              found.subject),
    }  # fmt: skip


def made(shown, parts, subject, folder):
    notebook = nbformat.v4.new_notebook()
    for part in parts:
        cell = nbformat.v4.new_code_cell(f"shown.{part}()")
        html = getattr(shown, part)()._repr_html_()
        cell.outputs = [nbformat.v4.new_output("execute_result", {"text/html": html}, execution_count=1)]
        notebook.cells.append(cell)
    return render(notebook, subject, folder)


@pytest.fixture(scope="module")
def reports_made(opened, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    return {kind: made(shown, MADE[kind], subject, folder) for kind, (shown, subject) in opened.items()}


# --- figures ---


def test_a_table_cut_by_money_still_adds_up_to_the_penny_and_says_what_was_left_out():
    lines = [Line([f"P{at}"], [0.005 * at, float(at)]) for at in range(20, 0, -1)]
    html = footed([Column("Party")], [Figure("Due"), Figure("Price", adds=False)], lines, "x", total="All", most=4)

    ((body, foot),) = tables(html)
    assert [row[0] for row in body[1:]] == ["P20", "P19", "P18", "P17", "16 others", "Rounding of the rows above"]
    assert foot == [["All", "1.05", ""]]
    assert_foots(html)


@pytest.mark.parametrize("period", [5, 22, 37])
def test_the_amounts_of_a_period_are_those_worked_out_in_fractions(opened, charged, charged_exact, period):
    shown, _ = opened["period_detail"]
    _, exact = charged_exact.period_charges(charged, period)

    html = audit.Day.alone.__get__(_day(shown))(period).parties().fragment

    body, foot = tables(html)[-1]
    told = {row[0]: figure(row[-1]) for row in body[1:]}
    told.pop("Rounding of the rows above", None)
    assert told.keys() == exact.net_due.keys()
    for party, due in exact.net_due.items():
        assert abs(told[party] - Decimal(due.numerator) / due.denominator) <= Decimal("0.005000001")
    paid = exact.operator_cashflow
    assert abs(figure(foot[0][-1]) - Decimal(paid.numerator) / paid.denominator) <= Decimal("0.005000001")
    assert f"{float(exact.losses.tlmo_plus):.7f}".replace("-", "−") in text_of(html)


def _day(alone):
    """The day that a period stands in."""
    day = audit.Day(alone.day)
    day.charged = alone.charged
    return day


def test_a_period_of_the_day_shows_the_most_money_and_foots_all_the_same(opened):
    found = opened["period_detail"][0].charged

    html = charged(22, "II", found)

    assert_foots(html, least=12)
    units, parties = tables(html)
    assert len(units[0]) <= MOST + 4 and any(" other BM Units" in row[0] for row in units[0])
    assert parties[1][0][0] == "All 13 Parties"


def test_a_run_without_metered_volumes_says_so_in_one_line(charged, settled_home):
    day = audit.open_day(date(2024, 1, 15), None, settled_home)

    said = [part for part in day.periods_in_detail().fragment.split("<section") if "Volumes, losses and cash" in part]

    assert len(said) == len(day.view.periods)
    assert "holds none, since no metered volumes arrived" in said[0] and "<h3>Losses</h3>" not in said[0]


def test_a_day_opened_from_figures_alone_shows_no_charges_and_no_word_of_them(day):
    assert "Volumes, losses and cash" not in audit.Day(day).periods_in_detail().fragment


@pytest.mark.parametrize("kind", ["period_detail", "party_statement", "run_variance"])
def test_every_total_of_a_report_is_the_sum_of_what_stands_above_it(opened, kind):
    shown, _ = opened[kind]

    assert_foots("".join(getattr(shown, part)().fragment for part in MADE[kind] if part != "evidence"), least=5)


def test_a_statement_foots_to_what_the_day_says_is_due(opened, charged, charged_home):
    shown, subject = opened["party_statement"]
    due = audit.open_day(charged.DAY, "II", charged_home).array("daily_party_net_due").to_series()["SYNA"]

    of_day, of_periods = (tables(part().fragment)[0][1][0][-1] for part in (shown.charges, shown.periods))

    assert figure(of_day) == figure(of_periods) == Decimal(repr(float(due))).quantize(Decimal("0.01"))
    assert subject.results[0]["net_due"] == f"{figure(of_day)}"


def test_no_payment_date_is_made_up_and_a_later_run_pays_the_change(charged, charged_home):
    nets = {}
    for run in ("II", "SF", "R1"):
        stated = party_statement.open_statement("SYNA", charged.DAY, run=run, home=charged_home)
        (payment,) = stated.found.payments
        nets[run] = payment.net
        assert payment.payment_date is None
        assert "holds no payment date" in stated.payments().fragment
    assert payment.amount == pytest.approx(nets["R1"] - nets["SF"], abs=1e-9) and abs(payment.amount) > 1
    assert (
        party_statement.open_statement("SYNA", charged.DAY, run="II", home=charged_home).found.payments[0].amount
        is None
    )


def test_a_payment_date_of_the_calendar_heads_its_amounts(opened):
    from dataclasses import replace

    found = opened["party_statement"][0].found
    one = replace(found.payments[0], run="SF", amount=120.0, payment_date=date(2024, 2, 13), why="")
    shown = (
        party_statement.PartyStatement(replace(found, payments=(one, replace(one, amount=200.0)))).payments().fragment
    )

    said = text_of(shown)
    assert "Payment date 13 February 2024" in said and "Total £320.00. Under £500" in said
    assert "holds no payment date" not in said
    assert_foots(shown)


def test_a_party_that_no_run_settles_is_said_and_nobody_else_is_named(charged, charged_home):
    with pytest.raises(UnknownLabel, match="found 'SYNZ', whom no run of these days settles") as said:
        party_statement.open_statement("SYNZ", charged.DAY, run="II", home=charged_home)
    assert "SYNA" not in str(said.value)


def test_a_day_that_is_not_settled_is_an_outline_and_counts_for_nothing(opened):
    shown, subject = opened["price_conformance"]
    html = shown.heat_map().fragment

    assert html.count('class="c-none"') == 2 * 30  # both drawings
    assert sum(shown.found.counts.values()) == 48
    assert "1 of 31 days is settled" in shown.cover().fragment
    assert len(subject.results[0]["not_settled"]) == 30


def test_a_share_of_all_but_one_is_never_written_as_all_of_it():
    from reports.sections.conformance import share

    assert [share(99_999, 100_000), share(1, 100_000), share(5, 5), share(0, 5), share(0, 0)] == [
        "99.99 %", "0.01 %", "100.00 %", "0.00 %", "–",
    ]  # fmt: skip


def test_the_change_is_drilled_to_the_periods_of_late_readings_and_the_unit_rows(opened, charged):
    shown, _ = opened["run_variance"]

    periods = {int(row[0].split()[1].rstrip(",")) for row in tables(shown.by_period().fragment)[0][0][1:]
               if row[0].startswith("period")}  # fmt: skip

    assert set(charged.LATE_PERIODS) <= periods
    assert shown.rows().fragment.count(charged.LATE_UNIT) == len(charged.LATE_PERIODS)
    assert shown.found["daily_party_net_due"].adds_up()


# --- asked for ---


def test_what_a_notebook_may_be_given_is_told_when_it_is_asked_wrongly(bsc, charged_home):
    asked = [
        (["2024-01-15", "--notebook", "party_statement", "--set", "parti=SYNA"], "wanted no parameter of this name"),
        (["2024-01-15", "--notebook", "period_detail", "--set", "settlement_period=evening"], "found 'evening'"),
        (["2024-01-15", "--notebook", "price_conformance"], "has no settlement_date"),
        (["--notebook", "price_conformance", "--set", "span=January"], "wanted a month as 2024-01"),
        (["--notebook", "statement"], "wanted one of settlement_day"),
        (["--notebook", "settlement_day"], "settlement_date: found nothing, wanted a value"),
        (["2024-01-15", "--notebook", "period_detail", "--set", "settlement_period=49"], "wanted 1 to 48"),
        (["2024-01-15", "--set", "home=/somewhere"], "wanted it as --home"),
    ]
    for words, wanted in asked:
        code, _, said = bsc("report", *words, home=charged_home)
        assert (code, wanted in said) == (2, True), said


def test_a_batch_runs_only_what_a_day_and_a_run_are_enough_for():
    assert batched() == ["settlement_day", "run_variance"]
    with pytest.raises(WrongParameters, match="last_date"):
        checked("party_statement", {"settlement_date": "2024-01-15", "party": "A", "last_date": "2024-01-14"})


# --- proven ---


def test_each_kind_is_verified_with_its_files_and_one_flipped_byte_is_named(reports_made):
    for kind, report in reports_made.items():
        assert verify(report.html_path).good, kind
        said = json.loads(report.manifest_path.read_bytes())
        assert said["kind"] == kind and said["run_id"] == manifest.one_run_id(said["run_ids"])
        whole = report.html_path.read_bytes()
        report.html_path.write_bytes(whole[:-40] + b"X" + whole[-39:])
        assert [one.file for one in verify(report.html_path).wrong] == [report.html_path.name]
        report.html_path.write_bytes(whole)


def test_a_manifest_whose_run_id_its_runs_do_not_give_is_wrong(reports_made, tmp_path):
    report = reports_made["run_variance"]
    said = json.loads(report.manifest_path.read_bytes())
    said["run_ids"] = said["run_ids"][:1]
    (tmp_path / report.html_path.name).write_bytes(report.html_path.read_bytes())
    (tmp_path / report.manifest_path.name).write_bytes(manifest.canonical(manifest.sealed(said)))

    (wrong,) = verify(tmp_path / report.html_path.name).wrong
    assert wrong.found == "a run id that its runs do not give"


@pytest.mark.parametrize("kind", ["period_detail", "party_statement", "run_variance", "price_conformance"])
def test_a_report_of_any_kind_is_settled_again(reports_made, charged_home, bsc, kind):
    assert bsc("verify", str(reports_made[kind].html_path), "--rerun", home=charged_home)[:2] == (0, "same\n")


def test_no_page_asks_for_anything_scrolls_sideways_or_links_to_nowhere(reports_made, open_page):
    for report in reports_made.values():
        for width in (1280, 400):
            page = open_page(report.html_path, width)
            page.wait_for_timeout(100)
            assert [one for one in page.asked if not one.startswith("data:")] == [report.html_path.as_uri()]
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        dead = ("[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => "
                "!document.querySelector(a.getAttribute('href'))).map(a => a.outerHTML)")  # fmt: skip
        assert page.evaluate(dead) == []
        levels = page.evaluate("[...document.querySelectorAll('main h1, main h2, main h3')].map(e => +e.tagName[1])")
        assert levels.count(1) == 1
