"""Runs of the store -> what of them is published beside the results: curves of all, networks of one seed.

What is written follows from the store alone, to the byte. A network that is there is not measured again.
"""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save as safetensors_bytes

from rnn_core.config.run import factors
from rnn_core.data.encoding import EncodedReviews
from rnn_core.data.sources import load_corpus
from rnn_core.errors import SweepError
from rnn_core.files import check_spares, whole_folder, write_json, write_whole
from rnn_core.models.catalogue import PUBLISHED, Published, networks_by_run, published_folders, read_published
from rnn_core.models.folder import CONFIG, SCORES, VOCABULARY, WEIGHTS, read_config, shared_vocabulary
from rnn_core.models.model import Model
from rnn_core.models.overflow import check_texts
from rnn_core.paths import published_folder
from rnn_core.progress import Progress
from rnn_core.runs.store import Store
from rnn_core.sweeps.curves import read_curves, runs_with_curves, write_curves
from rnn_core.sweeps.results import Result, Results
from rnn_core.sweeps.sweep import Case, Sweep
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import Vocabulary

_SAME = 1e-3
"""Accuracies of one network on two machines, which round differently, are nearer than this."""


class PublishedNetwork(NamedTuple):
    """A network that was published now or before, and how far the publication is."""

    progress: Progress
    name: str
    published: Published


def publish_curves(store: Store, question: str) -> int:
    """Write the curves of every run in a question's results that is in this store; how many there are then.

    Those of runs of another store stay as they were published. Raises SweepError where none is known.
    """
    published, here, results = runs_with_curves(question), _ids(store), Results(question)
    curves = {}
    for result in results.all():
        if result.run in here:
            curves[result.run] = store.records.all(result.run)
        elif result.run in published:
            config = results.sweep().base.with_settings(**result.case)
            curves[result.run] = read_curves(question, result.run, config.model.variant, config.task)
    if not curves:
        raise SweepError(f"None of the runs in the results of {question} is in this store.")
    write_curves(question, curves)
    return len(curves)


def publish_networks(store: Store, question: str) -> Iterator[PublishedNetwork]:
    """Write the networks of a question's first seed one by one; then take away those it has no more.

    Of runs of another store they stay as they were published. Raises SweepError where a result is not that
    of the run in this store.
    """
    results = Results(question)
    sweep, here, published = results.sweep(), _ids(store), networks_by_run()
    score, known = task_of(sweep.base).score, here | set(published)
    runs = [
        one
        for one in results.all()
        if one.seed == sweep.seeds[0] and one.score("test", score) is not None and one.run in known
    ]
    folders = []
    for done, result in enumerate(runs, 1):
        name = name_of(sweep, result.case)
        folder = _publish(store, sweep, result, name) if result.run in here else published[result.run]
        folders.append(folder)
        yield PublishedNetwork(Progress("Publishing", done, len(runs)), folder.name, read_published(folder))
    _take_away(question, folders)


def _ids(store: Store) -> set[str]:
    return {run.id for run in store.runs.all()}


def name_of(sweep: Sweep, case: Case) -> str:
    """The name of a case's network: the question, and the values that tell its cases apart.

    >>> from rnn_core.sweeps.questions import QUESTIONS
    >>> sweep = QUESTIONS["distance"].sweep
    >>> name_of(sweep, sweep.cases[1])
    'distance-25-elman'
    """
    declared = factors()
    words = [sweep.name, *(declared[factor].in_names(case[factor]) for factor in sweep.telling)]
    return re.sub(r"[^A-Za-z0-9-]", "_", "-".join(words))


def _publish(store: Store, sweep: Sweep, result: Result, name: str) -> Path:
    """The folder of a run's network, which is there when this returns; another question's where it is its."""
    question, task = sweep.name, task_of(sweep.base)
    model = Model.load(store.folder(store.runs.get(result.run).id), sweep.base.task)
    if model.scores.get(task.score.field) != result.score("test", task.score):
        raise SweepError(f"The result of run {result.run} is not that of its network in this store.")
    config = model.config.to_json().encode()
    weights = safetensors_bytes(half_weights(model.classifier.state_dict()))
    for folder in published_folders():
        if (folder / CONFIG).read_bytes() == config and (folder / WEIGHTS).read_bytes() == weights:
            published = read_published(folder)
            runs = dict(sorted({**published.runs, question: result.run}.items()))
            write_json(folder / PUBLISHED, asdict(replace(published, runs=runs)))
            return folder
    published = _measured(model, {question: result.run})
    folder = published_folder() / name
    check_spares(folder, [model.folder])
    with whole_folder(folder) as new:
        write_whole(new / CONFIG, config)
        write_whole(new / WEIGHTS, weights)
        scores = {name: kept for name, kept in model.scores.items() if name not in task.unpublished}
        write_json(new / SCORES, scores)
        write_json(new / PUBLISHED, asdict(published))
        if not _shares_words(model):
            write_whole(new / VOCABULARY, model.vocabulary.to_text().encode())
    return folder


def _measured(model: Model, runs: dict[str, str]) -> Published:
    """Measure what rounding changes; the network is left with the rounded weights.

    Raises SweepError where it doesn't score as it is said to.
    """
    task, corpus = task_of(model.config), load_corpus(model.config.corpus)
    texts = task.encode(corpus, corpus.indices("test"), model.vocabulary, model.config.text)
    before, was = _answers(model, texts)
    if abs(before - model.scores["accuracy"]) > _SAME:
        raise SweepError(
            f"Run {model.name} has an accuracy of {before:.2%} on the test "
            f"{model.config.corpus.nouns.texts} here, and had {model.scores['accuracy']:.2%}."
        )
    model.classifier.load_state_dict(half_weights(model.classifier.state_dict()))
    accuracy, now = _answers(model, texts)
    return Published(
        runs=runs,
        reviews=len(texts),
        accuracy=accuracy,
        largest_change=float(np.abs(now - was).max()),
        probe={str(number): float(p) for number, p in zip(texts.indices[:8], was, strict=False)},
    )


def _shares_words(model: Model) -> bool:
    """True if its words are the first of those beside the folders; they are put there, or as many more."""
    path = published_folder() / shared_vocabulary(model.config)
    shared = Vocabulary.from_text(path.read_text(encoding="utf-8")).words if path.exists() else ()
    words = model.vocabulary.words
    if len(words) > len(shared) and words[: len(shared)] == shared:
        write_whole(path, model.vocabulary.to_text().encode())
        return True
    return shared[: model.config.text.vocab_size] == words


def _take_away(question: str, kept: Sequence[Path]) -> None:
    """Let go of the networks that a question has no more, and of words that no network shares."""
    for folder in published_folders():
        published = read_published(folder)
        if question not in published.runs or folder in kept:
            continue
        others = {name: run for name, run in published.runs.items() if name != question}
        if others:
            write_json(folder / PUBLISHED, asdict(replace(published, runs=others)))
        else:
            shutil.rmtree(folder)
    shared = {
        shared_vocabulary(read_config(folder))
        for folder in published_folders()
        if not (folder / VOCABULARY).exists()
    }
    for path in published_folder().glob("vocabulary-*.txt"):
        if path.name not in shared:
            path.unlink()


def half_weights(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights with every number in 16 bits. Raises ValueError where one is too large for that."""
    halved = {name: w.half() if w.is_floating_point() else w for name, w in weights.items()}
    for name, weight in halved.items():
        if weight.is_floating_point() and not torch.isfinite(weight).all():
            raise ValueError(f"{name} has numbers that 16 bits can't hold")
    return halved


def _answers(model: Model, texts: EncodedReviews) -> tuple[float, NDArray[np.float64]]:
    """The accuracy of a network, and a probability of each text. Raises OverflowedError."""
    task = task_of(model.config)
    fields = task.evaluate(model.classifier, texts).fields
    probabilities = task.probabilities(model.classifier, texts)
    check_texts("The network", np.array(fields["loss"]), probabilities)
    return fields["accuracy"], probabilities
