"""What networks understand, drawn from answers made by hand."""

import itertools

import numpy as np
import plotly.graph_objects as go
import pytest

from rnn_core.data.probes.pairs import PHENOMENA, Pair
from rnn_core.figures.colours import DARK, LIGHT, Theme
from rnn_core.figures.understanding import GUESSING, understanding
from rnn_core.models.probing import ProbeScores

PAIRS = [Pair(key, f"good {key} {number}", f"bad {key} {number}") for key in PHENOMENA for number in range(4)]


def answers(*right: int) -> ProbeScores:
    """Of the four pairs of the first phenomena so many are right; all other sentences count as positive."""
    probabilities = np.full((len(PAIRS), 2), 0.9)
    for place, count in enumerate(right):
        probabilities[4 * place : 4 * place + count, 1] = 0.1
    return ProbeScores(pairs=PAIRS, probabilities=probabilities)


def draw(theme: Theme = LIGHT, chosen: str = "negation", **scores: ProbeScores) -> go.Figure:
    return understanding(scores or {"one": answers(3, 1), "other": answers(4)}, chosen, theme)


def titles(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_each_network_has_a_bar_of_pairs_before_a_bar_of_sentences_all_pairs_first() -> None:
    sentences, pairs, other_sentences, other_pairs, _ = draw().data
    assert list(pairs.x[:4]) == pytest.approx([4 / 56, 0.75, 0.25, 0])
    assert list(sentences.x[:4]) == pytest.approx([0.5 + 2 / 56, 0.875, 0.625, 0.5])
    assert list(other_pairs.x[:3]) == pytest.approx([4 / 56, 1, 0])
    assert list(other_sentences.x[:3]) == pytest.approx([0.5 + 2 / 56, 1, 0.5])
    assert list(pairs.y) == list(sentences.y)
    assert all(above < below for above, below in zip(pairs.y, other_pairs.y, strict=True))


def test_the_second_network_is_hatched_so_that_colour_alone_says_nothing() -> None:
    assert [bars.marker.pattern.shape for bars in draw().data[:4]] == ["", "", "/", "/"]


def test_each_number_of_each_bar_is_written() -> None:
    written = titles(draw(one=answers(3, 1)))
    assert {"All 56 pairs", *PHENOMENA.values()} <= {
        text.removeprefix("<b>").removesuffix("</b>") for text in written
    }
    shares = [text for text in written if text.endswith("%")]
    assert shares[:6] == ["7%", "54%", "75%", "88%", "25%", "62%"]
    assert len(shares) == 2 * (1 + len(PHENOMENA))


def test_a_row_says_which_phenomenon_was_clicked_and_counts_what_is_right() -> None:
    rows = draw().data[-1]
    assert list(rows.customdata) == list(PHENOMENA)
    assert rows.text[0] == "one: 3 of 4 pairs, 7 of 8 sentences<br>other: 4 of 4 pairs, 8 of 8 sentences"
    height = draw().layout.yaxis.range[0]
    edges = [(y - rows.width / 2, y + rows.width / 2) for y in rows.y]
    assert edges[-1][1] == height
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(edges))


def test_the_row_of_the_phenomenon_chosen_is_marked() -> None:
    for chosen in PHENOMENA:
        figure = draw(chosen=chosen)
        [shade, beside] = [shape for shape in figure.layout.shapes if shape.type == "rect"]
        middle = figure.data[-1].y[list(PHENOMENA).index(chosen)]
        assert (shade.y0 + shade.y1) / 2 == (beside.y0 + beside.y1) / 2 == middle


def test_what_guessing_gets_is_marked_in_every_row() -> None:
    figure = draw()
    for share in GUESSING.values():
        lines = [shape for shape in figure.layout.shapes if shape.x0 == shape.x1 == share]
        assert len(lines) == 1 + len(PHENOMENA)


def test_one_network_has_lower_rows_and_markup_in_its_name_is_text() -> None:
    figure = draw(**{"<b>one</b>": answers()})
    assert len(figure.data) == 3
    assert figure.layout.height < draw().layout.height
    assert any("&lt;b&gt;one&lt;/b&gt;" in text for text in titles(figure))


def test_each_theme_has_its_background() -> None:
    for theme in (LIGHT, DARK):
        assert draw(theme).layout.plot_bgcolor == theme.background
