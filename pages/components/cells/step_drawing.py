"""One time step: drawn with one unit as it reads the chosen token, and as equations with its numbers."""

import streamlit as st

from pages.components.shared.equations import convention, equations, show_equations, show_numbers
from pages.components.shared.format import literal
from pages.components.shared.glossary import caption_with_terms
from pages.components.shared.step_place import draw_step
from pages.components.shared.token_strip import chips, show_around
from rnn_core.cell_files.traced import source_of
from rnn_core.figures.colours import Theme
from rnn_core.figures.step import digits, is_drawn
from rnn_core.figures.text import counted, percent
from rnn_core.inspection.one_step import OneStep
from rnn_core.inspection.trace import Trace
from rnn_core.symbols import CELLS

_HIGHEST = 520  # pixels; longer code scrolls


def in_words(step: OneStep, word: str) -> str:
    """What becomes of the old memory at this token, or of the state where there are no gates."""
    update = step.declared.update
    if update is None:
        before, after = digits(step.before["h"]), digits(step.after["h"])
        return f"At “{word}” h of this unit goes from {before} to {after}."
    kept, written = update.kept_share(step.values), update.written_share(step.values)
    at = f"At “{word}” the unit keeps {percent(kept)} of"
    if not update.candidate:
        return f"{at} its memory, and {digits(step.written)} comes in."
    if update.tracks:
        return f"{at} the first of its memories and adds {digits(written)} times its candidate."
    return f"{at} its memory and takes {percent(written)} of its candidate."


def show_drawing(step: OneStep, read: Trace, time: int, why: str, token: str, theme: Theme) -> None:
    """The step taken at `time`; `why` says in words which unit it shows, `token` what a token is called."""
    strip = chips(read)
    show_around(strip, time)
    word = next(chip.text for chip in strip if chip.step == time)
    where = ""
    if read.layers > 1:
        where = f" in layer {read.layer} of {read.layers}"
        token = token if read.layer == 1 else "layer below"
    at = f"Time step {counted(time)}{where}"
    if not is_drawn(step):
        st.markdown(f"**{at}, {why}**")
    draw_step(step, "one", called=f"{at} in {why}", word=word, theme=theme, token=token)
    st.markdown(literal(in_words(step, word)))
    if not is_drawn(step):
        return
    products = f"x W is a product with the whole {token}; shown is what it gives"
    of_cell = read.declared.products
    if of_cell is not None and of_cell.with_memory:
        both = f"x W and h U are products with the whole {token} and the whole state"
        products = f"{both}; shown is what they give"
    st.caption(f"{at}, {why}. {products} this unit, to three digits. Point at a number for more.")


def show_formulas(name: str, step: OneStep | None, theme: Theme) -> None:
    """Without a step there are no numbers, and what stands in a table above is not repeated."""
    formulas, numbers = st.columns([2, 3], gap="large")
    source = source_of(name)
    with formulas:
        if CELLS[name].equations:
            st.subheader("The equations" if source is None else "Your code, as equations", anchor=False)
            show_equations(equations(name, theme))
        if source is not None:
            with st.expander("The code of which these equations were read", icon=":material/code:"):
                st.code(source.source, language="python", height=_HIGHEST)
        caption_with_terms(convention(name), "convention")
    if step is not None and step.parts:
        with numbers:
            st.subheader(f"With the numbers of unit {step.unit}", anchor=False)
            show_numbers(step, theme)
