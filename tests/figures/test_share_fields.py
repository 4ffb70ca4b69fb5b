import pytest

from rnn_core.figures.colours import DARK, LIGHT
from rnn_core.figures.share_fields import ShareRow, share_fields

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
