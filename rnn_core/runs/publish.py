"""A finished run -> a pretrained model with its card."""

import json
import shutil
from pathlib import Path

from rnn_core.config import RunConfig, default_config
from rnn_core.models.catalogue import check_model_name
from rnn_core.models.folder import CARD, CONFIG, HISTORY, SCORES, VOCABULARY, WEIGHTS, write_whole
from rnn_core.paths import pretrained_folder
from rnn_core.runs.run import FINISHED, Run, RunError
from rnn_core.runs.store import Store
from rnn_core.training.records import Record


def publish(store: Store, run_id: str, name: str, weakness: str) -> Path:
    """Copy a finished run into the pretrained models under `name`, and write its card.

    `weakness` is a sentence on what the model is not good at. A model of that name is replaced. Raises
    RunError for a run that has not finished and ModelFolderError for a name that can't be a folder's.
    """
    check_model_name(name)
    run = store.get(run_id)
    if run.state != FINISHED:
        raise RunError(f"Run {run.id} is {run.state}; only a finished run can become a pretrained model.")
    folder = pretrained_folder() / name
    folder.mkdir(parents=True, exist_ok=True)
    for file in (CONFIG, VOCABULARY, WEIGHTS, HISTORY, SCORES):
        shutil.copyfile(store.folder(run_id) / file, folder / file)
    records = [Record.from_dict(values) for values in json.loads((folder / HISTORY).read_text())]
    write_whole(folder / CARD, card(run, name, records, weakness).encode())
    return folder


def training_command(config: RunConfig) -> str:
    """The command that trains this configuration: the settings that differ from the defaults.

    >>> training_command(default_config("verdict").with_settings(cell="lstm", start_token=False))
    'python -m rnn_core train --data verdict --no-start-token --cell lstm'
    """
    usual = default_config(config.data).values()
    words = ["python -m rnn_core train", f"--data {config.data}"]
    for name, value in config.values().items():
        flag = name.replace("_", "-")
        if value == usual[name]:
            continue
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            words.append(f"--{flag} {value}")
    return " ".join(words)


def card(run: Run, name: str, records: list[Record], weakness: str) -> str:
    """The model card as Markdown: the command, the scores, the seconds, what it is not good at."""
    (negatives, false_positives), (false_negatives, positives) = run.scores["confusion"]
    best = max((r for r in records if r.kind == "validation"), key=lambda r: (r.accuracy, -r.loss))
    text, model, training = run.config.text, run.config.model, run.config.training
    cell = {"elman": "plain Elman RNN", "gru": "GRU", "lstm": "LSTM"}[model.cell]
    part = "last" if text.truncation == "pre" else "first"
    threads = training.threads or "all cores but one"
    return f"""# {name}

A {cell} with {model.hidden_size} units that reads the {part} {text.max_length} tokens of an English film
review and says whether it is positive.

| | |
|---|---|
| Test accuracy | {run.scores["accuracy"]:.2%} of {run.scores["reviews"]:,} reviews, scored once |
| Test loss | {run.scores["loss"]:.4f} nats |
| Validation accuracy | {run.validation_accuracy:.2%}, after {best.epoch:.2f} epochs |
| Training | {records[-1].seconds:,.0f} s, threads: {threads}, seed {training.seed} |
| Positive reviews found | {positives:,} of {positives + false_negatives:,} |
| Negative reviews found | {negatives:,} of {negatives + false_positives:,} |

Trained with

    {training_command(run.config)}

and copied here with `python -m rnn_core runs publish`. The weights are those of the best evaluation on the
validation reviews, a tenth of the training reviews that it did not learn from. `config.json` holds every
setting, `history.json` the curves.

## What it is not good at

{weakness}
"""
