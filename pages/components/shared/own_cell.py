"""The source of the cell of a run, where that was code: shown, never run, and written back if wanted."""

from pathlib import Path

import streamlit as st

from pages.components.shared.format import literal
from pages.components.shared.went_wrong import saying
from rnn_core.cell_files.declared import typed_name
from rnn_core.cell_files.folder import CellFile, look_at, new_cell_file
from rnn_core.cell_files.traced import source_of
from rnn_core.cell_files.versions import IN_A_RUN, current
from rnn_core.config.run import RunConfig
from rnn_core.errors import CellError

_DIGITS = 4
"""The digits of the digest in the name of an older source that is written back."""


def say_of_cell(config: RunConfig, folder: Path) -> None:
    """The source with which a model in this folder was made; nothing for a cell that never was code."""
    cell = config.model.cell
    kept = look_at(folder / IN_A_RUN, typed_name(cell))
    file = kept if isinstance(kept, CellFile) else source_of(cell)
    if file is None:
        return
    name, now = literal(file.name), current(file.name)
    if now != file.version:
        what = "is gone" if now is None else "has changed since"
        st.info(
            f"The file {name}.py {what}: this run keeps the source that it was trained with.",
            icon=":material/history:",
        )
    with st.expander("The source of its cell", icon=":material/code:"):
        st.code(file.source, language="python")
    if now != file.version:
        st.button(
            f"Write it to {name}_{file.digest[:_DIGITS]}.py",
            icon=":material/restore_page:",
            key=f"restore_{folder.name}",
            on_click=_write_back,
            args=(file,),
            help="Puts this source beside your cells under a name of its own, so that you can train with it "
            "again once it is checked. No other file changes.",
        )


@saying(CellError, by=st.toast)
def _write_back(file: CellFile) -> None:
    """Writes the source back, in a callback."""
    written = new_cell_file(f"{file.name}_{file.digest[:_DIGITS]}", file.content)
    st.toast(f"Written to {literal(str(written.path))}")
