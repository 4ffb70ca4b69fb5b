"""The words of a review and the verdict on it, as HTML in which everything a user wrote is escaped."""

import dataclasses
import json
import re

import numpy as np
import pytest

from pages.components.shared.token_strip import CHANGE, Chip, Effect, Ways, chips, labels, strip_data, ways
from pages.components.shared.verdict_box import box_html
from rnn_core.config.identity import CLASSES
from rnn_core.config.text_settings import TextConfig
from rnn_core.figures.colours import LIGHT, NEGATIVE, NEXT_CLASSES, POSITIVE
from rnn_core.figures.sentences import SAID
from rnn_core.inspection.trace import Trace, trace
from rnn_core.text.vocabulary import Vocabulary
from rnn_core.text.window import read_review
from tests.inspection.made import make_model

OF_TWO = Ways("towards negative", "towards positive")
WORDS = Vocabulary.from_counts({"the": 9, "film": 5, "is": 4, "great": 2}, 20)


def traced(text, **settings):
    review = read_review(text, WORDS, TextConfig(**settings))
    logits = np.arange(1, len(review.window) + 1, dtype=np.float32) ** 2
    return Trace(cell="gru", review=review, arrays={}, answers=logits[:, None], classes=CLASSES, followed=1)


def sent_of(strip, means=OF_TWO):
    return strip_data(strip, means, CHANGE)


def test_each_token_has_its_time_step_and_its_change():
    """A label says that a word is unknown."""
    strip = chips(traced("the zither is great"))
    assert [chip.text for chip in strip] == ["<start>", "the", "zither", "is", "great"]
    assert [chip.kind for chip in strip] == ["special", "word", "unknown", "word", "word"]
    assert [(chip.step, chip.change) for chip in strip] == [(step, 2 * step + 1.0) for step in range(5)]
    assert "zither <unk>" in labels(strip)
    by_another_effect = np.array([0, -1, 2, 0, 4], np.float32)
    strip = chips(traced("the film is great"), by_another_effect)
    assert [chip.change for chip in strip] == by_another_effect.tolist()


@pytest.mark.parametrize(
    ("side", "kinds", "beside"),
    [
        ("pre", ["cut", "cut", "special", "word", "word"], "w69"),
        ("post", ["special", "word", "word", "cut", "cut"], "w30"),
    ],
)
def test_words_cut_off_stand_where_they_were(side, kinds, beside):
    """A long cut stretch keeps the words beside what was read."""
    strip = chips(traced("the film is great", max_length=3, truncation=side))
    assert [chip.kind for chip in strip] == kinds
    assert labels(strip) == (["<start>", "is", "great"] if side == "pre" else ["<start>", "the", "film"])
    words = " ".join(f"w{number}" for number in range(100))
    sent = sent_of(chips(traced(words, max_length=31, truncation=side)))
    assert {"… 58 more words cut off …", beside} <= {*sent["chips"]["text"]}
    assert [*sent["chips"]["kind"].values()].count("cut") == 12
    assert sent["cut"] == 70
    words = " ".join(f"w{number}" for number in range(43))
    sent = sent_of(chips(traced(words, max_length=31, truncation=side)))
    assert "… 1 more word cut off …" in sent["chips"]["text"]


@pytest.mark.parametrize("side", ["pre", "post"])
def test_padding_that_is_read_has_time_steps(side):
    strip = chips(traced("the film", max_length=10, skip_padding=False, padding=side))
    assert len(labels(strip)) == 10
    assert [chip.kind for chip in strip].count("special") == 8


def test_little_is_sent_at_a_move():
    strip = [Chip("someword", "word", step, -1.234567) for step in range(1_000)]
    assert len(json.dumps(sent_of(strip))) < 25_000


def test_an_effect_that_was_made_up_has_its_words(monkeypatch):
    monkeypatch.setitem(SAID, "by_guess", {"does": "guessed {number}", "full": "a guess of {number}"})
    sent = strip_data(chips(traced("the film")), OF_TWO, Effect("by guess", "by_guess"))
    assert (sent["says"]["does"], sent["says"]["full"]) == ("guessed {number}", "a guess of {number}")


def test_the_token_that_turned_the_verdict_says_so():
    read = traced("the film is great")
    read.answers[:, 0] = [0.5, -0.01, -1.0, 0.01, 3.0]
    sent = sent_of(chips(read), ways(read))
    assert sorted(sent["chips"]["turns"].values()) == sorted(CLASSES)
    assert sent["says"]["turned"] == "turned the verdict beyond 65%"
    read.answers[:, 0] = [0.01, -0.5, 0.2, -0.2, 0.1]
    assert sent_of(chips(read), ways(read))["chips"]["turns"] == {}


def of_many(answers, followed):
    """A reading with three classes, one of them with a name that is HTML."""
    classes, answers = ("billing", "<b>$x$</b>", "other"), np.array(answers, np.float32)
    return dataclasses.replace(traced("the film"), answers=answers, classes=classes, followed=followed)


def test_words_speak_for_the_followed_class_or_against_it():
    for followed in range(3):
        read = of_many([[0, 0, 0], [0, 2, 0], [4, 2, 0]], followed)
        strip = chips(read)
        assert strip[0].change == pytest.approx(0, abs=1e-6)  # all are equally probable, as before
        assert (strip[1].change > 0) == (followed == 1)
        assert (strip[2].change > 0) == (followed == 0)
        assert [chip.turns for chip in strip] == ["", "<b>$x$</b>", "billing"]
    assert ways(read)[:2] == ("away from other", "towards other")
    assert sent_of(strip, ways(read))["chips"]["turns"][2] == "billing"


def test_names_of_classes_are_escaped_and_shortened():
    """They are short in the key of the strip, and escaped in the box of the verdict."""
    read = dataclasses.replace(traced("the film"), classes=("n" * 100, "p" * 100))
    assert max(map(len, ways(read)[:2])) == len("towards ") + 30
    name = '<img src=x onerror="alert(1)">' + "n" * 70
    for read in (ended([3.0], ("spam", name), 1), ended([9, 1, 0], (name, "b", "c"), 0)):
        box = box_html(read, LIGHT)
        assert not [part for part in ("<img", 'onerror="', "n" * 40) if part in box]


def ended(answers, classes, followed):
    read = trace(make_model(seed=0), "the film")
    ends = np.repeat(np.array([answers], np.float32), 3, axis=0)
    return dataclasses.replace(read, answers=ends, classes=classes, followed=followed)


def variables(read):
    """The variables of the style of the box."""
    return dict(re.findall(r"--gs-(\w+):([^;\"]+)", box_html(read, LIGHT)))


@pytest.mark.parametrize(
    ("logit", "word", "colour", "left"),
    [(2.0, "fine", POSITIVE, "50.00%"), (-2.0, "spam", NEGATIVE, "11.92%")],
)
def test_of_two_classes_the_bar_begins_in_the_middle(logit, word, colour, left):
    read = ended([logit], ("spam", "fine"), 1)
    box, style = box_html(read, LIGHT), variables(read)
    assert f'aria-label="The network says {word}, probability 88.1%"' in box
    assert '<div class="middle">' in box
    assert (style["colour"], style["left"], style["width"]) == (colour, left, "38.08%")


def test_of_many_classes_the_box_says_the_predicted_one():
    """Whichever is followed."""
    for followed, colour in enumerate([NEXT_CLASSES[0], POSITIVE, NEXT_CLASSES[0]]):
        read = ended([0, 3, 1], ("billing", "delivery", "other"), followed)
        box, p = box_html(read, LIGHT), np.exp(3) / (1 + np.exp(3) + np.exp(1))
        assert f"The network says delivery, probability {p:.1%}" in box
        assert "middle" not in box
        style = variables(read)
        assert (style["left"], style["width"], style["colour"]) == ("0.00%", f"{100 * p:.2f}%", colour)
