"""Small trainings, and their records without the times that they took."""

import dataclasses

from rnn_core.config.run import RunConfig
from rnn_core.training.trainer import Trainer

SMALL = {
    "hidden_size": 8,
    "embedding_size": 4,
    "vocab_size": 30,
    "max_length": 20,
    "batch_size": 8,
    "epochs": 3,
    "threads": 1,
}


def small_trainer(corpus, **settings):
    """A trainer of a small network on a small corpus."""
    return Trainer(RunConfig().with_settings(**{**SMALL, **settings}), corpus)


def without_clocks(records):
    """The records without what differs between two equal trainings."""
    return [dataclasses.replace(r, seconds=0.0, seconds_left=None, tokens_per_second=None) for r in records]
