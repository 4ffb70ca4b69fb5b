"""A finished run -> a pretrained model with its card, which has the command that trains it."""

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from safetensors.torch import save as safetensors_bytes

from rnn_core.cell_files.declared import check_may_travel, typed_name
from rnn_core.cell_files.typed import is_typed
from rnn_core.config.run import RunConfig, all_settings, defaults_for
from rnn_core.config.setting import flag
from rnn_core.config.tasks import TASKS
from rnn_core.config.words import network_in_words
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.errors import ConfigError, RunError
from rnn_core.files import check_spares, whole_folder, write_json, write_whole
from rnn_core.models.catalogue import check_model_name
from rnn_core.models.folder import CARD, CONFIG, HISTORY, SCORES, VOCABULARY, WEIGHTS
from rnn_core.models.model import Model, evaluate
from rnn_core.paths import pretrained_folder
from rnn_core.refusals import listing
from rnn_core.runs import process
from rnn_core.runs.run import FINISHED, Run
from rnn_core.runs.store import Store
from rnn_core.tasks.task import KeepGoing, task_of
from rnn_core.training.records import Record, kept_evaluation, read_history

MOST_STEPS = 1_500
"""Optimizer steps that a published history has at most; a chart shows fewer points."""
_PATIENCE = 10.0  # seconds; another publishing takes one


def publish(
    store: Store,
    run_id: str,
    name: str,
    weakness: str,
    *,
    replace: bool = False,
    most_steps: int = MOST_STEPS,
    half: bool = False,
    keep_going: KeepGoing = lambda share: True,
) -> Path:
    """Copy a finished run into the pretrained models under `name`, and write its card.

    `weakness` is a sentence on what the model is not good at. With `replace` a model of that name gives way,
    whole or not at all. Of its optimizer steps the history keeps `most_steps`. With `half` its weights are
    rounded to 16 bits, and what came of that is scored on the test texts, `keep_going` asked meanwhile: the
    scores of the run itself aren't needed then.
    Raises RunError for what can't be published, ModelFolderError for the name.
    """
    check_model_name(name)
    run = store.runs.get(run_id)
    if run.state != FINISHED:
        raise RunError(f"Run {run.id} is {run.state}; only a finished run can become a pretrained model.")
    if not task_of(run.config).can_be_read:
        raise RunError(
            f"Run {run.id} was trained for {TASKS[run.config.task].label}, and what it says along a text "
            "can't be looked at, as a pretrained model can."
        )
    try:
        check_may_travel(run.config.model.cell)
    except ConfigError as error:
        raise RunError(f"Run {run.id} can't become a pretrained model. {error}") from error
    if name in run.config.teachers:
        raise RunError(f"Run {run.id} learned from a network called {name}; give it another name.")
    folder = pretrained_folder() / name
    check_spares(folder, [store.folder(run_id)])
    others = "Another window is publishing a model just now. Wait until it is done, then try again."
    with process.alone(pretrained_folder().with_suffix(".lock"), others, _PATIENCE):
        pretrained_folder().mkdir(exist_ok=True)
        _mend(folder)
        if folder.exists() and not replace:
            raise RunError(
                f"There is a pretrained model called {name} already. Take another name, or put the run in "
                "its place with --replace."
            )
        with whole_folder(folder) as new:
            _copy_run(store.folder(run_id), new, () if half else (SCORES,))
            records = read_history(new, run.config.model.variant)
            _check_complete(run, records, is_scored_here=half)
            if half:
                run = dataclasses.replace(run, scores=_halve(new, keep_going))
            write_json(
                new / HISTORY, [record.to_dict() for record in _enough_for_curves(records, most_steps)]
            )
            write_whole(new / CARD, card(run, name, records, weakness).encode())
    return folder


def _mend(folder: Path) -> None:
    """Put a model back, and clear away the rest, where a publishing in its place was killed."""
    for left in folder.parent.glob(f".{folder.name}.*"):
        if (left / "old").exists() and not folder.exists():
            (left / "old").rename(folder)
        shutil.rmtree(left, ignore_errors=True)


def _check_complete(run: Run, records: list[Record], *, is_scored_here: bool) -> None:
    """Raise RunError where a run, an imported one perhaps, lacks what its card says of it."""
    texts, score = run.config.corpus.nouns.texts, task_of(run.config).score
    lacking = [] if run.scores or is_scored_here else [f"its scores on the test {texts}"]
    if run.validation_accuracy is None:
        lacking.append(f"its {score.name} on the validation {texts}")
    if not any(record.kind == "validation" for record in records):
        lacking.append("an evaluation in its history")
    if lacking:
        raise RunError(f"Run {run.id} lacks {lacking[0]}, which the card of a pretrained model says.")


def _copy_run(run: Path, model: Path, more: Sequence[str]) -> None:
    """Copy what a model is made of into the folder `model`, and `more` files. Raises RunError where one is
    missing.
    """
    for file in (CONFIG, VOCABULARY, WEIGHTS, HISTORY, *more):
        try:
            shutil.copyfile(run / file, model / file)
        except FileNotFoundError as error:
            raise RunError(
                f"Run {run.name} has no {file}, so it can't become a pretrained model. "
                "Train it again to the end."
            ) from error


def _halve(folder: Path, keep_going: KeepGoing) -> dict[str, Any]:
    """Keep the weights of a model in 16 bits; return its scores on the test texts, kept in their place."""
    path = folder / WEIGHTS
    weights = {name: of.half() if of.is_floating_point() else of for name, of in load_file(path).items()}
    write_whole(path, safetensors_bytes(weights))
    model = Model.load(folder, None)
    scores = evaluate(model, load_corpus(model.config.corpus), keep_going=keep_going).scores.to_dict()
    write_json(folder / SCORES, scores)
    return scores


def _enough_for_curves(records: list[Record], most_steps: int) -> list[Record]:
    """Every evaluation, event and written text, and every so many of the other steps: it is committed."""
    steps = sum(record.kind == "training" for record in records)
    every = -(-steps // most_steps)
    return [
        record
        for record in records
        if record.kind != "training"
        or record.rate_event
        or record.thread_event
        or record.written
        or record.optimizer_step % every == 0
    ]


def training_command(config: RunConfig) -> str:
    """The command that trains this configuration: the settings that are not bare, or not recommended.

    With both named, a card stays right when a default gets another value.

    >>> training_command(recommended_config("verdict").with_settings(cell="lstm", start_token=False))
    'python -m rnn_core train --data verdict --no-start-token --cell lstm'
    """
    named: set[str] = set()
    nothing = dataclasses.replace(config, **defaults_for(config.task))
    bare = nothing.with_settings(**config.corpus.bare)
    for others in (bare, recommended_config(config.data, config.identity, config.task)):
        named |= config.differences(others).keys()
    values = config.values()
    flags = [flag(name, known.typed(values[name])) for name, known in all_settings().items() if name in named]
    return " ".join(["python -m rnn_core train", flag("data", config.data), *flags])


def card(run: Run, name: str, records: list[Record], weakness: str) -> str:
    """The model card as Markdown: the command, the scores, the seconds, what it is not good at."""
    loss = "not a finite number" if run.scores["loss"] is None else f"{run.scores['loss']:.4f} nats"
    evaluations, task = [record for record in records if record.kind == "validation"], task_of(run.config)
    text, model, training = run.config.text, run.config.model, run.config.training
    network = network_in_words(model)
    texts = run.config.corpus.nouns.texts
    part = "windows of" if text.reads_all else "the last" if text.truncation == "pre" else "the first"
    threads = training.threads or "all cores but one"
    if training.keep == "best":
        weights = f"those of the best evaluation on the validation {texts}"
    else:
        weights = "those at the end of the training"
    kept = kept_evaluation(evaluations, run.config)
    score, rows = task.score, {"Test loss": loss}
    rows[f"Validation {score.name}"] = (
        f"{run.validation_accuracy:{score.in_full}}, after {kept.epoch:.2f} epochs"
    )
    rows["Training"] = f"{records[-1].seconds:,.0f} s, threads: {threads}, seed {training.seed}"
    rows |= {_inert(what): found for what, found in task.card_rows(run.config, run.scores).items()}
    value = f"{run.scores[score.field]:{score.in_full}} {'of' if score.is_share else 'on'}"
    rows = {f"Test {score.name}": f"{value} {run.scores['reviews']:,} {texts}, scored once", **rows}
    table = "\n".join(f"| {what} | {found} |" for what, found in rows.items())
    return f"""# {name}

{network[0].upper()}{network[1:]} that reads {part} {text.max_length} tokens of {_reads(run.config)}.

| | |
|---|---|
{table}

{_equations(run.config)}Trained with

    {training_command(run.config)}

and copied here with `python -m rnn_core runs publish`.{_teachers(run.config)} The weights are {weights}.
{_held_out(run.config)} `config.json` holds every
setting, `history.json` the curves.

## Where these scores hold

{_limits(run.config)}{_carries(run.config)}

## What it is not good at

{weakness}
"""


def _equations(config: RunConfig) -> str:
    """Returns the equations of a typed cell, which the command knows by name once it is saved; else empty."""
    cell = config.model.cell
    if not is_typed(cell):
        return ""
    lines = cell.replace("\n", "\n    ")
    return f"The equations of its cell, to be saved as `{typed_name(cell)}.txt`:\n\n    {lines}\n\n"


def _reads(config: RunConfig) -> str:
    """Describe its input and its output."""
    if config.corpus.reads:
        return config.corpus.reads
    names = ", ".join(f"*{_inert(name)}*" for name in config.classes)
    return f"a {config.corpus.nouns.text} and says of which of\n{len(config.classes)} classes it is: {names}"


def _held_out(config: RunConfig) -> str:
    """Sentences on the texts that a network did not learn from."""
    texts = config.corpus.nouns.texts
    held_out = f"It did not learn from the validation {texts}"
    return f"{held_out}." if config.corpus.splits_overlap else f"{held_out}, a tenth of the training {texts}."


def _limits(config: RunConfig) -> str:
    """Describe the limits of its scores."""
    corpus, texts = config.corpus, config.corpus.nouns.texts
    if corpus.splits_overlap:
        return (
            f"On {corpus.phrase}: its test {texts} are drawn as those were that it learned from,\n"
            "and the short ones stand among them."
        )
    return (
        f"On {corpus.phrase}: its test {texts} are of the same kind as those it learned from. On texts from\n"
        "elsewhere it does worse."
    )


def _inert(name: str) -> str:
    """The name of a class without meaning as Markdown or HTML."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#+-.!|&$~" else sign for sign in name)


def _carries(config: RunConfig) -> str:
    if not config.corpus.is_private:
        return ""
    return (
        "\n\nIts `vocabulary.txt` holds the most frequent words of the texts it learned from. If these are "
        "private, so is the model."
    )


def _teachers(config: RunConfig) -> str:
    if not config.teachers:
        return ""
    names = listing([f"`{name}`" for name in config.teachers])
    return f" It also learned the answers of {names}, which must be trained before it."
