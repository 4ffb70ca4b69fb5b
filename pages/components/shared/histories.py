"""The curves of runs, kept in the server and grown by what is new in the store."""

import statistics
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from pages.components.shared.format import literal
from pages.components.shared.model_picker import changed_at
from rnn_core.config.run import RunConfig
from rnn_core.errors import ModelFolderError, RunError, UnreadableRunError
from rnn_core.files import FormatError
from rnn_core.paths import runs_folder
from rnn_core.runs.naming import distinct_names, short_names
from rnn_core.runs.run import Run
from rnn_core.runs.store import Store
from rnn_core.training.history import Columns, History, history, written_in_words
from rnn_core.training.records import Record, check_looks, check_measures, read_history

_MOST_KEPT = 50
_PACE_OF = 20  # records over which tokens per second are averaged, and the time left is made steady
_FEW = 5  # of fewer records nothing is said on the time left: the first steps take longer than all others


class ReadSoFar(NamedTuple):
    """The records of a run that were read so far."""

    history: History
    """A run's history with the learning rates that were given by hand."""
    row: int
    last: tuple[Record, ...]
    """The last training records, the newest at the end."""

    @property
    def seconds_left(self) -> float | None:
        """Seconds until its end: the median by the last records; None while they are few."""
        ends = [one.seconds + one.seconds_left for one in self.last if one.seconds_left is not None]
        return max(statistics.median(ends) - self.last[-1].seconds, 0.0) if len(ends) >= _FEW else None

    @property
    def tokens_per_second(self) -> float | None:
        """Mean over the last records."""
        paces = [record.tokens_per_second for record in self.last if record.tokens_per_second]
        return sum(paces) / len(paces) if paces else None


class _Shelf:
    """The records of the runs asked for last."""

    def __init__(self) -> None:
        self._runs: dict[tuple[Path, str, int], ReadSoFar] = {}
        self._lock = threading.Lock()

    def read(self, store: Store, run: Run) -> ReadSoFar:
        place = (store.root, run.id, run.resumed)  # what is taken back must not stay on the charts
        old = self._runs.get(place) or ReadSoFar(history("", []), 0, ())
        records, row = store.records.since(run.id, old.row)
        looks = [record.inside for record in records if record.inside is not None]
        try:
            check_measures(records, run.config.task)
            check_looks([*(look for _, look in old.history.inside[:1]), *looks], run.config.model.variant)
        except FormatError as error:
            raise UnreadableRunError(run.id, f"In its history, {error}.", run.name) from error
        training = [record for record in records if record.kind == "training"]
        new = history(run.title, records, run.config.task)
        grown = replace(
            new,
            training=_joined(old.history.training, new.training),
            validation=_joined(old.history.validation, new.validation),
            rate_events=(*old.history.rate_events, *new.rate_events),
            thread_events=(*old.history.thread_events, *new.thread_events),
            inside=(*old.history.inside, *new.inside),
            written=(*old.history.written, *new.written),
        )
        read = ReadSoFar(grown, row, (*old.last, *training)[-_PACE_OF:])
        with self._lock:
            self._runs.pop(place, None)  # so that it goes to the end
            self._runs[place] = read
            while len(self._runs) > _MOST_KEPT:
                del self._runs[next(iter(self._runs))]
        return read


def _joined(old: Columns, new: Columns) -> Columns:
    return {
        field: np.concatenate([part[field] for part in (old, new) if field in part])
        for field in {**old, **new}
    }


@st.cache_resource(show_spinner=False)
def _shelf() -> _Shelf:
    return _Shelf()


def read_so_far(store: Store, run: Run) -> ReadSoFar:
    """Returns all records of a run; only those that came since the last time are read."""
    return _shelf().read(store, run)


def history_of(folder: Path, config: RunConfig) -> History:
    """The history of the network in a folder, a run's or another; an empty one where none can be read."""
    try:
        if folder.parent == runs_folder():
            store = Store()
            return read_so_far(store, store.runs.get(folder.name)).history
        return _kept(folder, changed_at(folder), config.model.variant, config.task)
    except (RunError, ModelFolderError):  # Train names what is damaged
        return history(folder.name, [], config.task)


@st.cache_resource(max_entries=32, show_spinner=False)
def _kept(folder: Path, changed: tuple[float, ...], variant: str, task: str) -> History:
    return history(folder.name, read_history(folder, variant, task), task)


_MOST_WRITTEN = 100


def show_written(run: History, texts: str) -> None:
    """Shows what a network wrote while it learned, the newest on top, in a box that scrolls."""
    said = written_in_words(run, texts)
    with st.container(height=280, key="while_it_learned"):
        for when, text in said[:_MOST_WRITTEN]:
            st.caption(literal(when))
            st.code(text, language=None, wrap_lines=True)


def named_apart(histories: Sequence[History], runs: Sequence[Run]) -> list[History]:
    """The curves of runs that share a chart, each under the part of its run's name that differs."""
    names = names_of(runs)
    return [replace(one, name=names[run.id]) for one, run in zip(histories, runs, strict=True)]


def names_of(runs: Sequence[Run]) -> dict[str, str]:
    """Id -> the part of a run's name in which it differs from the others, no two the same."""
    names = distinct_names({run.id: run.title for run in runs})
    return dict(zip(names, short_names([*names.values()]), strict=True))
