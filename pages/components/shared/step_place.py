"""A time step, drawn where a drawing can say it: as wide as that must be; on a narrow page it scrolls."""

import streamlit as st

from pages.components.shared.assets import style
from pages.components.shared.equations import step_table
from pages.components.shared.live_chart import live_chart
from rnn_core.figures.colours import Theme
from rnn_core.figures.step import DRAWING_CONFIG, WIDTH, is_drawn, step_drawing
from rnn_core.inspection.one_step import OneStep


def draw_step(step: OneStep, key: str, *, called: str, word: str, theme: Theme, token: str = "word") -> None:
    """A time step drawn, or in a table where a drawing can't say it; `called` names it in a sentence.

    On a narrow page the drawing scrolls, and a line above says so.
    """
    if not is_drawn(step):
        st.markdown(step_table(step, theme))
        return
    alt = f"{called}: h goes from {step.before['h']:.3f} to {step.after['h']:.3f}."
    words = "The drawing is wider than this screen: move it sideways to see its gates."
    st.html(f'{style(step_width=f"{WIDTH + 8}px")}<div class="gs-scrolls">{words}</div>')
    with st.container(key=f"{key}_step"):
        drawing = step_drawing(step, word=word, theme=theme, token=token)
        live_chart(drawing, f"{key}_drawing", alt, f"{step.declared.kind} {len(step.parts)}", DRAWING_CONFIG)
