"""The records of a run as columns, for what draws or judges it; as a table, and in sentences."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import CLASSIFICATION
from rnn_core.tasks.task import Measure, task_named
from rnn_core.training.gradient_flow import look_at_layer
from rnn_core.training.records import RateEvent, ThreadEvent

FIELDS = ("optimizer_step", "epoch", "loss", "accuracy", "gradient_norm", "learning_rate")
"""Fields of a record that become columns, beside the measures of its task."""

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
    thread_events: tuple[ThreadEvent, ...] = ()
    inside: tuple[Seen, ...] = ()
    """Looks inside, at every evaluation at which one was taken."""
    written: tuple[tuple[float, str], ...] = ()
    """Epochs done, and what the network wrote then."""

    @property
    def layers(self) -> int:
        """Return the number of layers that were looked into."""
        return 1 + len(self.inside[-1][1].get("below", [])) if self.inside else 1

    def at_layer(self, layer: int) -> Self:
        """This history with what was seen inside of a layer, from 1; of its top one where it has fewer."""
        seen = tuple((epoch, look_at_layer(look, min(layer, self.layers))) for epoch, look in self.inside)
        return replace(self, inside=seen)


def history(name: str, records: Iterable[Any], task: str = CLASSIFICATION) -> History:
    """Sort records into columns. A record is a mapping, or has `to_dict` which gives one."""
    rows = [record if isinstance(record, Mapping) else record.to_dict() for record in records]
    return History(
        name=name,
        task=task,
        training=_columns([row for row in rows if row["kind"] == "training"], task),
        validation=_columns([row for row in rows if row["kind"] == "validation"], task),
        rate_events=tuple(RateEvent(**row["rate_event"]) for row in rows if row.get("rate_event")),
        thread_events=tuple(ThreadEvent(**row["thread_event"]) for row in rows if row.get("thread_event")),
        inside=tuple((row["epoch"], _drawable(row["inside"])) for row in rows if row.get("inside")),
        written=tuple((row["epoch"], row["written"]) for row in rows if row.get("written")),
    )


def _drawable(seen: Any) -> Any:
    """Return a look with nan in the place of what was no finite number, as a column has it."""
    if isinstance(seen, Mapping):
        return {name: _drawable(of) for name, of in seen.items()}
    if isinstance(seen, list):
        return [_drawable(of) for of in seen]
    return math.nan if seen is None else seen


def _columns(rows: Sequence[Mapping[str, Any]], task: str) -> Columns:
    rows = [{**row, **(row.get("measures") or {})} for row in rows]
    fields = dict.fromkeys((*FIELDS, *(one.field for one in task_named(task).curves)))
    # None becomes nan.
    return {field: np.array([row.get(field) for row in rows], dtype=np.float64) for field in fields}


WROTE = "it wrote"
"""The column of what a network wrote."""
_DISTANCES = (0, 10, 100)  # tokens from the last one at which the table has the gradient


def numbers(history: History) -> pd.DataFrame:
    """One row an evaluation: its scores, and those of the optimizer steps since the one before.

    Columns: epoch; each measure of the task, in training and on validation; gradient norm (median); learning
    rate (the last one); where a look inside was taken, the mean norm of dL/dh at some distances; and what it
    wrote then, where it writes. Before
    the first evaluation there is a single row of what was trained so far.
    """
    training, validation = history.training, history.validation
    ends = validation["epoch"] if len(validation["epoch"]) else training["epoch"][-1:]
    edges = [0, *np.searchsorted(training["epoch"], ends, side="right").tolist()]
    spans = [slice(start, stop) for start, stop in pairwise(edges)]
    blank = np.full(len(ends), np.nan)
    looks, written = dict(history.inside), dict(history.written)
    measured = {one.name: one.field for one in task_named(history.task).curves}
    return pd.DataFrame(
        {
            "epoch": ends,
            **{
                f"{part} {title}": column
                for title, field in measured.items()
                for part, column in (
                    ("training", _aggregated(training, field, spans, np.mean)),
                    ("validation", validation[field] if len(validation["epoch"]) else blank),
                )
                if part == "validation" or not len(training[field]) or np.isfinite(training[field]).any()
            },
            "gradient norm": _aggregated(training, "gradient_norm", spans, np.median),
            "learning rate": _aggregated(training, "learning_rate", spans, lambda rates: rates[-1]),
            **{
                f"‖dL/dh‖ {distance} tokens from the end": [
                    _gradient_at(looks[epoch], distance) if epoch in looks else None for epoch in ends
                ]
                for distance in _DISTANCES
                if looks
            },
            **({WROTE: [written.get(epoch) for epoch in ends]} if written else {}),
        }
    )


def written_in_words(run: History, texts: str) -> list[tuple[str, str]]:
    """When each text of `written` was written, and how well the network predicted then; the newest first."""
    said, task = [], task_named(run.task)
    for epoch, text in reversed(dict(run.written).items()):  # of two, that of the evaluation
        is_evaluated = epoch in run.validation["epoch"]
        of, where = (
            (run.validation, f"the validation {texts}") if is_evaluated else (run.training, "its batch")
        )
        row = int(np.argmax(of["epoch"] == epoch))  # those of an imported run may stand in any order
        bits, steps = task.loss_in_words(of["loss"][row], ".2f"), f"{of['optimizer_step'][row]:,.0f}"
        said.append((f"Optimizer step {steps}, epoch {epoch:.3g}: {bits} on {where}", text))
    return said


def _aggregated(columns: Columns, field: str, spans: Sequence[slice], of: Any) -> list[float | None]:
    return [float(of(columns[field][span])) if len(columns[field][span]) else None for span in spans]


def _gradient_at(look: Mapping[str, Any], distance: int) -> float | None:
    """The gradient in the group that holds this distance; None where no review is as long."""
    group = int(np.searchsorted(look["distance"], distance, side="right")) - 1
    return look["gradients"]["h"][group] if look["distance"][-1] >= distance else None


_WORSE = 1.05  # a validation loss that is so many times its least has risen since
_WHOLE, _FAINT = 0.1, 1e-3
"""Shares of a gradient: above the one it arrives, below the other hardly anything is learned from there."""


def curves_in_words(histories: Sequence[History], configs: Sequence[RunConfig]) -> str:
    """Say how well runs do on the validation texts of one corpus; empty before the first evaluation."""
    evaluated = [run for run in histories if len(run.validation["epoch"])]
    texts, task = configs[0].corpus.nouns.texts, task_named(histories[0].task)
    measure, words = task.score, task.words
    if not evaluated:
        return ""
    if len(evaluated) > 1 and len({(config.corpus, config.task) for config in configs}) > 1:
        return f"These runs read different texts, so their {words.several} may not be compared."
    best = {run.name: _best(run, measure) for run in evaluated}
    first, last = (
        sorted(best, key=lambda name: best[name][0], reverse=is_first == measure.higher_is_better)[0]
        for is_first in (True, False)
    )
    value, least = (f"{best[name][0]:{measure.number}}" for name in (first, last))
    about = {"value": value, "title": measure.name, "texts": texts}
    if len(best) > 1 and value == least:
        return words.all_equal.format(**about)
    if len(best) > 1:
        return words.best_and_last.format(first=first, last=last, least=least, **about)
    losses = evaluated[0].validation["loss"]
    rises = losses[-1] > _WORSE * np.nanmin(losses)
    since = "; its validation loss has risen since its lowest point" if rises else ""
    return words.best.format(epoch=f"{best[first][1]:.3g}", since=since, **about)


def _best(run: History, measure: Measure) -> tuple[float, float]:
    """The best validation score, and after how many epochs."""
    scores = run.validation[measure.field]
    place = int(np.nanargmax(scores) if measure.higher_is_better else np.nanargmin(scores))
    return float(scores[place]), float(run.validation["epoch"][place])


def reach_in_words(run: History) -> str:
    """Say how far back the gradient of the last look reaches, by the state that most of it comes through."""
    _, look = run.inside[-1]
    far = f"{look['distance'][-1]:,} tokens before the end"
    shares = [norms[-1] / norms[0] for norms in look["gradients"].values() if norms[0]]
    if not shares or not all(map(math.isfinite, shares)):
        return "No gradient arrives, or it is no finite number."
    share = max(shares)
    times = f"{far} it is {share:,.2g} times as large as at the end"
    if share > 1 / _WHOLE:
        return f"The gradient grows on its way back: {times}."
    if share >= _WHOLE:
        return f"The gradient arrives: {times}."
    if share >= _FAINT:
        return f"The gradient shrinks on its way back: {times}."
    return f"The gradient vanishes: {times}, so hardly anything is learned from what stands there."


def comparison_in_words(scores: Mapping[str, float | None], texts: str, task: str) -> str:
    """Name the run with the best score on validation texts; empty for fewer than two."""
    known = {name: score for name, score in scores.items() if score is not None}
    if len(known) < 2:
        return ""
    measure, words = task_named(task).score, task_named(task).words
    first, second = sorted(known, key=lambda name: known[name], reverse=measure.higher_is_better)[:2]
    value, least = (f"{known[name]:{measure.number}}" for name in (first, second))
    points = f"{100 * (known[first] - known[second]):.1f}"
    about = {"first": first, "second": second, "value": value, "title": measure.name, "texts": texts}
    if points.strip("-") == "0.0":
        return words.two_equal.format(**about)
    said = words.two.format(least=least, points=points, **about)
    return f"{said}: one run each, so another seed may turn that round."
