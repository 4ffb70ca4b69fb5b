"""Choice of the run that the page shows and of those beside it; its name, its files, its end."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.downloads import offer_file
from pages.components.shared.format import literal, with_code
from pages.components.shared.histories import names_of
from pages.components.shared.model_export import known_in_store, show_model_export
from pages.components.shared.model_picker import loaded
from pages.components.shared.streamlit_private import end_page
from pages.components.shared.went_wrong import saying
from pages.components.train.run_controls import opened
from rnn_core.errors import CellError, ModelFolderError, RunError
from rnn_core.models.folder import WEIGHTS
from rnn_core.runs.run import Run
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import RUN_FORMATS, words_inside
from rnn_core.shapes import LONGEST_NAME, LONGEST_NOTE

_SHOWN, _BESIDE = "run_shown", "runs_beside"
_CHOSEN, _COMPARED = "run_chosen", "runs_compared"
"""The ids behind the two controls. A control sends a label back, and labels change with the list of runs."""
_MISSING = "The run that the address names is not on this machine; here is another."
MOST_BESIDE = 7


def show_run(run_id: str, *, beside: Sequence[str] = ()) -> None:
    """Let the page show this run from now on, and these over it; in a callback, or before the list."""
    st.session_state[_CHOSEN] = run_id
    if beside:
        st.session_state[_COMPARED] = list(beside)


def runs_or_stop(store: Store) -> list[Run]:
    """Returns all runs; where the store can't be read, the page ends here with the reason."""
    try:
        return store.runs.all()
    except RunError as error:
        st.error(literal(str(error)))
        end_page()


def shown_run(runs: Sequence[Run]) -> Run | None:
    """The run of the address, else the one chosen, else the one at work, else the newest with curves."""
    if not runs:
        if address.new_value(keys.RUN, _CHOSEN) is not None:
            st.warning(_MISSING)
        address.remove(keys.RUN)
        return None
    by_id = {run.id: run for run in runs}
    at_work = [run for run in runs if run.active]
    with_curves = [run for run in runs if run.optimizer_step]
    usual = (at_work[-1:] or with_curves or list(runs))[0]
    chosen = address.follow(keys.RUN, _CHOSEN, by_id, lambda: usual.id, _MISSING)
    address.write(keys.RUN, _CHOSEN, chosen)
    return by_id[chosen]


def runs_beside(runs: Sequence[Run], shown: Run) -> list[Run]:
    """The runs to lay over the one shown, as chosen below the charts."""
    chosen = st.session_state.get(_COMPARED, [])
    return [run for run in runs if run.id in chosen and run.id != shown.id][:MOST_BESIDE]


def choose_run(store: Store, runs: Sequence[Run], shown: Run) -> None:
    """The controls on runs: which one, which beside it; its settings, its end."""
    ordered = sorted(runs, key=lambda run: not run.starred)
    names, starred = names_of(ordered), {run.id for run in runs if run.starred}

    def label(run_id: str) -> str:
        return f"{'★ ' if run_id in starred else ''}{names[run_id]}"

    beside = [run.id for run in runs_beside(ordered, shown)]
    st.session_state.update({_SHOWN: shown.id, _BESIDE: beside, _COMPARED: beside})
    one, others = st.columns(2, gap="small", vertical_alignment="bottom")
    one.selectbox(
        "Run",
        list(names),
        format_func=label,
        key=_SHOWN,
        on_change=_take,
        args=(_SHOWN, _CHOSEN),
        help=f"Shown: {literal(shown.title)}. Every run is kept until you delete it, and goes on when this "
        "page is closed. Parts that all names share are left out.",
    )
    others.multiselect(
        "Compare with",
        [run_id for run_id in names if run_id != shown.id],
        format_func=label,
        key=_BESIDE,
        on_change=_take,
        args=(_BESIDE, _COMPARED),
        max_selections=MOST_BESIDE,
        placeholder="Runs to compare with",
        help="Their curves are drawn on the same charts, each in its own colour.",
    )
    with st.container(horizontal=True):
        describe_run(store, shown)
        export_run_model(store, shown, "list")
        with st.popover("Delete", icon=":material/delete:", disabled=shown.active):
            st.markdown(f"Delete **{literal(shown.title)}**, its curves and its model for good?")
            if st.button("Delete this run", type="primary", key=f"delete_{shown.id}"):
                delete_run(store, shown.id)


def _take(control: str, kept: str) -> None:
    st.session_state[kept] = st.session_state[control]


@saying(RunError)
def delete_run(store: Store, run_id: str) -> None:
    """Delete a run and draw the page without it; where that fails, say why."""
    store.delete(run_id)
    st.rerun()


def describe_run(store: Store, run: Run) -> None:
    """Describe a run behind one button: name, note, star, and the run as a file."""
    with st.popover("Edit", icon=":material/edit:"):
        with st.form(f"describe_{run.id}", border=False):
            name = st.text_input(
                "Name", run.name, max_chars=LONGEST_NAME, placeholder=run.id, key=f"name_{run.id}"
            )
            note = st.text_area(
                "Note",
                run.note,
                max_chars=LONGEST_NOTE,
                height=90,
                key=f"note_{run.id}",
                placeholder="What it was for",
            )
            starred = st.toggle(
                "Star", run.starred, key=f"star_{run.id}", help="Starred runs come first in the list."
            )
            if st.form_submit_button("Save", icon=":material/check:", type="primary"):
                with saying(RunError):
                    store.runs.describe(run.id, name=name, note=note, starred=starred)
                    st.rerun()
        if not run.active and (store.folder(run.id) / WEIGHTS).exists():
            for name, form in RUN_FORMATS.items():
                content, file = partial(form.content, store, run.id), f"gatescope-{run.id}{form.suffix}"
                key, help = f"export_{name}_{run.id}", form.help or None
                offer_file(f"Export as {form.label}", content, file, form.mime, key=key, help=help)
            if inside := words_inside(store.folder(run.id), run.config):
                st.caption(f":material/lock_open: {inside}")


def export_run_model(store: Store, run: Run, place: str) -> None:
    """Offer the formats of the network of a run, behind one button and read only while that is open.

    `place` is a place of the page.
    """
    folder = store.folder(run.id)
    why_not = ""
    if run.active:
        why_not = "It has no model yet: it can be exported once it has ended."
    elif not (folder / WEIGHTS).exists():
        why_not = "It has no model that could be exported: it ended without one."
    inside = opened("Export", ":material/ios_share:", f"export_{place}_open_{run.id}", why_not)
    if inside is None:
        return
    with inside:
        try:
            model = loaded(folder)
        except ModelFolderError as error:
            st.error(literal(str(error)), icon=":material/broken_image:")
        except CellError as error:
            st.info(with_code(str(error)), icon=":material/code_off:")
            st.caption("Behind *Edit*, *Export as zip* needs no equations.")
        else:
            show_model_export([known_in_store(model)], f"export_{place}")
