"""What a process computes of a cell of the user's own is what its code computes, in every instrument."""

import numpy as np
import pytest
import torch

from rnn_core.bench.forms import usual_cell
from rnn_core.inspection.attribution import attribute
from rnn_core.inspection.by_hand import behaviour, first_values, gradient, play
from rnn_core.inspection.clamps import Clamp, Patch, read_clamped
from rnn_core.inspection.occlusion import occlusion
from rnn_core.inspection.trace import trace
from rnn_core.inspection.vanishing import reach_of_text
from rnn_core.own_cells import here
from rnn_core.own_cells.process import close_all
from rnn_core.symbols import CELLS
from tests.cell_files.sources import GATED, write
from tests.inspection.made import make_model

TEXT = "the film was good the film was bad"
pytestmark = pytest.mark.slow
SHAPES = {"both directions, two layers": {"bidirectional": True, "layers": 2}, "mean": {"readout": "mean"}}


@pytest.fixture(scope="module", autouse=True)
def ended_with_the_tests():
    yield
    close_all()


@pytest.fixture
def both(monkeypatch):
    """A function that makes a network twice: computed elsewhere, and by the code itself."""

    def make(**settings):
        source = GATED.replace("(batch_size, 3)", "(batch_size, 5)").replace("d.tanh()", "torch.tanh(d)")
        settings |= {"cell": write("gated", source).version}
        monkeypatch.setattr(here, "_runs", False)
        elsewhere = make_model(seed=1, **settings)
        monkeypatch.setattr(here, "_runs", True)
        by_code = make_model(seed=1, **settings)
        by_code.classifier.load_state_dict(elsewhere.classifier.state_dict())
        assert {type(cell).__name__ for cell in elsewhere.classifier.layers} == {"RemoteCell"}
        assert "RemoteCell" not in {type(cell).__name__ for cell in by_code.classifier.layers}
        return elsewhere, by_code

    return make


def near(one, other):
    np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_text_is_read_held_and_attributed_alike(both, shape):
    models = both(**SHAPES[shape])
    one, other = (trace(model, TEXT) for model in models)
    for letter in ("z", "q", "n", "g", "h", "c"):
        near(one.arrays[letter], other.arrays[letter])
    near(one.answers, other.answers)
    clamps = (Clamp(letter="z", value=0.25, first=2), Clamp(letter="c", value=0.5, first=4, units=(1, 3)))
    held = [
        read_clamped(model, read, clamps, [Patch(source=read, token=1, at=5)])
        for model, read in zip(models, (one, other), strict=True)
    ]
    near(held[0].arrays["c"], held[1].arrays["c"])
    near(held[0].answers, held[1].answers)
    found = [attribute(model, read) for model, read in zip(models, (one, other), strict=True)]
    near(found[0].input_times_gradient, found[1].input_times_gradient)
    for letter in ("h", "c"):
        near(found[0].gradients[letter], found[1].gradients[letter])
    near(*(occlusion(model, read) for model, read in zip(models, (one, other), strict=True)))
    near(*(reach_of_text(model, TEXT).norms["c"] for model in models))


def test_weights_by_hand_are_played_elsewhere_as_here(monkeypatch):
    version = write("gated", GATED.replace("(batch_size, 3)", "(batch_size, 1)")).version
    found, values = [], None
    for runs in (False, True):
        monkeypatch.setattr(here, "_runs", runs)
        torch.manual_seed(0)
        cell = usual_cell(version, hidden_size=1, embedding_size=1)
        values = values or {**first_values(cell), "h": 0.5, "c": -0.5}
        played = play(cell, CELLS[version], values, 150)
        found.append((played.states["c"], gradient(played, 0), behaviour(played, 0).kind))
    near(found[0][0], found[1][0])
    assert found[0][1] == pytest.approx(found[1][1], rel=1e-6)
    assert found[0][2] == found[1][2]
