"""The settings that the form on Train holds, in the session and in the address, and the control of each.

They live in the session under a key of their own, since Streamlit forgets the value of a control that is
not drawn, and some are hidden or on another page.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.components.shared import address
from pages.components.shared.address_keys import SETTINGS, Key, claim
from pages.components.shared.format import literal
from rnn_core.config import effect
from rnn_core.config.corpora import corpus_named, shipped_names
from rnn_core.config.presets import PRESETS
from rnn_core.config.run import RunConfig, all_settings, factors
from rnn_core.config.setting import Setting
from rnn_core.config.tasks import TASKS
from rnn_core.config.training_settings import DEFAULT_IMDB_REVIEWS, OF_THE_MACHINE
from rnn_core.config.words import short_name
from rnn_core.data.sources import bare_config, recommended_config
from rnn_core.errors import ConfigError, DataError
from rnn_core.symbols import settings_of_cells

_SETTINGS, _WRITTEN, _REFUSED = "train_settings", "train_in_address", "train_refused"
_KEPT = (*settings_of_cells(), "evaluations_per_epoch", "seed", *OF_THE_MACHINE)
"""Settings of the network and the machine that stay when another corpus is taken."""
_LONGEST = 60  # characters of a refused value that are repeated on the page

DECLARED = all_settings()
KEYS = {name: claim(name, SETTINGS) for name in ("data", "task", *DECLARED)}
"""The key of the address of each setting, of the texts and the task."""
FACTORS: dict[str, Setting] = factors()
"""Settings that can differ between the runs of a sweep, the texts among them."""


def declared_for(data: str, name: str) -> Setting:
    """The declaration of a setting in the words for the texts of a corpus."""
    return all_settings(corpus_named(data).nouns)[name]


def control_key(name: str) -> str:
    """The session's key of the control of a setting."""
    return f"setting_{name}"


def read_controls(data: str) -> None:
    """Take in what controls and address say; `data` is what a new session starts with."""
    if _SETTINGS not in st.session_state:
        st.session_state[_SETTINGS] = _values(recommended_config(data))
    settings = st.session_state[_SETTINGS]
    for name in settings:
        key = control_key(name)
        settings[name] = st.session_state.get(key, settings[name])
        if name in DECLARED and (now := DECLARED[name].at_present(settings[name])) != settings[name]:
            settings[name] = now  # the file of a cell has changed
            st.session_state.pop(key, None)
    asked = {name: text for name in settings if (text := address.value(KEYS[name])) is not None}
    if not asked or asked in st.session_state.get(_WRITTEN, ()):
        return
    good, wrong = {}, []
    for name, text in asked.items():
        try:
            good[name] = parse(name, text)
        except ConfigError as error:
            wrong.append(literal(str(error)))
    plain = _plain(good.pop("data", data))
    try:
        config = plain.with_settings(**good)
    except ConfigError as error:  # each can be, but not together
        config = plain
        wrong.append(literal(str(error)))
    fill(config)
    st.session_state[_REFUSED] = (wrong, dict(st.session_state[_SETTINGS]))


def fill(config: RunConfig) -> None:
    """Put a configuration into the form; before its controls are drawn, or in a callback."""
    st.session_state[_SETTINGS] = _values(config)
    for name, value in st.session_state[_SETTINGS].items():
        if control_key(name) in st.session_state:
            st.session_state[control_key(name)] = value


def value(name: str) -> Any:
    """Return the present value of a setting; "data" is one of them."""
    return st.session_state[_SETTINGS][name]


def keep(name: str, value: Any) -> None:
    """Note what a control gave."""
    st.session_state[_SETTINGS][name] = value


def current_config() -> RunConfig:
    """The settings as a configuration. Raises ConfigError where a browser sent what can't be."""
    values = dict(st.session_state[_SETTINGS])
    return recommended_config(values.pop("data")).with_settings(**values)


def current_preset() -> str | None:
    """The preset that the settings are, if they are one."""
    held = st.session_state[_SETTINGS]
    return next((name for name, preset in PRESETS.items() if _values(preset.config) == held), None)


def change_data() -> None:
    """Take the settings that suit the chosen corpus: between two of films their defaults, else nearly all."""
    before, data = value("data"), st.session_state[control_key("data")]
    if not _is_corpus(data):
        return
    config, both = recommended_config(data), (corpus_named(before), corpus_named(data))
    recommended = config.values()
    names = recommended.keys() - _KEPT
    if all(corpus.of_films for corpus in both):
        names = {name for corpus in both for name in corpus.recommended}
    keep("task", config.task)
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
            if address.value(KEYS[name]) != differing[name]:
                address.say(KEYS[name], differing[name])
        else:
            address.remove(KEYS[name])
    written = st.session_state.get(_WRITTEN, ())
    if differing not in written[-1:]:  # a browser that lags behind asks with an earlier one
        st.session_state[_WRITTEN] = (*written, differing)[-address.LATE :]


def train_address(config: RunConfig) -> dict[Key, str]:
    """Return the address of Train that fills its form with a configuration."""
    return {KEYS[name]: text for name, text in _differing(_values(config)).items()}


def _differing(values: Mapping[str, Any]) -> dict[str, str]:
    """The settings that differ from the plain ones of their reviews, and the reviews."""
    plain = _values(_plain(values["data"]))
    return {name: str(value) for name, value in values.items() if name == "data" or value != plain[name]}


def _plain(data: str) -> RunConfig:
    """Returns the configuration for which an address needs no words."""
    return bare_config(data) if corpus_named(data).is_shipped else recommended_config(data)


def _is_corpus(data: str) -> bool:
    """True if a corpus has this name; one of the user's own may be gone."""
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
    return declared.parse(text if declared.choices else text[:_LONGEST])


def _values(config: RunConfig) -> dict[str, Any]:
    return {"data": config.data, "task": config.task, **config.values()}


_FINE_STEPS = {"learning_rate": 0.001, "weight_decay": 0.01, "weight_averaging": 0.001, "adversarial": 0.1}


def why_idle(name: str) -> str:
    """Return why a setting changes nothing at present, empty where it does something."""
    data = value("data")
    K = len(recommended_config(data).classes)
    return effect.why_idle(name, st.session_state[_SETTINGS], data, value("task"), K)


def is_on(name: str) -> bool:
    """True if a setting that is off at first is on, so that it can be taken back."""
    return effect.is_on(name, value(name))


def is_of_use(name: str) -> bool:
    """True if the chosen network has a use for a setting, or one that may not be on can be taken back."""
    return not effect.why_unused(name, st.session_state[_SETTINGS])


def choose_data(key: str, names: Sequence[str], first: str | None = None, **more: Any) -> str:
    """Ask for the reviews or texts, under a key of the session, at first these; `more` is for Streamlit."""
    shared: dict[str, Any] = {
        "format_func": lambda name: corpus_named(name).listed_as,
        "key": key,
        "help": "What the network reads: real reviews of films, generated ones, strings of a made-up "
        "language, or texts of your own that you added on Data. The generated ones need no download and "
        "train in a minute; the last verdict in a text decides its label. Strings take half a minute to two "
        "minutes; of them each next symbol is predicted. Some texts are set aside to check the network while "
        "it learns, others to score it at the end.",
        **more,
    }
    if len(names) <= 2:
        begins: dict[str, Any] = {} if first is None else {"default": first}
        return str(st.segmented_control("Reviews", names, required=True, width="stretch", **begins, **shared))
    place = 0 if first is None else names.index(first)
    return str(st.selectbox("Reviews or texts", names, place, **shared))


def setting_control(
    name: str, key: str, held: Any, data: str, all_texts: int = DEFAULT_IMDB_REVIEWS, **more: Any
) -> Any:
    """The control of a setting, which held `held`, of the `all_texts` of `data`; `more` is for Streamlit."""
    return control_of(name, declared_for(data, name), key, held, all_texts, **more)


def control_of(
    name: str, declared: Setting, key: str, held: Any, all_texts: int = DEFAULT_IMDB_REVIEWS, **more: Any
) -> Any:
    """The control of a setting that is declared so."""
    shared: dict[str, Any] = {"label": declared.label, "key": key, "help": declared.help, **more}
    if declared.choices:
        return st.segmented_control(
            options=list(dict.fromkeys((*declared.choices, held))),
            format_func=short_name,
            required=True,
            wrap=True,
            width="stretch",
            **shared,
        )
    if declared.kind is bool:
        return st.toggle(**shared)
    if declared.steps:
        offered, names = declared.steps, {0: declared.zero} if declared.zero else {}
        if name == "reviews":
            offered, names = [*(step for step in offered if step < all_texts), all_texts], {all_texts: "all"}
        return st.select_slider(
            options=sorted({*offered, held}), format_func=lambda step: names.get(step, f"{step:,}"), **shared
        )
    if declared.kind is float and declared.high <= 2 and name not in _FINE_STEPS:
        return st.slider(min_value=declared.low, max_value=declared.high, step=0.05, **shared)
    kind = float if declared.kind is float else int
    if kind is float:
        shared["format"] = "%g"
    step = _FINE_STEPS.get(name, 0.5) if kind is float else 1
    return st.number_input(min_value=kind(declared.low), max_value=kind(declared.high), step=step, **shared)
