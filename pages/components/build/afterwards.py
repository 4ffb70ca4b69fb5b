"""What becomes of a cell that is written: it is trained, read and looked at like any other."""

import streamlit as st

from pages.components.build.looking import Look
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.address_keys import Key
from pages.components.shared.format import literal
from pages.components.shared.settings import in_address
from rnn_core.cell_files.folder import CellFile, SourceError
from rnn_core.cell_files.outline import outline
from rnn_core.cell_files.versions import name_in
from rnn_core.config.presets import PRESETS
from rnn_core.errors import ConfigError, RunError
from rnn_core.models.folder import WEIGHTS
from rnn_core.runs.run import Run
from rnn_core.runs.store import Store
from rnn_core.tasks.task import task_of


def show_afterwards(look: Look) -> None:
    """Links to the pages that take the cell of a file; nothing for a file that is no cell."""
    if look.file is None or not _is_cell(look.file):
        return
    name, version = look.file.name, look.file.version
    st.subheader("Then it is a cell like any other", anchor=False)
    read = _newest_to_read(name)
    with st.grid(3, min_column_width=260):
        with st.container(border=True, height="stretch"):
            address.link(
                "pages/train.py",
                label=f"Train with {literal(name)}",
                icon=":material/model_training:",
                query=_minute_of(version),
            )
            st.caption(
                "The form opens with your cell and one minute on the verdict corpus. A run keeps the source "
                "that it was trained with."
            )
        with st.container(border=True, height="stretch"):
            address.link(
                "pages/read.py",
                label=f"Watch {literal(name)} read",
                icon=":material/menu_book:",
                query={keys.MODEL: read.id} if read is not None else {},
                disabled=read is None,
            )
            st.caption(
                "Its quantities have curves and heat maps there, and can be held."
                if read is not None
                else "Once it is trained, its quantities have curves and heat maps there, and can be held."
            )
        with st.container(border=True, height="stretch"):
            address.link(
                "pages/cells.py",
                label=f"One time step of {literal(name)}",
                icon=":material/function:",
                query={keys.VARIANT: version},
            )
            st.caption("Its source beside the built-in cells, its speed, and a unit whose weights you set.")


def _minute_of(version: str) -> dict[Key, str]:
    """What an address of Train says to train a cell for a minute."""
    try:
        return in_address(PRESETS["demonstration"].config.with_settings(cell=version))
    except ConfigError:  # the file was saved since it was read; the page is about to run again
        return {keys.CELL: version}


def _newest_to_read(name: str) -> Run | None:
    """The newest run of a cell, of whatever version, that has a model."""
    store = Store()
    try:
        runs = store.runs.all()
    except RunError:
        return None  # Train says what is wrong with the store
    of_cell = [run for run in runs if name_in(run.config.model.cell) == name]
    can_be_read = (run for run in of_cell if task_of(run.config).can_be_read)
    return next((run for run in can_be_read if (store.folder(run.id) / WEIGHTS).exists()), None)


def _is_cell(file: CellFile) -> bool:
    try:
        return outline(file).is_cell
    except SourceError:
        return False
