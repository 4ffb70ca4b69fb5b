"""The cell that the page shows: its choice, a trained model for the numbers, its time step and equations."""

import streamlit as st

from pages.components.shared import address, settings
from pages.components.shared import address_keys as keys
from pages.components.shared.choose_view import kept_choice
from pages.components.shared.equations import convention, draw_step, equations, show_numbers
from pages.components.shared.format import literal
from pages.components.shared.glossary import caption_with_terms
from pages.components.shared.model_picker import (
    can_give_verdict,
    config_of,
    load_and_say_of_cell,
    select_model,
    usual_model,
)
from pages.components.shared.token_strip import chips, show_around
from rnn_core.cell_files.declared import UntracedDeclaration
from rnn_core.cell_files.traced import source_of
from rnn_core.config.model_settings import ModelConfig
from rnn_core.figures.colours import Theme
from rnn_core.figures.step import digits, is_drawn
from rnn_core.figures.text import counted, percent
from rnn_core.inspection.one_step import OneStep
from rnn_core.inspection.trace import Trace
from rnn_core.models.catalogue import list_models
from rnn_core.models.model import KeptModel
from rnn_core.symbols import CELLS
from rnn_core.tasks.task import task_of

PICKED = "cells_variant"
"""The session's key of the cell that is shown."""


def pick_variant() -> str:
    """Name of the cell to show, kept in the address as `variant`."""
    before = {"gru-before": "gru"}  # what addresses of earlier versions say
    # The cell of a run of before is listed where its equations are known, though no new run can have it.
    of_models = (config.model.variant for entry in list_models() if (config := config_of(entry.folder)))
    cells = list(dict.fromkeys([*CELLS, *of_models]))
    cells = [cell for cell in cells if not isinstance(CELLS[cell], UntracedDeclaration)]
    return kept_choice(
        "Cell",
        cells,
        keys.VARIANT,
        PICKED,
        lambda: ModelConfig().variant,
        formerly=before,
        format_func=lambda name: CELLS[name].title,
        help="What computes the next state from a word and the state before it. Some kinds have several "
        "variants, which differ in a setting.",
    )


def pick_model_of(name: str) -> KeptModel | None:
    """A trained model of this variant; None, with the reason on the page, where none was trained or loads."""
    declared = CELLS[name]
    models = [(entry, config_of(entry.folder)) for entry in list_models()]
    of_variant = [(entry, of) for entry, of in models if of is not None and of.model.variant == name]
    of_variant.sort(key=lambda model: not can_give_verdict(model[1]))  # those that read texts come first
    entries = {entry.name: entry for entry, of in of_variant if task_of(of).can_be_read}
    if not entries:
        st.info(
            f"No {declared.title} is trained on this machine yet, so there are no numbers to show. "
            "Train one, and the numbers appear here. Its equations, its code and its speed are below.",
            icon=":material/model_training:",
        )
        query = {settings.KEYS[name]: str(value) for name, value in declared.run_settings.items()}
        address.link("pages/train.py", "Train one", query)
        return None
    key = f"cells_model_{name}"
    address.follow(keys.MODEL, key, entries, lambda: usual_model(entries))
    picked = select_model(
        "Model",
        entries,
        key=key,
        help="Whose weights the numbers come from: the models that come with the app, then your own runs.",
    )
    address.write(keys.MODEL, key, picked)
    return load_and_say_of_cell(entries[picked].folder)


_HIGHEST = 520  # pixels; longer code scrolls


def memory_sentence(step: OneStep, word: str) -> str:
    """Say what becomes of the old memory at this token, or of the state where there are no gates."""
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
    st.markdown(literal(memory_sentence(step, word)))
    if not is_drawn(step):
        return
    products = f"x W is a product with the whole {token}; shown is what it gives"
    if read.declared.products.with_memory:
        both = f"x W and h U are products with the whole {token} and the whole state"
        products = f"{both}; shown is what they give"
    st.caption(f"{at}, {why}. {products} this unit, to three digits. Point at a number for more.")


def show_formulas(name: str, step: OneStep | None, theme: Theme) -> None:
    """Show the equations. Without a step there are no numbers, and what a table above has is not repeated."""
    formulas, numbers = st.columns([2, 3], gap="large")
    source = source_of(name)
    with formulas:
        st.subheader("The equations" if source is None else "Your code, as equations", anchor=False)
        st.latex(equations(name, theme))
        if source is not None:
            with st.expander("The code of which these equations were read", icon=":material/code:"):
                st.code(source.source, language="python", height=_HIGHEST)
        caption_with_terms(convention(name), "convention")
    if step is not None and step.parts:
        with numbers:
            st.subheader(f"With the numbers of unit {step.unit}", anchor=False)
            show_numbers(step, theme)
