"""What this machine has to work with: reviews, models, runs. One card each."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shared import corpora
from pages.components.shared.format import literal
from pages.components.shared.model_picker import model_title, usual_model
from rnn_core.data.imdb import IMDB_CITATION, find_imdb
from rnn_core.data.own.catalogue import OwnCorpus, own_corpora
from rnn_core.data.sources import is_prepared
from rnn_core.errors import DataError, RunError
from rnn_core.models.catalogue import ModelEntry
from rnn_core.runs.store import Store
from rnn_core.symbols import KINDS

_SHOWN = 3


def show_data() -> None:
    """Which reviews there are to learn from."""
    own = own_corpora()
    st.markdown(f"**:material/library_books: {'Reviews and texts' if own else 'Reviews'}**")
    st.markdown(f"IMDB: {_imdb()}  \nVerdict corpus: written for this app, always at hand, no download.")
    if own:
        st.text("\n".join(_own_lines(own)))
    st.caption("The IMDB reviews were collected by Maas et al., 2011.", help=IMDB_CITATION)


def _own_lines(own: Sequence[OwnCorpus]) -> list[str]:
    """Name and number of texts of each corpus of the user's own, the first ones."""
    lines = [
        f"{corpus.name}: " + ("can't be read, see Data" if corpus.problem else f"{corpus.texts:,} texts")
        for corpus in own[:_SHOWN]
    ]
    return [*lines, f"and {len(own) - _SHOWN:,} more"] if len(own) > _SHOWN else lines


def _imdb() -> str:
    job = corpora.job("imdb")
    if job is not None and job.error and corpora.opened("imdb") is None:
        return "not ready; the error is shown below."
    if is_prepared("imdb"):
        return "50,000 labelled reviews, ready."
    try:
        found = find_imdb()
    except DataError as error:
        return literal(str(error))
    if found is not None:
        return "found on this machine; prepared when a run first needs them."
    return "not on this machine yet. The download is offered below."


def show_models(models: Sequence[ModelEntry]) -> None:
    """Which networks can read already."""
    st.markdown("**:material/neurology: Models**")
    if not models:
        st.markdown("None yet: train one, it takes about a minute on the verdict corpus.")
    else:
        *most, last = (usual.noun for usual in KINDS.values())
        st.caption(f"A model reads with one of these cells: {', '.join(most)} or {last}.")
        lines = [model_title(entry.folder) for entry in _usual_first(models)[:_SHOWN]]
        if len(models) > _SHOWN:
            lines.append(f"and {len(models) - _SHOWN:,} more")
        st.text("\n".join(lines))
        st.page_link("pages/read.py", label="Watch one read", icon=":material/menu_book:")


def _usual_first(models: Sequence[ModelEntry]) -> list[ModelEntry]:
    """The model that answers above, then the others in their order."""
    usual = usual_model({entry.name: entry for entry in models})
    return sorted(models, key=lambda entry: entry.name != usual)


def show_runs() -> None:
    """What was trained here."""
    st.markdown("**:material/model_training: Your runs**")
    try:
        runs = Store().runs.all()
    except RunError as error:
        st.warning(literal(str(error)))
        return
    if not runs:
        st.markdown("None yet. Pick a cell and watch its curves grow.")
    else:
        lines = [f"{run.title}: {run.state}" for run in runs[:_SHOWN]]
        if len(runs) > _SHOWN:
            lines.append(f"and {len(runs) - _SHOWN:,} more")
        st.text("\n".join(lines))
    st.page_link("pages/train.py", label="Train a network", icon=":material/model_training:")
