"""The equations of each cell, in the colours of its symbols' roles, and the numbers of a time step in them.

A time step is drawn where a drawing can say it: as wide as that must be; on a narrow page it scrolls.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

import streamlit as st

from pages.components.shared.assets import style
from pages.components.shared.format import literal
from pages.components.shared.live_chart import live_chart
from rnn_core.equations.expressions import Apply, Expression, Name, Number
from rnn_core.equations.latex import in_latex, letter_in_latex
from rnn_core.equations.sums import product, terms
from rnn_core.figures.colours import Theme, colour_of, colour_of_role, ink
from rnn_core.figures.step import DRAWING_CONFIG, WIDTH, digits, is_drawn, step_drawing
from rnn_core.inspection.one_step import OneStep, UnitPart
from rnn_core.symbols import CELLS, CellDeclaration, Role, Symbol

_MOST_ON_A_LINE = 6
"""Numbers of an equation."""
_ALONE = re.compile(r"\((\\textcolor\{#\w+\}\{)\((-[\d.]+)\)(\})\)")
"""A negative number alone in the brackets of a function, with brackets of its own."""


def equations(cell: str, theme: Theme, beside: CellDeclaration | None = None) -> str:
    """The cell's equations as KaTeX; a symbol is coloured wherever it stands alone, not as an index.

    What the equations of the cell `beside` have not is marked.
    """
    paper, declared = "#443300" if theme.dark else "#FFEEAA", CELLS[cell]
    of_latex = {known.latex: known for known in map(declared.__getitem__, declared.equations)}
    right = {known.letter: known.equation for known in declared.symbols}
    if beside is not None:
        right = declared.marked(beside, lambda part: rf"\colorbox{{{paper}}}{{$\displaystyle {part}$}}")
    rows = (rf"{latex}{_prime(known)} &= {right[known.letter]} \\" for latex, known in of_latex.items())
    body = "\n".join(rows)
    for name, value in declared.constants.items():
        body += f"\n{letter_in_latex(name)} &= {in_latex(Number(value))} \\\\"
    return _aligned(body, {latex: colour_of(known) for latex, known in of_latex.items()}, theme)


def equations_of_task(lines: str, roles: Mapping[str, Role], theme: Theme) -> str:
    """The equations of a task, one a line, as KaTeX; their letters coloured by their `roles`."""
    rows = (line.replace(" = ", " &= ", 1) if " = " in line else f"& {line}" for line in lines.splitlines())
    body = "\n".join(rf"{row} \\" for row in rows)
    return _aligned(body, {letter: colour_of_role(role, letter) for letter, role in roles.items()}, theme)


def _aligned(body: str, colours: Mapping[str, str], theme: Theme) -> str:
    """Lines of KaTeX, each letter in its colour."""
    inks = {letter: ink(colour, theme) for letter, colour in colours.items()}
    coloured = re.sub(_alone(inks), lambda found: rf"\textcolor{{{inks[found[1]]}}}{{{found[1]}}}", body)
    return rf"\begin{{aligned}}{coloured}\end{{aligned}}"


def _alone(letters: Iterable[str]) -> str:
    r"""The pattern of a letter on its own: not part of a command such as \sigma or \tanh, not an index."""
    return rf"(?<![\\a-zA-Z_])({'|'.join(map(re.escape, letters))})(?![a-zA-Z])"


def _prime(known: Symbol) -> str:
    return "'" if known.role is Role.REMEMBERS else ""


def explain(cell: str, theme: Theme) -> None:
    """Show the work of each gate and state, and the equations, side by side."""
    declared = CELLS[cell]
    words, formulas = st.columns([3, 2], gap="large")
    with words:
        for known in {known.latex: known for known in declared.symbols if known.equation}.values():
            colour, name = ink(colour_of(known), theme), known.common_name
            st.markdown(
                rf"$\textcolor{{{colour}}}{{\mathbf{{{known.latex}}}}}$ &nbsp;**{literal(name)}**"
                f" {known.role}: {literal(known.meaning)}."
            )
    with formulas:
        st.latex(equations(cell, theme))
    st.caption(convention(cell))


def convention(cell: str) -> str:
    """Say which of the ways to write this cell is meant, and what differs in the paper that it is from."""
    declared = CELLS[cell]
    return declared.convention + (f"\n\nOther in the paper: {declared.differs}" if declared.differs else "")


def worked(step: OneStep, theme: Theme) -> str:
    """The equations as KaTeX, each line one gate or state, its numbers in the colours of their roles."""
    declared, update = step.declared, step.declared.update
    last = declared.memories if update is None else (*declared.memories[1:], "h")
    first = [one for one in declared.equations if one in step.parts or one not in last]
    letters = [one for one in first if not declared[one].family]
    letters += [one for one in last if one not in step.parts]
    memories = _sides_of_memories(declared)
    lines = [
        _line(step, step.parts[letter], theme)
        if letter in step.parts
        else _numbered(step, declared[letter], memories.get(letter, declared[letter].right), theme)
        for letter in letters
    ]
    return r"\begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}"


def _sides_of_memories(declared: CellDeclaration) -> dict[str, Expression | None]:
    """The right sides for what memories become and what is shown of them, as the drawing puts them."""
    update = declared.update
    if update is None:
        return dict.fromkeys(declared.states)
    if update.tracks:
        return {}
    kept = product([update.stays, Name(update.memory)])
    new = product([one for one in (update.comes, Name(update.candidate)) if one != Number(1)])
    found: dict[str, Expression | None] = {"h": None, update.memory: Apply("+", (kept, new))}
    if update.shown is not None:
        found["h"] = product([*([Name(update.shows)] if update.shows else []), update.shown])
    return found


def step_table(step: OneStep, theme: Theme) -> str:
    """Return the values of a unit before, during and after a time step as a table in Markdown."""
    rows = [(letter, "before", value) for letter, value in step.before.items()]
    seen = [known.letter for known in step.declared.symbols if known.letter not in step.before]
    rows += [(letter, "", step.values[letter]) for letter in seen]
    rows += [(letter, "after", value) for letter, value in step.after.items()]
    lines = [f"| | | unit {step.unit} |", "|---|---|--:|"]
    for letter, when, value in rows:
        known, prime = step.declared[letter], "'" if when == "after" else ""
        mark = (
            rf"$\textcolor{{{ink(colour_of(known), theme)}}}{{\mathbf{{{letter_in_latex(letter)}}}{prime}}}$"
        )
        does = when or known.role
        lines.append(f"| {mark} | {literal(known.common_name)}, {does} | ${_plain(value)}$ |")
    return "\n".join(lines)


def show_numbers(step: OneStep, theme: Theme) -> None:
    """Shows a time step with the numbers of a unit: in its equations, or in a table without these."""
    if step.parts:
        st.latex(worked(step, theme))
    else:
        st.markdown(step_table(step, theme))


def draw_step(step: OneStep, key: str, *, called: str, word: str, theme: Theme, token: str = "word") -> None:
    """A time step drawn, or in a table where a drawing can't say it; `called` names it in a sentence.

    On a narrow page the drawing scrolls, and a line above says so.
    """
    if not is_drawn(step):
        st.markdown(step_table(step, theme))
        return
    alt = f"{called}: h goes from {step.before['h']:.3f} to {step.after['h']:.3f}."
    words = "The drawing is wider than this screen: move it sideways to see its gates."
    st.html(f'{style(step_width=f"{WIDTH + 8}px")}<div class="gs-scrolls">{words}</div>')
    with st.container(key=f"{key}_step"):
        drawing = step_drawing(step, word=word, theme=theme, token=token)
        live_chart(drawing, f"{key}_drawing", alt, f"{step.declared.kind} {len(step.parts)}", DRAWING_CONFIG)


def _line(step: OneStep, part: UnitPart, theme: Theme) -> str:
    """A gate or candidate: r = sigmoid(word + memory) = sigmoid(sum) = value."""
    declared, reset = step.declared, step.declared.reset
    known = declared[part.letter]
    function = known.function_latex
    if reset is not None and reset.after and part.letter == reset.candidate:
        gate = _tint(step, reset.gate, step.parts[reset.gate].value, theme)
        both = rf"{_plain(part.word)} + {gate} \cdot {_plain(part.memory, factor=True)}"
    elif not known.of_memory:
        both = _plain(part.word)
    else:
        sign = "-" if part.memory < 0 else "+"
        both = f"{_plain(part.word)} {sign} {_plain(abs(part.memory))}"
    head = f"{_name(step, part.letter, theme)}{_prime(known)} &="
    value = _tint(step, part.letter, part.value, theme)
    if not function:
        return f"{head} {both} = {value}"
    return f"{head} {function}({both}) = {function}({_plain(part.inside)}) = {value}"


def _numbered(step: OneStep, known: Symbol, right: Expression | None, theme: Theme) -> str:
    """A share or a state: its equation with a number for each letter, and what comes out."""
    head = f"{_name(step, known.letter, theme)}{_prime(known)} &="
    value = _tint(step, known.letter, step.values[known.letter], theme)
    if right is None:
        return f"{head} {value}"

    def number(name: str) -> str:
        letter = name.removesuffix("'")
        if letter not in step.values:
            return letter_in_latex(name)
        values = step.before if letter == name and letter in step.before else step.values
        return _tint(step, letter, values[letter], theme, factor=True)

    filled = replace(in_latex, letter=number, times=r" \cdot ", after_number=r" \cdot ")(right)
    if right is known.right and filled.count(r"\textcolor") > _MOST_ON_A_LINE:
        several = len([*terms(right)])
        first, *others = filled.rsplit(" + ", several - several // 2)
        filled = rf"{first} \\ &\quad + {' + '.join(others)}"
    filled = _ALONE.sub(r"(\1\2\3)", filled)
    return f"{head} {filled} = {value}"


def _name(step: OneStep, letter: str, theme: Theme) -> str:
    colour = ink(colour_of(step.declared[letter]), theme)
    return rf"\textcolor{{{colour}}}{{{letter_in_latex(letter)}}}"


def _tint(step: OneStep, letter: str, value: float, theme: Theme, *, factor: bool = False) -> str:
    colour = ink(colour_of(step.declared[letter]), theme)
    return rf"\textcolor{{{colour}}}{{{_plain(value, factor=factor)}}}"


def _plain(value: float, *, factor: bool = False) -> str:
    """Three digits after the point; a negative factor in parentheses.

    >>> _plain(-0.2504, factor=True), _plain(-0.0001)
    ('(-0.250)', '0.000')
    """
    text = digits(value).replace("−", "-")
    return f"({text})" if factor and text.startswith("-") else text
