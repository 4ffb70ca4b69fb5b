"""The tasks: a row of steps, kept in the address, and what one asks, with hints and our solution."""

from collections.abc import Collection, Mapping

import streamlit as st

from pages.components.build.looking import Look
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.equations import equations_of_task
from pages.components.shared.format import literal, with_code
from pages.components.shared.glossary import explained
from pages.components.shared.streamlit_private import end_page
from rnn_core.errors import CellError
from rnn_core.figures.colours import Theme
from rnn_core.own_cells.exercises import EXERCISES, Exercise
from rnn_core.own_cells.progress import passed

_CHOSEN, _HINTS = "build_task", "build_hints"
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


def introduction(step: str) -> str:
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


def show_asked(exercise: Exercise, is_done: bool, theme: Theme) -> None:
    """Show what is asked, and a button for the next hint; `is_done`: it has passed."""
    state = " :green-badge[:material/check: passed]" if is_done else ""
    st.subheader(f"Task {exercise.number}: {exercise.title}{state}", anchor=False)
    st.markdown(explained(exercise.asked, "asked"))
    st.latex(equations_of_task(exercise.equation, exercise.roles, theme))
    st.markdown("\n".join(f"- {_shape_row(row)}" for row in exercise.shapes.splitlines()))
    _show_hints(exercise)


def _show_hints(exercise: Exercise) -> None:
    seen = _hints_seen(exercise)
    for number, hint in enumerate(exercise.hints[:seen], start=1):
        with st.container(border=True, key=f"build_hint_{number}"):
            st.markdown(f"**Hint {number}.** {hint}")

    def show_next() -> None:
        st.session_state.setdefault(_HINTS, {})[exercise.number] = seen + 1

    if seen < len(exercise.hints):
        first = "Give me a hint" if not seen else "Another hint"
        st.button(
            f"{first} ({seen + 1} of {len(exercise.hints)})",
            icon=":material/lightbulb:",
            key="build_next_hint",
            on_click=show_next,
            help="Each says more than the one before. After the third our solution can be seen.",
        )


def _shape_row(row: str) -> str:
    """A row on what comes in or goes out, its shape as code.

    >>> _shape_row("x (B, E): one word")
    '`x (B, E)`: one word'
    """
    what, colon, words = row.partition(": ")
    return f"`{what}`: {with_code(words)}" if colon else with_code(row)


def _hints_seen(exercise: Exercise) -> int:
    return int(st.session_state.get(_HINTS, {}).get(exercise.number, 0))


def show_solution(exercise: Exercise, look: Look, is_done: bool) -> None:
    """Our solution beside the user's file, once the task has passed or its hints are used up."""
    if not is_done and _hints_seen(exercise) < len(exercise.hints):
        return
    with st.expander("Our solution beside yours", icon=":material/compare:", key="build_solution"):
        yours, ours = st.columns(2, gap="medium")
        with yours:
            st.markdown(f"**Yours**, `{exercise.file_name}`")
            if look.file is None:
                st.caption("There is no file of yours yet.")
            else:
                st.code(look.file.source, language="python", wrap_lines=True)
        with ours:
            st.markdown("**Ours**, one of several that are right")
            st.code(exercise.solution, language="python", wrap_lines=True)
