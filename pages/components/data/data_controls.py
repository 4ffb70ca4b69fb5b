"""The controls of the Data page: which reviews, and how they become what a network reads.

They are kept for the session and in the address, apart from those of Train, which a button sets to the same.
"""

from typing import Any, NamedTuple

import streamlit as st

from pages.components.shared import address, corpora, settings
from pages.components.shared.format import literal
from pages.components.shared.settings_form import choose_data, setting_control
from rnn_core.config.corpora import ALWAYS_AT_HAND, corpus_named, offered_names
from rnn_core.config.run import RunConfig
from rnn_core.config.text_settings import TextConfig
from rnn_core.data.sources import recommended_config
from rnn_core.errors import ConfigError

DATA_KEY = "data_reviews"
_SUITED = ("vocab_size", "max_length", "batch_size")
"""What follows from the texts that are chosen."""
_FIRST, _NEXT, _OPENED = "data_first", "data_next", "data_opened"


class DataChoice(NamedTuple):
    """What is looked at."""

    data: str
    config: RunConfig

    @property
    def text(self) -> TextConfig:
        """How a review becomes ids."""
        return self.config.text

    @property
    def batch_size(self) -> int:
        """Reviews of a batch."""
        return self.config.training.batch_size


def data_controls() -> DataChoice | None:
    """Draw the controls; None, with a sentence, where a browser sent what can't be."""
    first = st.session_state.setdefault(_FIRST, corpora.usual_data())
    names = offered_names()
    if st.session_state.get(DATA_KEY, first) not in names:  # deleted since
        look_at(first)
    if (asked := st.session_state.pop(_NEXT, None)) in names:
        look_at(asked)
    data = choose_data(DATA_KEY, names, first, on_change=_suit, bind="query-params", persist_state="session")
    _suit_to_address(data)
    usual = recommended_config(first).values()
    values = {name: _control(name, usual[name]) for name in ("vocab_size", "max_length")}
    left, right = st.columns(2, gap="small")
    with left:
        values["truncation"] = _control("truncation", usual["truncation"])
    with right:
        values["padding"] = _control("padding", usual["padding"])
    values["start_token"] = _control("start_token", usual["start_token"])
    values["batch_size"] = _control("batch_size", usual["batch_size"])
    try:
        config = recommended_config(data).with_settings(**values)
    except ConfigError as error:
        st.error(literal(str(error)), icon=":material/block:")
        return None
    if st.button(
        "Train with these",
        icon=":material/model_training:",
        width="stretch",
        help=f"Opens Train with these {corpus_named(data).nouns.texts} and settings filled in; the training "
        "begins when you press Start there.",
    ):
        settings.fill(config)
        address.go("pages/train.py")
    return DataChoice(data, config)


def look_next_at(data: str) -> None:
    """Look at another corpus from the next run of the page on."""
    st.session_state[_NEXT] = data


def look_at(data: str) -> None:
    """Look at another corpus from now on; before the controls are drawn, or in a callback."""
    st.session_state[DATA_KEY] = data
    _suit()


def take_verdict() -> None:
    """Look at the verdict corpus from now on."""
    look_at(ALWAYS_AT_HAND)


def _key(name: str) -> str:
    return f"data_{name}"


def _control(name: str, usual: Any) -> Any:
    kind = settings.DECLARED[name]
    begins_with = "default" if kind.choices else "value"
    return setting_control(
        name,
        _key(name),
        st.session_state.get(_key(name), usual),
        st.session_state[DATA_KEY],
        **{begins_with: usual, "bind": "query-params", "persist_state": "session"},
    )


def _suit_to_address(data: str) -> None:
    """A session that an address opens on other texts than film reviews begins with what suits them."""
    if st.session_state.setdefault(_OPENED, data) != data or corpus_named(data).of_films:
        return
    recommended = recommended_config(data).values()
    for name in _SUITED:
        if _key(name) not in st.session_state and _key(name) not in st.query_params:
            st.session_state[_key(name)] = recommended[name]


def _suit() -> None:
    """After another source was chosen: vocabulary and length that suit it."""
    recommended = recommended_config(st.session_state[DATA_KEY]).values()
    for name in _SUITED:
        st.session_state[_key(name)] = recommended[name]
