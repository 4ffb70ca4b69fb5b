"""The picture of the truth along a string."""

from random import Random

import numpy as np
import pytest

from rnn_core.figures.colours import DARK, LIGHT
from rnn_core.figures.language_figures import truth_along
from rnn_core.languages.along import along
from rnn_core.languages.catalogue import LANGUAGES, language_named
from rnn_core.languages.language import NUMBER


def picture(name, string=None, theme=LIGHT, **given):
    language = language_named(name)
    string = language.draw(Random(0)) if string is None else string
    truth = along(language, string)
    return truth, truth_along(language, ["<start>", *string], truth, theme, **given)


def test_each_column_has_the_true_probabilities_and_the_ring_stands_on_what_comes():
    truth, figure = picture("anbn", "aabb")
    heat, rings = figure.data[:2]
    assert np.array(heat.z) == pytest.approx(truth.truth.T, abs=1e-6)
    assert figure.layout.yaxis.ticktext == ("a", "b", "<end>") or "end" in figure.layout.yaxis.ticktext[-1]
    assert list(rings.x) == [1, 2, 3, 4, 5]
    assert list(rings.y) == [0, 0, 1, 1, 2]
    assert "here comes b" in rings.hovertemplate.replace("%{customdata[1]}", rings.customdata[2][1])


@pytest.mark.parametrize("name", [*LANGUAGES])
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_hidden_truth_has_a_row_of_its_own(name, theme):
    _, figure = picture(name, theme=theme, cursor=1)
    titles = " ".join(note.text for note in figure.layout.annotations)
    for hidden, kind in language_named(name).tracked.items():
        assert hidden in titles
        kinds = "scatter" if kind == NUMBER else "heatmap"
        assert any(one.type == kinds for one in figure.data[2:])
    assert len(figure.data) == 2 + len(language_named(name).tracked)


def test_the_count_of_a_is_a_line_that_rises_by_one():
    _, figure = picture("anbn", "aaabbb")
    assert list(figure.data[2].y) == [0, 1, 2, 3, 3, 3, 3]


def test_an_impossible_symbol_has_no_truth_after_it():
    truth, figure = picture("anbn", "aba")
    z = np.array(figure.data[0].z, dtype=float)
    assert np.isnan(z[:, -1]).all()
    assert truth.truth.shape == (4, 3)
