"""Which rows become texts, and why the others do not."""

import pytest

from rnn_core.data.own.recipe import Recipe
from rnn_core.data.own.rows import read_rows
from rnn_core.errors import DataError
from tests.data.own.made import chosen, table, two_classes

_, VALIDATION, TEST = range(3)


COPIES = [("A  Text, repeated.", "a"), ("a text repeated", "a"), ("A TEXT REPEATED", "a")]
CLASHING = [("so so", "b"), ("So so.", "a"), ("so, so", "b")]
ACROSS = [("twice", "a", "test"), ("twice", "a", "train"), ("thrice", "b", "val"), ("thrice", "b", "train")]
ACROSS += [("both", "a", "val"), ("both", "a", "test")]
CASES = {
    "without a text or a class they are left out": (
        [("", "a"), ("...", "b"), ("   ", "a"), ("a word", ""), ("", "")],
        {},
        [-1] * 5,
        {},
        {"empty": 3, "without_class": 2},
    ),
    "the same tokens are the same text": (COPIES, {}, [0, -1, -1], {"duplicates": 2}, {"duplicates": 2}),
    "copies are kept": (COPIES, {"duplicates": "keep-all"}, [0, 0, 0], {"duplicates": 2}, {}),
    "a text in two classes is left out": (
        CLASHING,
        {"contradictory": "leave-out", "duplicates": "keep-all"},
        [-1, -1, -1],
        {"contradictory": 3},
        {"contradictory": 3},
    ),
    "a text in two classes has that of the first": (
        CLASHING,
        {"contradictory": "keep-first", "duplicates": "keep-all"},
        [1, -1, 1],
        {"contradictory": 3, "duplicates": 1},
        {"contradictory": 1},
    ),
    "a text in two classes is kept": (
        CLASHING,
        {"contradictory": "keep-all", "duplicates": "keep-all"},
        [1, 0, 1],
        {"contradictory": 3, "duplicates": 1},
        {},
    ),
    "a text in two splits is left out of the earlier one": (
        ACROSS,
        {"split": "split"},
        [0, -1, 1, -1, -1, 0],
        {"across_splits": 3},
        {"across_splits": 3},
    ),
    "a text in two splits is kept": (
        ACROSS,
        {"split": "split", "across_splits": "keep-all"},
        [0, 0, 1, 1, 0, 0],
        {"across_splits": 3},
        {},
    ),
    "a group in two splits is left out of the earlier one": (
        [("one", "a", "test", "ann"), ("two", "b", "train", "ann"), ("three", "b", "train", "bob")],
        {"split": "split", "group": "group"},
        [0, -1, 1],
        {},
        {"across_splits": 1},
    ),
}


def in_splits(*rows):
    """Forty texts for training, and these rows."""
    return [*((text, label, "train") for text, label in two_classes()), *rows]


@pytest.mark.parametrize(("rows", "choices", "labels", "found", "left_out"), CASES.values(), ids=CASES)
def test_what_becomes_of_rows_that_can_not_be_texts_or_are_there_before(
    tmp_path, rows, choices, labels, found, left_out
):
    choice = chosen(table(tmp_path, in_splits(*rows)), **choices)
    assert choice.labels[40:].tolist() == labels
    assert choice.texts == 40 + len(labels) - labels.count(-1)
    for counted, expected in ((choice.found, found), (choice.left_out, left_out)):
        assert {name: count for name, count in counted._asdict().items() if count} == expected


def test_a_column_of_splits_is_followed_in_whatever_spelling(tmp_path):
    source = table(tmp_path, in_splits(("one", "a", "Dev"), ("two", "b", " TEST "), ("three", "a", "valid")))
    assert chosen(source, split="split").splits[40:].tolist() == [VALIDATION, TEST, VALIDATION]


def test_copies_that_are_kept_stay_on_one_side(tmp_path):
    rows = [(f"text {number // 4}", "ab"[number // 4 % 2]) for number in range(160)]
    choice = chosen(table(tmp_path, rows), duplicates="keep-all")
    for text in range(40):
        assert len(set(choice.splits[4 * text : 4 * text + 4].tolist())) == 1
    assert choice.groups.tolist() == [number // 4 for number in range(160)]


def test_the_test_share_is_drawn_where_no_row_is_for_testing(tmp_path):
    choice = chosen(table(tmp_path, in_splits(("held", "a", "dev"), ("out", "b", "dev"))), split="split")
    assert (choice.splits[:40] == TEST).sum() == 8
    assert choice.splits[40:].tolist() == [VALIDATION, VALIDATION]


@pytest.mark.parametrize("word", ["", "holdout"])
def test_an_unknown_split_is_named_with_its_row(tmp_path, word):
    with pytest.raises(DataError, match=r"Row 41 of table.csv has .* in column 'split'; a split is one of"):
        chosen(table(tmp_path, in_splits(("text", "a", word))), split="split")


def test_a_class_without_a_text_to_learn_from_is_named(tmp_path):
    rows = [(f"other {number}", "c", "test") for number in range(12)]
    with pytest.raises(DataError, match=r"The class 'c' of table.csv has no text to learn from"):
        chosen(table(tmp_path, in_splits(*rows)), split="split")


def test_a_table_without_a_usable_row_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"No row of table.csv has both a text .* and a class"):
        chosen(table(tmp_path, [("", "a"), ("word", "")]))
    with pytest.raises(DataError, match=r"table.csv"):
        chosen(table(tmp_path, []))


@pytest.mark.parametrize("column", ["text", "label", "split", "group"])
def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path, column):
    source = table(tmp_path, two_classes(), columns=("body", "kind"))
    recipe = Recipe(source="x", **{"text": "body", "label": "kind", column: "gone"})
    with pytest.raises(DataError, match=r"no column 'gone'.*'body', 'kind'"):
        list(read_rows(source, recipe))


def test_a_table_of_which_no_text_could_be_held_out_is_refused_when_it_is_added(tmp_path):
    source = table(tmp_path, [("one", "a"), ("two", "b")])
    with pytest.raises(DataError, match=r"No class of table.csv has two texts to learn from"):
        chosen(source, small_classes="keep")
    rows = [(text, label, "", "one author" if label == "b" else text) for text, label in two_classes()]
    with pytest.raises(DataError, match="texts of the class 'b' are in groups that can't be split"):
        chosen(table(tmp_path, rows), group="group")


def test_a_table_of_which_no_text_is_kept_says_why(tmp_path):
    rows = [("the same text", "ab"[number % 2]) for number in range(40)]
    with pytest.raises(DataError, match=r"No class has texts.*Left out are rows: 1 without a class; 40 "):
        chosen(table(tmp_path, [*rows, ("another text", "")]))


def test_small_classes_are_joined_before_a_text_in_two_of_them_counts_as_a_contradiction(tmp_path):
    rows = [*two_classes(), *[(f"odd {i}", f"c{i % 3}") for i in range(12)], ("odd 0", "c1")]
    choice = chosen(table(tmp_path, rows), small_classes="join")
    assert choice.classes == ("a", "b", "other")
    assert (choice.left_out.contradictory, choice.left_out.duplicates) == (0, 1)
    assert choice.small == (("c0", 4), ("c1", 5), ("c2", 4))
    assert choice.labels[40:].tolist() == [2] * 12 + [-1]


def test_a_class_that_becomes_small_without_its_copies_is_joined_too(tmp_path):
    few = [(f"few {i % 9}", "few") for i in range(12)]
    rows = [*two_classes(), *few, *[(f"odd {i}", "c") for i in range(9)]]
    choice = chosen(table(tmp_path, rows), small_classes="join")
    assert choice.classes == ("a", "b", "other")
    assert choice.small == (("c", 9), ("few", 9))
    assert choice.left_out.duplicates == 3
