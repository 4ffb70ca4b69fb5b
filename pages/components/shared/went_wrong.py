"""An error becomes a sentence on a page: one that is expected, or one that nobody caught."""

import logging
import secrets
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from pages.components.shared.format import literal, with_code
from rnn_core.errors import GatescopeError, reason, system_in_words

_LOG = logging.getLogger(__name__)


@contextmanager
def saying(
    *kinds: type[Exception], by: Callable[..., Any] = st.error, icon: str | None = None
) -> Iterator[None]:
    """Say what an error of these kinds says, and go on behind what stands within; a decorator, too.

    `by` is Streamlit's way to say it, such as `st.toast`. A function that is decorated then returns None.
    """
    try:
        yield
    except kinds as error:
        by(with_code(str(error)), icon=icon)


def refusal_of(ask: Callable[..., object], *given: Any, **named: Any) -> str:
    """Ask for something; return the sentence with which it is refused, empty where it is not."""
    try:
        ask(*given, **named)
    except GatescopeError as error:
        return str(error)
    return ""


def say(error: Exception) -> bool:
    """Say what happened in place of a traceback, and offer to draw the page again; True, since it is said.

    Streamlit calls it (`st.App`) for whatever a page raises, the callbacks of its widgets included, and has
    written the traceback to the log by then. What Gatescope raises is a sentence for people; anything else is
    a mistake of its own, and the sentence names the number that the log has beside it.
    """
    number = secrets.token_hex(3)
    if isinstance(error, GatescopeError):
        st.error(with_code(str(error)), icon=":material/error:")
    elif isinstance(error, OSError):
        st.error(literal(system_in_words(error)), icon=":material/error:")
    else:
        place = traceback.extract_tb(error.__traceback__)[-1:]
        where = f"{place[0].filename}, line {place[0].lineno}" if place else "an unknown place"
        _LOG.error("Error %s: %s in %s (%s)", number, type(error).__name__, where, reason(error))
        st.error(
            f"This should not happen: a mistake in Gatescope, error **{number}**. What is trained, saved or "
            f"at work stays as it is. The terminal has the details beside {number}: please report them.",
            icon=":material/bug_report:",
        )
    st.button("Draw the page again", icon=":material/refresh:", key=f"draw_again_{number}")
    return True
