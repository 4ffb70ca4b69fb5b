"""Small trainings, and their records without the times that they took."""

import itertools
from dataclasses import replace

import torch

from rnn_core.config.run import RunConfig
from rnn_core.training.checkpoint import load_checkpoint, save_checkpoint
from rnn_core.training.trainer import Trainer

SMALL = {"hidden_size": 8, "embedding_size": 4, "vocab_size": 30, "max_length": 20}
SMALL |= {"batch_size": 8, "epochs": 3, "threads": 1}


def small_trainer(corpus, task="classification", **settings):
    """A trainer of a small network on a small corpus."""
    return Trainer(RunConfig().with_settings(**{**SMALL, "task": task, **settings}), corpus)


def without_clocks(records):
    """The records without what differs between two equal trainings."""
    return [replace(r, seconds=0.0, seconds_left=None, tokens_per_second=None) for r in records]


def interrupted(make, after, folder, change=lambda state: None):
    """All records of a training that is interrupted after so many, and what goes on from its checkpoint."""
    first, second = make(), make()
    begun = [record for _, record in zip(range(after), first, strict=False)]
    state = first.state()
    change(state)
    save_checkpoint(folder, state)
    torch.manual_seed(after)  # what happens meanwhile must not matter
    second.restore(load_checkpoint(folder))
    return without_clocks([*begun, *second]), second


def rows(reviews):
    """The ids of each review."""
    return [reviews.ids[begin:end].tolist() for begin, end in itertools.pairwise(reviews.offsets)]


def have_same_weights(one, two):
    """True if two trainings would keep the same weights, to the bit."""
    return all(torch.equal(weights, two.weights()[name]) for name, weights in one.weights().items())
