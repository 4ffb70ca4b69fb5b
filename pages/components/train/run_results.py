"""The result of a run: its score on the test texts, and the texts it was surest about and wrong."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.components.shared import address, corpora
from pages.components.shared import address_keys as keys
from pages.components.shared.assets import current_theme
from pages.components.shared.format import literal
from pages.components.shared.live_chart import live_chart
from pages.components.shared.review_box import hand_over
from pages.components.train.run_choice import export_run_model
from rnn_core.config.run import RunConfig
from rnn_core.config.words import recipe_in_words
from rnn_core.data.corpus import Corpus
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme, ink
from rnn_core.figures.scores import confusion_matrix
from rnn_core.figures.text import percent
from rnn_core.models.folder import WEIGHTS
from rnn_core.progress import duration
from rnn_core.runs.run import Run
from rnn_core.runs.store import Store
from rnn_core.tasks.class_scores import most_confused
from rnn_core.tasks.task import task_of
from rnn_core.text.readable import readable

_SHOWN, _ALL = 6, -1
_PATIENCE = 3.0  # seconds
_EXCERPT = 150  # characters of a text's beginning
_NARROW, _WIDE = (2, 5), (1, 1)
"""Shares of the page of the matrix and the mistakes, with two classes and with more."""


def show_results(store: Store, run: Run) -> None:
    """Scores, confusion matrix and mistakes of a run that has test scores."""
    scores, task = run.scores, task_of(run.config)
    score = task.score
    with st.container(horizontal=True, vertical_alignment="center"):
        if task.can_be_read and (store.folder(run.id) / WEIGHTS).exists():
            query = {keys.MODEL: run.id}
            address.link("pages/read.py", "Watch this model read", query, "menu_book", width="content")
        export_run_model(store, run, "results")
    st.subheader("Results", anchor=False)
    with st.container(horizontal=True, gap="large"):
        st.metric(f"Test {score.name}", f"{scores[score.field]:{score.number}}", width="content")
        for one in task.further if task.needs_further(scores) else ():
            value = f"{one.of(scores):{one.measure.number}}"
            st.metric(one.measure.title, value, width="content", help=one.meaning)
        if run.validation_accuracy is not None:
            value = f"{run.validation_accuracy:{score.number}}"
            st.metric(f"Validation {score.name}", value, width="content")
        if task.draws_loss:
            loss = "not finite" if scores["loss"] is None else f"{scores['loss']:.3f}"
            st.metric("Test loss", loss, width="content")
        if run.started and run.ended:
            st.metric("Time in all", duration(run.ended - run.started), width="content")
    st.caption(f"Recipe: {recipe_in_words(run.config)}.")
    if not task.gives_verdict:
        return
    few = len(run.config.classes) == 2
    matrix, mistakes = st.columns(_NARROW if few else _WIDE, gap="medium")
    with matrix:
        st.markdown("**Where it was right and wrong**")
        live_chart(
            confusion_matrix(scores["confusion"], run.config.classes, current_theme()),
            "confusion",
            f"Confusion matrix of the test {run.config.corpus.nouns.texts}.",
            run.id,
        )
        st.caption(literal(_confused_in_words(run.config, scores["confusion"])))
    with mistakes:
        _show_mistakes(run)


def _confused_in_words(config: RunConfig, confusion: Sequence[Sequence[int]]) -> str:
    nouns, found = config.corpus.nouns, most_confused(confusion)
    if found is None:
        return f"No test {nouns.text} was taken for another class."
    return (
        f"Confused most often: of {found.of:,} test {nouns.texts} labelled {config.classes[found.label]}, "
        f"{found.texts:,} ({found.texts / found.of:.1%}) {'was' if found.texts == 1 else 'were'} taken for "
        f"{config.classes[found.predicted]}."
    )


def _show_mistakes(run: Run) -> None:
    st.markdown("**Where it was surest, and wrong.** Open one and see which word misled it.")
    mistakes, texts = run.scores.get("mistakes", []), run.config.corpus.nouns.texts
    corpus = _corpus_of(run.config)
    if corpus is None:
        return
    if not mistakes and run.scores["accuracy"] == 1:
        st.success(f"It made no mistake on the test {texts}.")
        return
    if not mistakes:
        st.info(f"This run has no list of the {texts} that it got wrong.")
        return
    if len(run.config.classes) > 2:
        labels = sorted({mistake["label"] for mistake in mistakes})
        picked = st.selectbox(
            "Of the class",
            [_ALL, *labels],
            format_func=lambda label: "all classes" if label == _ALL else run.config.classes[label],
            key=f"mistakes_of_{run.id}",
            help="Shows the mistakes on texts with this label.",
        )
        mistakes = [mistake for mistake in mistakes if picked in (_ALL, mistake["label"])]
    parts, theme = [6, 1] if len(run.config.classes) == 2 else [4, 1], current_theme()
    for mistake in mistakes[:_SHOWN]:
        if not 0 <= mistake["index"] < len(corpus):
            continue
        text = corpus.text(mistake["index"])
        words, button = st.columns(parts, gap="small", vertical_alignment="center")
        words.html(_mistake_html(mistake, run.config.classes, text, theme))
        if button.button(
            "Read", icon=":material/menu_book:", key=f"mistake_{mistake['index']}", width="stretch"
        ):
            hand_over(text, corpus.tokens)
            address.go("pages/read.py", {keys.MODEL: run.id})


def _corpus_of(config: RunConfig) -> Corpus | None:
    """The texts of its corpus; None, and why, where they can't be had or are others by now."""
    corpus = corpora.opened(config.corpus, _PATIENCE)
    if corpus is None:
        texts = config.corpus.nouns.texts
        st.info(
            f"The {texts} are not ready on this machine now, so their texts can't be shown."
            if config.corpus.is_shipped
            else f"The corpus {literal(config.data)} is not on this machine now, so its texts can't be shown."
        )
    elif how := config.identity.differs(corpus.identity):
        st.info(
            f"The corpus {literal(config.data)} is not the one that this run learned from: {literal(how)}. "
            "So its mistakes can't be shown."
        )
        return None
    return corpus


def _mistake_html(mistake: Mapping[str, Any], classes: Sequence[str], text: str, theme: Theme) -> str:
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
