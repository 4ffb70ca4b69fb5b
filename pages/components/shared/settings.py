"""The settings that the form on Train holds: kept for the session, read from the address and written to it.

They live in the session under a key of their own, since Streamlit forgets the value of a control that is
not drawn, and some are hidden or on another page.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.components.shared.format import literal
from rnn_core.config.corpora import corpus_named, shipped_names
from rnn_core.config.presets import PRESETS
from rnn_core.config.run import RunConfig, all_settings
from rnn_core.config.setting import Setting
from rnn_core.config.tasks import TASKS
from rnn_core.data.sources import bare_config, recommended_config
from rnn_core.errors import ConfigError, DataError
from rnn_core.symbols import settings_of_cells

_SETTINGS, _WRITTEN, _REFUSED = "train_settings", "train_address", "train_refused"
_KEPT = (*settings_of_cells(), "evaluations_per_epoch", "seed", "threads", "device", "precision")
"""What a person chose of the network and the machine stays when another corpus is taken."""
_LONGEST = 60
"""Characters of a refused value that are repeated on the page."""

DECLARED: dict[str, Setting] = {name: declared for _, name, declared in all_settings()}


def declared_for(data: str, name: str) -> Setting:
    """The declaration of a setting in the words for the texts of a corpus."""
    return {known: declared for _, known, declared in all_settings(corpus_named(data).nouns)}[name]


def control_key(name: str) -> str:
    """The session's key of the control of a setting."""
    return f"setting_{name}"


def read_controls(data: str) -> None:
    """Take in what the controls and the address say; `data` is what a new session starts with."""
    if _SETTINGS not in st.session_state:
        st.session_state[_SETTINGS] = _values(recommended_config(data))
    settings = st.session_state[_SETTINGS]
    for name in settings:
        settings[name] = st.session_state.get(control_key(name), settings[name])
    _follow_address(data)


def fill(config: RunConfig) -> None:
    """Put a configuration into the form; before its controls are drawn, or in a callback."""
    st.session_state[_SETTINGS] = _values(config)
    for name, value in st.session_state[_SETTINGS].items():
        if control_key(name) in st.session_state:
            st.session_state[control_key(name)] = value


def name_of(setting: str) -> str:
    """What people call a setting; anything else stays as it is."""
    return DECLARED[setting].label if setting in DECLARED else setting


def value(name: str) -> Any:
    """What a setting is now; "data" is one of them."""
    return st.session_state[_SETTINGS][name]


def keep(name: str, value: Any) -> None:
    """Note what a control gave."""
    st.session_state[_SETTINGS][name] = value


def current_config() -> RunConfig:
    """The settings as a configuration. Raises ConfigError where a browser sent what can't be."""
    values = dict(st.session_state[_SETTINGS])
    return _configured(recommended_config(values.pop("data")), values)


def current_preset() -> str | None:
    """The preset that the settings are, if they are one."""
    for name, preset in PRESETS.items():
        if _values(preset.config) == st.session_state[_SETTINGS]:
            return name
    return None


def change_data() -> None:
    """After another corpus was chosen: what depends on it takes the value that suits it.

    Between two corpora of film reviews that is what their defaults name, else nearly everything.
    """
    before, data = value("data"), st.session_state[control_key("data")]
    if not _is_corpus(data):
        return
    recommended, both = recommended_config(data).values(), (corpus_named(before), corpus_named(data))
    names = recommended.keys() - _KEPT
    if all(corpus.of_films for corpus in both):
        names = {name for corpus in both for name in corpus.recommended}
    for name in names:
        keep(name, recommended[name])
        st.session_state[control_key(name)] = recommended[name]


def refused() -> list[str]:
    """Sentences on the values in the address that can't be, until the user has changed a setting."""
    sentences, filled_then = st.session_state.get(_REFUSED, ([], {}))
    return sentences if filled_then == st.session_state[_SETTINGS] else []


def write_address() -> None:
    """Let the address say what differs from the plain settings, so that it can be kept and shared.

    Those stay as they are: a link fills the form as it did when it was made, whatever the defaults are. On a
    corpus of the user's own it says what differs from the settings that suit it.
    """
    settings = st.session_state[_SETTINGS]
    try:
        differing = _differing(settings)
    except ConfigError:
        return
    for name in settings:
        if name in differing:
            if st.query_params.get(name) != differing[name]:
                st.query_params[name] = differing[name]
        elif name in st.query_params:
            del st.query_params[name]
    if differing != st.session_state.get(_WRITTEN):
        st.session_state[_WRITTEN] = differing


def in_address(config: RunConfig) -> dict[str, str]:
    """What an address of Train says, to fill its form with a configuration."""
    return _differing(_values(config))


def _differing(values: Mapping[str, Any]) -> dict[str, str]:
    """The settings that differ from the plain ones of their reviews, and the reviews."""
    plain = _values(_plain(values["data"]))
    return {name: str(value) for name, value in values.items() if name == "data" or value != plain[name]}


def _plain(data: str) -> RunConfig:
    """What an address says nothing of."""
    return bare_config(data) if corpus_named(data).is_shipped else recommended_config(data)


def _is_corpus(data: str) -> bool:
    """Whether a corpus can be called that; one of the user's own may be gone."""
    try:
        return corpus_named(data).data == data
    except DataError:
        return False


def parse(name: str, text: str) -> Any:
    """The value of a setting as the address writes it. Raises ConfigError in words."""
    if name == "data":
        if not _is_corpus(text):
            raise ConfigError(
                f"Reviews must be one of {', '.join(shipped_names())} or the name of a corpus, got "
                f"{text[:_LONGEST]!r}."
            )
        return text
    if name == "task":
        TASKS[text]  # which refuses what is none
        return text
    declared = DECLARED[name]
    if declared.pattern:
        return declared.parse(text.replace(" ", "+"))  # what a plus in a typed address stands for
    return declared.parse(text[:_LONGEST])


def _values(config: RunConfig) -> dict[str, Any]:
    return {"data": config.data, "task": config.task, **config.values()}


def _configured(config: RunConfig, values: Mapping[str, Any]) -> RunConfig:
    """A configuration with these settings and, where they name one, this task. Raises ConfigError."""
    settings = {name: value for name, value in values.items() if name != "task"}
    return replace(config.with_settings(**settings), task=values.get("task", config.task))


def _follow_address(data: str) -> None:
    """Fill the form from the address when it says something new, and note what it may not say."""
    asked = {name: text for name, text in st.query_params.items() if name in st.session_state[_SETTINGS]}
    if not asked or asked == st.session_state.get(_WRITTEN):
        return
    good, wrong = {}, []
    for name, text in asked.items():
        try:
            good[name] = parse(name, text)
        except ConfigError as error:
            wrong.append(literal(str(error)))
    plain = _plain(good.pop("data", data))
    try:
        config = _configured(plain, good)
    except ConfigError as error:  # each can be, but not together
        config = plain
        wrong.append(literal(str(error)))
    fill(config)
    st.session_state[_REFUSED] = (wrong, dict(st.session_state[_SETTINGS]))
