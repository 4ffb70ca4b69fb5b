"""The pictures of what a network gets to read."""

import math

import numpy as np
import pytest

from rnn_core.config.nouns import TEXTS
from rnn_core.data.statistics import Coverage, TellingWord, cut_cost
from rnn_core.figures.colours import DARK, LIGHT, NEGATIVE, POSITIVE
from rnn_core.figures.review_figures import (
    DATA_HEIGHT,
    MOST_ROWS,
    batch_chart,
    coverage_curve,
    length_chart,
    telling_chart,
)
from rnn_core.text.scripts import isolated
from tests.figures.drawn import texts

SIDES = ("negative reviews", "positive reviews")
BOTH = pytest.mark.parametrize("theme", [LIGHT, DARK])


def shares(known):
    line = np.linspace(0, 1, known + 1)
    return Coverage(line, line * 0.9, line**2, line**2 * 0.5)


def lengths(room=3, theme=LIGHT, **more):
    rooms = np.arange(0, 10)
    costs = cut_cost(np.array([1, 4, 5]), rooms)
    given = {
        "kept": np.array([1, 2, 0]),
        "cut": np.array([0, 1, 4]),
        "width": 3,
        "rooms": rooms,
        "costs": costs,
    }
    return length_chart(**given, room=room, cost=(0.5, 0.25), theme=theme, **more)


@BOTH
def test_the_coverage_has_a_line_for_each_share_and_says_the_chosen_size(theme):
    figure = coverage_curve(shares(1_000), 503, theme)
    lines = [drawn for drawn in figure.data if drawn.mode == "lines"]
    assert [drawn.line.dash for drawn in lines] == [None, "dot", None, "dot"]
    assert figure.layout.shapes[0].x0 == 503
    assert texts(figure) == ["<b>50.0%</b> of running words", "<b>25.0%</b> of different words"]
    assert figure.layout.height == DATA_HEIGHT


def test_a_vocabulary_that_covers_all_or_nearly_all_is_drawn_at_the_last_word_with_its_shares_apart():
    assert coverage_curve(shares(10), 50_000, LIGHT).layout.shapes[0].x0 == 13
    notes = coverage_curve(shares(1_000), 1_001, LIGHT).layout.annotations
    upper, lower = sorted((note.y for note in notes), reverse=True)
    assert lower + 0.07 <= upper <= 1  # a line of its letters


@pytest.mark.parametrize("known", [0, 1])
def test_the_coverage_of_hardly_any_words_can_be_drawn(known):
    nothing = Coverage(*(np.full(known + 1, np.nan) for _ in range(4)))
    assert not coverage_curve(nothing, 100, LIGHT).layout.annotations


@BOTH
@pytest.mark.parametrize(
    ("room", "note"), [(3, "cut at 3 words"), (99, "room for 99 words, beyond this axis")]
)
def test_the_lengths_name_the_cut_and_hatch_what_it_takes(theme, room, note):
    figure = lengths(room, theme)
    assert texts(figure) == [note]
    kept, cut = figure.data[:2]
    assert (kept.marker.pattern.shape, cut.marker.pattern.shape) == (None, "/")
    assert list(cut.customdata) == ["0 to 2 words", "3 to 5 words", "6 words and more"]


@BOTH
def test_padding_of_a_batch_is_hatched_where_it_is(theme):
    ids = np.array([[1, 7, 2], [0, 1, 8], [0, 0, 1]])
    figure = batch_chart(ids, 5, theme)
    heat, padding = figure.data[:2]
    assert heat.z.tolist() == [[1, 3, 2], [0, 1, 3], [0, 0, 1]]
    assert padding.marker.pattern.shape == "/"
    assert list(padding.x) == [0, 1, 2]
    assert list(padding.base[1:]) == [0.5, 0.5]
    assert tuple(figure.layout.xaxis.range) == (0.5, 5.5)


def test_padding_behind_the_words_is_hatched_there_and_of_a_large_batch_the_first_reviews_are_drawn():
    padding = batch_chart(np.array([[1, 7, 2], [1, 8, 0]]), 3, LIGHT).data[1]
    assert (padding.base[1], padding.x[1]) == (2.5, 1)
    assert len(batch_chart(np.ones((4_096, 4), np.int32), 4, LIGHT).data[0].z) == MOST_ROWS


@BOTH
def test_telling_words_stand_on_the_side_and_in_the_colour_of_their_label(theme):
    bad, good = TellingWord("<b>bad</b>", -2.0, -9.0, 1, 99, 99.0), TellingWord("good", 1.0, 8.0, 50, 20, 2.5)
    figure = telling_chart([bad], [good], SIDES, 200, 15, theme)
    negative, positive = figure.data
    assert (negative.x[0], negative.marker.color) == (-2.0, NEGATIVE)
    assert (positive.x[0], positive.marker.color) == (1.0, POSITIVE)
    assert "<" not in negative.text[0]
    assert "<" not in negative.customdata[0][0]


def test_the_hover_of_a_telling_word_says_the_odds_by_its_counts_beside_the_smoothed_ones():
    both = TellingWord("waste", -1.94, -25.0, 91, 1_210, 13.55)
    one = TellingWord("unwatchable", -1.0, -5.0, 0, 90, math.inf)
    bars = telling_chart([both, one], [], SIDES, 200, 15, LIGHT).data[0]
    assert "with 200 made-up texts" in bars.hovertemplate
    assert f"{bars.customdata[0][1]:.1f}" == "7.0"
    assert bars.customdata[0][2].endswith("in 1,210 negative reviews: by these counts alone 13.6 times")
    only = "It stands in 0 positive reviews, in 90 negative reviews: in negative reviews only"
    assert bars.customdata[1][2] == only


def test_the_name_of_a_side_is_text_and_keeps_to_its_side_also_written_from_right_to_left():
    figure = telling_chart([], [], ("%{x} texts", "<b>&</b> texts"), 100, 15, LIGHT)
    left, right = figure.data
    assert not len(left.x)
    assert not len(right.x)
    assert f"in %{chr(0x200B)}{{x}} texts" in left.hovertemplate
    assert "in &lt;b&gt;&amp;&lt;/b&gt; texts" in right.hovertemplate
    assert texts(figure)[0] == "◀ %{x} texts"
    figure = telling_chart([], [], ("all other texts", f"{isolated('חיוב')} texts"), 5.0, 5, LIGHT)
    assert texts(figure)[1] == "\u2068חיוב\u2069 texts ▶"


def test_the_pictures_say_what_texts_and_tokens_are_called():
    covered = coverage_curve(shares(1_000), 503, LIGHT, token="character")
    batch = batch_chart(np.array([[1, 5, 2]]), 8, LIGHT, nouns=TEXTS, token="character")
    cut = lengths(nouns=TEXTS, token="character")
    drawn = " ".join(str(figure.to_dict()) for figure in (cut, covered, batch))
    for said in (
        "cut at 3 characters",
        "running characters, training",
        "unknown character",
        "text of the batch",
    ):
        assert said in drawn
    assert "word" not in drawn.replace("keyword", "")
    assert "review" not in drawn
