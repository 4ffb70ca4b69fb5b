"""What a network says of many texts: class, probability, and the words that counted most.

What a word counts for is its input times the gradient of the log odds of the predicted class, as
`rnn_core.inspection.attribution` has it, added up over all its places in the text.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnn_core.data.batches import evaluation_batches
from rnn_core.data.encoding import encode_texts
from rnn_core.inspection.attribution import attribute
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Model
from rnn_core.models.overflow import check_texts
from rnn_core.nn.packing import packing
from rnn_core.tasks.classes import log_odds_of_each, most_probable
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import UNK_ID

WORDS = 3
_BATCH_SIZE = 64


class Labelled(NamedTuple):
    """What is said of one text."""

    label: int
    """Index of the most probable class."""
    probability: float
    words: tuple[str, ...]
    """Up to WORDS that spoke most for that class, the first one most; unknown words are none."""


def label_texts(model: Model, texts: Sequence[str]) -> list[Labelled | None]:
    """What a network says of each text; None of one without a token that it reads. Raises OverflowedError."""
    with_tokens = [place for place, text in enumerate(texts) if tokenize(text, model.config.tokens)]
    said: list[Labelled | None] = [None] * len(texts)
    read = [texts[place] for place in with_tokens]
    found = _one_by_one(model, read) if model.config.model.input == "one-hot" else _together(model, read)
    for place, labelled in found:
        said[with_tokens[place]] = labelled
    return said


def _together(model: Model, texts: Sequence[str]) -> Iterator[tuple[int, Labelled]]:
    """The number of each text, and what is said of it; batch by batch."""
    classifier, config = model.classifier, model.config
    labels = np.zeros(len(texts), np.int8)
    encoded = encode_texts(texts, labels, model.vocabulary, config.text, config.tokens)
    for batch in evaluation_batches(encoded, _BATCH_SIZE) if len(texts) else ():
        packed = packing(batch.lengths)
        with torch.enable_grad():
            xs = classifier.inputs(batch.ids, packed).detach().requires_grad_()  # (N, E)
            logits = classifier.answer(xs, packed)
            predicted = most_probable(logits)
            odds = log_odds_of_each(logits, predicted)
            (gradient,) = torch.autograd.grad(odds.sum(), xs)
        counted = (xs * gradient).sum(dim=1).detach()  # (N,)
        check_texts(model.name, logits.detach().numpy(), counted.numpy())
        ids = packed.pack(batch.ids)
        probabilities = torch.sigmoid(odds.detach().double()).tolist()
        for row, number in enumerate(batch.rows.tolist()):
            here = packed.rows == row
            yield (
                number,
                Labelled(int(predicted[row]), probabilities[row], _most(model, ids[here], counted[here])),
            )


def _one_by_one(model: Model, texts: Sequence[str]) -> Iterator[tuple[int, Labelled]]:
    """What is said of each text by a network of one-hot input, whose gradient is that of a matrix's rows."""
    for number, text in enumerate(texts):
        read = trace(model, text)
        read = read.follow(int(read.predicted[-1]))
        counted = torch.from_numpy(attribute(model, read).input_times_gradient)
        words = _most(model, torch.tensor(read.review.ids), counted)
        yield number, Labelled(read.followed, read.probability, words)


def _most(model: Model, ids: Tensor, counted: Tensor) -> tuple[str, ...]:
    """The words that counted most, by ids and what each place counts for, (T,) each."""
    known, places = torch.unique(ids, return_inverse=True)
    sums = torch.zeros(len(known)).index_add_(0, places, counted)
    order = torch.argsort(sums, descending=True).tolist()
    chosen = [place for place in order if known[place] > UNK_ID and sums[place] > 0]
    return tuple(model.vocabulary.words[int(known[place])] for place in chosen[:WORDS])
