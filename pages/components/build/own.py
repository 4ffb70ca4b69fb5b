"""Cells of one's own invention: those that are there, how they stand, and a way to make another."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from pages.components.build.looking import known_report
from pages.components.build.work import make_file
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.format import literal
from rnn_core.cell_files.declared import typed_name
from rnn_core.cell_files.folder import CellFile, all_files
from rnn_core.errors import CellError, RunError
from rnn_core.own_cells.exercises import BEGINNINGS, EXERCISES
from rnn_core.paths import own_cells_folder
from rnn_core.runs.store import Store

_CHOSEN, _LIST = "build_own", "build_own_list"
_NAME, _FROM, _USUAL = "build_name", "build_from", "blank"
_CONTRACT = (
    "One class in plain PyTorch that computes one time step: `__init__(self, input_size, hidden_size)`, and "
    '`forward(self, x, h)`, which returns the new h; x is (B, E), h is (B, H). `see("z", z)` around a '
    'quantity lets it be seen on Read and held there. A cell with two states says `states = ("h", "c")`; '
    "it gets and returns a tuple, h first."
)


def choose_own(passed: Mapping[str, str]) -> Path | None:
    """The cell that is shown, kept in the address; None where there is none yet. A form makes another."""
    st.subheader("A cell of your own invention", anchor=False)
    st.markdown(_CONTRACT)
    files = _own_files()
    _offer_new()
    if not files:
        address.remove(keys.OWN_CELL)
        st.caption("None yet. Give it a name, and a file is made that you open in your own editor.")
        return None
    address.take_over(keys.OWN_CELL, keys.CELL, files)
    chosen = address.follow(keys.OWN_CELL, _CHOSEN, files, lambda: next(iter(files)))
    address.write(keys.OWN_CELL, _CHOSEN, chosen)
    st.session_state[_LIST] = chosen
    counts = _runs_by_cell()
    st.radio(
        "Your cells",
        list(files),
        key=_LIST,
        captions=[_standing(file, passed, counts[name]) for name, file in files.items()],
        on_change=lambda: st.session_state.update({_CHOSEN: st.session_state[_LIST]}),
    )
    return own_cells_folder() / f"{chosen}.py"


def show_beginning() -> None:
    """Show what the file would have in it that the form makes, where there is none to be shown."""
    st.caption("Its file would begin with this:")
    st.code(BEGINNINGS[st.session_state[_FROM]], language="python", wrap_lines=True)


def _own_files() -> dict[str, CellFile | CellError]:
    """The files of the folder by name, without those of the tasks; of one that can't be a cell the reason."""
    of_tasks = {exercise.file_name for exercise in EXERCISES.values()}
    return {path.stem: found for path, found in all_files().items() if path.name not in of_tasks}


def _runs_by_cell() -> Counter[str]:
    try:
        return Counter(typed_name(run.config.model.cell) for run in Store().runs.all())
    except RunError:
        return Counter()  # Train says what is wrong with the store


def _standing(file: CellFile | CellError, passed: Mapping[str, str], runs: int) -> str:
    """The version of a file, whether it checks, and how many runs there are of any of its versions."""
    if isinstance(file, CellError):
        return literal(str(file))
    report = known_report(file)
    if passed.get(file.file_name) == file.digest or (report is not None and report.passed):
        stands = ":green[:material/check: nothing wrong]"
    elif report is not None:
        stands = ":red[:material/close: has a mistake]"
    else:
        stands = "not checked as it is now"
    trained = "no runs" if not runs else "1 run" if runs == 1 else f"{runs:,} runs"
    return f"version {file.digest[:4]}, {stands}, {trained}"


def _offer_new() -> None:
    def make() -> None:
        name = st.session_state[_NAME].strip()
        if make_file(own_cells_folder() / f"{name}.py", BEGINNINGS[st.session_state[_FROM]]):
            st.session_state[_CHOSEN], st.session_state[_NAME] = name, ""

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Name",
            key=_NAME,
            max_chars=40,
            placeholder="leaky",
            width=170,
            help="What the file and the cell are called: letters, digits and _, such as leaky.",
        )
        st.selectbox(
            "It begins as",
            list(BEGINNINGS),
            key=_FROM,
            width=140,
            help="What stands in the file at first: a cell that works, to be changed, or an empty one.",
        )
        st.button("Create", icon=":material/note_add:", key="build_new", on_click=make)
