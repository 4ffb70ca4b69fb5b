"""The field in which a cell is typed: the cell that it begins from, and what is wrong, at its place."""

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from pages.components.build import draft
from pages.components.build.draft import NOTHING, Draft, text_of
from pages.components.shared.format import literal
from pages.components.shared.live_text import Note, live_text
from rnn_core.cell_files.typed import TypedCell
from rnn_core.equations.bounds import warnings_of
from rnn_core.equations.equations import Equations
from rnn_core.equations.functions import FUNCTIONS, INITIAL
from rnn_core.equations.reading import EquationsError
from rnn_core.equations.words import Idea, ideas
from rnn_core.symbols import CELLS, CellDeclaration

_FROM, _IDEA = "build_from_cell", "build_idea"
_MOST_NOTES = 6
_HEIGHT = 143  # pixels: four lines, and the label
_HOW = {
    "`h'`": "what the state h becomes; `h` is the one before. `c'` makes a second state c, and so on",
    "`x @ W`": "the word times a matrix: x has E numbers and a state H, so x comes with a matrix",
    "`h @ U_k`, `b_k`, `p`": "what no line computes is a weight; its shape follows from where it stands",
    "`+ - * / ^`": "unit by unit; `^` is by a number",
    ", ".join(
        f"`{name}`" for name in FUNCTIONS
    ): "`mean` is that of all units; `where(q, a, b)` is a where q > 0, else b",
    "`const k = 8`, `h(0) = 1`": "a number with a name; what a state is before the first word",
    "`W, V (E, 1)`": "widths: here one number for all units; `(H, 4)` is a product through fewer",
    "`U ~ identity`, `b_k ~ 1`": "what weights begin as, else the setting *initialisation* says it; also "
    + ", ".join(f"`{name}`" for name in INITIAL if name != "identity"),
    "`u in [-1, 1]`": "between which numbers a weight stays",
    "`# words`": "a comment; behind a line it names the quantity",
}
"""Notation -> its meaning."""


class Typed(NamedTuple):
    """Text that was typed, and the equations in it."""

    draft: Draft
    equations: Equations | None
    """None while there is a mistake in it, or nothing at all."""


def offer_beginnings(now: Draft, known: Mapping[str, CellDeclaration]) -> None:
    """Shows what the field can begin from: a cell, one of six ideas, the text that stood there before."""

    def begin_from() -> None:
        name = st.session_state[_FROM]
        draft.begin(text_of(name, known), name)

    def take_idea() -> None:
        if (name := st.session_state[_IDEA]) is not None:
            draft.begin(ideas()[name].text, ideas()[name].of)

    st.session_state[_FROM] = now.of
    st.session_state[_IDEA] = idea.name if (idea := _idea_of(now.text)) is not None else None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Begun from",
            [*known, NOTHING],
            format_func=lambda name: known[name].title if name in known else "nothing",
            key=_FROM,
            on_change=begin_from,
            width="stretch",
            help="Puts the equations of this cell into the field, to be changed. What is new beside them is "
            "marked.",
        )
        st.button(
            "Undo",
            icon=":material/undo:",
            key="build_undo",
            disabled=not draft.can_go_back(),
            on_click=draft.go_back,
            help="Puts back what stood in the field before, step by step.",
        )
        st.pills("Six to try", list(ideas()), key=_IDEA, on_change=take_idea, wrap=True)


def _idea_of(text: str) -> Idea | None:
    return next((idea for idea in ideas().values() if idea.text == text), None)


def show_idea(typed: Typed) -> None:
    """A sentence on the idea that stands in the field, and its paper; nothing where there is none."""
    if (idea := _idea_of(typed.draft.text)) is not None:
        st.caption(
            f"**{literal(idea.name)}.** {literal(idea.summary)} ([{literal(idea.paper)}]({idea.address}))"
        )


def show_field(now: Draft, known: Mapping[str, CellDeclaration]) -> Typed:
    """The field, what is wrong in it, and how one writes in it."""
    equations, notes = _read(now.text, known)
    live_text(
        "Equations of one time step",
        now.text,
        draft.TEXT,
        height=_HEIGHT,
        placeholder=min(filter(None, (text_of(name, known) for name in known)), key=len),
        help="One line for each quantity, in the order in which they are computed. All else on this page "
        "follows from them while you type. The address keeps them, so it can be passed on.",
        notes=notes,
    )
    draft.write_link(now, known)
    return Typed(now, equations)


def show_how_to_write() -> None:
    """The language of the field in a table."""
    with st.expander("How to write them", icon=":material/help:"):
        rows = [f"| {written} | {means} |" for written, means in _HOW.items()]
        st.markdown("\n".join(["| What one writes | What it is |", "|---|---|", *rows]))


def _read(text: str, known: Mapping[str, CellDeclaration]) -> tuple[Equations | None, list[Note]]:
    """The equations that a text says, and what is to be said on it, the first in it first."""
    if not text.strip():
        return None, [Note("right", "Write what h' becomes at each word, or begin from a cell above.")]
    try:
        equations = TypedCell.of(text).equations
    except EquationsError as error:
        notes = [Note("wrong", one.sentence, one.line, one.column, one.length) for one in error.mistakes]
        further = len(notes) - _MOST_NOTES
        more = [Note("wrong", f"{further} more below these.")] if further > 0 else []
        return None, notes[:_MOST_NOTES] + more
    doubts = [
        Note("doubtful", one.sentence, one.line, one.column, one.length) for one in warnings_of(equations)
    ]
    same = next(
        (name for name, one in known.items() if one.source and one.source.digest == equations.digest), ""
    )
    right = f"This is {known[same].noun}." if same in CELLS.registered() else f"This is saved as {same}."
    right = right if same else "These equations make a cell."
    return equations, doubts or [Note("right", right)]
