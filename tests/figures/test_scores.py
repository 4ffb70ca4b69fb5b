import numpy as np

from rnn_core.config.run import CLASSES
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
