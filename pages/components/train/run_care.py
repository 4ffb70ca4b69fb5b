"""A run's name, note and star, and the file it travels in."""

from functools import partial

import streamlit as st

from pages.components.shared.format import literal
from rnn_core.errors import RunError
from rnn_core.models.folder import WEIGHTS
from rnn_core.runs.own_corpus import words_inside
from rnn_core.runs.run import LONGEST_NAME, LONGEST_NOTE, Run
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import RUN_FORMATS


def describe_run(store: Store, run: Run) -> None:
    """Behind one button: name, note, star, and the run as a file."""
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
                try:
                    store.runs.describe(run.id, name=name, note=note, starred=starred)
                except RunError as error:
                    st.error(literal(str(error)))
                else:
                    st.rerun()
        if not run.active and (store.folder(run.id) / WEIGHTS).exists():
            for name, form in RUN_FORMATS.items():
                st.download_button(
                    f"Export as {form.label}",
                    partial(form.write, store, run.id),
                    file_name=f"gatescope-{run.id}{form.suffix}",
                    mime=form.mime,
                    icon=":material/download:",
                    key=f"export_{name}_{run.id}",
                    help=form.help or None,
                )
            if inside := words_inside(store.folder(run.id), run.config):
                st.caption(f":material/lock_open: {inside}")
