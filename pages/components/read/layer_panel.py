"""Panel on what each layer adds: the verdict by every layer's states, and where they differ."""

from functools import partial

import numpy as np
import streamlit as st

from pages.components.read.panels import gives_verdict, panel
from pages.components.read.readings import Reading
from pages.components.read.reviews_beside import reviews_for
from pages.components.shared.found_by import found_by
from pages.components.shared.model_picker import changed_at
from pages.components.shared.panel_chart import folded, panel_chart
from rnn_core.config.readouts import READOUTS
from rnn_core.figures.colours import Theme
from rnn_core.figures.in_words import layers_in_words
from rnn_core.figures.read_panels import verdict_by_layer
from rnn_core.figures.text import percent
from rnn_core.inspection.layer_heads import LayerHeads, fit_heads, verdicts_by_layer
from rnn_core.inspection.tables import layers_table
from rnn_core.refusals import listing
from rnn_core.tasks.classes import probabilities_of


@panel(
    "What does each layer add?",
    "What would it say if a lower layer gave the verdict?",
    needs=lambda reading: gives_verdict(reading) and reading.trace.layers > 1,
    title=lambda reading: f"What does {'each layer' if reading.trace.layers > 2 else 'layer 2'} add?",
)
def show_layers(reading: Reading, time: int, theme: Theme) -> None:
    """The heads of the lower layers, fitted once in the background; then the verdicts by all layers."""
    model = reading.model
    corpus, texts = reviews_for(model, or_others=False), model.config.corpus.nouns.texts
    if corpus is None:
        return
    about = f"{model.folder} {changed_at(model.folder)} {corpus.name} {corpus.mark}"
    fit = partial(fit_heads, model, corpus)
    heads: LayerHeads | None = found_by("layers", about, fit, f"Looking at the {texts}")
    if heads is None:
        return
    logits = verdicts_by_layer(model, reading.trace, heads)
    probabilities = probabilities_of(logits).astype(np.float32)
    if heads.right:
        *lower, top = (f"**{percent(share)}**" for share in heads.right)
        layers = listing([str(layer) for layer, _ in enumerate(lower, 1)])
        which, are = f"Layer {layers}, read by a head", "is"
        if len(lower) > 1:
            which, are = f"Layers {layers}, each read by a head", "are"
        st.markdown(
            f"{which} fitted on {heads.fitted_on:,} training {texts}, {are} right on {listing(lower)} of "
            f"{heads.scored_on:,} test {texts}, the whole network on {top}."
        )
    panel_chart(
        verdict_by_layer(followed=reading.followed, probabilities=probabilities, **reading.axis(time, theme)),
        key="layers_chart",
        alt=f"The verdict by each of {len(logits)} layers after each {reading.unit}.",
        table=lambda: layers_table(reading.trace, logits),
        saved_as=f"gatescope-{model.name}-layers",
        says=layers_in_words(reading.names, reading.followed, probabilities),
    )
    readout, read = model.config.model.readout, READOUTS[heads.readout].of_states
    has_weights = f" (the weights of {readout} belong to the top layer)" if heads.readout != readout else ""
    folded("How a layer below the top one gets a verdict").markdown(
        f"The network's own head reads layer {reading.trace.layers} alone. For each layer below, a head of "
        f"its own was fitted: a logistic regression on the {read} of that layer's states{has_weights}, on "
        f"{heads.fitted_on:,} training {texts} of this network. So the verdict by a lower layer says what "
        "can be read off its states, not what the network does with them."
    )
