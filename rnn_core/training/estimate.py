"""How long a training will take, from a few measured optimizer steps."""

import time
from typing import NamedTuple

import numpy as np
import torch

from rnn_core.config import RunConfig
from rnn_core.data.batches import count_batches
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import split_reviews
from rnn_core.nn.classifier import Classifier, count_parameters
from rnn_core.text.vocabulary import SPECIAL_TOKENS
from rnn_core.text.window import room_for_words
from rnn_core.training.optimization import make_optimizer
from rnn_core.training.trainer import choose_device

_SHORT, _LONG = 12, 48  # time steps of the two measured batches
_REPEATS = 3


class Estimate(NamedTuple):
    """What a run will cost."""

    parameters: int
    """Numbers that training adjusts."""
    optimizer_steps: int
    seconds: float
    """Of training, evaluations included, on this machine as busy as it is now."""


def estimate(config: RunConfig, corpus: Corpus) -> Estimate:
    """Measure some optimizer steps of two lengths and draw the line through them.

    An optimizer step costs a part that does not depend on its reviews and a part for each time step; an
    evaluation costs the forward part of the latter. Takes well under a second for most settings.
    """
    settings = config.training
    vocab_size = min(config.text.vocab_size, len(corpus.words) + len(SPECIAL_TOKENS))
    splits = split_reviews(corpus, settings.reviews, settings.seed)
    steps = settings.epochs * count_batches(len(splits.training), settings.batch_size)

    seconds = _measure(config, vocab_size)
    per_time_step = max(seconds[_LONG].whole - seconds[_SHORT].whole, 0.0) / (_LONG - _SHORT)
    fixed = max(seconds[_SHORT].whole - _SHORT * per_time_step, 0.0)
    forward = seconds[_LONG].forward / _LONG / settings.batch_size  # of one token

    batch_length = _mean_length(config, corpus, splits.training)
    evaluated = len(splits.validation) * _mean_length(config, corpus, splits.validation)
    return Estimate(
        parameters=count_parameters(config.model, vocab_size),
        optimizer_steps=steps,
        seconds=steps * (fixed + batch_length * per_time_step)
        + settings.epochs * settings.evaluations_per_epoch * evaluated * forward,
    )


class _Seconds(NamedTuple):
    whole: float
    forward: float


def _measure(config: RunConfig, vocab_size: int) -> dict[int, _Seconds]:
    """Time steps of a batch -> median seconds of an optimizer step on it, and of its forward part."""
    device = choose_device(config.training.device)
    with torch.random.fork_rng(devices=[]):
        classifier = Classifier(config.model, vocab_size).to(device)
        optimizer = make_optimizer(config.training, classifier.parameters())
        measured = {}
        for length in (_SHORT, _LONG):
            shape = (config.training.batch_size, length)
            ids = torch.randint(vocab_size, shape, device=device)
            lengths = torch.full(shape[:1], length, device=device)
            times = []
            for _ in range(1 + _REPEATS):  # the first one warms up
                began = time.perf_counter()
                loss = classifier.loss(classifier(ids, lengths), torch.ones(shape[0], device=device)).mean()
                between = time.perf_counter()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                times.append((time.perf_counter() - began, between - began))
            measured[length] = _Seconds(*map(float, np.median(times[1:], axis=0)))
    return measured


def _mean_length(config: RunConfig, corpus: Corpus, indices: np.ndarray) -> float:
    """Mean number of time steps of the windows of these reviews."""
    if not config.text.skip_padding:
        return float(config.text.max_length)
    kept = np.minimum(corpus.lengths()[indices], room_for_words(config.text))
    return float(kept.mean()) + config.text.start_token
