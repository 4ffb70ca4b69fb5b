"""A sweep: one run for each case and seed, made of the settings of all and those of the case.

A case is a choice of a value for each factor; a factor is any setting of a run, or its texts. A sweep is
checked whole before anything of it begins.
"""

import contextlib
import itertools
import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, NamedTuple, Self, TypedDict

import msgspec
import pandas as pd

from rnn_core.config.corpora import CorpusRef, corpus_named
from rnn_core.config.run import RunConfig, factors
from rnn_core.errors import ConfigError, SweepError
from rnn_core.files import FormatError, from_value
from rnn_core.refusals import shown
from rnn_core.shapes import Line, Seed, Value
from rnn_core.sweeps.over_seeds import telling_factors

MOST_POINTS = 1_000
LONGEST_NAME = 60
_NAME = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{LONGEST_NAME - 1}}}")

Case = Mapping[str, Any]

Key = tuple[Any, ...]


def key_of(case: Case, *seed: int) -> Key:
    """Return the identity of a case, whatever the order of its factors; with a seed that of a run."""
    return (*sorted(case.items()), *seed)


class Point(NamedTuple):
    """One run of a sweep."""

    case: Case
    seed: int
    config: RunConfig


class _Given(TypedDict):
    """A sweep as JSON holds it."""

    name: Line
    base: dict[str, Any]
    cases: Annotated[list[dict[str, Value]], msgspec.Meta(max_length=MOST_POINTS)]
    seeds: Annotated[list[Seed], msgspec.Meta(max_length=MOST_POINTS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Cases, seeds, and the settings that all runs have. Raises SweepError where that can't be."""

    name: str
    base: RunConfig
    cases: Sequence[Case]
    seeds: Sequence[int] = (0,)
    _points: tuple[Point, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cases", tuple(dict(case) for case in self.cases))
        object.__setattr__(self, "seeds", tuple(self.seeds))
        check_name(self.name)
        if not self.cases or not self.seeds:
            raise SweepError(f"The sweep {self.name} has no points: give at least one case and one seed.")
        if len(self) > MOST_POINTS:
            raise SweepError(
                f"The sweep {self.name} has {len(self):,} points ({len(self.cases):,} cases, "
                f"{len(self.seeds):,} seeds); at most {MOST_POINTS:,} are run in one sweep."
            )
        for what, values in (("case", [key_of(case) for case in self.cases]), ("seed", self.seeds)):
            for value, count in Counter(values).items():
                if count > 1:
                    raise SweepError(f"The sweep {self.name} has the {what} {_shown(value)} twice.")
        known = factors()
        for case in self.cases:
            if "seed" in case:
                raise SweepError("The seed is no factor: give the seeds of a sweep by themselves.")
            if unknown := [factor for factor in case if factor not in known]:
                raise SweepError(f"There is no setting called {shown(unknown[0])} to vary.")
            if set(case) != set(self.factors):
                raise SweepError(f"All cases of the sweep {self.name} must vary {', '.join(self.factors)}.")
        cases, points = [], []
        for case in self.cases:
            with _refusing(case):  # what is meant by a name now is kept
                cases.append({factor: known[factor].meant(value) for factor, value in case.items()})
        for seed, case in itertools.product(self.seeds, cases):
            with _refusing(case):
                points.append(Point(case, seed, self.base.with_settings(**case, seed=seed)))
        object.__setattr__(self, "cases", tuple(cases))
        object.__setattr__(self, "_points", tuple(points))

    def __len__(self) -> int:
        """The number of runs."""
        return len(self.cases) * len(self.seeds)

    @property
    def factors(self) -> tuple[str, ...]:
        """The settings that are varied."""
        return tuple(self.cases[0])

    @property
    def telling(self) -> list[str]:
        """The factors that tell its cases apart, without those that the ones before them determine."""
        return telling_factors(pd.DataFrame(self.cases), self.factors)

    @property
    def corpora(self) -> tuple[CorpusRef, ...]:
        """All corpora that its runs read, by name."""
        return tuple(sorted({point.config.corpus for point in self.points()}, key=str))

    def points(self) -> Iterator[Point]:
        """Every run: for one seed all cases, then the next seed, so that a part of them is a whole answer."""
        return iter(self._points)

    def is_like(self, other: Self) -> bool:
        """True if both vary the same settings and keep the same others."""
        return self.base == other.base and set(self.factors) == set(other.factors)

    def joined(self, other: Self) -> Self:
        """This sweep with the cases and seeds of one like it behind its own, each once."""
        return replace(
            self,
            cases=[*self.cases, *(case for case in other.cases if case not in self.cases)],
            seeds=[*self.seeds, *(seed for seed in other.seeds if seed not in self.seeds)],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return values for JSON."""
        return {
            "name": self.name,
            "base": self.base.to_dict(),
            "cases": [dict(case) for case in self.cases],
            "seeds": list(self.seeds),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`. Raises SweepError, or another ConfigError, for anything else.

        Of cases that name the same values in another order, which were two once, the first is taken.
        """
        try:
            given: _Given = from_value(values, _Given)
        except FormatError as error:
            raise SweepError(f"This is no sweep: {error}") from error
        cases: dict[Key, Case] = {}
        for case in given["cases"]:
            cases.setdefault(key_of(case), case)
        return cls(
            name=given["name"],
            base=RunConfig.from_dict(given["base"]),
            cases=list(cases.values()),
            seeds=given["seeds"],
        )


def is_name(name: str) -> bool:
    """True if a sweep can be called so; its name is that of a file."""
    return _NAME.fullmatch(name) is not None


def check_name(name: str) -> None:
    """Raise SweepError where a sweep can't be called so."""
    if not is_name(name):
        raise SweepError(
            "The name of a sweep must be 1 to 60 small letters, digits and hyphens, the first no hyphen, "
            f"got {shown(name)}."
        )


def grid(factors: Mapping[str, Sequence[Any]]) -> list[Case]:
    """Every combination of the values, the last factor changing fastest. Raises SweepError for too many.

    >>> grid({"cell": ["elman", "gru"], "max_length": [25, 50]})[1]
    {'cell': 'elman', 'max_length': 50}
    """
    count = math.prod(len(values) for values in factors.values())
    if count > MOST_POINTS:
        raise SweepError(
            f"These factors have {count:,} combinations; at most {MOST_POINTS:,} are run in one sweep."
        )
    combinations = itertools.product(*factors.values()) if factors else ()
    return [dict(zip(factors, values, strict=True)) for values in combinations]


def parse_factor(words: str) -> tuple[str, list[Any]]:
    """A factor and its values as one writes them in a shell. Raises SweepError where that can't be.

    >>> parse_factor("vocab_size=500,2000"), parse_factor("start_token=true,false")
    (('vocab_size', [500, 2000]), ('start_token', [True, False]))
    """
    name, equals, values = words.partition("=")
    name = name.strip().replace("-", "_")
    declared = factors().get(name)
    if declared is None:
        raise SweepError(f"There is no setting called {shown(name)} to vary.")
    if not equals or not values.strip():
        raise SweepError(f"Write a factor as {name}=VALUE,VALUE, got {shown(words)}.")
    try:
        return name, [declared.parse(value.strip()) for value in values.split(",")]
    except ConfigError as error:
        raise SweepError(str(error)) from error


def parse_case(words: str) -> Case:
    """A case as one writes it in a shell. Raises SweepError where that can't be.

    >>> parse_case("cell=elman, learning-rate=0.002")
    {'cell': 'elman', 'learning_rate': 0.002}
    """
    case: dict[str, Any] = {}
    for part in words.split(","):
        factor, [value] = parse_factor(part)
        if factor in case:
            raise SweepError(f"The case {shown(words)} says twice what {factor} is.")
        case[factor] = value
    return case


@contextlib.contextmanager
def _refusing(case: Case) -> Iterator[None]:
    """Turns a ConfigError from the block into a SweepError that names the case."""
    try:
        yield
    except ConfigError as error:
        raise SweepError(f"In the case {_shown(tuple(case.items()))}: {error}") from error


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"{factor} = {chosen}" for factor, chosen in value)
    return str(value)


_LARGEST = ("vocab_size", "max_length")
"""Settings of which the largest suits the other texts, too."""


def wide_enough(base: RunConfig, cases: Sequence[Case], given: Collection[str] = ()) -> RunConfig:
    """The settings with a vocabulary and a length that suit all texts of the cases, but for those given.

    Texts that have no such settings of their own change nothing. Raises DataError as `recommendation`.
    """
    values = base.values()
    for name in dict.fromkeys(case["data"] for case in cases if "data" in case):
        corpus = corpus_named(name)
        suits = corpus.recommendation().settings
        for setting in _LARGEST:
            if setting in corpus.kept_in_bare and setting not in given:
                values[setting] = max(values[setting], suits[setting])
    return base.with_settings(**{setting: values[setting] for setting in _LARGEST})
