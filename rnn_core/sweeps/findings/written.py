"""Texts on the published questions: Markdown with placeholders, and the conditions under which they hold.

A text is a file named after its question. It begins, between two lines of `+++`, with TOML:

- `cases`: the columns of the results that tell the cases apart;
- `where`: names for what is needed more than once, each an expression that may use those before it;
- `holds`: the conditions. The text is shown only while the results meet all of them.

After it stand one sentence that answers, with at most two numbers, an empty line, and at most five
sentences: all numbers are in the table above them (`side_by_side`). What else limits the answer may follow
after another empty line; it stands beside the settings that all runs have. A sentence has at most 30 words.

Expressions and placeholders are Jinja's. They may use every function of `measures` and of `over_seeds`, and
of the question `cases`, `order` (the names of its cases), `base` (the settings of its runs), `by`, the cases
by another column of the results, `other`, the results of another question, and `searched`, what each case
reached at each learning rate on validation texts. A case is written as the share that it is compared by, its
test accuracy where nothing else is said; its `pairs` and `sentences` are the shares of the probes that are
right, None where they were not asked. The text on the probes, which no sweep answers, has other names:
`understanding` says which.
"""

import inspect
import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Optional

import jinja2

from rnn_core.config.words import short_name
from rnn_core.refusals import in_a_row
from rnn_core.sweeps import over_seeds
from rnn_core.sweeps.findings import measures
from rnn_core.sweeps.over_seeds import Cases, ShareOverSeeds, points, signed
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.rates import RATE
from rnn_core.symbols import KINDS


class Found(NamedTuple):
    """The results that a text is about."""

    cases: Cases
    by: Callable[[str], Cases]
    """Gives `cases` by another column of the results."""
    other: Callable[[str], Optional["Found"]]
    """The numbers of another published question; None while it has no whole result."""
    searched: Callable[[], Mapping[Any, Mapping[float, ShareOverSeeds]]]
    """Gives the validation scores of each case at each learning rate tried for it, the best rate first."""

    def names_for(self, question: str) -> dict[str, Any]:
        """Return the names that the text on this question may use."""
        asked = QUESTIONS[question]
        return {**self._asdict(), "order": asked.cases, "base": asked.sweep.base}


class Written(NamedTuple):
    """A text about results, and the conditions under which its words hold."""

    keys: tuple[str, ...]
    """The columns that tell the cases apart; none where the results are no runs."""
    where: Mapping[str, str]
    conditions: tuple[str, ...]
    parts: tuple[str, str, str]
    """The sentence that answers, the sentences below it, and what limits them; the last may be empty."""

    def fill(self, names: Mapping[str, Any]) -> tuple[str, str, str] | None:
        """The parts with their numbers; None where results do not meet the conditions."""
        known = dict(names)
        for name, expression in self.where.items():
            known[name] = _compiled(expression)(**known)
        if not all(_compiled(condition)(**known) for condition in self.conditions):
            return None
        lead, says, limits = (" ".join(_template(part).render(known).split()) for part in self.parts)
        return lead, says, limits


@cache
def written(question: str) -> Written:
    """The text on a published question, or on the probes."""
    path = Path(__file__).with_name(f"{question}.md")
    _, head, text = path.read_text("utf-8").split("+++\n", maxsplit=2)
    given = tomllib.loads(head)
    lead, says, limits = (*text.split("\n\n", maxsplit=2), "")[:3]
    return Written(
        keys=tuple(given.get("cases", ())),
        where=given.get("where", {}),
        conditions=tuple(given["holds"]),
        parts=(lead, says, limits),
    )


def titled(name: str) -> str:
    """A question as a text names it."""
    return f"“{QUESTIONS[name].title}”"


def _rates_tried(question: str, cell: str) -> str:
    """The learning rates that were tried for a cell, in growing order."""
    rates = sorted(
        {case[RATE] for one in QUESTIONS[question].searches for case in one.cases if case["cell"] == cell}
    )
    return in_a_row([f"{rate:g}" for rate in rates])


def _by_rate(question: str, cells: Iterable[str], **case: Any) -> dict[float, list[str]]:
    """Cells by the learning rate that each has in a question, given the other settings of its case."""
    found: dict[float, list[str]] = {}
    for cell in cells:
        for one in QUESTIONS[question].sweep.cases:
            if {**case, "cell": cell}.items() <= one.items():
                found.setdefault(one[RATE], []).append(cell)
    return found


def _untried(question: str, rate: float, **case: Any) -> list[str]:
    """The cells for which a rate was not tried with the other settings of a case, in the question's order."""
    searched = [one for search in QUESTIONS[question].searches for one in search.cases]
    tried = {one["cell"] for one in searched if {**case, RATE: rate}.items() <= one.items()}
    cells = dict.fromkeys(case["cell"] for case in QUESTIONS[question].sweep.cases)
    return [cell for cell in cells if cell not in tried]


@cache  # a page asks again at each of its runs
def _compiled(expression: str) -> Callable[..., Any]:
    return _jinja().compile_expression(expression, undefined_to_none=False)


@cache  # as above
def _template(text: str) -> jinja2.Template:
    return _jinja().from_string(text)


@cache
def _jinja() -> jinja2.Environment:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    for module in (measures, over_seeds):
        known = inspect.getmembers(module, inspect.isfunction)
        environment.globals |= {name: one for name, one in known if one.__module__ == module.__name__}
    environment.globals |= {
        "exp": math.exp,
        "titled": titled,
        "in_a_row": in_a_row,
        "base_of": lambda name: QUESTIONS[name].sweep.base,
        "order_of": lambda name: QUESTIONS[name].cases,
        "rates_tried": _rates_tried,
        "by_rate": _by_rate,
        "untried": _untried,
    }
    environment.filters |= {"points": points, "signed": signed, "called": short_name}
    environment.filters |= {"thousands": "{:,}".format, "share": "{:.1%}".format}
    environment.filters["noun"] = lambda cell: KINDS[cell].noun
    return environment
