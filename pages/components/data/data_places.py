"""The places of corpora on this machine, and ways to get those that are missing."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shared import corpora
from pages.components.shared.data_source import offer_downloads
from pages.components.shared.format import literal, size
from rnn_core.config.corpora import CorpusRef, shipped_lines
from rnn_core.data.imdb import IMDB_CITATION, IMDB_SIZE, IMDB_URL
from rnn_core.errors import DataError


def show_places(looked_at: CorpusRef) -> None:
    """One line for each corpus that comes with the app; the offer to get it, unless that stands higher up."""
    st.subheader("Where the texts are", anchor=False)
    st.markdown("\n".join(f"- **{title}**: {_places(corpora)}" for title, corpora in shipped_lines()))
    st.caption(
        "IMDB: 25,000 training and 25,000 test reviews of Maas et al., 2011; the archive is "
        f"{size(IMDB_SIZE)}. In a shell: `python -m rnn_core data status`, `data download`.",
        help=f"{IMDB_CITATION}\n\n{IMDB_URL}",
    )
    offer_downloads(looked_at)


def _places(named: Sequence[CorpusRef]) -> str:
    if len(named) == 1:
        return _place(named[0])
    ready = sum(corpus.is_prepared() for corpus in named)
    return f"{named[0].how_to_get_it.removesuffix('.')}; {ready} {'is' if ready == 1 else 'are'} ready."


def _place(corpus: CorpusRef) -> str:
    try:
        found = corpus.origin()
    except DataError as error:
        return literal(str(error))
    if corpus.is_prepared():
        origin = f" It was read from {literal(str(found))}." if found is not None else ""
        try:
            taken = size(sum(file.stat().st_size for file in corpus.folder.iterdir()))
        except OSError:  # it is being replaced just now
            taken = "some"
        return f"ready, {taken} in {literal(str(corpus.folder))}.{origin}"
    if found is not None:
        return f"found at {literal(str(found))}; made ready when it is first asked for."
    job = corpora.job(corpus)
    return "being made ready." if job is not None and job.running else corpus.how_to_get_it
