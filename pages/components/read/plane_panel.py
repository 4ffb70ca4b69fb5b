"""The plane of hidden states, with this review's path on it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.components.read.reviews_beside import reviews_for
from pages.components.shared.model_picker import changed_at
from pages.components.shared.panel_chart import panel_chart
from rnn_core.config.words import DATA_NAMES
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import encode_reviews
from rnn_core.figures.colours import Theme
from rnn_core.figures.plane import each_drawn, state_map
from rnn_core.inspection.plane import StatePlane, state_plane
from rnn_core.inspection.tables import plane_table
from rnn_core.inspection.trace import Trace
from rnn_core.models.folder import LoadedModel
from rnn_core.models.scoring import probabilities_of

_REVIEWS, _STATES = 500, 5_000


@st.cache_data(max_entries=8, show_spinner="Reading 500 test reviews")
def _plane(
    folder: str, changed: tuple[float, ...], data: str, _model: LoadedModel, _corpus: Corpus
) -> StatePlane:
    tests = _corpus.indices("test")
    some = tests[np.linspace(0, len(tests) - 1, _REVIEWS).astype(int)]  # they lie in order of their labels
    reviews = encode_reviews(_corpus, some, _model.vocabulary, _model.config.text)
    return state_plane(_model.classifier, reviews, _STATES)


def show_plane(model: LoadedModel, trace: Trace, labels: Sequence[str], time: int, theme: Theme) -> None:
    """States of many test reviews, and where this review went among them."""
    corpus = reviews_for(model)
    if corpus is None:
        return
    if trace.arrays["h"].shape[1] < 2:
        st.info("A network with one unit has no plane: its states lie on a line.")
        return
    plane = _plane(str(model.folder), changed_at(model.folder), corpus.name, model, corpus)
    panel_chart(
        state_map(
            points=plane.points,
            probabilities=probabilities_of(plane.logits),
            shares=plane.shares,
            readout=plane.readout,
            path=plane.project(trace),
            labels=labels,
            cursor=time,
            theme=theme,
        ),
        key="plane",
        alt="Hidden states of test reviews on two principal components, with the path of this one.",
        table=lambda: plane_table(plane, trace),
        saved_as=f"gatescope-{model.name}-plane",
    )
    data = "imdb" if corpus.name == "imdb" else "verdict"
    drawn = len(plane.points[:: each_drawn(len(plane.points))])
    st.caption(
        f"Principal components of {len(plane.points):,} hidden states of {_REVIEWS} test reviews "
        f"({DATA_NAMES[data]}), of which {drawn:,} are drawn, coloured by what the head says of each. The "
        "line is this review, first token to last. The arrow is the direction the head reads along; this "
        f"plane holds {plane.readout_share:.0%} of its squared length, which is how variance counts on the "
        "axes. Where the states lie along it in a narrow band, the network keeps its verdict as one number: "
        "a line attractor (Maheswaranathan et al., 2019)."
    )
