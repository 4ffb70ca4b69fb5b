"""What runs are called in a list of them."""

from collections.abc import Sequence

from rnn_core.runs.naming import distinct_names, short_names
from rnn_core.runs.run import Run


def names_of(runs: Sequence[Run]) -> dict[str, str]:
    """Id -> the part of a run's name in which it differs from the others, no two the same."""
    names = distinct_names({run.id: run.title for run in runs})
    return dict(zip(names, short_names([*names.values()]), strict=True))
