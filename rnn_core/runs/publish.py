"""A finished run -> a pretrained model with its card."""

import math
import shutil
import tempfile
from pathlib import Path

from rnn_core.config.run import RunConfig, default_config
from rnn_core.config.setting import flag
from rnn_core.errors import RunError
from rnn_core.files import write_json, write_whole
from rnn_core.models.catalogue import check_model_name
from rnn_core.models.folder import CARD, CONFIG, HISTORY, SCORES, VOCABULARY, WEIGHTS
from rnn_core.paths import pretrained_folder
from rnn_core.runs.run import FINISHED, Run
from rnn_core.runs.store import Store
from rnn_core.training.records import Record, read_history

_MOST_STEPS = 1_500
"""Optimizer steps of which a published history tells; a chart shows fewer points."""


def publish(store: Store, run_id: str, name: str, weakness: str, *, replace: bool = False) -> Path:
    """Copy a finished run into the pretrained models under `name`, and write its card.

    `weakness` is a sentence on what the model is not good at. With `replace` a model of that name gives way,
    whole or not at all. Raises RunError for a run that has not finished or lacks something, or where there is
    a model of that name, and ModelFolderError for a name that can't be a folder's.
    """
    check_model_name(name)
    run = store.get(run_id)
    if run.state != FINISHED:
        raise RunError(f"Run {run.id} is {run.state}; only a finished run can become a pretrained model.")
    folder = pretrained_folder() / name
    if folder.exists() and not replace:
        raise RunError(
            f"There is a pretrained model called {name} already. Take another name, or put the run in its "
            "place with --replace."
        )
    pretrained_folder().mkdir(parents=True, exist_ok=True)
    # One level deeper than a model, so that an unfinished one is in no list.
    with tempfile.TemporaryDirectory(prefix=".", dir=pretrained_folder()) as temporary:
        new, old = Path(temporary, "new"), Path(temporary, "old")
        _copy_run(store.folder(run_id), new)
        records = read_history(new, run.config.model.cell)
        _check_complete(run, records)
        write_json(new / HISTORY, [record.to_dict() for record in _enough_for_curves(records)])
        write_whole(new / CARD, card(run, name, records, weakness).encode())
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    return folder


def _check_complete(run: Run, records: list[Record]) -> None:
    """Raise RunError where a run, an imported one perhaps, lacks what its card says of it."""
    lacking = [] if run.scores else ["its scores on the test reviews"]
    if run.validation_accuracy is None:
        lacking.append("its accuracy on the validation reviews")
    if not any(record.kind == "validation" for record in records):
        lacking.append("an evaluation in its history")
    if lacking:
        raise RunError(f"Run {run.id} lacks {lacking[0]}, which the card of a pretrained model says.")


def _copy_run(run: Path, model: Path) -> None:
    """Copy what a model is made of into the new folder `model`. Raises RunError where a file is missing."""
    model.mkdir()
    for file in (CONFIG, VOCABULARY, WEIGHTS, HISTORY, SCORES):
        try:
            shutil.copyfile(run / file, model / file)
        except FileNotFoundError as error:
            raise RunError(
                f"Run {run.name} has no {file}, so it can't become a pretrained model. "
                "Train it again to the end."
            ) from error


def _enough_for_curves(records: list[Record]) -> list[Record]:
    """Every evaluation, but of many optimizer steps only every so many: the file is committed."""
    steps = sum(record.kind == "training" for record in records)
    every = -(-steps // _MOST_STEPS)
    return [record for record in records if record.kind != "training" or record.optimizer_step % every == 0]


def training_command(config: RunConfig) -> str:
    """The command that trains this configuration: the settings that differ from the defaults.

    >>> training_command(default_config("verdict").with_settings(cell="lstm", start_token=False))
    'python -m rnn_core train --data verdict --no-start-token --cell lstm'
    """
    changed = config.differences(default_config(config.data))
    flags = [flag(name, value) for name, value in changed.items()]
    return " ".join(["python -m rnn_core train", flag("data", config.data), *flags])


def card(run: Run, name: str, records: list[Record], weakness: str) -> str:
    """The model card as Markdown: the command, the scores, the seconds, what it is not good at."""
    (negatives, false_positives), (false_negatives, positives) = run.scores["confusion"]
    loss = "not a finite number" if run.scores["loss"] is None else f"{run.scores['loss']:.4f} nats"
    evaluations = [record for record in records if record.kind == "validation"]
    text, model, training = run.config.text, run.config.model, run.config.training
    cell = {"elman": "A plain Elman RNN", "gru": "A GRU", "lstm": "An LSTM"}[model.cell]
    size = f"{model.hidden_size} units" + (" in each direction" if model.bidirectional else "")
    reviews = "IMDB" if run.config.data == "imdb" else "the verdict corpus"
    part = "last" if text.truncation == "pre" else "first"
    threads = training.threads or "all cores but one"
    if training.keep == "best":
        weights = "those of the best evaluation on the validation reviews"
        kept = max(evaluations, key=lambda one: (one.accuracy, -math.inf if one.loss is None else -one.loss))
    else:
        weights = "those at the end of the training"
        kept = evaluations[-1]
    return f"""# {name}

{cell} with {size} that reads the {part} {text.max_length} tokens of an English film
review and says whether it is positive.

| | |
|---|---|
| Test accuracy | {run.scores["accuracy"]:.2%} of {run.scores["reviews"]:,} reviews, scored once |
| Test loss | {loss} |
| Validation accuracy | {run.validation_accuracy:.2%}, after {kept.epoch:.2f} epochs |
| Training | {records[-1].seconds:,.0f} s, threads: {threads}, seed {training.seed} |
| Positive reviews found | {positives:,} of {positives + false_negatives:,} |
| Negative reviews found | {negatives:,} of {negatives + false_positives:,} |

Trained with

    {training_command(run.config)}

and copied here with `python -m rnn_core runs publish`. The weights are {weights}.
It did not learn from the validation reviews, a tenth of the training reviews. `config.json` holds every
setting, `history.json` the curves.

## Where these scores hold

On {reviews}: its test reviews are of the same kind as those it learned from. On texts from elsewhere it
is right less often.

## What it is not good at

{weakness}
"""
