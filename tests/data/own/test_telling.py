"""The most telling words of a table before it is kept."""

import numpy as np
import pytest

from rnn_core.data.own import rows
from rnn_core.data.own.rows import MOST_TEXTS, Tally
from rnn_core.data.own.summary import summary
from rnn_core.data.own.survey import survey
from rnn_core.data.statistics.words import FEWEST_TEXTS
from tests.data.own.made import added, finish, recipe_for, table

NAMES = ("billing", "access", "rare")
TEXTS = [["the", "invoice"], ["the", "password"], ["the", "zither"], ["nothing"]]


def telling_of(tally, classes, labels, splits=None):
    labels = np.array(labels, np.int8)
    return tally.telling(classes, labels, np.zeros_like(labels) if splits is None else np.array(splits))


def tallied(texts, labels):
    tally = Tally()
    tally.add(texts, labels)
    return tally


def test_each_class_has_the_words_that_set_it_apart():
    labels = [0, 1, 2, -1] * 30
    found = telling_of(tallied(TEXTS * 30, labels), NAMES, labels)
    assert {name: words[0] for name, words in found.items()} == {
        "billing": "invoice", "access": "password", "rare": "zither",
    }  # fmt: skip
    assert all("the" not in words and "nothing" not in words for words in found.values())


def test_they_follow_classes_that_are_merged_or_left_out():
    tally = tallied(TEXTS * 30, [0, 1, 2, -1] * 30)
    merged = telling_of(tally, ["help", "rare"], [0, 0, 1, -1] * 30)
    assert set(merged["help"][:2]) == {"invoice", "password"}
    assert "rare" not in telling_of(tally, ["billing", "access"], [0, 1, -1, -1] * 30)


def test_texts_for_the_test_do_not_count():
    tally = tallied(TEXTS[:2] * 30, [0, 1] * 30)
    found = telling_of(tally, NAMES[:2], [0, 1] * 30, splits=[0] * 40 + [2] * 20)
    assert found == telling_of(tallied(TEXTS[:2] * 20, [0, 1] * 20), NAMES[:2], [0, 1] * 20)


@pytest.mark.parametrize("texts", [FEWEST_TEXTS - 1, FEWEST_TEXTS])
def test_a_word_tells_if_it_stands_in_five_texts_however_often_in_each(texts):
    few = [["zither"] * 9] * texts
    found = telling_of(tallied([*TEXTS[:2] * 30, *few], [0, 1] * 30 + [0] * texts), NAMES[:2],
                       [0, 1] * 30 + [0] * texts)  # fmt: skip
    assert ("zither" in found["billing"]) == (texts == FEWEST_TEXTS)


def test_of_each_label_the_first_texts_are_counted_wherever_they_stand():
    tally = Tally()
    tally.add([["early", "the"]] * (MOST_TEXTS + 1), [0] * (MOST_TEXTS + 1))
    tally.add([["late"]] * 50, [0] * 50)
    tally.add([["other", "the"]] * 300, [1] * 300)
    found = telling_of(tally, ["a", "b"], [0] * (MOST_TEXTS + 51) + [1] * 300)
    assert (found["a"], found["b"][0]) == (("early",), "other")


def test_no_more_words_are_remembered_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(rows, "_MOST_NUMBERS", 40)
    labels = [0, 1] * 500
    assert len(tallied(TEXTS[:2] * 500, labels)._words) == 40


def test_one_word_alone_says_nothing():
    labels = [0, 1, 0, 1]
    assert telling_of(tallied([["word"]] * 4, labels), ["a", "b"], labels) == {}


@pytest.mark.parametrize("split", ["", "split"])
def test_what_is_said_before_adding_is_what_the_corpus_says_after_it(tmp_path, split):
    rows = [
        (f"{['parcel never came', 'parcel came soon', 'where is my money'][i % 3]} {i % 7}", "abc"[i % 3],
         ["train", "train", "test"][i // 3 % 3])
        for i in range(300)
    ]  # fmt: skip
    choices = {"split": split, "duplicates": "keep-all", "across_splits": "keep-all"}
    source = table(tmp_path, rows)
    _, before = finish(survey(source, recipe_for(source, **choices)))
    after = summary(added(source, **choices), 6)
    assert before.telling == {name: tuple(one.word for one in words) for name, words in after.telling.items()}
    assert all(before.telling.values())
