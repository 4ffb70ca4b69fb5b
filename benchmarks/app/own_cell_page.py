"""A cell of one's own in the app: from a save to its check's answer, and its training's first tick."""

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from benchmarks.app.browser import Visitor, own_artifacts, serve
from benchmarks.app.runs import seconds_from_start, stop_all
from benchmarks.bench import Measurement, middle_and_tail
from rnn_core.cell_files.folder import new_cell_file
from rnn_core.data.sources import load_corpus
from rnn_core.own_cells.case import USUAL
from rnn_core.own_cells.exercises import EXERCISES, Exercise
from rnn_core.paths import own_cells_folder
from rnn_core.runs.store import Store

STARTS, SAVES, TRAININGS = 3, 6, 3
_EDITS = 5.0  # seconds from an answer to the next save, in which the process for it makes itself ready
_AT_FIRST, _WARM, _FIRST_TICK = 8.0, 3.0, 10.0
_WARM_LSTM = 6.0


class Task(NamedTuple):
    """A task of the page Build, solved, and with a mistake."""

    number: str
    right: str
    """Text in our solution ..."""
    wrong: str
    """... and what in its place is a mistake."""
    at_most: float
    """Seconds in which a check is to answer once one was made."""

    @property
    def exercise(self) -> Exercise:
        """The exercise that is checked."""
        return EXERCISES[self.number]

    def source(self, number: int) -> str:
        """Return the source of save `number`: another file each time, with a mistake where it is even."""
        solution = self.exercise.solution
        return f"# {number}\n{solution if number % 2 else solution.replace(self.right, self.wrong)}"

    def is_answered(self, number: int) -> str:
        """JavaScript: whether the answer to this save stands on the page, another one than to the last."""
        mistaken = "document.querySelector('.st-key-build_mistake') !== null"
        passed = f"bench.says('Task {self.number}, {self.exercise.title}: passed')"
        return f"!({mistaken}) && {passed}" if number % 2 else f"{mistaken} && !{passed}"


GRU = Task("4", 'see("n", torch.tanh(', 'see("n", torch.sigmoid(', _WARM)
LSTM = Task("5", "c = f * c + i * g", "c = i * c + f * g", _WARM_LSTM)


def measure_own_cell(visitor: Visitor) -> Iterator[Measurement]:
    """The page Build, and a training of a cell that was made there."""
    load_corpus("verdict")
    with own_artifacts():
        for task in (GRU, LSTM):
            new_cell_file(task.exercise.file_name.removesuffix(".py"), task.exercise.template)
        at_first = []
        for number in range(STARTS):
            with serve() as server:
                at_first.append(_checks(visitor, server.address, GRU, [number])[0])
        yield from _summary(GRU, "the first after the app has started", at_first, _AT_FIRST)
        store = Store()
        with serve() as server:
            try:
                for task in (GRU, LSTM):
                    _, *seconds = _checks(visitor, server.address, task, range(STARTS, STARTS + 1 + SAVES))
                    yield from _summary(task, "one after another", seconds, task.at_most)
                what = f"{TRAININGS} times Start training with a cell of one's own, until its first tick"
                seconds = _trainings(visitor, server.address, store)
                yield from middle_and_tail(what, seconds, "s", at_most=_FIRST_TICK)
            finally:
                stop_all(store)


def _summary(task: Task, which: str, seconds: Sequence[float], at_most: float) -> Iterator[Measurement]:
    saves = f"{len(seconds)} saves of the {task.exercise.title} with H={USUAL.hidden_size}, {which}"
    answered = f"{saves}, until the answer of Check is on screen"
    yield from middle_and_tail(answered, seconds, "s", at_most=at_most)


def _checks(visitor: Visitor, address: str, task: Task, saves: Sequence[int]) -> list[float]:
    """Seconds from each save of a file, while the page is open, to the answer on it."""
    path = own_cells_folder() / task.exercise.file_name
    visitor.go(f"{address}/build?exercise={task.number}")
    visitor.wait_for("bench.says('Saved at') && bench.isAtRest()")
    times: list[float] = []
    for number in saves:
        time.sleep(_EDITS if times else 0)
        began = time.perf_counter()
        path.write_text(task.source(number), encoding="utf-8")
        visitor.wait_for(f"{task.is_answered(number)} && bench.isAtRest()")
        times.append(time.perf_counter() - began)
    visitor.leave()
    return times


def _trainings(visitor: Visitor, address: str, store: Store) -> list[float]:
    """Seconds to the first tick of each training with the GRU as it was right last."""
    settings = {"data": "verdict", "cell": GRU.exercise.file_name.removesuffix(".py")}
    times = []
    for _ in range(TRAININGS):
        times.append(seconds_from_start(visitor, f"{address}/train?{urlencode(settings)}", store))
        for run in store.runs.all():
            store.delete(run.id)
    return times
