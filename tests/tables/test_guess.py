"""Guesses about a table: encoding, delimiter, and which column is what."""

import pytest

from rnn_core.tables.guess import guess_columns, guess_encoding
from rnn_core.tables.lines import guess_delimiter
from rnn_core.tables.open import open_table

JAPANESE = "今日はとても良い天気です"
ENCODINGS = {
    "UTF-16 without a mark": (f"text,label\n{JAPANESE * 9},1\n".encode("utf-16-le"), "utf-16-le"),
    "a sample that ends within a character": ("Das schöne Café".encode()[:-1], "utf-8"),
    "a broken byte makes no Western": (JAPANESE.encode() + b"\xe5\n" + JAPANESE.encode(), "utf-8"),
    "a byte that Windows does not have": (b"caf\xe9 \x81", "latin-1"),
    "zeros at odd and even places are no UTF-16": (b"a\0" * 100 + b"\0a" * 10, "utf-8"),
    "few zero bytes are no UTF-16": (b"text,label\n\0good,1\n", "utf-8"),
}


@pytest.mark.parametrize(("start", "encoding"), ENCODINGS.values(), ids=ENCODINGS)
def test_the_encoding_is_guessed_by_the_first_bytes(start, encoding):
    assert guess_encoding(start) == encoding


DELIMITERS = {
    "text,label\nso; so; so,1\nwell; well,0\n": ",",
    "text;label\nso, so, so;1\nwell, well;0\n": ";",
    "text\tlabel\nso, so\t1\nwell, well\t0\n": "\t",
    'text|label\n"so|so"|1\nwell|0\n': "|",
    'label,text\n1,"one; two\nthree; four"\n': ",",
    "text\nso, so, so\nwell\n": "",
    "": "",
}


@pytest.mark.parametrize("sample", DELIMITERS)
def test_the_delimiter_is_the_one_that_gives_even_rows(sample):
    assert guess_delimiter(sample) == DELIMITERS[sample]


TEXTS = [f"A film of {number} hours is a long film" for number in range(60)]
LONGER, PARTS = [f"{text}." for text in TEXTS], ["train", "test", "train"]
MANY = [str(number) for number in range(60)]
ADDRESSES = ["https://example.org/" + "x" * 100 + number for number in MANY]
SHORT = [f"https://example.org/{number}" for number in MANY]
FIFTY = {"text": TEXTS * 4, "kind": [f"class {n}" for n in range(50)], "id": [str(n) for n in range(240)]}
GAPS = {"text": [*TEXTS, None], "label": ["a", None, "b"], "no": [None], "split": [None, "Dev", "train"]}
MEANT = {
    "the longest, what repeats": (
        {"id": MANY, "x": TEXTS, "y": ["a", "b"], "part": PARTS},
        ("x", "y", "part"),
    ),
    "addresses are no texts": ({"url": ADDRESSES, "x": TEXTS, "y": ["1", "2"]}, ("x", "y", "")),
    "texts without spaces": ({"url": SHORT, "x": [f"天気は{n}番目に良い" for n in MANY]}, ("x", "", "")),
    "a label's name": (
        {"text": TEXTS, "lang": [*"ed"], "Star_Rating": [*"12345"]},
        ("text", "Star_Rating", ""),
    ),
    "a text's name": ({"title": TEXTS, "review": LONGER, "label": [*"01"]}, ("review", "label", "")),
    "fifty classes": (FIFTY, ("text", "kind", "")),
    "what never repeats is no label": ({"text": TEXTS, "id": MANY}, ("text", "", "")),
    "what always repeats is none": ({"text": TEXTS, "same": ["a"]}, ("text", "", "")),
    "but by its name": ({"text": TEXTS, "same": ["a"], "sentiment": ["bad"]}, ("text", "sentiment", "")),
    "values before a name": ({"text": TEXTS, "label": ["a"], "kind": ["b", "c"]}, ("text", "kind", "")),
    "empty cells say nothing": (GAPS, ("text", "label", "split")),
    "texts alone": ({"text": TEXTS}, ("text", "", "")),
}


@pytest.mark.parametrize(("columns", "meant"), MEANT.values(), ids=MEANT)
def test_columns_are_guessed_by_their_first_rows(columns, meant):
    rows = range(max(map(len, columns.values())))
    head = [{name: cells[row % len(cells)] for name, cells in columns.items()} for row in rows]
    assert guess_columns(head) == meant


def test_a_folder_says_itself_what_its_columns_mean(table_of):
    table = table_of({"train/a/1.txt": "x", "eval/b/1.txt": "x"})
    assert table.meaning == ("text", "label", "split")
    assert open_table(table.path / "train").meaning == ("text", "label", "")
    assert guess_columns([]) == ("", "", "")
