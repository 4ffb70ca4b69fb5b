"""A cell of a student's code, with the weights of the built-in one: it is read, held and handed on alike."""

import numpy as np
import pytest
import torch

from rnn_core.cell_files.traced import keep_traced
from rnn_core.export.written import MODEL_FORMATS, export_models
from rnn_core.inspection.clamps import as_clamps, read_clamped
from rnn_core.inspection.one_step import one_step
from rnn_core.inspection.trace import trace
from rnn_core.own_cells.exercises import EXERCISES
from tests.export.made import TEXTS, small_model, with_random_weights
from tests.export.page.node import ask_node, needs_node
from tests.export.page.test_engine import assert_computed, readings_of, stored
from tests.export.pytorch_answers import code_of
from tests.own_cells.files import a_file, checked

PAIRS = {"4": ("gru", "z=1"), "6": ("lstm", "f=1")}
"""Task, our solution of which is checked -> the built-in cell, and what is held."""

pytestmark = pytest.mark.usefixtures("runs_here")


@pytest.fixture(params=PAIRS)
def both(request):
    """One network twice, with the built-in cell and with that of the file; and what is held."""
    task, (kind, held) = EXERCISES[request.param], PAIRS[request.param]
    traced = checked(task.number, task.solution).traced
    keep_traced(a_file(task.solution, task.file_name.removesuffix(".py")), traced)
    ours = small_model(variant=kind)
    own = with_random_weights("own", ours.config.with_settings(cell=traced.cell.text), ours.vocabulary)
    own.classifier.load_state_dict(ours.classifier.state_dict(), strict=False)
    with torch.no_grad():
        for name in traced.cell.equations.weights:
            own.classifier.cell.weight(name).copy_(ours.classifier.cell.weight(name))
    return ours, own, held


def test_its_code_has_the_equations_of_ours(both):
    ours, own, _ = both
    lines, others = (model.classifier.cell.equations.computed for model in (ours, own))
    assert [(line.name, line.right) for line in lines] == [(line.name, line.right) for line in others]


def test_it_is_read_and_held_like_ours(both):
    ours, own, held = both
    traces = [trace(model, TEXTS[0]) for model in (ours, own)]
    clamped = [
        read_clamped(model, one, as_clamps(held)) for model, one in zip((ours, own), traces, strict=True)
    ]
    for mine, theirs in (traces, clamped):
        assert mine.arrays.keys() == theirs.arrays.keys()
        for letter, values in mine.arrays.items():
            np.testing.assert_allclose(theirs.arrays[letter], values, atol=1e-6)
    steps = [one_step(model, one, 2, 1) for model, one in zip((ours, own), traces, strict=True)]
    assert steps[0].values == pytest.approx(steps[1].values, abs=1e-6)


def test_its_pytorch_code_says_the_same(both, tmp_path):
    ours, own, _ = both
    export_models([own], tmp_path / f"own{MODEL_FORMATS['pytorch'].suffix}", to="pytorch")
    network = code_of(tmp_path / "own").Network()
    for text, probabilities in zip(TEXTS[:3], ours.probabilities(TEXTS[:3]).tolist(), strict=True):
        assert [*network.probabilities(text).values()] == pytest.approx(probabilities, abs=1e-5)


@needs_node
def test_its_page_computes_the_same(both):
    _, own, _ = both
    model, data = stored(own)
    assert_computed(ask_node, [(data, readings_of(model))])
