"""Which of the seven tasks is shown, or cells of one's own invention: a row of steps, kept in the address."""

from collections.abc import Collection, Mapping

import streamlit as st

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.format import literal, with_code
from rnn_core.errors import CellError
from rnn_core.own_cells.exercises import EXERCISES, Exercise
from rnn_core.own_cells.progress import passed

_CHOSEN = "build_task"
_OWN = "own"
"""What the address says in place of a number where no task is shown."""


def say_how_to_allow(why: str) -> None:
    """What stands in the place of the page where own cells are off; `why` is a sentence."""
    st.info(with_code(why), icon=":material/lock:")
    st.code("gatescope app --own-cells", language=None)


def solved() -> Mapping[str, str]:
    """The digests of the files that passed, by the task's number, or the file's name where none checks it."""
    try:
        return passed()
    except CellError as error:
        st.warning(literal(str(error)), icon=":material/error:")
        return {}


def choose_task(name: str) -> None:
    """Let the next run of the page show this task."""
    st.session_state[_CHOSEN] = name


def offer_next(exercise: Exercise) -> None:
    """A button for the task after one that has passed; after the last, for cells of one's own."""
    numbers = [*EXERCISES, _OWN]
    following = numbers[numbers.index(exercise.number) + 1]
    label = "A cell of your own" if following == _OWN else f"Task {following}: {EXERCISES[following].title}"
    st.button(
        label,
        icon=":material/arrow_forward:",
        type="primary",
        key="build_next_task",
        on_click=choose_task,
        args=(following,),
    )


def choose_step(done: Collection[str]) -> Exercise | None:
    """The task that is shown; None for cells of one's own invention. Those that passed have a tick."""
    steps = {number: f"{number} {exercise.short}" for number, exercise in EXERCISES.items()}
    steps[_OWN] = "Your own"

    def first_open() -> str:
        return next((number for number in EXERCISES if number not in done), _OWN)

    address.take_over(keys.EXERCISE, keys.TASK, steps)
    chosen = address.follow(keys.EXERCISE, _CHOSEN, steps, first_open)
    address.write(keys.EXERCISE, _CHOSEN, chosen)
    if chosen != _OWN:
        address.remove(keys.OWN_CELL)

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
    return EXERCISES.get(chosen)
