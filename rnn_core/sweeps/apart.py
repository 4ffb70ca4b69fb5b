"""One run of a sweep in a process of its own, which has the code of its cell to itself.

It is given a folder with the settings and leaves there what it trained. All of that is read inertly, as if it
came from elsewhere: JSON, plain text and safetensors.
"""

import os
import tempfile
from pathlib import Path
from typing import Annotated, Any, TypedDict

import msgspec
from safetensors.numpy import load as read_weights
from safetensors.numpy import save as weights_bytes

from rnn_core.config.run import RunConfig
from rnn_core.errors import GatescopeError, RunError
from rnn_core.files import FormatError, from_json, write_json, write_whole
from rnn_core.models.folder import CONFIG, HISTORY, SCORES, VOCABULARY, WEIGHTS, kept_scores
from rnn_core.models.probing import RightShares
from rnn_core.runs import process
from rnn_core.runs.own_code import own_code
from rnn_core.shapes import Amount, Count, Line, Number
from rnn_core.sweeps.work import LostWorkerError, Trained, train_here
from rnn_core.text.vocabulary import Vocabulary
from rnn_core.training.records import read_history

COMMAND = "train-apart"
_TRAINED, _REFUSED, _LOG = "trained.json", "refused.json", "log"
_MOST_SAID = 2_000


class _Said(TypedDict):
    """What a process says of its training beside the files of the model."""

    outcome: Annotated[str, msgspec.Meta(pattern="^(finished|stopped early|diverged)$")]
    message: Annotated[str, msgspec.Meta(max_length=_MOST_SAID)]
    probes: RightShares | None
    validation_score: Number | None
    parameters: Annotated[int, msgspec.Meta(ge=0, le=10**12)]
    total_steps: Count
    machine: Line
    made: Line
    own_seconds: Amount


def train_apart(config: RunConfig) -> Trained:
    """Trains a run in a process that ends with it, and with this one.

    Raises RunError in the words of the process where it can't train it, LostWorkerError where it was killed.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / CONFIG).write_text(config.to_json(), encoding="utf-8")
        at_work = process.start_beside([COMMAND, str(folder), str(os.getpid())], folder / _LOG)
        try:
            status = at_work.wait()
        finally:
            at_work.kill()
            at_work.wait()
        if (folder / _REFUSED).exists():
            raise RunError(_read(folder / _REFUSED, str))
        if status != 0 or not (folder / _TRAINED).exists():
            raise LostWorkerError(f"the process of a run ended with {status}")
        return _trained(folder, config)


def train_in(folder: Path, parent: int) -> None:
    """The whole life of such a process: trains the run of a folder, and leaves there what it trained."""
    process.end_with(parent)
    config = RunConfig.from_json((folder / CONFIG).read_text(encoding="utf-8"))

    def give_up(sentence: str) -> None:
        """In another thread, while this one hangs."""
        try:
            write_json(folder / _REFUSED, sentence)
        finally:
            os._exit(1)

    try:
        with own_code(config.model.declared, give_up):
            trained = train_here(config)
    except GatescopeError as error:
        write_json(folder / _REFUSED, str(error))
        return
    write_json(folder / HISTORY, [record.to_dict() for record in trained.records])
    write_whole(folder / VOCABULARY, Vocabulary(trained.words).to_text().encode())
    write_whole(folder / WEIGHTS, weights_bytes(trained.weights))
    if trained.scores:
        write_json(folder / SCORES, trained.scores)
    said = {name: getattr(trained, name) for name in _Said.__annotations__}
    write_json(folder / _TRAINED, {**said, "probes": trained.probes and msgspec.to_builtins(trained.probes)})


def _trained(folder: Path, config: RunConfig) -> Trained:
    said: _Said = _read(folder / _TRAINED, _Said)
    return Trained(
        config=config,
        records=read_history(folder, config.model.variant, config.task),
        words=tuple(Vocabulary.from_text((folder / VOCABULARY).read_text(encoding="utf-8")).words),
        weights=read_weights((folder / WEIGHTS).read_bytes()),
        scores=dict(kept_scores(folder, config)),
        **said,
    )


def _read(path: Path, shape: Any) -> Any:
    try:
        return from_json(path.read_bytes(), shape)
    except FormatError as error:
        raise RunError(f"What the process of a run left in {path.name} can't be read: {error}.") from error
