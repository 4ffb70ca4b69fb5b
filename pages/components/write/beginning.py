"""The network that writes, the beginning that one types, and the settings by which it goes on."""

from typing import Any

import streamlit as st

from pages.components.read.elsewhere import say_unknown
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.choose_view import choose_layer
from pages.components.shared.format import literal
from pages.components.shared.live_text import live_text
from pages.components.shared.model_picker import config_of, model_title, models_in_groups, pick_model
from pages.components.shared.review_box import first_texts, is_too_long, say_in_address, take_link
from pages.components.shared.settings import control_of
from pages.components.shared.streamlit_private import end_page
from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError
from rnn_core.models.catalogue import ModelEntry
from rnn_core.models.model import KeptModel, Model
from rnn_core.tasks.task import task_of
from rnn_core.text.tokenizer import spelled, tokenize
from rnn_core.writing.text import Writing

MOST_CHARACTERS = 100_000
_FIRST = ("writer", "tiny-brackets")
"""The networks to begin with, where none of them learned from texts."""
_TEXT, _OF, _PICKED = "beginning", "beginning_of", "writer_picked"


def choose_writing() -> tuple[KeptModel, int, str, Writing]:
    """Choose the network, the layer, the beginning, and how symbols are chosen; else the page ends here."""
    model = pick_writer()
    layer = choose_layer(model)
    beginning = beginning_box(model) if model is not None else None
    if model is None or beginning is None:
        end_page()
    say_unknown(model, beginning)
    return model, layer, beginning, choose_how()


def pick_writer() -> KeptModel | None:
    """Pick one of the networks that say what comes next, those that learned from texts first.

    Where the address names another one it says so, with the way to Read.
    """
    both = {entry: config for entry in models_in_groups() if (config := config_of(entry.folder))}
    writers = [entry for entry, config in both.items() if _writes(config)]
    writers.sort(key=lambda entry: not both[entry].tokens.exact)
    for entry in both.keys() - {*writers}:
        if entry.name == address.value(keys.MODEL):
            _say_it_reads(entry)
            address.clear(keys.MODEL, _PICKED)
    if not writers:
        st.info("No network on this machine says what comes next yet.", icon=":material/model_training:")
        address.link("pages/train.py", "Train one", {})
        return None
    first = [entry.name for entry in writers if both[entry].tokens.exact]
    usual = [name for name in _FIRST if name in first] + first
    return pick_model(writers, _PICKED, [*usual, *_FIRST])


def _writes(config: RunConfig) -> bool:
    task = task_of(config)
    return task.at_every_step and task.can_be_read


def _say_it_reads(entry: ModelEntry) -> None:
    st.info(
        f"{literal(model_title(entry.folder))} reads a text and gives a verdict on it: it can't write. Here "
        "is a network that says what comes next.",
        icon=":material/menu_book:",
    )
    address.link("pages/read.py", "Watch that one read", {keys.MODEL: entry.name})


def usual_beginning(config: RunConfig) -> str:
    """Return a beginning in the words that a network learned from: the first ones of a text, or symbols."""
    corpus, text = config.corpus, next(iter(first_texts(config.corpus).values()), "")
    if corpus.language is not None:
        return spelled(tokenize(text, config.tokens)[:2], config.tokens)
    return " ".join((corpus.first_sentence or text).split()[:2])


def beginning_box(model: Model) -> str | None:
    """The beginning, which may be empty; None where it is too long, which is said."""
    usual = usual_beginning(model.config)
    before = st.session_state.get(_OF, usual)
    if st.session_state.get(_TEXT, before) == before:  # nobody typed it
        st.session_state[_TEXT] = usual
    st.session_state[_OF] = usual
    take_link(model.config.tokens, keys.BEGINNING, _TEXT)
    text = live_text(
        "Beginning",
        usual,
        _TEXT,
        height=110,
        placeholder="nothing: it begins by itself",
        help="The network reads it, symbol by symbol, and writes on behind it. It may be empty. The address "
        "keeps it, unless it is too long for one.",
    )
    say_in_address(text, text == usual, keys.BEGINNING, _TEXT)
    return None if is_too_long(text, MOST_CHARACTERS) else text


_IN_VIEW = ("temperature", "length", "seed")
_IDLE_FOR_BEAMS = ("temperature", "top_k", "top_p", "seed", "goes_on")
MOST_SEARCHED = 2_000
"""The longest text that is searched for on a page."""


def choose_how() -> Writing:
    """Draw the settings, kept in session and address, the rarer ones folded away; what is wrong is said."""
    declared = Writing.settings()
    values = {name: st.session_state.setdefault(_key(name), one.default) for name, one in declared.items()}
    wrong = []
    for name, one in declared.items():
        if (asked := address.read_once(keys.WRITING[name], _key(name))) is not None:
            try:
                values[name] = st.session_state[_key(name)] = one.parse(asked)
            except ConfigError as error:
                wrong.append(literal(str(error)))
    if wrong:
        st.warning(f"What this link says can't be: {' '.join(wrong)} It stays as it is.")
    is_beam = bool(values["beam"])
    seen, more = st.container(), st.expander("Which symbols can be chosen", icon=":material/tune:")
    for name, one in declared.items():
        idle: dict[str, Any] = {"disabled": True} if is_beam and name in _IDLE_FOR_BEAMS else {}
        with seen if name in _IN_VIEW else more:
            control_of(name, one, _key(name), values[name], persist_state="session", **idle)
        value = st.session_state[_key(name)]
        address.write(keys.WRITING[name], _key(name), None if value == one.default else str(value))
    if not is_beam:
        return Writing(**values)
    seen.caption("A beam search takes the most probable text it finds: what is pale here changes nothing.")
    return Writing(beam=values["beam"], length=min(values["length"], MOST_SEARCHED))


def _key(name: str) -> str:
    return f"writing_{name}"
