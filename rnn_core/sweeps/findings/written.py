"""Texts on the published questions: Markdown with placeholders, and the conditions under which they hold.

A text is a file named after its question. It begins, between two lines of `+++`, with TOML:

- `cases`: the columns of the results that tell the cases apart;
- `trained_alike`: a question whose networks are trained alike, so that the noise over seeds is that of both:
  the same two cases must not differ in one text and be alike in the other;
- `where`: names for what is needed more than once, each an expression that may use those before it;
- `holds`: the conditions. The text is shown only while the results meet all of them.

Expressions and placeholders are Jinja's. They may use every function of `measures`, and of the question
`cases`, `noise` (over seeds), `order` (the names of its cases), `base` (the settings of its runs) and
`other`, the results of another question. A case is written as its test accuracy; its `pairs` and `sentences`
are the shares of the probes that are right, None where they were not asked. The text on the probes, which no
sweep answers, has other names: `understanding` says which.
"""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Optional

import jinja2

from rnn_core.sweeps.findings import measures
from rnn_core.sweeps.over_seeds import Cases, enough, points, signed
from rnn_core.sweeps.questions import QUESTIONS

_FENCE = "+++\n"


class Found(NamedTuple):
    """The results that a text is about."""

    cases: Cases
    noise: float
    """The noise over seeds of all cases, and of those of a question on the same networks."""
    other: Callable[[str], Optional["Found"]]
    """Those of another published question; None while it has no whole result."""

    def names_for(self, question: str) -> dict[str, Any]:
        """What the text on this question may use."""
        asked = QUESTIONS[question]
        return {**self._asdict(), "order": asked.cases, "base": asked.sweep.base}


class Written(NamedTuple):
    """A text about results, and the conditions under which its words hold."""

    keys: tuple[str, ...]
    """The columns that tell the cases apart; none where the results are no runs."""
    trained_alike: str
    """A question on networks that are trained alike; empty where there is none."""
    where: Mapping[str, str]
    conditions: tuple[str, ...]
    text: str

    def fill(self, names: Mapping[str, Any]) -> str | None:
        """The text with the figures of these results; None where they do not meet its conditions."""
        known = dict(names)
        for name, expression in self.where.items():
            known[name] = _evaluate(expression, known)
        if not all(_evaluate(condition, known) for condition in self.conditions):
            return None
        return " ".join(_template(self.text).render(known).split())


@cache
def written(question: str) -> Written:
    """The text on a published question, or on the probes."""
    path = Path(__file__).with_name(f"{question}.md")
    _, head, text = path.read_text("utf-8").split(_FENCE, maxsplit=2)
    given = tomllib.loads(head)
    return Written(
        keys=tuple(given.get("cases", ())),
        trained_alike=given.get("trained_alike", ""),
        where=given.get("where", {}),
        conditions=tuple(given["holds"]),
        text=text,
    )


def titled(name: str) -> str:
    """A question as a text names it."""
    return f"“{QUESTIONS[name].title}”"


def _evaluate(expression: str, known: Mapping[str, Any]) -> Any:
    return _compiled(expression)(**known)


@cache  # a page asks again at each of its runs
def _compiled(expression: str) -> Callable[..., Any]:
    return _jinja().compile_expression(expression, undefined_to_none=False)


@cache
def _template(text: str) -> jinja2.Template:
    return _jinja().from_string(text)


@cache
def _jinja() -> jinja2.Environment:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    environment.globals |= {name: getattr(measures, name) for name in measures.__all__}
    environment.globals |= {
        "enough": enough,
        "titled": titled,
        "base_of": lambda name: QUESTIONS[name].sweep.base,
        "order_of": lambda name: QUESTIONS[name].cases,
    }
    environment.filters |= {
        "points": points,
        "signed": signed,
        "thousands": "{:,}".format,
        "share": "{:.1%}".format,
    }
    return environment
