"""What the preview says of a table."""

import random

import numpy as np
import pytest

from rnn_core.config.tokens import TokenRules
from rnn_core.data.corpus import SPLITS
from rnn_core.data.own.summary import QUANTILES, PartCount
from rnn_core.data.own.survey import Survey, survey
from rnn_core.errors import DataError
from rnn_core.files import from_json, to_json
from rnn_core.text.tokenizer import tokenize
from tests.data.own.made import added, finish, recipe_for, table, two_classes


def surveyed(source, **choices):
    return finish(survey(source, recipe_for(source, **choices)))[1]


def test_every_label_is_counted_in_every_split(tmp_path):
    rows = [(text, label, "train") for text, label in two_classes()]
    found = surveyed(table(tmp_path, [*rows, ("x", "a", "test"), ("y", "", "dev")]), split="split")
    assert found.rows == 42
    assert found.labels == {
        "a": {"training": 20, "validation": 0, "test": 1, "not said": 0},
        "b": {"training": 20, "validation": 0, "test": 0, "not said": 0},
    }
    assert found.classes["a"] == {
        "training": PartCount(20, 60),
        "validation": PartCount(0, 0),
        "test": PartCount(1, 1),
    }
    assert found.left_out.without_class == 1


def test_lengths_and_tokens_are_those_of_the_texts_that_are_kept(tmp_path):
    rows = [*two_classes(), ("...", "a"), ("one", "a"), ("one", "a"), ("seven " * 7, "b"), ("ten " * 10, "")]
    found = surveyed(table(tmp_path, rows))
    assert sum(part.tokens for splits in found.classes.values() for part in splits.values()) == 40 * 3 + 1 + 7
    assert dict(zip(QUANTILES, found.lengths, strict=True))[0.0] == 1
    assert dict(zip(QUANTILES, found.lengths, strict=True))[1.0] == 7
    assert found.left_out.empty == 1


def test_a_table_that_makes_no_corpus_is_counted_and_says_why(tmp_path):
    found = surveyed(table(tmp_path, [(f"text {i}", f"{i % 7}.5") for i in range(100)]))
    assert "Give thresholds, such as 4,7" in found.problem
    assert (found.classes, found.lengths) == ({}, ())
    assert (found.rows, found.distinct_labels, len(found.labels)) == (100, 7, 7)


def many_rows():
    """Texts of three classes: repeated, in two classes, in two splits, empty, without a class, in groups."""
    draw = random.Random(5)
    words = "the parcel never came and I want my money again".split()
    splits = ["train"] * 4 + ["dev", "test"]
    rows = [
        (
            " ".join(draw.choices(words, k=draw.choice([0, 1, 2, 3, 9]))),
            draw.choice(["billing", "delivery", "delivery", "login", ""]),
            draw.choice(splits),
            f"author {draw.randrange(60)}",
        )
        for _ in range(600)
    ]
    return [*rows, *[(f"a rare one {number}", "rare", "train", "author 3") for number in range(4)]]


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"split": "split"},
        {"test_share": 0.35, "seed": 7},
        {"group": "group", "duplicates": "keep-all"},
        {"split": "split", "group": "group", "across_splits": "keep-all"},
        {"merges": (("billing", "money"), ("login", "money")), "small_classes": "join"},
        {"merges": (("rare", "login"),), "contradictory": "keep-first", "split": "split"},
        {"tokens": TokenRules(unit="characters", lowercase=False)},
    ],
)
def test_what_it_says_before_is_what_the_corpus_holds_after(tmp_path, choices):
    source = table(tmp_path, many_rows())
    before = surveyed(source, **choices)
    corpus = added(source, **choices)
    rules = choices.get("tokens", TokenRules())
    after = {name: {split: [0, 0] for split in SPLITS} for name in corpus.classes}
    lengths = []
    for number in range(len(corpus)):
        tokens = len(tokenize(corpus.text(number), rules))
        part = after[corpus.classes[corpus.labels[number]]][SPLITS[corpus.splits[number]]]
        part[0] += 1
        part[1] += tokens
        lengths.append(tokens)
    said = {
        name: {split: [part.texts, part.tokens] for split, part in splits.items()}
        for name, splits in before.classes.items()
    }
    assert said == after
    assert before.lengths == tuple(np.quantile(lengths, QUANTILES))
    assert sum(before.left_out) == before.rows - len(corpus) > 0
    assert set(before.telling) == set(corpus.classes)


def test_a_survey_comes_back_from_json(tmp_path):
    found = surveyed(table(tmp_path, [*two_classes(), ("rare", "c")]))
    assert found.small == (("c", 1),)
    assert Survey.from_dict(from_json(to_json(found.to_dict()), dict)) == found
    with pytest.raises(DataError, match="What was found in the table can't be read: it must have rows"):
        Survey.from_dict({})
