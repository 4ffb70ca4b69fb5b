"""Which baselines stand beside the runs of a sweep, in a sentence: of which reviews, and their numbers."""

from collections.abc import Mapping, Sequence

from pages.components.bars import MEASURES
from rnn_core.config import default_config
from rnn_core.experiments.bar_scores import BarsError, read_bars
from rnn_core.experiments.sweep import Sweep
from rnn_core.figures.layout import in_sight

_REVIEWS = {"validation_accuracy": "validation", "test_accuracy": "test"}


def baselines_in_words(
    sweep: Sweep, lines: Mapping[str, float], measure: str, values: Sequence[float]
) -> str:
    """A sentence on the lines beside these accuracies; "" where there are none."""
    if measure not in MEASURES or not lines:
        return ""
    drawn, below = in_sight(lines, values)
    parts = [
        f"{intro}{', '.join(f'{name} {value:.1%}' for name, value in some.items())}"
        for intro, some in (("", drawn), ("below the picture: ", below))
        if some
    ]
    return (
        f"Dotted: baselines, which count words, on the same {_REVIEWS[measure]} reviews: {'; '.join(parts)}"
        f"{_how_made(sweep)}."
    )


def _how_made(sweep: Sweep) -> str:
    """Over which seeds, and from how many reviews where the runs learn from fewer."""
    if len(sweep.corpora) > 1:
        return ""
    try:
        baselines = read_bars(sweep.corpora[0])
    except BarsError:
        return ""
    seeds = sorted({score.seed for baseline in baselines for score in baseline.scores})
    if not seeds:
        return ""
    all_reviews = default_config(sweep.base.data).training.reviews
    fewer = min(point.config.training.reviews for point in sweep.points()) < all_reviews
    words = " and ".join(map(str, seeds))
    learned = ", trained on all training reviews, where these runs learn from fewer" if fewer else ""
    return f" (means over the seeds {words}{learned})"
