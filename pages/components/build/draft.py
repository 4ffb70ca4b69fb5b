"""The equations that are typed: the cell that they were begun from, the way back, and their link."""

import time
from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.address import DamagedTextError, pack, unpack
from rnn_core.cell_files.typed import TypedCell, saved_cell, saved_cells
from rnn_core.config.model_settings import ModelConfig
from rnn_core.equations.reading import LONGEST
from rnn_core.symbols import CELLS, CellDeclaration

TEXT = "build_equations"
_OF, _PAST = "build_begun_from", "build_equations_past"
NOTHING = "-"
"""Value in the address for equations that were begun from no cell."""
_MOST_STEPS = 200
_PAUSE = 1.0
"""Seconds without a key after which what is typed is another step back."""


def beginnings() -> Mapping[str, CellDeclaration]:
    """The cells that one can begin from, by name: those that are registered, and one's own that are saved."""
    registered = {name: declared for name, declared in CELLS.registered().items() if declared.source}
    return registered | {cell.name: CELLS[cell.text] for cell in saved_cells()}


class Draft(NamedTuple):
    """Text in the field, and the cell that it was begun from."""

    text: str
    of: str
    """The name of the cell that it was begun from, or `NOTHING`."""


class _Past(NamedTuple):
    draft: Draft
    typed_at: float
    """When its last key was typed; 0 where a button put it there."""


def take_up(known: Mapping[str, CellDeclaration]) -> Draft:
    """Returns the text in the field, from the address if it is new; `known` are the cells to begin from."""
    before = st.session_state.get(_OF)
    of = address.follow(keys.BEGUN_FROM, _OF, [*known, NOTHING], lambda: ModelConfig().variant)
    if (linked := _linked()) is not None:
        st.session_state[TEXT] = linked
    elif of != before or TEXT not in st.session_state:
        st.session_state[TEXT] = text_of(of, known)
    now = _current()
    _note(now, time.monotonic() if _past() else 0.0)
    return now


def _linked() -> str | None:
    """The equations that the address says, once."""
    packed = address.read_once(keys.EQUATIONS, TEXT)
    if packed is None:
        return None
    try:
        return unpack(packed, LONGEST)
    except DamagedTextError:
        st.warning(
            "The equations in this link are damaged, probably because the link was cut short. Copy the whole "
            "link again. Until then another cell is shown."
        )
        return None


def text_of(name: str, known: Mapping[str, CellDeclaration]) -> str:
    """Returns the text that the field starts with when it begins from a cell."""
    if isinstance(saved := saved_cell(name), TypedCell):
        return saved.written
    source = known[name].source if name in known else None
    return source.text if source is not None else ""


def write_link(now: Draft, known: Mapping[str, CellDeclaration]) -> None:
    """Let the address carry the equations, unless it would open with these without, or they are too long."""
    address.write(keys.BEGUN_FROM, _OF, now.of)
    if now.text == text_of(now.of, known) or len(now.text) > LONGEST:
        address.remove(keys.EQUATIONS)
    else:
        address.write(keys.EQUATIONS, TEXT, pack(now.text))


def begin(text: str, of: str) -> None:
    """Put another text there, from a callback; what stood there is a step back."""
    _put(Draft(text, of))
    _note(Draft(text, of), 0.0)


def can_go_back() -> bool:
    """True if anything else was typed or put there before."""
    return any(past.draft != _current() for past in _past())


def go_back() -> None:
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
