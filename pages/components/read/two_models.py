"""Two models on one review: the same words, another network."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.components.read.other_model import choose_other, say_what_is_left_out
from pages.components.read.readings import Reading, follow, read
from pages.components.read.what_differs import what_differs
from pages.components.shared.format import listed, literal
from pages.components.shared.model_picker import changed_at, model_names
from pages.components.shared.panel_chart import panel_chart
from pages.components.shared.saying import folded
from rnn_core.config.corpora import Example
from rnn_core.config.nouns import Nouns
from rnn_core.figures.colours import Theme
from rnn_core.figures.in_words import readings_in_words
from rnn_core.figures.pairs import two_readings
from rnn_core.inspection.tables import two_models_table
from rnn_core.inspection.trace import norms, trace
from rnn_core.inspection.what_if import by_token, times_of_tokens
from rnn_core.models.model import KeptModel


def show_two_models(reading: Reading, text: str, time: int, theme: Theme) -> None:
    """Pick another model and lay its verdicts over those of the first, token by token of the text."""
    model = choose_other(
        reading, "It reads the same text, with its own vocabulary and its own maximum length."
    )
    if model is None:
        return
    say_what_is_left_out(reading)
    other = follow(read(model, text), text, model.config.classes.index(reading.followed))
    both = (reading.trace, other.trace)
    names = model_names((reading.model, model))
    tokens = reading.trace.review.tokens
    at = np.flatnonzero(times_of_tokens(reading.trace.review) == time)
    panel_chart(
        two_readings(
            labels=tokens,
            names=names,
            followed=reading.followed,
            probabilities=[by_token(trace.review, trace.probabilities) for trace in both],
            norms=[by_token(trace.review, norms(trace.arrays["h"])) for trace in both],
            apart=None,
            cursor=int(at[0]) if len(at) else None,
            theme=theme,
        ),
        key="two_models_chart",
        alt=f"Verdicts of {names[0]} and {names[1]} after each {reading.unit}.",
        table=lambda: two_models_table(both, names),
        saved_as=f"gatescope-{reading.model.name}-two-models",
        says=readings_in_words(
            [f"by {name}" for name in names], reading.followed, [one.probabilities for one in both]
        ),
    )
    if examples := reading.model.config.corpus.examples:
        st.markdown(_on_examples((reading.model, model), examples, reading.model.config.corpus.nouns))
    folded("In what the two networks differ").markdown(
        what_differs(names, (reading.model.config, model.config))
    )


def _on_examples(models: Sequence[KeptModel], examples: Sequence[Example], nouns: Nouns) -> str:
    """How many of the examples each of two networks gets right, and on which they disagree."""
    right = [_right_on_examples(str(one.folder), changed_at(one.folder), examples, one) for one in models]
    names = [f"**{literal(name)}**" for name in model_names(models)]
    titles = [f"*{example.title}*" for example in examples]
    apart = [title for title, one, other in zip(titles, *right, strict=True) if one != other]
    where = f"They disagree on {listed(apart)}: choose one above." if apart else "They agree on all."
    return (
        f"Of the {len(titles)} example {nouns.texts} {names[0]} gets {sum(right[0])} right, {names[1]} "
        f"{sum(right[1])}. {where}"
    )


@st.cache_data(max_entries=32, show_spinner=False)
def _right_on_examples(
    folder: str, changed: tuple[float, ...], examples: Sequence[Example], _model: KeptModel
) -> list[bool]:
    return [example.is_read_right(trace(_model, example.text).probability) for example in examples]
