"""Missing texts of the form: the page says what is missing, and what to do about it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from pages.components.shared import corpora, settings
from pages.components.shared.format import literal, size
from pages.components.shared.found_by import follow_job
from pages.components.shared.settings import control_key
from pages.components.shared.went_wrong import refusal_of, saying
from rnn_core.config.corpora import ALWAYS_AT_HAND, CorpusRef, Download, corpus_named, shipped_names
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.errors import DataError
from rnn_core.progress import duration

_PATIENCE = 0.3  # seconds
_PATH, _PROBLEM = "imdb_path", "imdb_path_problem"
_saying_what_is_wrong = partial(saying, DataError, by=st.warning, icon=":material/folder_off:")


def data_source(corpus: CorpusRef, take_verdict: Callable[[], None] | None = None) -> bool:
    """Say what is missing and offer it, the verdict corpus by `take_verdict`; True when a run can start."""
    is_open = corpora.opened(corpus, _PATIENCE) is not None
    if not (is_open or corpus.is_shipped or corpus.can_be_made_again()):
        with _saying_what_is_wrong():
            load_corpus(corpus)
        return False
    job = corpora.job(corpus)
    if job is not None and job.running:
        follow_job(lambda: corpora.job(corpus), f"cancel_{corpus}")
        return False
    if is_open:
        return True
    if corpora.asks_first(corpus):
        ask_to_prepare(corpus)
        return False
    if job is not None and job.error:
        st.error(literal(job.error), icon=":material/error:")
        if corpus.is_at_hand():
            st.button("Try again", icon=":material/refresh:", on_click=corpora.forget, args=(corpus,))
    elif corpus.is_at_hand():
        return True
    if corpus.download is not None:
        _offer(corpus, corpus.download, take_verdict or _take_verdict)
    return False


def ask_to_prepare(corpus: CorpusRef) -> None:
    """Say what preparing a corpus takes of disk and time, with the button that begins it."""
    if (takes := corpus.preparation()) is None:
        return
    st.info(
        f"{takes.what} is not prepared on this machine. "
        f"It takes about {takes.bytes / 1e6:,.0f} MB of disk and {duration(takes.seconds)}.",
        icon=":material/hard_drive:",
    )
    st.button(
        "Prepare it",
        icon=":material/build:",
        key=f"prepare_{corpus}",
        on_click=corpora.begin,
        args=(corpus,),
        help="You can delete it on Train to free disk space, and prepare it again at any time.",
    )


def offer_downloads(looked_at: CorpusRef | None = None) -> None:
    """Offer each archive of which no corpus is here, and say how far those are that come; the corpus that is
    looked at has its own offer.
    """
    downloaded = [corpus for corpus in map(corpus_named, shipped_names()) if corpus.download]
    offered = {corpus.download for corpus in downloaded if corpus.is_at_hand() or corpus == looked_at}
    for corpus in sorted(downloaded, key=_is_busy, reverse=True):
        if corpus != looked_at and (_is_busy(corpus) or corpus.download not in offered):
            offered.add(corpus.download)
            data_source(corpus)


def _is_busy(corpus: CorpusRef) -> bool:
    job = corpora.job(corpus)
    return job is not None and (job.running or bool(job.error))


def _offer(corpus: CorpusRef, download: Download, take_verdict: Callable[[], None]) -> None:
    texts = corpus.nouns.texts
    with _saying_what_is_wrong():
        corpus.origin()
    with st.container(border=True):
        st.markdown(
            f"**The {corpus.title} {texts} are not ready on this machine.** Choose one of three ways to get "
            f"{texts}."
        )
        fetched, own, verdict = st.columns(3, gap="medium")
        with fetched:
            st.markdown(
                f"**Download** {size(download.bytes)} from {download.source}. If the connection breaks, the "
                "download continues where it stopped."
            )
            st.button(
                f"Download {corpus.title}",
                icon=":material/download:",
                type="primary",
                on_click=corpora.download,
                args=(corpus,),
            )
        with own:
            st.text_input(
                "A path of your own",
                key=_PATH,
                placeholder=download.at_a_path,
                help="The archive or the unpacked folder, on the machine that runs this app. The archive is "
                "read as it is, never unpacked.",
            )
            st.button(
                "Read it from there",
                icon=":material/folder_open:",
                on_click=_read_from_path,
                args=(corpus, download),
            )
        with verdict:
            st.markdown("**The verdict corpus**: generated reviews, no download, trained in a minute.")
            st.button("Use the verdict corpus", icon=":material/bolt:", on_click=take_verdict)
        if problem := st.session_state.pop(_PROBLEM, ""):
            st.warning(literal(problem), icon=":material/folder_off:")


def _read_from_path(corpus: CorpusRef, download: Download) -> None:
    path = st.session_state[_PATH].strip()
    if not path:
        st.session_state[_PROBLEM] = "Type where the archive or the folder is."
        return
    st.session_state[_PROBLEM] = refusal_of(download.find, Path(path))
    if not st.session_state[_PROBLEM]:
        corpora.begin(corpus, Path(path))


def _take_verdict() -> None:
    settings.fill(recommended_config(ALWAYS_AT_HAND))
    st.session_state[control_key("data")] = ALWAYS_AT_HAND
    st.toast("Train is set to the verdict corpus.")
