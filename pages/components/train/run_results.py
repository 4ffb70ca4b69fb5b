"""The result of a run: its score on the test reviews, and the reviews it was surest about and wrong."""

import html
from collections.abc import Sequence

import streamlit as st

from pages.components.shared import address, corpora
from pages.components.shared.assets import style
from pages.components.shared.live_chart import live_chart
from pages.components.shared.review_box import hand_over
from pages.components.shared.theme import current_theme
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme, ink
from rnn_core.figures.scores import confusion_matrix
from rnn_core.figures.text import percent
from rnn_core.models.folder import WEIGHTS
from rnn_core.models.scores import Mistake
from rnn_core.progress import duration
from rnn_core.runs.run import Run
from rnn_core.runs.store import Store
from rnn_core.text.readable import readable

_SHOWN = 6
_PATIENCE = 3.0  # seconds
_EXCERPT = 150
"""Characters of a review's beginning."""


def show_results(store: Store, run: Run) -> None:
    """Scores, confusion matrix and mistakes of a run that has test scores."""
    scores = run.scores
    st.subheader("Results", anchor=False)
    with st.container(horizontal=True, gap="large"):
        st.metric("Test accuracy", f"{scores['accuracy']:.1%}", width="content")
        if run.validation_accuracy is not None:
            st.metric("Validation accuracy", f"{run.validation_accuracy:.1%}", width="content")
        loss = "not finite" if scores["loss"] is None else f"{scores['loss']:.3f}"
        st.metric("Test loss", loss, width="content")
        if run.started and run.ended:
            st.metric("Time in all", duration(run.ended - run.started), width="content")
    matrix, mistakes = st.columns([2, 5], gap="medium")
    with matrix:
        st.markdown("**Where it was right and wrong**")
        live_chart(
            confusion_matrix(scores["confusion"], run.config.classes, current_theme()),
            "confusion",
            "Confusion matrix of the test reviews.",
            run.id,
        )
        if (store.folder(run.id) / WEIGHTS).exists():
            st.page_link(
                "pages/read.py",
                label="Watch this model read",
                icon=":material/menu_book:",
                query_params={"model": run.id},
            )
    with mistakes:
        _show_mistakes(run)


def _show_mistakes(run: Run) -> None:
    st.markdown("**Where it was surest, and wrong.** Open one and see which word misled it.")
    mistakes = run.scores.get("mistakes", [])[:_SHOWN]
    corpus = corpora.opened(run.config.corpus, _PATIENCE)
    if corpus is None:
        st.info("The reviews are not ready on this machine now, so their texts can't be shown.")
        return
    if not mistakes and run.scores["accuracy"] == 1:
        st.success("It made no mistake on the test reviews.")
        return
    if not mistakes:
        st.info("This run has no list of the reviews that it got wrong.")
        return
    theme = current_theme()
    st.html(style(__file__, muted=theme.muted))
    for mistake in mistakes:
        if not 0 <= mistake["index"] < len(corpus):
            continue
        text = corpus.text(mistake["index"])
        words, button = st.columns([6, 1], gap="small", vertical_alignment="center")
        words.html(_mistake_html(mistake, run.config.classes, text, theme))
        if button.button(
            "Read", icon=":material/menu_book:", key=f"mistake_{mistake['index']}", width="stretch"
        ):
            hand_over(text, corpus.tokens)
            address.go("pages/read.py", model=run.id)


def _mistake_html(mistake: Mistake, classes: Sequence[str], text: str, theme: Theme) -> str:
    excerpt = readable(text.replace("<br />", " "))
    if len(excerpt) > _EXCERPT:
        excerpt = excerpt[:_EXCERPT].rsplit(" ", 1)[0] + " …"
    verdict, label = (html.escape(classes[mistake[which]]) for which in ("predicted", "label"))
    is_first_of_two = len(classes) == 2 and mistake["predicted"] == 0
    colour = ink(NEGATIVE if is_first_of_two else POSITIVE, theme)
    share = html.escape(percent(mistake["probability"]))
    return (
        f'<div class="gs-mistake" style="--gs-colour:{colour}">'
        f'<span class="verdict">{share} {verdict}</span>'
        f'<span class="label">, labelled {label}</span>'
        f'<div dir="auto">{html.escape(excerpt)}</div></div>'
    )
