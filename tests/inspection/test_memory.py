"""Bits by the symbols that a state has seen, beside a second computation."""

import numpy as np
import pytest
import torch

from rnn_core.config.model_settings import ModelConfig
from rnn_core.inspection.memory import MEMORIES, bits_by_memory, positions_to_ask
from rnn_core.nn.classifier import Classifier
from tests.untrained import encoded

FIRST, V = 2, 9


def texts(*lengths):
    """Texts of so many symbols behind <start>, which is 1."""
    rng = np.random.default_rng(0)
    return encoded([np.append(1, rng.integers(FIRST, V, length)) for length in lengths])


def test_places_have_all_that_is_seen_before_them():
    """The last symbol of the second text and the last three of the fourth are far enough in."""
    some = texts(128, 129, 5, 131)
    assert positions_to_ask(some).tolist() == [129 + 129, *(some.offsets[4] - np.array([3, 2, 1]))]
    assert len(positions_to_ask(some, most=2)) == 2
    assert positions_to_ask(texts(20, 128)).size == 0


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm", "mingru"])
def test_bits_are_those_of_one_text_after_another(cell):
    """The second way reads what is seen as a text of its own, at every time step, by autograd's unroll."""
    torch.manual_seed(0)
    config = ModelConfig(cell=cell, hidden_size=5, embedding_size=4, layers=2)
    network, some = Classifier(config, V, V - FIRST, at_every_step=True).double(), texts(140, 150)
    places, slow = positions_to_ask(some, most=6), []
    for k in MEMORIES:
        seen = [torch.from_numpy(some.ids[place - k : place].astype(np.int64)) for place in places]
        logits = torch.stack([network(one[None], torch.tensor([k]))[-1] for one in seen])
        asked = some.ids[places] - FIRST
        slow.append(-logits.log_softmax(1)[range(6), asked].mean().item() / np.log(2))
    assert bits_by_memory(network, some.ids, places, FIRST) == pytest.approx(slow, abs=1e-12)
    assert network.training
