"""Facts on a model."""

import math
from pathlib import Path

import streamlit as st

from pages.components.read.two_models import lessons
from pages.components.shared.format import literal
from pages.components.shared.model_picker import model_title
from rnn_core.config.readouts import READOUTS
from rnn_core.config.words import recipe_in_words, short_name
from rnn_core.errors import ModelFolderError
from rnn_core.models.catalogue import is_published, read_published
from rnn_core.models.model import KeptModel
from rnn_core.refusals import listing
from rnn_core.tasks.task import task_of
from rnn_core.text.window import MOST_AT_ONCE


def show_facts(model: KeptModel) -> None:
    """Show the facts on the model, and how it did on the test reviews, where it is asked for."""
    with st.expander("About this model", icon=":material/info:"):
        for name, value in facts(model).items():
            st.markdown(f"**{name}**  \n{value}")


def facts(model: KeptModel) -> dict[str, str]:
    """Return the facts on a model, name -> a few words."""
    text, network = model.config.text, model.config.model
    cell = f"{network.declared.full_name}, {network.hidden_size:,} units"
    if network.declared.reset is not None:
        cell += f", reset {'after' if network.declared.reset.after else 'before'} the product"
    if network.bidirectional:
        cell += ", and another that reads backwards"
    if network.layers > 1:
        cell += f", {network.layers} layers"
    side = "front" if text.truncation == "pre" else "end"
    padding = "skipped" if text.skip_padding else f"read, at the {short_name(text.padding)}"
    knows = [f"{len(model.vocabulary):,} tokens, special ones included"]
    if network.bigrams:
        knows.append(f"{network.bigrams:,} bigrams")
    if network.counted_bigrams:
        classes = len(model.config.classes)
        each = "one number each" if classes == 2 else f"{classes} numbers each"
        knows.append(f"the label odds of {network.counted_bigrams:,} bigrams, {each}")
    known = {
        "Name": model_title(model.folder),
        "Cell": cell,
        "Reads": f"at most {MOST_AT_ONCE:,} tokens at once; it learned from windows of {text.max_length:,}"
        if text.reads_all
        else f"at most {text.max_length:,} tokens, the {side} cut; padding {padding}",
        "Knows": listing(knows),
        "Verdict from": READOUTS[network.readout].reads,
        "Learned from": lessons(model.config),
    }
    task = task_of(model.config)
    if not task.gives_verdict:
        del known["Verdict from"]
        scores = [(one, model.scores.get(one.field)) for one in task.curves]
        return known | {one.title: f"{score:{one.in_full}}" for one, score in scores if score is not None}
    accuracy, reviews = model.scores.get("accuracy"), model.scores.get("reviews")
    if isinstance(accuracy, float) and isinstance(reviews, int):
        texts, recipe = model.config.corpus.nouns.texts, recipe_in_words(model.config)
        known["Right on"] = f"{accuracy:.1%} of {reviews:,} test {texts}; recipe: {recipe}"
    if is_published(model.folder):
        known["Weights"] = _rounding(model.folder)
    return known


def _rounding(folder: Path) -> str:
    try:
        published = read_published(folder)
    except ModelFolderError as error:
        return literal(str(error))
    return (
        f"rounded to 16 bits to come with the app: right on {published.accuracy:.1%} of the same texts, no "
        f"probability further than {rounded_up(published.largest_change)} from that of the weights as trained"
    )


def rounded_up(change: float) -> str:
    """A small number, rounded up to one digit.

    >>> rounded_up(0.00073), rounded_up(0.5), rounded_up(0.0)
    ('0.0008', '0.5', '0')
    """
    if change <= 0:
        return "0"
    digits = -math.floor(math.log10(change))
    return f"{math.ceil(round(change * 10**digits, 9)) / 10**digits:g}"
