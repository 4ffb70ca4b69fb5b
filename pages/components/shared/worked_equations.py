"""The equations of a cell with the numbers of one unit put in."""

from rnn_core.figures.colours import Theme, ink, symbol
from rnn_core.inspection.one_step import OneStep, Part

_ORDER = {"elman": "h", "gru": "rzn", "lstm": "ifog"}
"""That of the equations beside them."""


def worked(step: OneStep, theme: Theme) -> str:
    """The equations as KaTeX, each line one gate or state, its numbers in the colours of their roles."""
    lines = [_line(step, part, theme) for part in map(step.parts.__getitem__, _ORDER[step.cell])]

    def tint(letter: str, value: float, *, factor: bool = False) -> str:
        return _tint(step, letter, value, theme, factor=factor)

    def gate(letter: str, *, factor: bool = False) -> str:
        return tint(letter, step.parts[letter].value, factor=factor)

    def before(letter: str) -> str:
        return tint(letter, step.before[letter], factor=True)

    def after(letter: str) -> str:
        return tint(letter, step.after[letter])

    h = _name(step, "h", theme)
    if step.cell == "gru":
        lines.append(
            rf"{h}' &= (1 - {gate('z')}) \cdot {before('h')} + {gate('z')} \cdot {gate('n', factor=True)} "
            rf"= {after('h')}"
        )
    elif step.cell == "lstm":
        lines.append(
            rf"{_name(step, 'c', theme)}' &= {gate('f')} \cdot {before('c')} + {gate('i')} \cdot "
            rf"{gate('g', factor=True)} = {after('c')}"
        )
        lines.append(rf"{h}' &= {gate('o')} \cdot \tanh({after('c')}) = {after('h')}")
    return r"\begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}"


def _line(step: OneStep, part: Part, theme: Theme) -> str:
    """A gate or candidate: r = sigmoid(word + memory) = sigmoid(sum) = value."""
    is_gate = step.cell != "elman" and symbol(step.cell, part.letter).is_gate
    function = r"\sigma" if is_gate else r"\tanh"
    prime = "'" if step.cell == "elman" else ""
    if part.letter == "n" and step.reset == "after":
        r = _tint(step, "r", step.parts["r"].value, theme)
        both = rf"{_plain(part.word)} + {r} \cdot {_plain(part.memory, factor=True)}"
    else:
        sign = "-" if part.memory < 0 else "+"
        both = f"{_plain(part.word)} {sign} {_plain(abs(part.memory))}"
    return (
        rf"{_name(step, part.letter, theme)}{prime} &= {function}({both}) "
        rf"= {function}({_plain(part.inside)}) = {_tint(step, part.letter, part.value, theme)}"
    )


def _name(step: OneStep, letter: str, theme: Theme) -> str:
    return rf"\textcolor{{{ink(symbol(step.cell, letter).colour, theme)}}}{{{letter}}}"


def _tint(step: OneStep, letter: str, value: float, theme: Theme, *, factor: bool = False) -> str:
    colour = ink(symbol(step.cell, letter).colour, theme)
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
