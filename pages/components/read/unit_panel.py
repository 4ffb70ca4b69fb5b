"""What units respond to in many reviews, which predict the label, and moments like that at the cursor."""

from pathlib import Path

import pandas as pd
import streamlit as st

from pages.components.read.moment_list import list_moments
from pages.components.read.readings import Reading
from pages.components.read.reviews_beside import reviews_for
from pages.components.read.similar_panel import show_similar
from pages.components.shared.format import literal
from pages.components.shared.job_progress import follow_job
from pages.components.shared.jobs import jobs
from rnn_core.data.corpus import Corpus
from rnn_core.figures.colours import Theme
from rnn_core.figures.in_words import units_in_words
from rnn_core.inspection.unit_index import build_unit_index, open_unit_index, unit_index_path
from rnn_core.inspection.units import UnitIndex
from rnn_core.models.model import Model
from rnn_core.symbols import CELLS

_SHOWN = 10
_KEPT = "What it finds is kept."
_TAKES = "For 25,000 {texts} that takes about half a minute; what it finds is kept."
_LETTER, _UNIT = "unit_letter", "unit_explored"


def show_units(reading: Reading, time: int, theme: Theme) -> None:
    """The index of the model, made when it is asked for; then the explorer."""
    model = reading.model
    corpus = reviews_for(model)
    if corpus is None:
        return
    layer = reading.trace.layer
    path = unit_index_path(model, corpus, layer=layer)
    index = _kept(path, path.stat().st_mtime, layer, model, corpus) if path.exists() else None
    if index is None:
        _offer_to_build(path, model, corpus, layer)
        return
    ranked, moments = st.columns([2, 3], gap="large")
    letters = [known.letter for known in CELLS[reading.trace.cell].symbols if known.letter in index.letters]
    with ranked:
        letter = st.segmented_control(
            "Gate or state", letters, default="h", required=True, key=f"{_LETTER}_{reading.trace.cell}",
            persist_state="session",
        )  # fmt: skip
        unit = _choose_unit(index, letter, reading)
    of_layer = f" in layer {layer}" if reading.trace.layers > 1 else ""
    with moments:
        where = f"in the test {model.config.corpus.nouns.texts}"
        st.markdown(f"**What makes unit {unit} of {letter}{of_layer} largest**, {where}")
        list_moments(reading, corpus, index.openers(letter, unit)[:_SHOWN], "{:.2f}", theme)
    show_similar(reading, index, path, corpus, time, theme)


def _choose_unit(index: UnitIndex, letter: str, reading: Reading) -> int:
    """A table of the units, those first that predict the followed class best; the one that is ticked."""
    texts = reading.model.config.corpus.nouns.texts
    name, is_of_two = reading.followed_in_words, len(index.classes) == 2
    followed = index.classes.index(reading.followed)
    ranking = index.ranking(letter, followed)
    st.markdown(f"**Units by how well their mean predicts {'the label' if is_of_two else name}**")
    chosen = st.dataframe(
        pd.DataFrame({"unit": ranking.units, "area under the ROC curve": ranking.auc}),
        hide_index=True,
        height=300,
        column_config={
            "area under the ROC curve": st.column_config.ProgressColumn(
                format="%.3f", min_value=0.0, max_value=1.0,
                help=f"How often the unit's mean is larger in the {name} one of two {texts} "
                f"{'with different labels' if is_of_two else 'of which the other is of another class'}: 1 "
                "always, 0.5 as often as not, 0 never.",
            )
        },
        selection_mode="single-row",
        on_select="rerun",
        key=f"{_UNIT}_{letter}_{followed}",  # the ticked row is a place in this ranking
        alt=f"Units of {letter} by the area under the ROC curve.",
    )  # fmt: skip
    best = units_in_words(letter, ranking.units, ranking.auc, "the label" if is_of_two else reading.followed)
    st.markdown(literal(best))
    rows = chosen.selection.rows
    return int(ranking.units[rows[0] if rows else 0])


@st.cache_resource(max_entries=4, show_spinner=False)
def _kept(path: Path, changed: float, layer: int, _model: Model, _corpus: Corpus) -> UnitIndex | None:
    return open_unit_index(_model, _corpus, layer=layer)


def _offer_to_build(path: Path, model: Model, corpus: Corpus, layer: int) -> None:
    name = str(path)
    job = jobs().get(name)
    if job is not None and job.running:
        follow_job(lambda: jobs().get(name), "cancel_units")
        return
    if job is not None and job.error:
        st.error(literal(job.error), icon=":material/error:")
    named = model.config.corpus
    takes = _TAKES if named.is_shipped else _KEPT
    st.info(
        f"To find what its units respond to, the model has to read all {len(corpus.indices('test')):,} test "
        f"{named.nouns.texts} once. {named.nouns.fill(takes)}",
        icon=":material/manage_search:",
    )
    st.button(
        f"Read the test {named.nouns.texts}",
        icon=":material/play_arrow:",
        type="primary",
        key="build_units",
        on_click=lambda: _build(name, model, corpus, layer),
    )


def _build(name: str, model: Model, corpus: Corpus, layer: int) -> None:
    at_first = f"Looking at the {model.config.corpus.nouns.texts}"
    jobs().start(name, lambda: build_unit_index(model, corpus, layer=layer), at_first)
