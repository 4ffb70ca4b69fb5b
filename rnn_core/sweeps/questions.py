"""The questions on which this project publishes findings, a file each in `published/`, and how it is read.

Most are asked on IMDB; questions about distance on the verdict corpus; questions about what a cell can learn
on made-up languages. A file is called like its question. It begins, between two lines of `+++`, with TOML:
what is said of the question, and what its runs are.

- `recipe` says in some three words how they train; `recipes.toml` has the settings of recipes that several
  questions share, `base` those of this question alone, and `data` among them.
- `vary` is a grid; or `cases` is a list, a table each, with the name under `called` where values don't say
  it. `added_to` says that each keeps the settings of "the first", or of "the one before".
- `rates` are the learning rates that were searched for every case, `tried` of a case the list that grew
  because its best stood at an end; its `learning_rate` is the best of them. One seed tries them, or three
  where `three_seeds` is true, as one was not enough to choose.
- `older` has the rules of docs/questions.md that it does not follow yet, and how it does not.
- `finding` is the head of the text behind the second `+++`, see `rnn_core.sweeps.findings`.
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate
from operator import or_
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import pandas as pd

from rnn_core.config.run import RunConfig
from rnn_core.data.sources import bare_config
from rnn_core.errors import SweepError
from rnn_core.files import FormatError, from_value
from rnn_core.registry import Registry
from rnn_core.shapes import Seed, Value
from rnn_core.sweeps.over_seeds import ShareOverSeeds
from rnn_core.sweeps.sweep import Case, Sweep, grid
from rnn_core.sweeps.without import names_of_parts
from rnn_core.tasks.task import Measure, task_of

RATE = "learning_rate"
_FOLDER = Path(__file__).with_name("published")
_PREFIXES = {"the first": "with", "the one before": "+"}


class FindingText(NamedTuple):
    """A text about results, and the conditions under which its words hold."""

    keys: tuple[str, ...]
    """The columns that set the cases apart; none where the results are no runs."""
    where: Mapping[str, str]
    conditions: tuple[str, ...]
    parts: tuple[str, str, str]
    """The sentence that answers, the sentences below it, and what limits them; the last may be empty."""


class _Said(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The part of a question that stands in its file as it is used."""

    title: str = ""
    means: str = ""
    """The meaning of the factor for the network, in a sentence."""
    recipe: str = ""
    """The name of how its runs train: scores of questions with the same recipe may be compared."""
    compared_by: str = ""
    """The column of the results by which its finding compares the cases: a share. Empty it is the task's."""
    part_of_cells: str = ""
    """The part of Cells that has another measure, as a link names it; empty where there is none."""
    formerly: tuple[str, ...] = ()
    """Questions of before in whose place it came."""
    older: dict[str, str] = {}
    """Rule that was made later -> how the question does not follow it."""


class Question(_Said):
    """A question, the sweep that answers it, and the text on its results."""

    sweep: Sweep
    text: FindingText
    cases: tuple[str, ...]
    """The name of each case, where they are no combinations of values."""
    searches: tuple[Sweep, ...]
    """The runs that chose the learning rate of each case; none where it was not searched."""

    def rates_tried(self, case: Case) -> list[float]:
        """The learning rates that were tried for a case, in growing order."""
        fixed = {setting: value for setting, value in case.items() if setting != RATE}
        searched = (one for search in self.searches for one in search.cases)
        return sorted({one[RATE] for one in searched if fixed.items() <= one.items()})


class _Finding(msgspec.Struct, forbid_unknown_fields=True):
    holds: tuple[str, ...]
    cases: tuple[str, ...] = ()
    where: dict[str, str] = {}


class _Recipe(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    base: dict[str, Value] = {}
    cases: list[dict[str, Any]] = []


class _Asked(_Said):
    base: dict[str, Value] = {}
    cases: list[dict[str, Any]] = []
    seeds: tuple[Seed, ...] = ()
    place: int = 0
    vary: dict[str, list[Value]] = {}
    added_to: Literal["", "the first", "the one before"] = ""
    rates: tuple[float, ...] = ()
    finding: _Finding = msgspec.field(default_factory=lambda: _Finding(()))


@cache
def _recipes() -> dict[str, _Recipe]:
    given = tomllib.loads((_FOLDER / "recipes.toml").read_text("utf-8"))
    return from_value(given, dict[str, _Recipe])


class _Case(NamedTuple):
    """One case of a question's file."""

    called: str
    rates: tuple[float, ...]
    """The learning rates that were tried for it."""
    three_seeds: bool
    """True if the first three seeds tried them, False if the first one did."""
    settings: dict[str, Any]

    @classmethod
    def of(cls, row: Mapping[str, Any], rates: tuple[float, ...]) -> "_Case":
        """Take apart a row of the file; `rates` are those of a case that names none."""
        rest = dict(row)
        called, tried = str(rest.pop("called", "")), rest.pop("tried", rates)
        return cls(called, tried, rest.pop("three_seeds", False), rest)


def _read_file(path: Path) -> tuple[_Asked, FindingText]:
    """The head of a file, and its text."""
    try:
        _, head, text = path.read_text("utf-8").split("+++\n", maxsplit=2)
        asked: _Asked = from_value(tomllib.loads(head), _Asked)
    except (ValueError, FormatError) as error:
        raise SweepError(f"{path.name} is no question: {error}") from error
    lead, says, limits = (*text.split("\n\n", maxsplit=2), "", "")[:3]
    finding = asked.finding
    return asked, FindingText(finding.cases, finding.where, finding.holds, (lead, says, limits))


def read_question(path: Path) -> Question:
    """Read the question of a file. Raises SweepError, or another ConfigError, for what can't be asked."""
    return _question(path.stem, *_read_file(path))


def _question(name: str, asked: _Asked, text: FindingText) -> Question:
    recipe = _recipes().get(asked.recipe, _Recipe())
    base = recipe.base | asked.base
    cases = [_Case.of(row, asked.rates) for row in asked.cases or recipe.cases]
    called, settings = [case.called for case in cases], [case.settings for case in cases]
    if asked.added_to:
        of_first = asked.added_to == "the first"
        settings = [settings[0] | one for one in settings] if of_first else list(accumulate(settings, or_))
        called = [called[0], *(f"{_PREFIXES[asked.added_to]} {name}" for name in called[1:])]
    sweep = Sweep(
        name=name,
        base=bare_config(str(base.pop("data")), **base),
        cases=settings or grid(asked.vary),
        seeds=asked.seeds,
    )
    first, *others = sweep.seeds
    searched = list(zip(sweep.cases, cases, strict=True)) if asked.rates else []
    again = [(case, one) for case, one in searched if one.three_seeds]
    searches = (("rates", searched, [first]), ("rates-seeds", again, others[:2]))
    return Question(
        **{name: getattr(asked, name) for name in _Said.__struct_fields__},
        sweep=sweep,
        text=text,
        cases=tuple(filter(None, called)),
        searches=tuple(
            Sweep(
                name=f"{name}-{ending}",
                base=sweep.base,
                cases=[{**case, RATE: rate} for case, one in some for rate in one.rates],
                seeds=seeds,
            )
            for ending, some, seeds in searches
            if some
        ),
    )


def read_unswept(name: str) -> tuple[str, str, FindingText]:
    """Read title, meaning and text of a question that no sweep answers."""
    asked, text = _read_file(_FOLDER / f"{name}.md")
    return asked.title, asked.means, text


def _questions() -> dict[str, Question]:
    files = {path.stem: _read_file(path) for path in _FOLDER.glob("*.md")}
    in_order = sorted(files, key=lambda name: files[name][0].place)
    return {name: _question(name, *files[name]) for name in in_order if files[name][0].seeds}


QUESTIONS: Registry[Question] = Registry("published question", _questions())


def all_searches() -> dict[str, Sweep]:
    """The sweeps that chose the learning rates of published questions, by name."""
    return {search.name: search for question in QUESTIONS.values() for search in question.searches}


def published() -> frozenset[str]:
    """The names of all published sweeps."""
    return frozenset({*QUESTIONS, *all_searches()})


def renamed() -> dict[str, str]:
    """Questions of before, and the one that took the place of each."""
    return {old: name for name, question in QUESTIONS.items() for old in question.formerly}


def case_names(sweep: Sweep) -> tuple[str, ...]:
    """The name of each case, where they are no combinations of values."""
    return QUESTIONS[sweep.name].cases if sweep.name in QUESTIONS else names_of_parts(sweep)


def name_cases(sweep: Sweep, table: pd.DataFrame) -> pd.DataFrame:
    """A row for each run, with the name of its case in a column `case`, where cases have names."""
    names = case_names(sweep)
    if not names or "case" in table:
        return table
    known = pd.DataFrame(sweep.cases).assign(case=names)
    named = table.merge(known, how="left", on=list(sweep.factors))
    return named.fillna({"case": "another case"})  # of a file that was begun when the question had others


def share_compared(sweep: Sweep) -> str:
    """The column of the results by which the cases of a sweep are compared: a share."""
    asked = QUESTIONS[sweep.name].compared_by if sweep.name in QUESTIONS else ""
    return asked or task_of(sweep.base).compared_by


def own_sweep(name: str, base: RunConfig, cases: Sequence[Case], seeds: Sequence[int]) -> Sweep:
    """A sweep that somebody asks beside the published ones. Raises SweepError where that can't be."""
    if name in published():
        raise SweepError(f"{name} is one of the questions that come with the app: give yours another name.")
    return Sweep(name=name, base=base, cases=cases, seeds=seeds)


def validation_by_rate(table: pd.DataFrame, case: Case, score: Measure) -> dict[float, ShareOverSeeds]:
    """The validation scores of a case at each rate, the best first: the one whose worst seed is best.

    Runs that diverged are left out. `score` is that of the task of these runs.
    """
    column = f"validation_{score.field}"
    fixed = {setting: value for setting, value in case.items() if setting != RATE}
    mask = (table[list(fixed)] == list(fixed.values())).all(axis=1)
    by_rate = table[mask].dropna(subset=[column]).groupby(RATE)[column]
    found = {float(rate): ShareOverSeeds.of(scores) for rate, scores in by_rate}
    ranked = sorted(found, key=lambda rate: worst_seed(found[rate], score), reverse=score.higher_is_better)
    return {rate: found[rate] for rate in ranked}


def worst_seed(seeds: ShareOverSeeds, score: Measure) -> float:
    """The lowest seed, or the highest where less is better."""
    return seeds.low if score.higher_is_better else seeds.high
