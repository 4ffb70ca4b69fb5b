"""Meaning of typed equations: LaTeX with new parts marked, a time step with numbers, and their cost."""

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import streamlit as st

from pages.components.build.equations_field import Typed
from pages.components.shared.equations import draw_step, equations
from pages.components.shared.format import literal
from pages.components.shared.live_chart import load_charts
from rnn_core.cell_files.typed import TypedCell
from rnn_core.config.model_settings import ModelConfig
from rnn_core.equations.equations import Equations
from rnn_core.equations.printing import printed
from rnn_core.figures.colours import Theme
from rnn_core.figures.step import is_drawn
from rnn_core.inspection.by_hand import SAMPLE_UNITS, sample_step
from rnn_core.symbols import CELLS, CellDeclaration

_LAST = "build_last_cell"
_NAME = "yours"


class Meant(NamedTuple):
    """The cell that is shown."""

    cell: str
    """The text of the cell, as `CELLS` has it."""
    equations: Equations
    of: CellDeclaration | None
    """The cell that it was begun from."""
    is_now: bool
    """True if it stands in the field now; else the field has a mistake, and this cell stood there before."""


def meant(typed: Typed, known: Mapping[str, CellDeclaration]) -> Meant | None:
    """The cell that the field says, or said last; None where it has not said any."""
    if typed.equations is not None:
        cell, of = TypedCell.of(typed.draft.text, _NAME).text, known.get(typed.draft.of)
        st.session_state[_LAST] = Meant(cell, typed.equations, of, is_now=False)
    last: Meant | None = st.session_state.get(_LAST)
    return last and last._replace(is_now=typed.equations is not None)


def show_equations_of(shown: Meant, theme: Theme) -> None:
    """The equations as people write them, what is new marked."""
    with st.container(key="build_latex" if shown.is_now else "build_latex_before"):
        st.latex(equations(shown.cell, theme, shown.of))
    st.caption(_news(shown))


def _news(shown: Meant) -> str:
    if not shown.is_now:
        return ":material/history: This is what stood there before."
    if shown.of is None:
        return "Begun from nothing, so nothing is marked."
    noun, before = literal(shown.of.noun), shown.of.source
    if before.digest == shown.equations.digest:
        return f"As in {noun}. Change a line, and what is new is marked."
    gone = [letter for letter in before.quantities if letter not in shown.equations.quantities]
    said = f"Marked is what {noun} does not have."
    return f"{said} Gone: {literal(', '.join(gone))}." if gone else said


def show_step(shown: Meant, theme: Theme) -> None:
    """One time step with the numbers of a unit, drawn where a drawing can say it."""
    step = sample_step(shown.cell)
    with st.container(key="build_step_now" if shown.is_now else "build_step_before", gap=None):
        load_charts()
        called = "One time step of a unit"
        draw_step(step, "typed", called=called, word="a word", theme=theme)
    about = f"One of {SAMPLE_UNITS} units before any training, at the third word; each word is the number 1."
    st.caption(f"{about} Point at a number for its digits." if is_drawn(step) else about)


def show_costs(shown: Meant) -> None:
    """Show its number of weights and their shapes, its products, and whether they can be computed at once."""
    declared, (E, H) = CELLS[shown.cell], _sizes()
    count, products, beside = _numbers(shown.equations), declared.products, ""
    of = shown.of
    if of is not None and (more := count - _numbers(of.source)):
        beside = f", {abs(more):,} {'more' if more > 0 else 'fewer'} than {literal(of.noun)}"
    said = [f":material/scatter_plot: **{count:,}** weights with E = {E} and H = {H}{beside}"]
    of_memory = f"{products.with_memory} with the memory" if products.with_memory else "none with the memory"
    several = products.with_word + products.with_memory
    said.append(
        f":material/grid_on: **{several}** product{'s' if several > 1 else ''} at a time step: "
        f"{products.with_word} with the word, {of_memory}"
    )
    said.append(
        ":material/bolt: **in parallel**: all but the memory is computed for all words at once"
        if declared.is_parallel
        else ":material/linear_scale: **not in parallel**: each time step waits for the one before"
    )
    with st.container(key="build_costs" if shown.is_now else "build_costs_before"):
        st.markdown("  \n".join(said))
        st.markdown("\n".join(_rows(shown.equations)))


def _sizes() -> tuple[int, int]:
    usual = ModelConfig()
    return usual.embedding_size, usual.hidden_size


def _numbers(of: Equations) -> int:
    return sum(math.prod(of.shape(name, *_sizes())) for name in of.weights)


def _rows(of: Equations) -> Iterator[str]:
    """The weights as a table in Markdown, those of one shape that begin alike in one row."""
    firsts = of.firsts(is_last_layer=False)
    rows: dict[tuple[tuple[str | int, ...], str], list[str]] = {}
    for name, weight in of.weights.items():
        begins = f", begin as `{printed(firsts[name])}`" if name in firsts else ""
        rows.setdefault((weight.sizes, begins), []).append(name)
    yield "| Weights | Shape | Numbers |"
    yield "|---|---|--:|"
    for (sizes, begins), names in rows.items():
        count = len(names) * math.prod(of.shape(names[0], *_sizes()))
        times = f"{len(names)} × " if len(names) > 1 else ""
        yield f"| {literal(', '.join(names))}{begins} | {times}({', '.join(map(str, sizes))}) | {count:,} |"
