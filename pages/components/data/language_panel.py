"""A made-up language on the Data page: its rule, a string that it draws, and the truth symbol by symbol."""

from random import Random
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.data.data_controls import DataChoice
from pages.components.data.data_facts import DataFacts
from pages.components.shared.format import literal
from pages.components.shared.panel_chart import panel_chart
from pages.components.shared.token_strip import Chip, show_around
from rnn_core.data.corpus import Corpus
from rnn_core.figures.colours import Theme
from rnn_core.figures.language_figures import truth_along
from rnn_core.languages.along import Along, along
from rnn_core.languages.language import Language
from rnn_core.text.vocabulary import END, START

_SEED, _STEP, _STRING = "data_string_seed", "data_string_step", "data_string_shown"
_FIRST = 7  # a seed whose strings are short enough to be seen whole, in every language


def show_language(choice: DataChoice, corpus: Corpus, facts: DataFacts, theme: Theme) -> None:
    """The rule, and what is true along one string."""
    language: Language[Any] = corpus.ref.language
    st.markdown(f"**The rule.** {literal(language.rule)}")
    st.caption(
        f"Decided by what came before: {literal(language.decides)}. All else is random, with known "
        "probabilities, so a network can be compared with the truth. It learns from strings of up to "
        f"{language.length(language.sizes[-1]):,} symbols, and is tested with longer ones, too, of up to "
        f"{language.length(language.longer_sizes[-1]):,}."
    )
    seed = st.session_state.setdefault(_SEED, _FIRST)
    string = language.draw(Random(f"{language.full_name} {seed}"))
    truth, read = along(language, string), [START, *string]
    time = _choose_step(string, read)
    show_around([Chip(token, "word", step, 0.0) for step, token in enumerate(read)], time, theme)
    st.markdown(_in_words(language, truth, read, time))
    panel_chart(
        truth_along(language, read, truth, theme, time),
        "data_language_chart",
        f"The true probability of each next symbol along the string {string}.",
        lambda: _table(language, truth, read),
        saved_as="truth",
        whose=string,
    )


def _choose_step(string: str, read: list[str]) -> int:
    """The time step to look at, from 0, and the button that draws another string."""
    if st.session_state.get(_STRING) != string:
        st.session_state.update({_STRING: string, _STEP: min(len(string) // 2 + 1, len(read))})
    slider, button = st.columns([5, 2], gap="medium", vertical_alignment="bottom")
    with slider:
        shown = st.slider(
            "Time step",
            min_value=1,
            max_value=len(read),
            key=_STEP,
            help="How much of the string was read. The arrow keys move it by one.",
        )
    button.button(
        "Draw another",
        icon=":material/casino:",
        width="stretch",
        on_click=lambda: st.session_state.update({_SEED: st.session_state[_SEED] + 1}),
        help="Another string, drawn as the training strings are.",
    )
    return int(shown) - 1


def _in_words(language: Language[Any], truth: Along, read: list[str], time: int) -> str:
    """What may come next after a time step, the most probable first, and what is hidden there."""
    shares = sorted(zip(truth.truth[time].tolist(), language.predicted, strict=True), key=lambda of: -of[0])
    if len(truth.truth[time].nonzero()[0]) == 1:
        follows = f"{_shown(shares[0][1])}, which is certain"
    else:
        follows = ", ".join(f"{_shown(symbol)} {share:.1%}" for share, symbol in shares if share > 0)
    before = "Before the first symbol" if time == 0 else f"After {_shown(read[time])}"
    known = {name: of for name, of in truth.hidden[time].items() if of is not None}
    hidden = [f"{name} **{literal(_value(of))}**" for name, of in known.items()]
    kept = f" Hidden in what was read: {', '.join(hidden)}." if hidden else ""
    return f"{before} comes {follows}.{kept}"


def _shown(symbol: str) -> str:
    return "the end" if symbol == END else f"`{symbol}`"


def _value(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _table(language: Language[Any], truth: Along, read: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "read": read,
            **{f"next_{symbol}": truth.truth[:, place] for place, symbol in enumerate(language.predicted)},
            **{name.replace(" ", "_"): [of.get(name) for of in truth.hidden] for name in language.tracked},
        }
    )


def show_symbols(choice: DataChoice, corpus: Corpus, facts: DataFacts, theme: Theme) -> None:
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
