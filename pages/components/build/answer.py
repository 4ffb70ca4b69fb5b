"""The answer of a check: the first mistake with its line, the code as equations, and all else."""

import html
from collections.abc import Sequence

import streamlit as st

from pages.components.build.looking import Look
from pages.components.shared.equations import equations
from pages.components.shared.format import literal, with_code
from rnn_core.cell_files.folder import CellFile, SourceError, check_is_python
from rnn_core.cell_files.typed import TypedCell
from rnn_core.equations.equations import Equations
from rnn_core.equations.likeness import renamed_like
from rnn_core.equations.printing import line_text, printed
from rnn_core.figures.colours import Theme
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.report import PRINTED, WORTH_KNOWING, Remark, Report
from rnn_core.refusals import listing
from rnn_core.symbols import CELLS, CellDeclaration

_REPORTED = ":gray-badge[:material/sensors: reported by your code's process]"
_AROUND = 1
"""Lines of the file that are shown before and after the one that is named."""


def show_answer(look: Look, theme: Theme) -> None:
    """All that the last check of a file found; nothing before the first."""
    report, checked = look.report, look.checked
    if report is None or checked is None:
        return
    if look.checking is None and not look.is_of_now:
        st.caption(":material/history: This is the answer on the file as it was at the last check.")
    if report.passed:
        _show_passed(report)
    else:
        _show_mistake(report.mistakes[0], checked)
    _show_as_equations(report, theme)
    if look.before is not None and (said := changed_mistakes(look.before, report)):
        st.markdown(f":material/difference: {said}")
    if report.checked_with:
        st.caption(literal(report.checked_with))
    _show_further(report.mistakes[1:])
    _show_notes(report.notes)
    if report.printed:
        with st.expander(PRINTED, icon=":material/terminal:"):
            st.code(report.printed, language=None, height=200)


def _show_passed(report: Report) -> None:
    name = EXERCISES[report.exercise].title if report.exercise else ""
    title = f"Task {report.exercise}, {name}: passed" if name else "Nothing is wrong with it"
    said = f"{literal(report.what_it_computes)} Checked in {report.seconds:.1f} s."
    st.success(said.strip(), icon=":material/check_circle:", title=title)


def _show_mistake(mistake: Remark, file: CellFile) -> None:
    with st.container(border=True, key="build_mistake"):
        reported = f" {_REPORTED}" if mistake.is_reported else ""
        st.markdown(f"**:red[:material/cancel:] {literal(mistake.title)}**{reported}")
        st.markdown(with_code(mistake.sentence))
        if excerpt := excerpt_html(mistake, file):
            st.html(excerpt)
        with st.expander("Why", type="compact"):
            st.markdown(with_code(mistake.explanation))


def excerpt_html(mistake: Remark, file: CellFile) -> str:
    """The line that is named, shapes and numbers, as HTML; all that a file says is escaped."""
    parts = []
    lines = file.source.splitlines()
    if mistake.line is not None and 1 <= mistake.line <= len(lines):
        first, last = max(mistake.line - _AROUND, 1), min(mistake.line + _AROUND, len(lines))
        shown = lines[first - 1 : last]
        indent = min((len(line) - len(line.lstrip()) for line in shown if line.strip()), default=0)
        rows = "".join(
            f'<div class="line{" at" if number == mistake.line else ""}"><i>{number}</i>'
            f"<span>{html.escape(line[indent:])}</span></div>"
            f"{_caret(file, indent) if number == mistake.line else ''}"
            for number, line in enumerate(shown, start=first)
        )
        parts.append(
            f'<div class="code" role="group" tabindex="0" aria-label="Line {mistake.line} of '
            f'{html.escape(file.path.name)}">{rows}</div>'
        )
    if mistake.shapes:
        parts.append(f'<p class="shapes">Shapes: {html.escape(mistake.shapes)}</p>')
    if mistake.yours:
        parts.append(f"<table>{_row('yours', mistake.yours)}{_row('expected', mistake.ours)}</table>")
    return f'<div class="gs-answer">{"".join(parts)}</div>' if parts else ""


def _caret(file: CellFile, indent: int) -> str:
    """A mark below the place where a file is no Python any more; `indent` characters are not shown before."""
    try:
        check_is_python(file)
    except SourceError as error:
        if error.column > indent:
            spaces = " " * (error.column - 1 - indent)
            return f'<div class="line at"><i></i><span>{spaces}^</span></div>'
    return ""


def _row(name: str, numbers: Sequence[float]) -> str:
    return f"<tr><th>{name}</th>{''.join(f'<td>{_number(number)}</td>' for number in numbers)}</tr>"


def _number(value: float) -> str:
    """Four digits after the point, or the power of ten where these would show nothing.

    >>> _number(0.25), _number(-0.00001), _number(123456.0), _number(float("nan"))
    ('0.2500', '−1.00e-05', '1.23e+05', 'nan')
    """
    is_plain = value == 0 or 1e-3 <= abs(value) < 1e4
    return (f"{value:.4f}" if is_plain else f"{value:.2e}").replace("-", "−", 1 if value < 0 else 0)


def changed_mistakes(before: Report, now: Report) -> str:
    """Say what is different from the check before, by the names of the mistakes; empty where nothing is.

    Names, since a sentence on the same mistake says other numbers each time. A check may end at a mistake, so
    that one behind it is no longer found, fixed or not.
    """
    then, here = (dict.fromkeys(one.title for one in report.mistakes) for report in (before, now))
    gone, new = [name for name in then if name not in here], [name for name in here if name not in then]
    parts = [
        f"{label}: {literal(listing([name[0].lower() + name[1:] for name in names]))}"
        for label, names in (("fixed" if now.passed else "no longer found", gone), ("new", new))
        if names
    ]
    return f"Since the last check: {'; '.join(parts)}." if parts else ""


def _show_further(mistakes: Sequence[Remark]) -> None:
    if mistakes:
        count = "1 further mistake" if len(mistakes) == 1 else f"{len(mistakes)} further mistakes"
        with st.expander(f"{count}, after the first", icon=":material/playlist_add:"):
            st.caption("They may go with the first: mend that one and look again.")
            for mistake in mistakes:
                st.markdown(_one_line(mistake))


def _show_notes(notes: Sequence[Remark]) -> None:
    if notes:
        with st.container(border=True, key="build_notes"):
            st.markdown(f"**:material/info: {WORTH_KNOWING}**")
            for note in notes:
                st.markdown(_one_line(note))
                st.caption(with_code(note.explanation))


def _one_line(remark: Remark) -> str:
    line = f" (line {remark.line})" if remark.line is not None else ""
    shapes = f" {literal(remark.shapes)}." if remark.shapes else ""
    reported = f" {_REPORTED}" if remark.is_reported else ""
    return f"**{literal(remark.title)}**{line}: {with_code(remark.sentence)}{shapes}{reported}"


def _show_as_equations(report: Report, theme: Theme) -> None:
    """The equations of a file in its own names, and how its weights begin; nothing where it has none."""
    if not report.equations:
        return
    cell = TypedCell.of(report.equations, "yours")
    beside = _asked(report.exercise, cell.equations)
    with st.container(border=True, key="build_as_equations"):
        st.markdown("**:material/function: Your code, as equations**")
        st.latex(equations(cell.text, theme, None if beside is None else CellDeclaration(beside, "asked")))
        st.caption(_equations_said(report, cell.equations, beside))


def _equations_said(report: Report, yours: Equations, beside: Equations | None) -> str:
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
    """Sentences on how the weights begin, those that begin alike together."""
    by_law: dict[str, list[str]] = {}
    for weight, law in of.firsts(is_last_layer=False).items():
        by_law.setdefault(printed(law), []).append(weight)
    begin = [
        f"{literal(listing(some))} {'begins' if len(some) == 1 else 'begin'} as `{law}`"
        for law, some in by_law.items()
    ]
    return [f"As your `__init__` draws them, {listing(begin)}."] if begin else []


def _asked(exercise: str, yours: Equations) -> Equations | None:
    """The right cell of a task that is most like a student's, in the student's names."""
    cells = EXERCISES[exercise].cells if exercise else ()
    alike = [one for cell in cells if (one := renamed_like(CELLS[cell].source, yours)) is not None]
    return min(alike, key=lambda one: _lines_apart(yours, one), default=None)


def _lines_apart(yours: Equations, beside: Equations) -> int:
    """The number of lines of yours that are not in the other."""
    lines, others = ({line_text(line) for line in one.computed} for one in (yours, beside))
    return len(lines - others)
