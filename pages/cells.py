"""What happens at one time step: a cell's equations, its numbers, its code and its speed."""

import streamlit as st

from pages.components.cells.cell_source import show_forms
from pages.components.cells.choice import pick_model_of, pick_variant
from pages.components.cells.timing import show_speed
from pages.components.shared import guard
from pages.components.shared.assets import style
from pages.components.shared.equations import convention, equations
from pages.components.shared.format import literal
from pages.components.shared.review_box import review_box
from pages.components.shared.theme import current_theme
from pages.components.shared.token_choice import choose_token, choose_unit, show_around
from pages.components.shared.token_strip import chips
from pages.components.shared.variants import VARIANTS
from pages.components.shared.worked_equations import worked
from rnn_core.errors import EmptyReviewError
from rnn_core.figures.step import DRAWING_CONFIG, WIDTH, step_drawing
from rnn_core.inspection.one_step import OneStep, one_step
from rnn_core.inspection.trace import trace

guard.enter("pages/cells.py")

theme = current_theme()


def show_step() -> OneStep | None:
    """The drawing of one time step, with its controls; None where there are no numbers."""
    with controls:
        model = pick_model_of(name)
        text = review_box(model.config.data) if model is not None else None
    if model is None or text is None:
        return None
    try:
        read = trace(model, text)
    except EmptyReviewError as error:
        picture.warning(literal(str(error)))
        return None
    strip = chips(read)
    with token:
        time = choose_token(read, text)
    with picture:
        show_around(strip, time, theme)
    with controls:
        unit, why = choose_unit(read, time)
    step = one_step(model, read, time, unit)
    word = next(chip.text for chip in strip if chip.step == time)
    with picture:
        st.html(style(__file__, step_width=f"{WIDTH + 8}px"))
        with st.container(key="one_step"):
            st.plotly_chart(
                step_drawing(step, word=word, theme=theme),
                theme=None,
                config=DRAWING_CONFIG,
                key="step",
                alt=f"Time step {time} in {why}: its hidden state goes from {step.before['h']:.3f} to "
                f"{step.after['h']:.3f}.",
            )
        st.caption(
            f"Time step {time}, {why}. x W and h U are products with the whole word and the whole state; "
            "shown is what they give this unit, to three digits. Point at a number for more."
        )
    return step


st.title("What happens at one time step?")
st.caption("Pick a cell and a token, and follow one unit from the state before it to the state after it.")
controls, picture = st.columns([3, 7], gap="medium")
with picture:
    cell, token = st.columns([11, 8], gap="medium")
with cell:
    name = pick_variant()
variant = VARIANTS[name]
step = show_step()

formulas, numbers = st.columns([2, 3], gap="large")
with formulas:
    st.subheader("The equations", anchor=False)
    st.latex(equations(variant.cell, variant.reset, theme))
    st.caption(convention(variant.cell, variant.reset))
if step is not None:
    with numbers:
        st.subheader(f"With the numbers of unit {step.unit}", anchor=False)
        st.latex(worked(step, theme))

st.subheader("Three forms of the same cell", anchor=False)
st.caption("They share their weights and agree to rounding. This is the code that runs, read from its file.")
show_forms(variant.new_cell())

st.subheader("How fast each form is", anchor=False)
show_speed(name, theme)
