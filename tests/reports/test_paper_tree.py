"""A page is read on its way to paper as the parser of the standard library reads it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from reports.paper.tree import Element, NotPrinted, tree

VOID = {"br", "wbr", "meta", "link", "mspace", "hr"}


class Told(HTMLParser):
    """What opens, closes and stands between, in order; a picture as its tag alone."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.said, self.pictures = [], 0

    def handle_starttag(self, tag, attrs):
        if not self.pictures:
            self.said.append((tag, "" if tag == "svg" else dict((name, value or "") for name, value in attrs)))
        self.pictures += tag == "svg"

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        self.pictures -= tag == "svg"
        if not self.pictures and tag not in VOID:
            self.said.append(f"/{tag}")

    def handle_data(self, data):
        if not self.pictures:
            self.said.append(("", data))


def said_by(element):
    for one in element.inside:
        if isinstance(one, Element):
            yield one.name, "" if one.name == "svg" else one.attributes
            yield from said_by(one)
            if one.name not in VOID:
                yield f"/{one.name}"
        else:
            yield "", one


def joined(said):
    """Texts that follow each other as one: a parser may cut them where it likes."""
    made = []
    for one in said:
        if made and one[0] == "" and made[-1][0] == "":
            made[-1] = ("", made[-1][1] + one[1])
        else:
            made.append(one)
    return made


def both(page):
    other = Told()
    other.feed(page)
    other.close()
    return joined(said_by(tree(page))), joined(other.said)


def test_a_whole_report_is_read_alike(report):
    found, wanted = both(report.html_path.read_text("utf-8"))

    assert found == wanted and len(found) > 10_000


@pytest.mark.parametrize(
    "page",
    [
        "<p>a &lt;b&gt; &amp; &pound;1 &#8722;2 > 1</p>",
        "<p class='one two' hidden title=plain data-x=\"a > b\">x<br>y<br/>z<wbr></p>",
        "<style>a > b{}\n</style><p>x</p><script>if (a < b) {}</script>",
        "<!doctype html><!-- <p> --><p>1 < 2</p>",
        '<P CLASS="A">x</P >',
        '<p>before<svg viewBox="0 0 1 1"><svg><title>a</title></svg></svg>after</p>',
        "<tr class=none><td colspan=4>x</td></tr>",
    ],
)
def test_tags_however_written_are_read_alike(page):
    found, wanted = both(page)

    assert found == wanted != []


@pytest.mark.parametrize(
    "page, said",
    [
        ("<p><b>x</p>", r"found </p>, wanted </b>"),
        ("<p>x", "found <p> open"),
        ("<p>x</p><style>a{}", "found <style> open"),
    ],
)
def test_what_is_not_closed_in_order_is_refused(page, said):
    with pytest.raises(NotPrinted, match=said):
        tree(page)
