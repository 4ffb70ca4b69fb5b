"""Windows whose state is carried give what one long sequence gives, for every cell; no gradient goes back."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.reading import Carried
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import unroll
from rnn_core.symbols import CELLS
from rnn_core.tasks.task import task_named
from rnn_core.text.vocabulary import END_ID
from rnn_core.training.objective import Objective
from tests.nn.variants import VARIANTS, saying
from tests.untrained import encoded

V, MOST, STREAMS = 12, 7, 3
LENGTHS = [30, 2, 9, 1, 16, 40, 5]  # time steps of the texts
TASK = task_named("next-token")


def made(variant, dtype, **settings):
    torch.manual_seed(3)
    sizes = {"hidden_size": 5, "embedding_size": 4, "initialisation": "uniform", "bigrams": 20}
    config = ModelConfig(**{**sizes, **CELLS[variant].run_settings, **settings})
    network = Classifier(config, V, V - END_ID, at_every_step=True)
    network.bigrams.know(torch.randint(3, V, (20, 2)).unique(dim=0))
    for weights in network.parameters():
        nn.init.normal_(weights, 0, 0.4)
    return network.to(dtype).eval()


@pytest.fixture(scope="module")
def texts():
    rng = np.random.default_rng(4)
    return encoded([[1, *rng.integers(END_ID, V, n).tolist()] for n in LENGTHS])


def batches(texts):
    return list(Carried(MOST).batches(texts, STREAMS, np.random.default_rng(0)))


def in_windows(network, texts):
    """Places among the ids of all texts, what the head reads there, window by window; where rows begin."""
    places, found, begun, left = [], [], set(), None
    counted = replace(texts, ids=np.arange(len(texts.ids), dtype=np.int32))
    for batch, place in zip(batches(texts), batches(counted), strict=True):
        begin, packed = network.begin(batch.continues, left), packing(TASK.steps(batch.lengths))
        xs = network.inputs(batch.ids, packed, last=begin.last)
        read, left = network.read_on(xs, packed, begin, batch.ids)
        found.append(read)
        places.append(packed.pack(place.ids))
        begun |= set(place.ids[:, 0][batch.continues < 0].tolist())
    return torch.cat(places), torch.cat(found), sorted(begun)


def at_once(network, texts, begun):
    """The inputs of the head where every text, or its part in a stream, is one sequence; in order."""
    found = []
    for begin, following in zip(begun, [*begun[1:], len(texts.ids)], strict=True):
        end = texts.offsets[np.searchsorted(texts.offsets, begin, side="right")] - 1  # which is only asked
        ids = torch.from_numpy(texts.ids[begin : min(following, end)].astype(np.int64))
        found.append(network.head_inputs(ids[None], torch.tensor([len(ids)])))
    return torch.cat(found)


@pytest.mark.parametrize(("dtype", "near"), [(torch.float32, 1e-6), (torch.float64, 1e-12)], ids=str)
@pytest.mark.parametrize("variant", VARIANTS)
def test_windows_give_what_one_sequence_gives(variant, dtype, near, texts):
    for layers, has_pass in ((1, True), (2, True), (1, False)):
        network = made(variant, dtype, layers=layers)
        if not has_pass:
            network.cell.one_pass = None
        with saying(layers, has_pass), torch.inference_mode():
            places, found, begun = in_windows(network, texts)
            assert len(begun) == len(LENGTHS) + STREAMS - 1
            expected = at_once(network, texts, begun)
            found = found[places.argsort()]
            assert found.shape == (sum(LENGTHS), 5)
            assert (found - expected).abs().max() <= near * expected.abs().max().clamp(min=1)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("variant", VARIANTS)
def test_gradients_stop_where_a_window_begins(variant, layers, texts):
    """They are those of its steps alone, begun with numbers; a first value that is learned gets its own."""
    network = made(variant, torch.float64, layers=layers).train()
    objective = Objective(TASK, network, TrainingConfig())
    first, second, *_ = batches(texts)
    _, left = objective.back_propagate_on(first, None)
    assert not any(part.requires_grad for state in left.states for part in state)
    network.zero_grad()
    judged, _ = objective.back_propagate_on(second, left)

    packed, asked = packing(TASK.steps(second.lengths)), TASK.asked(second)
    begin = network.begin(second.continues, left)
    xs = network.inputs(second.ids, packed, last=begin.last)
    for cell, state in zip(network.layers, begin.states, strict=True):
        xs = torch.cat([step.h for step in unroll(cell, xs, packed, naive=True, state=state)])
    loss = cross_entropy(network.head(xs), asked.targets)
    assert judged.losses.mean().item() == pytest.approx(loss.item(), rel=1e-12)
    weights = [w for w in network.parameters() if w.grad is not None]
    assert len(weights) >= 4
    for found, expected in zip(weights, torch.autograd.grad(loss, weights), strict=True):
        torch.testing.assert_close(found.grad, expected, rtol=1e-9, atol=1e-11)


def test_a_perturbation_leaves_the_unpushed_state(texts):
    network = made("gru", torch.float64)
    left = []
    for adversarial in (0.0, 0.5):
        objective = Objective(TASK, network, TrainingConfig(adversarial=adversarial))
        before = None
        for batch in batches(texts):
            _, before = objective.back_propagate_on(batch, before)
        left.append(before)
    for one, other in zip(left[0].states[0], left[1].states[0], strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)


def test_rows_can_not_go_on_from_nothing(texts):
    network = made("gru", torch.float32)
    _, second, *_ = batches(texts)
    with pytest.raises(ValueError, match="rows that go on need the state that the batch before them left"):
        network.begin(second.continues, None)
