"""The page Work list in a real browser, with Ben Ode before it: what stands first, and each thing that may be done."""

from __future__ import annotations

from datetime import date
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from loaders import store as stores
from loaders.store.signoff_entries import rows
from reports.access import Access, Viewer
from reports.disputes.cases import all_cases
from reports.errors import NotShown
from reports.signoff.moving import move
from reports.signoff.records import entry_of
from reports.signoff.standing import stands
from reports.signoff.subjects import subject_held
from reports.work.listed import Work

DAY, LONG_DAY = date(2024, 1, 15), date(2024, 10, 27)
VINTAGE, UNEXPLAINED = "price-2024-01-15-IP-12", "price-2024-01-15-IP-7"


@pytest.fixture
def work_window(window, work_pages):
    """A window on the pages of Ben Ode."""

    def opened(*given, **more):
        seen = window(*given, **more)
        seen.address = work_pages.address
        return seen

    return opened


@pytest.fixture
def store(work_home):
    opened = stores.open(work_home)
    yield opened
    opened.close()


def entries(store):
    """Every entry as it stands in the store: number, action, who, comment."""
    found = [entry_of(row) for row in rows(store.engine)]
    return [(one.number, one.body.action, one.body.who, one.body.comment) for one in found]


def press(seen, words, comment=None):
    if comment is not None:
        seen.tab.fill("#comment", comment)
    with seen.tab.expect_navigation():
        seen.tab.click(f"#item button:text-is('{words}')")


def send(pages, method="POST", headers=None, path="/work-list/act", **form):
    """A request as something that is no browser makes it: status and text."""
    link = HTTPConnection(pages.address.removeprefix("http://"))
    given = {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {})
    link.request(method, path, urlencode(form), given)
    answer = link.getresponse()
    return answer.status, answer.read().decode()


def token_of(pages):
    return send(pages, "GET", path="/work-list")[1].split('name="token" value="')[1].split('"')[0]


def test_the_sentence_and_the_counts_are_those_of_the_table_and_the_order_is_money(work_window):
    seen = work_window()
    seen.go("/work-list")

    worth = seen.tab.locator("#list tbody tr:not(.why) td:nth-child(2)").all_inner_texts()
    figures = [float(text.replace(",", "")) for text in worth if text != "none"]
    assert seen.tab.inner_text("main .say").startswith(f"{len(worth)} entries wait for a person.")
    assert seen.tab.inner_text(".states a >> nth=0").split()[0] == str(len(worth))
    assert figures == sorted(figures, reverse=True) and len(figures) >= 4
    assert worth[len(figures) :] == ["none"] * (len(worth) - len(figures))
    assert not seen.complaints


def test_a_kind_filters_and_back_undoes_it_and_nothing_found_is_said(work_window):
    seen = work_window()
    seen.go("/work-list")

    seen.tab.click(".states >> text=sign-offs")
    seen.arrived("/work-list?kind=sign-off")
    assert seen.tab.locator("#list tbody tr:not(.why)").count() == 2
    seen.tab.go_back()
    seen.arrived("/work-list")
    seen.go("/work-list?kind=load&whose=mine")
    assert "No entry of the kind loads is with you." in seen.tab.inner_text("main")
    assert seen.tab.locator("#item").count() == 0


@pytest.mark.parametrize("script", [True, False])
def test_an_entry_is_given_to_a_person_and_commented(work_window, store, script):
    seen = work_window(script=script)
    seen.tab.goto(f"{seen.address}/work-list?item={VINTAGE}")
    before = len(entries(store))

    seen.tab.fill("#to", "ben  ode")
    press(seen, "Assign")
    press(seen, "Comment", "<b>The price</b> is\nthe older")

    assert [one[1:] for one in entries(store)[before:]] == [
        ("assign", "Ben Ode", ""), ("comment", "Ben Ode", "<b>The price</b> is\nthe older"),
    ]  # fmt: skip
    assert seen.where.split("#")[0] == f"/work-list?item={VINTAGE}"
    said = seen.tab.inner_text("#item .said")
    assert "Ben Ode gave it to ben ode" in said and "<b>The price</b> is" in said
    seen.tab.goto(f"{seen.address}/work-list?whose=mine")
    assert seen.tab.locator("#list tbody tr:not(.why)").all_inner_texts()[0].startswith("2024-01-15 IP, period 12")


def test_an_entry_is_closed_with_a_reason_and_reopened(work_window, store):
    seen = work_window()
    seen.go(f"/work-list?item={UNEXPLAINED}")

    press(seen, "Close", "Explained in a letter")
    assert "closed it" in seen.tab.inner_text("#item .said")
    seen.go("/work-list?whose=closed")
    assert "period 7: unexplained" in seen.tab.inner_text("#list")
    seen.go(f"/work-list?item={UNEXPLAINED}")
    press(seen, "Reopen", "The letter is wrong")

    assert [one[1] for one in entries(store)][-2:] == ["close", "reopen"]
    seen.go("/work-list")
    assert "period 7: unexplained" in seen.tab.inner_text("#list")


def test_a_button_without_a_comment_sends_nothing(work_window, store):
    seen = work_window()
    seen.go(f"/work-list?item={UNEXPLAINED}")
    before = entries(store)

    seen.tab.click("#item button:text-is('Close')")

    assert seen.tab.evaluate("document.activeElement.id") == "comment"
    assert entries(store) == before


def test_what_another_person_prepared_is_reviewed_and_published_here(work_window, store):
    subject = subject_held(store, DAY, "IP")
    move(store, subject, "prepare", "Ana Lima", "Period 7 is with Ben")
    seen = work_window()
    seen.go("/work-list?item=sign-off-2024-01-15-IP")
    assert "Ana Lima prepared it." in seen.tab.inner_text("#item")

    press(seen, "Sign as reviewed", "Stack of period 7 followed by hand")
    assert stands(store, subject).standing.reviewed.body.who == "Ben Ode"
    press(seen, "Publish", "Sent to the trading desk")

    assert stands(store, subject).standing.state == "published"
    assert "published" in seen.tab.inner_text("#item .facts")
    assert seen.where.split("#")[0] == "/work-list?item=sign-off-2024-01-15-IP"


def test_who_prepared_here_cannot_review_here_and_is_told_why(work_window, store):
    seen = work_window()
    seen.go("/work-list?item=sign-off-2024-10-27-IP")
    press(seen, "Sign as prepared", "All looked at")

    press(seen, "Sign as reviewed", "by myself")

    assert "wanted another person to review it" in seen.tab.inner_text("main")
    assert seen.tab.inner_text("h1") == "Nothing was written"
    assert stands(store, subject_held(store, LONG_DAY, "IP")).standing.state == "prepared"


def test_who_looks_at_an_older_page_is_told_what_came_since(work_window, store, work_home):
    seen = work_window()
    seen.go(f"/work-list?item={UNEXPLAINED}")
    work = Work(store)
    work.act(work.item(UNEXPLAINED), "comment", "Ana Lima", "Wait for the new stack")

    press(seen, "Close", "Explained")

    assert "Wait for the new stack" in seen.tab.inner_text("main .say")
    assert entries(store)[-1][2:] == ("Ana Lima", "Wait for the new stack")
    seen.tab.click("text=The page Work list")
    seen.tab.wait_for_selector("#item .said >> text=Wait for the new stack")


@pytest.mark.parametrize("script", [True, False])
def test_a_dispute_is_opened_from_the_price_it_is_about(work_window, store, work_home, script):
    seen = work_window(script=script)
    seen.tab.goto(f"{seen.address}/work-list?item={UNEXPLAINED}")
    seen.tab.click("#dispute summary")
    seen.tab.fill("#why", "Stage 5 left out an SO flag")

    press(seen, "Open a draft")

    case = all_cases(work_home)[-1]
    assert (case.subject.quantity, case.state, case.said.reason) == (
        "system_price", "draft", "Stage 5 left out an SO flag",
    )  # fmt: skip
    assert [one.settlement_period for one in case.subject.figures] == [7] and case.events[0].by == "Ben Ode"
    assert seen.where.split("#")[0] == f"/work-list?item={case.name}"
    assert f"bsc dispute show {case.number}" in seen.tab.inner_text("#item")
    assert entries(store)[-1][1:] == ("comment", "Ben Ode", f"Opened {case.name}: Stage 5 left out an SO flag")


def test_a_dispute_is_not_opened_from_an_older_page(work_window, store, work_home):
    seen = work_window()
    seen.go(f"/work-list?item={UNEXPLAINED}")
    before = len(all_cases(work_home))
    work = Work(store)
    work.act(work.item(UNEXPLAINED), "comment", "Ana Lima", "I am on it")
    seen.tab.click("#dispute summary")
    seen.tab.fill("#why", "Wrong")

    press(seen, "Open a draft")

    assert "somebody wrote of it since you looked. Nothing was opened" in seen.tab.inner_text("main")
    assert len(all_cases(work_home)) == before


def test_the_command_of_a_dispute_stands_ready(work_window, work_home):
    seen = work_window()
    seen.go(f"/work-list?item={UNEXPLAINED}")

    seen.tab.click("#dispute summary")

    wanted = f"bsc dispute new system_price --date 2024-01-15 --run IP --period 7 --home {work_home}"
    assert seen.tab.inner_text("#dispute pre") == wanted


def test_nothing_but_a_form_of_these_pages_writes(work_pages, store):
    before, token = entries(store), token_of(work_pages)
    form = {"item": UNEXPLAINED, "subject": "0" * 64, "action": "comment", "comment": "x", "seen": "0"}

    assert send(work_pages, token="x" * 43, **form)[0] == 403
    assert send(work_pages, token="", **form)[0] == 403
    for headers in ({"Origin": "http://elsewhere.example"}, {"Host": "elsewhere.example"}):
        assert send(work_pages, headers=headers, token=token, **form)[0] == 403
    assert send(work_pages, "GET")[0] == 405
    status, text = send(work_pages, token=token, **form)
    assert status == 409 and "another run or content than those you looked at" in text
    status, text = send(work_pages, token=token, **{**form, "item": "<b>no</b>"})
    assert status == 400 and "&lt;b&gt;no&lt;/b&gt;" in text
    for changed in ({"action": "supersede"}, {"seen": "-1"}, {"seen": "x"}):
        assert send(work_pages, token=token, **{**form, **changed})[0] == 400
    assert entries(store) == before


def test_a_party_does_not_see_the_work_list(work_home):
    access = Access(work_home)

    with pytest.raises(NotShown, match="a party, wanted staff"):
        access.work(Viewer("SYNP001", "party"))
    access.close()


@pytest.mark.parametrize("wrong, found", [("kind=odd", "odd"), ("whose=theirs", "theirs"), ("item=gone-7", "gone-7")])
def test_what_the_address_cannot_say_is_told(work_window, wrong, found):
    seen = work_window(script=False)
    seen.tab.goto(f"{seen.address}/work-list?{wrong}")

    assert found in seen.tab.inner_text("main .say")
    assert "wanted" in seen.tab.inner_text("main .say")
