"""XML answers: the records of a JSON answer in another dress, whatever its elements are called."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

import pytest

from loaders.errors import UnreadableFile
from loaders.formats import xml

PN = "SYNTHETIC_PN_2024-01-15.xml"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def element(name, value):
    if value is None:
        return f'<{name} xsi:nil="true"/>'
    if isinstance(value, dict):
        return f"<{name}>{''.join(element(part, one) for part, one in value.items())}</{name}>"
    said = {True: "true", False: "false"}[value] if isinstance(value, bool) else escape(str(value))
    return f"<{name}>{said}</{name}>"


def records(rows, name):
    return "".join(element(name, row) for row in rows)


def insights(rows, dataset="PN", name="PnDatasetRow"):
    metadata = f"<metadata><datasets><string>{dataset}</string></datasets></metadata>"
    return f'<?xml version="1.0"?><Response {XSI}>{metadata}<data>{records(rows, name)}</data></Response>'


def legacy(rows):
    head = "<responseMetadata><httpCode>200</httpCode></responseMetadata><responseHeader><x>1</x></responseHeader>"
    body = f"<responseBody><dataItem>PN</dataItem><responseList>{records(rows, 'item')}</responseList></responseBody>"
    return f"<response {XSI}>{head}{body}</response>"


def array(rows):
    return f'<ArrayOfPnDatasetRow {XSI} xmlns="urn:some">{records(rows, "PnDatasetRow")}</ArrayOfPnDatasetRow>'


def with_capitals(rows):
    return insights([{name[0].upper() + name[1:]: value for name, value in row.items()} for row in rows]).replace(
        "<data>", "<Data>"
    ).replace("</data>", "</Data>")  # fmt: skip


DRESSES = {
    "insights": insights,
    "legacy": legacy,
    "array": array,
    "capitals": with_capitals,
    "items": lambda rows: f"<root {XSI}><page>1</page><a><b>{records(rows, 'item')}</b></a></root>",
    "repeated": lambda rows: f"<root {XSI}><page>1</page>{records(rows, 'row')}</root>",
}


@pytest.mark.parametrize("dress", DRESSES)
def test_the_records_are_found_in_every_dress(desk, dress):
    rows = [desk.pn_row("T_SYN-1", 0, 15), desk.pn_row("T_SYN-1", 15, 30), desk.pn_row("T_SYN-2", 0, 30)]
    plain = desk.load_files({"SYNTHETIC_PN_2024-01-15.json": rows})
    from_json = [{k: v for k, v in row.items() if k != "landing"} for row in desk.rows("physical_notifications")]
    assert plain.good
    assert len(from_json) == 3

    report = desk.load_files({PN: DRESSES[dress](rows)})

    assert report.findings == []
    assert [(file.job, file.new, file.changed, file.unchanged) for file in report.files] == [("pn", 0, 0, 3)]


@pytest.mark.parametrize("dress", [insights, legacy, array])
def test_one_record_is_a_list_of_one(desk, dress):
    report = desk.load_files({PN: dress([desk.pn_row("T_SYN-1", 0, 30)])})

    assert report.findings == []
    assert [row["source_row"] for row in desk.rows("physical_notifications")] == [1]


@pytest.mark.parametrize("dress", [insights, legacy, array])
def test_an_answer_without_records_says_that_there_are_none(desk, dress):
    report = desk.load_files({PN: dress([])})

    assert report.findings == []
    assert [(one.settlement_date, one.empty) for one in desk.store.arrivals("physical_notifications", desk.day)] == [
        (desk.day, True)
    ]


def test_an_error_in_the_place_of_the_list_is_no_empty_answer(desk):
    report = desk.load_files({PN: "<error><data>try again later</data></error>"})

    assert [finding.found for finding in report.findings] == ["no list of records"]
    assert desk.store.arrivals("physical_notifications", desk.day) == []
    assert desk.marks("physical_notifications") == [(None, None)]


def test_nil_empty_and_left_out_are_all_null():
    text = f'<r {XSI}><data><a><x>1</x><y xsi:nil="true">9</y></a><a><x/><y></y></a><a><x>3</x></a></data></r>'

    fields = xml.read("f", text).tables[""].fields

    assert fields == {"x": ["1", None, "3"], "y": [None, None, None]}


def test_a_record_without_what_it_needs_is_refused_and_its_neighbour_is_kept(desk):
    rows = [desk.pn_row("T_SYN-1", 0, 30), desk.pn_row("T_SYN-2", 0, 30, levelTo=None)]

    report = desk.load_files({PN: insights(rows)})

    assert [(f.row, f.column, f.weight) for f in report.findings] == [(2, "level_to_mw", "refused")]
    assert [row["bm_unit"] for row in desk.rows("physical_notifications")] == ["T_SYN-1"]


def test_elements_inside_an_element_are_fields_with_two_names():
    text = "<r><data><a><id>1</id><pairVolumes><negative1>-2.5</negative1><positive1/></pairVolumes></a></data></r>"

    fields = xml.read("f", text).tables[""].fields

    assert fields == {"id": ["1"], "pairVolumes.negative1": ["-2.5"], "pairVolumes.positive1": [None]}


def test_a_field_that_comes_twice_costs_its_record_and_no_other():
    raw = xml.read("f", "<r><data><a><x>1</x><x>2</x></a><a><x>3</x></a><a>text</a></data></r>")

    assert [(finding.row, finding.found) for finding in raw.broken] == [(1, "x twice"), (3, "no fields")]
    assert raw.tables[""].fields == {"x": ["3"]}
    assert raw.tables[""].source_row.tolist() == [2]


def test_half_a_file_gives_its_whole_records_and_marks_its_day(desk):
    whole = insights([desk.pn_row(f"T_SYN-{number}", 0, 30) for number in (1, 2, 3)])

    report = desk.load_files({PN: whole[: whole.rindex("<levelTo>")]})

    assert [row["bm_unit"] for row in desk.rows("physical_notifications")] == ["T_SYN-1", "T_SYN-2"]
    (finding,) = report.findings
    assert (finding.row, finding.weight) == (3, "refused")
    assert "breaks off" in finding.found
    assert desk.marks("physical_notifications") == [(None, None)]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ATTACKS = {
    "a bomb of entities": f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><r><data><a><x>&l9;</x></a></data></r>',
    "a file of the machine": '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]><r><data><a><x>&e;</x></a></data></r>',
    "a document type elsewhere": '<!DOCTYPE r SYSTEM "http://localhost/x.dtd"><r><data><a><x>1</x></a></data></r>',
    "a web page": "<!DOCTYPE html><html><body><p>Gateway timeout</p></body></html>",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_document_types_and_entities_are_refused_and_the_day_is_marked(desk, attack):
    report = desk.load_files({PN: ATTACKS[attack]})

    (finding,) = report.findings
    assert "Forbidden" in finding.found
    assert finding.weight == "refused"
    assert desk.rows("physical_notifications") == []
    assert desk.marks("physical_notifications") == [(None, None)]


def test_an_encoding_that_nobody_knows_is_told_of():
    with pytest.raises(UnreadableFile, match="unknown encoding"):
        xml.read("f", '<?xml version="1.0" encoding="nonsense"?><r><data><a><x>1</x></a></data></r>')


def test_bytes_of_another_encoding_cost_only_their_row(desk):
    rows = [desk.adjustment_row(1), desk.adjustment_row(2, period=8, partyId="Caf? SYNTHETIC")]
    data = insights(rows, "DISBSAD").encode().replace(b"Caf?", b"Caf\xe9")

    report = desk.load_files({"DISBSAD_2024-01-15.xml": data})

    assert [(f.row, f.column, f.found) for f in report.findings] == [(2, "party", "Caf\\xe9 SYNTHETIC")]
    assert [row["adjustment_id"] for row in desk.rows("adjustment_actions")] == [1]


def test_an_encoding_that_the_file_declares_is_used(desk):
    text = insights([desk.adjustment_row(1, partyId="Café SYNTHETIC")], "DISBSAD")
    declared = text.replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="windows-1252"?>')

    report = desk.load_files({"DISBSAD_2024-01-15.xml": declared.encode("cp1252")})

    assert report.findings == []
    assert [row["party"] for row in desk.rows("adjustment_actions")] == ["Café SYNTHETIC"]


def test_the_list_is_let_go_as_it_is_read():
    import tracemalloc

    # Text of every field is kept once, as columns; the tree of all elements would be many times that.
    text = "<r><data>" + "<a>" + "".join(f"<x{n}/>" for n in range(50)) + "</a>"
    text += "<a><x0/></a>" * 20_000 + "</data></r>"
    tracemalloc.start()

    raw = xml.read("f", text)

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(raw.tables[""]) == 20_001
    assert most < 16_000_000


def test_deep_elements_are_a_fault_of_their_record_and_not_of_the_reader():
    deep = "<d>" * 20_000 + "</d>" * 20_000

    raw = xml.read("f", f"<r><data><a><x>1</x></a><a>{deep}</a></data></r>")

    assert [(finding.row, finding.found) for finding in raw.broken] == [(2, "elements 5 deep")]
    assert raw.tables[""].fields == {"x": ["1"]}


def test_numbers_flags_and_times_that_are_text_become_what_the_column_is(desk):
    report = desk.load_files({PN: insights([desk.pn_row("T_SYN-1", 0, 30, levelFrom=-1.5, levelTo=1e3)])})
    desk.load_files({"BOALF_2024-01-15.xml": insights([desk.acceptance_row("T_SYN-1", 1, 0, 5, soFlag=True)], "BOALF")})

    assert report.findings == []
    (row,) = desk.rows("physical_notifications")
    assert (row["level_from_mw"], row["level_to_mw"]) == (-1.5, 1000.0)
    (line,) = desk.rows("acceptances")
    assert (line["so_flag"], line["deemed_flag"]) == (True, False)
    assert json.dumps(str(line["time_from"])) == '"2024-01-15 03:00:00+00:00"'
