"""`runs`: what was trained, and what trains now."""

import dataclasses
import shutil
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import click

from rnn_core.cell_files.traced import cell_label
from rnn_core.cli.command import Answer, command
from rnn_core.cli.errors import need_checkout
from rnn_core.cli.options import Given, standard_input
from rnn_core.cli.output import check_can_write, scoring
from rnn_core.config.setting import flag
from rnn_core.config.tasks import TASKS
from rnn_core.errors import RunError
from rnn_core.runs.history import HOLD, PAUSE, RATE
from rnn_core.runs.publish import MOST_STEPS, publish
from rnn_core.runs.queue import give_command, outlook, resume, start_next, stop_all
from rnn_core.runs.queue import stop as stop_run
from rnn_core.runs.run import DIVERGED, RUNNING, Run
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import RUN_FORMATS, files_read, import_run, words_inside
from rnn_core.tasks.task import task_of
from rnn_core.training.diagnosis import Diagnosis, diagnose
from rnn_core.training.history import history


@click.group()
def runs() -> None:
    """List, show, pause, resume, stop, export, import, delete and publish runs."""


@command("list", runs)
def list_() -> Answer:
    """List every run, the newest first."""
    all_runs, lines = Store().runs.all(), []
    for run in all_runs:
        config, score = run.config, "-"
        if run.validation_accuracy is not None:
            score = f"{run.validation_accuracy:{task_of(config).score.number}}"
        lines.append(
            f"{run.id}  {run.state:<11}  {run.progress:>4.0%}  validation {score:>6}  "
            f"{config.data} {cell_label(config.model.cell)} "
            f"V={config.text.vocab_size} T={config.text.max_length}  "
            f"{run.title}"
        )
    none = "No runs yet. Start one with: python -m rnn_core train"
    return Answer([_to_dict(run) for run in all_runs], *(lines or [none]))


@command("show", runs)
def show(run_id: str) -> Answer:
    """Show one run: its state, scores and settings, and what goes wrong with it, if anything does."""
    store = Store()
    run = store.runs.get(run_id)
    found, task = diagnoses(store, run), task_of(run.config)
    scores = []
    if run.scores:
        scores = [f"{task.score.name} {run.scores[task.score.field]:{task.score.in_full}}"]
        scores += [one.in_words(run.scores) for one in task.further]
    has_classes = TASKS[run.config.task].needs_classes and not run.config.corpus.of_films
    below = "\n        "  # each further line of equations
    return Answer(
        {**_to_dict(run), "diagnoses": [dataclasses.asdict(diagnosis) for diagnosis in found]},
        f"{run.id}  {run.title}  {run.state}  {run.message}",
        *([f"  test {', '.join(scores)}"] if scores else []),
        *(f"  {diagnosis_line(diagnosis)}" for diagnosis in found),
        *([f"  classes: {', '.join(run.config.classes)}"] if has_classes else []),
        *(
            f"  {name.replace('_', ' ')}: {str(value).replace(chr(10), below)}"
            for name, value in run.config.values().items()
        ),
    )


@command("at-once", runs)
def at_once(count: int | None = None) -> Answer:
    """Say how many runs may train at the same time. COUNT sets another number."""
    store = Store()
    if count is not None:
        store.turns.set_at_once(count)
        start_next(store)
    return Answer({"at_once": store.turns.at_once()}, f"Runs that train at once: {store.turns.at_once()}")


@command("stop", runs)
def stop(run_ids: tuple[str, ...] = (), *, all_: bool = False) -> Answer:
    """Stop runs, keep what they learned and score it; waiting ones leave the queue.

    Asked again, a run ends without a score.

    --all: Every run that trains or waits.
    """
    if bool(run_ids) == all_:
        raise click.UsageError("Name the runs to stop, or give --all.")
    store = Store()
    if all_:
        stopped = [run.id for run in stop_all(store)]
    else:
        asked = [store.runs.get(run_id) for run_id in run_ids]
        stopped = [run.id for run in asked if stop_run(store, run.id, unscored=run.is_ending)]
    said = f"Asked to stop: {', '.join(stopped)}" if stopped else "No run was at work."
    return Answer({"stop_requested": stopped}, said)


@command("pause", runs)
def pause_(run_id: str) -> Answer:
    """Pause the run at work before its next optimizer step."""
    if not give_command(Store(), run_id, PAUSE):
        raise RunError(f"Run {run_id} is not at work.")
    return Answer({"pause_requested": run_id}, f"Asked to pause: {run_id}")


@command("rate", runs)
def rate_(run_id: str, rate: float | None = None, *, hold: bool = False, as_json: bool) -> Answer:
    """Show the learning rate of the run at work; RATE or --hold changes it for the next optimizer steps.

    --hold: Keep it to the end. Otherwise the schedule continues in proportion to it.
    """
    store = Store()
    run = store.runs.get(run_id)
    if run.state != RUNNING or not run.takes_steps:
        raise RunError(f"Run {run_id} takes no optimizer steps now, so it has no learning rate now.")
    now = outlook(store, run)
    if rate is not None or hold:
        rate = now.current_rate if rate is None else rate
        give_command(store, run_id, HOLD if hold else RATE, rate)
        now = now.with_rate(rate, hold)
    course = "held" if now.is_held else f"with a peak of {now.peak:.3g} still to come"
    said = {"learning_rate": now.current_rate, "held": now.is_held, "peak": now.peak, "warning": now.warning}
    sentence = f"Learning rate of the next optimizer step: {now.current_rate:.3g}, {course}"
    if now.warning and not as_json:
        click.echo(now.warning, err=True)
    return Answer({"run": run_id, **said}, sentence)


@command("resume", runs)
def resume_(run_id: str) -> Answer:
    """Resume a run that is paused, was interrupted or failed, from its last checkpoint."""
    resume(Store(), run_id)
    return Answer({"resume_requested": run_id}, f"Resumed: {run_id}")


@command("export", runs)
def export_(
    run_id: str,
    *,
    out: Annotated[Path, Given("", type=click.Path(dir_okay=False, writable=True, path_type=Path))],
    to: Annotated[str, Given(lambda: f"The format of the file: {', '.join(RUN_FORMATS)}.")] = "zip",
) -> Answer:
    """Write a run that has ended into one file: settings, vocabulary, weights, history, scores."""
    written, store = RUN_FORMATS[to], Store()
    sources = files_read(store, run_id)
    check_can_write(out, sources)
    written.write(out, sources, store, run_id)
    _say_what_is_inside(store, run_id)
    return Answer({"file": str(out)}, f"Wrote {out}")


def _say_what_is_inside(store: Store, run_id: str) -> None:
    """Say on standard error that a file carries words of private texts."""
    if inside := words_inside(store.folder(run_id), store.runs.get(run_id).config):
        click.echo(inside, err=True)


@command("import", runs)
def import_(
    file: Annotated[str, Given(type=click.Path(exists=True, dir_okay=False, allow_dash=True))],
) -> Answer:
    """Import a run from the zip file of `runs export`, after a check of all that is in it.

    FILE may be -, standard input.
    """
    with tempfile.TemporaryFile() if file == "-" else Path(file).open("rb") as opened:
        if file == "-":  # a zip file begins with its end, to which no pipe goes back
            shutil.copyfileobj(standard_input(), opened)
        run = import_run(Store(), opened)
    return Answer(_to_dict(run), f"Imported run {run.id}")


@command("delete", runs)
def delete(run_ids: tuple[str, ...]) -> Answer:
    """Delete runs that have ended, with their models."""
    store = Store()
    for run_id in run_ids:
        store.delete(run_id)
    return Answer({"deleted": run_ids}, f"Deleted {', '.join(run_ids)}")


@command("publish", runs)
def publish_(
    run_id: str,
    name: str,
    *,
    weakness: str,
    replace: bool = False,
    steps: Annotated[int, click.IntRange(1)] = MOST_STEPS,
    half: bool = False,
) -> Answer:
    """Copy a finished run into artifacts/pretrained/NAME, with a model card.

    --weakness: A sentence on what the model is not good at.
    --replace: Put it in the place of a model of this name.
    --steps: How many optimizer steps its history keeps at most, evenly spread.
    --half: Keep its weights in 16 bits, and score what comes of that on the test texts.
    """
    if not weakness.strip():
        raise click.UsageError("--weakness must be a sentence on what the model is not good at.")
    need_checkout("Publishing a model")
    store = Store()
    with scoring() if half else nullcontext(lambda share: True) as draw:
        folder = publish(
            store, run_id, name, weakness, replace=replace, most_steps=steps, half=half, keep_going=draw
        )
    _say_what_is_inside(store, run_id)
    return Answer({"folder": str(folder)}, f"Wrote {folder}")


def diagnoses(store: Store, run: Run) -> list[Diagnosis]:
    """Return what goes wrong with a run, as far as its history shows."""
    read = history(run.title, store.records.all(run.id), run.config.task)
    return diagnose(run.config, read, run.message if run.state == DIVERGED else "")


def diagnosis_line(diagnosis: Diagnosis) -> str:
    """Say what was seen, and the options of `train` that would change it."""
    options = " ".join(flag(name, value) for name, value in diagnosis.cure.items())
    said = f"{diagnosis.title}: {diagnosis.sentence}" + (f" Try: {options}" if options else "")
    return f"{said} Train it again and leave its learning rate alone." if diagnosis.without_changes else said


def _to_dict(run: Run) -> dict[str, object]:
    task = task_of(run.config)
    names = dict.fromkeys(("accuracy", task.score.field, "loss", "reviews"))
    scores = {name: run.scores[name] for name in names if name in run.scores}
    shown = ("name", "state", "paused", "message", "optimizer_step", "total_steps")
    return {
        "run": run.id,
        **{name: getattr(run, name) for name in shown},
        f"validation_{task.score.field}": run.validation_accuracy,
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(run.created)),
        "test": scores | task.further_scores(run.scores),
        "config": run.config.to_dict(),
    }
