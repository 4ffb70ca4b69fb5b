"""A finished run -> a pretrained model with its card."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import filelock

from rnn_core.config.tasks import CLASSIFICATION
from rnn_core.errors import RunError
from rnn_core.files import check_spares, write_json, write_whole
from rnn_core.models.catalogue import check_model_name
from rnn_core.models.folder import CARD, CONFIG, HISTORY, SCORES, VOCABULARY, WEIGHTS
from rnn_core.paths import pretrained_folder
from rnn_core.runs.card import card
from rnn_core.runs.run import FINISHED, Run
from rnn_core.runs.store import Store
from rnn_core.training.records import Record, read_history

_MOST_STEPS = 1_500
"""Optimizer steps that a published history has; a chart shows fewer points."""
_PATIENCE = 10.0
"""Seconds; another publishing takes one."""


def publish(store: Store, run_id: str, name: str, weakness: str, *, replace: bool = False) -> Path:
    """Copy a finished run into the pretrained models under `name`, and write its card.

    `weakness` is a sentence on what the model is not good at. With `replace` a model of that name gives way,
    whole or not at all. Raises RunError for a run that has not finished or lacks something, where there is a
    model of that name or another window is publishing, and ModelFolderError for a name that can't be a
    folder's.
    """
    check_model_name(name)
    run = store.runs.get(run_id)
    if run.state != FINISHED:
        raise RunError(f"Run {run.id} is {run.state}; only a finished run can become a pretrained model.")
    if run.config.task != CLASSIFICATION:
        raise RunError(f"Run {run.id} classifies no texts, as pretrained models do.")
    if name in run.config.teachers:
        raise RunError(f"Run {run.id} learned from a network called {name}; give it another name.")
    folder = pretrained_folder() / name
    check_spares(folder, [store.folder(run_id)])
    with _alone():
        _mend(folder)
        if folder.exists() and not replace:
            raise RunError(
                f"There is a pretrained model called {name} already. Take another name, or put the run in "
                "its place with --replace."
            )
        # One level deeper than a model, so that an unfinished one is in no list.
        with tempfile.TemporaryDirectory(prefix=f".{name}.", dir=pretrained_folder()) as temporary:
            new, old = Path(temporary, "new"), Path(temporary, "old")
            _copy_run(store.folder(run_id), new)
            records = read_history(new, run.config.model.variant)
            _check_complete(run, records)
            write_json(new / HISTORY, [record.to_dict() for record in _enough_for_curves(records)])
            write_whole(new / CARD, card(run, name, records, weakness).encode())
            if folder.exists():
                folder.rename(old)
            new.rename(folder)
    return folder


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Keep other processes from publishing. Raises RunError where one does not come to its end."""
    pretrained_folder().mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(pretrained_folder().with_suffix(".lock"))
    try:
        lock.acquire(timeout=_PATIENCE)
    except filelock.Timeout as error:
        raise RunError(
            "Another window is publishing a model just now. Wait until it is done, then try again."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _mend(folder: Path) -> None:
    """Put a model back, and clear away the rest, where a publishing in its place was killed."""
    for left in folder.parent.glob(f".{folder.name}.*"):
        if (left / "old").exists() and not folder.exists():
            (left / "old").rename(folder)
        shutil.rmtree(left, ignore_errors=True)


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
    """Every evaluation and event, but of many optimizer steps only every so many: the file is committed."""
    steps = sum(record.kind == "training" for record in records)
    every = -(-steps // _MOST_STEPS)
    return [
        record
        for record in records
        if record.kind != "training" or record.rate_event or record.optimizer_step % every == 0
    ]
