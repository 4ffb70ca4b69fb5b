"""What Train shows before anything was trained here: how a model that comes with the app learned."""

import streamlit as st

from pages.components.model_picker import load, model_title, usual_model
from pages.components.run_panel import show_curves, state_box
from rnn_core.figures.curves import history
from rnn_core.models.catalogue import list_models


def show_first_picture() -> None:
    """The curves of a pretrained model, said to be such; an invitation where there is none."""
    entries = [entry for entry in list_models() if entry.kind == "pretrained"]
    model = load(entries[usual_model(entries)].folder) if entries else None
    if model is None or not model.history:
        st.info(
            "Nothing was trained here yet. Start, and the curves of loss and accuracy grow in this place.",
            icon=":material/show_chart:",
        )
        return
    with state_box():
        accuracy = model.scores.get("accuracy")
        right = f" It is right on **{accuracy:.1%}** of the test reviews." if accuracy else ""
        st.info(
            f"Nothing was trained here yet. These are the curves of **{model_title(model.folder)}**, which "
            f"comes with the app.{right} Start, and yours grow in this place.",
            icon=":material/show_chart:",
        )
    show_curves([history(model.name, model.history)], model.name)
