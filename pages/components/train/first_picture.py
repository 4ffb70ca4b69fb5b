"""What Train shows before anything was trained here: how a model that comes with the app learned."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shared.baselines import baseline_lines, baselines_in_words
from pages.components.shared.format import literal
from pages.components.shared.glossary import explained
from pages.components.shared.model_picker import load_usual, model_title
from pages.components.shared.run_curves import show_curves
from pages.components.train.run_panel import state_box
from rnn_core.config.words import recipe_in_words
from rnn_core.errors import ModelFolderError
from rnn_core.models.catalogue import ModelEntry, list_models
from rnn_core.models.model import KeptModel
from rnn_core.training.history import history
from rnn_core.training.records import Record, read_history

_FIRST = ("gru",)
"""It learned from whole reviews alone, so its two curves are about the same kind of text.

Where snippets and composed sentences are among the lessons, they are harder than the validation reviews, and
training accuracy stays below validation accuracy.
"""


def show_first_picture() -> None:
    """The curves of a pretrained model, said to be such; an invitation where there is none."""
    model, records = _first_with_records([entry for entry in list_models() if entry.kind == "pretrained"])
    if model is None:
        st.info(
            explained(
                "Nothing was trained here yet. Start a training, and its curves of loss and accuracy grow "
                "here.",
                "invitation",
            ),
            icon=":material/show_chart:",
        )
        return
    with state_box():
        accuracy = model.scores.get("accuracy")
        recipe = recipe_in_words(model.config)
        right = (
            f" It is right on **{accuracy:.1%}** of the test reviews (recipe: {recipe})." if accuracy else ""
        )
        name = literal(model_title(model.folder))
        st.info(
            f"Nothing was trained here yet. These are the curves of **{name}**, which comes with the "
            f"app.{right} Start a training, and its own curves grow here.",
            icon=":material/show_chart:",
        )
    lines = baseline_lines([model.config.corpus], "validation_accuracy")
    of_lines = baselines_in_words(model.config)
    show_curves([history(model.name, records)], [model.config], model.name, lines=lines, of_lines=of_lines)


def _first_with_records(entries: Sequence[ModelEntry]) -> tuple[KeptModel | None, list[Record]]:
    """The model to begin with, or the next one whose training can be shown; none where there is none."""
    model = load_usual(entries, _FIRST)
    if model is None:
        return None, []
    records = _records(model)
    others = [entry for entry in entries if entry.folder != model.folder]
    return (model, records) if records else _first_with_records(others)


def _records(model: KeptModel) -> list[Record]:
    """The records of a model's training; none, and a sentence on the page, where they are damaged."""
    try:
        return read_history(model.folder, model.config.model.variant)
    except ModelFolderError as error:
        st.error(literal(str(error)), icon=":material/broken_image:")
        return []
