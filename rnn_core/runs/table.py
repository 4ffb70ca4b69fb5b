"""All runs side by side."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from rnn_core.runs.run import Run


def runs_table(runs: Iterable[Run], curves: Mapping[str, Sequence[float]] | None = None) -> pd.DataFrame:
    """One row a run, in the order given: state, scores, seconds, and the settings in which they differ.

    Settings that all runs share are left out, so that what is left is what sets them apart. `curves` are the
    validation accuracies over the training, by run id, to be drawn small in a column of their own.
    """
    runs = list(runs)
    table = pd.DataFrame(
        {
            "run": [run.id for run in runs],
            "name": [run.name for run in runs],
            "starred": [run.starred for run in runs],
            "state": [run.state for run in runs],
            **({} if curves is None else {"course": [list(curves.get(run.id, ())) for run in runs]}),
            "validation accuracy": pd.Series([run.validation_accuracy for run in runs], dtype="Float64"),
            "test accuracy": pd.Series([run.scores.get("accuracy") for run in runs], dtype="Float64"),
            "seconds": pd.Series([_seconds(run) for run in runs], dtype="Float64"),
        }
    )
    settings = pd.DataFrame([{"data": run.config.data, **run.config.values()} for run in runs])
    if any(run.note for run in runs):
        table["note"] = [run.note for run in runs]
    differing = [name for name in settings if settings[name].nunique() > 1]
    return table.join(settings[differing].rename(columns=lambda name: name.replace("_", " ")))


def _seconds(run: Run) -> float | None:
    return run.ended - run.started if run.started and run.ended else None
