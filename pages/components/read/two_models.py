"""Two models on one review: the choice of the second, in what the two differ, and both readings."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from pages.components.read.panels import panel
from pages.components.read.readings import Reading, follow, read
from pages.components.read.what_if_panel import show_beside
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.format import literal
from pages.components.shared.model_export import known_in_store, show_model_export, takes_so_many
from pages.components.shared.model_picker import (
    BY_FILES,
    config_of,
    load,
    model_names,
    model_title,
    select_model,
)
from pages.components.shared.panel_chart import folded
from rnn_core.config.corpora import Example
from rnn_core.config.run import RunConfig
from rnn_core.config.training_settings import OF_THE_MACHINE
from rnn_core.config.words import (
    BESIDE_TEXTS,
    difference_in_words,
    lessons_of,
    network_in_words,
    recipes_apart,
)
from rnn_core.figures.colours import Theme
from rnn_core.inspection.tables import two_expecting_table, two_models_table
from rnn_core.inspection.trace import trace
from rnn_core.inspection.what_if import times_of_tokens, values_by_token
from rnn_core.models.catalogue import ModelEntry, list_models
from rnn_core.models.model import KeptModel
from rnn_core.refusals import listing

_MISSING = "The model that the address names is not on this machine, or it is the first one; here is another."
_OF_OTHER_KIND = (
    "The model that the address names answers another question than the first one, so the two can't be "
    "compared; here is another."
)


def choose_other(reading: Reading, help: str) -> KeptModel | None:
    """A list of the other models that answer the same question; None, with a sentence, if none loads."""
    others = _others(reading)
    entries = {entry.name: entry for entry in others if _fits(entry, reading.model.config)}
    if not entries:
        same = "has the same classes and tokens"
        if not reading.gives_verdict:
            same = "says what comes next among the same symbols"
        st.info(
            f"No other model on this machine {same}. Train another one on "
            f"{literal(reading.model.config.data)} to compare them."
            if others
            else "There is only one model on this machine. Train another one to compare them."
        )
        return None
    is_of_other_kind = address.value(keys.OTHER_MODEL) in {entry.name for entry in others} - entries.keys()
    address.follow(
        keys.OTHER_MODEL,
        keys.OTHER_MODEL,
        entries,
        lambda: next(name for name in (*_first_beside(reading), *entries) if name in entries),
        _OF_OTHER_KIND if is_of_other_kind else _MISSING,
        formerly={model_title(entry.folder): name for name, entry in entries.items()},
    )
    name = select_model("Beside it", entries, key=keys.OTHER_MODEL, help=help)
    address.write(keys.OTHER_MODEL, keys.OTHER_MODEL, name)
    return load(entries[name].folder)


def _others(reading: Reading) -> list[ModelEntry]:
    return [entry for entry in list_models() if entry.name != reading.model.name]


def _fits(entry: ModelEntry, config: RunConfig) -> bool:
    """True if a model answers the question of another; a damaged one is listed, to be named as such."""
    theirs = config_of(entry.folder)
    return theirs is None or _question(theirs) == _question(config)


def _question(config: RunConfig) -> tuple[object, ...]:
    return config.task, set(config.classes), config.tokens, config.corpus.symbols


def _first_beside(reading: Reading) -> tuple[str, str]:
    """The name of the model that shows most beside this one, and of the next best."""
    if reading.model.name == "reader":
        return "gru", "elman"  # of the same cell and size: what differs is mostly what was learned
    # A plain RNN lacks gates first; networks with gates lack what the lessons of `reader` gave it.
    return ("gru", "reader") if reading.trace.declared.update is None else ("reader", "elman")


_NOT_NAMED = {"cell", "hidden_size", "bidirectional", "layers", *OF_THE_MACHINE}
"""The settings of the cell, which have a sentence of their own, and where and how fast it learned."""
_MOST = 8  # at most this many other settings are named


def what_differs(names: Sequence[str], configs: Sequence[RunConfig]) -> str:
    """The cells of two networks and what each learned from; then the other settings in which they differ."""
    one, other = (f"**{literal(name)}**" for name in names)
    cells = [network_in_words(config.model) for config in configs]
    learned_from = [lessons(config) for config in configs]
    sentences = [
        f"Each is {cells[0]}." if cells[0] == cells[1] else f"{one} is {cells[0]}, {other} is {cells[1]}.",
        f"Both learned from {learned_from[0]}."
        if learned_from[0] == learned_from[1]
        else f"{one} learned from {learned_from[0]}; {other} learned from {learned_from[1]}.",
    ]
    first, second = configs
    theirs = second.values()
    others = [
        difference_in_words(name, (value, theirs[name]))
        for name, value in first.differences(second).items()
        if name not in _NOT_NAMED and (name not in BESIDE_TEXTS or (value and theirs[name]))
    ]
    if others:
        more = [f"{len(others) - _MOST} more"] if len(others) > _MOST else []
        sentences.append(f"Other settings in which they differ: {listing([*others[:_MOST], *more])}.")
    return " ".join(filter(None, [*sentences, recipes_apart(configs)]))


def lessons(config: RunConfig) -> str:
    """Name what a network learned from, such as "reviews of IMDB and excerpts"."""
    reviews, *beside = map(literal, lessons_of(config))
    return listing([reviews, *beside]) if beside else f"{reviews} alone"


@panel("Two models", "How does another network read it?", needs=lambda reading: not reading.since)
def show_two_models(reading: Reading, time: int, theme: Theme) -> None:
    """Pick another model and lay its answers over those of the first, token by token of the text."""
    help = "It reads the same text, with its own vocabulary and its own maximum length."
    model = choose_other(reading, help)
    if model is None:
        return
    left_out = sum(not _fits(entry, reading.model.config) for entry in _others(reading))
    if left_out:
        which = "with other classes or other tokens" if reading.gives_verdict else "for other questions"
        st.caption(
            f"{left_out:,} {'model' if left_out == 1 else 'models'} {which} "
            "can't be compared with this one, and are not in the list."
        )
    _show_both(reading, model, time, theme)
    folded("In what the two networks differ").markdown(
        what_differs(model_names((reading.model, model)), (reading.model.config, model.config))
    )
    if takes_so_many(2):
        with st.expander("Both networks in one file", icon=":material/deployed_code:"):
            show_model_export([known_in_store(reading.model), known_in_store(model)], "export_two")


def _show_both(reading: Reading, model: KeptModel, time: int, theme: Theme) -> None:
    """Draw both answers: verdicts token by token of the text, or what both expect on the longer reading."""
    names = model_names((reading.model, model))
    other = replace(read(model, reading.text), writer=reading.writer)  # both are open at the end
    of_both = f"{names[0]} and {names[1]}"
    show = partial(show_beside, names=names, by="by ", theme=theme, called="two-models")
    if not reading.gives_verdict:
        longer = max((one.names for one in (reading, other)), key=len)

        def padded(one: Reading, values: np.ndarray) -> np.ndarray:
            missing = len(longer) - len(values)
            return np.pad(values.astype(np.float64), (0, missing), constant_values=np.nan)

        show(
            (reading, other),
            lay=padded,
            labels=longer,
            cursor=time,
            alt=f"The probability that {of_both} give what comes next.",
            table=lambda: two_expecting_table(
                [(one.trace, one.next_tokens) for one in (reading, other)], names
            ),
        )
        return
    both = reading, follow(other, model.config.classes.index(reading.followed))
    at = np.flatnonzero(times_of_tokens(reading.trace.review) == time)
    show(
        both,
        lay=lambda one, values: values_by_token(one.trace.review, values),
        labels=reading.trace.review.tokens,
        cursor=int(at[0]) if len(at) else None,
        alt=f"Verdicts of {of_both} after each {reading.unit}.",
        table=lambda: two_models_table([one.trace for one in both], names),
    )
    _compare_on_examples((reading.model, model), names)


def _compare_on_examples(models: Sequence[KeptModel], names: Sequence[str]) -> None:
    corpus = models[0].config.corpus
    if not (examples := corpus.examples):
        return
    right = [_right_on_examples(one, examples) for one in models]
    first, second = (f"**{literal(name)}**" for name in names)
    both = zip(examples, *right, strict=True)
    apart = [f"*{example.title}*" for example, by_one, by_two in both if by_one != by_two]
    where = f"They disagree on {listing(apart)}: choose one above." if apart else "They agree on all."
    st.markdown(
        f"Of the {len(examples)} example {corpus.nouns.texts} {first} gets {sum(right[0])} right, {second} "
        f"{sum(right[1])}. {where}"
    )


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=BY_FILES)
def _right_on_examples(model: KeptModel, examples: Sequence[Example]) -> list[bool]:
    return [trace(model, example.text).label == example.says for example in examples]
