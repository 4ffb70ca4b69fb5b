"""`baselines`: what counting is worth, for a network to be compared with."""

from dataclasses import asdict
from typing import Annotated, Any

import click

from rnn_core.baselines.scores import Baseline, NgramBaseline, kept_path, symbols_of_context
from rnn_core.baselines.ways import WAYS, way_of
from rnn_core.cli.command import Answer, command
from rnn_core.cli.errors import need_checkout
from rnn_core.cli.options import corpus_option
from rnn_core.cli.output import show_progress
from rnn_core.config.corpora import corpus_named, shipped_names
from rnn_core.config.tasks import TASKS
from rnn_core.data.probes.pairs import SETS
from rnn_core.data.sources import prepare
from rnn_core.errors import BaselineError
from rnn_core.files import from_json


@command("baselines")
def baselines(
    *,
    data: Annotated[
        str, corpus_option(lambda: f"{', '.join(filter(way_of, shipped_names()))}, or a corpus of your own.")
    ] = "imdb",
    composed: Annotated[int, click.IntRange(0, 1_000_000)] = 0,
) -> Answer:
    """Train a bag of words and an NB-SVM on the texts of a run, and keep what they are worth.

    Two seeds, about three minutes on IMDB; one seed on a corpus of your own. The settings are chosen on the
    validation texts. Those of IMDB answer the probes, too, as `probe` asks networks. Needs scikit-learn,
    which requirements-baselines.txt lists. On texts whose next token is predicted n-grams are counted
    instead, which needs nothing more.

    --composed: Let them learn from so many composed sentences, too, as `train --composed` does. What they
        have right is printed and not kept.
    """
    if not (way := way_of(data)):
        raise BaselineError(f"Counting words does not help with {TASKS[corpus_named(data).task].label}.")
    if composed and (why_not := corpus_named(data).why_idle("composed")):
        raise BaselineError(why_not)
    if corpus_named(data).is_published and not composed:
        need_checkout("Measuring what the app compares with")
    if why_not := WAYS[way].why_not():
        raise BaselineError(why_not)
    show_progress(prepare(data))
    steps = []
    for step in WAYS[way].measure(data, composed):
        click.echo(step.in_words(corpus_named(data).nouns), err=True)
        steps.append(step)
    found = WAYS[way].found(steps)
    lines = [line for one in found for line in _lines(one, data)]
    if composed:
        return Answer([asdict(one) for one in found], *lines)
    kept = from_json(kept_path(data).read_bytes(), dict[str, Any])
    return Answer(kept, *lines, f"Kept in {kept_path(data)}")


def _lines(baseline: Baseline | NgramBaseline, data: str) -> list[str]:
    texts = corpus_named(data).nouns.texts
    if isinstance(baseline, NgramBaseline):
        by_context = enumerate(zip(baseline.bits("test"), baseline.bits("validation"), strict=True))
        return [
            f"{symbols_of_context(k)}: {test:.4f} bits per symbol on the test {texts}, {validation:.4f} on "
            f"the validation {texts}"
            for k, (test, validation) in by_context
        ]
    of_probes = [
        f"{'':4}probes, {name}: sentences right {shares.all.sentences_right:.1%}, "
        f"pairs right {shares.all.pairs_right:.1%}"
        for name in SETS
        if (shares := baseline.probes(name)) is not None
    ]
    seeds = len(baseline.seeds)
    over = f"the mean of {seeds} seeds" if seeds > 1 else "one seed"
    return [
        f"{baseline.title}: {baseline.test_accuracy:.2%} of the test {texts}, "
        f"{baseline.validation_accuracy:.2%} of the validation {texts}, {over}",
        *of_probes,
    ]


@click.command(hidden=True, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def bars() -> None:
    """Called `baselines` now."""
    raise click.UsageError("bars is called baselines now: python -m rnn_core baselines")
