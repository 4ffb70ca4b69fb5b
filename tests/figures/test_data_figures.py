"""Figures of what networks get to read, understand and score, drawn from numbers made by hand."""

import itertools
import math

import numpy as np
import pytest

from rnn_core.config.nouns import TEXTS
from rnn_core.data.probes.pairs import PHENOMENA
from rnn_core.data.statistics import Coverage, TellingWord
from rnn_core.figures.colours import NEGATIVE, POSITIVE
from rnn_core.figures.review_figures import DATA_HEIGHT, MOST_ROWS
from rnn_core.figures.understanding import GUESSING
from rnn_core.text.scripts import isolated
from tests.figures.examples import covered, draw, probed, texts

SCORES = {"one": probed(3, 1), "other": probed(4)}


def test_a_network_has_bars_of_pairs_and_sentences():
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


def test_the_chosen_row_and_guessing_are_marked():
    for place, chosen in [*enumerate(PHENOMENA)][::6]:
        figure = draw("understanding", chosen=chosen)
        [shade, beside] = [shape for shape in figure.layout.shapes if shape.type == "rect"]
        assert (shade.y0 + shade.y1) / 2 == (beside.y0 + beside.y1) / 2 == figure.data[-1].y[place]
    for share in GUESSING.values():
        lines = [shape for shape in figure.layout.shapes if shape.x0 == shape.x1 == share]
        assert len(lines) == 1 + len(PHENOMENA)


def test_each_field_has_its_share_or_a_dash():
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
    for beside, lines in ((1, 2), (0, 0), (3, 0)):  # which set the first models apart
        shapes = draw("share_fields", beside=beside).layout.shapes
        assert [line.x0 for line in shapes] == [beside - 0.5] * lines


def test_each_field_has_its_count_and_share():
    fields = draw("confusion_matrix").data[0]
    rows = [["90<br>90.0%", "10<br>10.0%"], ["4<br>0.2%", "1,996<br>99.8%"]]
    assert [list(row) for row in fields.text] == rows
    np.testing.assert_allclose(fields.z, [[0.9, 0.1], [0.002, 0.998]])
    without_texts = draw("confusion_matrix", counts=[[0, 0], [3, 7]]).data[0]
    assert without_texts.text[0] == ["0<br>0.0%", "0<br>0.0%"]


def confused(classes):
    counts = [[10 * (row == column) + 1 for column in classes] for row in classes]
    return draw("confusion_matrix", counts=counts, classes=classes)


@pytest.mark.parametrize(("size", "first"), [(4, "11<br>78.6%"), (6, "11"), (8, "11"), (50, None)])
def test_many_classes_have_counts_under_the_pointer(size, first):
    figure = confused([f"class {number}" for number in range(size)])
    fields = figure.data[0]
    assert (fields.text and fields.text[0][0]) == first
    hover = f"label class 0, verdict class 1:<br>1, {1 / (10 + size):.1%} of that label"
    assert fields.hovertext[0][1] == hover
    assert figure.layout.height >= size * 14
    assert len(figure.layout.yaxis.ticktext) == size
    assert (figure.layout.xaxis.showticklabels is False) == (first is None)


def test_names_that_begin_alike_are_told_apart():
    figure = confused(["the same beginning, one", "the same beginning, two", "打印机打印机打印机打印机"])
    assert list(figure.layout.xaxis.tickvals) == [0, 1, 2]
    assert list(figure.layout.xaxis.ticktext)[:2] == ["the sa…ng, one", "the sa…ng, two"]
    assert "the same beginning, two" in figure.data[0].hovertext[1][1]
    assert figure.layout.yaxis.ticktext[2] == "打印机打印机…"  # wide letters are shortened sooner


def test_the_coverage_has_a_line_for_each_share():
    figure = draw("coverage_curve")
    lines = [drawn for drawn in figure.data if drawn.mode == "lines"]
    assert [drawn.line.dash for drawn in lines] == [None, "dot", None, "dot"]
    assert figure.layout.shapes[0].x0 == 503
    assert texts(figure) == ["<b>50.0%</b> of running words", "<b>25.0%</b> of different words"]
    assert figure.layout.height == DATA_HEIGHT


def test_full_coverage_is_drawn_at_the_last_word():
    """Where it covers nearly all its shares stand apart; of hardly any words nothing is said."""
    assert draw("coverage_curve", coverage=covered(10), size=50_000).layout.shapes[0].x0 == 13
    notes = draw("coverage_curve", size=1_001).layout.annotations
    upper, lower = sorted((note.y for note in notes), reverse=True)
    assert lower + 0.07 <= upper <= 1  # a line of its letters
    for known in (0, 1):
        nothing = Coverage(*(np.full(known + 1, np.nan) for _ in range(4)))
        assert not draw("coverage_curve", coverage=nothing).layout.annotations


def test_the_lengths_hatch_what_the_cut_takes():
    figure = draw("length_chart")
    assert texts(figure) == ["cut at 3 words"]
    assert texts(draw("length_chart", room=99)) == ["room for 99 words, beyond this axis"]
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


def test_a_telling_word_says_the_odds_by_its_counts():
    """Each stands on its side."""
    negative, positive = draw("telling_chart").data
    assert (negative.x[0], negative.marker.color) == (-2.0, NEGATIVE)
    assert (positive.x[0], positive.marker.color) == (1.0, POSITIVE)
    both = TellingWord("waste", -1.94, -25.0, 91, 1_210, 13.55)
    one = TellingWord("unwatchable", -1.0, -5.0, 0, 90, math.inf)
    sides = "negative reviews", "positive reviews"
    bars = draw("telling_chart", against=[both, one], towards=[], sides=sides).data[0]
    assert "with 200 made-up texts" in bars.hovertemplate
    assert f"{bars.customdata[0][1]:.1f}" == "7.0"
    assert bars.customdata[0][2].endswith("in 1,210 negative reviews: by these counts alone 13.6 times")
    only = "It stands in 0 positive reviews, in 90 negative reviews: in negative reviews only"
    assert bars.customdata[1][2] == only


def test_the_name_of_a_side_is_text():
    figure = draw("telling_chart", against=[], towards=[], sides=("%{x} texts", f"{isolated('חיוב')} texts"))
    assert [len(side.x) for side in figure.data] == [0, 0]
    assert f"in %{chr(0x200B)}{{x}} texts" in figure.data[0].hovertemplate
    assert texts(figure) == ["◀ %{x} texts", "\u2068חיוב\u2069 texts ▶"]


def test_the_pictures_say_how_texts_are_called():
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
