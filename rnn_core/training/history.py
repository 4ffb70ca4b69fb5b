"""The records of a run as columns, for what draws or judges it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.tasks import CLASSIFICATION
from rnn_core.training.gradient_flow import at_layer
from rnn_core.training.records import RateEvent

FIELDS = ("optimizer_step", "epoch", "loss", "accuracy", "gradient_norm", "learning_rate")
"""What of a record becomes a column, beside the measures that its task has."""

Columns = Mapping[str, NDArray[np.float64]]

Seen = tuple[float, Mapping[str, Any]]
"""Epochs done, and what `rnn_core.training.gradient_flow` saw then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The records of a run as columns: field -> float array, one row a record; nan where it has none."""

    name: str
    task: str = CLASSIFICATION
    training: Columns
    validation: Columns
    rate_events: tuple[RateEvent, ...] = ()
    """The learning rates that were given by hand."""
    inside: tuple[Seen, ...] = ()
    """What was seen inside, at every evaluation at which a look was taken."""

    @property
    def layers(self) -> int:
        """How many layers were looked into."""
        return 1 + len(self.inside[-1][1].get("below", [])) if self.inside else 1

    def at_layer(self, layer: int) -> Self:
        """This history with what was seen inside of a layer, from 1; of its top one where it has fewer."""
        seen = tuple((epoch, at_layer(look, min(layer, self.layers))) for epoch, look in self.inside)
        return replace(self, inside=seen)


def history(name: str, records: Iterable[Any], task: str = CLASSIFICATION) -> History:
    """Sort records into columns. A record is a mapping, or has `to_dict` which gives one."""
    rows = [record if isinstance(record, Mapping) else record.to_dict() for record in records]
    return History(
        name=name,
        task=task,
        training=_columns([row for row in rows if row["kind"] == "training"]),
        validation=_columns([row for row in rows if row["kind"] == "validation"]),
        rate_events=tuple(RateEvent(**row["rate_event"]) for row in rows if row.get("rate_event")),
        inside=tuple((row["epoch"], _drawable(row["inside"])) for row in rows if row.get("inside")),
    )


def _drawable(look: Mapping[str, Any]) -> Mapping[str, Any]:
    """A look with nan in the place of what was no finite number, as a column has it."""
    return {what: _seen(seen) for what, seen in look.items()}


def _seen(seen: Any) -> Any:
    if isinstance(seen, Mapping):
        return {name: _numbers(of) for name, of in seen.items()}
    if isinstance(seen, list) and seen and isinstance(seen[0], Mapping):  # the layers below the top one
        return [_drawable(layer) for layer in seen]
    return seen


def _numbers(values: Sequence[float | None] | float | None) -> list[float] | float:
    return [_number(value) for value in values] if isinstance(values, Sequence) else _number(values)


def _columns(rows: Sequence[Mapping[str, Any]]) -> Columns:
    rows = [{**row, **(row.get("measures") or {})} for row in rows]
    fields = dict.fromkeys((*FIELDS, *(name for row in rows[:1] for name in row.get("measures") or ())))
    return {field: np.array([_number(row.get(field)) for row in rows], dtype=np.float64) for field in fields}


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
