"""One unit that knows the verdict, of a network that only said what comes next (Radford et al., 2017).

A unit is read as the last state after a text, or as the mean over all its time steps. Its threshold lies in
the middle between its means over the training texts of either class; the unit is the one with the highest
balanced accuracy on validation texts, and is scored on test texts. All units together go into a logistic
regression, fitted to the training texts; its penalty is chosen on validation texts.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import split_reviews, stratified
from rnn_core.errors import ConfigError
from rnn_core.inspection.keeping_track import MEASURES, untrained
from rnn_core.languages.language import CATEGORY
from rnn_core.models.model import Model, check_says_what_comes
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.progress import Progress
from rnn_core.shapes import Count, Line, Share
from rnn_core.tasks.task import task_of

STATES = ("last", "mean")
_PENALTIES = (1e4, 1e3, 100.0, 10.0, 1.0)  # the strictest first: it is kept where a laxer one is no better
_ROUNDS = 25

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KnownVerdicts:
    """The balanced accuracies on test texts of one unit and of all, in one network and one kind of state."""

    network: Line
    """The name of the network: "trained" or "untrained"."""
    state: Line
    """One of STATES."""
    unit: Count
    one_unit: Share
    all_units: Share


def read_verdict_units(
    model: Model, corpus: Corpus, texts: int
) -> Generator[Progress, None, tuple[KnownVerdicts, ...]]:
    """Let a network and its untrained self read as many texts of each split, or all where there are fewer.

    Raises ModelFolderError for a network that does not say what comes next, ConfigError without two classes.
    """
    check_says_what_comes(model.name, model.config)
    if len(corpus.classes) != 2:
        raise ConfigError(f"{corpus.name} must have two classes, got {len(corpus.classes)}.")
    splits = split_reviews(corpus, texts, seed := model.config.training.seed)
    shuffled = np.random.default_rng(seed).permutation(splits.test)
    others = (np.sort(stratified(rows, corpus.labels)[:texts]) for rows in (splits.validation, shuffled))
    rows, found = (splits.training, *others), list[KnownVerdicts]()
    labels = [corpus.labels[of].astype(str).astype(object) for of in rows]
    measure = MEASURES[CATEGORY](labels[0])
    for name, network in {"trained": model.classifier, "untrained": untrained(model)}.items():
        read = list[Floats]()
        for of in rows:
            yield Progress(f"Reading texts, {name}", len(read), len(rows))
            read.append(states_of(model, network, corpus, of))
        for state, (values, *asked) in zip(STATES, zip(*read, strict=True), strict=True):
            fitted = [measure.fit(values), *_fits(values, labels[0] == "1")]
            chosen_by, scores = (
                [measure.score(truth, answers(some)) for answers in fitted]
                for truth, some in zip(labels[1:], asked, strict=True)
            )
            unit, best = int(chosen_by[0].argmax()), int(np.argmax([one[0] for one in chosen_by[1:]])) + 1
            found.append(KnownVerdicts(name, state, unit, float(scores[0][unit]), float(scores[best][0])))
    return tuple(found)


def states_of(model: Model, network: Classifier, corpus: Corpus, rows: NDArray[np.int64]) -> Floats:
    """(2, N, H) hidden states of the top layer for these texts (N,), ascending, each read to its end."""
    config = model.config.with_settings(windows="carried")
    task, texts = task_of(config), task_of(config).encode(corpus, rows, model.vocabulary, config.text)
    found = torch.zeros(len(STATES), len(rows), network.config.hidden_size, dtype=torch.float64)
    places = torch.from_numpy(np.searchsorted(rows, texts.indices))
    for batch, hs in task.reads(network, texts):
        packed, at = packing(task.steps(batch.lengths)), places[torch.from_numpy(batch.rows)]
        found[0, at] = hs[packed.last].double()
        found[1, at] += packed.sum(hs.double())
    found[1, places] /= torch.from_numpy(texts.lengths() - 1).unsqueeze(1)
    return found.numpy()


def _fits(values: Floats, is_second: NDArray[np.bool_]) -> list[Callable[[Floats], Floats]]:
    """Logistic regressions on values (n, U), by Newton's method, one for each penalty on the squared weights.

    Each returns the index of a class, (m, 1), for other values (m, U), which are scaled as these are.
    """
    mean, scale = values.mean(axis=0), values.std(axis=0) + 1e-9

    def scaled(some: Floats) -> Floats:
        return np.column_stack([(some - mean) / scale, np.ones(len(some))])

    def fit(penalty: float) -> Callable[[Floats], Floats]:
        X, pull = scaled(values), np.append(np.full(values.shape[1], penalty), 1e-9)
        w = np.zeros(len(pull))
        for _ in range(_ROUNDS):
            p = 1 / (1 + np.exp(-np.clip(X @ w, -30, 30)))
            curvature = (X * (p * (1 - p))[:, None]).T @ X + np.diag(pull)
            w -= np.linalg.solve(curvature, X.T @ (p - is_second) + pull * w)
        return lambda some: (scaled(some) @ w > 0).astype(np.float64)[:, None]

    return [*map(fit, _PENALTIES)]
