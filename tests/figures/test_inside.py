"""The figures of what happens inside a run, from what a real look saw."""

from itertools import pairwise

import pytest
import torch

from rnn_core.config import ModelConfig
from rnn_core.figures.colours import DARK, LIGHT, REMEMBERS_CELL, run_colour, symbol
from rnn_core.figures.inside import reach, reach_over_training, saturation, state_norms, weight_norms
from rnn_core.inspection.inside import look_inside
from rnn_core.nn.classifier import Classifier
from rnn_core.training.history import History, history

CELLS = ["elman", "gru", "lstm"]


def looked_into(cell: str, looks: int = 3, T: int = 60) -> History:
    torch.manual_seed(1)
    classifier = Classifier(ModelConfig(cell=cell, hidden_size=4, embedding_size=3), 20)
    ids, lengths = torch.randint(3, 20, (5, T)), torch.tensor([T, T - 3, 9, 4, 1])
    records = [
        {
            "kind": "validation", "optimizer_step": step, "epoch": step / 4, "seconds": 1.0, "loss": 0.5,
            "accuracy": 0.5, "inside": look_inside(classifier, ids, lengths, torch.ones(5)).to_dict(),
        }
        for step in range(1, looks + 1)
    ]  # fmt: skip
    return history(cell, records)


@pytest.mark.parametrize("cell", CELLS)
def test_the_reach_is_the_last_look_at_each_distance(cell: str) -> None:
    run = looked_into(cell)
    seen = run.inside[-1][1]
    figure = reach([run], LIGHT)
    assert len(figure.data) == len(seen["gradients"])
    for line, (letter, values) in zip(figure.data, seen["gradients"].items(), strict=True):
        assert list(line.y) == pytest.approx([max(value, 1e-12) for value in values])
        assert list(line.x) == [place + 1 for place in seen["distance"]]
        assert line.line.dash == {"h": "solid", "c": "dash"}[letter]
    if cell == "lstm":
        assert figure.data[1].line.color == REMEMBERS_CELL


def test_several_runs_stand_on_the_same_axes_in_their_colours() -> None:
    runs = [looked_into(cell) for cell in CELLS]
    for draw in (reach, state_norms):
        figure = draw(runs, LIGHT)
        assert [line.line.color for line in figure.data] == [run_colour(place) for place in (0, 1, 2, 2)]


@pytest.mark.parametrize("cell", CELLS)
def test_the_heat_map_has_a_column_for_each_look(cell: str) -> None:
    run = looked_into(cell)
    [heat] = reach_over_training(run, DARK).data
    assert len(heat.x) == 3
    assert heat.z.shape == (len(run.inside[0][1]["distance"]), 3)


@pytest.mark.parametrize("cell", CELLS)
def test_each_gate_is_drawn_in_the_colour_of_its_role_and_named_beside_its_line(cell: str) -> None:
    run = looked_into(cell)
    figure = saturation(run, cell, LIGHT)
    gates = list(run.inside[-1][1]["gates"])
    assert [line.line.color for line in figure.data] == [
        symbol(cell, letter).colour for letter in gates for _ in range(2)
    ]
    assert len(figure.layout.annotations) == len(figure.data)


@pytest.mark.parametrize("cell", CELLS)
def test_names_beside_the_lines_never_stand_over_each_other(cell: str) -> None:
    run = looked_into(cell)
    for figure in (saturation(run, cell, LIGHT), weight_norms(run, LIGHT)):
        low, high = figure.layout.yaxis.range
        heights = sorted(note.y for note in figure.layout.annotations)
        assert low <= heights[0]
        assert heights[-1] <= high
        assert min(above - below for below, above in pairwise(heights)) > 0.08 * (high - low)


@pytest.mark.parametrize("draw", [reach_over_training, weight_norms])
def test_without_a_look_nothing_is_drawn_and_nothing_fails(draw) -> None:
    figure = draw(history("none", []), LIGHT)
    assert all(not len(line.x or ()) for line in figure.data)
    assert len(saturation(history("none", []), "gru", LIGHT).data) == 0
    assert len(reach([history("none", [])], LIGHT).data) == 0
