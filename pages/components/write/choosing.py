"""The settings by which a text is written, kept in the session and in the address."""

from typing import Any

import streamlit as st

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.format import literal
from pages.components.shared.settings import control_of
from rnn_core.errors import ConfigError
from rnn_core.writing.text import Writing

_IN_VIEW = ("temperature", "length", "seed")
_IDLE_FOR_BEAMS = ("temperature", "top_k", "top_p", "seed", "goes_on")
MOST_SEARCHED = 2_000
"""The longest text that is searched for on a page."""


def choose_how() -> Writing:
    """Draw the settings, the rarer ones folded away; what the address says wrong is said."""
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
