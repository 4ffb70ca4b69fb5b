"""A run as one zip file: export and import.

What comes from elsewhere is read inertly and checked before anything is kept: JSON, plain text, safetensors.
A small zip file can stand for gigabytes, so nothing in it is believed of its size: each file is unpacked up
to a bound, the small ones first, and the weights only as far as the settings need them.
"""

import io
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, BinaryIO, TypedDict

from rnn_core.cell_files.folder import CellFile
from rnn_core.cell_files.traced import run_files
from rnn_core.cell_files.typed import is_typed
from rnn_core.cell_files.versions import IN_A_RUN, keep, name_in
from rnn_core.config.identity import look_alike
from rnn_core.config.run import RunConfig
from rnn_core.errors import CellError, ModelFolderError, RunError, reason
from rnn_core.export.archive import ABOUT, DescribedModel, Ended, RunNotes, packed
from rnn_core.export.format import Format
from rnn_core.files import FormatError, from_json, to_json
from rnn_core.models.folder import (
    CONFIG,
    HISTORY,
    MOST_BYTES,
    SCORES,
    VOCABULARY,
    WEIGHTS,
    check_model,
    kept_scores,
    read_config,
    read_words,
)
from rnn_core.models.model import KeptModel, Model
from rnn_core.models.weights import weights_bytes
from rnn_core.progress import finish
from rnn_core.refusals import shown
from rnn_core.registry import Registry
from rnn_core.runs.run import DIVERGED, FINISHED, STOPPED, Run, clean_name, clean_note
from rnn_core.runs.store import Store
from rnn_core.shapes import LONGEST_NOTE
from rnn_core.tables.source import Bounded, wrongly_packed
from rnn_core.tasks.task import task_of
from rnn_core.training.records import MOST_HISTORY_BYTES, read_history

_SMALL_FILES = {**MOST_BYTES, ABOUT: 100_000, HISTORY: MOST_HISTORY_BYTES}
_FILES = (CONFIG, VOCABULARY, WEIGHTS, SCORES, IN_A_RUN)
_UNPACKED_ANYWAY = 64_000_000
_MOST_TIMES = 50
"""Most times as long as a zip file that its content may be; that of a run is 1.1 to 4 times."""
_MOST_UNKNOWN = 400_000_000
"""Bytes of the weights of a network of which nobody may ask how many it has."""
_MOST_AT_ONCE = 2_000_000
"""Bytes that are read of a zip file in one piece: only a list of files would be longer, of thousands."""
_PIECE = 1_000_000
_DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, RuntimeError, ValueError)
_NO_RUN = "This file holds no run that can be read"
_MANY_FILES = "This file lists more files than any run has."

_ENDED: dict[str, Ended] = {FINISHED: "finished", STOPPED: "stopped", DIVERGED: "diverged"}


class _OfModel(TypedDict):
    cell: str


class _NamesCell(TypedDict):
    """The part of the settings that names a cell."""

    model: _OfModel


def export_run(store: Store, run_id: str) -> bytes:
    """The zip file of a run that has ended. Raises RunError where it has no model to export."""
    run = check_has_model(store, run_id)
    folder = store.folder(run_id)
    files = {name: (folder / name).read_bytes() for name in _FILES if (folder / name).exists()}
    records = [record.to_dict() for record in store.records.all(run_id)]
    files[HISTORY] = (to_json(records, separators=(",", ":")) + "\n").encode()
    return finish(packed({**run_files(run.config.model.cell), **files}, _run_notes(run)))


def check_has_model(store: Store, run_id: str) -> Run:
    """Returns a run that has ended with a model. Raises RunError for another one."""
    run, folder = store.runs.get(run_id), store.folder(run_id)
    if run.active or not (folder / WEIGHTS).exists():
        raise RunError(f"Run {run_id} has no model yet: it can be exported once it has ended with one.")
    if missing := next((name for name in (CONFIG, VOCABULARY) if not (folder / name).exists()), ""):
        raise RunError(f"Run {run_id} has no {missing} any more, so it can't be exported. It can be deleted.")
    return run


def _run_notes(run: Run) -> RunNotes:
    return RunNotes(
        name=run.name,
        note=run.note,
        state=_ENDED.get(run.state, "failed"),
        message=run.message[:LONGEST_NOTE],
        validation_accuracy=run.validation_accuracy,
        total_steps=run.total_steps,
    )


def model_to_export(store: Store, folder: Path) -> KeptModel:
    """Reads a model for its export: of a run with what the store knows of it, its name among that.

    Raises RunError for a run that has not ended with a model, else what `Model.load` does.
    """
    run = check_has_model(store, folder.name) if folder.parent == store.root else None
    return described_model(run, Model.load(folder, task=None))


def described_model(run: Run | None, model: KeptModel) -> KeptModel:
    """Returns a model with what the store knows of its run; another model as it is."""
    if run is None:
        return model
    known = {field.name: getattr(model, field.name) for field in fields(model)}
    return DescribedModel(**{**known, "name": run.title}, about=_run_notes(run))


RUN_FORMATS: Registry[Format[[Store, str]]] = Registry(
    "format of a run",
    {
        "zip": Format(
            label="zip",
            suffix=".zip",
            mime="application/zip",
            content=export_run,
            help="Settings, vocabulary, weights, history and scores in one file.",
        )
    },
)
"""Formats in which a run that has ended is exported, with its model."""


def files_read(store: Store, run_id: str) -> tuple[Path, ...]:
    """The files that a run is read from: its folder's, and the store's own."""
    return (*store.folder(run_id).glob("*"), *store.root.glob("*"))


def words_inside(folder: Path, config: RunConfig) -> str:
    """A sentence that the file of a run or model carries words of private texts; empty for public ones."""
    if not config.corpus.is_private:
        return ""
    specials = len(task_of(config).specials)
    try:
        with (folder / VOCABULARY).open(encoding="utf-8") as file:
            count = max(sum(1 for _ in file) - specials, 0)
    except (OSError, UnicodeDecodeError):
        count = config.text.vocab_size - specials
    what = "words" if config.tokens.unit == "words" else "characters"
    return f"The file holds the vocabulary: the {count:,} most frequent {what} of the texts."


def import_run(store: Store, file: BinaryIO) -> Run:
    """Take in what `export_run` gave, as a run of its own. Raises RunError, in words, for anything else."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "imported")
        folder.mkdir()
        try:
            _unpack(file, folder)
            config = read_config(folder)
            scores = _checked_scores(folder, config)
            records = read_history(folder, config.model.variant, config.task)
        except ModelFolderError as error:
            raise RunError(f"{_NO_RUN}. {error}") from error
        about = _read_about(folder / ABOUT)
        score = about.validation_accuracy
        if score is not None and task_of(config).score.is_share and not 0 <= score <= 1:
            wrong = f"validation_accuracy: it must be a number from 0 to 1, got {shown(score)}"
            raise RunError(f"{_NO_RUN}: {ABOUT}: {wrong}.")
        if name := look_alike(config.classes):  # which an earlier version took for two
            raise RunError(
                f"{_NO_RUN}: two of its classes look like {shown(name)}, and are written with other signs. "
                "Train it again on texts where they are one class."
            )
        return store.take_in(folder, config, records, scores, asdict(about))


def _checked_scores(folder: Path, config: RunConfig) -> Mapping[str, Any]:
    """The scores of a model that is as it says, as far as that can be known. Raises ModelFolderError."""
    try:
        return Model.load(folder, config.task).scores
    except CellError:  # its equations are not known
        check_model(folder, cells=False)
        return kept_scores(folder, config)


def _keep_cell(folder: Path) -> None:
    """Keeps the source that a run brings with it, so that its settings can be read. It never runs.

    Raises RunError where it is not the cell that the settings name, or can be no source.
    """
    if not (folder / IN_A_RUN).exists():
        return
    try:
        named = from_json((folder / CONFIG).read_bytes(), _NamesCell)["model"]["cell"]
        is_text = is_typed(named)  # so that its source is there to be shown alone
        name = "cell" if is_text else named.partition("@")[0]
        file = CellFile.of(folder / IN_A_RUN, (folder / IN_A_RUN).read_bytes(), name)
        if is_text:
            return
        if file.version != named:
            raise RunError(
                f"{_NO_RUN}: its {IN_A_RUN} is not the cell {shown(named)} that its {CONFIG} names."
            )
        keep(file, allow=False)
    except (FormatError, CellError, FileNotFoundError) as error:
        raise RunError(f"{_NO_RUN}: the cell that it brings can't be kept: {reason(error)}.") from error


def _check_cell_is_named_in_full(folder: Path, config: RunConfig) -> None:
    """Raise RunError where the settings name a cell by its file alone, another one on each machine."""
    named = from_json((folder / CONFIG).read_bytes(), dict[str, Any]).get("model", {}).get("cell")
    if named not in (None, config.model.cell) and not is_typed(named):
        raise RunError(f"{_NO_RUN}: its {CONFIG} names the cell {shown(named)} without its version.")


def _read_about(path: Path) -> RunNotes:
    try:
        about: RunNotes = from_json(path.read_bytes(), RunNotes)
    except FileNotFoundError as error:
        raise RunError(f"{_NO_RUN}: it has no {ABOUT}.") from error
    except FormatError as error:
        raise RunError(f"{_NO_RUN}: {ABOUT}: {error}.") from error
    return replace(
        about, name=clean_name(about.name), note=clean_note(about.note), message=clean_note(about.message)
    )


def _unpack(file: BinaryIO, folder: Path) -> None:
    """The known files of an archive, and no others, wherever it says that they go. Raises RunError."""
    try:
        with zipfile.ZipFile(Bounded(file, _MOST_AT_ONCE, RunError(_MANY_FILES))) as archive:
            room = max(_UNPACKED_ANYWAY, _MOST_TIMES * file.seek(0, io.SEEK_END))
            for name, most in _SMALL_FILES.items():
                room -= _unpack_one(archive, name, folder, most, room)
            _keep_cell(folder)
            config, vocabulary = read_words(folder)
            _check_cell_is_named_in_full(folder, config)
            K = task_of(config).classes(config, len(vocabulary))
            of_code = bool(name_in(config.model.cell))
            most = _MOST_UNKNOWN if of_code else weights_bytes(config.model, len(vocabulary), K)
            _unpack_one(archive, WEIGHTS, folder, most, room)
    except _DAMAGED as error:
        raise RunError(f"This is no zip file of a run, or it is damaged: {error}.") from error


def _unpack_one(archive: zipfile.ZipFile, name: str, folder: Path, most: int, room: int) -> int:
    """Unpack a file if it is there; its bytes, counted as they come. Raises RunError for too many."""
    if name not in archive.namelist():
        return 0
    entry = archive.getinfo(name)
    if wrong := wrongly_packed(entry):
        raise RunError(f"In this file {name} {wrong}.")
    written = 0
    with archive.open(entry) as packed, (folder / name).open("wb") as unpacked:
        while piece := packed.read(_PIECE):
            written += len(piece)
            if written > most:
                raise RunError(f"In this file {name} is longer than the {most:,} bytes that it can have.")
            if written > room:
                raise RunError(
                    f"This file unpacks to over {_MOST_TIMES} times its length, which no run does."
                )
            unpacked.write(piece)
    return written
