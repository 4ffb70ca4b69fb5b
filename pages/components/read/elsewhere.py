"""A text that another network reads: said, with one click to it."""

import streamlit as st

from pages.components.read.readings import gives_verdict
from pages.components.shared import address, settings
from pages.components.shared import address_keys as keys
from pages.components.shared.address import pack
from pages.components.shared.format import literal
from pages.components.shared.model_picker import can_give_verdict, config_of, model_title, pick, usual_model
from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig
from rnn_core.data.sources import recommended_config
from rnn_core.languages.catalogue import languages_of
from rnn_core.models.catalogue import ModelEntry, list_models
from rnn_core.models.model import Model
from rnn_core.refusals import listing
from rnn_core.text.readable import visible
from rnn_core.text.tokenizer import tokenize

_MOST_NAMED = 5
_MOST_HANDED = 2_000
"""Characters of a text that a link to Write can have."""


def say_where_it_belongs(model: Model, text: str) -> None:
    """Says which model reads a text that is none for this one; nothing where it is one."""
    language, tokens = model.config.corpus.language, say_unknown(model, text)
    if not gives_verdict(model):
        query = {keys.MODEL: model.name} | ({keys.BEGINNING: pack(text)} if len(text) < _MOST_HANDED else {})
        address.link("pages/write.py", "Let it write on", query, "edit_note")
    elif language is None:
        _say_it_is_a_string(text)
    if language is not None and sum(token in language.symbols for token in tokens) < len(tokens) / 2:
        models = {entry.name: entry for entry, config in _models() if can_give_verdict(config)}
        if models:
            _button(models[usual_model(models)])


def say_unknown(model: Model, text: str) -> list[str]:
    """Says which symbols of a text a network can't know; returns all of them, unless it knows words."""
    language, rules = model.config.corpus.language, model.config.tokens
    if language is None and not rules.exact:
        return []
    tokens = tokenize(text, rules)
    known = model.vocabulary.words if language is None else language.symbols
    unknown = sorted({*tokens}.difference(known), key=tokens.index)
    if unknown:
        few = [f"“{literal(visible(token))}”" for token in unknown[:_MOST_NAMED]]
        more = [f"{len(unknown) - _MOST_NAMED:,} more"] if len(unknown) > _MOST_NAMED else []
        has = "The network learned from texts without"
        if language is not None:
            symbols = listing([literal(symbol) for symbol in language.symbols])
            has = f"The language {literal(language.label)} has the symbols {symbols}; this text also has"
        st.warning(
            f"{has} {listing([*few, *more])}. The network reads each as `<unk>`, which it "
            f"{'hardly ever' if language is None else 'never'} saw while it learned."
        )
    return tokens


def _say_it_is_a_string(text: str) -> None:
    for name in languages_of(text):
        corpus = corpus_named(f"language-{name}")
        st.info(
            f"This is a string of {literal(corpus.phrase)}. The network that is picked reads other texts; a "
            "network that learned this language says at each symbol what comes next."
        )
        models = [entry for entry, of in _models() if of.corpus.language == corpus.language]
        if not models:
            query = settings.train_address(recommended_config(corpus.data))
            address.link("pages/train.py", f"Train one on {literal(corpus.phrase)}", query)
        else:
            _button(models[0])


def _models() -> list[tuple[ModelEntry, RunConfig]]:
    """All models whose settings can be read."""
    both = [(entry, config_of(entry.folder)) for entry in list_models()]
    return [(entry, config) for entry, config in both if config is not None]


def _button(entry: ModelEntry) -> None:
    st.button(
        f"Read it with {literal(model_title(entry.folder))}",
        icon=":material/arrow_forward:",
        key=f"read_with_{entry.name}",
        on_click=pick,
        args=(entry.name,),
    )
