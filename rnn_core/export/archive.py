"""A model as one zip file, which Gatescope imports as a run, and the one writer of such files.

`runs.transfer` gives it the runs of the store, and reads what it has written.
"""

import io
import tempfile
import zipfile
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from rnn_core.errors import ExportError, reason
from rnn_core.export.format import Exported, ModelFormat
from rnn_core.files import to_json
from rnn_core.models.folder import CONFIG, HISTORY, SCORES, VOCABULARY, WEIGHTS
from rnn_core.models.model import KeptModel, Model
from rnn_core.progress import Progress
from rnn_core.shapes import LONGEST_NAME, LONGEST_NOTE, Count, Number
from rnn_core.training.records import kept_evaluation, read_history

ABOUT = "run.json"
PACKING = "Packing"
_FILES = (CONFIG, VOCABULARY, WEIGHTS, HISTORY, SCORES)
_PIECE = 1_000_000  # bytes: they are packed within a twentieth of a second
_BEFORE_ALL = (1980, 1, 1, 0, 0, 0)
"""The time of every file inside, the first that a zip file can say: the same model gives the same bytes."""


Ended = Literal["finished", "stopped", "diverged", "failed"]
"""The state of a run that has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNotes:
    """A run's own words and numbers beside its files."""

    name: Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)]
    note: Annotated[str, msgspec.Meta(max_length=LONGEST_NOTE)]
    state: Ended
    message: Annotated[str, msgspec.Meta(max_length=LONGEST_NOTE)]
    validation_accuracy: Number | None
    """The score on the validation texts, of whichever task."""
    total_steps: Count


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DescribedModel(KeptModel):
    """A model of which more is known than its folder says."""

    about: RunNotes


def packed(files: Mapping[str, bytes], about: RunNotes) -> Generator[Progress, None, bytes]:
    """Packs the files of a model, and what is to be known of it, into the zip file that Gatescope imports."""
    in_order = {name: files[name] for name in _FILES if name in files}
    said = (to_json(asdict(about), separators=(",", ":")) + "\n").encode()
    return (yield from zipped({**in_order, ABOUT: said, **files}))


def zipped(files: Mapping[str, bytes]) -> Generator[Progress, None, bytes]:
    """Packs files into a zip file."""
    total, done = sum(map(len, files.values())), 0
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _BEFORE_ALL)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            entry.file_size = len(data)  # without it more than 2 GB would be refused
            with archive.open(entry, "w") as file:
                for begin in range(0, len(data), _PIECE):
                    piece = memoryview(data)[begin : begin + _PIECE]
                    file.write(piece)
                    done += len(piece)
                    yield Progress(PACKING, done, total)
    return content.getvalue()


def _make(models: Sequence[Model]) -> Generator[Progress, None, Exported]:
    [model] = models
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "model")
        try:
            model.save(folder)
            files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
        except OSError as error:
            raise ExportError(
                f"The files of {model.name} could not be put together in {temporary}: {reason(error)}. Free "
                "some disk space, then try again."
            ) from error
        about = _run_notes(model, folder)
    content = yield from packed(files, about)
    inside = [what for name, what in _IN_WORDS.items() if name in files]
    return Exported(
        files={"": content},
        said=(
            f"Inside: {', '.join(inside[:-1])} and {inside[-1]}; no text that it learned from.",
            "The weights are stored as they are, to the bit. Gatescope imports the file as a run, on Train or"
            " with `python -m rnn_core runs import FILE`.",
        ),
    )


_IN_WORDS = {
    CONFIG: "the settings",
    VOCABULARY: "the vocabulary",
    HISTORY: "the curves of its training",
    SCORES: "its scores",
    WEIGHTS: "the weights",
}
"""File -> what it is in a sentence."""


def _run_notes(model: Model, folder: Path) -> RunNotes:
    """Return what the keeper of a model knows of it, else what its history says."""
    if isinstance(model, DescribedModel):
        return model.about
    records = read_history(folder, model.config.model.variant, model.config.task)
    evaluations = [record for record in records if record.kind == "validation"]
    return RunNotes(
        name=model.name[:LONGEST_NAME],
        note="",
        state="finished",
        message="",
        validation_accuracy=kept_evaluation(evaluations, model.config).score if evaluations else None,
        total_steps=records[-1].optimizer_step if records else 0,
    )


ARCHIVE = ModelFormat(
    label="zip",
    suffix=".zip",
    mime="application/zip",
    help="To go on in Gatescope on another machine: settings, vocabulary, weights, history and scores, which "
    "Train imports as a run.",
    check=lambda models: None,
    make=_make,
)
