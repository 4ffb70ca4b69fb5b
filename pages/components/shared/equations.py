"""The equations of each cell, in the colours of its symbols' roles, and with the numbers of a time step."""

import re

import streamlit as st

from pages.components.shared.assets import style
from rnn_core.figures.colours import Theme, colour_of, ink
from rnn_core.inspection.one_step import OneStep, Part
from rnn_core.symbols import CELLS


def show_equations(latex: str) -> None:
    """Equations as KaTeX; in a narrow column they scroll."""
    st.html(style(__file__))
    st.latex(latex)


def equations(cell: str, theme: Theme) -> str:
    """The cell's equations as KaTeX; a symbol is coloured wherever it stands alone, not as an index."""
    declared = CELLS[cell]
    body = "\n".join(
        rf"{letter}{chr(39) if letter in declared.states else ''} &= {declared[letter].equation} \\"
        for letter in declared.equations
    )
    colours = {letter: ink(colour_of(declared[letter]), theme) for letter in declared.equations}
    coloured = re.sub(
        # A letter on its own: not part of a command such as \sigma or \tanh, not an index.
        rf"(?<![\\a-zA-Z_])([{''.join(colours)}])(?![a-zA-Z])",
        lambda found: rf"\textcolor{{{colours[found[1]]}}}{{{found[1]}}}",
        body,
    )
    return rf"\begin{{aligned}}{coloured}\end{{aligned}}"


def explain(cell: str, theme: Theme) -> None:
    """What each gate and state does, and the equations, side by side."""
    words, formulas = st.columns([3, 2], gap="large")
    with words:
        for known in CELLS[cell].symbols:
            if known.equation:
                colour = ink(colour_of(known), theme)
                st.markdown(
                    rf"$\textcolor{{{colour}}}{{\mathbf{{{known.letter}}}}}$ &nbsp;**{known.name}**"
                    f" {known.role}: {known.meaning}."
                )
    with formulas:
        show_equations(equations(cell, theme))
    st.caption(convention(cell))


def convention(cell: str) -> str:
    """Which of the ways to write this cell is meant, in a sentence or two."""
    return CELLS[cell].convention


def worked(step: OneStep, theme: Theme) -> str:
    """The equations as KaTeX, each line one gate or state, its numbers in the colours of their roles."""
    declared = step.declared
    lines = [_line(step, step.parts[letter], theme) for letter in declared.equations if letter in step.parts]

    def tint(letter: str, value: float, *, factor: bool = False) -> str:
        return _tint(step, letter, value, theme, factor=factor)

    def gate(letter: str, *, factor: bool = False) -> str:
        return tint(letter, step.parts[letter].value, factor=factor)

    def after(letter: str) -> str:
        return tint(letter, step.after[letter])

    update = declared.update
    if update is None:
        lines += [
            f"{_name(step, letter, theme)}' &= {after(letter)}"
            for letter in declared.states
            if letter not in step.parts
        ]
    else:
        memory = update.memory
        before = tint(memory, step.before[memory], factor=True)
        kept = f"(1 - {gate(update.writes)})" if update.keeps is None else gate(update.keeps)
        written = gate(update.writes)
        if update.keeps is not None and update.is_normalised:
            both = f"{kept} + {written}"
            kept, written = (rf"\frac{{{share}}}{{{both}}}" for share in (kept, written))
        lines.append(
            rf"{_name(step, memory, theme)}' &= {kept} \cdot {before} + {written} \cdot "
            rf"{gate(update.candidate, factor=True)} = {after(memory)}"
        )
        if update.shows is not None:
            shown = rf"{gate(update.shows)} \cdot \tanh({after(memory)})"
            lines.append(rf"{_name(step, 'h', theme)}' &= {shown} = {after('h')}")
    return r"\begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}"


def _line(step: OneStep, part: Part, theme: Theme) -> str:
    """A gate or candidate: r = sigmoid(word + memory) = sigmoid(sum) = value."""
    declared, reset = step.declared, step.declared.reset
    known = declared[part.letter]
    function = known.function.latex
    prime = "'" if part.letter in declared.states else ""
    if reset is not None and reset.after and part.letter == reset.candidate:
        gate = _tint(step, reset.gate, step.parts[reset.gate].value, theme)
        both = rf"{_plain(part.word)} + {gate} \cdot {_plain(part.memory, factor=True)}"
    elif not known.of_memory:
        both = _plain(part.word)
    else:
        sign = "-" if part.memory < 0 else "+"
        both = f"{_plain(part.word)} {sign} {_plain(abs(part.memory))}"
    head = f"{_name(step, part.letter, theme)}{prime} &="
    value = _tint(step, part.letter, part.value, theme)
    if not function:
        return f"{head} {both} = {value}"
    return f"{head} {function}({both}) = {function}({_plain(part.inside)}) = {value}"


def _name(step: OneStep, letter: str, theme: Theme) -> str:
    return rf"\textcolor{{{ink(colour_of(step.declared[letter]), theme)}}}{{{letter}}}"


def _tint(step: OneStep, letter: str, value: float, theme: Theme, *, factor: bool = False) -> str:
    colour = ink(colour_of(step.declared[letter]), theme)
    return rf"\textcolor{{{colour}}}{{{_plain(value, factor=factor)}}}"


def _plain(value: float, *, factor: bool = False) -> str:
    """Three digits after the point; a negative factor in parentheses.

    >>> _plain(-0.2504, factor=True), _plain(-0.0001)
    ('(-0.250)', '0.000')
    """
    text = f"{value + 0:.3f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return f"({text})" if factor and text.startswith("-") else text
