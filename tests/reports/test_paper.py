"""The paper form: everything of the page is on it, nothing leaves it, and it is the same bytes whenever it is made."""

from __future__ import annotations

import inspect
import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.look import numbers
from reports.paper import NotPrinted, compiled, drawable, pdf_of_page
from reports.paper.mathematics import formula
from reports.paper.tree import tree
from reports.sections import mathml

MOMENT = datetime(2026, 10, 15, 6, 42, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
SHOWN = (1, 7, 12, 20, 31, 37)


@pytest.fixture(scope="module")
def short_page(day, make_report, tmp_path_factory):
    """Six periods with every verdict, as a page."""
    kept = tuple(view for view in day.periods if view.settlement_period in SHOWN)
    made = make_report(replace(day, periods=kept), tmp_path_factory.mktemp("paper"))
    return made.html_path.read_text("utf-8")


@pytest.fixture(scope="module")
def paper(short_page):
    return pypdf.PdfReader(io.BytesIO(pdf_of_page(short_page, MOMENT)))


@pytest.fixture(scope="module")
def texts(paper):
    return [page.extract_text() for page in paper.pages]


def page_of(body):
    return (
        '<html><head><meta name="content-hash" content="0123456789abcdef99"><title>A page</title></head>'
        f"<body><main>{body}</main></body></html>"
    )


def text_of(body):
    read = pypdf.PdfReader(io.BytesIO(pdf_of_page(page_of(body), MOMENT)))
    return [page.extract_text() for page in read.pages]


def squeezed(text):
    return re.sub(r"\s+", "", text)


def drawn(body):
    """The pages as pictures of grey, 3 pixels a millimetre."""
    import typst
    from PIL import Image

    source = compiled.source(tree(page_of(body)), MOMENT)
    made = typst.compile(source.encode(), format="png", ppi=3 * 25.4, ignore_system_fonts=True)
    return [Image.open(io.BytesIO(one)).convert("L") for one in (made if isinstance(made, list) else [made])]


def ink_outside(picture, margin=13):
    """Whether anything is drawn nearer to the left or right edge than so many millimetres."""
    wide, high = picture.size
    edge = 3 * margin
    sides = [picture.crop((0, 0, edge, high)), picture.crop((wide - edge, 0, wide, high))]
    return any(side.getextrema()[0] < 250 for side in sides)


def table_of(columns, rows, classes="", cell="12345.678", name="Column {}"):
    heads = "".join(f'<th scope="col" class="n">{name.format(one)}<small>MWh</small></th>' for one in range(columns))
    body = "".join("<tr>" + f'<td class="n">{cell}</td>' * columns + "</tr>" for _ in range(rows))
    return (
        f'<div class="tw"><table class="{classes}"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def test_every_page_says_report_date_run_synthetic_hash_and_which_of_how_many_it_is(short_page, texts):
    content = re.search(r'name="content-hash" content="(\w{16})', short_page)[1]

    assert len(texts) > 8
    for number, text in enumerate(texts, 1):
        said = " ".join(text.split())
        assert f"Imbalance price, 14 October 2026, run IP, SYNTHETIC · content {content}" in said
        assert f"Page {number} of {len(texts)}" in said


def test_cover_verdict_table_and_each_period_begin_a_page(texts):
    firsts = [text.split("\n")[0] for text in texts]

    assert "Settlement workbench" in firsts[0]
    assert "Own against published, all periods" in firsts
    assert [int(one.split(",")[0].split()[1]) for one in firsts if one.startswith("Period ")] == list(SHOWN)


def test_every_word_of_the_page_is_on_its_paper(missing_on_paper, short_page):
    assert missing_on_paper(short_page, pdf_of_page(short_page, MOMENT)) == []


def test_no_page_is_empty(texts):
    assert min(len(text) for text in texts) > 300


def test_every_figure_of_the_verdict_table_stands_on_one_page(day, texts):
    page = next(text for text in texts if text.startswith("Own against published"))

    for view in day.periods:
        if view.settlement_period in SHOWN:
            for value in (view.own, view.published):
                assert numbers.price(value, missing="none") in page
            assert view.verdict in page


def test_every_action_is_on_paper_with_price_and_volume(day, texts):
    whole = "\n".join(texts)

    for action in day.period(37).actions:
        line = next(one for one in whole.split("\n") if action.bm_unit in one and numbers.volume(action.volume) in one)
        assert action.original_price is None or numbers.plain(action.original_price) in line


def test_fifty_periods_of_a_long_day_fit_one_page(synthetic, make_report, tmp_path):
    from datetime import date

    long_day = replace(synthetic.build(date(2024, 10, 27)))
    html = make_report(long_day, tmp_path).html_path.read_text("utf-8")
    section = re.search(r'<section id="verdicts".*?</section>', html, re.DOTALL)[0]

    pages = text_of(section)

    assert len(pages) == 1 and "23:30 GMT" in pages[0]


def test_bookmarks_are_the_headings_in_order(short_page, paper):
    def named(entries):
        return [name for one in entries for name in (named(one) if isinstance(one, list) else [str(one["/Title"])])]

    main = short_page[short_page.index("<main") :]
    headings = [re.sub("<.*?>", "", one) for one in re.findall(r"<h[123]>(.*?)</h[123]>", main)]
    assert named(paper.outline) == headings


def test_links_lead_to_the_periods(paper):
    links = [one.get_object() for page in paper.pages for one in page.get("/Annots", [])]

    assert sum(one["/Subtype"] == "/Link" for one in links) >= len(SHOWN)


def test_it_calls_itself_pdf_a_3b_and_carries_its_fonts_and_its_colours(paper):
    said = paper.metadata, paper.trailer["/Root"]["/Metadata"].get_object().get_data().decode()

    assert re.search(r"<pdfaid:part>3</pdfaid:part>", said[1]) and "<pdfaid:conformance>B<" in said[1]
    assert paper.trailer["/Root"]["/OutputIntents"][0]["/DestOutputProfile"].get_object().get_data()
    fonts = {}
    for page in paper.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            below = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            fonts[below["/FontName"]] = "/FontFile3" in below or "/FontFile2" in below
    assert len(fonts) >= 3 and all(fonts.values())


def test_the_document_is_dated_by_the_run_and_not_by_a_clock(paper):
    assert paper.metadata.creation_date.replace(tzinfo=UTC) == MOMENT
    assert paper.metadata.title == "Imbalance price, 14 October 2026, run IP, SYNTHETIC"


def test_the_same_page_gives_the_same_bytes_in_another_process_zone_and_home(short_page, tmp_path):
    (tmp_path / "page.html").write_text(short_page, "utf-8")
    code = (
        "import sys, hashlib, pathlib; from datetime import datetime, UTC; from reports.paper import pdf_of_page; "
        "html = pathlib.Path('page.html').read_text('utf-8'); "
        "print(hashlib.sha256(pdf_of_page(html, datetime(2026, 10, 15, 6, 42, tzinfo=UTC))).hexdigest())"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TZ": "Asia/Tokyo", "HOME": str(tmp_path), "PYTHONHASHSEED": "7"}

    there = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=True
    )

    import hashlib

    assert there.stdout.strip() == hashlib.sha256(pdf_of_page(short_page, MOMENT)).hexdigest()


def test_how_it_was_made_is_the_last_section(texts):
    whole = " ".join(" ".join(texts).split())

    assert whole.rindex("How this report was made") > whole.rindex("What this report does not cover")
    assert "day.periods_in_detail()" in whole[whole.rindex("How this report was made") :]


def test_heads_repeat_on_each_page_of_a_long_table_and_every_row_is_there():
    rows = "".join(f'<tr><td>unit {one}</td><td class="n">{one}.000</td></tr>' for one in range(200))
    pages = text_of(
        '<table><thead><tr><th scope="col">Of whom</th><th scope="col" class="n">Volume</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )

    assert len(pages) > 2
    assert all("Of whom" in page for page in pages)
    found = re.findall(r"unit (\d+)", "\n".join(pages))
    assert found == [str(one) for one in range(200)]


@pytest.mark.parametrize("columns", [6, 12, 16, 30, 60])
def test_no_table_leaves_the_page_however_wide(columns):
    pictures = drawn(table_of(columns, 3))

    assert not any(ink_outside(one) for one in pictures)


@pytest.mark.parametrize(
    ("columns", "turned"), [(6, False), (16, True), (60, False)], ids=["fits", "page turned", "columns in parts"]
)
def test_a_wide_table_turns_the_page_and_a_wider_one_is_cut_by_columns(columns, turned):
    read = pypdf.PdfReader(io.BytesIO(pdf_of_page(page_of(table_of(columns, 3)), MOMENT)))

    wide = [page.mediabox.width > page.mediabox.height for page in read.pages]
    whole = " ".join(" ".join(page.extract_text() for page in read.pages).split())
    assert any(wide) == turned
    assert all(re.search(rf"Column\s+{one}\b", whole) for one in range(columns))


@pytest.mark.parametrize("word", ["0123456789abcdef" * 8, "SYNTHETIC_file-name_that/is-very_long" * 4, "W" * 300])
def test_a_word_longer_than_the_page_is_broken_and_still_comes_out_whole(word):
    body = f'<p>{word}</p><table><tbody><tr><td>{word}</td><td>{word}</td><td class="n">1.0</td></tr></tbody></table>'

    assert not any(ink_outside(one) for one in drawn(body))
    assert squeezed(" ".join(text_of(f"<p>{word}</p>"))).startswith(word)


def test_a_formula_wider_than_the_page_is_made_smaller():
    terms = mathml.operator("+").join(mathml.number(f"{one}.123456") for one in range(60))
    body = f'<div class="fx"><p>Formula</p>{mathml.block(mathml.fraction(terms, terms))}</div>'

    assert not any(ink_outside(one) for one in drawn(body))
    assert "59.123456" in text_of(body)[0]


def test_each_piece_of_mathematics_that_a_section_can_write_can_be_set():
    x = mathml.letter("x")
    made = {
        "number": mathml.number("−1.5", bold=True), "operator": mathml.operator("×"), "letter": x,
        "name": mathml.name("TLM"), "row": mathml.row(x, x), "fraction": mathml.fraction(x, x),
        "lines": mathml.lines([x, x]), "below": mathml.below(x, "ij"), "above": mathml.above(x, "kn"),
        "both": mathml.both(x, "ij", "kn"), "total": mathml.total("m"), "unit": mathml.unit("GBP/MWh"),
        "block": mathml.block(x),
    }  # fmt: skip
    written = {
        name for name, one in inspect.getmembers(mathml, inspect.isfunction) if one.__module__ == mathml.__name__
    }

    assert written == set(made)
    for name, piece in made.items():
        body = piece if name == "block" else mathml.block(piece)
        assert text_of(f'<div class="fx"><p>It</p>{body}</div>'), name


def test_a_fraction_is_a_fraction_and_not_a_line(short_page):
    math = re.search(r'id="period-37".*?(<math display="block">.*?</math>)', short_page, re.DOTALL)[1]

    assert "math.frac(" in formula(tree(math).first("math"))


@pytest.mark.parametrize(
    ("body", "found"),
    [("<blink>x</blink>", "blink"), ("<p><table></table></p><marquee></marquee>", "marquee"),
     ('<math display="block"><msqrt><mi>x</mi></msqrt></math>', "msqrt")],
)  # fmt: skip
def test_an_element_that_paper_does_not_know_is_named(body, found):
    with pytest.raises(NotPrinted, match=f"{found}.*wanted one of"):
        pdf_of_page(page_of(body), MOMENT)


def test_elements_closed_out_of_order_are_named():
    with pytest.raises(NotPrinted, match="found </p>, wanted </b>"):
        pdf_of_page(page_of("<p><b>x</p></b>"), MOMENT)


MARKUP = "#$*_=<>@[]{}\\`~\"'/-+.,:;|&!?()^%"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.text(
        st.sampled_from(MARKUP + "abcXYZ019 £é−×∑") | st.characters(min_codepoint=33, max_codepoint=126), min_size=1
    )
)
def test_text_of_the_data_comes_out_as_itself_whatever_it_says(text):
    shown = " ".join(text.split())
    body = f"<p>begin{escape(shown)}end</p><table><tbody><tr><td>{escape(shown)}</td></tr></tbody></table>"

    said = squeezed(" ".join(text_of(body)))

    assert f"begin{squeezed(shown)}end{squeezed(shown)}" in said


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(min_size=1))
def test_any_text_at_all_can_be_set(text):
    assert text_of(f"<p>{escape(text)}</p><pre>{escape(text)}</pre>")


def test_a_letter_that_no_font_has_is_written_by_its_number_and_not_dropped():
    assert "[U+4E2D]" in text_of("<p>a 中 b</p>")[0]


def test_the_letters_said_to_be_drawable_are():
    ends = sorted({end for ends in drawable.RANGES for end in ends})
    lines = "".join(f"<p>a{escape(chr(code))}b</p>" for code in ends)

    assert not re.search(r"U\+", " ".join(text_of(lines)))


def test_a_link_to_nowhere_is_text():
    assert "there" in text_of('<p><a href="#nowhere">there</a></p>')[0]


def test_what_is_folded_on_the_screen_stands_open_on_paper():
    said = text_of(
        "<details><summary>Sum</summary><p>All of it</p><details><summary>Deeper</summary>x y</details></details>"
    )

    assert all(word in said[0] for word in ("Sum", "All of it", "Deeper", "x y"))
