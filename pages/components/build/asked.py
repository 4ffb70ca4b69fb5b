"""What a task asks: sentences, equations and shapes, three hints, and at the end our solution."""

import streamlit as st

from pages.components.build.looking import Look
from pages.components.shared.equations import equations_of_task
from pages.components.shared.format import with_code
from pages.components.shared.glossary import explained
from rnn_core.figures.colours import Theme
from rnn_core.own_cells.exercises import Exercise

_HINTS = "build_hints"


def show_asked(exercise: Exercise, is_done: bool, theme: Theme) -> None:
    """What is asked, and a button for the next hint; `is_done`: it has passed."""
    state = " :green-badge[:material/check: passed]" if is_done else ""
    st.subheader(f"Task {exercise.number}: {exercise.title}{state}", anchor=False)
    st.markdown(explained(exercise.asked, "asked"))
    st.latex(equations_of_task(exercise.equation, exercise.roles, theme))
    st.markdown("\n".join(f"- {_with_its_shape(row)}" for row in exercise.shapes.splitlines()))
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


def _with_its_shape(row: str) -> str:
    """A row on what comes in or goes out, its shape as code.

    >>> _with_its_shape("x (B, E): one word")
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
