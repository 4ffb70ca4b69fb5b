"""The picker of Experiments: a question or a sweep begun here, and its settings in words."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.experiments.unswept import UNDERSTANDING, show_one_unit, show_understanding
from pages.components.shared import address_keys as keys
from pages.components.shared.choose_view import kept_choice
from pages.components.shared.format import literal
from pages.components.shared.glossary import caption_with_terms
from pages.components.shared.went_wrong import saying
from rnn_core.config.run import RunConfig
from rnn_core.config.words import name_of, value_in_words
from rnn_core.data.sources import bare_config
from rnn_core.errors import DataError, SweepError
from rnn_core.figures.colours import Theme
from rnn_core.refusals import listing
from rnn_core.sweeps import one_unit, understanding
from rnn_core.sweeps.questions import QUESTIONS, case_names, published, renamed
from rnn_core.sweeps.results import Results, all_results
from rnn_core.sweeps.sentences import labelled
from rnn_core.sweeps.sweep import Sweep
from rnn_core.sweeps.without import LEFT_OUT

_PICKED = "sweep_picked"


class Unswept(NamedTuple):
    """A question that no sweep answers."""

    title: str
    means: str
    show: Callable[[DeltaGenerator, Theme], None]


UNSWEPT = {
    UNDERSTANDING: Unswept(understanding.TITLE, understanding.MEANS, show_understanding),
    "one_unit": Unswept(one_unit.TITLE, one_unit.MEANS, show_one_unit),
}
"""Name in the address, which no sweep can have as it has an underscore -> question."""


def pick_question() -> str:
    """The name of what is picked, as the address says it: a sweep, or one of UNSWEPT."""
    begun = [results.path.stem for results in all_results()]
    own = [name for name in begun if name not in published()]
    names = [*QUESTIONS, *UNSWEPT, *own]
    titles = {name: question.title for name, question in QUESTIONS.items()}
    titles |= {name: question.title for name, question in UNSWEPT.items()}
    usual = next((name for name in names if name in begun), names[0])
    return kept_choice(
        "Question",
        names,
        keys.SWEEP,
        _PICKED,
        lambda: usual,
        formerly=renamed(),
        format_func=lambda name: titles.get(name, name),
        help="Questions whose answers come with the app, then the sweeps of your own.",
    )


@saying(SweepError)
def sweep_of(name: str) -> Sweep | None:
    """The sweep that answers it; None for one of UNSWEPT, and, with the reason, where it can't be read."""
    if name in UNSWEPT:
        return None
    if name in QUESTIONS:
        return QUESTIONS[name].sweep
    return Results(name).sweep()


def describe(name: str, sweep: Sweep | None) -> None:
    """Say what a question asks; of one's own sweep its whole name, which a select cuts, and its factors."""
    if name in UNSWEPT:
        caption_with_terms(UNSWEPT[name].means, "question")
    elif name in QUESTIONS:
        caption_with_terms(literal(QUESTIONS[name].means), "question")
    elif sweep is not None:
        varied = [
            labelled(factor, ", ".join(value_in_words(value) for value in dict.fromkeys(values)))
            for factor in sweep.factors
            if (values := [case[factor] for case in sweep.cases])
        ]
        if case_names(sweep):
            whole, units = (sweep.cases[0][name] for name in ("cell", "hidden_size"))
            varied = [f"{labelled('cell', whole)}, {units:,} units, with a part left out: {LEFT_OUT}"]
        said = "; ".join([*varied, f"seeds {', '.join(map(str, sweep.seeds))}"])
        st.caption(f"{literal(name)}: {literal(said)}.")


def take_up(name: str) -> None:
    """Show this sweep at the next run of the page; in a callback."""
    st.session_state[_PICKED] = name


_ALWAYS = ("cell", "vocab_size", "max_length", "epochs", "learning_rate")
"""Named whether they differ from the plain ones or not: what a result depends on most."""


def other_settings(base: RunConfig, varied: Collection[str]) -> str:
    """The settings that are not varied: the ones that matter most, and each that is not plain."""
    try:
        plain = bare_config(base.data).values()
    except DataError:  # the corpus is gone
        plain = RunConfig(data=base.data).values()
    values = base.values()
    differing = [name for name in values if name not in _ALWAYS and values[name] != plain[name]]
    named = [name for name in (*_ALWAYS, *differing) if name not in varied and name != "seed"]
    in_words = (
        value_in_words(values[name]) if name == "cell" else f"{_named(name)} {value_in_words(values[name])}"
        for name in named
    )
    texts = [] if "data" in varied else [base.corpus.title]
    return ", ".join([*texts, *in_words])


def settings_of(sweep: Sweep) -> str:
    """The settings that a finding holds for: the shared ones, and those that go with a factor."""
    cases, telling = pd.DataFrame(sweep.cases), sweep.telling
    varied = [factor for factor in sweep.factors if cases[factor].nunique() > 1]
    shared = other_settings(sweep.base.with_settings(**sweep.cases[0]), varied)
    tied = [_tied(cases, factor, telling) for factor in varied if factor in _ALWAYS and factor not in telling]
    return ", ".join([shared, *tied])


def _tied(cases: pd.DataFrame, factor: str, telling: list[str]) -> str:
    """A factor that follows from the others, such as the learning rate from the cell."""
    leader = next((other for other in telling if cases.groupby(other)[factor].nunique().max() == 1), None)
    if leader is None:
        return f"{_named(factor)} by case"
    by_value: dict[Any, list[str]] = {}
    for whose, value in cases.groupby(leader, sort=False)[factor].first().items():
        by_value.setdefault(value, []).append(value_in_words(whose))
    values = ", ".join(f"{value_in_words(value)} for {listing(whose)}" for value, whose in by_value.items())
    return f"{_named(factor)} {values}"


def _named(name: str) -> str:
    label = name_of(name)
    return label[0].lower() + label[1:]
