import pytest

from rnn_core.figures.colours import DARK, LIGHT
from rnn_core.figures.timings import form_bars

TIMES = {"naive": 210.0, "fused": 180.0, "sequence": 90.0, "torch": 81.0, "floor": 60.0}


def labels(figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_each_bar_has_its_number_and_how_the_sequence_form_does_against_it() -> None:
    figure = form_bars(TIMES, torch_name="nn.GRU", theme=LIGHT)
    assert list(figure.data[0].x) == [210, 180, 90, 81]
    assert labels(figure)[:4] == [
        "<b>Naive</b>  210 ms, sequence 2.3 times faster",
        "<b>Fused</b>  180 ms, sequence 2.0 times faster",
        "<b>Sequence</b>  90 ms",
        "<b>torch, nn.GRU</b>  81 ms, sequence 1.1 times slower",
    ]


@pytest.mark.parametrize("floor", [20.0, 150.0])
def test_the_floor_is_a_line_whose_label_stays_inside(floor: float) -> None:
    figure = form_bars({**TIMES, "floor": floor}, torch_name="nn.GRU", theme=DARK)
    [line] = figure.layout.shapes
    assert line.x0 == line.x1 == floor
    [label] = [note for note in figure.layout.annotations if note.name == "floor"]
    assert label.text == f"floor {floor:.0f} ms: the products alone"
    assert label.xanchor == ("left" if floor < 105 else "right")


def test_what_was_not_measured_is_left_out() -> None:
    figure = form_bars({"naive": 4.0}, torch_name="nn.RNN", theme=LIGHT)
    assert labels(figure) == ["<b>Naive</b>  4 ms"]
    assert not figure.layout.shapes
