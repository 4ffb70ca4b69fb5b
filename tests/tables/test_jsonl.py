"""JSON Lines: the keys are columns, and a line that is no object is named."""

import json

import pytest

from rnn_core.errors import DataError
from rnn_core.tables.open import open_table
from rnn_core.tables.table import GUESS, Options


@pytest.fixture
def table_of(path_of):
    """Opens a file with this content."""
    return lambda content, options=GUESS, name="films.jsonl": open_table(path_of(name, content), options)


def test_keys_are_columns_and_a_missing_one_is_an_empty_cell(table_of):
    table = table_of('{"text": "good", "label": 1}\n\n{"text": "bad", "stars": 2.5}\n')
    assert (table.format, table.columns) == ("JSON Lines", ("text", "label", "stars"))
    assert [tuple(row.values()) for row in table.head()] == [("good", "1", None), ("bad", None, "2.5")]
    assert table_of('{"text": "a, b"}\n', name="films.txt").format == "JSON Lines"  # whatever its name


def test_values_come_in_their_shortest_form(table_of):
    table = table_of('{"text": "", "a": 3.0, "b": true, "c": null, "d": NaN, "e": 12345678901234567890123}\n')
    assert list(table.head()[0].values()) == [None, "3", "true", None, None, "12345678901234567890123"]


def test_other_encodings_are_read(table_of):
    for encoding in ("utf-16", "latin-1"):
        table = table_of('{"text": "café"}\n'.encode(encoding), Options(encoding=encoding))
        assert table.head() == [{"text": "café"}]


def test_half_a_letter_becomes_a_question_mark(table_of):
    [row] = table_of(r'{"text": "so \ud83d", "smile": "\ud83d\ude00"}').head()
    assert row == {"text": "so ?", "smile": "\U0001f600"}


def test_nested_values_are_left_out_and_refused_when_asked_for(table_of):
    table = table_of('{"text": "good", "tags": ["a"]}\n{"text": "bad", "tags": null}\n')
    assert (table.columns, table.left_out) == (("text",), ("tags",))
    with pytest.raises(DataError, match=r"Column 'tags' of films\.jsonl holds lists or objects"):
        table.batches(["tags"])


def test_a_nested_value_that_comes_late_is_named_by_row_and_column(table_of):
    lines = [json.dumps({"text": "good"})] * 1_000 + [json.dumps({"text": {"en": "bad"}})]
    said = r"Row 1,001 of films\.jsonl \(line 1,001\), column 'text': the cell holds a list"
    with pytest.raises(DataError, match=said):
        list(table_of("\n".join(lines)).batches())


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (
            '{"text": "a"}\nnothing\n',
            r"Row 2 of films\.jsonl \(line 2\) is no JSON: expecting value at character 1",
        ),
        ('{"text": "a"}\n\n[1]\n', r"Row 2 of films\.jsonl \(line 3\) must be a JSON object .* got a list"),
        ('{"text": "a"}\n3\n', "got a single value"),
        ('[{"text": "a"}]\n', "one long list"),
        ('[\n{"text": "a"}\n]\n', "no JSON Lines"),
        ('{\n"text": "a"\n}\n', "no JSON Lines"),
        ('{"text": "a"}\n' + "[" * 200_000, "nested too deeply"),
        ('{"tags": []}\n', "only lists and objects: 'tags'"),
        ("{}\n", "no values"),
        (" \n", "no values"),
        (b'{"text": "a"}\n{"text": "\xff"}', "bytes that aren't"),
        (b'{"text": "a"}\n{"text": "\0"}', r"Row 2 .* NUL byte \(line 2\)"),
    ],
)
def test_what_is_no_json_lines_is_refused(table_of, content, what):
    with pytest.raises(DataError, match=what):
        list(table_of(content, Options(encoding="utf-8")).batches())


def test_a_nul_that_is_written_as_an_escape_is_named_by_row_and_column(table_of):
    with pytest.raises(DataError, match=r"row 1 \(line 1\), column 'text' of films\.jsonl has a NUL byte"):
        list(table_of(r'{"text": "a\u0000b"}').batches())
