"""A history as a table to read: what the curves show, in numbers."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from rnn_core.tasks.task import task_named
from rnn_core.training.history import Columns, History

_DISTANCES = (0, 10, 100)
"""Tokens from the last one at which the table has the gradient."""


def numbers(history: History) -> pd.DataFrame:
    """One row an evaluation: its scores, and those of the optimizer steps since the one before.

    Columns: epoch; of each measure of the task, such as loss and accuracy, the mean in training since the
    last evaluation, and that on validation; gradient norm (median since then); learning rate (the last one);
    and, where a look inside was taken, the mean norm of dL/dh at some distances from the last token. Before
    the first evaluation there is a single row of what was trained so far.
    """
    training, validation = history.training, history.validation
    ends = validation["epoch"] if len(validation["epoch"]) else training["epoch"][-1:]
    edges = [0, *np.searchsorted(training["epoch"], ends, side="right").tolist()]
    spans = [slice(start, stop) for start, stop in pairwise(edges)]
    blank = np.full(len(ends), np.nan)
    looks = dict(history.inside)
    measured = {one.title.lower(): one.field for one in task_named(history.task).curves}
    return pd.DataFrame(
        {
            "epoch": ends,
            **{
                f"{part} {title}": column
                for title, field in measured.items()
                for part, column in (
                    ("training", _of_each(training, field, spans, np.mean)),
                    ("validation", validation[field] if len(validation["epoch"]) else blank),
                )
            },
            "gradient norm": _of_each(training, "gradient_norm", spans, np.median),
            "learning rate": _of_each(training, "learning_rate", spans, lambda rates: rates[-1]),
            **{
                f"‖dL/dh‖ {distance} tokens from the end": [
                    _gradient_at(looks[epoch], distance) if epoch in looks else None for epoch in ends
                ]
                for distance in _DISTANCES
                if looks
            },
        }
    )


def _of_each(columns: Columns, field: str, spans: Sequence[slice], of: Any) -> list[float | None]:
    return [float(of(columns[field][span])) if len(columns[field][span]) else None for span in spans]


def _gradient_at(look: Mapping[str, Any], distance: int) -> float | None:
    """The gradient in the group that holds this distance; None where no review is as long."""
    group = int(np.searchsorted(look["distance"], distance, side="right")) - 1
    return look["gradients"]["h"][group] if look["distance"][-1] >= distance else None
