"""What networks understand and how they did, drawn from answers made by hand."""

import itertools

import numpy as np
import pytest

from rnn_core.config.identity import CLASSES
from rnn_core.data.probes.pairs import PHENOMENA, Pair
from rnn_core.figures.colours import DARK, LIGHT
from rnn_core.figures.scores import confusion_matrix
from rnn_core.figures.understanding import GUESSING, ShareRow, share_fields, understanding
from rnn_core.models.probing import ProbeScores
from tests.figures.drawn import texts

PAIRS = [Pair(key, f"good {key} {number}", f"bad {key} {number}") for key in PHENOMENA for number in range(4)]


def answers(*right):
    """Of the four pairs of the first phenomena so many are right; all other sentences count as positive."""
    probabilities = np.full((len(PAIRS), 2), 0.9)
    for place, count in enumerate(right):
        probabilities[4 * place : 4 * place + count, 1] = 0.1
    return ProbeScores(pairs=PAIRS, probabilities=probabilities)


def draw(theme=LIGHT, chosen="negation", **scores):
    return understanding(scores or {"one": answers(3, 1), "other": answers(4)}, chosen, theme)


def test_each_network_has_a_bar_of_pairs_before_a_bar_of_sentences_all_pairs_first():
    sentences, pairs, other_sentences, other_pairs, _ = draw().data
    assert list(pairs.x[:4]) == pytest.approx([4 / 56, 0.75, 0.25, 0])
    assert list(sentences.x[:4]) == pytest.approx([0.5 + 2 / 56, 0.875, 0.625, 0.5])
    assert list(other_pairs.x[:3]) == pytest.approx([4 / 56, 1, 0])
    assert list(other_sentences.x[:3]) == pytest.approx([0.5 + 2 / 56, 1, 0.5])
    assert list(pairs.y) == list(sentences.y)
    assert all(above < below for above, below in zip(pairs.y, other_pairs.y, strict=True))
    # The second network is hatched, so that colour alone says nothing.
    assert [bars.marker.pattern.shape for bars in draw().data[:4]] == ["", "", "/", "/"]


def test_each_number_of_each_bar_is_written():
    written = texts(draw(one=answers(3, 1)))
    assert {"All 56 pairs", *PHENOMENA.values()} <= {
        text.removeprefix("<b>").removesuffix("</b>") for text in written
    }
    shares = [text for text in written if text.endswith("%")]
    assert shares[:6] == ["7%", "54%", "75%", "88%", "25%", "62%"]
    assert len(shares) == 2 * (1 + len(PHENOMENA))


def test_a_row_says_which_phenomenon_was_clicked_and_counts_what_is_right():
    rows = draw().data[-1]
    assert list(rows.customdata) == list(PHENOMENA)
    assert rows.text[0] == "one: 3 of 4 pairs, 7 of 8 sentences<br>other: 4 of 4 pairs, 8 of 8 sentences"
    height = draw().layout.yaxis.range[0]
    edges = [(y - rows.width / 2, y + rows.width / 2) for y in rows.y]
    assert edges[-1][1] == height
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(edges))


def test_the_row_of_the_phenomenon_chosen_is_marked_and_in_every_row_what_guessing_gets():
    for place, chosen in enumerate(PHENOMENA):
        figure = draw(chosen=chosen)
        [shade, beside] = [shape for shape in figure.layout.shapes if shape.type == "rect"]
        assert (shade.y0 + shade.y1) / 2 == (beside.y0 + beside.y1) / 2 == figure.data[-1].y[place]
    for share in GUESSING.values():
        lines = [shape for shape in draw().layout.shapes if shape.x0 == shape.x1 == share]
        assert len(lines) == 1 + len(PHENOMENA)


def test_one_network_has_lower_rows_and_markup_in_its_name_is_text():
    figure = draw(DARK, **{"<b>one</b>": answers()})
    assert figure.layout.plot_bgcolor == DARK.background
    assert len(figure.data) == 3
    assert figure.layout.height < draw().layout.height
    assert any("&lt;b&gt;one&lt;/b&gt;" in text for text in texts(figure))


ROWS = [
    ShareRow("All, 350 pairs", [0.5, 0.326, 1.0], ["half", "a third", "all"], is_apart=True),
    ShareRow("<Negation>", [0.0, None, 0.996], ["none", "not asked", "nearly all"]),
]
MODELS = ["Bag of words", "gru", "a<b"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_field_has_its_share_in_percent_and_a_dash_where_there_is_none(theme):
    [fields] = share_fields(ROWS, MODELS, beside=1, theme=theme).data
    assert [list(row) for row in fields.text] == [["50", "33", "100"], ["0", "–", "100"]]
    assert [list(row) for row in fields.z] == [[0.5, 0.326, 1.0], [0.0, None, 0.996]]
    assert (fields.zmin, fields.zmax) == (0, 1)


def test_names_stand_above_their_rows_as_they_were_written_from_the_top_down():
    figure = share_fields(ROWS, MODELS, beside=1, theme=LIGHT)
    assert [(note.text, note.y) for note in figure.layout.annotations] == [
        ("<b>All, 350 pairs</b>", 0),
        ("&lt;Negation&gt;", 1),
    ]
    low, high = figure.layout.yaxis.range
    assert low > 1 > 0 > high
    assert list(figure.layout.xaxis.ticktext) == ["Bag of<br>words", "gru", "a&lt;b"]
    assert figure.data[0].customdata[1][2] == "a&lt;b: nearly all"


@pytest.mark.parametrize(("beside", "lines"), [(1, 2), (0, 0), (3, 0)])
def test_a_line_sets_the_first_models_apart_where_there_are_others(beside, lines):
    figure = share_fields(ROWS, MODELS, beside=beside, theme=LIGHT)
    assert len(figure.layout.shapes) == lines
    assert {line.x0 for line in figure.layout.shapes} <= {beside - 0.5}


def test_each_field_has_its_count_and_its_share_of_the_label_also_of_one_without_texts():
    counts = [[90, 10], [4, 1_996]]
    fields = confusion_matrix(counts, CLASSES, LIGHT).data[0]
    assert [list(row) for row in fields.text] == [
        ["90<br>90.0%", "10<br>10.0%"],
        ["4<br>0.2%", "1,996<br>99.8%"],
    ]
    np.testing.assert_allclose(fields.z, [[0.9, 0.1], [0.002, 0.998]])
    assert counts == [[90, 10], [4, 1_996]]
    assert confusion_matrix([[0, 0], [3, 7]], CLASSES, LIGHT).data[0].text[0] == ["0<br>0.0%", "0<br>0.0%"]


def square(size):
    return [[10 * (row == column) + 1 for column in range(size)] for row in range(size)]


@pytest.mark.parametrize(("classes", "first"), [(4, "11<br>78.6%"), (6, "11"), (8, "11")])
def test_up_to_eight_classes_have_their_counts_in_the_fields(classes, first):
    names = [f"class {number}" for number in range(classes)]
    figure = confusion_matrix(square(classes), names, LIGHT)
    assert figure.data[0].text[0][0] == first
    hover = f"label class 0, verdict class 1:<br>1, {1 / (10 + classes):.1%} of that label"
    assert figure.data[0].hovertext[0][1] == hover


def test_many_classes_have_colours_and_names_under_the_pointer_and_more_height():
    names = [f"class {number}" for number in range(50)]
    figure = confusion_matrix(square(50), names, LIGHT)
    assert figure.data[0].text is None
    assert figure.layout.height >= 50 * 14
    assert len(figure.layout.yaxis.ticktext) == 50
    assert not figure.layout.xaxis.showticklabels
    assert "class 49" in figure.data[0].hovertext[49][49]


def test_names_that_begin_alike_are_still_fields_of_their_own():
    names = ["the same beginning, one", "the same beginning, two", "another"]
    figure = confusion_matrix(square(3), names, LIGHT)
    assert list(figure.layout.xaxis.tickvals) == [0, 1, 2]
    assert list(figure.layout.xaxis.ticktext) == ["the sa…ng, one", "the sa…ng, two", "another"]
    assert "the same beginning, two" in figure.data[0].hovertext[1][1]


def test_a_name_is_shown_as_it_stands_not_as_html_and_wide_letters_are_shortened_sooner():
    figure = confusion_matrix(square(2), ("<b>a</b>", "打印机打印机打印机打印机"), LIGHT)
    assert list(figure.layout.yaxis.ticktext) == ["&lt;b&gt;a&lt;/b&gt;", "打印机打印机…"]
    assert "<b>" not in figure.data[0].hovertext[0][0]
