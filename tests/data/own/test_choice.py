"""Rows that become texts of a class, and reasons why others do not."""

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.own.rows import rating, read_rows
from rnn_core.errors import ConfigError, DataError
from tests.data.own.made import chosen, table, two_classes
from tests.refusals import refusals

_, VALIDATION, TEST = range(3)

KEEP, SPLIT = {"duplicates": "keep-all"}, {"split": "split"}
EMPTY = [("", "a"), ("...", "b"), ("   ", "a"), ("a word", ""), ("", "")]
COPIES = [("A  Text, repeated.", "a"), ("a text repeated", "a"), ("A TEXT REPEATED", "a")]
CLASHING = [("so so", "b"), ("So so.", "a"), ("so, so", "b")]
ACROSS = [("twice", "a", "test"), ("twice", "a", "train"), ("thrice", "b", "val"), ("thrice", "b", "train")]
ACROSS += [("both", "a", "val"), ("both", "a", "test")]
ANN = [("one", "a", "test", "ann"), ("two", "b", "train", "ann"), ("three", "b", "train", "bob")]


def clashes(how):
    return {"duplicates": "keep-all", "contradictory": how}


CLASHES, MET = {"contradictory": 3}, {"across_splits": 3}
AND_COPIES = {**CLASHES, "duplicates": 1}
CASES = {
    "no text or class": (EMPTY, {}, [-1] * 5, {}, {"empty": 3, "without_class": 2}),
    "the same tokens": (COPIES, {}, [0, -1, -1], {"duplicates": 2}, {"duplicates": 2}),
    "copies are kept": (COPIES, KEEP, [0, 0, 0], {"duplicates": 2}, {}),
    "two classes, left out": (CLASHING, clashes("leave-out"), [-1, -1, -1], CLASHES, CLASHES),
    "that of the first": (CLASHING, clashes("keep-first"), [1, -1, 1], AND_COPIES, {"contradictory": 1}),
    "two classes, kept": (CLASHING, clashes("keep-all"), [1, 0, 1], AND_COPIES, {}),
    "two splits": (ACROSS, SPLIT, [0, -1, 1, -1, -1, 0], MET, MET),
    "two splits, kept": (ACROSS, {**SPLIT, "across_splits": "keep-all"}, [0, 0, 1, 1, 0, 0], MET, {}),
    "a group in two splits": (ANN, {**SPLIT, "group": "group"}, [0, -1, 1], {}, {"across_splits": 1}),
}


def in_splits(*rows):
    """Forty texts for training, and these rows."""
    return [*((text, label, "train") for text, label in two_classes()), *rows]


@pytest.mark.parametrize(("rows", "choices", "labels", "found", "left_out"), CASES.values(), ids=CASES)
def test_rows_that_are_no_texts_or_were_there_before(tmp_path, rows, choices, labels, found, left_out):
    choice = chosen(table(tmp_path, in_splits(*rows)), **choices)
    assert choice.labels[40:].tolist() == labels
    assert choice.texts == 40 + len(labels) - labels.count(-1)
    for counted, expected in ((choice.found, found), (choice.left_out, left_out)):
        assert {name: count for name, count in counted._asdict().items() if count} == expected


def test_a_column_of_splits_is_followed_in_any_spelling(tmp_path):
    rows = in_splits(("one", "a", "Dev"), ("two", "b", " TEST "), ("three", "a", "valid"))
    choice = chosen(table(tmp_path, rows), split="split")
    assert choice.splits[40:].tolist() == [VALIDATION, TEST, VALIDATION]


def test_the_test_share_is_drawn_where_no_row_is_one(tmp_path):
    choice = chosen(table(tmp_path, in_splits(("held", "a", "dev"), ("out", "b", "dev"))), split="split")
    assert (choice.splits[:40] == TEST).sum() == 8
    assert choice.splits[40:].tolist() == [VALIDATION, VALIDATION]


def in_classes(*labels, texts=12):
    """Return different texts of each label."""
    return [(f"text {label} {number}", label) for number in range(texts) for label in labels]


FIFTY = [f"c{number}" for number in range(50)]
LABELS = {
    "numbers, then letters": (["10", "9", "beta", "A"], (), {"9": 12, "10": 12, "A": 12, "beta": 12}),
    "merged": (["y", "good", "neg"], (("y", "positive"), ("good", "positive")), {"neg": 12, "positive": 24}),
    "in one spelling": (["very  good", " very good ", "1.0", "1"], (), {"1": 24, "very good": 24}),
    "fifty": (FIFTY, (), dict.fromkeys(sorted(FIFTY), 12)),
}


@pytest.mark.parametrize(("labels", "merges", "classes"), LABELS.values(), ids=LABELS)
def test_labels_make_classes_in_order(tmp_path, labels, merges, classes):
    choice = chosen(table(tmp_path, in_classes(*labels)), merges=merges, duplicates="keep-all")
    assert choice.classes == tuple(classes)
    assert [int((choice.labels == label).sum()) for label in range(len(classes))] == list(classes.values())


CAFE, CAFE_IN_PARTS = "caf\u00e9", "cafe\u0301"


def test_two_normal_forms_are_one_name(tmp_path):
    """The name of a class, in merges, too, and of an author."""
    source = table(tmp_path, in_classes(CAFE, CAFE_IN_PARTS, "bar"))
    assert chosen(source).classes == ("bar", CAFE)
    for old in (CAFE, CAFE_IN_PARTS):
        assert chosen(source, merges=((old, f"{CAFE_IN_PARTS}s"),)).classes == ("bar", f"{CAFE}s")
    authors = (CAFE, CAFE_IN_PARTS, "Ann", "Bea", "Cy")
    rows = [(f"text {i}", "ab"[i % 2], "", authors[i % 5]) for i in range(60)]
    assert len(set(chosen(table(tmp_path, rows), group="group").groups.tolist())) == 4


@pytest.mark.parametrize("comma", [".", ","])
def test_thresholds_make_classes_of_a_rating(tmp_path, comma):
    """Each class from one on; they can be renamed."""
    ratings = ["3.9", "4", "6.99", "7", "10"] * 4
    source = table(tmp_path, [(f"text {i}", one.replace(".", comma)) for i, one in enumerate(ratings)])
    choice = chosen(source, thresholds=(4.0, 7.0), small_classes="keep")
    assert choice.classes == ("under 4", "4 to under 7", "7 and more")
    assert choice.labels[:5].tolist() == [0, 1, 1, 2, 2]
    merges = (("under 5", "bad"), ("5 and more", "good"))
    renamed = chosen(source, thresholds=(5.0,), merges=merges, small_classes="keep")
    assert renamed.classes == ("bad", "good")


def test_what_may_be_two_numbers_or_none_is_no_rating():
    for cell in ("1_000", "1_0", "nan", "inf", "1,000", "-3,125", "12,345"):
        assert rating(cell, [4, 7]) is None
    assert [rating(cell, [4, 7]) for cell in ("0,125", "4,5", "1234,567", "4.125")] == [0, 1, 2, 1]


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


def test_small_classes_are_left_out_joined_or_kept(tmp_path):
    source = table(tmp_path, [*two_classes(), *in_classes("c", "d", texts=6), ("rare text", "e")])
    left = chosen(source)
    assert (left.classes, left.left_out.small_classes) == (("a", "b"), 13)
    joined = chosen(source, small_classes="join")
    assert (joined.classes, joined.texts, joined.left_out.small_classes) == (("a", "b", "other"), 53, 0)
    kept = chosen(source, small_classes="keep")
    assert kept.classes == ("a", "b", "c", "d", "e")
    assert left.small == joined.small == kept.small == (("c", 6), ("d", 6), ("e", 1))
    source = table(tmp_path, [*in_classes("other", "z"), *in_classes("c", texts=4)])
    choice = chosen(source, small_classes="join")  # a class may be called other already
    assert (choice.classes, int((choice.labels == 0).sum())) == (("other", "z"), 16)
    assert chosen(table(tmp_path, two_classes(12)), small_classes="keep").texts == 12


def test_small_classes_are_joined_whatever_copies_there_are(tmp_path):
    """A text in two of them is no contradiction; a class that is small without its copies is one."""
    rows = [*two_classes(), *[(f"odd {i}", f"c{i % 3}") for i in range(12)], ("odd 0", "c1")]
    choice = chosen(table(tmp_path, rows), small_classes="join")
    assert choice.classes == ("a", "b", "other")
    assert (choice.left_out.contradictory, choice.left_out.duplicates) == (0, 1)
    assert choice.small == (("c0", 4), ("c1", 5), ("c2", 4))
    assert choice.labels[40:].tolist() == [2] * 12 + [-1]
    few = [(f"few {i % 9}", "few") for i in range(12)]
    rows = [*two_classes(), *few, *[(f"odd {i}", "c") for i in range(9)]]
    choice = chosen(table(tmp_path, rows), small_classes="join")
    assert (choice.classes, choice.small) == (("a", "b", "other"), (("c", 9), ("few", 9)))
    assert choice.left_out.duplicates == 3


def choosing(rows, **choices):
    return lambda tmp_path: chosen(table(tmp_path, rows), **choices)


def splitting(*rows):
    return choosing(in_splits(*rows), split="split")


def numbered(rows):
    """Each row has a class of its own."""
    return choosing([(f"text {number}", f"id {number}") for number in range(rows)])


def labelled(*labels, texts=12, **choices):
    return choosing(in_classes(*labels, texts=texts), **choices)


def without(column):
    """A recipe that names a column which isn't there."""
    recipe = Recipe(source="x", **{"text": "body", "label": "kind", column: "gone"})
    return lambda tmp_path: list(read_rows(table(tmp_path, two_classes(), columns=("body", "kind")), recipe))


BY_ONE_AUTHOR = [(text, label, "", "one" if label == "b" else text) for text, label in two_classes()]
UNLEARNED = [(f"other {number}", "c", "test") for number in range(12)]
SAME = [*[("the same text", "ab"[number % 2]) for number in range(40)], ("another text", "")]
UNKNOWN = "a split is one of"
REFUSED = {
    "no split": (splitting(("text", "a", "")), ("Row 41 of table.csv", UNKNOWN)),
    "another split": (splitting(("text", "a", "held")), ("Row 41 of", "in column 'split'", UNKNOWN)),
    "nothing to learn": (splitting(*UNLEARNED), "'c' of table.csv has no text to learn from"),
    "no usable row": (choosing([("", "a"), ("word", "")]), "No row of table.csv has both a text"),
    "no row": (choosing([]), "table.csv"),
    **{
        f"no {of}": (without(of), ("no column 'gone'", "'body', 'kind'")) for of in ("text", "label", "group")
    },
    "one text a class": (labelled("a", "b", texts=1, small_classes="keep"), "No class of table.csv has two"),
    "one author": (choosing(BY_ONE_AUTHOR, group="group"), "The 20 texts of the class 'b' are in groups"),
    "no text is kept": (choosing(SAME), ("No class has texts", "rows: 1 without a class; 40 ")),
    "decimals": (labelled("1", "2", "3.5"), ("has '3.5' in row 3, a number with", "Give thresholds")),
    "no rating": (labelled("1", "2", "bad", thresholds=(1.5,)), "Row 3 of table.csv has 'bad' in column"),
    "one class": (labelled("a"), ("Only the class 'a' has texts left", "a network needs two classes")),
    "a long label": (labelled("a", "b" * 101), "Row 2 of table.csv has a label with 101 characters"),
    "a control character": (labelled("a", "b\x07"), "Row 2 of table.csv has a label with a control char"),
    "51 classes": (labelled(*FIFTY, "c50"), ("There are 51 classes in column 'label'", "2 to 50")),
    "a thousand": (labelled("3", "2", "1,000", thresholds=(4.0,)), ("Row 3 ", "may be 1000 or 1.000")),
    "10,000 labels": (numbered(10_000), "has 10,000 classes, 10,000 of them with fewer than 10 texts"),
    "20,002 labels": (numbered(20_002), "more than 20,000 different values up to row 20,001, such as"),
    "most left out": (choosing(two_classes(12)), ("most texts would be left out", "small-classes keep")),
}
test_refused = refusals(DataError, REFUSED)
LONG, TURNED = "1 to 100 printable characters", (("a", "x\u202ey"),)
MERGES_REFUSED = {
    "twice": (labelled(CAFE, merges=((CAFE, "one"), (CAFE_IN_PARTS, "two"))), "is merged twice"),
    "no class": (labelled("a", "b", merges=(("c", "d"),)), ("no class 'c' to merge or", "has 'a', 'b'")),
    "too long": (labelled("a", "b", merges=(("a", "x" * 101),)), LONG),
    "turned around": (labelled("a", merges=TURNED), LONG),
}
test_merges_refused = refusals(ConfigError, MERGES_REFUSED)
