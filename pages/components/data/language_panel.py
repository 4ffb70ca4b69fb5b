"""A made-up language on the Data page: its rule, a string that it draws, and the truth symbol by symbol."""

from random import Random

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.data.data_facts import DataFacts
from pages.components.shared.format import literal
from pages.components.shared.panel_chart import panel_chart
from pages.components.shared.token_strip import Chip, show_around
from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.figures.automaton import automaton_figure
from rnn_core.figures.colours import Theme
from rnn_core.figures.language_figures import truth_along
from rnn_core.languages.along import Along, string_truth
from rnn_core.languages.automaton import Count, Walk
from rnn_core.languages.language import Language
from rnn_core.text.vocabulary import END, START

_SEED, _HOW, _STEP, _STRING = "data_string_seed", "data_string_how", "data_string_step", "data_string_shown"
_FIRST = 7  # a seed whose strings are short enough to be seen whole, in every language
_ANOTHER, _LONGER, _WRONG = "Draw another", "A longer one", "A wrong one"
_HELP = {
    _ANOTHER: "Another string, drawn as the training strings are.",
    _LONGER: "A string that is longer than all training strings.",
    _WRONG: "A string in which one symbol breaks the rule.",
}


def show_language(config: RunConfig, corpus: Corpus, facts: DataFacts, theme: Theme) -> None:
    """The rule, the path of one string through the automaton, and what is true along it."""
    language: Language = corpus.ref.language
    st.markdown(f"**The rule.** {literal(language.rule)}")
    st.caption(
        f"Decided by what came before: {literal(language.decides)}. All else is random, with known "
        "probabilities, so a network can be compared with the truth. It learns from strings of up to "
        f"{language.length(language.sizes[-1]):,} symbols, and is tested with longer ones, too, of up to "
        f"{language.length(language.longer_sizes[-1]):,}."
    )
    seed, how = st.session_state.setdefault(_SEED, _FIRST), st.session_state.setdefault(_HOW, _ANOTHER)
    draws = {_ANOTHER: language.draw, _LONGER: language.draw_longer, _WRONG: language.draw_wrong}
    string = draws[how](Random(f"{language.full_name} {seed}"))
    truth, walk, read = string_truth(language, string), language.walk(string), [START, *string]
    time = _choose_step(string, walk)
    show_around([Chip(token, "word", step, 0.0) for step, token in enumerate(read)], time)
    st.markdown(_say_what_follows(language, truth, read, time))
    panel_chart(
        automaton_figure(walk, time, theme),
        "data_automaton_chart",
        f"The automaton of the language {language.label} at time step {time + 1} of {string}.",
        lambda: _path(walk, read),
        saved_as="automaton",
        whose=string,
        says=_path_in_words(walk, read, time),
    )
    panel_chart(
        truth_along(language, read, truth, theme, time),
        "data_language_chart",
        f"The true probability of each next symbol along the string {string}.",
        lambda: _table(language, truth, read),
        saved_as="truth",
        whose=string,
    )


def _choose_step(string: str, walk: Walk) -> int:
    """The time step to look at, from 0; at first the one at which a string breaks the rule."""
    steps = len(string) + 1
    if st.session_state.get(_STRING) != string:
        first = steps // 2 + 1 if len(walk.nodes) == steps else len(walk.nodes) + 1
        st.session_state.update({_STRING: string, _STEP: min(first, steps)})
    shown = st.slider(
        "Time step",
        min_value=1,
        max_value=steps,
        key=_STEP,
        help="How much of the string was read. The arrow keys move it by one.",
    )
    with st.container(horizontal=True, gap="small"):
        for how, help in _HELP.items():
            st.button(how, help=help, key=f"data_draw_{how}", on_click=_draw, args=(how,))
    return int(shown) - 1


def _draw(how: str) -> None:
    st.session_state.update({_HOW: how, _SEED: st.session_state[_SEED] + 1})


def _say_what_follows(language: Language, truth: Along, read: list[str], time: int) -> str:
    """Say what may come next after a time step, the most probable first, and what is hidden there."""
    before = "Before the first symbol" if time == 0 else f"After {_shown(read[time])}"
    allowed = [_shown(language.predicted[place]) for place in truth.allowed[time].nonzero()[0]]
    if not allowed:
        return f"{before} there is no truth, since the string has broken the rule."
    shares = sorted(zip(truth.truth[time].tolist(), language.predicted, strict=True), key=lambda of: -of[0])
    if np.isnan(truth.truth[time]).any():
        follows = f"may come {', '.join(allowed)}; no training string begins like this, so there is no truth"
    elif len(truth.truth[time].nonzero()[0]) == 1:
        follows = f"comes {_shown(shares[0][1])}, which is certain"
    else:
        follows = (
            f"comes {', '.join(f'{_shown(symbol)} {share:.1%}' for share, symbol in shares if share > 0)}"
        )
    known = {name: of for name, of in truth.hidden[time].items() if of is not None}
    hidden = [f"{name} **{literal(_value(of))}**" for name, of in known.items()]
    kept = f" Hidden in what was read: {', '.join(hidden)}." if hidden else ""
    return f"{before} {follows}.{kept}"


def _path_in_words(walk: Walk, read: list[str], time: int) -> str:
    """Say how the picture of the automaton is read, and where a string breaks the rule."""
    at = len(walk.nodes) - 1
    if time > at:
        return f"The path ends at the state {walk.nodes[at]}: {read[at + 1]} may not come there."
    return "Blue: the path; filled: the present state; a second ring: where strings end."


def _path(walk: Walk, read: list[str]) -> pd.DataFrame:
    """The nodes of the path, and what is kept at each."""
    kept = {
        values[0].name.replace(" ", "_"): [
            value.value if isinstance(value, Count) else " ".join(value.cells) for value in values
        ]
        for values in zip(*walk.kept, strict=True)
    }
    return pd.DataFrame({"read": read[: len(walk.nodes)], "node": walk.nodes, **kept})


def _shown(symbol: str) -> str:
    return "the end" if symbol == END else f"`{symbol}`"


def _value(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _table(language: Language, truth: Along, read: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "read": read,
            **{f"next_{symbol}": truth.truth[:, place] for place, symbol in enumerate(language.predicted)},
            **{name.replace(" ", "_"): [of.get(name) for of in truth.hidden] for name in language.tracked},
        }
    )


def show_symbols(config: RunConfig, corpus: Corpus, facts: DataFacts, theme: Theme) -> None:
    """The whole vocabulary: each token, its id, and how often it stands in the training strings."""
    uses = dict(zip(corpus.words, facts.counts.training.tolist(), strict=True))
    ends = dict.fromkeys((START, END), len(facts.splits.training))
    tokens = [*facts.counts.specials, *corpus.ref.symbols]
    st.dataframe(
        pd.DataFrame(
            {
                "id": range(len(tokens)),
                "token": tokens,
                "in the training strings": [(uses | ends).get(token, 0) for token in tokens],
            }
        ),
        hide_index=True,
        column_config={"in the training strings": st.column_config.NumberColumn(format="localized")},
        alt="Every token of the vocabulary, its id and how often it is used.",
    )
    st.caption(
        f"The vocabulary is {len(tokens)} tokens, whatever is counted. A network predicts the last "
        f"{len(corpus.ref.symbols) + 1}: the symbols, and \\{END}, the end of a string. Every string is read "
        f"from \\{START} on."
    )
