"""What networks understand and how they did, drawn from answers made by hand."""

import itertools

import numpy as np
import pytest

from rnn_core.data.probes.pairs import PHENOMENA
from rnn_core.figures.understanding import GUESSING
from tests.figures.examples import NASTY, draw, probed, texts

SCORES = {"one": probed(3, 1), "other": probed(4)}


def test_each_network_has_a_bar_of_pairs_and_one_of_sentences():
    """All pairs come first; the second network is hatched, so that colour alone says nothing."""
    sentences, pairs, other_sentences, other_pairs, _ = draw("understanding", scores=SCORES).data
    assert list(pairs.x[:4]) == pytest.approx([4 / 56, 0.75, 0.25, 0])
    assert list(sentences.x[:4]) == pytest.approx([0.5 + 2 / 56, 0.875, 0.625, 0.5])
    assert list(other_pairs.x[:3]) == pytest.approx([4 / 56, 1, 0])
    assert list(other_sentences.x[:3]) == pytest.approx([0.5 + 2 / 56, 1, 0.5])
    assert list(pairs.y) == list(sentences.y)
    assert all(above < below for above, below in zip(pairs.y, other_pairs.y, strict=True))
    bars = sentences, pairs, other_sentences, other_pairs
    assert [one.marker.pattern.shape for one in bars] == ["", "", "/", "/"]


def test_each_number_of_each_bar_is_written():
    one = draw("understanding", scores={"one": probed(3, 1)})
    plain = {text.removeprefix("<b>").removesuffix("</b>") for text in texts(one)}
    assert {"All 56 pairs", *PHENOMENA.values()} <= plain
    shares = [text for text in texts(one) if text.endswith("%")]
    assert shares[:6] == ["7%", "54%", "75%", "88%", "25%", "62%"]
    assert len(shares) == 2 * (1 + len(PHENOMENA))
    assert one.layout.height < draw("understanding", scores=SCORES).layout.height


def test_a_row_says_which_phenomenon_was_clicked():
    figure = draw("understanding", scores=SCORES)
    rows = figure.data[-1]
    assert list(rows.customdata) == list(PHENOMENA)
    assert rows.text[0] == "one: 3 of 4 pairs, 7 of 8 sentences<br>other: 4 of 4 pairs, 8 of 8 sentences"
    edges = [(y - rows.width / 2, y + rows.width / 2) for y in rows.y]
    assert edges[-1][1] == figure.layout.yaxis.range[0]
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(edges))


def test_the_chosen_row_is_marked_and_what_guessing_gets():
    for place, chosen in enumerate(PHENOMENA):
        figure = draw("understanding", chosen=chosen)
        [shade, beside] = [shape for shape in figure.layout.shapes if shape.type == "rect"]
        assert (shade.y0 + shade.y1) / 2 == (beside.y0 + beside.y1) / 2 == figure.data[-1].y[place]
    for share in GUESSING.values():
        lines = [shape for shape in figure.layout.shapes if shape.x0 == shape.x1 == share]
        assert len(lines) == 1 + len(PHENOMENA)


def test_each_field_has_its_share_and_a_dash_where_there_is_none():
    """Names stand above their rows, as they were written, from the top down."""
    figure = draw("share_fields")
    [fields] = figure.data
    assert [list(row) for row in fields.text] == [["50", "33", "100"], ["0", "–", "100"]]
    assert [list(row) for row in fields.z] == [[0.5, 0.326, 1.0], [0.0, None, 0.996]]
    assert (fields.zmin, fields.zmax) == (0, 1)
    assert [note.y for note in figure.layout.annotations] == [0, 1]
    assert texts(figure)[0] == "<b>All, 350 pairs</b>"
    low, high = figure.layout.yaxis.range
    assert low > 1 > 0 > high
    assert list(figure.layout.xaxis.ticktext)[:2] == ["Bag of<br>words", "gru"]
    assert fields.customdata[1][1] == "gru: not asked"


@pytest.mark.parametrize(("beside", "lines"), [(1, 2), (0, 0), (3, 0)])
def test_a_line_sets_the_first_models_apart_from_others(beside, lines):
    shapes = draw("share_fields", beside=beside).layout.shapes
    assert len(shapes) == lines
    assert {line.x0 for line in shapes} <= {beside - 0.5}


def test_each_field_has_its_count_and_its_share_of_the_label():
    fields = draw("confusion_matrix").data[0]
    assert [list(row) for row in fields.text] == [
        ["90<br>90.0%", "10<br>10.0%"],
        ["4<br>0.2%", "1,996<br>99.8%"],
    ]
    np.testing.assert_allclose(fields.z, [[0.9, 0.1], [0.002, 0.998]])
    without_texts = draw("confusion_matrix", counts=[[0, 0], [3, 7]]).data[0]
    assert without_texts.text[0] == ["0<br>0.0%", "0<br>0.0%"]


def confused(classes):
    counts = [[10 * (row == column) + 1 for column in classes] for row in classes]
    return draw("confusion_matrix", counts=counts, classes=classes)


@pytest.mark.parametrize(("size", "first"), [(4, "11<br>78.6%"), (6, "11"), (8, "11"), (50, None)])
def test_many_classes_have_their_counts_under_the_pointer_alone(size, first):
    figure = confused([f"class {number}" for number in range(size)])
    fields = figure.data[0]
    assert (fields.text and fields.text[0][0]) == first
    hover = f"label class 0, verdict class 1:<br>1, {1 / (10 + size):.1%} of that label"
    assert fields.hovertext[0][1] == hover
    assert figure.layout.height >= size * 14
    assert len(figure.layout.yaxis.ticktext) == size
    assert (figure.layout.xaxis.showticklabels is False) == (first is None)


def test_names_that_begin_alike_are_still_fields_of_their_own():
    figure = confused(["the same beginning, one", "the same beginning, two", "打印机打印机打印机打印机"])
    assert list(figure.layout.xaxis.tickvals) == [0, 1, 2]
    assert list(figure.layout.xaxis.ticktext)[:2] == ["the sa…ng, one", "the sa…ng, two"]
    assert "the same beginning, two" in figure.data[0].hovertext[1][1]
    assert figure.layout.yaxis.ticktext[2] == "打印机打印机…"  # wide letters are shortened sooner
    assert "<b>" not in confused([NASTY, "b"]).data[0].hovertext[0][0]
