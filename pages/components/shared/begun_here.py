"""The runs that were begun in this browser, in a cookie that its tabs share and that outlives a reload."""

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
    others = [other for other in _noted() if other != run_id]
    st.session_state[_BEGUN] = [*others, run_id][-_MOST:]


def begun_here() -> list[str]:
    """Ids of the runs begun in this browser, the newest last; of other tabs those from before this one."""
    noted = _noted()
    kept = st.context.cookies.get(_COOKIE, "").split(".")
    return [*(run_id for run_id in kept if run_id and run_id not in noted), *noted][-_MOST:]


def _noted() -> list[str]:
    noted: list[str] = st.session_state.get(_BEGUN, [])
    return noted


def keep_begun() -> None:
    """Let the browser remember them; to be called where runs are begun."""
    if noted := _noted():
        _keep(key="begun", data={"cookie": _COOKIE, "noted": noted, "most": _MOST}, height=1)


def finished_last() -> str | None:
    """The id of the one that ended last with a model; None where there is none."""
    begun = begun_here()
    if not begun:
        return None
    try:
        runs = [run for run in Store().runs.all() if run.id in begun and run.state in (FINISHED, STOPPED)]
    except RunError:  # Train says what is the matter
        return None
    return max(runs, key=lambda run: run.ended or 0.0).id if runs else None
