"""What Train shows before anything was trained here: how a model that comes with the app learned."""

import streamlit as st

from pages.components.bars import bar_lines
from pages.components.model_picker import load_usual, model_title
from pages.components.run_panel import show_curves, state_box
from pages.components.words import literal
from rnn_core.models.catalogue import list_models
from rnn_core.training.history import history


def show_first_picture() -> None:
    """The curves of a pretrained model, said to be such; an invitation where there is none."""
    entries = [entry for entry in list_models() if entry.kind == "pretrained"]
    model = load_usual(entries)
    if model is None or not model.history:
        st.info(
            "Nothing was trained here yet. Start, and the curves of loss and accuracy grow in this place.",
            icon=":material/show_chart:",
        )
        return
    with state_box():
        accuracy = model.scores.get("accuracy")
        right = f" It is right on **{accuracy:.1%}** of the test reviews." if accuracy else ""
        name = literal(model_title(model.folder))
        st.info(
            f"Nothing was trained here yet. These are the curves of **{name}**, which comes with the "
            f"app.{right} Start, and yours grow in this place.",
            icon=":material/show_chart:",
        )
    lines = bar_lines([model.config.corpus], "validation_accuracy")
    show_curves([history(model.name, model.history)], model.name, lines=lines)
