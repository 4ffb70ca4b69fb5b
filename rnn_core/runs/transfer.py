"""A run as one zip file, to take along or hand on, and the way back.

What comes from elsewhere is read inertly and checked before anything is kept: JSON, plain text, safetensors.
"""

import io
import json
import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from rnn_core.models.folder import (
    CONFIG,
    HISTORY,
    SCORES,
    VOCABULARY,
    WEIGHTS,
    ModelFolderError,
    load_model,
    write_json,
)
from rnn_core.runs.run import DIVERGED, FAILED, FINISHED, STOPPED, Run, RunError, clean_name, clean_note
from rnn_core.runs.store import Store
from rnn_core.training.records import Record

ABOUT = "run.json"
_FILES = (CONFIG, VOCABULARY, WEIGHTS, HISTORY, SCORES, ABOUT)
_MOST_BYTES = 600_000_000
"""Of all files unpacked: the largest network that the settings allow, with its history."""


def export_run(store: Store, run_id: str) -> bytes:
    """The zip file of a run that has ended. Raises RunError where it has no model to take along."""
    run = store.get(run_id)
    folder = store.folder(run_id)
    if run.active or not (folder / WEIGHTS).exists():
        raise RunError(f"Run {run_id} has no model yet: it can be exported once it has ended with one.")
    with tempfile.TemporaryDirectory() as temporary:
        about = Path(temporary, ABOUT)
        write_json(about, _about(run))
        history = Path(temporary, HISTORY)
        write_json(history, [record.to_dict() for record in store.records(run_id).records])
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in _FILES:
                path = {ABOUT: about, HISTORY: history}.get(name, folder / name)
                if path.exists():
                    archive.write(path, name)
        return packed.getvalue()


def _about(run: Run) -> dict[str, Any]:
    return {
        "name": run.name,
        "note": run.note,
        "state": run.state if run.state in (FINISHED, STOPPED, DIVERGED) else FAILED,
        "message": run.message,
        "validation_accuracy": run.validation_accuracy,
        "total_steps": run.total_steps,
    }


def import_run(store: Store, file: BinaryIO) -> Run:
    """Take in what `export_run` gave, as a run of its own. Raises RunError, in words, for anything else."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "imported")
        folder.mkdir()
        _unpack(file, folder)
        try:
            model = load_model(folder)
            records = [Record.from_dict(values) for values in model.history]
            about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
            run = _checked(about)
        except ModelFolderError as error:
            raise RunError(f"This file holds no run that can be read. {error}") from error
        except (OSError, ValueError, TypeError, KeyError, OverflowError) as error:
            raise RunError(f"This file holds no run that can be read: {error}.") from error
        return store.take_in(folder, model.config, records, model.scores, run)


def _unpack(file: BinaryIO, folder: Path) -> None:
    """The known files of an archive, and no others, wherever it says that they go."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = {entry.filename: entry for entry in archive.infolist() if entry.filename in _FILES}
            if sum(entry.file_size for entry in entries.values()) > _MOST_BYTES:
                raise RunError(
                    f"This file unpacks to more than {_MOST_BYTES / 1e6:,.0f} MB, which no run needs."
                )
            for name, entry in entries.items():
                with archive.open(entry) as packed, (folder / name).open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked)
    except (
        zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, RuntimeError, ValueError,
    ) as error:  # fmt: skip
        raise RunError(f"This is no zip file of a run, or it is damaged: {error}.") from error


def _checked(about: Any) -> dict[str, Any]:
    """What a run says of itself, each value of its type. Raises an error of Python where one is not."""
    if not isinstance(about, dict) or about["state"] not in (FINISHED, STOPPED, DIVERGED, FAILED):
        raise ValueError(f"{ABOUT} must say how the run ended")
    accuracy = about["validation_accuracy"]
    return {
        "name": clean_name(str(about["name"])),
        "note": clean_note(str(about["note"])),
        "state": about["state"],
        "message": clean_note(str(about["message"])),
        "validation_accuracy": None if accuracy is None else float(accuracy),
        "total_steps": int(about["total_steps"]),
    }
