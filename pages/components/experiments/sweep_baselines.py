"""Which baselines stand beside the runs of a sweep: as lines, and in a sentence with their numbers."""

from collections.abc import Mapping, Sequence

from pages.components.shared.baselines import baseline_lines, majority, majority_in_words, split_in_words
from rnn_core.baselines.scores import read_baselines, reviews_of_baselines
from rnn_core.data.probes.pairs import DEVELOPMENT
from rnn_core.errors import BaselineError
from rnn_core.figures.baselines import in_sight
from rnn_core.sweeps.sweep import Sweep

PROBES = ("pairs_right", "sentences_right")
"""The measures of the probes."""

_ON = {
    "validation_accuracy": "validation {texts}", "test_accuracy": "test {texts}", "pairs_right": "probes",
    "sentences_right": "probes",
}  # fmt: skip


def lines_of_sweep(sweep: Sweep, measure: str) -> dict[str, float]:
    """Name -> share of the baselines beside this measure; none where they are not measured by it."""
    if measure not in PROBES:
        return baseline_lines(sweep.corpora, measure)
    try:
        asked = {one.title: one.probes(DEVELOPMENT) for one in read_baselines(sweep.corpora[0])}
    except BaselineError:
        return {}
    return {title: getattr(shares.all, measure) for title, shares in asked.items() if shares is not None}


def baselines_of_sweep(
    sweep: Sweep, lines: Mapping[str, float], measure: str, values: Sequence[float]
) -> str:
    """A sentence on the lines beside these shares; "" where there are none."""
    if not lines:
        return ""
    drawn, below = in_sight(lines, values)
    on = _ON[measure].format(texts=sweep.base.corpus.nouns.texts)
    if len(sweep.corpora) > 1 or lines == majority(sweep.corpora[0], measure):
        return majority_in_words(sweep.corpora[0], measure) if drawn else ""
    parts = [
        f"{intro}{', '.join(f'{name} {value:.1%}' for name, value in some.items())}"
        for intro, some in (("", drawn), ("below the picture: ", below))
        if some
    ]
    return f"Dotted: baselines that count words, on the same {on}: {'; '.join(parts)}{_how_made(sweep)}."


def _how_made(sweep: Sweep) -> str:
    """Says from how many reviews and over which seeds they learned, and where these runs learn from fewer."""
    try:
        baselines = read_baselines(sweep.corpora[0])
        learned_from = reviews_of_baselines(sweep.corpora[0])["training"]
    except (BaselineError, KeyError):
        return ""
    split = split_in_words(baselines)
    fewer = sorted({point.config.training.reviews for point in sweep.points()})
    counts = " and ".join(f"{count:,}" for count in fewer)
    apart = f"; these runs from {counts}" if fewer[0] < learned_from else ""
    return f" (learned from {learned_from:,} {sweep.base.corpus.nouns.texts}{split}{apart})"
