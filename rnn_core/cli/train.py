"""`train`: a run in the foreground."""

import sys
from collections.abc import Mapping
from typing import Any

import click

from rnn_core.cell_files.traced import changed_since_check
from rnn_core.cli.command import Answer, command
from rnn_core.cli.options import Reviews, say_changed_in_vain
from rnn_core.cli.output import show_progress
from rnn_core.cli.runs import diagnoses, diagnosis_line
from rnn_core.config.run import RunConfig
from rnn_core.data.sources import prepare, recommended_config
from rnn_core.runs.run import DIVERGED, FAILED
from rnn_core.runs.store import Store
from rnn_core.runs.worker import run_in_foreground
from rnn_core.tasks.task import task_of
from rnn_core.training.device import slower_here
from rnn_core.training.teachers import check_teachers


@command("train", starts_from=recommended_config)
def train(*, data: Reviews = "imdb", name: str = "", **settings: Any) -> Answer:
    """Train a network here and now; Ctrl-C stops it and keeps what it learned.

    The run takes its place in the queue and appears in the app like any other. Its --cell may also be a file
    with the equations of a cell, ./mine.txt.

    --name: A name to find the run by.
    """
    config = asked_config(data, settings)
    say_changed_in_vain([config], recommended_config(data))
    check_teachers(config)
    if warning := slower_here(config.training.precision):
        click.echo(warning, err=True)
    if changed := changed_since_check(config.model.cell):
        click.echo(changed, err=True)
    show_progress(prepare(config.corpus))
    store = Store()
    run = store.create(config, name, foreground=True)
    click.echo(f"Run {run.id}", err=True)
    seconds = _follow(store, run.id)
    run = store.runs.get(run.id)
    score, said = task_of(run.config).score, f"Run {run.id}: {run.message.removesuffix('.')}."
    if run.validation_accuracy is not None:
        said += f" Validation {score.name} {run.validation_accuracy:{score.in_full}}."
    if run.scores:
        said += f" Test {score.name} {run.scores[score.field]:{score.in_full}}."
        said += f" {task_of(run.config).further_in_words(run.scores)}".rstrip()
    return Answer(
        {
            "run": run.id,
            "state": run.state,
            "message": run.message,
            f"validation_{score.field}": run.validation_accuracy,
            f"test_{score.field}": run.scores.get(score.field),
            "test_loss": run.scores.get("loss"),
            "optimizer_steps": run.optimizer_step,
            "seconds": round(seconds, 1),
        },
        said,
        *map(diagnosis_line, diagnoses(store, run)),
        code={FAILED: 1, DIVERGED: 3}.get(run.state, 0),
    )


def asked_config(data: str, settings: Mapping[str, Any]) -> RunConfig:
    """The default settings of these reviews, but for those that were given; the others are None."""
    given = {name: value for name, value in settings.items() if value is not None}
    return recommended_config(data).with_settings(**given)


def _follow(store: Store, run_id: str) -> float:
    """Train, drawing a bar on standard error; the seconds that the training took."""
    seconds = 0.0
    shown: dict[str, str] = {}
    bar: Any = None
    score = task_of(store.runs.get(run_id).config).score
    for record in run_in_foreground(store, run_id, lambda sentence: click.echo(sentence, err=True)):
        if bar is None:
            bar = click.progressbar(
                length=store.runs.get(run_id).total_steps,
                label="Training",
                file=sys.stderr,
                item_show_func=lambda _: "  ".join(shown.values()),
            )
        seconds = record.seconds
        shown[record.kind] = (
            f"{record.kind} loss {record.loss:.3f}, {score.name} {record.score:{score.number}}"
        )
        bar.update(record.optimizer_step - bar.pos, record)
    if bar is not None:
        bar.render_finish()
    return seconds
