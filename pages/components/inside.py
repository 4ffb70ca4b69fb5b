"""What happens inside a run while it learns: how far the loss reaches back, its gates, states and weights."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from pages.components.live_chart import live_chart
from rnn_core.figures.colours import Look
from rnn_core.figures.inside import reach, reach_over_training, saturation, state_norms, weight_norms
from rnn_core.inspection.inside import OPEN, SHUT
from rnn_core.runs.run import Run
from rnn_core.training.history import History

_WORDS = (
    "Measured on 64 validation reviews at every evaluation. The first chart follows the loss of each review "
    "back: where the line falls, what was read there can teach the network nothing any more (the gradient "
    "vanishes); where it rises, a small change there changes everything (it explodes)."
)


def show_inside(run: Run, histories: Sequence[History], look: Look) -> None:
    """The charts of the last look into each run, and of all looks into the first of them."""
    shown = histories[0]
    if not shown.inside:
        if run.active or not run.optimizer_step:
            st.info("The first look inside is taken at the first evaluation.", icon=":material/visibility:")
        else:
            st.info(
                "No look was taken inside this run: it ended before its first evaluation, or is older than "
                "this view. Train it again to see inside.",
                icon=":material/visibility_off:",
            )
        return
    cell = run.config.model.cell
    charts = (
        (
            "reach",
            partial(reach, histories, look),
            "Norm of the gradient of the loss by the distance from the end.",
        ),
        (
            "reach_over_training",
            partial(reach_over_training, shown, look),
            "The same at every evaluation, as a heat map.",
        ),
        (
            "saturation",
            partial(saturation, shown, cell, look),
            f"Shares of each gate's values below {SHUT} and above {OPEN}, by epoch.",
        ),
        ("state_norms", partial(state_norms, histories, look), "Norm of the state by the time step."),
        ("weight_norms", partial(weight_norms, shown, look), "Norm of each weight matrix by epoch."),
    )
    with st.grid(2, min_column_width=300, gap="small"):
        for name, draw, alt in charts:  # each is sent before the next one is drawn
            with st.container():
                live_chart(draw(), f"inside_{name}", alt, run.id)
    st.caption(_WORDS)
