"""Which run the page shows, which ones lie beside it on the charts, and the way to get rid of one."""

from collections.abc import Sequence

import streamlit as st

from pages.components import address
from pages.components.run_care import describe_run
from pages.components.words import literal, run_title
from rnn_core.runs.run import Run, RunError
from rnn_core.runs.store import Store

_SHOWN, _BESIDE, _ADDRESS = "run_shown", "runs_beside", "run"
MOST_BESIDE = 7


def show_run(run_id: str, *, beside: Sequence[str] = ()) -> None:
    """Let the page show this run from now on, and these over it, if there are any, instead of those chosen.

    To be called in a callback, or before the list is drawn.
    """
    st.session_state[_SHOWN] = run_id
    if beside:
        st.session_state[_BESIDE] = list(beside)


def shown_run(runs: Sequence[Run]) -> Run | None:
    """The run of the address, else the one chosen, else the one at work, else the newest with curves."""
    by_id = {run.id: run for run in runs}
    wanted = address.news(_ADDRESS, _SHOWN)
    if wanted is not None:
        if wanted in by_id:
            st.session_state[_SHOWN] = wanted
        else:
            st.warning("The run that the address names is not on this machine; here is another.")
    if st.session_state.get(_SHOWN) not in by_id:
        # A choice comes back from the browser by its label, and none has that label once the run got a name.
        before = [run for run in runs if run.id == address.last(_SHOWN)]
        at_work = [run for run in runs if run.active]
        with_curves = [run for run in runs if run.optimizer_step]
        best = next(iter(before or at_work[-1:] or with_curves or runs), None)
        st.session_state[_SHOWN] = best.id if best else None
    chosen = by_id.get(st.session_state[_SHOWN])
    if chosen is not None:
        address.write(_ADDRESS, _SHOWN, chosen.id)
    elif _ADDRESS in st.query_params:
        del st.query_params[_ADDRESS]
    return chosen


def runs_beside(runs: Sequence[Run], shown: Run) -> list[Run]:
    """The runs to lay over the one shown, as chosen below the charts."""
    chosen = st.session_state.get(_BESIDE, [])
    return [run for run in runs if run.id in chosen and run.id != shown.id][:MOST_BESIDE]


def choose_run(store: Store, runs: Sequence[Run], shown: Run) -> None:
    """The row of controls on runs: which one, which beside it, its settings, its end."""
    by_id = {run.id: run for run in sorted(runs, key=lambda run: not run.starred)}
    st.session_state[_BESIDE] = [
        run_id for run_id in st.session_state.get(_BESIDE, []) if run_id in by_id and run_id != shown.id
    ]
    one, beside, buttons = st.columns([7, 6, 14], gap="small", vertical_alignment="bottom")
    one.selectbox(
        "Run",
        list(by_id),
        format_func=lambda run_id: _label(by_id[run_id]),
        key=_SHOWN,
        persist_state="session",
        help="Every run is kept until you delete it, and goes on when this page is closed.",
    )
    beside.multiselect(
        "Compare with",
        [run_id for run_id in by_id if run_id != shown.id],
        format_func=lambda run_id: _label(by_id[run_id]),
        key=_BESIDE,
        persist_state="session",
        max_selections=MOST_BESIDE,
        placeholder="Runs to lay over it",
        help="Their curves are drawn on the same charts, each in its own colour.",
    )
    with buttons.container(horizontal=True):
        describe_run(store, shown)
        with st.popover("Delete", icon=":material/delete:", disabled=shown.active):
            st.markdown(f"Delete **{literal(run_title(shown))}**, its curves and its model for good?")
            if st.button("Delete this run", type="primary", key=f"delete_{shown.id}"):
                _delete(store, shown)


def _label(run: Run) -> str:
    """Of one run alone, and the same however it fares: the browser sends a choice back by its label."""
    star = "★ " if run.starred else ""
    return f"{star}{run_title(run)}{f' · {run.id[-4:]}' if run.name else ''}"


def _delete(store: Store, run: Run) -> None:
    try:
        store.delete(run.id)
    except RunError as error:
        st.error(literal(str(error)))
        return
    st.rerun()
