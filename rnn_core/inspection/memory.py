"""Bits by memory: those of a network whose state may have seen only the last k symbols.

    bits_k(p) = -log2 p(w_p | w_(p-k) ... w_(p-1))

where the state has its first value before w_(p-k), as before a text. All k are asked at the same positions,
each of which has as many symbols of its text before it as the largest k. A network whose state was carried
while it learned has never met its first value within a text.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_core.data.encoding import EncodedReviews
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.nn.sequence import run
from rnn_core.tasks.classes import cross_entropies

MEMORIES = (1, 2, 4, 8, 16, 32, 64, 128)
"""The k that are asked."""
POSITIONS = 10_000
"""The most positions at which they are."""
_AT_ONCE, _LOGITS_AT_ONCE = 32_768, 4_000_000
"""Time steps that are computed together, and logits."""

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


def positions_to_ask(texts: EncodedReviews, most: int = POSITIONS, seed: int = 0) -> Places:
    """(P,) places among the ids of texts that begin with `<start>`, drawn from all that are far enough in.

    They are those of the same texts whatever the vocabulary, in order; fewer than `most` where no more are.
    """
    far = np.maximum(texts.lengths() - 1 - MEMORIES[-1], 0)  # (N,) places in each text
    chosen = np.random.default_rng(seed).choice(int(far.sum()), min(most, int(far.sum())), replace=False)
    before = np.cumsum(far) - far
    text = np.searchsorted(before + far, np.sort(chosen), side="right")
    return texts.offsets[text] + 1 + MEMORIES[-1] + np.sort(chosen) - before[text]


def bits_by_memory(network: Classifier, ids: NDArray[np.int32], places: Places, first_asked: int) -> Floats:
    """(M,) mean bits of the ids at these places (P,), by the M numbers of symbols that the state has seen.

    `first_asked` is the id of the first symbol that can come. The network reads without dropout.
    """
    device, was_training = network.device, network.training
    bits = np.zeros(len(MEMORIES))
    network.eval()
    with torch.inference_mode():
        for number, k in enumerate(MEMORIES):
            rows = max(1, min(_AT_ONCE // k, _LOGITS_AT_ONCE // network.head.out_features))
            for begin in range(0, len(places), rows):
                some = places[begin : begin + rows]
                seen = torch.from_numpy(ids[some[:, None] + np.arange(-k, 0)].astype(np.int64)).to(device)
                asked = torch.from_numpy(ids[some].astype(np.int64) - first_asked).to(device)
                packed = packing(torch.full((len(some),), k, device=device))
                xs = network.below(network.config.layers, network.inputs(seen, packed), packed)
                logits = network.head(run(network.layers[-1], xs, packed))  # (B, K)
                bits[number] += cross_entropies(logits, asked).double().sum().item()
    network.train(was_training)
    return bits / (len(places) * np.log(2))
