"""Labels become classes: in order, merged, renamed, made of ratings, or refused."""

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.data.own.classes import rating
from rnn_core.errors import ConfigError, DataError
from tests.data.own.made import chosen, table, two_classes


def in_classes(*labels, texts=12):
    """So many different texts of each label."""
    return [(f"text {label} {number}", label) for number in range(texts) for label in labels]


FIFTY = [f"c{number}" for number in range(50)]


@pytest.mark.parametrize(
    ("labels", "merges", "classes"),
    [
        (["10", "9", "beta", "Alpha"], (), {"9": 12, "10": 12, "Alpha": 12, "beta": 12}),
        (["pos", "good", "neg"], (("pos", "positive"), ("good", "positive")), {"neg": 12, "positive": 24}),
        (["very  good", " very good ", "1.0", "1"], (), {"1": 24, "very good": 24}),
        (FIFTY, (), dict.fromkeys(sorted(FIFTY), 12)),
    ],
    ids=["numbers by their size, then names by the alphabet", "merged", "in one spelling", "fifty"],
)
def test_labels_make_classes_in_order(tmp_path, labels, merges, classes):
    choice = chosen(table(tmp_path, in_classes(*labels)), merges=merges, duplicates="keep-all")
    assert choice.classes == tuple(classes)
    assert [int((choice.labels == label).sum()) for label in range(len(classes))] == list(classes.values())


def test_labels_that_differ_in_their_normal_form_alone_are_one_class_for_merges_too(tmp_path):
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    source = table(tmp_path, in_classes(composed, decomposed, "bar"))
    assert chosen(source).classes == ("bar", composed)
    for old in (composed, decomposed):
        assert chosen(source, merges=((old, f"{decomposed}s"),)).classes == ("bar", f"{composed}s")
    with pytest.raises(ConfigError, match="is merged twice"):
        chosen(source, merges=((composed, "one"), (decomposed, "two")))


def test_an_author_whose_name_has_two_normal_forms_is_one_group(tmp_path):
    authors = ("Ren\u00e9", "Rene\u0301", "Ann", "Bea", "Cy")
    rows = [(f"text {i}", "ab"[i % 2], "", authors[i % 5]) for i in range(60)]
    assert len(set(chosen(table(tmp_path, rows), group="group").groups.tolist())) == 4


@pytest.mark.parametrize("comma", [".", ","])
def test_thresholds_make_classes_of_a_rating_each_from_one_on_which_can_be_renamed(tmp_path, comma):
    ratings = ["3.9", "4", "6.99", "7", "10"] * 4
    source = table(tmp_path, [(f"text {i}", one.replace(".", comma)) for i, one in enumerate(ratings)])
    choice = chosen(source, thresholds=(4.0, 7.0), small_classes="keep")
    assert choice.classes == ("under 4", "4 to under 7", "7 and more")
    assert choice.labels[:5].tolist() == [0, 1, 1, 2, 2]
    renamed = chosen(
        source, thresholds=(5.0,), merges=(("under 5", "bad"), ("5 and more", "good")), small_classes="keep"
    )
    assert renamed.classes == ("bad", "good")


@pytest.mark.parametrize(
    ("labels", "choices", "error", "sentence"),
    [
        (["1", "2", "3.5"], {}, DataError, "has '3.5' in row 3, a number with decimals.*Give thresholds"),
        (
            ["1", "2", "bad"],
            {"thresholds": (1.5,)},
            DataError,
            "Row 3 of table.csv has 'bad' in column 'label'",
        ),
        (["a"], {}, DataError, "Only the class 'a' has texts left in .*; a network needs two classes"),
        (["a", "b"], {"merges": (("c", "d"),)}, ConfigError, "no class 'c' to merge or rename.*has 'a', 'b'"),
        (["a", "b"], {"merges": (("a", "x" * 101),)}, ConfigError, "1 to 100 printable characters"),
        (["a", "b" * 101], {}, DataError, "Row 2 of table.csv has a label with 101 characters"),
        (["a", "b\x07"], {}, DataError, "Row 2 of table.csv has a label with a control character, 'b.x07'"),
        (["a"], {"merges": (("a", "x\u202ey"),)}, ConfigError, "1 to 100 printable characters"),
        ([f"c{n}" for n in range(51)], {}, DataError, "There are 51 classes in column 'label'.*2 to 50"),
        (
            ["3"] * 3 + ["1,000"],
            {"thresholds": (4.0,)},
            DataError,
            "Row 4 .* '1,000' in .*, which may be 1000 or 1.000",
        ),
    ],
)
def test_labels_that_make_no_classes_are_refused_with_their_row(tmp_path, labels, choices, error, sentence):
    with pytest.raises(error, match=sentence):
        chosen(table(tmp_path, in_classes(*labels)), **choices)


def test_a_class_is_called_what_can_be_seen(tmp_path):
    family, newer, persian = "👩\u200d👧", "\U0001faea", "می\u200cروم"
    labels = [family, newer, persian, "\u200fשלום\u200f", "שלום", "x\u202e y", "x y"]
    rows = [(f"text {place} {i}", label) for i in range(10) for place, label in enumerate(labels)]
    choice = chosen(table(tmp_path, rows))
    assert set(choice.classes) == {family, newer, persian, "שלום", "x y"}
    RunConfig(data="own", classes=choice.classes)
    without = chosen(table(tmp_path, in_classes("a", "b", "\u200b\ufeff")))
    assert without.classes == ("a", "b")
    assert without.left_out.without_class > 0


@pytest.mark.parametrize(
    ("labels", "what"),
    [
        (10_000, "has 10,000 classes, 10,000 of them with fewer than 10 texts"),
        (20_002, "more than 20,000 different values up to row 20,001, such as 'id 0'"),
    ],
)
def test_thousands_of_different_labels_are_no_classes(tmp_path, labels, what):
    with pytest.raises(DataError, match=what):
        chosen(table(tmp_path, [(f"text {number}", f"id {number}") for number in range(labels)]))


def test_small_classes_are_left_out_joined_or_kept(tmp_path):
    rows = [*two_classes(), *in_classes("c", "d", texts=6), ("rare text", "e")]
    source = table(tmp_path, rows)
    left = chosen(source)
    assert (left.classes, left.left_out.small_classes) == (("a", "b"), 13)
    joined = chosen(source, small_classes="join")
    assert (joined.classes, joined.texts, joined.left_out.small_classes) == (("a", "b", "other"), 53, 0)
    kept = chosen(source, small_classes="keep")
    assert kept.classes == ("a", "b", "c", "d", "e")
    assert left.small == joined.small == kept.small == (("c", 6), ("d", 6), ("e", 1))
    source = table(tmp_path, [*in_classes("other", "z"), *in_classes("c", texts=4)])
    choice = chosen(source, small_classes="join")  # a class may be called other already
    assert choice.classes == ("other", "z")
    assert int((choice.labels == 0).sum()) == 16


def test_a_table_of_which_most_would_be_left_out_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"most texts would be left out.*small-classes keep"):
        chosen(table(tmp_path, two_classes(12)))
    assert chosen(table(tmp_path, two_classes(12)), small_classes="keep").texts == 12


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        *((cell, None) for cell in ("1_000", "1_0", "nan", "inf", "1,000", "-3,125", "12,345")),
        *zip(("0,125", "4,5", "1234,567", "4.125"), (0, 1, 2, 1), strict=True),
    ],
)
def test_what_may_be_two_numbers_or_is_none_is_no_rating(cell, number):
    assert rating(cell, [4, 7]) == number
