"""The user's file: where it is, a button that makes it, *Check*, and how it stands on disk."""

from datetime import datetime
from pathlib import Path

import streamlit as st

from pages.components.build.looking import Look, forget, watch
from pages.components.shared.format import literal, with_code
from pages.components.shared.found_by import follow_job
from pages.components.shared.went_wrong import refusal_of
from rnn_core.cell_files.folder import new_cell_file
from rnn_core.own_cells.exercises import Exercise

PROBLEM, _MADE = "build_problem", "build_made"
"""Keys of the session: why a file or a cell could not be made, and the last file that was."""


def make_file(path: Path, template: str) -> bool:
    """Make a file of the user's in a callback; one that is there stays as it is. True if it made one."""
    if st.session_state.get(_MADE) == (path, template) and path.exists():
        return True  # one click may be answered twice
    st.session_state[PROBLEM] = refusal_of(new_cell_file, path.stem, template)
    if st.session_state[PROBLEM]:
        return False
    st.session_state[_MADE] = path, template
    forget(path)
    return True


def show_problem() -> None:
    """Why the last file or cell could not be made."""
    if problem := st.session_state.pop(PROBLEM, ""):
        st.error(literal(problem), icon=":material/error:")


def show_work(look: Look, exercise: Exercise | None) -> None:
    """The controls of a file: what is to be done with it, and the check that is at work."""
    if look.saved is None:
        if exercise is not None:
            _offer_file(look, exercise.template)
        return
    if look.checking is not None:
        follow_job(look.job, "build_cancel")
    else:
        _offer_check(look)
    st.code(str(look.path), language=None, wrap_lines=True)
    if look.unreadable:
        st.error(literal(look.unreadable), icon=":material/error:")
    if look.problem:
        st.warning(with_code(look.problem), icon=":material/error:")


def _offer_check(look: Look) -> None:
    """The button, as high as the bar that takes its place meanwhile, so that nothing below jumps."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Check",
            icon=":material/rule:",
            type="primary",
            key="build_check",
            disabled=look.file is None,
            on_click=look.check_again,
            help="Runs your file in a process of its own and says what is right and what is not. Each time "
            "you save the file this happens by itself.",
        )
        if look.saved is not None:
            saved = datetime.fromtimestamp(look.saved.time / 1e9)
            st.caption(
                f"Saved at {saved:%H:%M:%S}. Open it in your editor: each save is checked by itself.",
                width="stretch",
            )


def _offer_file(look: Look, template: str) -> None:
    def create() -> None:
        make_file(look.path, template)

    st.button(
        f"Create {look.path.name}",
        icon=":material/note_add:",
        type="primary",
        key="build_create",
        on_click=create,
        help="Writes the template below into a file. A file that is there already is never overwritten.",
    )
    st.caption("It goes here, a file of yours to be opened in your own editor:")
    st.code(str(look.path), language=None, wrap_lines=True)
    st.caption("It begins with this:")
    st.code(template, language="python", wrap_lines=True)


def show_disk(look: Look) -> None:
    """The file as it is on disk, and the timer that looks at it."""
    if look.file is not None:
        with st.expander("The file as it is on disk", expanded=True, icon=":material/code:"):
            st.code(look.file.source, language="python", line_numbers=True, wrap_lines=True)
    if look.checking is None:
        watch(look)
