"""The two pictures of a review: what went on inside the network, and what its verdict depends on."""

import math
from collections.abc import Callable

import numpy as np
import streamlit as st

from pages.components.read.readings import Reading, gives_verdict
from pages.components.shared.choose_view import choose_view
from pages.components.shared.format import literal, signed
from pages.components.shared.glossary import caption_with_terms
from pages.components.shared.panel_chart import folded, panel_chart, saying_why_not
from rnn_core.figures.colours import Theme
from rnn_core.figures.in_words import contributions_in_words, inside_in_words, next_in_words
from rnn_core.figures.next_tokens import next_tokens
from rnn_core.figures.read_panels import attribution
from rnn_core.figures.reading import reading as reading_figure
from rnn_core.figures.text import counted, percent, shorten
from rnn_core.inspection.attribution import FEWEST, agreement, most_turned
from rnn_core.inspection.tables import attribution_table, inside_table, next_tokens_table
from rnn_core.inspection.trace import Trace
from rnn_core.inspection.verdicts import verdicts
from rnn_core.models.model import Model

_BY_VARIANCE, _BY_RELEVANCE = "by variance", "by relevance"
_ORDERS = {
    "units by number": "",
    _BY_VARIANCE: "those on top vary most over time",
    _BY_RELEVANCE: "on top the sum over time of |d(logit)/d(unit) × unit| is largest",
}
"""Each in the words of the picture."""
_LONGEST = 30  # characters of a word in a sentence


def say_what_is_shown(trace: Trace, model: Model) -> None:
    """Say what is shown of a network of several layers, or one that reads in both directions."""
    if trace.layers > 1:
        what = "The verdict" if gives_verdict(model) else "What it expects next"
        below = trace.layer - 1
        reads = f"the states of layer {below}" if below else f"the {model.config.tokens.noun}s"
        st.caption(
            f"Gates, states and units are those of **layer {trace.layer} of {trace.layers}**, which reads "
            f"{reads}. {what} is that of the whole network."
        )
    if model.config.model.bidirectional:
        st.caption(
            "This network reads in both directions. Shown is the cell that reads forwards; the verdict uses "
            "both directions. After each token both have read the "
            f"{model.config.corpus.nouns.text} up to this token."
        )


def choose_picture(reading: Reading) -> Callable[[Reading, int, Theme], None]:
    """Choose which of the two to show."""
    if not reading.gives_verdict:
        of_next = {"What comes next": show_next_tokens, "What goes on inside": show_inside}
        return choose_view("Picture", of_next, "read_view_next", label_visibility="collapsed")
    pictures = {"What goes on inside": show_inside, "What the verdict depends on": show_attribution}
    return choose_view("Picture", pictures, "read_view", label_visibility="collapsed")


@saying_why_not()
def show_inside(reading: Reading, time: int, theme: Theme) -> None:
    """Verdict, norms, gates, and the units of one gate or state."""
    trace, names = reading.trace, reading.names
    picture = st.container()  # above its controls, which stand below the heat map, the part that they change
    which, order = st.columns([18, 6], gap="medium")
    with which:
        shown = choose_view(
            "Units shown in the heat map",
            {known.letter: known.letter for known in trace.declared.symbols},
            f"shown_{trace.cell}",
            format_func=lambda letter: trace.declared[letter].title,
            label_visibility="collapsed",
        )
    sorting = order.selectbox(
        "Order of the units",
        _ORDERS if reading.gives_verdict else [name for name in _ORDERS if name != _BY_RELEVANCE],
        key="units_sorted" if reading.gives_verdict else "units_sorted_next",
        persist_state="session",
        label_visibility="collapsed",
    )
    figure = reading_figure(
        cell=trace.cell,
        arrays=trace.arrays,
        verdicts=reading.answers,
        shown=shown,
        order=unit_order(reading, shown, sorting),
        order_name=_ORDERS[sorting],
        **reading.axis(time, theme),
    )
    gates = [known for known in trace.declared.shares if known.is_gate]
    found = None if reading.gives_verdict else reading.next_tokens
    kinds = "norms, gates and units" if gates else "norms and units"
    parts = f"{kinds} of {shown}{_layer_note(trace)} over {len(names)} time steps"
    if found is None:
        alt = f"Verdict, {parts}; the verdict ends at {percent(trace.probability)} {reading.followed}."
        says = inside_in_words(names, verdicts(trace), gates, trace.arrays)
    else:
        alt, says = f"Surprise, {parts}.", next_in_words(names, found)
    with picture:
        panel_chart(
            figure,
            key="reading",
            alt=alt,
            table=lambda: inside_table(trace, shown, found),
            saved_as=f"{reading.file_name}-inside",
            says=says,
        )


@saying_why_not()
def show_next_tokens(reading: Reading, time: int, theme: Theme) -> None:
    """Show what the network expects along the text, beside the truth, and how surprised it is."""
    found, names = reading.next_tokens, reading.names
    panel_chart(
        next_tokens(found=found, **reading.axis(time, theme)),
        key="next_tokens",
        alt=f"Surprise, and the probability of each next {reading.unit}, over {len(names)} time steps.",
        table=lambda: next_tokens_table(reading.trace, found),
        saved_as=f"{reading.file_name}-next",
        says=next_in_words(names, found),
    )


def _layer_note(trace: Trace) -> str:
    return f" in layer {trace.layer} of {trace.layers}" if trace.layers > 1 else ""


def unit_order(reading: Reading, shown: str, sorting: str) -> np.ndarray | None:
    """(H,) the units from the bottom of the heat map to its top; None as they are."""
    if sorting == _BY_VARIANCE:
        return np.argsort(reading.trace.arrays[shown].var(axis=0))
    if sorting == _BY_RELEVANCE:
        return np.argsort(reading.attribution.relevance.get(shown, reading.attribution.relevance["h"]))
    return None


@saying_why_not()
def show_attribution(reading: Reading, time: int, theme: Theme) -> None:
    """Show what each token did to the verdict, and how much of each time step still reaches it."""
    found, contributions, names = reading.attribution, reading.contributions, reading.names
    panel_chart(
        attribution(
            cell=reading.trace.cell, contributions=contributions, found=found, **reading.axis(time, theme)
        ),
        key="attribution",
        alt=f"Occlusion, input times gradient, saliency and connectivity over {len(names)} time steps.",
        table=lambda: attribution_table(reading.trace, found, contributions),
        saved_as=f"{reading.file_name}-attribution",
        says=contributions_in_words(names, contributions, found.input_times_gradient),
    )
    if words := move_in_words(reading):
        st.caption(words)
    if words := attention_in_words(reading):
        folded("What the weights of attention say").markdown(words)
    if reading.trace.layers > 1:
        st.caption(
            f"Connectivity is that of the states{_layer_note(reading.trace)}; the rest of the whole network."
        )
    if len(reading.trace.classes) > 2:
        caption_with_terms(
            f"The logit here is the log odds of **{reading.followed_in_words}** against all other classes "
            "together.",
            "logit",
        )
    if reading.occluded_from:
        st.caption(
            f"Of so long a text the tokens from time step {counted(reading.occluded_from)} on are occluded."
        )


def attention_in_words(reading: Reading) -> str:
    """Say how far attention agrees with occlusion and connectivity; empty where the readout has none."""
    if reading.attribution.attention is None:
        return ""
    found = agreement(reading.trace, reading.attribution, reading.contributions, since=reading.occluded_from)
    if found is None:
        few = f"Fewer than {FEWEST} {reading.unit}s are known here"
        return f"{few}, too few to compare attention with occlusion."
    occlusion, connectivity = (
        "not defined" if math.isnan(one) else f"{one:+.2f}" for one in (found.occlusion, found.connectivity)
    )
    words = (
        f"Over the {found.words:,} {reading.unit}s that occlusion leaves out, the rank correlation "
        f"(Spearman) of the attention weights is **{occlusion}** with the size of occlusion "
        f"and **{connectivity}** with connectivity."
    )
    if not found.disagrees:
        return words
    word = literal(shorten(reading.trace.review.window[found.time], _LONGEST))
    return (
        f"{words} “{word}” (time step {counted(found.time)}) is number {found.rank_of_weight:,} by weight "
        f"and number {found.rank_of_other:,} by {found.other}. A weight says how much of a state the readout "
        "takes. **Whether it explains the verdict is disputed**: it does not, since very different weights "
        "can lead to the same verdict (Jain and Wallace, 2019); it may, since that depends on what is called "
        "an explanation, and weights made to differ serve worse than learned ones (Wiegreffe and Pinter, "
        "2019)."
    )


def move_in_words(reading: Reading) -> str:
    """The token where the two differ most, in a sentence for Markdown; empty where none differs much."""
    time = most_turned(reading.trace, reading.contributions)
    if time is None:
        return ""
    word = literal(shorten(reading.trace.review.window[time], _LONGEST))
    return (
        f"“{word}” moved the logit by **{signed(float(reading.trace.moves[time]))}** when it was read, and "
        f"contributes **{signed(float(reading.contributions[time]))}** to the last one. Both hold: the first "
        f"compares with the verdict before the {reading.unit}, the second with the whole text read with "
        "`<unk>` in its place."
    )
