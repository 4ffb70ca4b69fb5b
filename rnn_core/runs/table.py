"""Runs side by side."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from rnn_core.config.run import RunConfig, all_settings
from rnn_core.config.tasks import TASKS
from rnn_core.config.words import recipe_in_words, short_name
from rnn_core.models.folder import VOCABULARY
from rnn_core.runs.run import Run
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import Vocabulary, VocabularyError

_LABELS = {"data": "Texts from", "task": "Task", "recipe": "Recipe"} | {
    name: setting.label for name, setting in all_settings().items()
}


def runs_table(
    runs: Iterable[Run], names: Mapping[str, str], curves: Mapping[str, Sequence[float]] | None = None
) -> pd.DataFrame:
    """One row a run, in the order given: name, state, scores, seconds, and the settings in which they differ.

    `names` are by run id, and so are `curves`, the validation accuracies that are drawn small in a column.
    """
    runs = list(runs)
    table = pd.DataFrame(
        {
            "Run": [names[run.id] for run in runs],
            "Starred": [run.starred for run in runs],
            "State": [run.state for run in runs],
            **({} if curves is None else {"Course": [list(curves.get(run.id, ())) for run in runs]}),
            **_results(runs),
        }
    )
    table = table.join(settings_that_differ(runs))
    if any(run.note for run in runs):
        table["Note"] = [run.note for run in runs]
    return table.assign(Id=[run.id for run in runs])


def comparison(runs: Sequence[Run], names: Mapping[str, str], folders: Mapping[str, Path]) -> pd.DataFrame:
    """One row a run: results, and the settings in which they differ. `names` and `folders` are by run id."""
    parameters = [_parameters(run.config, folders[run.id]) for run in runs]
    results = _results(runs)
    seconds = results.pop("Seconds")
    return pd.DataFrame(
        {
            "Run": [names[run.id] for run in runs],
            **results,
            "Parameters": pd.Series(parameters, dtype="Int64"),
            "Seconds": seconds,
        }
    ).join(settings_that_differ(runs))


def settings_that_differ(runs: Iterable[Run]) -> pd.DataFrame:
    """One row a run: in some words how each was trained, and the settings, as far as they differ."""
    settings = pd.DataFrame(
        [
            {
                "data": run.config.corpus.title,
                "task": TASKS[run.config.task].label,
                "recipe": recipe_in_words(run.config),
                **run.config.values(),
            }
            for run in runs
        ],
        dtype=object,
    )
    differing = settings[[name for name in settings if settings[name].nunique() > 1]]
    named = differing.map(lambda value: short_name(value) if isinstance(value, str) else value)
    return named.infer_objects().rename(columns=_LABELS)


def _results(runs: Sequence[Run]) -> dict[str, pd.Series]:
    """Scores, those of one name in one column whatever the task, and how long the training took."""
    scores: dict[str, pd.Series] = {}
    tasks = [task_of(run.config) for run in runs]
    names = ["" if task.score.field == "accuracy" else f", {task.score.name}" for task in tasks]
    test = [run.scores.get(task.score.field) for run, task in zip(runs, tasks, strict=True)]
    for name in dict.fromkeys(names):
        scored = [one == name for one in names]
        scores[f"Validation{name}"] = _numbers(run.validation_accuracy for run in runs).where(scored)
        scores[f"Test{name}"] = _numbers(test).where(scored)
    needed = [task for run, task in zip(runs, tasks, strict=True) if task.needs_further(run.scores)]
    found = [task.further_scores(run.scores) for run, task in zip(runs, tasks, strict=True)]
    for one in dict.fromkeys(further for task in needed for further in task.further):
        scores[one.column] = _numbers(further.get(one.measure.field) for further in found)
    seconds = (run.ended - run.started if run.started and run.ended else None for run in runs)
    return {**scores, "Seconds": _numbers(seconds)}


def _numbers(values: Iterable[float | None]) -> pd.Series:
    return pd.Series(list(values), dtype="Float64")


def _parameters(config: RunConfig, folder: Path) -> int | None:
    """Numbers that the training adjusts; None until the run has learned its vocabulary."""
    try:
        vocabulary = Vocabulary.from_text((folder / VOCABULARY).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, VocabularyError):
        return None
    return task_of(config).parameters(config, len(vocabulary))
