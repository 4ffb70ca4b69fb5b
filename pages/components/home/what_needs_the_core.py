"""Home once torch is imported, which takes seconds: a network that answers, and what is ready."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from pages.components.home.first_things import offer_first_things
from pages.components.shared import address, corpora
from pages.components.shared import address_keys as keys
from pages.components.shared.assets import current_theme
from pages.components.shared.corpora import first_text
from pages.components.shared.data_source import offer_downloads
from pages.components.shared.format import literal
from pages.components.shared.live_chart import live_chart, load_charts
from pages.components.shared.model_picker import config_of, load_usual, model_title, usual_model
from pages.components.shared.review_box import hand_over
from pages.components.shared.settings import train_address
from pages.components.shared.token_strip import chips, labels, still_strip, ways
from pages.components.shared.verdict_box import verdict_box
from pages.components.shared.went_wrong import saying
from rnn_core.config.corpora import FIRST, CorpusRef, corpus_named, shipped_lines
from rnn_core.config.presets import COUNTING
from rnn_core.data.imdb import IMDB_CITATION
from rnn_core.data.own.catalogue import own_corpora
from rnn_core.errors import DataError, EmptyReviewError, OverflowedError, RunError
from rnn_core.figures.in_words import inside_in_words
from rnn_core.figures.text import percent
from rnn_core.figures.verdict import verdict_curve
from rnn_core.inspection.trace import trace
from rnn_core.inspection.verdicts import verdicts
from rnn_core.models.catalogue import ModelEntry, list_models
from rnn_core.runs.store import Store
from rnn_core.symbols import KINDS


def show_what_needs_the_core() -> None:
    """Draws all of Home below its first words, from the top down."""
    models = list_models()
    if models:
        load_charts()
        answer_while_typing(models)
        offer_first_things([model.name for model in models])

    st.subheader("What is ready", anchor=False)
    with st.grid(3, min_column_width=260):
        for show in (show_data, partial(show_models, models), show_runs):
            with st.container(border=True, height="stretch"):
                show()
    offer_downloads()


def _list_first(named: Sequence[Any], line: Callable[[Any], str], most: int = 3) -> None:
    """A line for each of the first ones; only these are asked for it."""
    more = [f"and {len(named) - most:,} more"] if len(named) > most else []
    st.text("\n".join([*map(line, named[:most]), *more]))


def show_data() -> None:
    """List the reviews there are to learn from."""
    own = own_corpora()
    st.markdown(f"**:material/library_books: {'Reviews and texts' if own else 'Reviews'}**")
    lines = [f"{title}: {_state(first)}" for title, (first, *_) in shipped_lines()]
    st.markdown("  \n".join(lines))
    if own:
        _list_first(
            own,
            lambda one: (
                f"{one.name}: " + ("can't be read, see Data" if one.problem else f"{one.texts:,} texts")
            ),
        )
    st.caption("The IMDB reviews were collected by Maas et al., 2011.", help=IMDB_CITATION)


def _state(corpus: CorpusRef) -> str:
    job = corpora.job(corpus) if corpus.download else None
    if job is not None and job.error and corpora.opened(corpus) is None:
        return "not ready; the error is shown below."
    try:
        return corpus.how_it_stands()
    except DataError as error:
        return literal(str(error))


def show_models(models: Sequence[ModelEntry]) -> None:
    """List the networks that can read already."""
    st.markdown("**:material/neurology: Models**")
    if not models:
        st.markdown("None yet: train one, it takes about a minute on the verdict corpus.")
    else:
        *most, last = (usual.noun for usual in KINDS.values())
        st.caption(f"A model reads with one of these cells: {', '.join(most)} or {last}.")
        usual = usual_model({entry.name: entry for entry in models})
        usual_first = sorted(models, key=lambda entry: entry.name != usual)
        _list_first(usual_first, lambda entry: model_title(entry.folder))
        st.page_link("pages/read.py", label="Watch one read", icon=":material/menu_book:")
        st.page_link("pages/write.py", label="Watch one write", icon=":material/edit_note:")
        _offer_language(models)


def _offer_language(models: Sequence[ModelEntry]) -> None:
    """A link to the first network that comes with the app and reads strings of a made-up language."""
    shipped = ((entry, config_of(entry.folder)) for entry in models if entry.is_pretrained)
    found = ((entry, config) for entry, config in shipped if config and config.corpus.language)
    if (first := next(found, None)) is not None:
        entry, config = first
        label = f"Watch one read {literal(config.corpus.lessons)}"
        address.link("pages/read.py", label, {keys.MODEL: entry.name}, "data_object")


@saying(RunError, by=st.warning)
def show_runs() -> None:
    """List the runs that were trained here."""
    st.markdown("**:material/model_training: Your runs**")
    runs = Store().runs.all()
    if not runs:
        st.markdown("None yet. Pick a cell and watch its curves grow.")
        if not corpus_named(FIRST).is_at_hand():
            label = f"{COUNTING.title}: {COUNTING.help}"
            address.link("pages/train.py", label, train_address(COUNTING.config), "bolt")
    else:
        _list_first(runs, lambda run: f"{run.title}: {run.state}")
    st.page_link("pages/train.py", label="Train a network", icon=":material/model_training:")
    st.page_link("pages/build.py", label="Build a cell yourself", icon=":material/construction:")


MOST_CHARACTERS = 2_000


@st.fragment
@saying(OverflowedError, by=st.warning, icon=":material/error:")
def answer_while_typing(models: Sequence[ModelEntry]) -> None:
    """The line, the verdict, and the review with the curve of the verdict after each word."""
    model = load_usual(models)
    if model is None:
        return
    corpus, unit = model.config.corpus, model.config.tokens.noun
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
    theme = current_theme()
    verdict, words = st.columns([3, 7], gap="medium")
    strip = chips(read)
    with verdict:
        verdict_box(read, theme)
        st.markdown(literal(inside_in_words(labels(strip), verdicts(read), [], {})))
        st.caption(literal(f"{model_title(model.folder)}, read just now."))
        if st.button("See inside", icon=":material/menu_book:", type="primary"):
            hand_over(text, model.config.tokens)
            address.go("pages/read.py", {keys.MODEL: model.name})
    with words:
        still_strip(strip, ways(read, unit), "home_strip", height=100)
        live_chart(
            verdict_curve(labels=labels(strip), verdicts=verdicts(read), theme=theme),
            key="home_verdict",
            alt=f"The verdict after each {unit}; it ends at "
            f"{percent(read.probability)} {read.classes[read.followed]}.",
            whose=text,
        )
