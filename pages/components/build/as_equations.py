"""*Your code, as equations*: what a check read out of a file, marked where it is not what was asked."""

import streamlit as st

from pages.components.shared.equations import equations
from pages.components.shared.format import literal
from rnn_core.cell_files.typed import TypedCell
from rnn_core.equations.equations import Equations
from rnn_core.equations.likeness import in_names_of
from rnn_core.equations.printing import line_text, printed
from rnn_core.figures.colours import Theme
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.report import Report
from rnn_core.refusals import in_a_row
from rnn_core.symbols import CELLS, declaration_of

_NAME = "yours"


def show_as_equations(report: Report, theme: Theme) -> None:
    """The equations of a file in its own names, and how its weights begin; nothing where it has none."""
    if not report.equations:
        return
    cell = TypedCell.of(report.equations, _NAME)
    beside = _asked(report.exercise, cell.equations)
    with st.container(border=True, key="build_as_equations"):
        st.markdown("**:material/function: Your code, as equations**")
        st.latex(equations(cell.text, theme, None if beside is None else declaration_of(beside, "asked")))
        st.caption(_said(report, cell.equations, beside))


def _said(report: Report, yours: Equations, beside: Equations | None) -> str:
    said = []
    if beside is not None and _lines_apart(yours, beside):
        wrong = "is another way to write it" if report.passed else "is not in the equations of the task"
        said.append(f"Marked is what {wrong}.")
    if report.traced is not None:
        said.append(
            "From here on your cell is these equations: it is trained, read, drawn and exported as they are."
        )
        said += _first_weights(report.traced.cell.equations)
    return " ".join(said)


def _first_weights(of: Equations) -> list[str]:
    """How the weights begin, those that begin alike together."""
    by_law: dict[str, list[str]] = {}
    for weight, law in of.firsts(is_last_layer=False).items():
        by_law.setdefault(printed(law), []).append(weight)
    begin = [
        f"{literal(in_a_row(some))} {'begins' if len(some) == 1 else 'begin'} as `{law}`"
        for law, some in by_law.items()
    ]
    return [f"As your `__init__` draws them, {in_a_row(begin)}."] if begin else []


def _asked(exercise: str, yours: Equations) -> Equations | None:
    """The right cell of a task that is most like a student's, in the student's names."""
    cells = EXERCISES[exercise].cells if exercise else ()
    sources = (source for cell in cells if (source := CELLS[cell].source) is not None)
    alike = [one for source in sources if (one := in_names_of(source, yours)) is not None]
    return min(alike, key=lambda one: _lines_apart(yours, one), default=None)


def _lines_apart(yours: Equations, beside: Equations) -> int:
    """How many lines of yours are not in the other."""
    lines, others = ({line_text(line) for line in one.computed} for one in (yours, beside))
    return len(lines - others)
