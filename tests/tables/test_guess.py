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


def rows_with(**columns):
    count = max(map(len, columns.values()))
    return [{name: cells[row % len(cells)] for name, cells in columns.items()} for row in range(count)]


TEXTS = [f"A film of {number} hours is a long film" for number in range(60)]


def test_the_longest_column_is_the_text_and_a_repeating_one_the_label():
    rows = rows_with(
        id=[str(n) for n in range(60)], x=TEXTS, y=["good", "bad"], part=["train", "test", "train"]
    )
    assert guess_columns(rows) == Columns("x", "y", "part")


def test_addresses_and_checksums_are_no_texts():
    rows = rows_with(
        url=["https://example.org/" + "x" * 100 + str(n) for n in range(60)], x=TEXTS, y=["1", "2"]
    )
    assert guess_columns(rows).text == "x"


def test_texts_in_a_script_without_spaces_are_texts():
    rows = rows_with(
        url=[f"https://example.org/{n}" for n in range(60)], x=[f"天気は{n}番目に良い" for n in range(60)]
    )
    assert guess_columns(rows).text == "x"


def test_names_break_ties():
    rows = rows_with(text=TEXTS, lang=["en", "de"], Star_Rating=["1", "2", "3", "4", "5"])
    assert guess_columns(rows).label == "Star_Rating"
    rows = rows_with(title=TEXTS, review=[f"{text}." for text in TEXTS], label=["0", "1"])
    assert guess_columns(rows).text == "review"


def test_fifty_classes_are_found_and_what_never_repeats_is_no_label():
    rows = rows_with(text=TEXTS * 4, kind=[f"class {n}" for n in range(50)], id=[str(n) for n in range(240)])
    assert guess_columns(rows).label == "kind"
    assert guess_columns(rows_with(text=TEXTS, id=[str(n) for n in range(60)])).label == ""
    assert guess_columns(rows_with(text=TEXTS, same=["a"])).label == ""


def test_in_a_table_in_the_order_of_its_classes_the_name_says_which_column_holds_them():
    assert guess_columns(rows_with(text=TEXTS, same=["a"], sentiment=["bad"])).label == "sentiment"
    assert guess_columns(rows_with(text=TEXTS, label=["a"], kind=["b", "c"])).label == "kind"


def test_a_folder_says_itself_what_its_columns_mean(tmp_path):
    for part, label in (("train", "a"), ("eval", "b")):
        (tmp_path / part / label).mkdir(parents=True)
        (tmp_path / part / label / "1.txt").write_text("x")
    table = open_table(tmp_path)
    assert columns_of(table, table.head()) == Columns("text", "label", "split")
    assert columns_of(open_table(tmp_path / "train"), []) == Columns("text", "label", "")


def test_empty_cells_say_nothing():
    rows = rows_with(
        text=[*TEXTS, None], label=["a", None, "b"], nothing=[None], split=[None, "Dev", "train"]
    )
    assert guess_columns(rows) == Columns("text", "label", "split")


def test_a_table_without_rows_or_labels_has_none():
    assert guess_columns([]) == Columns("", "", "")
    assert guess_columns(rows_with(text=TEXTS)) == Columns("text", "", "")
