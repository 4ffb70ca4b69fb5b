"""What the place of a GRU's reset gate changes."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.equations import equations, show_equations
from rnn_core.figures.colours import Theme
from rnn_core.symbols import CELLS


def places_of_reset(name: str) -> list[str]:
    """The cells of this kind that have a reset gate: that with the gate before the product, that after it."""
    declared = CELLS[name]
    places = {
        one.reset.after: variant
        for variant, one in CELLS.items()
        if declared.reset is not None and one.kind == declared.kind and one.reset is not None
    }
    return [places[after] for after in sorted(places)]


def show_resets(reset_before: str, reset_after: str, theme: Theme) -> DeltaGenerator:
    """Shows two cells side by side; returns the place for what their difference changes in speed."""
    st.subheader("What reset before and reset after change", anchor=False)
    before, after = st.columns(2, gap="large")
    with before:
        st.markdown(
            "**Before the product** (Cho et al., 2014, arXiv 1406.1078v3; z as in Chung et al., 2014)"
        )
        show_equations(equations(reset_before, theme))
        st.markdown(
            "The gate picks units first, and the product mixes only what it let through: a unit that is "
            "shut out reaches no candidate at all. The product has to wait for the gate, so it can't be "
            "joined with the other two: there is one more product at every time step."
        )
    with after:
        st.markdown("**After the product** (PyTorch, cuDNN)")
        show_equations(equations(reset_after, theme))
        st.markdown(
            "All units are mixed first, and each candidate takes as much of its mixture as its own gate "
            "says. The product is with h itself, so all three can be joined in one. A bias d of its own is "
            "multiplied by the gate, too."
        )
    st.markdown(
        "With the reset after, the weights are those of `nn.GRU`: it has the same order r, z, n, its "
        "matrices are transposed, and its z is one minus ours, so the weights and biases of z are negated. "
        "d is the part of its `bias_hh_l0` that belongs to n. With the reset before, torch has no such "
        "module."
    )
    return st.empty()


def speed_of_resets(before: float | None, after: float | None) -> str:
    """How long either takes in the sequence form, in milliseconds, where both were measured."""
    if before is None or after is None:
        return "Time both variants to see the difference in speed here."
    return (
        f"In speed, on this machine: the sequence form takes **{before:.0f} ms** with the reset before and "
        f"**{after:.0f} ms** with the reset after."
    )
