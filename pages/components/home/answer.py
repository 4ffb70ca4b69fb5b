"""A line to type in, and what the usual model makes of it, word by word."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shared import address
from pages.components.shared.corpora import first_text
from pages.components.shared.format import literal
from pages.components.shared.live_chart import live_chart
from pages.components.shared.model_picker import load_usual, model_title
from pages.components.shared.review_box import hand_over
from pages.components.shared.theme import current_theme
from pages.components.shared.token_strip import chips, labels, token_strip, ways
from pages.components.shared.verdict_box import verdict_box
from rnn_core.config.words import unit_of
from rnn_core.errors import EmptyReviewError, OverflowedError
from rnn_core.figures.in_words import inside_in_words
from rnn_core.figures.text import percent
from rnn_core.figures.verdict import verdict_curve
from rnn_core.inspection.trace import trace
from rnn_core.inspection.verdicts import verdicts
from rnn_core.models.catalogue import ModelEntry

MOST_CHARACTERS = 2_000


@st.fragment
def answer_while_typing(models: Sequence[ModelEntry]) -> None:
    """The line, the verdict, and the review with the curve of the verdict after each word."""
    model = load_usual(models)
    if model is None:
        return
    corpus, unit = model.config.corpus, unit_of(model.config.tokens)
    text = st.text_input(
        literal(corpus.invitation),
        value=corpus.first_sentence or " ".join(first_text(corpus).split())[:MOST_CHARACTERS],
        max_chars=MOST_CHARACTERS,
        key="home_text",
        live="300ms",
        persist_state="session",
        help="The network reads it while you type; no button needed.",
    )[:MOST_CHARACTERS]
    try:
        read = trace(model, text)
    except EmptyReviewError:
        st.info(f"Type a few {unit}s, and the network answers.")
        return
    except OverflowedError as error:
        st.warning(literal(str(error)), icon=":material/error:")
        return
    theme = current_theme()
    verdict, words = st.columns([3, 7], gap="medium")
    strip = chips(read)
    with verdict:
        verdict_box(read, theme)
        st.markdown(literal(inside_in_words(labels(strip), verdicts(read), [], {})))
        st.caption(literal(f"{model_title(model.folder)}, read just now."))
        if st.button("See inside", icon=":material/menu_book:", type="primary"):
            hand_over(text, model.config.tokens)
            address.go("pages/read.py", model=model.name)
    with words:
        token_strip(strip, ways(read, unit), theme, height=100)
        live_chart(
            verdict_curve(labels=labels(strip), verdicts=verdicts(read), theme=theme),
            key="home_verdict",
            alt=f"The verdict after each {unit}; it ends at "
            f"{percent(read.probability)} {read.classes[read.followed]}.",
            whose=text,
        )
