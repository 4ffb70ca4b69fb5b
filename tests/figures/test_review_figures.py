"""The pictures of what a network gets to read."""

import math

import numpy as np
import pytest

from rnn_core.config.nouns import TEXTS
from rnn_core.data.statistics import Coverage, TellingWord
from rnn_core.figures.colours import NEGATIVE, POSITIVE
from rnn_core.figures.review_figures import DATA_HEIGHT, MOST_ROWS
from rnn_core.text.scripts import isolated
from tests.figures.examples import covered, draw, texts


def test_the_coverage_has_a_line_for_each_share_and_says_the_size():
    figure = draw("coverage_curve")
    lines = [drawn for drawn in figure.data if drawn.mode == "lines"]
    assert [drawn.line.dash for drawn in lines] == [None, "dot", None, "dot"]
    assert figure.layout.shapes[0].x0 == 503
    assert texts(figure) == ["<b>50.0%</b> of running words", "<b>25.0%</b> of different words"]
    assert figure.layout.height == DATA_HEIGHT


def test_a_vocabulary_that_covers_all_is_drawn_at_the_last_word():
    """Where it covers nearly all its shares stand apart; of hardly any words nothing is said."""
    assert draw("coverage_curve", coverage=covered(10), size=50_000).layout.shapes[0].x0 == 13
    notes = draw("coverage_curve", size=1_001).layout.annotations
    upper, lower = sorted((note.y for note in notes), reverse=True)
    assert lower + 0.07 <= upper <= 1  # a line of its letters
    for known in (0, 1):
        nothing = Coverage(*(np.full(known + 1, np.nan) for _ in range(4)))
        assert not draw("coverage_curve", coverage=nothing).layout.annotations


@pytest.mark.parametrize(
    ("room", "note"), [(3, "cut at 3 words"), (99, "room for 99 words, beyond this axis")]
)
def test_the_lengths_name_the_cut_and_hatch_what_it_takes(room, note):
    figure = draw("length_chart", room=room)
    assert texts(figure) == [note]
    kept, cut = figure.data[:2]
    assert (list(kept.y), list(cut.y)) == ([1, 2, 0], [0, 1, 4])
    assert (kept.marker.pattern.shape, cut.marker.pattern.shape) == (None, "/")
    assert list(cut.customdata) == ["0 to 2 words", "3 to 5 words", "6 words and more"]


def test_padding_of_a_batch_is_hatched_where_it_is():
    figure = draw("batch_chart")
    heat, padding = figure.data[:2]
    assert heat.z.tolist() == [[1, 3, 2], [0, 1, 3], [0, 0, 1]]
    assert padding.marker.pattern.shape == "/"
    assert list(padding.x) == [0, 1, 2]
    assert list(padding.base[1:]) == [0.5, 0.5]
    assert tuple(figure.layout.xaxis.range) == (0.5, 5.5)
    behind = draw("batch_chart", ids=np.array([[1, 7, 2], [1, 8, 0]]), width=3).data[1]
    assert (behind.base[1], behind.x[1]) == (2.5, 1)
    large = draw("batch_chart", ids=np.ones((4_096, 4), np.int32), width=4)
    assert len(large.data[0].z) == MOST_ROWS


def test_telling_words_stand_on_the_side_and_in_the_colour_of_their_label():
    negative, positive = draw("telling_chart").data
    assert (negative.x[0], negative.marker.color) == (-2.0, NEGATIVE)
    assert (positive.x[0], positive.marker.color) == (1.0, POSITIVE)


def test_a_telling_word_has_the_odds_by_its_counts_in_its_hover():
    both = TellingWord("waste", -1.94, -25.0, 91, 1_210, 13.55)
    one = TellingWord("unwatchable", -1.0, -5.0, 0, 90, math.inf)
    sides = "negative reviews", "positive reviews"
    bars = draw("telling_chart", against=[both, one], towards=[], sides=sides).data[0]
    assert "with 200 made-up texts" in bars.hovertemplate
    assert f"{bars.customdata[0][1]:.1f}" == "7.0"
    assert bars.customdata[0][2].endswith("in 1,210 negative reviews: by these counts alone 13.6 times")
    only = "It stands in 0 positive reviews, in 90 negative reviews: in negative reviews only"
    assert bars.customdata[1][2] == only


def test_the_name_of_a_side_is_text_and_keeps_to_its_side():
    figure = draw("telling_chart", against=[], towards=[], sides=("%{x} texts", f"{isolated('חיוב')} texts"))
    left, right = figure.data
    assert not len(left.x)
    assert not len(right.x)
    assert f"in %{chr(0x200B)}{{x}} texts" in left.hovertemplate
    assert texts(figure) == ["◀ %{x} texts", "\u2068חיוב\u2069 texts ▶"]


def test_the_pictures_say_what_texts_and_tokens_are_called():
    drawn = [
        draw("coverage_curve", token="character"),
        draw("batch_chart", nouns=TEXTS, token="character"),
        draw("length_chart", nouns=TEXTS, token="character"),
    ]
    said = " ".join(str(figure.to_dict()) for figure in drawn)
    for words in ("cut at 3 characters", "running characters", "unknown character", "text of the batch"):
        assert words in said
    assert "word" not in said.replace("keyword", "")
    assert "review" not in said
