import numpy as np
import pytest

from rnn_core.config.identity import CLASSES
from rnn_core.figures.colours import LIGHT
from rnn_core.figures.scores import confusion_matrix


def test_each_field_has_its_count_and_its_share_of_the_label() -> None:
    counts = [[90, 10], [4, 1_996]]
    figure = confusion_matrix(counts, CLASSES, LIGHT)
    assert figure.data[0].text[0] == ["90<br>90.0%", "10<br>10.0%"]
    assert figure.data[0].text[1][1] == "1,996<br>99.8%"
    np.testing.assert_allclose(figure.data[0].z, [[0.9, 0.1], [0.002, 0.998]])
    assert counts == [[90, 10], [4, 1_996]]


def test_a_label_without_reviews_does_not_divide_by_zero() -> None:
    assert confusion_matrix([[0, 0], [3, 7]], CLASSES, LIGHT).data[0].text[0] == ["0<br>0.0%", "0<br>0.0%"]


NAMES = ("printer", "invoice", "parcel", "login", "holiday", "contract")


def square(size):
    return [[10 * (row == column) + 1 for column in range(size)] for row in range(size)]


@pytest.mark.parametrize(("classes", "first"), [(4, "11<br>78.6%"), (6, "11"), (8, "11")])
def test_up_to_eight_classes_have_their_counts_in_the_fields(classes, first):
    names = [f"class {number}" for number in range(classes)]
    figure = confusion_matrix(square(classes), names, LIGHT)
    assert figure.data[0].text[0][0] == first
    assert (
        figure.data[0].hovertext[0][1]
        == f"label class 0, verdict class 1:<br>1, {1 / (10 + classes):.1%} of that label"
    )


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


def test_a_name_is_shown_as_it_stands_not_as_html():
    figure = confusion_matrix(square(2), ("<b>a</b>", "b&c"), LIGHT)
    assert "&lt;b&gt;" in figure.layout.yaxis.ticktext[0]
    assert "<b>" not in figure.data[0].hovertext[0][0]


def test_wide_letters_are_shortened_sooner():
    figure = confusion_matrix(square(2), ("打印机打印机打印机打印机", "发票"), LIGHT)
    assert figure.layout.yaxis.ticktext[0] == "打印机打印机…"
