"""What the preview says of a table, a corpus in numbers, and the settings that suit it."""

import random
import tempfile
from pathlib import Path

import numpy as np
import pytest

from rnn_core.config.tokens import TokenRules
from rnn_core.data.corpus import SPLITS, Text, open_corpus, write_corpus
from rnn_core.data.own import rows
from rnn_core.data.own.recommendation import recommend
from rnn_core.data.own.rows import MOST_TEXTS, Tally
from rnn_core.data.own.survey import QUANTILES, PartCount, Survey, summary, survey
from rnn_core.data.statistics import FEWEST_TEXTS
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
    assert list(found.classes["a"].values()) == [PartCount(20, 60), PartCount(0, 0), PartCount(1, 1)]
    assert found.left_out.without_class == 1


def test_a_table_that_makes_no_corpus_says_why(tmp_path):
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
    rare = ["few"] * (FEWEST_TEXTS - 1) + ["enough"] * FEWEST_TEXTS
    return [*rows, *[(f"{word} {number}", "rare", "train", "author 3") for number, word in enumerate(rare)]]


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
def test_it_says_before_what_the_corpus_holds_after(tmp_path, choices):
    source = table(tmp_path, many_rows())
    before = surveyed(source, **choices)
    corpus = added(source, **choices)
    after = summary(corpus, most=6)
    rules = choices.get("tokens", TokenRules())
    lengths = np.array([len(tokenize(corpus.text(number), rules)) for number in range(len(corpus))])
    for label, name in enumerate(corpus.classes):
        for split, said in before.classes[name].items():
            here = (corpus.labels == label) & (corpus.splits == SPLITS.index(split))
            assert said == after.parts[name][split] == PartCount(here.sum(), lengths[here].sum())
    assert before.lengths == after.lengths == tuple(np.quantile(lengths, QUANTILES))
    assert sum(before.left_out) == before.rows - len(corpus) > 0
    assert before.telling == {name: tuple(one.word for one in words) for name, words in after.telling.items()}
    assert max(map(len, before.telling.values())) <= 6
    assert any(before.telling.values())


def test_a_survey_comes_back_from_json(tmp_path):
    found = surveyed(table(tmp_path, [*two_classes(), ("rare", "c")]))
    assert found.small == (("c", 1),)
    assert Survey.from_dict(from_json(to_json(found.to_dict()), dict)) == found
    with pytest.raises(DataError, match="What was found in the table can't be read: it must have rows"):
        Survey.from_dict({})


NAMES = ("billing", "access", "rare")
TEXTS = [["the", "invoice"], ["the", "password"], ["the", "zither"], ["nothing"]]


def telling_of(tally, classes, labels):
    labels = np.array(labels, np.int8)
    return tally.telling(classes, labels, np.zeros_like(labels))


def tallied(texts, labels):
    tally = Tally()
    tally.add(texts, labels)
    return tally


def test_each_class_has_the_words_that_set_it_apart():
    labels = [0, 1, 2, -1] * 30
    found = telling_of(tallied(TEXTS * 30, labels), NAMES, labels)
    assert [found[name][0] for name in NAMES] == ["invoice", "password", "zither"]
    assert all("the" not in words and "nothing" not in words for words in found.values())


def test_of_each_label_the_first_texts_are_counted():
    tally = Tally()
    tally.add([["early", "the"]] * (MOST_TEXTS + 1), [0] * (MOST_TEXTS + 1))
    tally.add([["late"]] * 50, [0] * 50)
    tally.add([["other", "the"]] * 300, [1] * 300)
    found = telling_of(tally, ["a", "b"], [0] * (MOST_TEXTS + 51) + [1] * 300)
    assert (found["a"], found["b"][0]) == (("early",), "other")


def test_no_more_words_are_remembered_than_there_is_room(monkeypatch):
    labels = [0, 1, 0, 1]
    assert telling_of(tallied([["word"]] * 4, labels), ["a", "b"], labels) == {}
    monkeypatch.setattr(rows, "_MOST_NUMBERS", 40)
    assert len(tallied(TEXTS[:2] * 500, [0, 1] * 500)._words) == 40


def test_a_corpus_of_one_word_has_none_that_tells(make_corpus):
    corpus = make_corpus([("w", 0, "training"), ("w", 1, "training")])
    assert summary(corpus).telling == {"negative": (), "positive": ()}


@pytest.fixture
def make(tmp_path):
    """A function from the number and the lengths of texts to what suits a corpus of them."""

    def of(lengths, classes=2, unit="words", words=50):
        draw, known = random.Random(0), [f"w{word}" for word in range(words)]
        texts = [
            Text(" ".join(draw.choices(known, k=length)), number % classes, "training")
            for number, length in enumerate(lengths)
        ]
        names = tuple(f"c{label}" for label in range(classes))
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        list(write_corpus("own", texts, folder, len(texts), names, TokenRules(unit=unit)))
        return recommend(open_corpus(folder))

    return of


def test_a_text_of_usual_length_is_read_whole(make):
    lengths = [20] * 95 + [90] * 5
    assert make(lengths).config.text.max_length == 91  # and <start>
    long = make([200] * 95 + [3_000] * 5)
    assert 200 < long.config.text.max_length <= 401
    assert "5.0% of the texts are longer and are cut" in long.reasons[1]
    assert make([900] * 40).config.text.max_length == 401
    assert make([2_000] * 40, unit="characters").config.text.max_length == 1_001


def test_rare_words_are_left_out_of_the_vocabulary(make):
    few = make([10] * 200, words=50)
    assert few.config.text.vocab_size == 50 + 3
    assert "all 50 words" in few.reasons[0]
    rare = make([10] * 200, words=100_000)
    assert rare.config.text.vocab_size < 100


def test_batches_grow_as_texts_become_short(make):
    sizes = [make([length] * 6_000).config.training.batch_size for length in (2, 40, 200)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]
    small = make([5] * 300).config.training
    assert 270 / small.batch_size >= 30


def test_few_texts_are_seen_more_often_and_with_dropout(make):
    few, some, many = (make([4] * texts).config for texts in (500, 6_000, 24_000))
    assert few.training.epochs >= some.training.epochs > many.training.epochs
    assert few.model.head_dropout > 0
    assert few.training.reviews == 450


def test_label_odds_need_a_number_for_each_class(make):
    for lengths, classes in (([1] * 4, 2), ([0, 1, 1, 1], 2), ([3] * 100, 50)):
        found = make(lengths, classes)
        assert len(found.config.classes) == classes
        assert all(reason.endswith(".") for reason in found.reasons)
    assert make([10] * 100).config.model.label_odds
    wide = make([10] * 400, classes=40)
    assert not wide.config.model.label_odds or wide.config.model.embedding_size >= 40
    assert not make([10] * 100, unit="characters").config.model.label_odds


def test_pairs_are_counted_or_learned_by_the_classes(make):
    for classes in (2, 3):
        found = make([10] * 500, classes=classes).config.model
        assert (found.counted_bigrams, found.bigrams) == (900, 0)
    forty = make([10] * 800, classes=40).config.model
    assert (forty.counted_bigrams, forty.bigrams) == (0, 720)
    spelled = make([10] * 500, unit="characters").config.model
    assert (spelled.counted_bigrams, spelled.bigrams) == (0, 0)
