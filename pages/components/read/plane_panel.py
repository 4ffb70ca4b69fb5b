"""The plane of hidden states, with this review's path on it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import streamlit as st

from pages.components.read.panels import learned_a_language, panel
from pages.components.read.readings import Reading
from pages.components.read.reviews_beside import reviews_for
from pages.components.shared.choose_view import choose_view
from pages.components.shared.format import literal
from pages.components.shared.glossary import explained
from pages.components.shared.model_picker import BY_FILES
from pages.components.shared.panel_chart import folded, panel_chart
from rnn_core.data.encoding import EncodedReviews, encode_reviews
from rnn_core.figures.colours import Theme
from rnn_core.figures.in_words import plane_in_words
from rnn_core.figures.plane import Hidden, each_drawn, state_map
from rnn_core.inspection.keeping_track import TrackedStrings, strings_of
from rnn_core.inspection.plane import StatePlane, state_plane
from rnn_core.inspection.tables import plane_table
from rnn_core.inspection.trace import Trace, trace_tokens
from rnn_core.models.model import KeptModel

_FEWEST = 3  # test reviews, for a plane
_NEXT = "what the head finds most probable next"


class _Sample(NamedTuple):
    """The texts whose states are drawn."""

    which: str
    """The mark that sets them apart from other ones."""
    encode: Callable[[], EncodedReviews]
    what: str
    """A phrase for them, as in "500 test reviews (IMDB)", for Markdown."""
    strings: TrackedStrings | None
    """The strings, and what is hidden in them, where they are those of a language."""


@st.cache_data(max_entries=8, show_spinner="Reading test texts", hash_funcs=BY_FILES)
def _plane(model: KeptModel, which: str, followed: int, letter: str, _sample: _Sample) -> StatePlane:
    return state_plane(model.classifier, _sample.encode(), 5_000, followed=followed, letter=letter)


_strings = st.cache_resource(max_entries=8, show_spinner="Drawing strings", hash_funcs=BY_FILES)(strings_of)


def _sample(model: KeptModel) -> _Sample | None:
    """Strings of the language that a network learned, else test reviews; None, with the reason, without."""
    if model.config.corpus.language is not None:
        strings = _strings(model)
        what = f"{len(strings.texts):,} {literal(model.config.corpus.lessons)}"
        return _Sample("strings", lambda: strings.encoded, what, strings)
    corpus, texts = reviews_for(model), model.config.corpus.nouns.texts
    if corpus is None:
        return None
    if len(corpus.indices("test")) < _FEWEST:
        st.info(f"The corpus has too few test {texts} for a plane: {_FEWEST} are needed.")
        return None
    tests = corpus.indices("test")  # taken from all over the corpus, since they lie in order of their labels
    some = tests[np.linspace(0, len(tests) - 1, min(500, len(tests))).astype(int)]
    return _Sample(
        f"{corpus.name} {corpus.mark}",
        lambda: encode_reviews(corpus, some, model.vocabulary, model.config.text),
        f"{len(some):,} test {texts} ({literal(corpus.ref.title)})",
        None,
    )


@panel("The plane of states", "Where do its states go?", needs=learned_a_language)
def show_plane(reading: Reading, time: int, theme: Theme) -> None:
    """States of many other texts, and where this one went among them."""
    model, trace = reading.model, reading.trace
    sample = _sample(model)
    if sample is None:
        return
    if trace.arrays["h"].shape[1] < 2:
        st.info("A network with one unit has no plane: its states lie on a line.")
        return
    if trace.layer < trace.layers:  # the head reads the top one
        trace = trace_tokens(model, trace.review.tokens, trace.followed)
    letter, coloured_by = ("h", _NEXT) if sample.strings is None else _choose(sample.strings, trace)
    plane = _plane(model, sample.which, trace.followed, letter, sample)
    hidden = _hidden(sample.strings, coloured_by, plane)
    by_class = {trace.classes[number]: plane.predicted == number for number in trace.coloured}
    all_hidden = sample.strings.hidden if sample.strings is not None else {}
    texts = model.config.corpus.nouns.texts
    what = texts if sample.strings is not None else f"test {texts}"
    panel_chart(
        state_map(
            plane=plane,
            followed=reading.followed,
            by_class=by_class if len(trace.classes) > 2 else None,
            path=plane.project(trace),
            hidden=hidden,
            others="other classes" if reading.gives_verdict else "other symbols",
            **reading.axis(time, theme),
        ),
        key="plane",
        alt=f"Hidden states of {what} on two principal components, with the path of this one.",
        table=lambda: plane_table(plane, trace, {name: of[plane.places] for name, of in all_hidden.items()}),
        saved_as=f"gatescope-{model.name}-plane",
        says=plane_in_words(plane.shares, plane.readout_share),
    )
    are = "points and the line" if plane.readout is None else "points, the line and the arrow"
    folded(f"What the {are} are").markdown(
        explained(_explanation(reading, trace, plane, sample.what, hidden), "plane")
    )


def _choose(strings: TrackedStrings, trace: Trace) -> tuple[str, str]:
    """Choose the state of the cell that is drawn, where it has several, and what colours it."""
    letter = "h"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        coloured_by = st.selectbox(
            "States coloured by",
            [*strings.kinds, _NEXT],
            key=f"plane_coloured_by_{'_'.join(strings.kinds)}",
            persist_state="session",
            width=340,
            help="What is hidden in a string is known at each symbol, and the network was never shown it. "
            "Where states with the same truth lie together, the network keeps it.",
        )
        if len(trace.states) > 1:
            letter = choose_view(
                "State",
                {letter: letter for letter in trace.states},
                f"plane_of_{'_'.join(trace.states)}",
                usual="h",
                wrap=False,
                format_func=lambda letter: trace.declared[letter].title,
                help="Which state of the cell is drawn. The head reads h; what is kept from one time step to "
                "the next may show in the others.",
            )
    return letter, coloured_by


def _hidden(strings: TrackedStrings | None, name: str, plane: StatePlane) -> Hidden | None:
    """Return the hidden truth of this name where the states were read; None where the head colours them."""
    if strings is None or name == _NEXT:
        return None
    return Hidden(name, strings.kinds[name], strings.hidden[name][plane.places])


def _explanation(reading: Reading, trace: Trace, plane: StatePlane, what: str, hidden: Hidden | None) -> str:
    colours, direction = "what the head says of each", "the head reads along"
    is_of_two = len(trace.classes) == 2
    if not is_of_two:
        answer = "class" if reading.gives_verdict else "symbol"
        colours = f"the {answer} that the head finds most probable for each"
        direction = (
            f"in which the logit of **{reading.followed_in_words}** grows against the mean of the others"
        )
    if hidden is not None:
        colours = f"“{hidden.name}” where each was read"
    states = "hidden states" if plane.letter == "h" else f"states {plane.letter}"
    of_top = f" of layer {trace.layers}, the top one," if trace.layers > 1 else ""
    drawn = len(plane.points[:: each_drawn(len(plane.points))])
    part = "all of them" if drawn == len(plane.points) else f"of which {drawn:,} are"
    said = (
        f"Principal components of {len(plane.points):,} {states}{of_top} of {what}, {part} drawn, "
        f"coloured by {colours}. The line is this {reading.noun}, first token to last."
    )
    if plane.readout_share is None:
        return said
    said += (
        f" The arrow is the direction {direction}; {plane.readout_share:.0%} of it lies in this plane, by "
        "the square of its length."
    )
    if not reading.gives_verdict:
        return said
    kept = "its verdict" if is_of_two else f"how much speaks for {reading.followed_in_words}"
    return (
        f"{said} Where the states lie along it in a narrow band, it is as if the network kept {kept} as one "
        "number, on a line. That would be a line attractor (Maheswaranathan et al., 2019) only if a state "
        "stayed where it is on that line while nothing new is read, which a picture of two components can't "
        "show."
    )
