"""The row of steps, kept in the address: one of the seven tasks is shown, or a cell of one's own."""

from collections.abc import Collection, Mapping

import streamlit as st

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.assets import style
from pages.components.shared.format import literal, with_code
from pages.components.shared.streamlit_private import end_page
from rnn_core.errors import CellError
from rnn_core.own_cells.exercises import EXERCISES, Exercise
from rnn_core.own_cells.progress import passed

_CHOSEN = "build_task"
TYPED, OWN = "equations", "own"
"""Values in the address in place of a number: cells of one's own as equations, or in files."""
_OWN_STEPS = {TYPED: "Your own", OWN: "Your own code"}


def end_where_files_are_off(why: str) -> None:
    """End the page where files of one's own may not run, which `why` says, with how to allow them."""
    if why:
        st.info(with_code(why), icon=":material/lock:")
        st.code("gatescope app --own-cells", language=None)
        end_page()


def solved() -> Mapping[str, str]:
    """The digests of the files that passed, by the task's number, or the file's name where none checks it."""
    try:
        return passed()
    except CellError as error:
        st.warning(literal(str(error)), icon=":material/error:")
        return {}


def what_to_do(step: str) -> str:
    """A sentence on what one does at a step."""
    if step == TYPED:
        return "Type the equations of a cell, and see at once what it is. What if the GRU had no reset gate?"
    return (
        "Write a cell in your own editor, in plain PyTorch. Each time you save it, it is checked here, and "
        "the first mistake is named."
    )


def choose_task(name: str) -> None:
    """Let the next run of the page show this task."""
    st.session_state[_CHOSEN] = name


def offer_next(exercise: Exercise) -> None:
    """A button for the task after one that has passed; after the last, for cells of one's own."""
    numbers = [*EXERCISES, TYPED]
    following = numbers[numbers.index(exercise.number) + 1]
    label = "A cell of your own" if following == TYPED else f"Task {following}: {EXERCISES[following].title}"
    st.button(
        label,
        icon=":material/arrow_forward:",
        type="primary",
        key="build_next_task",
        on_click=choose_task,
        args=(following,),
    )


def choose_step(done: Collection[str], why: str) -> str:
    """The number of the task that is shown, `TYPED` or `OWN`; those that passed have a tick.

    Where files of one's own are off, which `why` says, equations come first.
    """
    steps = {number: f"{number} {exercise.short}" for number, exercise in EXERCISES.items()} | _OWN_STEPS

    def first_open() -> str:
        return TYPED if why else next((number for number in EXERCISES if number not in done), TYPED)

    address.take_over(keys.EXERCISE, keys.TASK, steps)
    chosen = address.follow(keys.EXERCISE, _CHOSEN, steps, first_open)
    address.write(keys.EXERCISE, _CHOSEN, chosen)
    if chosen != OWN:
        address.remove(keys.OWN_CELL)
    if chosen != TYPED:
        address.remove(keys.EQUATIONS)
        address.remove(keys.BEGUN_FROM)

    st.html(style(__file__))
    with st.container(horizontal=True, gap="xsmall", key="build_steps"):
        for name, label in steps.items():
            st.button(
                label,
                icon=":material/check_circle:" if name in done else None,
                type="primary" if name == chosen else "secondary",
                key=f"build_step_{name}",
                on_click=choose_task,
                args=(name,),
                help="Passed." if name in done else None,
            )
    return chosen
