"""How a table is read where it does not say so itself: encoding, delimiter, sheet."""

from typing import NamedTuple

import streamlit as st

from pages.components.shared.found_by import at_work
from rnn_core.data.own.survey import Look
from rnn_core.tables.table import GUESS, Options

_OF_FORMAT = {
    "CSV": ("encoding", "delimiter"),
    "TSV": ("encoding", "delimiter"),
    "JSON Lines": ("encoding",),
    "folder": ("encoding",),
    "zip": ("encoding",),
    "Excel": ("sheet",),
    "Parquet": (),
}
_HELP = {
    "encoding": "Such as windows-1252.",
    "delimiter": "The sign between the columns of a CSV file, such as ; or the word tab.",
    "sheet": "Of an Excel workbook.",
}
_UNSEEN = {"\t": "tab", " ": "space"}


class _Seen(NamedTuple):
    """What the last look at a table found."""

    source: str
    format: str
    options: Options


def options_of(kind: str, source: str) -> Options:
    """What was typed so far; empty is what is to be guessed."""
    return Options(**{name: st.session_state.get(_key(kind, name, source), "") for name in _HELP})


def offer_options(kind: str, source: str, look: Look | None) -> None:
    """The controls that the format of a table has a use for, after the look at it was tried.

    They stay while there is no look: what was typed may be what is wrong. All are there where no look ever
    succeeded; none at first, until there is something that can look wrong.
    """
    if look is not None:
        st.session_state[_seen(kind)] = _Seen(source, look.format, look.options)
    seen = st.session_state.get(_seen(kind))
    if seen is not None and seen.source != source:
        seen = None
    waits = look is None and at_work(f"{kind}_look")
    if seen is None and waits and options_of(kind, source) == GUESS:
        return
    names = tuple(_HELP) if seen is None else _OF_FORMAT[seen.format]
    if not names:
        return
    with st.expander(
        f"It looks wrong? {', '.join(names).capitalize()}",
        icon=":material/tune:",
        expanded=look is None and not waits,
    ):
        for place, name in zip(st.columns(3, gap="medium"), names, strict=False):
            place.text_input(
                name.capitalize(),
                key=_key(kind, name, source),
                placeholder=_guess(getattr(look.options, name) if look is not None else ""),
                max_chars=3 if name == "delimiter" else None,
                help=_HELP[name],
            )


def _guess(found: str) -> str:
    """What stands in an empty control."""
    return f"guessed: {_UNSEEN.get(found, found)}" if found else "guessed"


def _key(kind: str, name: str, source: str) -> str:
    return f"{kind}_{name}_{source}"


def _seen(kind: str) -> str:
    return f"{kind}_seen"
