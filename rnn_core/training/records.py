"""The records of a training as plain values, written and read."""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import msgspec

from rnn_core.cell_files.traced import cell_label
from rnn_core.cell_files.versions import name_in
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import CLASSIFICATION, TASKS
from rnn_core.files import FormatError, from_json, to_json
from rnn_core.models.folder import HISTORY, damaged, read_file
from rnn_core.refusals import shown
from rnn_core.shapes import Amount, Count, Number, Share
from rnn_core.symbols import CELLS
from rnn_core.tasks.task import task_named, task_of
from rnn_core.training.gradient_flow import InsideLook, Name, check_look

MOST_RECORDS = 400_000
"""The most records of a training: a thousand epochs of IMDB in batches of 64 take 352,000 optimizer steps."""
MOST_HISTORY_BYTES = 128_000_000
_MOST_VALUES = 8_000_000


@dataclass(frozen=True, slots=True)
class RateEvent:
    """A learning rate that was given by hand, in the record of the first optimizer step that takes it."""

    epoch: Annotated[float, msgspec.Meta(ge=0, le=1_000)]
    """Epochs done before it."""
    before: Number
    """The rate that this step would have taken otherwise."""
    rate: Number
    held: bool
    """True if the rate stays after that; otherwise the schedule goes on in proportion to it."""


@dataclass(frozen=True, slots=True)
class ThreadEvent:
    """A change of the number of threads, in the record of the first optimizer step with the new one."""

    epoch: Annotated[float, msgspec.Meta(ge=0, le=1_000)]
    """Epochs done before it."""
    before: Annotated[int, msgspec.Meta(ge=1, le=1_024)]
    threads: Annotated[int, msgspec.Meta(ge=1, le=1_024)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One optimizer step, or one evaluation of the validation reviews."""

    kind: Literal["training", "validation"]
    optimizer_step: Count
    """Optimizer steps done so far, this one included."""
    epoch: Annotated[float, msgspec.Meta(ge=0, le=1_000)]
    """Epochs done so far; 1.25 is a quarter into the second."""
    loss: Amount | None
    """Mean cross-entropy in nats, of the batch or of the validation reviews; None where it isn't finite."""
    accuracy: Share | None = None
    """Share of the batch or of the validation reviews; None where the task has other measures only."""
    seconds: Amount
    """The time of the training so far, evaluations included."""
    seconds_left: Number | None = None
    """The time until the test reviews are scored, by the pace so far."""
    gradient_norm: Amount | None = None
    """The norm before clipping; None for an evaluation, like those below."""
    learning_rate: Number | None = None
    rate_event: RateEvent | None = None
    """None where the learning rate goes on as before, and in the records of earlier versions."""
    thread_event: ThreadEvent | None = None
    """None where the number of threads stays as it was, and in the records of earlier versions."""
    tokens_per_second: Amount | None = None
    inside: InsideLook | None = None
    """The look of an evaluation at some validation reviews (`rnn_core.training.gradient_flow`)."""
    written: Annotated[str, msgspec.Meta(max_length=20_000)] | None = None
    """Text that the network wrote by then, where it says what comes next (`rnn_core.writing.text`)."""
    measures: Annotated[dict[Name, Number], msgspec.Meta(min_length=1, max_length=8)] | None = None
    """The numbers of a task that has others than accuracy."""
    scored_by: Name | None = None
    """Name of the score of its task; None where that is the first measure, or else the accuracy."""

    def __post_init__(self) -> None:
        """Raise ValueError where there is no score, or the parts of a look don't fit each other."""
        if self.accuracy is None and not self.measures:
            raise ValueError("it must have an accuracy, or the measures of its task")
        if self.scored_by is not None and self.scored_by not in self.fields:
            raise ValueError(f"it must have the {shown(self.scored_by)} that it is scored by")
        if self.inside is not None:
            check_look(self.inside)

    @classmethod
    def of(cls, fields: Mapping[str, float], score: str | None = None, **values: Any) -> Self:
        """A record with these numbers of its task: "loss", "accuracy" and others; one is its `score`."""
        measures = {name: value for name, value in fields.items() if name not in ("loss", "accuracy")}
        return cls(
            loss=fields["loss"],
            accuracy=fields.get("accuracy"),
            measures=measures or None,
            scored_by=None if score == "accuracy" and not measures else score,
            **values,
        )

    @property
    def fields(self) -> dict[str, float]:
        """The numbers of its task, by name."""
        known: dict[str, float | None] = {"loss": self.loss, "accuracy": self.accuracy}
        known |= self.measures or {}
        return {name: value for name, value in known.items() if value is not None}

    @property
    def score(self) -> float:
        """The number that its task goes by."""
        return self.fields[self.scored_by or next(iter(self.measures or ["accuracy"]))]

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON can hold it."""
        values, optional = dataclasses.asdict(self), ("written", "measures", "scored_by", "thread_event")
        return {name: value for name, value in values.items() if name not in optional or value is not None}

    def to_json(self) -> str:
        """The record as JSON."""
        return to_json(self.to_dict())


def read_records(text: bytes | str) -> list[Record]:
    """The records in a JSON list. Raises FormatError, with the number of the first that is wrong."""
    records: list[Record] = from_json(
        text, list[Record], each="record", most_bytes=MOST_HISTORY_BYTES, most_values=_MOST_VALUES
    )
    if len(records) > MOST_RECORDS:
        raise FormatError(f"it must hold at most {MOST_RECORDS:,} records, got {len(records):,}")
    return records


def read_training(text: bytes | str, cell: str, task: str = CLASSIFICATION) -> list[Record]:
    """The records in a JSON list if they are those of one training of this cell. Raises FormatError."""
    records = read_records(text)
    steps, epochs = 0, 0.0
    for number, record in enumerate(records, 1):
        if record.optimizer_step < steps or record.epoch < epochs:
            raise FormatError(
                f"record {number:,}: it must not come before the record in front of it, got optimizer step "
                f"{record.optimizer_step:,} after {steps:,} and epoch {record.epoch:g} after {epochs:g}"
            )
        steps, epochs = record.optimizer_step, record.epoch
    check_measures(records, task)
    check_looks((record.inside for record in records if record.inside is not None), cell)
    return records


def check_measures(records: Iterable[Record], task: str) -> None:
    """Raise FormatError where a record lacks the score of this task."""
    score = task_named(task).score.field
    if not all(score in record.fields for record in records):
        raise FormatError(f"each record of {TASKS[task].label} must have its {score}")


def read_history(folder: Path, cell: str, task: str = CLASSIFICATION) -> list[Record]:
    """The records of a model of this cell; none where none were kept. Raises ModelFolderError."""
    path = folder / HISTORY
    if not path.exists():
        return []
    try:
        return read_training(read_file(path, MOST_HISTORY_BYTES), cell, task)
    except FormatError as error:
        raise damaged(path, error) from error


def kept_evaluation(evaluations: Sequence[Record], config: RunConfig) -> Record:
    """Returns, of the evaluations of a training, at least one, that of the weights that it kept."""
    if config.training.keep != "best":
        return evaluations[-1]

    def known(record: Record) -> dict[str, float]:
        """The numbers of an evaluation; a loss that is not finite is worse than all others."""
        return {"loss": math.inf, **record.fields}

    is_better = task_of(config).is_better
    return reduce(lambda best, one: one if is_better(known(one), known(best)) else best, evaluations)


def check_looks(looks: Iterable[Mapping[str, Any]], cell: str) -> None:
    """Raise FormatError where the looks inside a training aren't those into one network of this cell."""
    first: Mapping[str, Any] | None = None
    states = CELLS[cell].carriers
    shares = tuple(symbol.letter for symbol in CELLS[cell].shares)
    for look in looks:
        first = first or look
        of_layers = [look, *look.get("below", [])]
        for (what, names), of_layer in product(
            (("gradients", states), ("norms", states), ("gates", shares)), of_layers
        ):
            found = of_layer[what]
            if set(found) != set(names) and not name_in(cell):  # code of before showed what it wanted
                raise FormatError(
                    f"the {what} inside must be those of {cell_label(cell)}, {', '.join(names)}, "
                    f"got {shown(', '.join(found))}"
                )
        if (
            look["distance"] != first["distance"]
            or look["weights"].keys() != first["weights"].keys()
            or len(of_layers) != 1 + len(first.get("below", []))
        ):
            raise FormatError("all looks inside must be into the same reviews and weights")
