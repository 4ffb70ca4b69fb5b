"""What the charts of a training show, in one sentence each, with two numbers at most."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from rnn_core.config.run import RunConfig
from rnn_core.training.history import History

_WORSE = 1.05
"""A validation loss that is so many times its least has risen since."""
_WHOLE, _FAINT = 0.1, 1e-3
"""Shares of a gradient: above the one it arrives, below the other hardly anything is learned from there."""


def curves_in_words(histories: Sequence[History], configs: Sequence[RunConfig]) -> str:
    """How well runs of these settings do on validation texts; empty before the first evaluation.

    Runs that read the texts of different corpora are not compared.
    """
    best = {run.name: _best(run) for run in histories if len(run.validation["epoch"])}
    texts = configs[0].corpus.nouns.texts
    if not best:
        return ""
    if len(best) > 1 and len({config.corpus for config in configs}) > 1:
        return "These runs read different texts, so their accuracies may not be compared."
    if len(best) > 1:
        first, last = max(best, key=lambda name: best[name][0]), min(best, key=lambda name: best[name][0])
        if f"{best[first][0]:.1%}" == f"{best[last][0]:.1%}":
            return f"At their best all are right on {best[first][0]:.1%} of the validation {texts}."
        return (
            f"At its best {first} is right most often, on {best[first][0]:.1%} of the validation {texts}, "
            f"and {last} least often, on {best[last][0]:.1%}."
        )
    [run] = [run for run in histories if len(run.validation["epoch"])]
    [(accuracy, epoch)] = best.values()
    losses = run.validation["loss"]
    rises = losses[-1] > _WORSE * np.nanmin(losses)
    since = "; its validation loss has risen since its lowest point" if rises else ""
    return f"Right on {accuracy:.1%} of the validation {texts} at best, after epoch {epoch:.3g}{since}."


def _best(run: History) -> tuple[float, float]:
    """The highest validation accuracy, and after how many epochs."""
    place = int(np.nanargmax(run.validation["accuracy"]))
    return float(run.validation["accuracy"][place]), float(run.validation["epoch"][place])


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


def comparison_in_words(accuracies: Mapping[str, float | None], texts: str) -> str:
    """Which run is right on validation texts most often, by its name; empty for fewer than two."""
    known = {name: accuracy for name, accuracy in accuracies.items() if accuracy is not None}
    if len(known) < 2:
        return ""
    first, second = sorted(known, key=lambda name: -known[name])[:2]
    points = 100 * (known[first] - known[second])
    if f"{points:.1f}" == "0.0":
        return f"{first} and {second} are right on equally many validation {texts}, {known[first]:.1%}."
    return (
        f"{first} is right most often, on {known[first]:.1%} of the validation {texts}, {points:.1f} points "
        f"more than {second}: one run each, so another seed may turn that round."
    )
