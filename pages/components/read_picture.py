"""The two pictures of a review: what went on inside the network, and what the verdict heard of it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.readings import Reading
from rnn_core.figures.colours import Look, symbol, symbols
from rnn_core.figures.heard import heard
from rnn_core.figures.layout import SHOW_CONFIG
from rnn_core.figures.reading import reading as reading_figure

_BY_NUMBER, _BY_VARIANCE, _BY_RELEVANCE = _ORDERS = ("units by number", "by variance", "by what they tell")


def show_inside(
    reading: Reading, names: Sequence[str], time: int, look: Look, sort_place: DeltaGenerator
) -> None:
    """Verdict, norms, gates, and the units of one gate or state, whose order is chosen at `sort_place`."""
    trace = reading.trace
    letters = [known.letter for known in symbols(trace.cell)]
    shown = st.segmented_control(
        "Units shown in the heat map",
        letters,
        default=letters[0],
        required=True,
        format_func=lambda letter: (
            "1 − h²" if letter == "slope" else f"{letter}  {symbol(trace.cell, letter).name}"
        ),
        key=f"shown_{trace.cell}",
        persist_state="session",
        label_visibility="collapsed",
        wrap=True,
    )
    sorting = sort_place.selectbox(
        "Units sorted",
        _ORDERS,
        key="units_sorted",
        persist_state="session",
        help="The units of the heat map from the bottom up: by number, by how much they vary over time, or "
        "by |d(logit)/d(unit)| times its value, summed over time.",
    )
    st.plotly_chart(
        reading_figure(
            cell=trace.cell,
            labels=names,
            arrays=trace.arrays,
            probabilities=trace.probabilities,
            shown=shown,
            look=look,
            cursor=time,
            order=unit_order(reading, shown, sorting),
        ),
        theme=None,
        config=SHOW_CONFIG,
        key="reading",
        alt=f"Verdict, norms, gates and units of {shown} over {len(names)} time steps; the verdict ends "
        f"at {trace.probability:.0%} positive.",
    )


def unit_order(reading: Reading, shown: str, sorting: str) -> np.ndarray | None:
    """(H,) the units from the bottom of the heat map to its top; None as they are."""
    if sorting == _BY_VARIANCE:
        return np.argsort(reading.trace.arrays[shown].var(axis=0))
    if sorting == _BY_RELEVANCE:
        return np.argsort(reading.attribution.relevance["c" if shown == "c" else "h"])
    return None


def show_heard(reading: Reading, names: Sequence[str], time: int, look: Look) -> None:
    """What each token did to the verdict, and what is still heard of each time step."""
    found = reading.attribution
    st.plotly_chart(
        heard(
            labels=names,
            occlusion=reading.occlusion,
            input_times_gradient=found.input_times_gradient,
            saliency=found.saliency,
            connectivity=found.connectivity,
            direct=None if reading.model.config.model.readout == "last" else found.direct_connectivity,
            cursor=time,
            look=look,
        ),
        theme=None,
        config=SHOW_CONFIG,
        key="heard",
        alt=f"Occlusion, input times gradient, saliency and connectivity over {len(names)} time steps.",
    )
    if reading.occluded_from:
        st.caption(
            f"Of so long a review the tokens from time step {reading.occluded_from:,} on are occluded."
        )
