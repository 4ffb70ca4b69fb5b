"""Workbooks of Excel: a sheet, its header, its rows, and what is refused of a zip of XML."""

import datetime
import zipfile

import openpyxl
import pytest

from rnn_core.errors import DataError
from rnn_core.tables import workbook
from rnn_core.tables.open import open_table
from rnn_core.tables.table import GUESS, Options


@pytest.fixture
def table_of(tmp_path):
    """Opens a workbook with these sheets."""

    def opened(options=GUESS, **sheets):
        path = tmp_path / "films.xlsx"
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        book.save(path)
        return open_table(path, options)

    return opened


def rows_of(table):
    return [tuple(row.values()) for row in table.head()]


def test_values_come_in_their_shortest_form_errors_empty_formulas_as_saved_and_escapes_as_shown(table_of):
    day, moment = datetime.date(2024, 5, 1), datetime.datetime(2024, 5, 1, 12, 30)
    rows = [["text", "a", "b", "c", "d"], ["good", 3, 2.5, True, day], ["bad", 3.0, None, False, moment]]
    table = table_of(Films=[*rows, ["one_x000D_\ntwo _x005F_x0041_", "#N/A", "=1+1"]])
    assert (table.format, table.options.sheet) == ("Excel", "Films")
    assert rows_of(table) == [
        ("good", "3", "2.5", "true", "2024-05-01"),
        ("bad", "3", None, "false", "2024-05-01T12:30:00"),
        ("one\r\ntwo _x0041_", None, None, None, None),
    ]


def test_rows_and_columns_without_anything_are_passed_over(table_of):
    table = table_of(
        Films=[[], ["text", "label", None], [], ["good", 1, None, "a note"], [None, None], ["bad"]]
    )
    assert table.columns == ("text", "label")
    assert rows_of(table) == [("good", "1"), ("bad", None)]


def test_the_first_sheet_with_rows_is_read_unless_another_is_named(table_of):
    sheets = {"About": [["Films of 1999"]], "One": [["text"], ["good"]], "Two": [["text"], ["bad"]]}
    assert table_of(**sheets).options.sheet == "One"
    assert table_of(Options(sheet="Two"), **sheets).head() == [{"text": "bad"}]
    with pytest.raises(DataError, match=r"films\.xlsx has no sheet 'Three'. It has 'About', 'One', 'Two'"):
        table_of(Options(sheet="Three"), **sheets)


@pytest.mark.parametrize("rows", [[], [["text", "label"]], [[], [None]]])
def test_a_workbook_without_rows_is_refused(table_of, rows):
    with pytest.raises(DataError, match="has no rows"):
        table_of(Films=rows)
    with pytest.raises(DataError, match="Sheet 'Films' of"):
        table_of(Options(sheet="Films"), Films=rows)


def test_progress_ends_at_the_length_of_the_file(table_of):
    table = table_of(Films=[["text"]] + [[f"Text {number}"] for number in range(5_000)])
    batches = list(table.batches())
    assert [batch.first_row for batch in batches] == [1, 4_097]
    assert 0 < batches[0].bytes_done <= batches[1].bytes_done == table.total_bytes


def test_a_cell_that_is_too_long_is_named_by_its_row_in_the_sheet(table_of, monkeypatch):
    monkeypatch.setattr("rnn_core.tables.table.MOST_CELL", 10)
    table = table_of(Films=[["text", "label"], [], ["good", 1], ["a long text", 0]])
    with pytest.raises(DataError, match=r"row 2 \(row 4 of the sheet\), column 'text' of .* has 11 char"):
        list(table.batches())


def rewritten(path, part, content):
    """The same workbook with another content of one part."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, before in {**parts, part: parts.get(part, b"")}.items():
            archive.writestr(name, content(before) if name == part else before)
    return path


SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


@pytest.fixture
def as_excel_writes_it(table_of):
    """A workbook whose only text, "good", stands apart from the sheet; openpyxl writes it into its cell."""
    path = table_of(Films=[["text"], ["good"]]).path
    inside = b't="inlineStr"><is><t>good</t></is>'
    rewritten(path, SHEET, lambda xml: xml.replace(inside, b't="s"><v>0</v>'))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/{TEXTS}" ContentType="{kind}"/></Types>'.encode()
    rewritten(path, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", override))
    namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    texts = b'<sst xmlns="%s"><si><t>good</t></si></sst>' % namespace
    return rewritten(path, TEXTS, lambda _: texts)


def test_texts_that_stand_apart_from_the_sheet_are_read(as_excel_writes_it):
    assert open_table(as_excel_writes_it).head() == [{"text": "good"}]


def test_a_row_beyond_those_of_excel_is_not_waited_for(table_of, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 100)
    path = table_of(Films=[["text"], ["good"], ["bad"]]).path
    far = b'row r="999999999999"'
    rewritten(path, SHEET, lambda xml: xml.replace(b'row r="3"', far).replace(b'"A3"', b'"A9"'))
    assert rows_of(open_table(path)) == [("good",)]
    path = table_of(Films=[["text"], ["good"]]).path
    rewritten(path, SHEET, lambda xml: xml.replace(b'"A1:A2"', b'"A1:XFD1048576"'))
    assert open_table(path).columns == ("text",)  # a size that a sheet only claims is not believed


@pytest.mark.parametrize(
    ("part", "content"),
    [
        (SHEET, lambda xml: xml[:-40]),
        (SHEET, lambda xml: xml.replace(b"<v>0</v>", b"<v>99</v>")),
        (TEXTS, lambda _: b"no XML"),
        ("xl/workbook.xml", lambda _: b"<workbook/>"),
    ],
)
def test_a_damaged_workbook_is_refused(as_excel_writes_it, part, content):
    with pytest.raises(DataError, match=r"films\.xlsx (is damaged|has no rows)"):
        list(open_table(rewritten(as_excel_writes_it, part, content)).batches())


def test_entities_that_multiply_are_refused(as_excel_writes_it):
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    laugh = f'<!DOCTYPE sst [<!ENTITY a0 "{"ha" * 50}">{entities}]>'.encode()
    rewritten(as_excel_writes_it, TEXTS, lambda xml: laugh + xml.replace(b"good", b"&a9;"))
    with pytest.raises(DataError, match=r"films\.xlsx is damaged"):
        open_table(as_excel_writes_it)


def test_texts_that_would_fill_the_memory_are_refused(as_excel_writes_it, monkeypatch):
    monkeypatch.setattr(workbook, "_MOST_SHARED_BYTES", 50)
    said = r"has 97 bytes in its part 'xl/sharedStrings\.xml', where 50 are the most"
    with pytest.raises(DataError, match=said):
        open_table(as_excel_writes_it)
