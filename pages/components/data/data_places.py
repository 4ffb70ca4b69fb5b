"""Where the reviews are on this machine, and how to get those that are missing."""

import streamlit as st

from pages.components.shared import corpora
from pages.components.shared.data_source import offer_imdb
from pages.components.shared.format import literal, size
from rnn_core.data.imdb import IMDB_CITATION, IMDB_SIZE, IMDB_URL, find_imdb
from rnn_core.data.sources import corpus_folder, is_prepared
from rnn_core.errors import DataError


def show_places(looked_at: str) -> None:
    """One line for each source; the offer to get IMDB, unless it stands higher up since it is `looked_at`."""
    st.subheader("Where the reviews are", anchor=False)
    st.markdown(f"- **IMDB**: {_imdb()}\n- **Verdict corpus**: {_verdict()}")
    st.caption(
        "IMDB: 25,000 training and 25,000 test reviews of Maas et al., 2011; the archive is "
        f"{size(IMDB_SIZE)}. In a shell: `python -m rnn_core data status`, `data download`.",
        help=f"{IMDB_CITATION}\n\n{IMDB_URL}",
    )
    if looked_at != "imdb":
        offer_imdb()


def _imdb() -> str:
    try:
        found = find_imdb()
    except DataError as error:
        return literal(str(error))
    origin = f" It was read from {literal(str(found))}." if found is not None else ""
    if is_prepared("imdb"):
        return f"ready, {_size('imdb')} in {literal(str(corpus_folder('imdb')))}.{origin}"
    if found is not None:
        return f"found at {literal(str(found))}; made ready when it is first asked for."
    job = corpora.job("imdb")
    if job is not None and job.running:
        return "being made ready."
    return "not on this machine yet. Download it, or name a path of your own, on this page."


def _verdict() -> str:
    if is_prepared("verdict"):
        return f"ready, {_size('verdict')} in {literal(str(corpus_folder('verdict')))}."
    return "written on this machine when it is first asked for, in a few seconds."


def _size(data: str) -> str:
    try:
        return size(sum(file.stat().st_size for file in corpus_folder(data).iterdir()))
    except OSError:  # it is being replaced just now
        return "some"
