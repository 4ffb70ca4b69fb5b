"""What stands between the user and the reviews that the form names, and what to do about it."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from pages.components.shared import corpora, settings
from pages.components.shared.format import literal, size
from pages.components.shared.job_progress import follow_job
from pages.components.shared.preparation import ask_to_prepare
from pages.components.shared.settings import control_key
from rnn_core.config.identity import is_built_in
from rnn_core.data.imdb import IMDB_SIZE, find_imdb
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.errors import DataError

_PATIENCE = 0.3  # seconds
_PATH, _PROBLEM = "imdb_path", "imdb_path_problem"


def data_source(data: str, take_verdict: Callable[[], None] | None = None) -> bool:
    """Say what is missing and offer it; True when a run on these reviews can start.

    `take_verdict` is what the button to the verdict corpus does, in place of setting Train to it.
    """
    is_open = corpora.opened(data, _PATIENCE) is not None
    if not (is_open or is_built_in(data)):
        _say_what_is_wrong(data)
        return False
    job = corpora.job(data)
    if job is not None and job.running:
        follow_job(lambda: corpora.job(data), f"cancel_{data}")
        return False
    if is_open:
        return True
    if corpora.asks_first(data):
        ask_to_prepare(data)
        return False
    if job is not None and job.error:
        _show_failure(data, job.error)
    elif corpora.is_at_hand(data):
        return True
    if data == "imdb":
        _offer(take_verdict or _take_verdict)
    return False


def _say_what_is_wrong(data: str) -> None:
    """Why a corpus of the user's own can't be had, and what to do."""
    try:
        load_corpus(data)
    except DataError as error:
        st.warning(literal(str(error)), icon=":material/folder_off:")


def offer_imdb() -> None:
    """Where IMDB is missing, what to do about it; nothing where it is at hand."""
    job = corpora.job("imdb")
    is_busy = job is not None and (job.running or bool(job.error))
    if is_busy or not corpora.is_at_hand("imdb"):
        data_source("imdb")


def _show_failure(data: str, why: str) -> None:
    st.error(literal(why), icon=":material/error:")
    if corpora.is_at_hand(data):
        st.button("Try again", icon=":material/refresh:", on_click=corpora.forget, args=(data,))


def _offer(take_verdict: Callable[[], None]) -> None:
    """The three ways to reviews where IMDB is missing."""
    try:
        find_imdb()
    except DataError as error:
        st.warning(literal(str(error)), icon=":material/folder_off:")
    with st.container(border=True):
        st.markdown(
            "**The IMDB reviews are not ready on this machine.** Choose one of three ways to get reviews."
        )
        download, own, verdict = st.columns(3, gap="medium")
        with download:
            st.markdown(
                f"**Download** {size(IMDB_SIZE)} from Stanford. If the connection breaks, the download "
                "continues where it stopped."
            )
            st.button("Download IMDB", icon=":material/download:", type="primary", on_click=corpora.download)
        with own:
            st.text_input(
                "A path of your own",
                key=_PATH,
                placeholder="aclImdb_v1.tar.gz or aclImdb",
                help="The archive or the unpacked folder, on the machine that runs this app. The archive is "
                "read as it is, never unpacked.",
            )
            st.button("Read it from there", icon=":material/folder_open:", on_click=_read_from_path)
        with verdict:
            st.markdown("**The verdict corpus**: generated reviews, no download, trained in a minute.")
            st.button("Use the verdict corpus", icon=":material/bolt:", on_click=take_verdict)
        problem = st.session_state.pop(_PROBLEM, None)
        if problem is not None:
            st.warning(literal(problem), icon=":material/folder_off:")


def _read_from_path() -> None:
    path = st.session_state[_PATH].strip()
    if not path:
        st.session_state[_PROBLEM] = "Type where the archive or the folder is."
        return
    try:
        find_imdb(Path(path))
    except DataError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    corpora.read_from(Path(path))


def _take_verdict() -> None:
    settings.fill(recommended_config("verdict"))
    st.session_state[control_key("data")] = "verdict"
    st.toast("Train is set to the verdict corpus.")
