"""The results of the runs of a sweep: one file, a line for each run, appended when it has ended.

The first line is the sweep, so that the file says by itself what is still missing, on another machine too.
A published question's file is committed, one's own is under artifacts/sweeps. One that lies among committed
ones, as before, is moved when it is looked for; where it can't be, it is read and written where it lies.
"""

import contextlib
import functools
import itertools
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Self

import msgspec
import pandas as pd

from rnn_core.config.run import RunConfig, factors
from rnn_core.errors import ConfigError, SweepError, reason
from rnn_core.files import FormatError, from_json, to_json, write_whole
from rnn_core.inspection.memory import MEMORIES
from rnn_core.paths import project_folder, results_folder, sweeps_folder
from rnn_core.refusals import shown
from rnn_core.runs.at_work import is_at_work
from rnn_core.shapes import Amount, Count, Line, Seed, Share, Value
from rnn_core.sweeps.questions import all_searches, published
from rnn_core.sweeps.sweep import LONGEST_NAME, Point, Sweep, check_name, is_name, key_of
from rnn_core.tasks.task import Measure, task_of

_MOST_BYTES = 20_000_000  # a thousand runs have under a million


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One run of a sweep that has ended."""

    case: Mapping[str, Value]
    seed: Seed
    outcome: Annotated[str, msgspec.Meta(pattern="^(finished|stopped early|diverged)$")]
    """The outcome as the trainer says it."""
    validation_accuracy: Share | None = None
    """Accuracy of the weights that were kept, 0 to 1, where that is the score of the task; None, like all
    scores, where the training diverged."""
    test_accuracy: Share | None
    """Their accuracy on the test reviews, which were scored once."""
    test_loss: Amount | None
    training_accuracy: Share | None
    parameters: Annotated[int, msgspec.Meta(ge=0, le=10**12)]
    optimizer_steps: Count
    seconds: Amount
    """Seconds of training, evaluations included."""
    seconds_per_epoch: Amount
    run: Line
    """The id of the run in the store of the machine that kept it."""
    machine: Line
    made: Line
    """The date of UTC when it ended."""
    sentences_right: Share | None = None
    """Accuracy on the development half of the probes; None where it was not asked, as in files of before."""
    pairs_right: Share | None = None
    """The share of these pairs of which both sentences are right."""
    balanced_accuracy: Share | None = None
    """Scores on the test texts; both None where accuracy says the same, as in files of before."""
    macro_f1: Share | None = None
    validation_bits_per_token: Amount | None = None
    """Bits of the weights that were kept, where a token is predicted; elsewhere None, as all scores below."""
    test_bits_per_token: Amount | None = None
    bits_above_truth: Amount | None = None
    """Mean KL(truth, network) in bits on the test strings, where the truth is known; elsewhere None."""
    right_strings: Share | None = None
    right_longer_strings: Share | None = None
    bits_by_memory: tuple[Amount, ...] | None = None
    """Bits on positions of the test texts by the last symbols that the state has seen, in the order of
    `MEMORIES`; None elsewhere than on exact texts, and where these are too short."""
    bits_by_counting: tuple[Amount, ...] | None = None
    """Bits of n-grams of the same training texts on these positions, by the symbols of context, from 0 on."""

    def __post_init__(self) -> None:
        """Raise ValueError where the case is of no settings, or of values that they can't have."""
        declared = _known_factors()
        for name, value in self.case.items():
            if name not in declared:
                raise ValueError(f"a case must be of settings other than the seed, got {shown(name)}")
            declared[name].check(value)

    def score(self, split: str, measure: Measure) -> float | None:
        """The score of its task on "validation" or "test" texts; None where the training diverged."""
        score: float | None = getattr(self, f"{split}_{measure.field}")
        return score

    def without_test(self) -> Self:
        """Leave out what the test texts and the probes say, for runs that only choose a learning rate."""
        of_test = {"test_accuracy", "test_loss", *_NOT_OF_ALL} - {"validation_bits_per_token"}
        scores: dict[str, Any] = dict.fromkeys(of_test)
        return replace(self, **scores)

    def to_dict(self) -> dict[str, Any]:
        """Return values for JSON: nothing of what a run does not have, so that a line of before stays."""
        values = asdict(self)
        return {name: value for name, value in values.items() if value is not None or name not in _NOT_OF_ALL}


_NOT_OF_ALL = {one.name for one in fields(Result) if one.default is None} - {"validation_accuracy"}
"""Scores that only some runs have: on IMDB, with unequal classes or more than two, and on languages."""


def keeps_score(config: RunConfig) -> bool:
    """True if a result has room for the score of such runs."""
    return f"validation_{task_of(config).score.field}" in Result.__slots__


_known_factors = functools.cache(factors)


def _columns_by_memory(row: dict[str, Any]) -> dict[str, float]:
    """Take the numbers by memory out of a row, and return them as columns: bits_with_128, counted_with_6."""
    seen, counted = row.pop("bits_by_memory", ()), row.pop("bits_by_counting", ())
    by_name = {f"bits_with_{k}": bits for k, bits in zip(MEMORIES, seen, strict=False)}
    return by_name | {f"counted_with_{k}": bits for k, bits in enumerate(counted)}


class Results:
    """The file of a sweep, a published one or one's own; one that was never begun has no results.

    Raises SweepError where no sweep can be called so.
    """

    def __init__(self, name: str) -> None:
        check_name(name)
        self.name = name
        committed, own = _file(results_folder(), name), _file(sweeps_folder(), name)
        if name not in published() and committed.exists():
            _move_out(name)
        is_own = name not in published() and (own.exists() or not committed.exists())
        self.path = own if is_own else committed

    @property
    def where(self) -> str:
        """The file as a person finds it: its path in the project, or all of it where there is no project."""
        in_project = f"artifacts/{self.path.parent.name}/{self.path.name}"
        return in_project if project_folder() else str(self.path)

    def exists(self) -> bool:
        """True if a sweep of this name was begun."""
        return self.path.exists()

    def begin(self, sweep: Sweep) -> None:
        """Make the file, or check that it is of this sweep. Raises SweepError if it is not, and OSError."""
        grown, results = self.grown(sweep), self.all()
        if not results or grown != self.sweep():
            self.rewrite(grown, results)

    def grown(self, sweep: Sweep) -> Sweep:
        """Return the file's sweep once this one is begun: with more cases or seeds a sweep goes on with it.

        One without any result is of no sweep yet, and gives way. Raises SweepError where the file has
        results of another sweep, or is damaged.
        """
        if not self.all():
            return sweep
        known = self.sweep()
        if not known.is_like(sweep):
            raise SweepError(
                f"There is already a sweep called {sweep.name}, of other settings. Give this one another "
                f"name, or delete {self.where} to begin again."
            )
        return known.joined(sweep)

    def sweep(self) -> Sweep:
        """Read the sweep that was begun, called as its file is. Raises SweepError for a damaged file."""
        try:
            return replace(Sweep.from_dict(from_json(self._lines()[0], dict[str, Any])), name=self.name)
        except (OSError, ValueError, IndexError, ConfigError) as error:
            raise self._damaged(error) from error

    def all(self) -> list[Result]:
        """Every run that has ended, in the order they did. Raises SweepError where the file is damaged."""
        if not self.exists():
            return []
        try:
            return [from_json(line, Result) for line in self._lines()[1:]]
        except (OSError, ValueError) as error:
            raise self._damaged(error) from error

    def readable(self) -> tuple[Sweep | None, list[Result]]:
        """The sweep and the runs of a file that may be damaged or missing, as far as they can be read."""
        sweep, results = None, []
        with contextlib.suppress(SweepError):
            sweep = self.sweep()
        for line in self._lines()[1:] if self.exists() else []:
            with contextlib.suppress(FormatError):
                results.append(from_json(line, Result))
        return sweep, results

    def missing(self, sweep: Sweep) -> list[Point]:
        """The points of a sweep that have no result yet."""
        done = {key_of(result.case, result.seed) for result in self.all()}
        return [point for point in sweep.points() if key_of(point.case, point.seed) not in done]

    def append(self, result: Result) -> Result:
        """Add a run, and return what is on the disk then: a search keeps no test score. Raises OSError."""
        result = self._fitting(result)
        if not self.path.read_bytes().endswith(b"\n"):
            self._write(self._lines())  # without the half of a line
        with self.path.open("a", encoding="utf-8") as file:
            file.write(to_json(result.to_dict()) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return result

    def rewrite(self, sweep: Sweep, results: Sequence[Result]) -> None:
        """Put these in the place of what is there, whole or not at all. Raises OSError where it can't be."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        written = [sweep.to_dict(), *(self._fitting(result).to_dict() for result in results)]
        self._write([to_json(line).encode() for line in written])

    def table(self) -> pd.DataFrame:
        """A row for each run, a column for each factor and each number that any of them has."""
        rows = [result.to_dict() for result in self.all()]
        return pd.DataFrame([{**row.pop("case"), **_columns_by_memory(row), **row} for row in rows])

    def _fitting(self, result: Result) -> Result:
        return result.without_test() if self.name in all_searches() else result

    def _damaged(self, error: Exception) -> SweepError:
        return SweepError(
            f"{self.where} is damaged: {reason(error)}. The results of the runs on this machine are "
            f"written again by `python -m rnn_core sweep {self.name} --rebuild`."
        )

    def _lines(self) -> list[bytes]:
        """The whole lines: the last one is half a line where a machine lost power while it was written."""
        with self.path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise SweepError(f"{self.path.name} must have at most {_MOST_BYTES:,} bytes.")
        return content.split(b"\n")[:-1]

    def _write(self, lines: Sequence[bytes]) -> None:
        write_whole(self.path, b"".join(line + b"\n" for line in lines))


def all_results() -> list[Results]:
    """The files of all sweeps, by name."""
    for name in _names_in(sweeps_folder()) & published():  # published since: one's own takes another name
        _move(_file(sweeps_folder(), name), name)
    committed, own = _names_in(results_folder()), _names_in(sweeps_folder())
    for name in committed - published():
        _move_out(name)
    return [Results(name) for name in sorted(committed | own | _names_in(sweeps_folder()))]


def _move_out(name: str) -> None:
    """Move one's own file out of the committed folder; it stays where it is in use or can't be moved."""
    if not is_at_work(name):
        _move(_file(results_folder(), name), name)


def _move(path: Path, name: str) -> None:
    """Move a file to that of a sweep of this name, or of name-2, name-3 ...: nothing is replaced."""
    numbered = (f"{name[: LONGEST_NAME - 4]}-{number}" for number in itertools.count(2))
    places = ((one, _file(sweeps_folder(), one)) for one in itertools.chain([name], numbered))
    free = next(place for one, place in places if one not in published() and not place.exists())
    with contextlib.suppress(OSError):  # another process has moved it, or holds it: then it stays
        sweeps_folder().mkdir(parents=True, exist_ok=True)
        path.rename(free)


def _names_in(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.jsonl") if is_name(path.stem)}


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.jsonl"
