"""The plane of hidden states, with this review's path on it."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.components.read.readings import Reading
from pages.components.read.reviews_beside import reviews_for
from pages.components.shared.format import literal
from pages.components.shared.glossary import explained
from pages.components.shared.model_picker import changed_at
from pages.components.shared.panel_chart import folded, panel_chart
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import encode_reviews
from rnn_core.figures.colours import Theme
from rnn_core.figures.in_words import plane_in_words
from rnn_core.figures.plane import each_drawn, state_map
from rnn_core.inspection.plane import StatePlane, state_plane
from rnn_core.inspection.tables import plane_table
from rnn_core.inspection.trace import trace_tokens
from rnn_core.models.model import KeptModel
from rnn_core.tasks.classes import probabilities_of

_FEWEST = 3  # test reviews, for a plane


@st.cache_data(max_entries=8, show_spinner="Reading test texts")
def _plane(
    folder: str, changed: tuple[float, ...], which: str, followed: int, _model: KeptModel, _corpus: Corpus
) -> StatePlane:
    reviews = encode_reviews(_corpus, _some(_corpus), _model.vocabulary, _model.config.text)
    return state_plane(_model.classifier, reviews, 5_000, followed=followed)


def _some(corpus: Corpus) -> NDArray[np.int64]:
    """Test reviews from all over the corpus, since they lie in order of their labels."""
    tests = corpus.indices("test")
    places = np.linspace(0, len(tests) - 1, min(500, len(tests))).astype(int)
    return np.asarray(tests[places])


def show_plane(reading: Reading, time: int, theme: Theme) -> None:
    """States of many test reviews, and where this review went among them."""
    model, trace, texts = reading.model, reading.trace, reading.model.config.corpus.nouns.texts
    corpus = reviews_for(model)
    if corpus is None:
        return
    if trace.arrays["h"].shape[1] < 2:
        st.info("A network with one unit has no plane: its states lie on a line.")
        return
    if len(corpus.indices("test")) < _FEWEST:
        st.info(f"The corpus has too few test {texts} for a plane: {_FEWEST} are needed.")
        return
    if trace.layer < trace.layers:  # the head reads the top one
        trace = trace_tokens(model, trace.review.tokens, trace.followed)
    which = f"{corpus.name} {corpus.mark}"
    plane = _plane(str(model.folder), changed_at(model.folder), which, trace.followed, model, corpus)
    by_class = {trace.classes[number]: plane.predicted == number for number in trace.in_sight}
    panel_chart(
        state_map(
            points=plane.points,
            probabilities=probabilities_of(plane.logits),
            followed=reading.followed,
            by_class=by_class if len(trace.classes) > 2 else None,
            shares=plane.shares,
            readout=plane.readout,
            path=plane.project(trace),
            labels=reading.names,
            cursor=time,
            theme=theme,
        ),
        key="plane",
        alt=f"Hidden states of test {texts} on two principal components, with the path of this one.",
        table=lambda: plane_table(plane, trace),
        saved_as=f"gatescope-{model.name}-plane",
        says=plane_in_words(plane.shares, plane.readout_share),
    )
    name = literal(corpus.ref.title)
    colours, direction = "what the head says of each", "the head reads along"
    if len(trace.classes) > 2:
        colours = "the class that the head finds most probable for each"
        direction = (
            f"in which the logit of **{reading.followed_in_words}** grows against the mean of the others"
        )
    kept = "its verdict" if len(trace.classes) == 2 else f"how much speaks for {reading.followed_in_words}"
    of_top = f" of layer {trace.layers}, the top one," if trace.layers > 1 else ""
    drawn = len(plane.points[:: each_drawn(len(plane.points))])
    part = "all of them" if drawn == len(plane.points) else f"of which {drawn:,} are"
    folded("What the points, the line and the arrow are").markdown(
        explained(
            f"Principal components of {len(plane.points):,} hidden states{of_top} of "
            f"{len(_some(corpus)):,} test {texts} ({name}), {part} drawn, coloured by {colours}. The line is "
            f"this {reading.noun}, first token to last. The arrow is the direction {direction}; "
            f"{plane.readout_share:.0%} of it lies in this plane, by the square of its length. Where the "
            f"states lie along it in a narrow band, it is as if the network kept {kept} as one number, on a "
            "line. That would be a line attractor (Maheswaranathan et al., 2019) only if a state stayed "
            "where it is on that line while nothing new is read, which a picture of two components can't "
            "show.",
            "plane",
        )
    )
