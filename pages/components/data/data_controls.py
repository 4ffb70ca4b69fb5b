"""The controls of the Data page, in the session and the address, apart from those of Train."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.components.shared import address, corpora, settings
from pages.components.shared import address_keys as keys
from pages.components.shared.format import literal
from pages.components.shared.went_wrong import saying
from rnn_core.config.corpora import ALWAYS_AT_HAND, CorpusRef, comes_with_the_app, corpus_named, offered_names
from rnn_core.config.effect import why_without_effect
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import TASKS
from rnn_core.data.sources import recommended_config
from rnn_core.errors import ConfigError

_SUITED = ("vocab_size", "max_length", "batch_size")  # what follows from the texts that are chosen
_FIXED_BY_SOME = ("truncation", "start_token")  # what some tasks leave no choice in
_FIRST, _NEXT, _OPENED, _SUITS = "data_first", "data_next", "data_opened", "data_suits"
_REFUSED = "data_refused"


@saying(ConfigError, icon=":material/block:")
def data_controls() -> RunConfig | None:
    """Draw the controls of the corpus that is looked at, and of the settings by which; None, with a sentence,
    where a browser sent what can't be.
    """
    first = st.session_state.setdefault(_FIRST, corpora.usual_data())
    names = [*offered_names()]
    if not _is_there(st.session_state.setdefault(keys.CORPUS, address.last(keys.CORPUS) or first), names):
        look_at(first)  # deleted since
    if (asked := st.session_state.pop(_NEXT, None)) in names:
        look_at(asked)
    _follow_address(names)
    if (data := st.session_state[keys.CORPUS]) not in names:  # a language with options
        names.append(data)
    data = settings.choose_data(keys.CORPUS, names, data, on_change=_suit, persist_state="session")
    if data != first or address.value(keys.CORPUS) is not None:  # an address that says nothing stays as it is
        address.write(keys.CORPUS, keys.CORPUS, data)
    _show_options(corpus_named(data))
    # A session that an address opens on other texts than film reviews begins with what suits them.
    if st.session_state.setdefault(_OPENED, data) == data and not corpus_named(data).of_films:
        kept = {*map(str, st.session_state), *address.query()}
        _suit([name for name in _SUITED if keys.READING[name] not in kept])
    usual = recommended_config(first).values()
    values = {name: _control(name, usual[name]) for name in ("vocab_size", "max_length")}
    for name, place in zip(("truncation", "padding"), st.columns(2, gap="small"), strict=True):
        with place:
            values[name] = _control(name, usual[name])
    values |= {name: _control(name, usual[name]) for name in ("start_token", "batch_size")}
    config = recommended_config(data).with_settings(**values)
    if st.button(
        "Train with these",
        icon=":material/model_training:",
        width="stretch",
        help=f"Opens Train with these {corpus_named(data).nouns.texts} and settings filled in; the training "
        "begins when you press Start there.",
    ):
        settings.fill(config)
        address.go("pages/train.py")
    return config


def _is_there(data: str, names: Sequence[str]) -> bool:
    """True if texts can be looked at. Raises ConfigError in words for options of a language that can't be."""
    return data in names or comes_with_the_app(data)


def _follow_address(names: Sequence[str]) -> None:
    """Look at what the address names, by its name or, as it once did, by its line in the list."""
    named = address.read_once(keys.CORPUS, keys.CORPUS)
    listed = {corpus_named(name).listed_as: name for name in names}
    if named is not None:
        try:
            if _is_there(asked := listed.get(named, named), names) and asked != st.session_state[keys.CORPUS]:
                look_at(asked)
        except ConfigError as error:
            st.session_state[_REFUSED] = (literal(str(error)), st.session_state[keys.CORPUS])
    sentence, shown_then = st.session_state.get(_REFUSED, ("", ""))
    if shown_then == st.session_state[keys.CORPUS]:  # until something else is chosen
        st.warning(
            f"The address asks for strings that aren't possible. {sentence}", icon=":material/link_off:"
        )


def _show_options(corpus: CorpusRef) -> None:
    """The options of a made-up language, and what opens the strings with them."""
    if (language := corpus.language) is None or not language.settings():
        return
    controls = {name: f"data_option_{corpus.data}_{name}" for name in language.settings()}

    def look() -> None:
        options = {name: int(st.session_state[key]) for name, key in controls.items()}
        look_at(corpus.with_options(options).data)

    with st.form("data_options"):
        for name, declared in language.settings().items():
            st.number_input(
                declared.label,
                int(declared.low),
                int(declared.high),
                getattr(language, name),
                key=controls[name],
                help=f"{declared.help} From {declared.low:,} to {declared.high:,}.",
            )
        st.form_submit_button(
            "Show these strings",
            icon=":material/tune:",
            width="stretch",
            on_click=look,
            help="Strings of the language with these options are written on this machine, in a second or "
            "two. A network can learn from them, too.",
        )


def look_next_at(data: str) -> None:
    """Look at another corpus from the next run of the page on."""
    st.session_state[_NEXT] = data


def look_at(data: str) -> None:
    """Look at another corpus from now on; before the controls are drawn, or in a callback."""
    st.session_state[keys.CORPUS] = data
    _suit()


def take_verdict() -> None:
    """Look at the verdict corpus from now on."""
    look_at(ALWAYS_AT_HAND)


def _control(name: str, usual: Any) -> Any:
    kind = settings.DECLARED[name]
    begins_with = "default" if kind.choices else "value"
    data, held = st.session_state[keys.CORPUS], st.session_state.get(keys.READING[name], usual)
    more = {begins_with: usual, "persist_state": "session", **address.bound(keys.READING[name])}
    why = why_without_effect(name, held, data, corpus_named(data).task)
    if name == "padding" and recommended_config(data).text.reads_all:
        why = "All of a text is read in windows, which are not filled up."
    if why:
        more |= {"disabled": True, "help": f"{why} {settings.declared_for(data, name).help}"}
    return settings.setting_control(name, held=held, data=data, **more)


def _suit(names: Sequence[str] = _SUITED) -> None:
    data = st.session_state[keys.CORPUS]
    recommended = recommended_config(data).values()
    tasks = [TASKS[corpus_named(of).task] for of in (st.session_state.get(_SUITS, data), data)]
    st.session_state[_SUITS] = data
    for name in (*names, *(name for name in _FIXED_BY_SOME if any(name in task.fixed for task in tasks))):
        st.session_state[keys.READING[name]] = recommended[name]
