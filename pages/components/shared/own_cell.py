"""What is to be known of the cell of a run: its file is another one by now, or its code may not run here."""

import streamlit as st

from pages.components.shared.format import literal, with_code
from rnn_core.cell_files.folder import new_cell_file
from rnn_core.cell_files.switch import why_off
from rnn_core.cell_files.versions import current, is_allowed, kept, name_in
from rnn_core.config.run import RunConfig
from rnn_core.errors import CellError

_DIGITS = 4
"""The digits of the digest in the name of an older source that is written back."""


def say_of_cell(config: RunConfig, run_id: str) -> bool:
    """A sentence and the source where a cell of the user's own isn't simply the one of its file.

    Returns whether the cell may run here; where it may not, the sentence says why.
    """
    if not config.model.declared.in_own_process:
        return True
    file = kept(config.model.cell)
    name = literal(file.name)
    may_run = is_allowed(file.digest) and not why_off()
    if not is_allowed(file.digest):
        st.warning(
            f"**{name}** is a cell that came with an imported run. Its code can be read below, and does not "
            "run on this machine until you allow it. If you trust it, type in a terminal:",
            icon=":material/lock:",
        )
        st.code(f"gatescope cells allow {run_id}", language="bash")
        _show_source(file.source, is_open=True)
    elif off := why_off():
        st.warning(with_code(off), icon=":material/lock:")
        _show_source(file.source)
    elif (now := current(file.name)) != file.version:
        what = "is gone" if now is None else "has changed since"
        st.info(
            f"The file {name}.py {what}: this run keeps the source that it was trained with.",
            icon=":material/history:",
        )
        _show_source(file.source)
        st.button(
            f"Write it to {name}_{file.digest[:_DIGITS]}.py",
            icon=":material/restore_page:",
            key=f"restore_{run_id}",
            on_click=_write_back,
            args=(config.model.cell,),
            help="Puts this source beside your cells under a name of its own, so that you can train with it "
            "again. No other file changes.",
        )
    return may_run


def _show_source(source: str, *, is_open: bool = False) -> None:
    with st.expander("The source of its cell", icon=":material/code:", expanded=is_open):
        st.code(source, language="python")


def _write_back(version: str) -> None:
    """In a callback."""
    file = kept(version)
    try:
        written = new_cell_file(f"{name_in(version)}_{file.digest[:_DIGITS]}", file.content)
    except CellError as error:
        st.toast(literal(str(error)))
    else:
        st.toast(f"Written to {literal(str(written.path))}")
