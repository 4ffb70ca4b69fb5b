"""The runs that were begun in this browser, of which the one that finished last is read first.

A cookie keeps their ids, so that they outlive a reload; the store knows how they ended.
"""

import streamlit as st

from pages.components.shared.assets import component
from rnn_core.errors import RunError
from rnn_core.runs.run import FINISHED, STOPPED
from rnn_core.runs.store import Store

_BEGUN, _COOKIE = "runs_begun", "gatescope_runs"
_MOST = 20

_keep = component("gatescope_begun", __file__, isolate_styles=False)


def note_begun(run_id: str) -> None:
    """Note that a run was begun, or goes on, in this browser."""
    others = [other for other in begun_here() if other != run_id]
    st.session_state[_BEGUN] = [*others, run_id][-_MOST:]


def begun_here() -> list[str]:
    """Their ids, the newest last."""
    cookie = st.context.cookies.get(_COOKIE, "")
    begun: list[str] = st.session_state.get(_BEGUN, cookie.split(".") if cookie else [])
    return begun


def keep_begun() -> None:
    """Let the browser remember them; to be called where runs are begun."""
    if _BEGUN in st.session_state:
        cookie = f"{_COOKIE}={'.'.join(st.session_state[_BEGUN])}"
        _keep(key="begun", data={"cookie": cookie}, height=1)


def finished_last() -> str | None:
    """The id of the one that ended last with a model; None where there is none."""
    begun = begun_here()
    if not begun:
        return None
    try:
        runs = [run for run in Store().runs() if run.id in begun and run.state in (FINISHED, STOPPED)]
    except RunError:  # Train says what is the matter
        return None
    return max(runs, key=lambda run: run.ended or 0.0).id if runs else None
