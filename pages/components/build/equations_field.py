"""The field in which a cell is typed: the cell that it begins from, the way back, its link, its mistakes."""

import time
from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.address import pack
from pages.components.shared.format import literal
from pages.components.shared.live_text import Note, live_text
from rnn_core.cell_files.typed import TypedCell, saved_cell, saved_cells
from rnn_core.config.model_settings import ModelConfig
from rnn_core.equations.bounds import warnings_of
from rnn_core.equations.equations import Equations
from rnn_core.equations.functions import FUNCTIONS, INITIAL
from rnn_core.equations.reading import LONGEST, EquationsError
from rnn_core.equations.words import Idea, ideas
from rnn_core.symbols import CELLS, CellDeclaration

TEXT = "build_equations"
_OF, _PAST = "build_begun_from", "build_equations_past"
NOTHING = "-"
"""Value in the address for equations that were begun from no cell."""
_MOST_STEPS = 200
_PAUSE = 1.0
"""Seconds without a key after which what is typed is another step back."""
_FROM, _IDEA = "build_from_cell", "build_idea"
_MOST_NOTES = 6
_HEIGHT = 143  # pixels: four lines, and the label
_DAMAGED = (
    "The equations in this link are damaged, probably because the link was cut short. Copy the whole link "
    "again. Until then another cell is shown."
)
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


def beginnings() -> Mapping[str, CellDeclaration]:
    """The cells that one can begin from, by name: those that are registered, and one's own that are saved."""
    return {**CELLS.registered(), **{cell.name: CELLS[cell.text] for cell in saved_cells()}}


class Draft(NamedTuple):
    """Text in the field, and the cell that it was begun from."""

    text: str
    of: str
    """The name of the cell that it was begun from, or `NOTHING`."""


class _Past(NamedTuple):
    draft: Draft
    typed_at: float
    """The time of its last key; 0 where a button put it there."""


def take_up(known: Mapping[str, CellDeclaration]) -> Draft:
    """Returns the text in the field, from the address if it is new; `known` are the cells to begin from."""
    before = st.session_state.get(_OF)
    of = address.follow(keys.BEGUN_FROM, _OF, [*known, NOTHING], lambda: ModelConfig().variant)
    if (linked := address.read_packed(keys.EQUATIONS, TEXT, LONGEST, _DAMAGED)) is not None:
        st.session_state[TEXT] = linked
    elif of != before or TEXT not in st.session_state:
        st.session_state[TEXT] = text_of(of, known)
    now = _current()
    _note(now, time.monotonic() if _past() else 0.0)
    return now


def text_of(name: str, known: Mapping[str, CellDeclaration]) -> str:
    """Returns the text that the field starts with when it begins from a cell."""
    if isinstance(saved := saved_cell(name), TypedCell):
        return saved.written
    return known[name].source.text if name in known else ""


def _write_link(now: Draft, known: Mapping[str, CellDeclaration]) -> None:
    """Let the address carry the equations, unless it would open with these without, or they are too long."""
    address.write(keys.BEGUN_FROM, _OF, now.of)
    if now.text == text_of(now.of, known) or len(now.text) > LONGEST:
        address.remove(keys.EQUATIONS)
    else:
        address.write(keys.EQUATIONS, TEXT, pack(now.text))


def _begin(text: str, of: str) -> None:
    """Put another text there, from a callback; what stood there is a step back."""
    _put(Draft(text, of))
    _note(Draft(text, of), 0.0)


def _go_back() -> None:
    """Put there what stood there before, from a callback."""
    past = _past()
    if past and past[-1].draft == _current():
        past.pop()
    if past:
        past[-1] = past[-1]._replace(typed_at=0.0)
        _put(past[-1].draft)


def _current() -> Draft:
    return Draft(st.session_state[TEXT], st.session_state[_OF])


def _put(draft: Draft) -> None:
    st.session_state[TEXT], st.session_state[_OF] = draft


def _past() -> list[_Past]:
    past: list[_Past] = st.session_state.setdefault(_PAST, [])
    return past


def _note(now: Draft, typed_at: float) -> None:
    past = _past()
    if len(now.text) > LONGEST or (past and past[-1].draft == now):
        return
    if past and typed_at and typed_at - past[-1].typed_at < _PAUSE:
        past.pop()
    past.append(_Past(now, typed_at))
    del past[:-_MOST_STEPS]


class Typed(NamedTuple):
    """Text that was typed, and the equations in it."""

    draft: Draft
    equations: Equations | None
    """None while there is a mistake in it, or nothing at all."""


def offer_beginnings(now: Draft, known: Mapping[str, CellDeclaration]) -> None:
    """Shows what the field can begin from: a cell, one of six ideas, the text that stood there before."""

    def begin_from() -> None:
        name = st.session_state[_FROM]
        _begin(text_of(name, known), name)

    def take_idea() -> None:
        if (name := st.session_state[_IDEA]) is not None:
            _begin(ideas()[name].text, ideas()[name].of)

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
            disabled=all(past.draft == now for past in _past()),
            on_click=_go_back,
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
        TEXT,
        height=_HEIGHT,
        placeholder=min(filter(None, (text_of(name, known) for name in known)), key=len),
        help="One line for each quantity, in the order in which they are computed. All else on this page "
        "follows from them while you type. The address keeps them, so it can be passed on.",
        notes=notes,
    )
    _write_link(now, known)
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
    same = next((name for name, one in known.items() if one.source.digest == equations.digest), "")
    right = f"This is {known[same].noun}." if same in CELLS.registered() else f"This is saved as {same}."
    right = right if same else "These equations make a cell."
    return equations, doubts or [Note("right", right)]
