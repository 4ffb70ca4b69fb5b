"""What the charts of a training show, in one sentence each, with two numbers at most."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from rnn_core.config.run import RunConfig
from rnn_core.tasks.task import Measure, Words, task_named
from rnn_core.training.history import History

_WORSE = 1.05
"""A validation loss that is so many times its least has risen since."""
_WHOLE, _FAINT = 0.1, 1e-3
"""Shares of a gradient: above the one it arrives, below the other hardly anything is learned from there."""


def curves_in_words(histories: Sequence[History], configs: Sequence[RunConfig]) -> str:
    """How well runs of these settings do on validation texts; empty before the first evaluation.

    Runs that read the texts of different corpora are not compared.
    """
    evaluated = [run for run in histories if len(run.validation["epoch"])]
    texts, (measure, words) = configs[0].corpus.nouns.texts, _of(histories[0].task)
    if not evaluated:
        return ""
    if len(evaluated) > 1 and len({(config.corpus, config.task) for config in configs}) > 1:
        return "These runs read different texts, so their accuracies may not be compared."
    best = {run.name: _best(run, measure) for run in evaluated}
    first, last = (
        sorted(best, key=lambda name: best[name][0], reverse=is_first == measure.higher_is_better)[0]
        for is_first in (True, False)
    )
    value, least = (f"{best[name][0]:{measure.number}}" for name in (first, last))
    about = {"value": value, "title": measure.title.lower(), "texts": texts}
    if len(best) > 1 and value == least:
        return words.all_equal.format(**about)
    if len(best) > 1:
        return words.best_and_last.format(first=first, last=last, least=least, **about)
    losses = evaluated[0].validation["loss"]
    rises = losses[-1] > _WORSE * np.nanmin(losses)
    since = "; its validation loss has risen since its lowest point" if rises else ""
    return words.best.format(epoch=f"{best[first][1]:.3g}", since=since, **about)


def _of(task: str) -> tuple[Measure, Words]:
    return task_named(task).score, task_named(task).words


def _best(run: History, measure: Measure) -> tuple[float, float]:
    """The best validation score, and after how many epochs."""
    scores = run.validation[measure.field]
    place = int(np.nanargmax(scores) if measure.higher_is_better else np.nanargmin(scores))
    return float(scores[place]), float(run.validation["epoch"][place])


def reach_in_words(run: History) -> str:
    """How far back the gradient of the last look reaches, by the state that most of it comes through."""
    _, look = run.inside[-1]
    far = f"{look['distance'][-1]:,} tokens before the end"
    shares = [norms[-1] / norms[0] for norms in look["gradients"].values() if norms[0]]
    if not shares or not all(map(math.isfinite, shares)):
        return "No gradient arrives, or it is no finite number."
    share = max(shares)
    times = f"{far} it is {share:,.2g} times as large as at the end"
    if share > 1 / _WHOLE:
        return f"The gradient grows on its way back: {times}."
    if share >= _WHOLE:
        return f"The gradient arrives: {times}."
    if share >= _FAINT:
        return f"The gradient shrinks on its way back: {times}."
    return f"The gradient vanishes: {times}, so hardly anything is learned from what stands there."


def comparison_in_words(scores: Mapping[str, float | None], texts: str, task: str) -> str:
    """Which run has the best score on validation texts, by its name; empty for fewer than two."""
    known = {name: score for name, score in scores.items() if score is not None}
    if len(known) < 2:
        return ""
    measure, words = _of(task)
    first, second = sorted(known, key=lambda name: known[name], reverse=measure.higher_is_better)[:2]
    value, least = (f"{known[name]:{measure.number}}" for name in (first, second))
    points = f"{100 * (known[first] - known[second]):.1f}"
    about = {"first": first, "second": second, "value": value, "title": measure.title.lower(), "texts": texts}
    if points.strip("-") == "0.0":
        return words.two_equal.format(**about)
    said = words.two.format(least=least, points=points, **about)
    return f"{said}: one run each, so another seed may turn that round."
