"""What is guessed of a table: encoding, delimiter, and which column is what."""

import pytest

from rnn_core.tables.delimited import guess_delimiter
from rnn_core.tables.guess import columns_of, guess_columns, guess_encoding
from rnn_core.tables.open import open_table
from rnn_core.tables.table import Columns


@pytest.mark.parametrize(
    ("start", "encoding"),
    [
        (("text,label\n" + "今日はとても良い天気です,良い\n" * 20).encode("utf-16-le"), "utf-16-le"),
        ("Das schöne Café".encode()[:-1], "utf-8"),
        ("今日はとても良い天気です".encode() + b"\xe5\n" + "良い".encode(), "utf-8"),
        (b"caf\xe9 \x81", "latin-1"),
        (b"text,label\n\0good,1\n", "utf-8"),
    ],
    ids=[
        "UTF-16 without a mark, in a script that is not Latin",
        "a sample that ends within a character",
        "a broken byte does not make UTF-8 Western",
        "a byte that Windows does not have",
        "few zero bytes are no UTF-16",
    ],
)
def test_the_encoding_is_guessed_by_the_first_bytes(start, encoding):
    assert guess_encoding(start) == encoding


@pytest.mark.parametrize(
    ("sample", "delimiter"),
    [
        ("text,label\nso; so; so,1\nwell; well,0\n", ","),
        ("text;label\nso, so, so;1\nwell, well;0\n", ";"),
        ("text\tlabel\nso, so\t1\nwell, well\t0\n", "\t"),
        ('text|label\n"so|so"|1\nwell|0\n', "|"),
        ('label,text\n1,"one; two\nthree; four"\n', ","),
        ("text\nso, so, so\nwell\n", ""),
        ("", ""),
    ],
)
def test_the_delimiter_is_the_one_that_gives_even_rows(sample, delimiter):
    assert guess_delimiter(sample) == delimiter


TEXTS = [f"A film of {number} hours is a long film" for number in range(60)]


MANY = [str(number) for number in range(60)]
CASES = {
    "the longest column is the text and a repeating one the label": (
        {"id": MANY, "x": TEXTS, "y": ["good", "bad"], "part": ["train", "test", "train"]},
        Columns("x", "y", "part"),
    ),
    "addresses and checksums are no texts": (
        {"url": ["https://example.org/" + "x" * 100 + n for n in MANY], "x": TEXTS, "y": ["1", "2"]},
        Columns("x", "y", ""),
    ),
    "texts in a script without spaces are texts": (
        {"url": [f"https://example.org/{n}" for n in MANY], "x": [f"天気は{n}番目に良い" for n in MANY]},
        Columns("x", "", ""),
    ),
    "the name of a label breaks a tie": (
        {"text": TEXTS, "lang": ["en", "de"], "Star_Rating": ["1", "2", "3", "4", "5"]},
        Columns("text", "Star_Rating", ""),
    ),
    "the name of a text breaks a tie": (
        {"title": TEXTS, "review": [f"{text}." for text in TEXTS], "label": ["0", "1"]},
        Columns("review", "label", ""),
    ),
    "fifty classes are found": (
        {"text": TEXTS * 4, "kind": [f"class {n}" for n in range(50)], "id": [str(n) for n in range(240)]},
        Columns("text", "kind", ""),
    ),
    "what never repeats is no label": ({"text": TEXTS, "id": MANY}, Columns("text", "", "")),
    "what always repeats is no label": ({"text": TEXTS, "same": ["a"]}, Columns("text", "", "")),
    "in the order of classes the name says which column holds them": (
        {"text": TEXTS, "same": ["a"], "sentiment": ["bad"]},
        Columns("text", "sentiment", ""),
    ),
    "values that repeat go before a name": (
        {"text": TEXTS, "label": ["a"], "kind": ["b", "c"]},
        Columns("text", "kind", ""),
    ),
    "empty cells say nothing": (
        {
            "text": [*TEXTS, None],
            "label": ["a", None, "b"],
            "nothing": [None],
            "split": [None, "Dev", "train"],
        },
        Columns("text", "label", "split"),
    ),
    "texts alone have no label": ({"text": TEXTS}, Columns("text", "", "")),
}


@pytest.mark.parametrize(("columns", "meant"), CASES.values(), ids=CASES)
def test_what_columns_mean_is_guessed_by_their_first_rows(columns, meant):
    rows = range(max(map(len, columns.values())))
    head = [{name: cells[row % len(cells)] for name, cells in columns.items()} for row in rows]
    assert guess_columns(head) == meant


def test_a_folder_says_itself_what_its_columns_mean(tmp_path):
    for part, label in (("train", "a"), ("eval", "b")):
        (tmp_path / part / label).mkdir(parents=True)
        (tmp_path / part / label / "1.txt").write_text("x")
    table = open_table(tmp_path)
    assert columns_of(table, table.head()) == Columns("text", "label", "split")
    assert columns_of(open_table(tmp_path / "train"), []) == Columns("text", "label", "")
    assert guess_columns([]) == Columns("", "", "")
