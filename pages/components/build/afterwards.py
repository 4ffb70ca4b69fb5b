"""Uses of a cell that is written: it is trained, read and looked at like any other."""

from typing import NamedTuple

import streamlit as st

from pages.components.build.looking import Look
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.address_keys import Key
from pages.components.shared.format import literal
from pages.components.shared.settings import train_address
from rnn_core.cell_files.declared import typed_name
from rnn_core.cell_files.traced import changed_since_check, latest_traced
from rnn_core.config.presets import PRESETS
from rnn_core.errors import ConfigError, RunError
from rnn_core.models.folder import WEIGHTS
from rnn_core.runs.run import Run
from rnn_core.runs.store import Store
from rnn_core.tasks.task import task_of


class _Way(NamedTuple):
    """A link to a page that takes a cell, and what it is for."""

    page: str
    label: str
    icon: str
    query: dict[Key, str]
    says: str
    is_there: bool = True

    def link(self) -> None:
        address.link(self.page, self.label, self.query, self.icon, disabled=not self.is_there)


def _ways(name: str, cell: str) -> list[_Way]:
    """The pages for a cell of this name; `cell` is what a run says of it."""
    read, said = _newest_to_read(name), literal(name)
    there = "Its quantities have curves and heat maps there, and can be held."
    return [
        _Way(
            "pages/train.py",
            f"Train with {said}",
            "model_training",
            _minute_of(cell),
            "The form opens with your cell and one minute on the verdict corpus. A run keeps the equations "
            "that it was trained with.",
        ),
        _Way(
            "pages/read.py",
            f"Watch {said} read",
            "menu_book",
            {} if read is None else {keys.MODEL: read.id},
            there if read is not None else f"Once it is trained, {there[0].lower()}{there[1:]}",
            read is not None,
        ),
        _Way(
            "pages/cells.py",
            f"One time step of {said}",
            "function",
            {keys.VARIANT: cell},
            "Its equations beside the built-in cells, its speed, and a unit whose weights you set.",
        ),
    ]


def show_ways(name: str, cell: str) -> None:
    """Links to the pages that take a cell that was typed and saved, on one line."""
    with st.container(horizontal=True, gap="small", key="build_ways"):
        for way in _ways(name, cell):
            way.link()


def show_afterwards(look: Look) -> None:
    """Links to the pages that take the cell of a file; nothing for one that never was read as equations."""
    traced = None if look.file is None else latest_traced(look.file.name)
    if traced is None:
        return
    st.subheader("Then it is a cell like any other", anchor=False)
    if changed := changed_since_check(traced.cell.text):
        st.caption(f":material/history: {literal(changed)}")
    with st.grid(3, min_column_width=260):
        for way in _ways(traced.name, traced.cell.text):
            with st.container(border=True, height="stretch"):
                way.link()
                st.caption(way.says)


def _minute_of(cell: str) -> dict[Key, str]:
    """Settings in an address of Train that train a cell for a minute."""
    try:
        return train_address(PRESETS["demonstration"].config.with_settings(cell=cell))
    except ConfigError:  # the file was checked since it was read; the page is about to run again
        return {keys.CELL: cell}


def _newest_to_read(name: str) -> Run | None:
    """The newest run of a cell of this name that has a model."""
    store = Store()
    try:
        runs = store.runs.all()
    except RunError:
        return None  # Train says what is wrong with the store
    of_cell = [run for run in runs if typed_name(run.config.model.cell) == name]
    can_be_read = (run for run in of_cell if task_of(run.config).can_be_read)
    return next((run for run in can_be_read if (store.folder(run.id) / WEIGHTS).exists()), None)
