"""A value that Python and a component in the browser both set, neither over what the other has just done.

Python knows it as `st.session_state[key]`; anyone who sets that gives the component another value. A revision
number goes up each time, and the component (`shared_value.js`) names it with each change: one that was made
to an earlier value comes too late and is not taken.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st


@dataclass(slots=True)
class _Synced:
    """The value that both sides know."""

    value: Any
    revision: int


class SharedValue:
    """The value `key` of a component, `clean` of what it sends; `of_widget`: a widget sets it, too."""

    def __init__(
        self,
        key: str,
        mounted: str,
        *,
        clean: Callable[[Any], Any] = lambda sent: sent,
        of_widget: bool = False,
    ) -> None:
        self._key = key
        self._clean = clean
        self._of_widget = of_widget
        self.mounted = mounted
        self._synced = f"{key}_synced"

    def offer(self, value: Any) -> dict[str, Any]:
        """Return the data for the component: the value, and its revision."""
        synced: _Synced | None = st.session_state.get(self._synced)
        if synced is None or synced.value != value:
            synced = _Synced(value, synced.revision + 1 if synced else 1)
            st.session_state[self._synced] = synced
        return {"value": value, "revision": synced.revision}

    @property
    def is_new(self) -> bool:
        """True if this session has not offered it yet."""
        return self._synced not in st.session_state

    def take(self) -> None:
        """Take what the browser sent, unless Python has set or is about to set another value."""
        sent = st.session_state[self.mounted]["changed"]
        synced = st.session_state[self._synced]
        # A widget may still have its value of before, where the last run was ended before it was drawn.
        is_other = not self._of_widget and st.session_state[self._key] != synced.value
        if sent["revision"] == synced.revision and not is_other:
            self.accept(sent)

    def accept(self, sent: dict[str, Any]) -> None:
        """Take it in any case."""
        value, synced = self._clean(sent["value"]), st.session_state[self._synced]
        # What is sent meanwhile ends this where the session state is asked: between two lines that ask it the
        # value would be that of Python alone, and what was sent would not be taken.
        st.session_state[self._key] = value
        synced.value, synced.revision = value, sent["revision"]
