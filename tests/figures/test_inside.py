"""The figures of what happens inside a run, from what a real look saw."""

import dataclasses
import math
from itertools import pairwise

import pytest
import torch

from rnn_core.config.model_settings import ModelConfig
from rnn_core.figures.colours import DARK, LIGHT, REMEMBERS_CELL, colour_of, run_colour
from rnn_core.figures.inside import reach, reach_over_training, saturation, state_norms, weight_norms
from rnn_core.nn.classifier import Classifier
from rnn_core.symbols import CELLS as DECLARED
from rnn_core.training.gradient_flow import at_layer, look_inside
from rnn_core.training.history import history

CELLS = ["elman", "gru", "lstm"]


def looked_into(cell, looks=3, T=60, layers=1):
    torch.manual_seed(1)
    classifier = Classifier(ModelConfig(cell=cell, hidden_size=4, embedding_size=3, layers=layers), 20)
    ids, lengths = torch.randint(3, 20, (5, T)), torch.tensor([T, T - 3, 9, 4, 1])
    record = {"kind": "validation", "seconds": 1.0, "loss": 0.5, "accuracy": 0.5}
    records = []
    for step in range(1, looks + 1):
        seen = look_inside(classifier, ids, lengths, torch.ones(5))
        records.append({**record, "optimizer_step": step, "epoch": step / 4, "inside": seen})
    return history(cell, records)


@pytest.mark.parametrize("cell", CELLS)
def test_the_reach_is_the_last_look_at_each_distance(cell):
    run = looked_into(cell)
    seen = run.inside[-1][1]
    figure = reach([run], LIGHT)
    assert len(figure.data) == len(seen["gradients"])
    for line, (letter, values) in zip(figure.data, seen["gradients"].items(), strict=True):
        assert list(line.y) == pytest.approx(values)
        assert list(line.x) == [place + 1 for place in seen["distance"]]
        assert line.line.dash == {"h": "solid", "c": "dash"}[letter]
    if cell == "lstm":
        assert figure.data[1].line.color == REMEMBERS_CELL


def test_several_runs_stand_on_the_same_axes_in_their_colours():
    runs = [looked_into(cell) for cell in CELLS]
    for draw in (reach, state_norms):
        figure = draw(runs, LIGHT)
        assert [line.line.color for line in figure.data] == [run_colour(place) for place in (0, 1, 2, 2)]


def with_gradients(*looks):
    """As it was seen at each evaluation, at the distances 0, 1, 2, ..."""
    made = looked_into("gru", len(looks))
    inside = []
    for (epoch, seen), values in zip(made.inside, looks, strict=True):
        by_letter = {"gradients": {"h": values}, "norms": {"h": values}, "distance": [*range(len(values))]}
        inside.append((epoch, seen | by_letter))
    return dataclasses.replace(made, name="made", inside=tuple(inside))


def test_a_gradient_that_vanishes_is_drawn_and_said_as_it_is_and_never_at_a_floor():
    """1e-12 (on Read 1e-9) looked like a plateau where 2.5e-17 was measured."""
    values = [1e-2, 1e-9, 2.5e-17, 0.0, 3e-30]
    figure = reach([with_gradients(values)], LIGHT)
    line, zeros = figure.data
    assert [*line.y[:3], line.y[4]] == pytest.approx([1e-2, 1e-9, 2.5e-17, 3e-30], rel=1e-12)
    assert math.isnan(line.y[3])
    assert [place for place, y in zip(zeros.customdata, zeros.y, strict=True) if not math.isnan(y)] == [3]
    assert "exactly 0" in zeros.hovertemplate
    axis = figure.layout.yaxis
    assert axis.range[0] < -31 < -2 < axis.range[1]
    assert axis.ticktext[-1] == "0"
    assert zeros.y[3] == axis.tickvals[-1] < 1e-31


def test_the_heat_map_says_the_values_themselves():
    [heat] = reach_over_training(with_gradients([0.1, 2.5e-17, 0.0], [0.3, 1e-3, 1e-4]), LIGHT).data
    assert heat.customdata.tolist() == [[0.1, 0.3], [2.5e-17, 1e-3], [0.0, 1e-4]]
    assert "customdata" in heat.hovertemplate
    assert heat.z[1][0] == pytest.approx(math.log10(2.5e-17))
    assert heat.zmin == heat.z[2][0] < -17


@pytest.mark.parametrize(
    "values", [[0.2, 0.3], [0.5, 0.5], [1e-30, 1.0], [0.0, 0.0], [0.013, 0.9], [1e-38, 1e3]]
)
def test_ticks_are_few_at_least_two_and_all_different(values):
    """The picture had none where all lay between two powers of ten, one for each where they spanned thirty,
    and the colour bar said 10^-1 four times."""
    run = with_gradients(values)
    axis, bar = reach([run], LIGHT).layout.yaxis, reach_over_training(run, LIGHT).data[0].colorbar
    for ticks in (axis.ticktext, bar.ticktext):
        assert 2 <= len(ticks) <= 7
        assert len(set(ticks)) == len(ticks)
    inside = [tick for tick in axis.tickvals if axis.range[0] <= math.log10(tick) <= axis.range[1]]
    assert len(inside) == len(axis.tickvals)


def test_weights_have_marks_and_dashes_of_their_own_and_no_colour_of_a_run():
    figure = weight_norms(looked_into("lstm"), "lstm", LIGHT)
    runs = {run_colour(place) for place in range(8)}
    assert not runs & {line.line.color for line in figure.data}
    assert len({(line.marker.symbol, line.line.dash) for line in figure.data}) == len(figure.data)


@pytest.mark.parametrize("cell", CELLS)
def test_each_gate_is_drawn_in_the_colour_of_its_role_and_each_look_is_a_column_of_the_heat_map(cell):
    run = looked_into(cell)
    last, figure = run.inside[-1][1], saturation(run, cell, LIGHT)
    colours = [colour_of(DECLARED[cell][letter]) for letter in last["gates"] for _ in range(2)]
    assert [line.line.color for line in figure.data] == colours
    assert len(figure.layout.annotations) == len(figure.data)
    [heat] = reach_over_training(run, DARK).data
    assert heat.z.shape == (len(last["distance"]), len(heat.x)) == (len(last["distance"]), 3)


@pytest.mark.parametrize("cell", CELLS)
def test_names_beside_the_lines_never_stand_over_each_other(cell):
    run = looked_into(cell)
    for figure in (saturation(run, cell, LIGHT), weight_norms(run, cell, LIGHT)):
        low, high = figure.layout.yaxis.range
        heights = sorted(note.y for note in figure.layout.annotations)
        assert low <= heights[0] <= heights[-1] <= high
        assert min(above - below for below, above in pairwise(heights)) > 0.08 * (high - low)


def test_a_weight_is_called_as_the_equations_write_it():
    figure = weight_norms(looked_into("rglru"), "rglru", LIGHT)
    names = {line.hovertemplate.partition(":")[0] for line in figure.data}
    assert "Λ" in names
    assert "Lambda" not in names


def test_without_a_look_nothing_is_drawn_and_nothing_fails():
    none = history("none", [])
    drawn = [weight_norms(none, "gru", LIGHT), saturation(none, "gru", LIGHT)]
    for figure in (
        *drawn,
        reach_over_training(none, LIGHT),
        reach([none], LIGHT),
        state_norms([none], LIGHT),
    ):
        assert all(not len(line.x or ()) for line in figure.data)


@pytest.mark.parametrize("layer", [1, 2])
def test_of_a_stack_the_chosen_layer_is_drawn(layer):
    run = looked_into("gru", layers=2)
    assert run.layers == 2
    shown = run.at_layer(layer)
    seen = run.inside[-1][1]
    of_layer = seen["below"][0] if layer == 1 else seen
    assert list(reach([shown], LIGHT).data[0].y) == pytest.approx(of_layer["gradients"]["h"])
    assert list(state_norms([shown], LIGHT).data[0].y) == pytest.approx(of_layer["norms"]["h"])
    names = {line.hovertemplate.partition(":")[0] for line in weight_norms(shown, "gru", LIGHT).data}
    assert names == {"W", "U", "embedding", "head"}


def test_a_weight_within_a_part_of_a_cell_belongs_to_the_layer_of_the_cell():
    weights = dict.fromkeys(("cell.memory.weight", "upper.0.memory.weight", "head.weight"), 1.0)
    for layer, of_cell in ((1, "cell.memory.weight"), (2, "upper.0.memory.weight")):
        shown = at_layer({"below": [{}], "weights": weights}, layer)["weights"]
        assert list(shown) == [of_cell, "head.weight"]
        record = {"kind": "validation", "optimizer_step": 1, "epoch": 1.0, "inside": {"weights": shown}}
        lines = weight_norms(history("made", [record]), "gru", LIGHT).data
        assert [line.hovertemplate.partition(":")[0] for line in lines] == ["memory.weight", "head"]


def test_a_gradient_that_is_no_number_in_a_lower_layer_is_nan():
    run = looked_into("gru", layers=2)
    look = {**run.inside[0][1], "below": [{"gradients": {"h": [None, 1.0]}, "norms": {}, "gates": {}}]}
    record = {"kind": "validation", "optimizer_step": 1, "epoch": 1.0, "inside": look}
    lower = history("made", [record]).at_layer(1)
    assert math.isnan(lower.inside[0][1]["gradients"]["h"][0])
