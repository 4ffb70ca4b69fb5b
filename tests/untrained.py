"""Untrained networks of any task, and texts as a network gets them."""

import numpy as np
import torch

from rnn_core.data.encoding import EncodedReviews
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.paths import pretrained_folder
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import Vocabulary


def untrained(config, symbols=None, seed=0):
    """A new network that knows these symbols, or those of its language."""
    task = task_of(config)
    vocabulary = Vocabulary([*task.specials, *(config.corpus.symbols if symbols is None else symbols)])
    torch.manual_seed(seed)
    network = task.network(config, len(vocabulary), Classifier).eval()
    return Model(name="made", config=config, vocabulary=vocabulary, classifier=network)


def published(name, model):
    """The model as it is read from among the pretrained ones, where it is put."""
    model.save(folder := pretrained_folder() / name)
    return Model.load(folder, None)


def encoded(texts):
    """Texts given as the ids of each."""
    return EncodedReviews(
        ids=np.concatenate(texts).astype(np.int32),
        offsets=np.cumsum([0, *map(len, texts)]),
        labels=np.zeros(len(texts), np.int8),
        indices=np.arange(len(texts)),
    )
