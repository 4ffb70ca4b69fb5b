"""The card of a pretrained model, and the command that trains it."""

import math

from rnn_core.config.run import RunConfig, default_config, plain_config
from rnn_core.config.setting import flag
from rnn_core.runs.run import Run
from rnn_core.symbols import declaration
from rnn_core.training.records import Record


def training_command(config: RunConfig) -> str:
    """The command that trains this configuration: the settings that are not plain, or not the defaults.

    With both named, a card stays right when a default gets another value.

    >>> training_command(default_config("verdict").with_settings(cell="lstm", start_token=False))
    'python -m rnn_core train --data verdict --no-start-token --cell lstm'
    """
    named: set[str] = set()
    for others in (plain_config(config.data), default_config(config.data)):
        named |= config.differences(others).keys()
    flags = [flag(name, value) for name, value in config.values().items() if name in named]
    return " ".join(["python -m rnn_core train", flag("data", config.data), *flags])


def card(run: Run, name: str, records: list[Record], weakness: str) -> str:
    """The model card as Markdown: the command, the scores, the seconds, what it is not good at."""
    (negatives, false_positives), (false_negatives, positives) = run.scores["confusion"]
    loss = "not a finite number" if run.scores["loss"] is None else f"{run.scores['loss']:.4f} nats"
    evaluations = [record for record in records if record.kind == "validation"]
    text, model, training = run.config.text, run.config.model, run.config.training
    noun = declaration(model.cell).noun
    cell = f"{noun[0].upper()}{noun[1:]}"
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

and copied here with `python -m rnn_core runs publish`.{_teachers(run.config)} The weights are {weights}.
It did not learn from the validation reviews, a tenth of the training reviews. `config.json` holds every
setting, `history.json` the curves.

## Where these scores hold

On {reviews}: its test reviews are of the same kind as those it learned from. On texts from elsewhere it
is right less often.

## What it is not good at

{weakness}
"""


def _teachers(config: RunConfig) -> str:
    if not config.teachers:
        return ""
    *most, last = (f"`{name}`" for name in config.teachers)
    names = f"{', '.join(most)} and {last}" if most else last
    return f" It also learned the answers of {names}, which must be trained before it."
