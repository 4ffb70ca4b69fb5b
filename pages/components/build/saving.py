"""Typed equations are saved under a name, from then on a cell like any other; or deleted, or downloaded."""

import itertools

import streamlit as st

from pages.components.build.afterwards import show_ways
from pages.components.build.equations_field import Typed
from pages.components.build.work import PROBLEM, show_problem
from pages.components.shared.downloads import offer_file
from pages.components.shared.format import literal
from pages.components.shared.went_wrong import refusal_of
from rnn_core.cell_files.typed import TypedCell, delete_cell, save_cell, saved_cell, saved_cells

_NAME, _OPENED = "build_cell_name", "build_cell_opened"


def show_saving(typed: Typed) -> None:
    """The name, *Save*, and what can be done with a cell that is saved."""
    _suggest_name(typed)
    name = st.session_state[_NAME].strip()
    kept = saved_cell(name) if name else None
    is_kept = isinstance(kept, TypedCell) and kept.written == typed.draft.text

    def save() -> None:
        named, replaces = st.session_state[_NAME].strip(), isinstance(kept, TypedCell)
        st.session_state[PROBLEM] = refusal_of(save_cell, named, typed.draft.text, replace=replaces)

    def delete() -> None:
        st.session_state[PROBLEM] = refusal_of(delete_cell, name)
        if not st.session_state[PROBLEM]:
            st.toast(f"{literal(name)} is deleted. Its equations still stand here: Save keeps them again.")

    why_not = "Mend the mistake first." if typed.equations is None else "It is saved." if is_kept else ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Name",
            key=_NAME,
            max_chars=40,
            help="What the cell is called on every page: letters, digits and _.",
        )
        st.button(
            "Saved" if is_kept else "Replace" if isinstance(kept, TypedCell) else "Save",
            icon=":material/check:" if is_kept else ":material/save:",
            type="primary",
            key="build_save",
            disabled=bool(why_not),
            on_click=save,
            help=why_not
            or "Keeps the equations as a cell that can be trained. What was trained keeps its own.",
        )
    with st.container(horizontal=True):
        offer_file(
            "Download",
            typed.draft.text,
            f"{name or 'cell'}.txt",
            "text/plain",
            type="tertiary",
            key="build_download",
            disabled=not typed.draft.text.strip(),
            help="The equations as a text file, for a colleague or for `gatescope train --cell ./mine.txt`.",
        )
        if is_kept:
            st.button(
                "Delete",
                icon=":material/delete:",
                type="tertiary",
                key="build_delete",
                on_click=delete,
                help="Deletes the saved cell; what was trained with it keeps its own.",
            )
    show_problem()
    if isinstance(kept, TypedCell):
        if not is_kept:
            st.caption(f"{literal(name)} is as it was saved until you press Replace.")
        show_ways(name, kept.text)


def _suggest_name(typed: Typed) -> None:
    """The name of the saved cell that the field has begun from, or is; else at first one that is free."""
    own, of = {cell.name: cell.equations.digest for cell in saved_cells()}, typed.draft.of
    if of in own and of != st.session_state.get(_OPENED):
        st.session_state[_NAME] = of
    st.session_state[_OPENED] = of
    if _NAME not in st.session_state:
        now = typed.equations.digest if typed.equations else ""
        same = (name for name, digest in own.items() if digest == now)
        names = itertools.chain(same, ["mine"], (f"mine{number}" for number in itertools.count(2)))
        st.session_state[_NAME] = next(name for name in names if own.get(name, now) == now)
