"""The words of a review and the verdict on it, as HTML in which everything a user wrote is escaped."""

import dataclasses
import json
import re

import numpy as np
import pytest

from pages.components.read.cursor_strip import _data, _pieces
from pages.components.shared.token_strip import Chip, Ways, chips, labels, strip_html, ways
from pages.components.shared.verdict_box import box_html
from rnn_core.config.identity import CLASSES
from rnn_core.config.text_settings import TextConfig
from rnn_core.figures.colours import LIGHT, NEGATIVE, NEXT_CLASSES, POSITIVE
from rnn_core.inspection.trace import Trace, trace
from rnn_core.text.vocabulary import PAD, Vocabulary
from rnn_core.text.window import read_review
from tests.inspection.made import make_model

OF_TWO = Ways("towards negative", "towards positive")
WORDS = Vocabulary.from_counts({"the": 9, "film": 5, "is": 4, "great": 2}, 20)
LONG = [Chip("word", "word", step, 0.1) for step in range(5_000)]


def traced(text, **settings):
    review = read_review(text, WORDS, TextConfig(**settings))
    logits = np.arange(1, len(review.window) + 1, dtype=np.float32) ** 2
    return Trace(cell="gru", review=review, arrays={}, answers=logits[:, None], classes=CLASSES, followed=1)


def drawn_of(strip, means=OF_TWO):
    return strip_html(strip, means, LIGHT)


def test_each_token_has_its_time_step_and_its_change():
    """Counted from one; the key says the largest change, a label that a word is unknown."""
    strip = chips(traced("the zither is great"))
    assert [chip.text for chip in strip] == ["<start>", "the", "zither", "is", "great"]
    assert [chip.kind for chip in strip] == ["special", "word", "unknown", "word", "word"]
    assert [(chip.step, chip.change) for chip in strip] == [(step, 2 * step + 1.0) for step in range(5)]
    drawn = drawn_of(strip)
    assert re.findall(r"time step (\d+)", drawn) == ["1", "2", "3", "4", "5"]
    assert "moved by 9.0" in drawn
    assert "zither <unk>" in labels(strip)
    by_another_effect = np.array([0, -1, 2, 0, 4], np.float32)
    strip = chips(traced("the film is great"), by_another_effect)
    assert [chip.change for chip in strip] == by_another_effect.tolist()


@pytest.mark.parametrize(
    ("side", "kinds", "beside"),
    [
        ("pre", ["cut", "cut", "special", "word", "word"], ">w69<"),
        ("post", ["special", "word", "word", "cut", "cut"], ">w30<"),
    ],
)
def test_words_cut_off_stand_where_they_were(side, kinds, beside):
    """A long cut stretch keeps the words beside what was read."""
    strip = chips(traced("the film is great", max_length=3, truncation=side))
    assert [chip.kind for chip in strip] == kinds
    assert labels(strip) == (["<start>", "is", "great"] if side == "pre" else ["<start>", "the", "film"])
    words = " ".join(f"w{number}" for number in range(100))
    drawn = drawn_of(chips(traced(words, max_length=31, truncation=side)))
    assert "58 more words cut off" in drawn
    assert drawn.count('class="cut"') == 12
    assert beside in drawn
    assert "<s>70 cut off</s>" in drawn


@pytest.mark.parametrize("side", ["pre", "post"])
def test_padding_that_is_read_is_one_chip(side):
    """It stands for its time steps."""
    strip = chips(traced("the film", max_length=10, skip_padding=False, padding=side))
    assert len(labels(strip)) == 10
    drawn = drawn_of(strip)
    assert "&lt;pad&gt; × 7" in drawn
    assert drawn.count("&lt;pad&gt;") == 1
    strip = [Chip(PAD, "special", step, 0.25) for step in range(8)] + [Chip("film", "word", 8, 1.0)]
    padding, word = _pieces(strip, 0)
    assert padding.chip[:1] + padding.chip[2:4] == (f"{PAD} × 8", 0, 2.0)
    assert (padding.steps, word.chip.step, word.steps) == (8, 8, 1)


def test_words_are_escaped_and_differ_without_colour():
    drawn = drawn_of([Chip("<b>", "word", 0, 2.0), Chip("x", "cut", None, 0.0)])
    assert "<b>" not in drawn
    # The style sheet gives the word an arrow.
    for part in ("&lt;b&gt;", 'class="word up strong"', ".strong::after", "▲", 'class="cut"'):
        assert part in drawn


def test_of_a_very_long_review_not_all_is_drawn():
    drawn = drawn_of(LONG)
    assert len(re.findall('role="listitem"', drawn)) == 1_001
    assert "4,000 tokens not drawn here" in drawn
    strip = [Chip("someword", "word", step, -1.234567) for step in range(1_000)]
    assert len(json.dumps(_data(strip, Ways("down", "up"), 0, LIGHT))) < 25_000


@pytest.mark.parametrize("time", [0, 499, 500, 2_345, 4_999])
def test_the_part_around_the_cursor_is_drawn(time):
    """It stands still while the cursor moves in it."""
    pieces = _pieces(LONG, time)
    steps = [piece.chip.step for piece in pieces if piece.steps]
    assert len(steps) == 1_000
    assert min(steps) == 0 or time - min(steps) >= 250
    assert max(steps) == 4_999 or max(steps) - time >= 250
    left_out = [int(piece.chip.text.split()[1].replace(",", "")) for piece in pieces if not piece.steps]
    assert sum(left_out) == 4_000
    assert len({_pieces(LONG, other)[1].chip.step for other in range(0, 5_000, 250)}) <= 11


def test_the_token_that_turned_the_verdict_says_so():
    read = traced("the film is great")
    read.answers[:, 0] = [0.5, -0.01, -1.0, 0.01, 3.0]
    drawn = drawn_of(chips(read), ways(read))
    assert [drawn.count(f"turned the verdict to {side}") for side in CLASSES] == [1, 1]
    assert "</span>: turned the verdict beyond 65%." in drawn
    read.answers[:, 0] = [0.01, -0.5, 0.2, -0.2, 0.1]
    assert "turned" not in drawn_of(chips(read), ways(read))


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
    assert "turned the verdict to billing" in drawn_of(strip, ways(read))


def test_names_of_classes_are_escaped_and_shortened():
    """They are so on the strip, in its key and in the box of the verdict."""
    read = of_many([[0, 0, 0], [0, 2, 0], [0, 2, 0]], followed=1)
    drawn = drawn_of(chips(read), ways(read))
    assert "<b>" not in drawn
    assert "<bdi>towards &lt;b&gt;$x$&lt;/b&gt;</bdi>" in drawn
    read = dataclasses.replace(traced("the film"), classes=("n" * 100, "p" * 100))
    assert max(map(len, ways(read)[:2])) == len("towards ") + 30
    name = '<img src=x onerror="alert(1)">' + "n" * 70
    for read in (ended([3.0], ("spam", name), 1), ended([9, 1, 0], (name, "b", "c"), 0)):
        box = box_html(read, LIGHT)
        assert not [part for part in ("<img", 'onerror="', "n" * 40) if part in box]


def test_the_key_says_what_a_token_is_called():
    words = " ".join(["the"] * 20 + ["zither"])
    drawn = drawn_of(chips(traced(words, max_length=3)), OF_TWO._replace(unit="character"))
    assert "more characters cut off" in drawn
    assert "1 unknown character</u>" in drawn


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
