"""The words of a review and the verdict on it, as HTML in which everything a user wrote is escaped."""

import dataclasses
import re

import numpy as np
import pytest

from pages.components.shared.token_strip import Chip, Ways, chips, labels, strip_html, ways
from pages.components.shared.verdict_box import box_html
from rnn_core.config.identity import CLASSES
from rnn_core.config.text_settings import TextConfig
from rnn_core.figures.colours import LIGHT, NEGATIVE, NEXT_CLASSES, POSITIVE
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


def test_each_token_read_has_its_time_step_counted_from_one_and_its_change_and_the_key_the_largest():
    strip = chips(traced("the zither is great"))
    assert [chip.text for chip in strip] == ["<start>", "the", "zither", "is", "great"]
    assert [chip.kind for chip in strip] == ["special", "word", "unknown", "word", "word"]
    assert [(chip.step, chip.change) for chip in strip] == [(step, 2 * step + 1.0) for step in range(5)]
    drawn = strip_html(strip, OF_TWO, LIGHT)
    assert re.findall(r"time step (\d+)", drawn) == ["1", "2", "3", "4", "5"]
    assert "moved by 9.0" in drawn


@pytest.mark.parametrize(
    ("side", "kinds"),
    [("pre", ["cut", "cut", "special", "word", "word"]), ("post", ["special", "word", "word", "cut", "cut"])],
)
def test_words_cut_off_stand_where_they_were(side, kinds):
    strip = chips(traced("the film is great", max_length=3, truncation=side))
    assert [chip.kind for chip in strip] == kinds


@pytest.mark.parametrize("side", ["pre", "post"])
def test_padding_that_is_read_is_drawn_as_one_chip(side):
    strip = chips(traced("the film", max_length=10, skip_padding=False, padding=side))
    assert len(labels(strip)) == 10
    drawn = strip_html(strip, OF_TWO, LIGHT)
    assert "&lt;pad&gt; × 7" in drawn
    assert drawn.count("&lt;pad&gt;") == 1


def test_there_is_a_label_for_each_time_step_and_an_unknown_word_says_so():
    assert labels(chips(traced("the zither is great", max_length=3))) == ["<start>", "is", "great"]
    assert "zither <unk>" in labels(chips(traced("the zither is great")))


def test_words_are_escaped_and_differ_without_colour():
    drawn = strip_html([Chip("<b>", "word", 0, 2.0), Chip("x", "cut", None, 0.0)], OF_TWO, LIGHT)
    assert "<b>" not in drawn
    assert "&lt;b&gt;" in drawn
    assert 'class="word up strong"' in drawn  # which the style sheet gives an arrow
    assert ".strong::after" in drawn
    assert "▲" in drawn
    assert 'class="cut"' in drawn


@pytest.mark.parametrize("side", ["pre", "post"])
def test_a_long_cut_stretch_keeps_the_words_beside_what_was_read(side):
    words = " ".join(f"w{number}" for number in range(100))
    drawn = strip_html(chips(traced(words, max_length=31, truncation=side)), OF_TWO, LIGHT)
    assert "58 more words cut off" in drawn
    assert drawn.count('class="cut"') == 12
    assert (">w69<" if side == "pre" else ">w30<") in drawn
    assert "<s>70 cut off</s>" in drawn


def test_a_very_long_review_is_bounded_and_says_so():
    strip = [Chip("word", "word", step, 0.1) for step in range(5_000)]
    drawn = strip_html(strip, OF_TWO, LIGHT)
    assert len(re.findall('role="listitem"', drawn)) == 1_001
    assert "4,000 tokens not drawn here" in drawn


def test_the_token_that_turned_the_verdict_says_so():
    read = traced("the film is great")
    read.answers[:, 0] = [0.5, -0.01, -1.0, 0.01, 3.0]
    assert [chip.turns for chip in chips(read)] == ["", "", "negative", "", "positive"]
    drawn = strip_html(chips(read), ways(read), LIGHT)
    assert "turned the verdict to negative" in drawn
    assert "</span>: turned the verdict beyond 65%." in drawn
    read.answers[:, 0] = [0.01, -0.5, 0.2, -0.2, 0.1]
    assert "turned" not in strip_html(chips(read), ways(read), LIGHT)


def test_words_can_be_coloured_by_another_effect():
    strip = chips(traced("the film is great"), np.array([0, -1, 2, 0, 4], np.float32))
    assert [chip.change for chip in strip] == [0.0, -1.0, 2.0, 0.0, 4.0]


def of_many(text, answers, followed):
    """Of three classes, one of them with a name that is HTML."""
    classes, answers = ("billing", "<b>$x$</b>", "other"), np.array(answers, np.float32)
    return dataclasses.replace(traced(text), answers=answers, classes=classes, followed=followed)


def test_of_many_classes_the_words_speak_for_the_followed_one_or_against_it():
    answers = [[0, 0, 0], [0, 2, 0], [4, 2, 0]]
    for followed in range(3):
        read = of_many("the film", answers, followed)
        strip = chips(read)
        assert strip[0].change == pytest.approx(0, abs=1e-6)  # all are equally probable, as before
        assert (strip[1].change > 0) == (followed == 1)
        assert (strip[2].change > 0) == (followed == 0)
        assert [chip.turns for chip in strip] == ["", "<b>$x$</b>", "billing"]
    assert ways(read)[:2] == ("away from other", "towards other")
    drawn = strip_html(strip, ways(read), LIGHT)
    assert "turned the verdict to billing" in drawn


def test_the_names_of_classes_are_escaped_on_the_strip_and_in_its_key_and_a_long_one_is_shortened():
    read = of_many("the film", [[0, 0, 0], [0, 2, 0], [0, 2, 0]], followed=1)
    drawn = strip_html(chips(read), ways(read), LIGHT)
    assert "<b>" not in drawn
    assert "<bdi>towards &lt;b&gt;$x$&lt;/b&gt;</bdi>" in drawn
    read = dataclasses.replace(traced("the film"), classes=("n" * 100, "p" * 100))
    assert max(map(len, ways(read)[:2])) == len("towards ") + 30


def test_the_key_and_the_note_say_what_a_token_is_called():
    means = OF_TWO._replace(unit="character")
    words = " ".join(["the"] * 20 + ["zither"])
    drawn = strip_html(chips(traced(words, max_length=3)), means, LIGHT)
    assert "more characters cut off" in drawn
    assert "1 unknown character</u>" in drawn


def ended(answers, classes, followed):
    read = trace(make_model(seed=0), "the film")
    ends = np.repeat(np.array([answers], np.float32), 3, axis=0)
    return dataclasses.replace(read, answers=ends, classes=classes, followed=followed)


def variables(read):
    """The variables of its style."""
    return dict(re.findall(r"--gs-(\w+):([^;\"]+)", box_html(read, LIGHT)))


@pytest.mark.parametrize(("logit", "word", "colour"), [(2.0, "fine", POSITIVE), (-2.0, "spam", NEGATIVE)])
def test_of_two_classes_the_bar_goes_from_the_middle_to_the_side_of_the_verdict(logit, word, colour):
    read = ended([logit], ("spam", "fine"), 1)
    box = box_html(read, LIGHT)
    assert f'aria-label="The network says {word}, probability 88.1%"' in box
    assert '<div class="middle">' in box
    style = variables(read)
    assert style["colour"] == colour
    assert style["left"] == ("50.00%" if logit > 0 else "11.92%")
    assert style["width"] == "38.08%"


def test_of_many_classes_it_says_the_predicted_one_whichever_is_followed():
    classes = ("billing", "delivery", "other")
    for followed, colour in enumerate([NEXT_CLASSES[0], POSITIVE, NEXT_CLASSES[0]]):
        read = ended([0, 3, 1], classes, followed)
        box, p = box_html(read, LIGHT), np.exp(3) / (1 + np.exp(3) + np.exp(1))
        assert f"The network says delivery, probability {p:.1%}" in box
        assert "middle" not in box
        style = variables(read)
        assert (style["left"], style["width"], style["colour"]) == ("0.00%", f"{100 * p:.2f}%", colour)


def test_names_are_escaped_and_shortened():
    name = '<img src=x onerror="alert(1)">' + "n" * 70
    for read in (ended([3.0], ("spam", name), 1), ended([9, 1, 0], (name, "b", "c"), 0)):
        box = box_html(read, LIGHT)
        assert "<img" not in box
        assert 'onerror="' not in box
        assert "n" * 40 not in box
